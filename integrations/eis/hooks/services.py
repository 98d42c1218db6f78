"""Commands about webhooks: registering, secrets, switching off and on, trying out, sending again."""

from __future__ import annotations

import dataclasses
import datetime
import uuid

from django.db.models import Q, QuerySet

from accounts.actors import Actor
from accounts.roles import Role
from integrations.eis import errors
from integrations.eis.events import (
    HookDisabled,
    HookEnabled,
    HookRegistered,
    HookRemoved,
    HookReplayed,
    HookSecretIssued,
    HookTried,
)
from integrations.eis.hooks import sending, signing
from integrations.eis.hooks.models import (
    Hook,
    HookMessage,
    HookPending,
    HookQueue,
    HookSecret,
    MessageState,
)
from integrations.eis.models import EisSystem, SchoolKey
from integrations.eis.road.services import operators
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, NotAllowed, NotFound, Problem
from kernel.once import Once
from kernel.tables.cells import storable

MOST = 5  # addresses of one registrar
PATIENCE = datetime.timedelta(days=5)  # of failures alone, after which an address is switched off
GONE = 410  # what a receiver answers that wants no more
OVERLAPS = (0, 1, 24, 7 * 24)  # hours that the secret before signs beside the new one


@dataclasses.dataclass(frozen=True)
class Issued:
    """An address with its new secret, at the only moment it is shown."""

    hook: Hook
    secret: str


def reach(actor: Actor) -> QuerySet[Hook]:
    """Addresses that stand and are the actor's: an operator's by its systems, a key's by its system and
    school.

    Raises:
        NotAllowed: neither an operator nor a key.
    """
    rows = Hook.objects.filter(removed_at=None)
    if actor.key_id is not None:
        key = SchoolKey.objects.only("system_id", "institution_id").get(pk=actor.key_id)
        return rows.filter(system_id=key.system_id, institution_id=key.institution_id)
    if not actor.holds(Role.OPERATOR):
        raise NotAllowed("Адреси сповіщень веде оператор ОІС.")
    operator = operators.own(actor)
    return rows.filter(system__operator=operator) if operator else rows.none()


def _held(actor: Actor, hook_id: uuid.UUID | str) -> Hook:
    found = (
        reach(actor)
        .select_related("system", "institution")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=hook_id)
        .first()
    )
    if found is None:
        raise NotFound("Такої адреси сповіщень немає.")
    return found


@command
def register(
    *,
    actor: Actor,
    system_uid: uuid.UUID | str | None,
    url: str,
    moment: Moment,
    once: Once | None = None,
) -> Issued:
    """Register an address that a system is woken at; its secret is returned once.

    system_uid: of the operator's cabinet; a key's own system is known.

    Raises:
        NotAllowed: neither an operator nor a key.
        NotFound: another operator's system.
        Invalid: not an address that may be sent to, or it is registered already.
        TooManyHooks: the registrar has MOST of them.
    """
    institution_id = None
    if actor.key_id is not None:
        key = SchoolKey.objects.get(pk=actor.key_id)
        system_id, institution_id = key.system_id, key.institution_id
    else:
        found = EisSystem.objects.filter(uid=system_uid or uuid.UUID(int=0)).first()
        if found is None:
            raise NotFound("Такої ОІС немає.")
        reach(actor)
        system_id = operators.mine(actor, found).pk
    # One at a time for a system, so that the most of them is the most.
    system = EisSystem.objects.select_for_update(no_key=True).get(pk=system_id)
    url = storable(url).strip()
    if told := sending.problem_of(url):
        raise Invalid([Problem("url", "bad_url", told)])
    stand = Hook.objects.filter(system=system, institution_id=institution_id, removed_at=None)
    if stand.filter(url=url).exists():
        raise Invalid([Problem("url", "taken", "Цю адресу вже зареєстровано.")])
    if stand.count() >= MOST:
        raise errors.TooManyHooks(f"Адрес сповіщень може бути щонайбільше {MOST}.")
    hook = Hook.objects.create(
        system=system,
        institution_id=institution_id,
        url=url,
        made_at=moment.now,
        made_by_id=actor.grant_id,
        made_key=actor.key_id,
    )
    HookQueue.objects.create(hook=hook, next_at=moment.now)
    secret = _new_secret(hook, moment.now)
    audit.record(HookRegistered(subject=hook.pk, unit=institution_id, system=system.name, url=url))
    return Issued(hook, secret)


@part_of_command
def _new_secret(hook: Hook, now: datetime.datetime) -> str:
    salt = signing.new_salt()
    HookSecret.objects.create(hook=hook, salt=salt, made_at=now)
    return signing.secret_of(salt)


@command
def rotate(
    *,
    actor: Actor,
    hook_id: uuid.UUID | str,
    overlap: int,
    moment: Moment,
    once: Once | None = None,
) -> Issued:
    """Make another secret; those before sign beside it for `overlap` hours (one of OVERLAPS), so that a
    receiver changes it without missing a message.

    Raises:
        NotFound: no such address of the actor.
        Invalid: an overlap that is not offered.
    """
    hook = _held(actor, hook_id)
    if overlap not in OVERLAPS:
        raise Invalid([Problem("overlap", "unknown", "Виберіть строк із переліку.")])
    stop = moment.now + datetime.timedelta(hours=overlap)
    for old in HookSecret.objects.filter(hook=hook).filter(Q(stops_at=None) | Q(stops_at__gt=stop)):
        old.stops_at = stop
        old.save(update_fields=["stops_at"])
    secret = _new_secret(hook, moment.now)
    audit.record(
        HookSecretIssued(
            subject=hook.pk,
            unit=hook.institution_id,
            system=hook.system.name,
            others_stop=stop.isoformat(),
        )
    )
    return Issued(hook, secret)


@command
def remove(*, actor: Actor, hook_id: uuid.UUID | str, now: datetime.datetime) -> Hook:
    """Wake a system at this address no more.

    Raises:
        NotFound: no such address of the actor.
    """
    hook = _held(actor, hook_id)
    hook.removed_at = now
    hook.save(update_fields=["removed_at"])
    _give_up(hook, now, "Адресу вилучено")
    audit.record(
        HookRemoved(
            subject=hook.pk, unit=hook.institution_id, system=hook.system.name, url=hook.url
        )
    )
    return hook


@part_of_command
def _give_up(hook: Hook, now: datetime.datetime, why: str) -> None:
    """Whatever waits is a dead letter: to be sent again when the address works."""
    waiting = list(HookPending.objects.filter(hook=hook).values_list("institution_id", flat=True))
    HookPending.objects.filter(hook=hook).delete()
    if waiting:
        HookMessage.objects.create(
            hook=hook,
            institutions=sorted(waiting),
            made_at=now,
            state=MessageState.DEAD,
            settled_at=now,
            trouble=why,
        )
    HookMessage.objects.filter(hook=hook, state=MessageState.OPEN).update(
        state=MessageState.DEAD, settled_at=now
    )


@command
def disable(*, actor: Actor, hook_id: uuid.UUID, why: str, now: datetime.datetime) -> Hook:
    """Switch off an address that has failed for long; its operator is told (`hooks.notices`).

    Raises:
        NotAllowed: only the system does this.
        NotFound: it was removed meanwhile.
    """
    if not actor.is_system:
        raise NotAllowed
    hook = (
        Hook.objects.filter(removed_at=None, pk=hook_id)
        .select_related("system")
        .select_for_update(of=("self",), no_key=True)
        .first()
    )
    if hook is None:
        raise NotFound
    hook.disabled_at, hook.disabled_why = now, why[:300]
    hook.save(update_fields=["disabled_at", "disabled_why"])
    _give_up(hook, now, "Сповіщення вимкнено")
    audit.record(
        HookDisabled(
            subject=hook.pk,
            unit=hook.institution_id,
            system=hook.system.name,
            system_id=hook.system_id,
            url=hook.url,
            why=hook.disabled_why,
        )
    )
    return hook


@command
def enable(*, actor: Actor, hook_id: uuid.UUID | str, now: datetime.datetime) -> Hook:
    """Switch an address on again; what it missed waits among dead letters.

    Raises:
        NotFound: no such address of the actor.
    """
    hook = _held(actor, hook_id)
    hook.disabled_at, hook.disabled_why = None, ""
    hook.save(update_fields=["disabled_at", "disabled_why"])
    HookQueue.objects.filter(hook=hook).update(next_at=now, failures=0, failing_since=None)
    audit.record(HookEnabled(subject=hook.pk, unit=hook.institution_id, system=hook.system.name))
    return hook


@command
def try_out(*, actor: Actor, hook_id: uuid.UUID | str, now: datetime.datetime) -> HookMessage:
    """Send a message of no school, so that a receiver sees its signature. One at a time.

    Raises:
        NotFound: no such address of the actor.
        HookIsOff: it is switched off.
    """
    hook = _held(actor, hook_id)
    _stands(hook)
    message = HookMessage.objects.filter(
        hook=hook, is_trial=True, state=MessageState.OPEN
    ).first() or HookMessage.objects.create(hook=hook, is_trial=True, made_at=now)
    HookQueue.objects.filter(hook=hook).update(next_at=now)
    audit.record(HookTried(subject=hook.pk, unit=hook.institution_id, system=hook.system.name))
    return message


def _stands(hook: Hook) -> None:
    if hook.disabled_at is not None:
        raise errors.HookIsOff("Спершу увімкніть сповіщення на цю адресу.")


@command
def replay(*, actor: Actor, hook_id: uuid.UUID | str, now: datetime.datetime) -> int:
    """Send every dead letter of an address again, as it was; how many. A letter of a school that ended
    the access meanwhile tells nothing new: the key decides what is read.

    Raises:
        NotFound: no such address of the actor.
        HookIsOff: it is switched off.
    """
    hook = _held(actor, hook_id)
    _stands(hook)
    count = HookMessage.objects.filter(hook=hook, state=MessageState.DEAD).update(
        state=MessageState.OPEN, settled_at=None, attempts=0
    )
    if count:
        HookQueue.objects.filter(hook=hook).update(next_at=now)
    audit.record(
        HookReplayed(
            subject=hook.pk, unit=hook.institution_id, system=hook.system.name, messages=count
        )
    )
    return count

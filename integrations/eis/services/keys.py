"""Granting and revoking a system's access to one school's data (постанова 1255 п.27)."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import secrets
import uuid

from uuid_utils.compat import uuid7

from accounts.actors import Actor
from accounts.roles import WRITES, Dataset
from integrations.eis import errors, policies
from integrations.eis.events import KeyGranted, KeyRevoked
from integrations.eis.models import EisSystem, SchoolKey
from integrations.eis.states import WORKING
from kernel import audit, clock
from kernel.db import command, part_of_command
from kernel.errors import Invalid, NotFound, Problem
from kernel.once import Once
from kernel.scoping import grant_of
from registry.models import Institution

PREFIX = "aikom_"
LONGEST = 1  # years


@dataclasses.dataclass(frozen=True)
class IssuedKey:
    """A key at the only moment its secret is known."""

    key: SchoolKey
    secret: str


def secret_hash(secret: str) -> bytes:
    """What is kept of a key. The secret has 256 random bits, so a plain hash cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()


@command
def grant_key(
    *,
    actor: Actor,
    institution_uid: uuid.UUID | str,
    system_uid: uuid.UUID | str,
    datasets: list[str],
    valid_from: datetime.date,
    valid_to: datetime.date,
    now: datetime.datetime,
    once: Once | None = None,
) -> IssuedKey:
    """Let a connected system read, and where said write, some of a school's data; the secret is
    returned once and never kept.

    Raises:
        NotFound: no such institution for this actor, or no such system.
        NotAllowed: the actor is not the head.
        SystemNotConnected: the system is not connected or is suspended.
        Invalid: no dataset, an unknown one, or a wrong period; all told at once.
    """
    institution = Institution.objects.visible_to(actor).find(uid=institution_uid)
    policies.grant_key.require(actor, institution)
    try:
        system = EisSystem.objects.select_for_update(of=("self",), no_key=True).get(uid=system_uid)
    except (EisSystem.DoesNotExist, ValueError):
        raise NotFound("Такої ОІС немає.", field="system") from None
    if system.state not in WORKING:
        raise errors.SystemNotConnected(
            f"ОІС «{system.name}» зараз у стані «{system.get_state_display()}»; доступ можна надати лише підключеній.",
            field="system",
        )
    problems = []
    if not datasets:
        problems.append(Problem("datasets", "required", "Виберіть хоча б один набір даних."))
    if unknown := sorted(set(datasets) - set(Dataset.values)):
        problems.append(
            Problem("datasets", "unknown", f"Немає таких наборів даних: {', '.join(unknown)}.")
        )
    if undeclared := set(datasets) & set(WRITES) - set(system.writes):
        told = ", ".join(f"«{Dataset(one).label}»" for one in sorted(undeclared))
        problems.append(
            Problem("datasets", "not_declared", f"ОІС «{system.name}» не заявляла: {told}.")
        )
    if valid_to <= valid_from:
        problems.append(Problem("valid_to", "period", "Останній день має бути пізніше за перший."))
    elif valid_to <= audit.today():
        problems.append(Problem("valid_to", "past", "Строк дії вже минув; укажіть майбутню дату."))
    elif valid_to > clock.years_after(valid_from, LONGEST):
        problems.append(
            Problem("valid_to", "too_long", "Ключ діє щонайдовше рік; потім його видають знову.")
        )
    if problems:
        raise Invalid(problems)
    secret = PREFIX + secrets.token_urlsafe(32)
    key = SchoolKey.objects.create(
        id=uuid7(),
        institution=institution,
        system=system,
        datasets=sorted(set(datasets)),
        valid_from=valid_from,
        valid_to=valid_to,
        secret_sha256=secret_hash(secret),
        hint=secret[-4:],
        granted_by_id=grant_of(actor),
        created_at=now,
    )
    audit.record(
        KeyGranted(
            subject=key.pk,
            unit=institution.pk,
            system=system.name,
            institution=institution.short_name,
            datasets=tuple(key.datasets),
            valid_from=valid_from,
            valid_to=valid_to,
        )
    )
    return IssuedKey(key, secret)


@command
def revoke_key(
    *, actor: Actor, key_id: uuid.UUID | str, reason: str, now: datetime.datetime
) -> SchoolKey:
    """Stop a key; the system's very next request is refused. Revoking twice changes nothing.

    Raises:
        NotFound: no such key for this actor.
        NotAllowed: the actor is not the head.
    """
    key = (
        SchoolKey.objects.visible_to(actor)
        .select_related("institution", "system")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=key_id)
    )
    policies.grant_key.require(actor, key.institution)
    if key.revoked_at is None:
        key.revoked_at = now
        key.revoked_by_id = actor.grant_id
        key.revoke_reason = reason
        key.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
        audit.record(
            KeyRevoked(
                subject=key.pk, unit=key.institution_id, system=key.system.name, reason=reason
            )
        )
    return key


@part_of_command
def end_with(institution_id: int, reason: str) -> int:
    """Stop every key of an institution that ends; for the command that closes it. How many."""
    keys = list(
        SchoolKey.objects.filter(institution=institution_id, revoked_at=None)
        .select_related("system")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    for key in keys:
        key.revoked_at, key.revoke_reason = audit.now(), reason
        key.save(update_fields=["revoked_at", "revoke_reason"])
        audit.record(
            KeyRevoked(
                subject=key.pk, unit=key.institution_id, system=key.system.name, reason=reason
            )
        )
    return len(keys)


def count_open(institution_id: int, day: datetime.date) -> int:
    """How many keys open an institution's data on a day."""
    rows = SchoolKey.objects.filter(institution=institution_id, revoked_at=None)
    return rows.filter(valid_to__gt=day).count()

"""Mandates: what a head lets a system do, frozen, signed, replaced and taken back (п.27).

prepare    the paper and its bytes are frozen; the head sees them
sign       one signature; it holds at once, and what was before ends with it
end        taken back: its keys stop at the next request
"""

from __future__ import annotations

import datetime
import uuid
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

from uuid_utils.compat import uuid7

from accounts.actors import Actor
from accounts.roles import WRITES, Dataset, GrantState
from integrations.eis import errors, fields, policies
from integrations.eis.bell import wake
from integrations.eis.events import (
    KeyRevoked,
    MandateEnded,
    MandateGivenUp,
    MandatePrepared,
    MandateSigned,
)
from integrations.eis.models import EisSystem, Mandate, SchoolKey
from integrations.eis.states import WORKING, MandateState
from kernel import audit, clock
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, NotFound, Problem
from kernel.once import Once
from kernel.scoping import grant_of, person_of
from registry.models import Institution
from registry.orders.papers import drawn
from registry.orders.services import organisations_of, still_acting
from signatures.api import build_package
from signatures.errors import AlreadySigned, WrongSigner
from signatures.services import sessions

PURPOSE = "eis.mandate"
PAPER = "dostup.pdf"
_PAPER = Path(__file__).parents[1] / "mandate.typ"
LONGEST = 1  # years
REPLACED = "Замінено новим доступом"


@command
def prepare(
    *,
    actor: Actor,
    institution_uid: uuid.UUID | str,
    system_uid: uuid.UUID | str,
    datasets: list[str],
    opened: Collection[str] | None = None,
    valid_from: datetime.date,
    valid_to: datetime.date,
    moment: Moment,
    once: Once | None = None,
) -> Mandate:
    """Freeze what a connected system may read, and where said write, for the head's signature.

    opened: groups of fields (`eis.fields`) beside what the datasets always show; None is all of them.

    Raises:
        NotFound: no such institution for this actor, or no such system.
        NotAllowed: the actor is not the head.
        SystemNotConnected: the system is not connected or is suspended.
        Invalid: no dataset, an unknown one, or a wrong period; all told at once.
    """
    institution = Institution.objects.visible_to(actor).find(uid=institution_uid)
    policies.grant_key.require(actor, institution)
    system = _connected(system_uid)
    known = fields.of(datasets)
    groups = known if opened is None else [one for one in known if one in opened]
    if problems := _problems(system, institution, datasets, opened, valid_from, valid_to, moment):
        raise Invalid(problems)
    mandate = Mandate(
        id=uuid7(),
        institution=institution,
        system=system,
        datasets=sorted(set(datasets)),
        fields=groups,
        valid_from=valid_from,
        valid_to=valid_to,
        granted_by_id=grant_of(actor),
        prepared_at=moment.now,
    )
    document = _document(mandate, actor)
    package = build_package(
        document, [], {PAPER: drawn(_shown(document), moment.now, template=_PAPER)}
    )
    mandate.signing = sessions.prepare(
        user_id=person_of(actor),
        purpose=PURPOSE,
        content=package.manifest,
        now=moment.now,
        files=package.kept,
    )
    mandate.save(force_insert=True)
    audit.record(MandatePrepared(subject=mandate.pk, unit=institution.pk, system=system.name))
    return mandate


def _problems(
    system: EisSystem,
    institution: Institution,
    datasets: list[str],
    opened: Collection[str] | None,
    valid_from: datetime.date,
    valid_to: datetime.date,
    moment: Moment,
) -> list[Problem]:
    problems = []
    if not datasets:
        problems.append(Problem("datasets", "required", "Виберіть хоча б один набір даних."))
    if unknown := sorted(set(datasets) - set(Dataset.values)):
        told = ", ".join(unknown)
        problems.append(Problem("datasets", "unknown", f"Немає таких наборів даних: {told}."))
    if undeclared := set(datasets) & set(WRITES) - set(system.writes):
        told = ", ".join(f"«{Dataset(one).label}»" for one in sorted(undeclared))
        problems.append(
            Problem("datasets", "not_declared", f"ОІС «{system.name}» не заявляла: {told}.")
        )
    if strange := sorted(set(opened or ()) - set(fields.BY_CODE)):
        problems.append(Problem("opened", "unknown", f"Немає таких полів: {', '.join(strange)}."))
    if valid_to <= valid_from:
        problems.append(Problem("valid_to", "period", "Останній день має бути пізніше за перший."))
    elif valid_to <= moment.today:
        problems.append(Problem("valid_to", "past", "Строк дії вже минув; укажіть майбутню дату."))
    elif valid_to > clock.years_after(valid_from, LONGEST):
        problems.append(
            Problem("valid_to", "too_long", "Доступ діє щонайдовше рік; потім його надають знову.")
        )
    standing = standing_for(institution.pk, system.pk)
    if valid_from > moment.today and standing is not None and _works(standing, moment.today):
        problems.append(
            Problem(
                "valid_from",
                "ahead",
                "Ця ОІС уже має доступ, і новий замінить його, щойно ви підпишете: "
                "нехай починається сьогодні.",
            )
        )
    return problems


def _connected(system_uid: uuid.UUID | str) -> EisSystem:
    try:
        system = EisSystem.objects.select_for_update(of=("self",), no_key=True).get(uid=system_uid)
    except (EisSystem.DoesNotExist, ValueError):
        raise NotFound("Такої ОІС немає.", field="system") from None
    _must_work(system)
    return system


def _must_work(system: EisSystem) -> None:
    if system.state not in WORKING:
        raise errors.SystemNotConnected(
            f"ОІС «{system.name}» зараз у стані «{system.get_state_display()}»; "
            "доступ можна надати лише підключеній.",
            field="system",
        )


def _document(mandate: Mandate, actor: Actor) -> dict[str, Any]:
    """What is signed: codes for programs beside words for people."""
    institution, system = mandate.institution, mandate.system
    return {
        "type": "eis_mandate",
        "schema": "aikom.eis.mandate/1",
        "title": "Надання доступу освітній інформаційній системі",
        "number": str(mandate.pk)[-12:],
        "id": str(mandate.pk),
        "institution": {
            "id": str(institution.uid),
            "name": institution.full_name,
            "edrpou": (organisations_of(institution) or [""])[0],
        },
        "system": {"id": str(system.uid), "name": system.name, "operator": system.operator.name},
        "datasets": mandate.datasets,
        "fields": mandate.fields,
        "valid_from": mandate.valid_from.isoformat(),
        "valid_to": mandate.valid_to.isoformat(),
        "signer": actor.full_name,
        "date": clock.day_of(mandate.prepared_at).isoformat(),
    }


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    """The document as its paper says it."""

    def day(text: str) -> str:
        return f"{datetime.date.fromisoformat(text):%d.%m.%Y}"

    system = document["system"]
    return {
        "title": document["title"],
        "number": document["number"],
        "from": document["institution"]["name"],
        "edrpou": document["institution"]["edrpou"],
        "date": day(document["date"]),
        "signer": document["signer"],
        "text": [
            f"Відповідно до пункту 27 Положення про АІКОМ надаю освітній інформаційній системі "
            f"«{system['name']}» (оператор: {system['operator']}) доступ до даних закладу з "
            f"{day(document['valid_from'])} до {day(document['valid_to'])}: останнього дня доступу "
            "вже немає.",
            "Доступ, наданий цій системі раніше, припиняється. Я можу відкликати доступ будь-коли; "
            "відкликання діє з наступного запиту системи.",
        ],
        "datasets": [Dataset(one).label for one in document["datasets"]],
        "fields": [fields.BY_CODE[one].label for one in document["fields"]],
        "withheld": [
            fields.BY_CODE[one].label
            for one in fields.of(document["datasets"])
            if one not in document["fields"]
        ],
    }


def standing_for(institution_id: int, system_id: int) -> Mandate | None:
    """The mandate of a system at a school that is signed and has not been ended."""
    rows = Mandate.objects.filter(
        institution=institution_id, system=system_id, state=MandateState.SIGNED, ended_at=None
    )
    return rows.select_related("granted_by").first()


def _works(mandate: Mandate, today: datetime.date) -> bool:
    acting = mandate.granted_by.state == GrantState.ACTIVE
    return acting and mandate.valid_from <= today < mandate.valid_to


# ── signing ──────────────────────────────────────────────────────────────────
def sign(*, actor: Actor, mandate_id: Any, cms: bytes, moment: Moment) -> Mandate:
    """Open the data by the head's signature of exactly the bytes shown; in two phases, as an order is.
    Signed again it stays as it is.

    Raises:
        NotFound: no such mandate within reach.
        NotAllowed: the actor is not the acting head.
        MandateDecided: it was given up, or prepared for another head.
        SystemNotConnected: the system was suspended meanwhile.
        SignatureRefused, WrongSigner, SigningExpired: the signature does not hold.
    """
    mandate = Mandate.objects.visible_to(actor).select_related("institution").find(pk=mandate_id)
    policies.grant_key.require(actor, mandate.institution)
    if mandate.state == MandateState.SIGNED:
        return mandate
    if mandate.state != MandateState.PREPARED or mandate.signing_id is None:
        raise errors.MandateDecided
    try:
        verified = sessions.verify(
            mandate.signing_id, cms, actor=actor, now=moment.now, rnokpp=actor.person_code
        )
    except AlreadySigned:  # by the same click a moment ago
        mandate.refresh_from_db()
        return mandate
    return _signed(actor=actor, mandate_id=mandate.pk, verified_id=verified.pk, moment=moment)


@command
def _signed(*, actor: Actor, mandate_id: Any, verified_id: uuid.UUID, moment: Moment) -> Mandate:
    """The second phase: it takes the place of what was before, with its keys where they worked.

    Raises:
        as `sign`.
    """
    mandate = _held(actor, mandate_id)
    still_acting(actor, mandate.institution)
    policies.grant_key.require(actor, mandate.institution)
    if mandate.state == MandateState.SIGNED:
        return mandate
    if mandate.state != MandateState.PREPARED or mandate.signing_id is None:
        raise errors.MandateDecided
    session = sessions.locked(mandate.signing_id)
    if session.user_id != person_of(actor):
        raise errors.MandateDecided("Доступ підготовлено для підпису іншим керівником.")
    _must_work(
        EisSystem.objects.select_for_update(of=("self",), no_key=True).get(pk=mandate.system_id)
    )
    signer = sessions.complete(session, verified_id, now=moment.now, rnokpp=actor.person_code)
    if signer.edrpou not in organisations_of(mandate.institution):
        raise WrongSigner(
            "Ключ видано для іншої організації. Доступ надають ключем керівника цього закладу.",
            field="signature",
        )
    before = standing_for(mandate.institution_id, mandate.system_id)
    keep = before is not None and _works(before, moment.today)
    if before is not None:
        before.replaced_by = mandate
        _ended(before, actor, REPLACED, moment.now, stop_keys=not keep)
    mandate.state, mandate.signed_at = MandateState.SIGNED, moment.now
    mandate.granted_by_id = grant_of(actor)
    mandate.save(update_fields=["state", "signed_at", "granted_by"])
    if keep:
        SchoolKey.objects.filter(mandate=before, revoked_at=None).update(mandate=mandate)
    audit.record(
        MandateSigned(
            subject=mandate.pk,
            unit=mandate.institution_id,
            system=mandate.system.name,
            institution=mandate.institution.short_name,
            datasets=tuple(mandate.datasets),
            fields=tuple(mandate.fields),
            valid_from=mandate.valid_from,
            valid_to=mandate.valid_to,
            certificate=signer.serial,
        )
    )
    return mandate


@command
def give_up(*, actor: Actor, mandate_id: Any) -> Mandate:
    """Put a mandate away unsigned.

    Raises:
        NotFound, NotAllowed: not the actor's to grant.
        MandateDecided: it is signed.
    """
    mandate = _held(actor, mandate_id)
    policies.grant_key.require(actor, mandate.institution)
    if mandate.state == MandateState.GIVEN_UP:
        return mandate
    if mandate.state != MandateState.PREPARED or mandate.signing_id is None:
        raise errors.MandateDecided
    sessions.give_up(mandate.signing_id)
    mandate.state = MandateState.GIVEN_UP
    mandate.save(update_fields=["state"])
    audit.record(
        MandateGivenUp(subject=mandate.pk, unit=mandate.institution_id, system=mandate.system.name)
    )
    return mandate


# ── the end ──────────────────────────────────────────────────────────────────
@command
def end(*, actor: Actor, mandate_id: Any, reason: str, now: datetime.datetime) -> Mandate:
    """Take access back; the system's very next request is refused. Ended twice changes nothing.

    Raises:
        NotFound: no such mandate for this actor.
        NotAllowed: the actor is not the head.
        MandateDecided: it was never signed.
    """
    mandate = _held(actor, mandate_id)
    policies.grant_key.require(actor, mandate.institution)
    if mandate.state != MandateState.SIGNED:
        raise errors.MandateDecided
    if mandate.ended_at is None:
        _ended(mandate, actor, reason, now, stop_keys=True)
    return mandate


@part_of_command
def end_with(institution_id: int, reason: str) -> int:
    """End every mandate of an institution that ends; for the command that closes it. How many."""
    rows = Mandate.objects.filter(
        institution=institution_id, state=MandateState.SIGNED, ended_at=None
    )
    found = list(
        rows.select_related("system").order_by("pk").select_for_update(of=("self",), no_key=True)
    )
    for mandate in found:
        _ended(mandate, None, reason, audit.now(), stop_keys=True)
    return len(found)


@part_of_command
def end_of_system(system: EisSystem, reason: str) -> int:
    """End every mandate of a system, with its keys; how many. A statement for each kind of row, so a
    system of thousands of schools is stopped as fast as one of a few."""
    now = audit.now()
    unsigned = Mandate.objects.filter(system=system, state=MandateState.PREPARED)
    unsigned.update(state=MandateState.GIVEN_UP)
    rows = list(
        Mandate.objects.filter(system=system, state=MandateState.SIGNED, ended_at=None)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    keys = list(
        SchoolKey.objects.filter(mandate__in=rows, revoked_at=None)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    ids = [one.pk for one in rows]
    Mandate.objects.filter(pk__in=ids).update(ended_at=now, end_reason=reason)
    SchoolKey.objects.filter(pk__in=[one.pk for one in keys]).update(
        revoked_at=now, revoke_reason=reason
    )
    wake(None)
    stopped = Counter(key.mandate_id for key in keys)
    audit.record(
        *(
            MandateEnded(
                subject=one.pk,
                unit=one.institution_id,
                system=system.name,
                reason=reason,
                keys=stopped[one.pk],
            )
            for one in rows
        ),
        *(
            KeyRevoked(subject=key.pk, unit=key.institution_id, system=system.name, reason=reason)
            for key in keys
        ),
    )
    return len(rows)


def count_open(institution_id: int, day: datetime.date) -> int:
    """How many mandates open an institution's data on a day."""
    rows = Mandate.objects.filter(
        institution=institution_id, state=MandateState.SIGNED, ended_at=None
    )
    return rows.filter(valid_to__gt=day).count()


@part_of_command
def _ended(
    mandate: Mandate, actor: Actor | None, reason: str, now: datetime.datetime, *, stop_keys: bool
) -> None:
    mandate.ended_at, mandate.end_reason = now, reason
    mandate.ended_by_id = actor.grant_id if actor else None
    mandate.save(update_fields=["ended_at", "ended_by", "end_reason", "replaced_by"])
    keys = (
        list(
            SchoolKey.objects.filter(mandate=mandate, revoked_at=None)
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)
        )
        if stop_keys
        else []
    )
    for key in keys:
        key.revoked_at, key.revoke_reason, key.revoked_by_id = now, reason, mandate.ended_by_id
        key.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
    wake(mandate.institution_id)
    audit.record(
        MandateEnded(
            subject=mandate.pk,
            unit=mandate.institution_id,
            system=mandate.system.name,
            reason=reason,
            keys=len(keys),
        ),
        *(
            KeyRevoked(
                subject=key.pk,
                unit=mandate.institution_id,
                system=mandate.system.name,
                reason=reason,
            )
            for key in keys
        ),
    )


@part_of_command
def _held(actor: Actor, mandate_id: Any) -> Mandate:
    found: Mandate = (
        Mandate.objects.visible_to(actor)
        .select_related("institution__hub", "system__operator")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=mandate_id)
    )
    return found

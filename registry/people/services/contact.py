"""Contact with a child and its representatives: lost from a day, restored from a day (D.2, seed 2)."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from accounts.actors import Actor
from kernel.db import command, violation
from kernel.errors import Invalid, NotFound
from kernel.errors import Problem as FieldProblem
from kernel.tables import dates
from kernel.tables.cells import storable, tidy
from kernel.tables.findings import Checked, Problem, error
from registry.classifiers.selectors import classifiers
from registry.fields.reader import Reader
from registry.people.events import ContactNoted, ContactVoided
from registry.people.models.contact import LOST, STATES, ContactState
from registry.people.services.categories import check_yes
from registry.people.services.steps import kept, require_version, tell
from registry.people.services.voiding import by_person, void

_LONGEST = 500


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A state of contact as it is told of a child."""

    status: str
    starts_on: datetime.date
    attempts: str = ""
    actions: tuple[str, ...] = ()
    occupied: bool = False


def told_of(row: ContactState) -> Told:
    """A row as it is told."""
    fields = {name: getattr(row, name) for name in Told.__struct_fields__}
    return Told(**fields | {"actions": tuple(row.actions)})


def check(values: Mapping[str, str], today: datetime.date) -> Checked[Told]:
    """Read a state of contact: of what kind, from when, what was tried and who was told."""
    found: list[Problem] = []

    def keep(checked: Checked[Any]) -> Any:
        found.extend(checked.problems)
        return checked.value

    def get(name: str) -> str:
        return values.get(name, "")

    status = classifiers.code_of("contact_status", get("status"), today) or get("status")
    if status not in STATES:
        found.append(error("status", "unknown", "Виберіть стан звʼязку зі списку."))
    day = keep(dates.parse("starts_on", get("starts_on"), today=today))
    if day and day > today:
        found.append(error("starts_on", "future", "Ця дата ще не настала."))
    attempts = tidy(get("attempts"))
    if status in LOST and not attempts:
        said = "Вкажіть, як шукали звʼязок: кому й коли телефонували, писали, ходили."
        found.append(error("attempts", "required", said))
    elif len(attempts) > _LONGEST:
        found.append(error("attempts", "too_long", f"До {_LONGEST} знаків."))
    actions = keep(_actions(get("actions"), today))
    occupied = keep(check_yes("occupied", get("occupied")))
    if any(one.level == "error" for one in found):
        return Checked(None, tuple(found))
    told = Told(
        status=status,
        starts_on=day,
        attempts=attempts,
        actions=actions,
        occupied=bool(occupied) and status in LOST,
    )
    return Checked(told, tuple(found))


def _actions(text: str, today: datetime.date) -> Checked[tuple[str, ...]]:
    """Who was told, by codes or words, several parted by commas or semicolons."""
    said = [part for part in text.replace(";", ",").split(",") if tidy(part)]
    codes = [classifiers.code_of("contact_action", part.strip(), today) for part in said]
    if None in codes:
        known = "; ".join(item.name for item in classifiers.items("contact_action", today))
        return Checked(None, (error("actions", "unknown", f"Куди звернулися: {known}."),))
    return Checked(tuple(sorted({code for code in codes if code})))


def lasting(pupil: Any) -> ContactState | None:
    """The state that lasts; none while there is contact."""
    found: ContactState | None = pupil.contacts.filter(ends_on=None, voided_at=None).first()
    return found


def misplaced(told: Told, was: ContactState | None) -> Problem | None:
    """Why a state cannot follow the one that lasts."""
    if told.status == "RESTORED" and (was is None or was.status not in LOST):
        return error("status", "not_lost", "Звʼязок не втрачено: відновлювати нічого.")
    if was is not None and told.starts_on <= was.starts_on:
        since = dates.show(was.starts_on)
        return error(
            "starts_on", "before_last", f"Теперішній стан записано з {since}: дата пізніша."
        )
    if was is not None and told_of(was) == msgspec.structs.replace(told, starts_on=was.starts_on):
        return error("status", "same", "Цей стан уже записано.")
    return None


def _ground(*, values: Mapping[str, str], **_: Any) -> str:
    return storable(values.get("attempts", ""))[:200]


@command(ground=_ground)
def note_contact(
    *, actor: Actor, pupil_id: Any, values: Mapping[str, str], today: datetime.date
) -> ContactState:
    """Write that contact was lost, or restored, from a day; the state before it ends on that day.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps.
        Invalid: every wrong field, or the state cannot follow the one that lasts.
    """
    pupil = kept(actor, pupil_id)
    read = Reader(values)
    told: Told | None = read.keep(check(read.values, today))
    was = lasting(pupil)
    if told is not None and (wrong := misplaced(told, was)):
        read.say(wrong.field, wrong.code, wrong.detail)
    read.stop_if_wrong()
    assert told is not None  # noqa: S101 - nothing was wrong
    if was is not None:
        was.ends_on = told.starts_on
        was.version += 1
        was.save(update_fields=["ends_on", "version"])
    with violation("contacts_never_overlap", _overlaps):
        row = ContactState.objects.create(
            pupil=pupil, **msgspec.structs.asdict(told) | {"actions": list(told.actions)}
        )
    tell(ContactNoted, pupil, contact=row.pk, status=row.status, starts_on=told.starts_on)
    return row


def _overlaps() -> Invalid:
    said = "Стан звʼязку за ці дні вже записано."
    return Invalid([FieldProblem("starts_on", "overlaps", said)])


@command
def void_contact(
    *, actor: Actor, pupil_id: Any, contact_id: int, version: int, ground: str
) -> ContactState:
    """Say that the state that lasts never was: the one before it, if any, lasts on.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps, or not its last state.
        StaleVersion: somebody wrote the next state after it was read.
        Invalid: no ground is told.
    """
    pupil = kept(actor, pupil_id)
    row = lasting(pupil)
    if row is None or row.pk != contact_id:
        raise NotFound
    require_version(row, version)
    void(row, by_person(actor, ground))
    lasts_on: Collection[ContactState] = pupil.contacts.filter(
        ends_on=row.starts_on, voided_at=None
    )
    for before in lasts_on:
        before.ends_on = None
        before.version += 1
        before.save(update_fields=["ends_on", "version"])
    tell(ContactVoided, pupil, contact=row.pk, status=row.status)
    return row

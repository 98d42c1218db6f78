"""«Втрата звʼязку»: contact with children and their representatives is lost, or restored, from a day."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from django.db import connection

from kernel.audit.events import Event
from kernel.db import part_of_command, violation
from kernel.tables import dates
from kernel.tables.cells import tidy
from kernel.tables.findings import Problem
from registry.classifiers.selectors import classifiers
from registry.movements.facts import children
from registry.movements.facts.process import Facts, Frame, Told
from registry.movements.facts.signed import ContactRow, FactRow
from registry.orders import texts
from registry.orders.errors import EnrolledMeanwhile, NotAnnullable
from registry.orders.models import Order
from registry.people.events import ContactNoted
from registry.people.models.contact import ContactState
from registry.people.selectors.reach import standing_for
from registry.people.services import contact
from registry.people.services.voiding import by_order
from registry.process import Column

_STATES = {
    "LOST_PUPIL": "Втрачено звʼязок з учнем",
    "LOST_REPRESENTATIVES": "Втрачено звʼязок із законними представниками",
    "LOST_BOTH": "Втрачено звʼязок з учнем і законними представниками",
    "RESTORED": "Звʼязок відновлено",
}


def as_text(told: contact.Told) -> dict[str, str]:
    """A state as signed rows say it."""
    said = {
        "status": told.status,
        "starts_on": told.starts_on.isoformat(),
        "attempts": told.attempts,
        "actions": ", ".join(told.actions),
        "occupied": "так" if told.occupied else "",
    }
    return {name: value for name, value in said.items() if value}


class Contact(Facts):
    """The state of contact from a day. A row without a state adds to the one that lasts."""

    code = "contact"
    name = "Втрата та відновлення звʼязку"
    about = "про стан звʼязку"
    verb = "записано стан звʼязку"
    order = 64
    row = ContactRow
    facts: ClassVar[Mapping[str, str]] = {
        "status": "Стан",
        "starts_on": "З",
        "attempts": "Як шукали",
        "actions": "Повідомлено",
        "occupied": "Окупована територія",
    }
    own = (
        Column(
            "status",
            "Стан звʼязку",
            choices=tuple((words, words) for words in _STATES.values()),
            width="w8",
        ),
        Column("starts_on", "З якого дня", hint="дд.мм.рррр; порожньо — з дня наказу", width="w3"),
        Column("attempts", "Як шукали звʼязок", hint="Кому й коли телефонували", width="w8"),
        Column("actions", "Куди звернулися", hint="Поліція, ССД, орган управління", width="w8"),
        Column("occupied", "ТОТ", in_full="Окупована територія", hint="так або ні", width="w4"),
    )
    columns = (*children.COLUMNS, *own)
    also = children.table(
        own,
        {
            "status": "стан|звʼязок|втрата звʼязку",
            "starts_on": "з|дата|дата втрати",
            "attempts": "спроби|заходи|як шукали",
            "actions": "повідомлено|дії|куди повідомили",
            "occupied": "тот|окупована територія",
        },
        frozenset(),
    )
    default_ground = "акти про спроби звʼязатися з дитиною та її представниками"
    text = Path(texts.__path__[0]) / "contact.toml"

    def standing(
        self, pupils: Iterable[uuid.UUID], day: datetime.date
    ) -> Mapping[tuple[uuid.UUID, str], ContactState]:
        """The state of each child that lasts."""
        rows = ContactState.objects.filter(pupil_id__in=list(pupils), ends_on=None, voided_at=None)
        return {(row.pupil_id, ""): row for row in rows}

    def facts_of(self, stands: ContactState | None) -> dict[str, str]:
        """The state that lasts; of contact, nothing."""
        return as_text(contact.told_of(stands)) if stands is not None else {}

    def over(
        self, values: Mapping[str, str], key: str, stands: ContactState | None, frame: Frame
    ) -> Told:
        """Another state begins; without a state or a day the one that lasts is added to."""
        was = self.facts_of(stands)
        shown = {name: self.words(name, one) for name, one in was.items()}
        typed = {name: one for name in self.facts if tidy(one := values.get(name, ""))}
        if not typed:
            return Told((), was, was, shown)
        said = classifiers.code_of("contact_status", typed.get("status", ""), frame.today)
        adds = stands is not None and said in {None, stands.status} and "starts_on" not in typed
        if adds and not ("status" in typed and said is None):
            merged = {**was, **typed, "status": was["status"]}
        else:
            merged = {"starts_on": frame.day.isoformat(), **typed}
            adds = False
        read = contact.check(merged, frame.today)
        problems: list[Problem] = list(read.problems)
        if read.value is None:
            return Told(problems, was, {}, shown)
        if not adds and (wrong := contact.misplaced(read.value, stands)):
            problems.append(wrong)
        return Told(problems, was, as_text(read.value), shown)

    def words(self, fact: str, value: str) -> str:
        """States and those told in words."""
        if fact == "status":
            return _STATES.get(value, value)
        if fact == "starts_on":
            return dates.show(datetime.date.fromisoformat(value))
        if fact == "actions":
            codes = value.split(", ")
            return ", ".join(classifiers.short("contact_action", one) for one in codes)
        return value

    # ── the order
    @part_of_command
    def effect(self, order: Order, rows: Sequence[FactRow]) -> None:
        """The state that lasts ends, or is voided where the row adds to it; the next begins.

        Raises:
            DomainError: the register has moved on.
        """
        closed = [row for row in rows if row.was]
        with violation("contacts_never_overlap", _moved_on), connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE registry_contactstate c
                SET ends_on = CASE WHEN x.begins > x.starts_on THEN x.begins END,
                    voided_at = CASE WHEN x.begins > x.starts_on THEN NULL ELSE %s::timestamptz END,
                    voided_by_id = CASE WHEN x.begins > x.starts_on THEN NULL ELSE %s::int END,
                    voided_why = CASE WHEN x.begins > x.starts_on THEN '' ELSE %s END,
                    closed_by_id = %s, version = c.version + 1
                FROM unnest(%s::uuid[], %s::date[], %s::date[]) AS x(pupil_id, starts_on, begins)
                WHERE (c.pupil_id, c.starts_on) = (x.pupil_id, x.starts_on)
                  AND c.ends_on IS NULL AND c.voided_at IS NULL
                """,
                [
                    *by_order(order).columns.values(),
                    order.pk,
                    [row.pupil for row in closed],
                    [row.was["starts_on"] for row in closed],
                    [row.now["starts_on"] for row in closed],
                ],
            )
            if cursor.rowcount != len(closed):
                raise _moved_on()
            cursor.execute(
                """
                INSERT INTO registry_contactstate (pupil_id, status, starts_on, attempts, actions,
                    occupied, opened_by_id, version)
                SELECT pupil_id, status, starts_on, attempts,
                    string_to_array(actions, ', '), occupied, %s, 1
                FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::text[], %s::text[], %s::bool[])
                    AS x(pupil_id, status, starts_on, attempts, actions, occupied)
                """,
                [
                    order.pk,
                    [row.pupil for row in rows],
                    [row.now["status"] for row in rows],
                    [row.now["starts_on"] for row in rows],
                    [row.now.get("attempts", "") for row in rows],
                    [row.now.get("actions", "") for row in rows],
                    ["occupied" in row.now for row in rows],
                ],
            )

    def events(self, order: Order, rows: Sequence[FactRow]) -> Iterable[Event]:
        """One for each child."""
        written = dict(ContactState.objects.filter(opened_by=order).values_list("pupil_id", "pk"))
        return (
            ContactNoted(
                subject=row.pupil,
                unit=order.institution_id,
                contact=written[row.pupil],
                status=row.now["status"],
                starts_on=datetime.date.fromisoformat(row.now["starts_on"]),
            )
            for row in rows
        )

    @part_of_command
    def annul(self, order: Order, by: Order, rows: Sequence[FactRow]) -> None:
        """What began is voided, what it ended lasts on.

        Raises:
            NotAnnullable: the register has moved on.
        """
        who = standing_for(row.pupil for row in rows)
        with violation("contacts_never_overlap", NotAnnullable), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE registry_contactstate SET voided_at = %s, voided_by_id = %s, voided_why = %s,"
                " version = version + 1 WHERE opened_by_id = %s AND voided_at IS NULL",
                [*by_order(by).columns.values(), order.pk],
            )
            cursor.execute(
                "UPDATE registry_contactstate SET ends_on = NULL, voided_at = NULL,"
                " voided_by_id = NULL, voided_why = '', closed_by_id = NULL, version = version + 1"
                " WHERE closed_by_id = %s AND pupil_id = ANY(%s)",
                [order.pk, [who[row.pupil] for row in rows if row.was]],
            )


def _moved_on() -> EnrolledMeanwhile:
    return EnrolledMeanwhile("Стан звʼязку тим часом змінено. Спробуйте підписати ще раз.")


KIND = Contact()

"""«Відрахування у звʼязку з переведенням до іншого ЗЗСО»: the sending school's own order about
children whom other schools' signed transfers took over.

It changes no enrolment: the transfer did. It documents it, and answers what the transfer asked.

Sources: наказ МОН 16.04.2018 № 367, розділи III, IV; handbook D.6.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from accounts.actors import Actor
from kernel import audit
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.tables import dates
from kernel.tables.findings import Problem, error
from kernel.text import alike
from registry.drafts.models import Draft, DraftRow
from registry.institutions.models.institutions import Institution
from registry.movements import roster
from registry.movements.events import PupilReleased
from registry.movements.movement import Movement
from registry.movements.withdraw import RELEASE
from registry.orders import texts
from registry.orders.models import AskedRow, Order
from registry.orders.selectors.asked import Asked, asked_rows
from registry.orders.services import asking
from registry.process import (
    Candidate,
    Chosen,
    Column,
    Conflict,
    Picked,
    Read,
    SignedRow,
    Verdict,
    Wanted,
)

CODE = "release"


class ReleaseRow(SignedRow, frozen=True, kw_only=True, tag="registry.release/1"):
    """One child: the class it left, when, by whose order and to where."""

    class_label: str
    left_on: datetime.date
    to: str
    order: uuid.UUID
    order_number: str
    order_date: datetime.date
    asked: int


@dataclasses.dataclass(frozen=True, slots=True)
class _Frame:
    asked: Mapping[str, Asked]


def _waiting(institution_id: int) -> list[Asked]:
    """Whom the institution is asked about and has no order of its own yet, the soonest due first."""
    return asked_rows(
        AskedRow.objects.filter(
            task__for_institution_id=institution_id,
            task__process=CODE,
            task__state__in=["OPEN", "OBJECTED"],
            done_by=None,
        )
    )


def lines(
    actor: Actor, institution: Institution, wanted: Wanted, moment: Moment
) -> Sequence[Candidate]:
    """Children whom other schools took over, as their orders name them."""
    sought = alike(wanted.text)
    found = [one for one in _waiting(institution.pk) if sought in alike(one.row.full_name)]
    audit.looked_at(actor, "registry.pupil", [one.row.pupil for one in found], "вибір для наказу")
    return [
        Candidate(
            str(one.pk),
            one.row.full_name,
            (
                dates.show(one.row.born_on),
                one.row.from_.class_label,
                f"{one.to}, наказ № {one.order.number} від {dates.show(one.order.issued_on)}",
                dates.show(one.task.due_on),
            ),
        )
        for one in found
    ]


def pick(
    actor: Actor, institution: Institution, keys: Sequence[str], moment: Moment
) -> list[Picked]:
    """Rows of those chosen; whom nobody asks about is left out."""
    chosen = set(keys)
    return [
        Picked(
            {
                "pupil": one.row.full_name,
                "born_on": dates.show(one.row.born_on),
                "class": one.row.from_.class_label,
                "left_on": dates.show(one.order.effective_on),
                "to": f"{one.to}, наказ № {one.order.number} від {dates.show(one.order.issued_on)}",
                "asked": str(one.pk),
            },
            one.row.pupil,
        )
        for one in _waiting(institution.pk)
        if str(one.pk) in chosen
    ]


class Release(Movement[ReleaseRow, Asked]):
    """The sending school's order: children asked about are chosen, nothing is typed."""

    code = CODE
    name = RELEASE
    about = "про відрахування переведених"
    verb = "відраховано у звʼязку з переведенням"
    order = 25
    icon = "users"
    columns = (
        *roster.COLUMNS,
        Column("left_on", "Вибув з", fixed=True, width="w3"),
        Column("to", "Куди і за яким наказом", fixed=True, width="w8"),
        Column("asked", "Код запиту", fixed=True, in_grid=False),
    )
    source = Chosen(
        headings=("Учень", "Народження", "Клас", "Куди і за яким наказом", "Строк наказу"),
        lines=lines,
        pick=pick,
    )
    row = ReleaseRow
    card = ""  # the child is the other school's by now
    effective_label = "Дата відрахування"
    effective_hint = "Дата наказу; кожен учень вибув з дати, вказаної у списку, дд.мм.рррр"
    default_ground = "накази закладів освіти, до яких переведено учнів"
    text = Path(texts.__path__[0]) / "release.toml"
    paper = (
        ("Клас", lambda row: row.class_label),
        ("Вибув з", lambda row: dates.show(row.left_on)),
        (
            "Куди",
            lambda row: f"{row.to}, наказ № {row.order_number} від {dates.show(row.order_date)}",
        ),
    )

    def usual_day(self, today: datetime.date, first: datetime.date) -> datetime.date:
        """The order documents what is done: today, whatever the season."""
        return today

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> _Frame:
        """Whom the institution is asked about now."""
        return _Frame({str(one.pk): one for one in _waiting(draft.institution_id)})

    def read(self, row: DraftRow, frame: _Frame) -> Read:
        """The child is still asked about."""
        number = row.values.get("asked", "")
        asked = frame.asked.get(number)
        problems: tuple[Problem, ...] = ()
        if asked is None:
            problems = (
                error(
                    "pupil",
                    "not_asked",
                    "Наказу про цю дитину вже не просять: його видано або переведення скасовано.",
                ),
            )
        return Read(problems, asked, keys=(f"asked:{number}",))

    def signed(self, number: int, verdict: Verdict) -> ReleaseRow:
        """What the bytes say of one child: as the transfer named it."""
        asked: Asked = verdict.clean
        row = asked.row
        return ReleaseRow(
            no=number,
            pupil=row.pupil,
            surname=row.surname,
            given_name=row.given_name,
            patronymic=row.patronymic,
            born_on=row.born_on,
            class_label=row.from_.class_label,
            left_on=asked.order.effective_on,
            to=asked.to,
            order=asked.order.pk,
            order_number=asked.order.number,
            order_date=asked.order.issued_on,
            asked=asked.pk,
        )

    def conflicts(self, order: Order, rows: Sequence[ReleaseRow]) -> list[Conflict]:
        """Whom nobody asks about any more; what is asked is held."""
        asked = {one.pk: one for one in asking.held(row.asked for row in rows)}
        found = []
        for row in rows:
            one = asked.get(row.asked)
            if one is None or one.task.state == "CALLED_OFF":
                found.append(Conflict(row.no, row.full_name, "переведення скасовано"))
            elif one.done_by_id is not None:
                found.append(Conflict(row.no, row.full_name, "наказ про цю дитину вже видано"))
        return found

    def effect(self, order: Order, rows: Sequence[ReleaseRow]) -> None:
        """What was asked is answered; no enrolment changes."""
        asking.answered(order, [row.asked for row in rows])

    def events(self, order: Order, rows: Sequence[ReleaseRow]) -> Iterable[Event]:
        """One departure documented per child."""
        return (
            PupilReleased(
                subject=row.pupil,
                unit=order.institution_id,
                order=order.pk,
                transfer=row.order,
                left_on=row.left_on,
            )
            for row in rows
        )

    def undone(self, order: Order, row: ReleaseRow) -> str:
        """The transfer stays as it is; its order is asked for again."""
        return f"наказ про відрахування з {dates.show(row.left_on)}: переведення лишається чинним"

    def undone_beside(self, order: Order, rows: Sequence[ReleaseRow]) -> Sequence[str]:
        """What it answered is asked again."""
        return ("Запит закладу, що прийняв дітей, знову чекатиме на ваш наказ.",)

    def stands_on(self, order: Order, rows: Sequence[ReleaseRow]) -> list[Conflict]:
        """Nothing stands on a paper."""
        return []

    def annul(self, order: Order, by: Order, rows: Sequence[ReleaseRow]) -> None:
        """What it answered is asked again."""
        asking.asked_again(order)


PROCESS = Release()

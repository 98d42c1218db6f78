"""Certificates of study as a table: children chosen or named, checked, each becoming a paper."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence

from accounts.actors import Actor
from kernel.clock import Moment
from kernel.tables import dates
from kernel.tables.cells import common, tidy
from kernel.tables.findings import Problem, error
from registry.certificates import policies
from registry.drafts.models import Draft, DraftRow
from registry.movements import roster
from registry.movements.facts import children
from registry.movements.movement import Movement
from registry.process import Chosen, Column, Compared, Counted, NamedRow, Read

LONGEST = 200
_OWN = (
    Column(
        "recipient",
        "Куди подають",
        hint="Порожнє — за місцем вимоги",
        width="w8",
    ),
    Column("purpose", "Для чого", hint="Для оформлення соціальної допомоги", width="w8"),
    Column("valid_until", "Дійсна до", hint="Останній день дії; порожнє — безстроково", width="w3"),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A row every rule agreed with: the child, and what its certificate is for."""

    child: children.Child
    recipient: str
    purpose: str
    valid_until: datetime.date | None


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """Whom the rows are about, and the day."""

    children: children.Children
    today: datetime.date


class Certify(Movement[NamedRow, Asked]):
    """«Довідки про навчання»: rows become certificates under one signature, and change nothing."""

    code = "certificates"
    name = "Довідки про навчання"
    about = "довідки про навчання"
    verb = "видано довідки"
    order = 90
    icon = "file"
    columns = (*children.COLUMNS, *_OWN)
    identity = children.IDENTITY
    source = Chosen(
        headings=roster.HEADINGS,
        of_pupils=True,
        lines=roster.lines,
        pick=roster.pick,
        groups=roster.groups,
    )
    also = children.table(
        _OWN,
        {
            "recipient": "куди|кому|отримувач|місце подання",
            "purpose": "мета|призначення|для чого",
            "valid_until": "дійсна до|строк дії|термін дії",
        },
        frozenset(),
    )
    row = NamedRow
    rows_are = Counted("Довідки", "Довідка", "довідка,довідки,довідок", "довідку,довідки,довідок")
    keep = policies.keep
    sign = policies.sign
    see = policies.see
    finish = "certificate_take"
    finish_step = "Підпис"
    into = "до довідок на підпис"
    unfinished = "Довідку ще не видано."

    def onward(self, ready: int) -> str:
        """What the button after the table says."""
        return f"Далі: {self.rows_are.counted(ready)}"

    def usual_day(self, today: datetime.date, first: datetime.date) -> datetime.date:
        """Today."""
        return today

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> Frame:
        """The children of the rows."""
        return Frame(children.children_of(draft), moment.today)

    def read(self, row: DraftRow, frame: Frame) -> Read:
        """The child learns here in a class; what the paper is for is short text and a day to come."""
        child = frame.children.of_row.get(row.id)
        if child is None:
            wrong = frame.children.wrong.get(row.id)
            gone = error("pupil", "not_here", "Ця дитина вже не навчається у закладі.")
            return Read((wrong or gone,), keys=(f"row:{row.id}",))
        problems: list[Problem] = []
        if not child.class_label:
            problems.append(error("pupil", "no_class", "Дитину не розподілено до класу."))
        recipient, purpose = (_text(row, name, problems) for name in ("recipient", "purpose"))
        until = dates.parse("valid_until", row.values.get("valid_until", ""), required=False)
        problems += until.problems
        if until.value is not None and until.value < frame.today:
            problems.append(error("valid_until", "past", "Цей день уже минув."))
        born = dates.parse("born_on", row.values.get("born_on", ""), required=False).value
        if born is not None and born != child.pupil.born_on:
            said = "У дитини з таким номером інша дата народження."
            shown = dates.show(child.pupil.born_on)
            problems.append(error("born_on", "other_date", said, shown))
        clean = None if problems else Asked(child, recipient, purpose, until.value)
        label = child.class_label
        return Read(
            tuple(problems),
            clean,
            keys=(f"certificate:{child.pupil.pk}:{recipient}:{purpose}",),
            looked_for=child.pupil.pk,
            stands={"class": label} if label and not row.values.get("class") else {},
        )

    def judge(
        self,
        rows: Sequence[DraftRow],
        reads: Sequence[Read],
        frame: Frame,
        first_with: Mapping[str, int],
    ) -> list[Compared]:
        """A child has no two certificates alike of one table."""
        judged = []
        for row, read in zip(rows, reads, strict=True):
            first = first_with.get(read.keys[0], row.position)
            twice = error("pupil", "twice", f"Така сама довідка цієї дитини вже є в рядку {first}.")
            judged.append(
                Compared([twice.as_json()] if first < row.position else (), read.looked_for)
            )
        return judged


def _text(row: DraftRow, name: str, problems: list[Problem]) -> str:
    text = row.values.get(name, "")
    if found := common(name, text):
        problems.append(found)
        return ""
    value = tidy(text)
    if len(value) > LONGEST:
        problems.append(error(name, "long", f"Не більше {LONGEST} знаків."))
    return value


PROCESS = Certify()

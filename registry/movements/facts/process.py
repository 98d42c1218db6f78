"""The base of kinds that write what is so of children (handbook D.2; design §1.3).

A kind says which facts there are (`facts`), what stands now (`standing`), how a row is read over it
(`over`), and writes whole sets. From that come the table with what changes shown beside each cell,
one signature, the check that the register is still as it was shown, and the way back.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from accounts.actors import Actor
from kernel.clock import Moment
from kernel.tables import dates
from kernel.tables.findings import Problem, error
from registry.drafts.models import Draft, DraftRow
from registry.movements import roster
from registry.movements.facts import children
from registry.movements.facts.signed import FactRow
from registry.movements.movement import Movement
from registry.orders.models import Order
from registry.people.models.pupils import Pupil
from registry.people.selectors.reach import standing_for
from registry.people.services.holding import hold
from registry.process import Chosen, Column, Compared, Conflict, Read, Verdict

Facts_ = Mapping[str, str]  # facts by their names, as the register holds them


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """What the rules must know beside the rows."""

    children: children.Children
    standing: Mapping[tuple[uuid.UUID, str], Any]
    day: datetime.date
    today: datetime.date
    more: Any = None


@dataclasses.dataclass(frozen=True, slots=True)
class Clean:
    """A row that every rule agreed with: whose it is, and the facts before and after."""

    child: children.Child
    key: str
    was: Facts_
    now: Facts_


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """What a row says over what stands: problems, facts before and after, and words of what stands
    by column."""

    problems: Sequence[Problem]
    was: Facts_
    now: Facts_
    stands: Facts_


class Facts(Movement[FactRow, Clean]):
    """What all of them share: children chosen or named in a table, blank cells change nothing."""

    row: ClassVar[type[FactRow]]
    own: ClassVar[Sequence[Column]]  # the kind's columns, after those that say which child
    facts: ClassVar[Mapping[str, str]]  # names of facts and their words
    identity = children.IDENTITY
    source = Chosen(
        headings=roster.HEADINGS,
        of_pupils=True,
        lines=roster.lines,
        pick=roster.pick,
        groups=roster.groups,
    )
    effective_label = "Діє з"
    effective_hint = "Для рядків, де не вказано іншого дня, дд.мм.рррр"
    icon = "pen"
    default_ground = "подані документи"

    # ── what a kind says
    def key_of(self, row: DraftRow, child: children.Child, frame: Frame) -> str:
        """Which of several facts of the child the row is about; empty where there is one."""
        return ""

    def standing(
        self, pupils: Iterable[uuid.UUID], day: datetime.date
    ) -> Mapping[tuple[uuid.UUID, str], Any]:
        """What stands of these children, by child and key; one query or two."""
        raise NotImplementedError

    def facts_of(self, stands: Any) -> dict[str, str]:
        """What stands, as signed rows say it; of nothing, nothing."""
        raise NotImplementedError

    def over(self, values: Mapping[str, str], key: str, stands: Any, frame: Frame) -> Told:
        """Read the cells of a row over what stands."""
        raise NotImplementedError

    def more(self, draft: Draft, pupils: Iterable[uuid.UUID], day: datetime.date) -> Any:
        """What else the rules of the kind must know; read once."""
        return None

    def words(self, fact: str, value: str) -> str:
        """A fact as people read it."""
        return value

    # ── the draft
    def usual_day(self, today: datetime.date, first: datetime.date) -> datetime.date:
        """What is written is so from today, unless told."""
        return today

    def frame(self, draft: Draft, actor: Actor, moment: Moment) -> Frame:
        """Whom the rows are about and what stands of them."""
        day = children.day_of(draft.terms.get("effective_on") or "", moment.today)
        found = children.children_of(draft)
        ids = {child.pupil.pk for child in found.of_row.values()}
        return Frame(found, self.standing(ids, day), day, moment.today, self.more(draft, ids, day))

    def read(self, row: DraftRow, frame: Frame) -> Read:
        """The child is one of the institution's; what is typed over what stands changes it."""
        child = frame.children.of_row.get(row.id)
        if child is None:
            wrong = frame.children.wrong.get(row.id)
            gone = error("pupil", "not_here", "Ця дитина вже не навчається у закладі.")
            return Read((wrong or gone,), keys=(f"row:{row.id}",))
        key = self.key_of(row, child, frame)
        stands = frame.standing.get((child.pupil.pk, key))
        told = self.over(row.values, key, stands, frame)
        problems = [*told.problems, *self._mistyped(row, child)]
        wrong_ = any(one.level == "error" for one in problems)
        if not wrong_ and told.now == told.was:
            what = "Так уже записано: рядок нічого не змінює."
            if not any(row.values.get(column.name) for column in self.own):
                what = "Заповніть те, що змінюється: порожні клітинки нічого не змінюють."
            problems.append(error(self.own[0].name, "nothing_new", what))
            wrong_ = True
        clean = None if wrong_ else Clean(child, key, told.was, told.now)
        shown = {"class": child.class_label} if not row.values.get("class") else {}
        return Read(
            tuple(problems),
            clean,
            keys=(f"pupil:{child.pupil.pk}:{key}",),
            looked_for=child.pupil.pk,
            stands={**shown, **{name: value for name, value in told.stands.items() if value}},
        )

    def _mistyped(self, row: DraftRow, child: children.Child) -> list[Problem]:
        """A number found the child, and the date of birth beside it is another's."""
        typed = dates.parse("born_on", row.values.get("born_on", ""), required=False).value
        if typed is None or typed == child.pupil.born_on:
            return []
        said = "У дитини з таким номером інша дата народження."
        return [error("born_on", "other_date", said, dates.show(child.pupil.born_on))]

    def judge(
        self,
        rows: Sequence[DraftRow],
        reads: Sequence[Read],
        frame: Frame,
        first_with: Mapping[str, int],
    ) -> list[Compared]:
        """The same fact of one child is told once."""
        judged = []
        for row, read in zip(rows, reads, strict=True):
            first = first_with.get(read.keys[0], row.position)
            twice = error("pupil", "twice", f"Про це вже сказано в рядку {first}.")
            judged.append(
                Compared([twice.as_json()] if first < row.position else (), read.looked_for)
            )
        return judged

    # ── the order
    def signed(self, number: int, verdict: Verdict) -> FactRow:
        """What the bytes say of one child."""
        clean: Clean = verdict.clean
        pupil = clean.child.pupil
        return self.row(
            no=number,
            pupil=pupil.pk,
            surname=pupil.surname,
            given_name=pupil.given_name,
            patronymic=pupil.patronymic,
            born_on=pupil.born_on,
            class_label=clean.child.class_label,
            key=clean.key,
            was=clean.was,
            now=clean.now,
        )

    @property
    def columns_of_paper(self) -> tuple[tuple[str, Any], ...]:
        """Class, and what changes from what."""
        return (*self.told, ("Клас", lambda row: row.class_label), ("Зміни", self.changes_of))

    def changes_of(self, row: FactRow) -> str:
        """«рівень підтримки: 2 → 3; діє з: 01.12.2026»."""
        said = []
        for name, label in self.facts.items():
            was, now = row.was.get(name, ""), row.now.get(name, "")
            if was == now:
                continue
            before, after = (self.words(name, one) if one else "" for one in (was, now))
            change = f"{before} → {after or '—'}" if before else after
            said.append(f"{label.lower()}: {change}")
        named = self.named(row)
        return f"{named}: {'; '.join(said)}" if named else "; ".join(said)

    def named(self, row: FactRow) -> str:
        """Which of several facts of the child it is, in words."""
        return ""

    def conflicts(self, order: Order, rows: Sequence[FactRow]) -> list[Conflict]:
        """Children who left or are named otherwise, and facts that are no longer as they were shown;
        the profiles are held."""
        hold(row.pupil for row in rows)
        here = Pupil.objects.filter(institution_id=order.institution_id).in_bulk(
            {row.pupil for row in rows}
        )
        now = self.standing(here, order.effective_on)
        found = []
        for row in rows:
            pupil = here.get(row.pupil)
            stands = now.get((row.pupil, row.key))
            if pupil is None:
                what = "вже не навчається у закладі"
            elif (pupil.full_name, pupil.born_on) != (row.full_name, row.born_on):
                what = "у профілі змінено імʼя або дату народження"
            elif self.facts_of(stands) != row.was:
                what = "відомості тим часом змінено"
            else:
                continue
            found.append(Conflict(row.no, row.full_name, what))
        return found

    def undone(self, order: Order, row: FactRow) -> str:
        """What it becomes again, from new to old. Of what tells of health neutrally: counter-orders
        are read by more people than those orders."""
        if self.see is not Movement.see:
            return f"записане наказом № {order.number}: знову так, як було до нього"
        back = msgspec.structs.replace(row, was=row.now, now=row.was)
        return self.changes_of(back)

    def stands_on(self, order: Order, rows: Sequence[FactRow]) -> list[Conflict]:
        """Facts that are no longer as the order wrote them; the profiles are held."""
        hold(row.pupil for row in rows)
        who = standing_for(row.pupil for row in rows)
        now = self.standing_after(order, rows, who)
        return [
            Conflict(row.no, row.full_name, "після наказу відомості змінено ще раз")
            for row in rows
            if now.get((who[row.pupil], row.key), {}) != row.now
        ]

    def standing_after(
        self, order: Order, rows: Sequence[FactRow], who: Mapping[uuid.UUID, uuid.UUID]
    ) -> Mapping[tuple[uuid.UUID, str], Facts_]:
        """What the order wrote, as it stands now."""
        found = self.standing(who.values(), order.effective_on)
        return {key: self.facts_of(stands) for key, stands in found.items()}

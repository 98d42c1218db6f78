"""What passes where when an institution is reorganised: computed from the register, kept nowhere.

A class passes with its children to a successor, where it is opened anew or joins a class of the same
grade; a post passes with its load. The order holds all of it in its signed bytes.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from kernel.text import alike
from registry.classes.models import ClassGroup
from registry.enrolments.models import ClassPlacement, Enrolment
from registry.fields.labels import label
from registry.institutions import ports
from registry.institutions.models.institutions import Institution
from registry.staff.models.posts import Post, lasting

WAYS = {
    "JOIN": "приєднання",
    "MERGE": "злиття",
    "SPLIT": "поділ",
    "SPIN": "виділ",
}
# A part passes to a new institution and the old one lives on (ЦК, ст. 109); the others end it.
SPIN = "SPIN"
STAYS = "S"
_LETTERS = "АБВГДЕЄЖЗИІКЛМНОПРСТУФХЦЧШЩЮЯ"


class Passing(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where one class passes, as it is signed: to a class that is there, or (`to` 0) to one that the
    order opens as it was here."""

    of: int
    label: str
    at: int  # the compact id of the successor
    to: int = 0
    to_label: str = ""
    grade: int = 0
    letter: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One class of the institution: how many learn there, where it passes, what else may be chosen."""

    group: ClassGroup
    pupils: int
    passing: Passing
    choices: tuple[tuple[str, str], ...]
    problem: str = ""

    @property
    def field(self) -> str:
        """The name of its choice in the form."""
        return f"class-{self.group.pk}"

    @property
    def stays(self) -> bool:
        """Whether the class stays where it is: only of a spin-off."""
        return self.passing.to == self.group.pk

    @property
    def chosen(self) -> str:
        """Its choice, as `choices` say it."""
        if self.stays:
            return STAYS
        return f"C{self.passing.to}" if self.passing.to else f"N{self.passing.at}"


@dataclasses.dataclass(frozen=True, slots=True)
class Learner:
    """One enrolment that passes, with the class that its child is in on the day."""

    enrolment: Enrolment
    from_class: str
    passing: Passing | None


@dataclasses.dataclass(frozen=True, slots=True)
class Worker:
    """One post that passes, and to whom."""

    post: Post
    at: int

    @property
    def passes(self) -> bool:
        """Whether it goes to another institution; of a spin-off some stay."""
        return self.at != self.post.institution_id

    @property
    def field(self) -> str:
        """The name of its choice in the form."""
        return f"post-{self.post.pk}"


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """Everything that passes, and what stands in the way."""

    source: Institution
    successors: Sequence[Institution]
    lines: Sequence[Line]
    learners: Sequence[Learner]
    workers: Sequence[Worker]
    problems: Sequence[str]

    @property
    def passing(self) -> list[Learner | Worker]:
        """Whoever passes, children first."""
        return [*self.learners, *(one for one in self.workers if one.passes)]

    @property
    def names(self) -> dict[int, str]:
        """Successors' names by their compact ids."""
        return {one.unit_id: one.short_name for one in self.successors}


def learning(institution_id: int, day: datetime.date) -> list[Enrolment]:
    """Enrolments of an institution that have not ended by a day, those to come among them, by name."""
    rows = Enrolment.objects.filter(institution_id=institution_id, voided_by=None)
    rows = rows.filter(lasting(day)).select_related("pupil")
    return list(rows.order_by("pupil__sort_key", "id"))


def places(enrolments: Sequence[Enrolment], day: datetime.date) -> list[ClassPlacement]:
    """Places of these enrolments that have not ended by a day, the nearest first."""
    rows = ClassPlacement.objects.filter(enrolment__in=[one.pk for one in enrolments])
    rows = rows.filter(lasting(day), voided_by=None)
    return list(rows.order_by("enrolment_id", "starts_on"))


def compute(
    source: Institution,
    successors: Sequence[Institution],
    choices: Mapping[str, str],
    day: datetime.date,
    way: str,
) -> Plan:
    """The plan of passing an institution to its successors from a day; some queries, whatever the
    number of children. `choices` are what was chosen otherwise, by `field`."""
    learners = learning(source.pk, day)
    standing = places(learners, day)
    first: dict[int, ClassPlacement] = {}
    for one in standing:
        first.setdefault(one.enrolment_id, one)
    groups = {
        one.pk: one
        for one in ClassGroup.objects.filter(pk__in={place.class_group_id for place in standing})
    }
    there = list(
        ClassGroup.objects.filter(
            institution__in=[one.pk for one in successors],
            school_year__in={one.school_year_id for one in groups.values()},
            closed_on=None,
        )
    )
    lines = _lines(groups, Counter(p.class_group_id for p in first.values()), successors, there, choices, source if way == SPIN else None)  # fmt: skip
    passing = {line.group.pk: line.passing for line in lines}
    problems = [f"Клас {line.group.label}: {line.problem}" for line in lines if line.problem]
    apart = {
        one.enrolment_id
        for one in standing
        if passing[one.class_group_id].at != passing[first[one.enrolment_id].class_group_id].at
    }
    if apart:
        problems.append(
            f"Дітей, чий нинішній клас і клас, до якого їх уже переводять, ідуть до різних "
            f"правонаступників: {len(apart)}. Назвіть цим класам одного правонаступника"
        )
    workers = _workers(source, successors, lines, choices, day, way)
    if way == SPIN:
        stay = {line.group.pk for line in lines if line.stays}
        learners = [one for one in learners if one.pk in first and first[one.pk].class_group_id not in stay]  # fmt: skip
        leads = {line.group.teacher_id: line.group.label for line in lines if line.stays}
        problems += [
            f"{one.post.employee.full_name}: класний керівник {leads[one.post.pk]}, а клас лишається"
            for one in workers
            if one.passes and one.post.pk in leads
        ]
        if not learners and not any(one.passes for one in workers):
            problems.append("Виберіть, які класи або працівники переходять до нового закладу")
        return Plan(
            source,
            successors,
            lines,
            _learners(learners, first, groups, passing),
            workers,
            problems,
        )
    if not learners and not workers:
        problems.append("У закладі нікого немає: передавати нікого, його можна ліквідувати")
    if waiting := ports.applying_to(source.pk):
        problems.append(f"Спершу завершіть прийом до першого класу: заяв {waiting}")
    if len(successors) > 1 and source.branches.exclude(status="LIQUIDATED").exists():
        problems.append("Спершу визначте, чиїми стають філії: при поділі вони не переходять самі")
    return Plan(
        source,
        successors,
        lines,
        _learners(learners, first, groups, passing),
        workers,
        problems,
    )


def _learners(
    rows: Sequence[Enrolment],
    first: Mapping[int, ClassPlacement],
    groups: Mapping[int, ClassGroup],
    passing: Mapping[int, Passing],
) -> list[Learner]:
    return [
        Learner(
            one,
            groups[place.class_group_id].label if (place := first.get(one.pk)) else "",
            passing[place.class_group_id] if place else None,
        )
        for one in rows
    ]


def _lines(
    groups: Mapping[int, ClassGroup],
    pupils: Mapping[int, int],
    successors: Sequence[Institution],
    there: Sequence[ClassGroup],
    choices: Mapping[str, str],
    stays_at: Institution | None,
) -> list[Line]:
    taken = {
        (one.institution_id, one.school_year_id, one.grade, alike(one.letter)) for one in there
    }
    ids = {one.unit_id for one in successors}
    many = len(successors) > 1
    found = []
    for group in sorted(groups.values(), key=lambda one: (one.grade, one.letter, one.pk)):
        alikes = [
            one
            for one in there
            if (one.grade, one.school_year_id) == (group.grade, group.school_year_id)
        ]
        offered = [
            (f"N{one.unit_id}", f"Новий клас: {one.short_name}" if many else "Новий клас")
            for one in successors
        ]
        names = {one.unit_id: one.short_name for one in successors}
        offered += [
            (f"C{one.pk}", f"{one.label}: {names[one.institution_id]}" if many else one.label)
            for one in alikes
        ]
        if stays_at is not None:
            offered.insert(0, (STAYS, "Лишається"))
        wanted = choices.get(f"class-{group.pk}") or offered[0][0]
        problem = ""
        if wanted not in dict(offered):
            wanted, problem = offered[0][0], "виберіть, куди він переходить"
        if stays_at is not None and wanted == STAYS:
            stays = Passing(group.pk, group.label, stays_at.unit_id, group.pk, group.label)
            found.append(Line(group, pupils.get(group.pk, 0), stays, tuple(offered), problem))
            continue
        number = int(wanted[1:])
        if wanted[0] == "C":
            joins = next(one for one in alikes if one.pk == number)
            passing = Passing(group.pk, group.label, joins.institution_id, joins.pk, joins.label)
        else:
            letter = _free(group, number, taken)
            taken.add((number, group.school_year_id, group.grade, alike(letter)))
            name = label(group.grade, letter)
            passing = Passing(group.pk, group.label, number, 0, name, group.grade, letter)
        if passing.at not in ids:
            problem = "виберіть, куди він переходить"
        found.append(Line(group, pupils.get(group.pk, 0), passing, tuple(offered), problem))
    return found


def _free(group: ClassGroup, at: int, taken: set[tuple[int, str, int, str]]) -> str:
    """The letter of the class, or the next one that no class of that grade has there."""
    for letter in (group.letter, *_LETTERS):
        if (at, group.school_year_id, group.grade, alike(letter)) not in taken:
            return letter
    return f"{group.letter}{group.pk}"[:8]


def _workers(
    source: Institution,
    successors: Sequence[Institution],
    lines: Sequence[Line],
    choices: Mapping[str, str],
    day: datetime.date,
    way: str,
) -> list[Worker]:
    led = {line.group.teacher_id: line.passing.at for line in lines if line.group.teacher_id}
    ids = {str(one.unit_id): one.unit_id for one in successors}
    usual = successors[0].pk
    if way == SPIN:
        ids[str(source.pk)] = usual = source.pk
    posts = Post.objects.filter(lasting(day), institution=source.pk).select_related("employee")
    return [
        Worker(post, ids.get(choices.get(f"post-{post.pk}", ""), led.get(post.pk, usual)))
        for post in posts.order_by("sort_key", "id")
    ]


def told(plan: Plan) -> str:
    """Where the classes pass, for the signed terms."""
    return msgspec.json.encode([line.passing for line in plan.lines if not line.stays]).decode()


_PASSINGS = msgspec.json.Decoder(list[Passing])


def read(said: str) -> dict[int, Passing]:
    """The same read back, by the class that passes."""
    return {one.of: one for one in _PASSINGS.decode(said)}


def uid_of(value: str) -> uuid.UUID | None:
    """A public id as typed, or None."""
    try:
        return uuid.UUID(value)
    except ValueError:
        return None

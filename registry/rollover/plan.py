"""The plan of the coming year, computed: what becomes of each class and of each child, and why not.

Asks no database: `selectors.plan_of` hands it what the register and the head's decisions say. Every
child of the year is in exactly one of the results of `Plan.children`; who goes nowhere is told why.

Sources: handbook D.6 (promotion by наказ МОН 762; withdrawal by ground 1 of наказ МОН 367, розд. IV),
D.1 (which grades a type of institution teaches), D.4.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from kernel.text import alike, plural, sort_key, years
from registry.classes import selectors as class_reads
from registry.classes.models import ClassGroup
from registry.fields.labels import label

# Who may study a grade once more, by the date of the order: grades 1–2 by наказ МОН 762 (розд. I),
# grades 1–10 while the martial law lasts (handbook D.6); always at a parent's written request.
REPEATED: Sequence[tuple[datetime.date, int, int]] = (
    (datetime.date(2015, 7, 30), 1, 2),
    (datetime.date(2022, 2, 24), 1, 10),
)
# The last grade of complete secondary education: twelve years by Law 463-IX; those who began before
# 2018 end after eleven (прикінцеві положення). Whoever has a twelfth class teaches twelve.
_LAST = 11


def may_repeat(grade: int, day: datetime.date) -> bool:
    """Whether a child of a grade may be left for the same course by an order of a day."""
    low, high = next(
        ((low, high) for since, low, high in reversed(REPEATED) if since <= day), (1, 0)
    )
    return low <= grade <= high


def repeated_grades(day: datetime.date) -> str:
    """«1–10»."""
    found = next((one for one in reversed(REPEATED) if one[0] <= day), REPEATED[0])
    return f"{found[1]}–{found[2]}"


@dataclasses.dataclass(frozen=True, slots=True)
class Class:
    """A class: of this year, or as it is to be in the coming one."""

    grade: int
    letter: str
    form: str = "FULL_TIME"
    type: str = "GENERAL"
    language: str = "uk"
    shift: int = 1
    profile: str = ""
    capacity: int | None = None
    teacher: uuid.UUID | None = None
    teacher_name: str = ""
    teacher_until: datetime.date | None = None
    id: int = 0  # 0: no such class yet
    uid: uuid.UUID | None = None

    @property
    def label(self) -> str:
        """«5-А»."""
        return label(self.grade, self.letter)

    @property
    def name(self) -> tuple[int, str]:
        """What makes two classes of one year one."""
        return self.grade, alike(self.letter)


@dataclasses.dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided of a class; `source` is the id of a class of this year, None for a new
    one; `key` is the row's."""

    key: int
    source: int | None
    act: str
    to: Class
    version: int


@dataclasses.dataclass(frozen=True, slots=True)
class Own:
    """What a person decided of a child."""

    act: str
    letter: str = ""
    reason: str = ""
    document: str = ""
    name: str = ""  # as the child is called, when it is here no more


@dataclasses.dataclass(frozen=True, slots=True)
class Child:
    """A child who learns at the institution: its last place, and the order that waits for it."""

    id: uuid.UUID
    surname: str
    given_name: str
    patronymic: str
    born_on: datetime.date
    class_id: int
    class_label: str
    year: str
    form: str
    since: datetime.date
    waiting: str = ""

    @property
    def full_name(self) -> str:
        """Surname, name and patronymic."""
        return " ".join(p for p in (self.surname, self.given_name, self.patronymic) if p)

    @property
    def named(self) -> str:
        """«Іваненко Іван, 5-А»: as problems name a child."""
        return f"{self.full_name}, {self.class_label}"


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """A problem or a remark: its weight, what it is about and where it is mended."""

    level: str  # error, warning, note
    about: str
    text: str
    group: uuid.UUID | None = None  # the class of this year whose page mends it


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a child: promote, repeat or leave, or "" with the reason why nothing does."""

    child: Child
    act: str
    target: Class | None = None
    form: str = ""
    reason: str = ""
    document: str = ""
    why: str = ""
    is_own: bool = False  # a person decided of this very child
    leaves_on: datetime.date | None = None  # said by the order's terms


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A class of this year and what becomes of it."""

    source: Class
    act: str
    target: Class | None
    before: int
    stays: int
    problems: tuple[Said, ...]
    version: int
    is_decided: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Coming:
    """A class of the coming year: of whom it is made and how many will be there."""

    target: Class
    sources: tuple[str, ...]
    after: int
    hint: str
    is_new: bool  # the order opens it
    key: int | None  # of the row that plans it, when a person added it


@dataclasses.dataclass(frozen=True)
class Plan:
    """The plan of one institution."""

    year: str
    to_year: str
    lines: list[Line]
    coming: list[Coming]
    children: list[Outcome]
    problems: list[Said]

    @property
    def errors(self) -> list[Said]:
        """What keeps the order from being formed."""
        return [one for one in self.problems if one.level == "error"]

    @property
    def counts(self) -> dict[str, int]:
        """Children by what becomes of them, classes and problems."""
        acts = Counter(one.act or "stay" for one in self.children)
        return {
            "pupils": len(self.children),
            **{act: acts[act] for act in ("promote", "repeat", "leave", "stay")},
            "classes": len(self.coming),
            "opens": sum(one.is_new for one in self.coming),
            "errors": len(self.errors),
            "warnings": sum(one.level == "warning" for one in self.problems),
        }

    def of_class(self, class_id: int) -> list[Outcome]:
        """Children of a class of this year."""
        return [one for one in self.children if one.child.class_id == class_id]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Facts:
    """What the register and the people say."""

    year: str
    to_year: str
    first_day: datetime.date
    today: datetime.date
    last_grade: int  # by the type of the institution
    classes: Sequence[Class]
    there: Sequence[Class]  # open classes of the coming year
    children: Sequence[Child]
    decided: Sequence[Decided] = ()
    exceptions: Mapping[uuid.UUID, Own] = dataclasses.field(default_factory=dict)


def usual_act(source: Class, facts: Facts, *, filled: bool = True) -> str:
    """What becomes of a class unless a person says otherwise; one without children ends."""
    if not filled:
        return "CLOSE"
    longest = max((one.grade for one in facts.classes), default=0)
    if source.grade > _LAST or (source.grade == _LAST and longest <= _LAST):
        return "GRADUATE"
    return "STAY" if source.grade >= facts.last_grade else "CARRY"


def carried(source: Class, facts: Facts, to: Class | None = None) -> Class:
    """The class of the coming year that a class becomes: same letter and teacher, a grade up."""
    made = to or dataclasses.replace(source, grade=source.grade + 1)
    until = made.teacher_until
    if until is not None and until <= facts.first_day:  # the post ends before the year begins
        made = dataclasses.replace(made, teacher=None, teacher_name="", teacher_until=None)
    return dataclasses.replace(made, grade=source.grade + 1, id=0, uid=None)


def compute(facts: Facts) -> Plan:
    """The plan of facts; equal facts give equal plans."""
    return _Making(facts).plan()


class _Making:
    def __init__(self, facts: Facts):
        self.facts = facts
        self.problems: list[Said] = []
        self.by_source = {one.source: one for one in facts.decided if one.source is not None}
        self.there = {one.name: one for one in facts.there}
        self.targets: dict[tuple[int, str], Class] = {}
        self.sources = {one.id: one for one in facts.classes}
        self.filled = {one.class_id for one in facts.children}
        self.keys: dict[tuple[int, str], int] = {}
        self.of_class: dict[int, tuple[str, Class | None]] = {}
        self.said_of: dict[int, list[Said]] = {}

    def plan(self) -> Plan:
        facts = self.facts
        sources = sorted(facts.classes, key=lambda one: (one.grade, sort_key(one.letter)))
        for new in facts.decided:
            if new.source is None:
                self._open(new.to, key=new.key)
        for source in sources:
            self._carry(source)
        for source in sources:
            self._join(source)
        for already in facts.there:
            self.targets.setdefault(already.name, already)
        children = [self._child(one) for one in facts.children]
        self._gone()
        return Plan(
            facts.year,
            facts.to_year,
            self._lines(sources, children),
            self._coming(children),
            children,
            self.problems,
        )

    # ── classes
    def _open(self, to: Class, *, key: int | None = None, of: Class | None = None) -> None:
        """A class of the coming year; what is open there already stands as it is."""
        name = to.name
        if name in self.targets and of is not None:
            self._say(
                "error",
                of,
                f"До {to.label} вже переходить інший клас: приєднайте до нього або змініть літеру.",
            )
            return
        self.targets[name] = self.there.get(name, to)
        if key is not None:
            self.keys[name] = key

    def _carry(self, source: Class) -> None:
        facts, decided = self.facts, self.by_source.get(source.id)
        act = decided.act if decided else usual_act(source, facts, filled=source.id in self.filled)
        target = None
        if act == "CARRY":
            target = carried(source, facts, decided.to if decided else None)
            lost = (decided.to if decided else source).teacher_name
            if lost and not target.teacher:
                self._say(
                    "warning",
                    source,
                    f"{lost} не працюватиме на початок року: класного керівника немає.",
                )
            self._open(target, of=source)
            target = self.targets[target.name]
        elif act == "STAY":
            why = (
                "Закінчує навчання в закладі: дітей відраховують за переведенням або зарахуванням до "
                "іншого закладу, за документом кожної дитини."
            )
            self._say("note", source, why)
        self.of_class[source.id] = (act, target)

    def _join(self, source: Class) -> None:
        act, _ = self.of_class[source.id]
        if act != "JOIN":
            return
        decided = self.by_source[source.id]
        wanted = (source.grade + 1, alike(decided.to.letter))
        target = self.targets.get(wanted) or self.there.get(wanted)
        if target is None:
            name = label(source.grade + 1, decided.to.letter)
            self._say("error", source, f"Класу {name}, до якого приєднують, у плані немає.")
        self.of_class[source.id] = (act, target)

    # ── children
    def _child(self, child: Child) -> Outcome:
        facts = self.facts
        own = facts.exceptions.get(child.id)
        if child.year >= facts.to_year:
            why = f"уже має місце в класі {child.class_label} з {child.since:%d.%m.%Y}"
            return Outcome(child, "", why=why)
        known = self.of_class.get(child.class_id)
        if child.year < facts.year or known is None:
            why = f"клас {child.class_label} — {years(child.year)} навчального року"
            self._say_of(child, "warning", f"{why}: спершу переведіть дитину до класу цього року.")
            return Outcome(child, "", why=why)
        if child.waiting:
            self._say_of(
                child,
                "error",
                f"Про дитину чекає на підпис наказ № {child.waiting}: підпишіть його або поверніть.",
            )
        act, target = known
        source = self.sources[child.class_id]
        if own is not None:
            return self._exception(child, own, source)
        if act in ("CARRY", "JOIN"):
            if target is None:
                return Outcome(child, "", why="немає класу, до якого переходить")
            return Outcome(child, "promote", target, _form(child, source, target))
        if act == "GRADUATE":
            return Outcome(child, "leave", reason="COMPLETED")
        if act == "CLOSE":
            return Outcome(child, "", why="клас закривають, а іншого класу не вказано")
        return Outcome(child, "", why="закінчує навчання в закладі, документа про вибуття ще немає")

    def _exception(self, child: Child, own: Own, source: Class) -> Outcome:
        if own.act == "STAY":
            return Outcome(
                child, "", why=own.document or "не переводиться за рішенням", is_own=True
            )
        if own.act == "LEAVE":
            if not own.document:
                self._say_of(
                    child, "error", "Немає документа, що підтверджує підставу відрахування."
                )
            return Outcome(child, "leave", reason=own.reason, document=own.document, is_own=True)
        repeats = own.act == "REPEAT"
        grade = source.grade if repeats else source.grade + 1
        if repeats and not may_repeat(source.grade, self.facts.today):
            grades = repeated_grades(self.facts.today)
            self._say_of(child, "error", f"На повторний курс залишають лише в {grades} класах.")
        if repeats and not own.document:
            self._say_of(
                child, "error", "На повторний курс залишають за заявою батьків: вкажіть її дату."
            )
        wanted = (grade, alike(own.letter))
        target = self.targets.get(wanted)
        act = "repeat" if repeats else "promote"
        if target is None:
            self._say_of(
                child, "error", f"Класу {label(grade, own.letter)} у плані немає: виберіть інший."
            )
            return Outcome(child, "", why="немає класу, до якого переходить", is_own=True)
        return Outcome(
            child, act, target, _form(child, source, target), document=own.document, is_own=True
        )

    def _gone(self) -> None:
        here = {one.id for one in self.facts.children}
        for pupil, own in self.facts.exceptions.items():
            if pupil not in here:
                self.problems.append(
                    Said(
                        "warning",
                        own.name,
                        "Дитина вже не навчається в закладі: її рішення не діє.",
                    )
                )

    # ── results
    def _lines(self, sources: Sequence[Class], children: Sequence[Outcome]) -> list[Line]:
        before = Counter(one.child.class_id for one in children)
        moved = Counter(one.child.class_id for one in children if not one.act)
        lines = []
        for source in sources:
            key = source.id
            act, target = self.of_class[key]
            if act == "CLOSE" and moved[key]:
                left = moved[key]
                self._say(
                    "error",
                    source,
                    f"Клас закривають, а {left} {plural(left, 'дитині', 'дітям', 'дітям')} іншого "
                    "класу не вказано.",
                )
            decided = self.by_source.get(source.id)
            said = tuple(self.said_of.get(key, ()))
            version = decided.version if decided else 0
            lines.append(
                Line(
                    source, act, target, before[key], moved[key], said, version, decided is not None
                )
            )
        return lines

    def _coming(self, children: Sequence[Outcome]) -> list[Coming]:
        after = Counter(one.target.name for one in children if one.target is not None)
        placed = Counter(
            one.child.class_id for one in children if one.child.year == self.facts.to_year
        )
        made_of: dict[tuple[int, str], list[str]] = {}
        for one in children:
            if one.target is not None:
                found = made_of.setdefault(one.target.name, [])
                if one.child.class_label not in found:
                    found.append(one.child.class_label)
        for key, (_, target) in self.of_class.items():
            if target is not None:
                found, own = made_of.setdefault(target.name, []), self.sources[key].label
                if own not in found:
                    found.append(own)
        coming = []
        for name, target in sorted(
            self.targets.items(), key=lambda one: (one[0][0], sort_key(one[1].letter))
        ):
            count = after[name] + placed[target.id]
            hint = class_reads.hint(ClassGroup(grade=target.grade, capacity=target.capacity), count)
            if hint:
                self.problems.append(Said("warning", target.label, hint + "."))
            coming.append(
                Coming(
                    target,
                    tuple(made_of.get(name, ())),
                    count,
                    hint,
                    is_new=name not in self.there,
                    key=self.keys.get(name),
                )
            )
        return coming

    def _say(self, level: str, of: Class, text: str) -> None:
        said = Said(level, of.label, text, of.uid)
        self.problems.append(said)
        self.said_of.setdefault(of.id, []).append(said)

    def _say_of(self, child: Child, level: str, text: str) -> None:
        group = self.sources.get(child.class_id)
        self.problems.append(Said(level, child.named, text, group.uid if group else None))


def _form(child: Child, source: Class, target: Class) -> str:
    """As in the new class, unless the child learns otherwise than its class does."""
    return target.form if child.form == source.form else child.form


def in_order(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Those of the order, as its list has them: promoted, repeated, leaving; by class and name."""
    acts = ("promote", "repeat", "leave")
    return sorted((one for one in outcomes if one.act), key=lambda one: acts.index(one.act))

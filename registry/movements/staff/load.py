"""«Оновлення інформації про працівника (навантаження)»: what each teacher teaches to which classes.

A table of the whole school under one order and one signature. A line sets what it says: the hours of
a subject in these classes. A line that is not in the table stays as it is, and that is told; hours 0
end a line. So a table taken in part loses nothing (handbook D.5; закон «Про освіту», ст. 60).
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import uuid_utils
from django.db.models import F, Q, QuerySet

from accounts.actors import Actor
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.db import part_of_command, violation
from kernel.tables import dates
from kernel.tables.cells import tidy
from kernel.tables.findings import Checked, Problem, error, warning
from kernel.tables.headings import Headings, at
from kernel.tables.reading import MAX_ROWS, Table, too_many
from kernel.text import alike, plural, years
from registry.classes.frames import classes_of, first_day
from registry.classes.models import ClassGroup
from registry.classifiers.errors import NoSchoolYear
from registry.classifiers.models import SchoolYear
from registry.classifiers.selectors import classifiers
from registry.drafts.models import Draft, DraftRow
from registry.fields import labels
from registry.fields.labels import Classes, ClassRef
from registry.groups.models import StudyGroup
from registry.movements.staff.base import (
    StaffMovement,
    StaffRow,
    conflicts_of,
    named_as,
    text_file,
)
from registry.movements.staff.matching import People, subject_of
from registry.orders.errors import EnrolledMeanwhile, NotAnnullable
from registry.orders.models import Order
from registry.process import (
    Column,
    Compared,
    Conflict,
    Counted,
    Read,
    Typed,
    Verdict,
)
from registry.staff.events import LoadChanged
from registry.staff.models.load import HOURS_OF_A_RATE, MOST_HOURS, Load, LoadClass
from registry.staff.models.posts import Post, lasting
from registry.staff.selectors import hours_words

_TYPES = {"SUBJECT": "Предмет", "CLUB": "Гурток", "GPD": "ГПД", "OPTIONAL": "Факультатив"}
_CALLED = {
    "гпд": "GPD",
    "група подовженого дня": "GPD",
    "гурток": "CLUB",
    "факультатив": "OPTIONAL",
    "предмет": "SUBJECT",
    "урок": "SUBJECT",
    "уроки": "SUBJECT",
}
_YES, _NO = "так", "ні"
_APART = re.compile(r"[,;+/\n]+|\s+(?=\d)")
_LONGEST_NAME = 200
_SHOWN = 6  # teachers named in a remark

COLUMNS = (
    Column(
        "teacher",
        "Працівник",
        required=True,
        offered=True,
        hint="Прізвище, імʼя, по батькові; можна прізвище з ініціалами",
        width="w8",
    ),
    Column(
        "type",
        "Тип",
        hint="Порожнє — предмет",
        choices=tuple((name, name) for name in _TYPES.values()),
        blank="Предмет",
        width="w4",
    ),
    Column("subject", "Предмет", offered=True, hint="Для гуртка — його назва", width="w8"),
    Column("classes", "Класи", hint="Зразок: 5-А, 5-Б", width="w7"),
    Column("group", "Група", hint="Якщо клас поділено на групи", width="w7"),
    Column(
        "hours",
        "Годин на тиждень",
        required=True,
        hint="Зразок: 4,5; 0 припиняє це навантаження",
        width="w4",
    ),
    Column(
        "primary",
        "Основний",
        in_full="Основний предмет викладання",
        choices=((_YES, _YES), (_NO, _NO)),
        blank=_NO,
        width="w4",
    ),
)

_WORDS = {
    "teacher": "працівник|вчитель|учитель|вчителька|піб|п.і.б.|піб вчителя|піб працівника|педагог|"
    "прізвище імʼя по батькові|прізвище, імʼя, по батькові|викладач|прізвище",
    "type": "тип|тип навантаження|вид|вид навантаження",
    "subject": "предмет|предмет викладання|предмет викладання у класі|дисципліна|назва предмета|"
    "предмет, гурток|навчальний предмет",
    "classes": "клас|класи|у яких класах",
    "group": "група|підгрупа|групи",
    "hours": "години|годин|к-ть годин|кількість годин|к-ть годин на тиждень|годин на тиждень|"
    "кількість годин на тиждень|тижневе навантаження|год|год.|год/тиж",
    "primary": "основний|основний предмет|основний предмет викладання",
}
_SHAPES = (
    ("teacher", re.compile(r"[\w’'ʼ-]+ [\w’'ʼ-]+ [\w’'ʼ-]+(?:ич|на)", re.IGNORECASE)),
    (
        "classes",
        re.compile(r"\d{1,2}\s?-?\s?[а-яґєії](?:\s*[,;]\s*\d{1,2}\s?-?\s?[а-яґєії])*", re.I),
    ),
    ("hours", re.compile(r"\d{1,2}(?:[.,]\d{1,2})?")),
)
HEADINGS = Headings(
    words=_WORDS,
    shapes=_SHAPES,
    needed=(frozenset({"teacher"}), frozenset({"hours"})),
)


def to_rows(data: Table, columns: Sequence[str | None]) -> list[dict[str, str]]:
    """Cells by the names of their columns."""
    rows = []
    for cells in data:
        raw = {
            column: value
            for position, column in enumerate(columns)
            if column and (value := at(cells, position))
        }
        if raw:
            rows.append(raw)
    if len(rows) > MAX_ROWS:
        raise too_many()
    return rows


class TaughtTo(msgspec.Struct, frozen=True):
    """A class or a group as it was called when signed."""

    id: int
    label: str


class LoadRow(StaffRow, frozen=True, kw_only=True, omit_defaults=True, tag="registry.load/1"):
    """One line: what the post teaches from the day of the order on; `hours` "0" ends it.

    `load` is the line of the register that it continues, changes or ends.
    """

    year: str
    type: str
    subject: str = ""
    subject_name: str = ""
    name: str = ""
    classes: tuple[TaughtTo, ...] = ()
    group: TaughtTo | None = None
    hours: str
    primary: bool = False
    load: uuid.UUID | None = None

    @property
    def line(self) -> str:
        """What is taught to whom, in short."""
        ids = (one.id for one in self.classes)
        return line_of(
            self.type, self.subject, self.name, ids, self.group.id if self.group else None
        )

    @property
    def taught(self) -> str:
        """«Математика»; the name of a club."""
        return self.name or self.subject_name or _TYPES[self.type]

    @property
    def to(self) -> str:
        """«5-А, 5-Б; 1 група»."""
        told = ", ".join(one.label for one in self.classes)
        return f"{told}; {self.group.label}" if self.group else told


def line_of(type_: str, subject: str, name: str, classes: Iterable[int], group: int | None) -> str:
    """The key of a line: two of one post that say the same are one."""
    told = ",".join(map(str, sorted(classes)))
    return f"{type_}|{subject}|{alike(name)}|{told}|{group or ''}"


@dataclasses.dataclass(frozen=True, slots=True)
class Taught:
    """A clean line: what `LoadRow` will say of it."""

    post: Post
    year: str
    type: str
    subject: str
    name: str
    classes: tuple[ClassRef, ...]
    group: StudyGroup | None
    hours: Decimal
    primary: bool
    current: Load | None

    @property
    def line(self) -> str:
        """The key of the line."""
        ids = (one.id for one in self.classes)
        return line_of(
            self.type, self.subject, self.name, ids, self.group.pk if self.group else None
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """Who works at the institution on the day, its classes and groups, and the load it has."""

    day: datetime.date
    year: SchoolYear
    people: People
    classes: Classes
    groups: Sequence[StudyGroup]
    current: Mapping[tuple[uuid.UUID, str], Load]
    # Who takes a subject of a class whole: (class, subject) → posts.
    takes: Mapping[tuple[int, str], Sequence[Post]]


def standing(institution_id: int, year: SchoolYear, day: datetime.date) -> QuerySet[Load]:
    """Lines of the load that go on at a day or begin later, of posts that last."""
    return Load.objects.filter(
        lasting(day, "post__"),
        lasting(day),
        institution_id=institution_id,
        school_year=year,
        voided_by=None,
    )


def frame_of(institution_id: int, day: datetime.date, year: SchoolYear) -> Frame:
    """Read the frame: five queries for a school of any size."""
    posts = (
        Post.objects.filter(lasting(day), institution_id=institution_id)
        .select_related("employee")
        .order_by("sort_key", "id")
    )
    people = People(posts)
    by_id = {post.pk: post for post in people.posts}
    groups = list(
        StudyGroup.objects.filter(
            institution_id=institution_id, school_year=year, closed_on=None
        ).prefetch_related("parts")
    )
    current, takes = {}, defaultdict(list)
    for load in standing(institution_id, year, day).prefetch_related("parts"):
        current[load.post_id, load.line] = load
        if load.group_id is None and load.post_id in by_id:
            for part in load.parts.all():
                takes[part.class_group_id, load.subject].append(by_id[load.post_id])
    return Frame(day, year, people, classes_of(institution_id, year), groups, current, takes)


def table_of(
    institution_id: int, moment: Moment, only: uuid.UUID | None = None
) -> list[dict[str, str]]:
    """The load that the school has, as rows of the table, to be changed there; a teacher who has
    none comes by name alone. `only` is one post.

    Raises:
        NoSchoolYear: the classifier ends before the day.
    """
    day, year = first_day(None, moment.today)
    frame = frame_of(institution_id, day, year)
    lines: dict[uuid.UUID, list[Load]] = defaultdict(list)
    for (key, _), load in frame.current.items():
        if load.ends_on is None:
            lines[key].append(load)
    refs = {ref.id: ref.label for ref in frame.classes.refs}
    groups = {one.pk: one.name for one in frame.groups}
    pedagogical = {
        item.code for item in classifiers.editions("position") if item.attributes.get("pedagogical")
    }
    rows = []
    for post in frame.people.posts:
        if only is not None and post.pk != only:
            continue
        name = {"teacher": frame.people.label(post)}
        own = sorted(lines[post.pk], key=lambda load: (not load.is_primary, load.line))
        rows += [name | _row_of(load, refs, groups) for load in own]
        if not own and (only is not None or post.position in pedagogical):
            rows.append(name)
    return rows


def _row_of(load: Load, refs: Mapping[int, str], groups: Mapping[int, str]) -> dict[str, str]:
    classes = [refs.get(part.class_group_id, "") for part in load.parts.all()]
    row = {
        "type": _TYPES[load.type],
        "subject": load.name
        or (classifiers.label("subject", load.subject) if load.subject else ""),
        "classes": ", ".join(filter(None, classes)),
        "group": groups.get(load.group_id or 0, ""),
        "hours": hours_words(load.hours),
        "primary": _YES if load.is_primary else "",
    }
    return {name: value for name, value in row.items() if value}


class LoadUpdate(StaffMovement[LoadRow, Taught]):
    """«Оновлення інформації про працівника (навантаження)»."""

    code = "load"
    name = "Оновлення інформації про працівника (навантаження)"
    about = "про педагогічне навантаження"
    verb = "записано"
    order = 10
    icon = "grid"
    columns = COLUMNS
    rows_are = Counted(
        "Навантаження",
        "Працівник",
        "рядок навантаження,рядки навантаження,рядків навантаження",
        "рядок навантаження,рядки навантаження,рядків навантаження",
    )
    source = Typed(
        headings=HEADINGS,
        extra={},
        to_rows=to_rows,
        needed="Працівник (прізвище, імʼя, по батькові або прізвище з ініціалами), предмет, класи й "
        "години на тиждень; для гуртка, ГПД чи факультативу — тип. Працівник може мати скільки "
        "завгодно рядків.",
    )
    row = LoadRow
    effective_label = "Навантаження діє з"
    default_ground = "тарифікація, рішення педагогічної ради"
    text = text_file("load")
    paper = (
        ("Тип", lambda row: _TYPES[row.type]),
        ("Предмет", lambda row: row.taught),
        ("Класи", lambda row: row.to),
        ("Годин", lambda row: hours_words(Decimal(row.hours))),
    )

    def usual_day(self, today: datetime.date, first: datetime.date) -> datetime.date:
        """A load begins with the school year, or today within it."""
        return first

    def frame(self, draft: Draft, actor: Actor | None, moment: Moment) -> Frame:
        """The school as it is on the day of the order.

        Raises:
            NoSchoolYear: the classifier ends before that day.
        """
        day, year = first_day(draft.terms.get("effective_on"), moment.today)
        return frame_of(draft.institution_id, day, year)

    def options(
        self, institution_id: int, terms: Mapping[str, str], moment: Moment
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The staff by name, subjects, open classes.

        Raises:
            NoSchoolYear: no school year covers the day.
        """
        day, _ = first_day(terms.get("effective_on"), moment.today)
        posts = Post.objects.filter(lasting(day), institution_id=institution_id)
        people = People(posts.select_related("employee").order_by("sort_key", "id"))
        subjects = [(name, name) for _, name in classifiers.choices("subject", moment.today)]
        return {"teacher": people.labels, "subject": subjects}

    # ── one row ──────────────────────────────────────────────────────────────
    def read(self, row: DraftRow, frame: Frame) -> Read:
        """Every cell by itself; then whether the register has such a line."""
        typed, problems = row.values.get, list[Problem]()

        def keep(checked: Any) -> Any:
            problems.extend(checked.problems)
            return checked.value

        post = keep(frame.people.check("teacher", typed("teacher", "")))
        type_ = _type(typed("type", ""))
        if type_ is None:
            problems.append(error("type", "unknown", f"Тип: {', '.join(_TYPES.values())}."))
        subject, name = self._subject(typed("subject", ""), type_ or "SUBJECT", frame, keep)
        refs = _classes(typed("classes", ""), frame.classes, problems)
        if type_ in {"SUBJECT", "OPTIONAL"} and not tidy(typed("classes", "")):
            problems.append(error("classes", "required", "Не вказано клас."))
        group = _group(typed("group", ""), refs, frame.groups, problems)
        hours = _hours(typed("hours", ""), problems)
        primary = alike(typed("primary", "")) in {
            alike(one) for one in (_YES, "+", "1", "yes", "v")
        }
        if post is not None and post.starts_on > frame.day:
            told = f"Працює лише з {dates.show(post.starts_on)}."
            problems.append(error("teacher", "not_begun", told))
        if any(one.level == "error" for one in problems):
            keys = (f"teacher:{post.pk}",) if post is not None else ()
            return Read(tuple(problems), keys=keys)
        taught = Taught(
            post, frame.year.code, type_ or "", subject, name, refs, group, hours, primary, None
        )
        current = frame.current.get((post.pk, taught.line))
        if not hours and current is None:
            problems.append(
                error(
                    "hours",
                    "nothing_to_end",
                    "Такого навантаження в реєстрі немає: припиняти нічого.",
                )
            )
        elif current is not None and current.ends_on is not None:
            last = dates.show(current.ends_on - datetime.timedelta(days=1))
            problems.append(
                error("subject", "ends", f"Це навантаження вже має останній день, {last}.")
            )
        taught = dataclasses.replace(taught, current=current)
        return Read(tuple(problems), taught, keys=_keys(taught))

    @staticmethod
    def _subject(text: str, type_: str, frame: Frame, keep: Any) -> tuple[str, str]:
        """Code of the subject and the name of what has none in the classifier: a club's."""
        value = tidy(text)
        if type_ == "CLUB":
            if not value:
                keep(_wrong("subject", "required", "Вкажіть назву гуртка."))
            if len(value) > _LONGEST_NAME:
                keep(_wrong("subject", "too_long", f"Скоротіть назву до {_LONGEST_NAME} знаків."))
            return "", value
        if type_ == "GPD" and not value:
            return "", ""
        if not value:
            keep(_wrong("subject", "required", "Не вказано предмет."))
            return "", ""
        return keep(subject_of("subject", text, frame.day)) or "", ""

    # ── rows against rows and the register ───────────────────────────────────
    def judge(
        self,
        rows: Sequence[DraftRow],
        reads: Sequence[Read],
        frame: Frame,
        first_with: Mapping[str, int],
    ) -> list[Compared]:
        """The same line twice; the same subject of a class taken by two teachers."""
        found = []
        for row, read in zip(rows, reads, strict=True):
            problems = self.twice(row, read, first_with)
            if not problems and isinstance(read.clean, Taught) and read.clean.hours:
                problems = _taken_twice(row, read.clean, frame, first_with)
            found.append(Compared(problems))
        return found

    def remarks(self, draft: Draft, moment: Moment) -> Sequence[str]:
        """Sums against the rates of posts, and what of the register the table leaves as it is."""
        try:
            frame = self.frame(draft, None, moment)
        except NoSchoolYear:
            return ()
        rows = draft.rows.exclude(state__in=["EMPTY", "EXCLUDED"])
        taught = [one for row in rows if isinstance(one := self.read(row, frame).clean, Taught)]
        return _sums(taught, frame)

    # ── the order ────────────────────────────────────────────────────────────
    def signed(self, number: int, verdict: Verdict) -> LoadRow:
        """What the bytes say of one line."""
        one: Taught = verdict.clean
        return LoadRow(
            no=number,
            **named_as(one.post),
            year=one.year,
            type=one.type,
            subject=one.subject,
            subject_name=classifiers.label("subject", one.subject) if one.subject else "",
            name=one.name,
            classes=tuple(TaughtTo(ref.id, ref.label) for ref in one.classes),
            group=TaughtTo(one.group.pk, one.group.name) if one.group else None,
            hours=f"{one.hours.normalize():f}",
            primary=one.primary,
            load=one.current.pk if one.current else None,
        )

    def conflicts(self, order: Order, rows: Sequence[LoadRow]) -> list[Conflict]:
        """Posts that ended, lines that others wrote since, classes and groups that were closed. The
        posts are held: whoever writes a load holds its post."""
        closed = set(
            ClassGroup.objects.filter(
                pk__in={one.id for row in rows for one in row.classes}, closed_on__isnull=False
            ).values_list("pk", flat=True)
        )
        groups = set(
            StudyGroup.objects.filter(
                pk__in={row.group.id for row in rows if row.group}, closed_on__isnull=False
            ).values_list("pk", flat=True)
        )
        now: dict[tuple[uuid.UUID, str], uuid.UUID] = {}

        def what(row: LoadRow, post: Post) -> str:
            if not now:
                now.update(_lines_now(order, rows))
            if now.get((row.post, row.line)) != row.load:
                return f"навантаження «{row.taught}» у реєстрі змінено"
            if gone := [one.label for one in row.classes if one.id in closed]:
                return f"клас {gone[0]} закрито"
            if row.group and row.group.id in groups:
                return f"групу «{row.group.label}» закрито"
            return ""

        return conflicts_of(order, rows, what)

    def effect(self, order: Order, rows: Sequence[LoadRow]) -> None:
        """Lines that change end, lines that are new begin: five statements whatever their number.

        Raises:
            EnrolledMeanwhile: the register has moved on.
        """
        known = Load.objects.in_bulk([row.load for row in rows if row.load])
        new: list[LoadRow] = []
        ended: list[uuid.UUID] = []
        undone: list[uuid.UUID] = []
        for row in rows:
            was = known.get(row.load) if row.load else None
            if was is not None:
                if was.hours == Decimal(row.hours) and was.is_primary == row.primary:
                    continue
                (undone if was.starts_on >= order.effective_on else ended).append(was.pk)
            if Decimal(row.hours):
                new.append(row)
        _end(order, ended, undone)
        with violation("one_load_of_a_line", EnrolledMeanwhile):
            made = Load.objects.bulk_create(
                Load(
                    id=uuid.UUID(str(uuid_utils.uuid7())),
                    post_id=row.post,
                    institution_id=order.institution_id,
                    school_year_id=row.year,
                    type=row.type,
                    subject=row.subject,
                    name=row.name,
                    is_primary=row.primary,
                    hours=Decimal(row.hours),
                    group_id=row.group.id if row.group else None,
                    line=row.line,
                    starts_on=order.effective_on,
                    opened_by=order,
                )
                for row in new
            )
            LoadClass.objects.bulk_create(
                LoadClass(load=load, class_group_id=one.id)
                for load, row in zip(made, new, strict=True)
                for one in row.classes
            )

    def events(self, order: Order, rows: Sequence[LoadRow]) -> Iterable[Event]:
        """One event a post: how many lines were said of it."""
        lines: dict[uuid.UUID, int] = defaultdict(int)
        for row in rows:
            lines[row.post] += 1
        return (
            LoadChanged(
                subject=post,
                unit=order.institution_id,
                order=order.pk,
                lines=count,
                since=order.effective_on,
            )
            for post, count in lines.items()
        )

    def remarks_of_order(self, rows: Sequence[LoadRow]) -> Sequence[str]:
        """Whose load it is and how much in all."""
        posts = len({row.post for row in rows})
        total = sum((Decimal(row.hours) for row in rows), Decimal(0))
        people = plural(posts, "працівника", "працівників", "працівників")
        return [f"Навантаження {posts} {people}, разом {hours_words(total)} год на тиждень"]

    # ── taking it back ───────────────────────────────────────────────────────
    def undone(self, order: Order, row: LoadRow) -> str:
        """«Математика, 5-А: 4 год з 01.09.2026»."""
        told = f"{row.taught}, {row.to}" if row.to else row.taught
        hours = hours_words(Decimal(row.hours))
        return f"{told}: {hours} год з {dates.show(order.effective_on)}"

    def stands_on(self, order: Order, rows: Sequence[LoadRow]) -> list[Conflict]:
        """Lines that a later order changed or ended."""
        touched = set(
            Load.objects.filter(opened_by=order)
            .exclude(ends_on=None, voided_by=None)
            .values_list("post_id", "line")
        )
        ended = Load.objects.filter(Q(closed_by=order) | Q(voided_by=order))
        back = {(one.post_id, one.line) for one in ended}
        later = set(
            Load.objects.filter(post_id__in={post for post, _ in back}, voided_by=None)
            .exclude(opened_by=order)
            .filter(starts_on__gte=order.effective_on)
            .values_list("post_id", "line")
        )
        return [
            Conflict(row.no, row.full_name, "навантаження змінено пізнішим наказом")
            for row in rows
            if (row.post, row.line) in touched or (row.post, row.line) in back & later
        ]

    def annul(self, order: Order, by: Order, rows: Sequence[LoadRow]) -> None:
        """Lines that the order began never were; those it ended go on.

        Raises:
            NotAnnullable: the register has moved on.
        """
        with violation("one_load_of_a_line", NotAnnullable):
            more = {"version": F("version") + 1}
            Load.objects.filter(opened_by=order, voided_by=None).update(voided_by=by, **more)
            Load.objects.filter(closed_by=order).update(ends_on=None, closed_by=None, **more)
            Load.objects.filter(voided_by=order).update(voided_by=None, **more)


@part_of_command
def _end(order: Order, ended: Sequence[uuid.UUID], undone: Sequence[uuid.UUID]) -> None:
    more = {"version": F("version") + 1}
    Load.objects.filter(pk__in=ended).update(ends_on=order.effective_on, closed_by=order, **more)
    Load.objects.filter(pk__in=undone).update(voided_by=order, **more)


def _lines_now(order: Order, rows: Sequence[LoadRow]) -> dict[tuple[uuid.UUID, str], uuid.UUID]:
    found = Load.objects.filter(
        lasting(order.effective_on),
        post_id__in={row.post for row in rows},
        school_year_id__in={row.year for row in rows},
        voided_by=None,
    )
    return {(one.post_id, one.line): one.pk for one in found}


def _wrong(field: str, code: str, detail: str) -> Checked[str]:
    return Checked(None, (error(field, code, detail),))


def _type(text: str) -> str | None:
    value = tidy(text).lower()
    return "SUBJECT" if not value else _CALLED.get(value)


def _classes(text: str, classes: Classes, problems: list[Problem]) -> tuple[ClassRef, ...]:
    """The classes that a cell lists; every unknown one is told, the cell's fix mends one alone."""
    parts = [part for part in _APART.split(tidy(text)) if part.strip()]
    found: dict[int, ClassRef] = {}
    for part in parts:
        checked = labels.check("classes", part, classes)
        for problem in checked.problems:
            fix = problem.fix if len(parts) == 1 else None
            problems.append(dataclasses.replace(problem, fix=fix))
        if checked.value is not None:
            found[checked.value.id] = checked.value
    return tuple(found.values())


def _group(
    text: str, refs: Sequence[ClassRef], groups: Sequence[StudyGroup], problems: list[Problem]
) -> StudyGroup | None:
    value = tidy(text)
    if not value:
        return None
    within = {ref.id for ref in refs}
    here = [one for one in groups if {part.class_group_id for part in one.parts.all()} & within]
    named = [one for one in here if alike(one.name) == alike(value)]
    if len(named) > 1:
        told = "; ".join(f"{one.subject}, {one.name}" for one in named[:4])
        problems.append(error("group", "several", f"Таких груп кілька: {told}."))
        return None
    if not named:
        told = ", ".join(one.name for one in here[:6]) or "жодної групи не створено"
        problems.append(error("group", "unknown", f"Такої групи у цих класах немає. Є: {told}."))
        return None
    return named[0]


def _hours(text: str, problems: list[Problem]) -> Decimal:
    value = tidy(text).replace(",", ".")
    if not value:
        problems.append(error("hours", "required", "Не вказано години на тиждень."))
        return Decimal(0)
    try:
        hours = Decimal(value)
    except InvalidOperation:
        hours = Decimal(-1)
    if not hours.is_finite() or hours < 0 or hours > MOST_HOURS or hours != round(hours, 2):
        told = f"Години — число від 0 до {MOST_HOURS}, як-от 4 або 4,5."
        problems.append(error("hours", "wrong", told))
        return Decimal(0)
    return hours


def _keys(one: Taught) -> tuple[str, ...]:
    """What rows meet by: the same line, and the same subject of the same class. A group is taken
    by one teacher, a class that is not divided by one."""
    keys = [f"teacher:{one.post.pk}", f"own:{one.post.pk}|{one.line}"]
    if one.subject:
        for ref in one.classes:
            course = f"{ref.id}|{one.subject}"
            keys.append(f"course:{course}")
            told = "take" if one.hours else "ends"
            keys.append(f"{told}:{course}|{one.group.pk if one.group else ''}")
    return tuple(keys)


def _taken_twice(
    row: DraftRow, one: Taught, frame: Frame, first_with: Mapping[str, int]
) -> list[dict[str, Any]]:
    if not one.subject:
        return []
    subject = classifiers.label("subject", one.subject)
    for ref in one.classes:
        key = f"{ref.id}|{one.subject}|{one.group.pk if one.group else ''}"
        above = first_with.get(f"take:{key}", row.position)
        if above < row.position:
            detail = f"{subject} у класі {ref.label} вже є в рядку {above}. Якщо клас поділено на групи, вкажіть групу."
            return [warning("subject", "two_teachers", detail).as_json()]
        if one.group is None and f"ends:{key}" not in first_with:
            for other in frame.takes.get((ref.id, one.subject), ()):
                if other.pk != one.post.pk:
                    who = other.employee.full_name
                    detail = f"{subject} у класі {ref.label} у реєстрі веде {who}: рядок з 0 годин це припинить."
                    return [warning("subject", "taken", detail).as_json()]
    return []


def _sums(taught: Sequence[Taught], frame: Frame) -> list[str]:
    hours: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    said = {(one.post.pk, one.line) for one in taught}
    posts = {one.post.pk: one.post for one in taught}
    for one in taught:
        hours[one.post.pk] += one.hours
    left: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    for (post, line), load in frame.current.items():
        if post in posts and (post, line) not in said:
            left[post] += load.hours
            hours[post] += load.hours
    found = [_sum_of(posts[pk], total) for pk, total in hours.items() if _is_off(posts[pk], total)]
    told = []
    if found:
        told.append("Години не сходяться зі ставкою: " + _listed(found))
    if left:
        names = [
            f"{posts[pk].employee.full_name}, {hours_words(total)} год"
            for pk, total in left.items()
        ]
        told.append(
            "У реєстрі лишається навантаження, якого немає в таблиці: "
            + _listed(names)
            + ". Щоб припинити, впишіть його з 0 годин"
        )
    if hours:
        total = sum(hours.values(), Decimal(0))
        people = plural(len(hours), "працівник", "працівники", "працівників")
        told.insert(
            0,
            f"{len(hours)} {people}, разом {hours_words(total)} год на тиждень, "
            f"{hours_words(round(total / HOURS_OF_A_RATE, 2))} ставки "
            f"({years(frame.year.code)} навчальний рік)",
        )
    return told


def _is_off(post: Post, total: Decimal) -> bool:
    return round(total / HOURS_OF_A_RATE, 2) != post.rate


def _sum_of(post: Post, total: Decimal) -> str:
    rate = hours_words(round(total / HOURS_OF_A_RATE, 2))
    return (
        f"{post.employee.full_name} — {hours_words(total)} год, {rate} ставки, "
        f"а в посаді {hours_words(post.rate)}"
    )


def _listed(names: Sequence[str]) -> str:
    more = f"; і ще {len(names) - _SHOWN}" if len(names) > _SHOWN else ""
    return "; ".join(names[:_SHOWN]) + more


PROCESS = LoadUpdate()

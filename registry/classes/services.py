"""Classes of a school year: opened one or many at once, corrected, closed («Оновлення класів»)."""

from __future__ import annotations

import dataclasses
import datetime
import re
import uuid
from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.db import connection

from accounts.actors import Actor
from kernel import audit, bulk
from kernel.bulk import Outcome
from kernel.db import command, violation
from kernel.errors import Invalid, Problem, StaleVersion
from kernel.once import Once
from kernel.text import clean
from registry.classes.models import ClassGroup
from registry.classifiers.selectors import classifiers
from registry.fields import labels
from registry.institutions import policies
from registry.institutions.errors import ClassExists, ClassNotEmpty, InstitutionNotWorking
from registry.institutions.models.institutions import Institution
from registry.institutions.services.institutions import CLOSED_STATES
from registry.staff.models import Post, lasting

MOST_AT_ONCE = 200
_KEPT = ("form", "language")  # of a class that stands, a system corrects neither
_MERGED = bulk.Target(
    "registry_classgroup",
    columns={
        "school_year_id": "text", "grade": "smallint", "letter": "text", "form": "text",
        "type": "text", "language": "text", "shift": "smallint", "profile": "text",
        "capacity": "smallint", "teacher_id": "uuid",
    },
    key=("school_year_id", "grade", "letter"),
    fixed={"institution_id": "int"},
    # A class opened for a year is there from the year's first day.
    inserted={
        "opened_on": "(SELECT y.starts_on FROM registry_schoolyear y WHERE y.code = s.school_year_id)"
    },
    current="t.closed_on IS NULL",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class ClassSpec:
    """A class to open. `teacher` is the id of a post at the same institution."""

    grade: int
    letter: str = ""
    form: str = "FULL_TIME"
    type: str = "GENERAL"
    language: str = "uk"
    shift: int = 1
    profile: str = ""
    capacity: int | None = None
    teacher: uuid.UUID | None = None

    @property
    def label(self) -> str:
        """«5-А»."""
        return labels.label(self.grade, self.letter)


def read_labels(text: str) -> tuple[list[tuple[int, str]], list[Problem]]:
    """Read «1-А, 1-Б, 2-А» or a pasted column; «5-А…В» and «5-АБВ» open several letters.

    Returns (grade, letter) in the order written, and every problem.
    """
    found: list[tuple[int, str]] = []
    problems: list[Problem] = []
    for part in re.split(r"[,;\n\t]+", clean_lines(text)):
        part = part.strip()
        if not part:
            continue
        read = _several(part) or [labels.parse(part)]
        for one in read:
            if one is None or not 0 <= one[0] <= 13:
                problems.append(
                    Problem("labels", "class_label", f"«{part}» не схоже на назву класу, як-от 5-А")
                )
            elif one in found:
                problems.append(
                    Problem("labels", "class_twice", f"{part}: цей клас написано двічі")
                )
            else:
                found.append(one)
    return found, problems


def clean_lines(text: str) -> str:
    """Each line in one spelling of spaces and apostrophes; line ends stay."""
    return "\n".join(clean(line) for line in text.replace("\x00", "").splitlines())


_RANGE = re.compile(
    r"(\d{1,2})\s*-?\s*([А-ЯҐЄІЇ])\s*(?:-|–|…|\.\.\.?)\s*([А-ЯҐЄІЇ])", re.IGNORECASE
)
_RUN = re.compile(r"(\d{1,2})\s*-?\s*([А-ЯҐЄІЇ]{2,8})", re.IGNORECASE)
# Letters of parallel classes as schools give them: no Ґ, Є, І, Ї, Й, Ь between.
_LETTERS = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЮЯ"


def _several(part: str) -> list[tuple[int, str] | None] | None:
    if match := _RANGE.fullmatch(part):
        grade, first, last = int(match[1]), match[2].upper(), match[3].upper()
        if first in _LETTERS and last in _LETTERS and _LETTERS.index(first) < _LETTERS.index(last):
            run = _LETTERS[_LETTERS.index(first) : _LETTERS.index(last) + 1]
            return [(grade, letter) for letter in run]
    if match := _RUN.fullmatch(part):
        return [(int(match[1]), letter) for letter in match[2].upper()]
    return None


@command
def open_many(
    specs: Sequence[ClassSpec],
    *,
    actor: Actor,
    institution: uuid.UUID | str,
    year: str,
    opened_on: datetime.date | None = None,
) -> list[ClassGroup]:
    """Open classes of a school year, from its first day unless told otherwise; all or none.

    Raises:
        NotFound: no such institution or year within reach.
        NotAllowed: neither the head nor a deputy entrusted with classes.
        InstitutionNotWorking: it is suspended or closed.
        Invalid: every problem of every class.
        ClassExists: somebody opened one of them at the same moment.
    """
    home = _home(actor, uid=institution)
    school_year = classifiers.year(year)
    opened_on = opened_on or school_year.starts_on
    problems = _spec_problems(specs, home, school_year.code, opened_on)
    if problems:
        raise Invalid(problems)
    with violation("one_class_of_a_name", ClassExists), _led_from_within():
        opened = ClassGroup.objects.bulk_create(
            ClassGroup(
                institution=home,
                school_year=school_year,
                grade=spec.grade,
                letter=spec.letter,
                form=spec.form,
                type=spec.type,
                language=spec.language,
                shift=spec.shift,
                profile=clean(spec.profile),
                capacity=spec.capacity,
                teacher_id=spec.teacher,
                opened_on=opened_on,
            )
            for spec in specs
        )
    audit.record(
        audit.Event(
            "registry.classes.opened",
            "registry.institution",
            str(home.uid),
            {"year": school_year.code, "labels": [spec.label for spec in specs]},
            unit_id=home.unit_id,
        )
    )
    return list(opened)


@command
def update(
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    uid: uuid.UUID | str,
    version: int,
    once: Once | None = None,
) -> ClassGroup:
    """Correct a class: letter, form, type, language, shift, profile, capacity, teacher.

    The grade changes only while nobody learns there: a pupil's grade rests on orders.

    Raises:
        NotFound: no such class within reach.
        NotAllowed: neither the head nor a deputy entrusted with classes.
        StaleVersion: somebody saved the class after the actor read it.
        Invalid: every problem of every field.
        ClassNotEmpty: another grade for a class with pupils.
        ClassExists: the year has an open class of this name.
    """
    group = _locked(actor, uid)
    _require_version(group, version)
    wanted = dataclasses.replace(_spec_of(group), **dict(changes))
    problems = _field_problems(
        wanted,
        _leaders(group.institution, [wanted.teacher], audit.today()),
        group.opened_on,
    )
    if problems:
        raise Invalid(problems)
    if wanted.grade != group.grade and _learn_in([group.pk]):
        raise ClassNotEmpty(
            "У класі є учні: паралель змінюється наказом про переведення", field="grade"
        )
    changed = [field for field in changes if getattr(_spec_of(group), field) != changes[field]]
    if not changed:
        return group
    for field in changed:
        setattr(group, "teacher_id" if field == "teacher" else field, getattr(wanted, field))
    group.version += 1
    columns = ["teacher" if field == "teacher" else field for field in changed]
    with violation("one_class_of_a_name", lambda: ClassExists(field="letter")), _led_from_within():
        group.save(update_fields=[*columns, "version"])
    _record(group, "registry.class.updated", {"label": group.label, "changed": sorted(changed)})
    return group


@command
def close_many(uids: Sequence[uuid.UUID | str], *, actor: Actor) -> list[ClassGroup]:
    """Close classes without pupils from today on, all or none; what was taught there stays.

    Raises:
        NotFound: one of them is absent or out of reach.
        NotAllowed: neither the head nor a deputy entrusted with classes.
        ClassNotEmpty: pupils learn in some; the text names them.
    """
    groups = [_locked(actor, uid) for uid in uids]
    full = _learn_in([group.pk for group in groups])
    if full:
        named = ", ".join(f"{g.label} ({full[g.pk]})" for g in groups if g.pk in full)
        raise ClassNotEmpty(f"Спершу переведіть або відрахуйте учнів: {named}")
    for group in groups:
        if not group.is_closed:
            group.closed_on = max(audit.today(), group.opened_on)
            group.version += 1
            group.save(update_fields=["closed_on", "version"])
            _record(group, "registry.class.closed", {"label": group.label})
    return groups


@dataclasses.dataclass(frozen=True)
class ClassRow:
    """One row of a bulk write: which class of which year, and only the fields that were said.

    `version` is the one the sender read; None does not ask. `problems` were found on the way here.
    """

    year: str
    grade: int
    letter: str
    said: Mapping[str, Any]
    version: int | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def name(self) -> tuple[str, int, str]:
        """Which class it is."""
        return self.year, self.grade, labels.letter(self.letter)


@command
def put_many(
    rows: Sequence[ClassRow], *, actor: Actor, unit_id: int | None, once: Once | None = None
) -> list[Outcome]:
    """Open the classes that are not there and correct those that are; a wrong row stops no other.

    Locks the institution's classes of these years, in the order of their ids, so that what was
    judged stays as it was judged.

    Raises:
        NotFound: no such institution within reach.
        NotAllowed: who does not keep its classes.
        InstitutionNotWorking: it is suspended or closed.
        ClassExists: somebody opened one of them at the same moment.
    """
    home = _home(actor, unit=unit_id)
    judged = _judged(rows, home, today=audit.today(), lock=True)
    # The type of a class is never a system's to say: a new one is of the general type.
    written: dict[int, tuple[str, Any, int]] = {}
    if any(one.result in {"new", "changed"} for one, _ in judged):
        with violation("one_class_of_a_name", ClassExists), _led_from_within():
            written = bulk.merge(
                _MERGED,
                [
                    (one.row, _columns(rows[one.row].year, spec))
                    for one, spec in judged
                    if spec is not None and one.result in {"new", "changed"}
                ],
                {"institution_id": home.pk},
            )
    outcomes = []
    events = []
    for one, spec in judged:
        if one.row in written and spec is not None:
            action, uid, version = written[one.row]
            one = dataclasses.replace(one, id=uid, version=version)
            code = "registry.class.opened" if action == "INSERT" else "registry.class.updated"
            payload = {
                "year": rows[one.row].year,
                "label": spec.label,
                "changed": sorted(rows[one.row].said),
            }
            events.append(audit.Event(code, "registry.class", str(uid), payload, unit_id=home.pk))
        outcomes.append(one)
    if events:
        audit.record(*events)
    return outcomes


def preview_many(
    rows: Sequence[ClassRow], *, actor: Actor, unit_id: int | None, today: datetime.date
) -> list[Outcome]:
    """What `put_many` would do; nothing is changed and nobody waits.

    Raises:
        NotFound, NotAllowed, InstitutionNotWorking: as put_many.
    """
    home = _home(actor, unit=unit_id)
    return [one for one, _ in _judged(rows, home, today=today, lock=False)]


_UNKNOWN_TEACHER = Problem(
    "teacher", "unknown_teacher", "Виберіть керівника класу серед працівників"
)


# ── steps ────────────────────────────────────────────────────────────────────
def _home(actor: Actor, **which: Any) -> Institution:
    rows = Institution.objects.visible_to(actor).select_related("unit")
    home: Institution = rows.find(**which)
    policies.keep_classes.require(actor, home)
    if home.status in CLOSED_STATES:
        raise InstitutionNotWorking
    return home


def _locked(actor: Actor, uid: uuid.UUID | str) -> ClassGroup:
    rows = ClassGroup.objects.visible_to(actor).select_related("institution__unit", "school_year")
    group: ClassGroup = rows.select_for_update(of=("self",), no_key=True).find(uid=uid)
    policies.keep_classes.require(actor, group.institution)
    return group


def _require_version(group: ClassGroup, version: int) -> None:
    if group.version != version:
        raise StaleVersion("Клас уже змінили. Перегляньте нові дані й повторіть свою зміну")


def _spec_of(group: ClassGroup) -> ClassSpec:
    return ClassSpec(
        group.grade,
        group.letter,
        group.form,
        group.type,
        group.language,
        group.shift,
        group.profile,
        group.capacity,
        group.teacher_id,
    )


def _spec_problems(
    specs: Sequence[ClassSpec], home: Institution, year: str, opened_on: datetime.date
) -> list[Problem]:
    if not specs:
        return [Problem("labels", "required", "Вкажіть хоча б один клас")]
    if len(specs) > MOST_AT_ONCE:
        return [Problem("labels", "too_many", f"За раз можна відкрити до {MOST_AT_ONCE} класів")]
    problems = []
    open_now = {
        (grade, labels.letter(letter))
        for grade, letter in ClassGroup.objects.filter(
            institution=home, school_year_id=year, closed_on=None
        ).values_list("grade", "letter")
    }
    leaders = _leaders(home, [spec.teacher for spec in specs], audit.today())
    seen: set[tuple[int, str]] = set()
    for spec in specs:
        name = (spec.grade, labels.letter(spec.letter))
        if name in open_now:
            problems.append(Problem("labels", "class_exists", f"Клас {spec.label} уже є"))
        if name in seen:
            problems.append(Problem("labels", "class_twice", f"Клас {spec.label} названо двічі"))
        seen.add(name)
        problems.extend(_field_problems(spec, leaders, opened_on))
    return list({(p.field, p.detail): p for p in problems}.values())


def _led_from_within() -> AbstractContextManager[None]:
    # A post that ended between the judging and the writing reads as one that was not there.
    return violation("teacher_of_the_institution", lambda: Invalid([_UNKNOWN_TEACHER]))


def _leaders(
    home: Institution, wanted: Iterable[uuid.UUID | None], today: datetime.date
) -> dict[uuid.UUID, datetime.date]:
    """Those of these posts that last at the institution, each with its last day: whoever is not
    among them reads as absent."""
    asked = {one for one in wanted if one is not None}
    if not asked:
        return {}
    working = Post.objects.filter(lasting(today), pk__in=asked, institution=home)
    return {pk: end or datetime.date.max for pk, end in working.values_list("pk", "ends_on")}


def _field_problems(
    spec: ClassSpec, leaders: Mapping[uuid.UUID, datetime.date], opened_on: datetime.date
) -> list[Problem]:
    """What is wrong with the fields; `leaders` are posts of the institution with their last days."""
    problems = []
    if not 0 <= spec.grade <= 13:
        problems.append(Problem("grade", "range", "Паралель має бути від 0 до 13"))
    if len(spec.letter) > 8:
        problems.append(Problem("letter", "too_long", "Літера класу має бути до 8 знаків"))
    for field, classifier, name in (
        ("form", "education_form", "форму здобуття освіти"),
        ("type", "class_type", "тип класу"),
        ("language", "language", "мову навчання"),
    ):
        if getattr(spec, field) not in classifiers.codes(classifier):
            problems.append(Problem(field, "unknown_code", f"Виберіть {name} з довідника"))
    if not 1 <= spec.shift <= 3:
        problems.append(Problem("shift", "range", "Зміна має бути від 1 до 3"))
    if spec.capacity is not None and not 1 <= spec.capacity <= 60:
        problems.append(Problem("capacity", "range", "Наповнюваність має бути від 1 до 60"))
    if len(spec.profile) > 200:
        problems.append(Problem("profile", "too_long", "Назва профілю має бути до 200 знаків"))
    if spec.teacher is not None and leaders.get(spec.teacher, opened_on) <= opened_on:
        problems.append(_UNKNOWN_TEACHER)
    return problems


def _judged(
    rows: Sequence[ClassRow], home: Institution, *, today: datetime.date, lock: bool
) -> list[tuple[Outcome, ClassSpec | None]]:
    """Each row's outcome and the class as it would be; three queries however many there are."""
    groups = ClassGroup.objects.filter(
        institution=home, school_year_id__in={row.year for row in rows}, closed_on=None
    ).order_by("pk")
    if lock:
        groups = groups.select_for_update(no_key=True)
    there = {
        (group.school_year_id, group.grade, labels.letter(group.letter)): group for group in groups
    }
    leaders = _leaders(home, [row.said.get("teacher") for row in rows], today)
    years = {year.code: year.starts_on for year in classifiers.years()}
    judged: list[tuple[Outcome, ClassSpec | None]] = []
    seen: set[tuple[str, int, str]] = set()
    for number, row in enumerate(rows):
        group = there.get(row.name)
        spec = _spec_of(group) if group else ClassSpec(row.grade, row.letter)
        wanted = dataclasses.replace(spec, **dict(row.said))
        problems = [*row.problems]
        if not problems:
            first_day = group.opened_on if group else years.get(row.year, today)
            problems = [
                *_row_problems(row, group, years, seen),
                *_field_problems(wanted, leaders, first_day),
            ]
        seen.add(row.name)
        if problems:
            judged.append((Outcome(number, "refused", problems=tuple(problems)), None))
        elif group is None:
            judged.append((Outcome(number, "new"), wanted))
        else:
            result: bulk.Result = "same" if wanted == spec else "changed"
            judged.append((Outcome(number, result, group.uid, group.version), wanted))
    return judged


def _row_problems(
    row: ClassRow,
    group: ClassGroup | None,
    years: Container[str],
    seen: Container[tuple[str, int, str]],
) -> list[Problem]:
    problems = []
    if row.year not in years:
        problems.append(
            Problem("year", "unknown_year", "Такого навчального року в довіднику немає")
        )
    if group and any(
        getattr(group, one) != row.said.get(one, getattr(group, one)) for one in _KEPT
    ):
        problems.append(
            Problem("form", "kept", "Форму й мову чинного класу змінює заклад у кабінеті")
        )
    if row.name in seen:
        problems.append(Problem("letter", "class_twice", "Цей клас уже є в запиті вище"))
    if row.version is not None and row.version != (group.version if group else None):
        problems.append(
            Problem(
                "version", StaleVersion.code, "Клас уже змінили або закрили; прочитайте його знову"
            )
        )
    return problems


def _columns(year: str, spec: ClassSpec) -> tuple[Any, ...]:
    return (
        year, spec.grade, spec.letter, spec.form, spec.type, spec.language, spec.shift,
        clean(spec.profile), spec.capacity, spec.teacher,
    )  # fmt: skip


def _learn_in(ids: Sequence[int]) -> dict[int, int]:
    # Those to come count as well: an order may enrol from the first of September.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT class_group_id, count(*) FROM registry_learning
            WHERE class_group_id = ANY(%s) AND (ends_on IS NULL OR ends_on > %s) GROUP BY 1
            """,
            [list(ids), audit.today()],
        )
        return dict(cursor.fetchall())


def _record(group: ClassGroup, code: str, payload: dict[str, Any]) -> None:
    audit.record(
        audit.Event(
            code,
            "registry.class",
            str(group.uid),
            {"year": group.school_year_id, **payload},
            unit_id=group.institution_id,
        )
    )

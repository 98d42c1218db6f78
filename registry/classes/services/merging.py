"""Classes told by a system: opened or corrected many at once, with an outcome for each row."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Container, Mapping, Sequence
from typing import Any

from accounts.actors import Actor
from kernel import audit, bulk, past
from kernel.bulk import Outcome
from kernel.db import command, violation
from kernel.errors import Problem, StaleVersion
from kernel.once import Once
from kernel.text import alike, clean
from registry.classes.errors import ClassExists
from registry.classes.events import ClassOpened, ClassUpdated
from registry.classes.models import ClassGroup, ClassPast
from registry.classes.services.spec import (
    ClassSpec,
    field_problems,
    kept_home,
    leaders_of,
    led_from_within,
    spec_of,
)
from registry.classifiers.selectors import classifiers
from registry.institutions.models.institutions import Institution

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
        return self.year, self.grade, alike(self.letter)


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
    home = kept_home(actor, unit=unit_id)
    judged = _judged(rows, home, today=audit.today(), lock=True)
    # The type of a class is never a system's to say: a new one is of the general type.
    written: dict[int, tuple[str, Any, int]] = {}
    if any(one.result in {"new", "changed"} for one, _ in judged):
        _keep_past(judged, audit.today())
        with violation("one_class_of_a_name", ClassExists), led_from_within():
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
            told = ClassOpened if action == "INSERT" else ClassUpdated
            events.append(
                told(
                    subject=uid,
                    unit=home.pk,
                    year=rows[one.row].year,
                    label=spec.label,
                    changed=tuple(sorted(rows[one.row].said)),
                )
            )
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
    home = kept_home(actor, unit=unit_id)
    return [one for one, _ in _judged(rows, home, today=today, lock=False)]


def _judged(
    rows: Sequence[ClassRow], home: Institution, *, today: datetime.date, lock: bool
) -> list[tuple[Outcome, ClassSpec | None]]:
    """Each row's outcome and the class as it would be; three queries however many there are."""
    groups = ClassGroup.objects.filter(
        institution=home, school_year_id__in={row.year for row in rows}, closed_on=None
    ).order_by("pk")
    if lock:
        groups = groups.select_for_update(no_key=True)
    there = {(group.school_year_id, group.grade, alike(group.letter)): group for group in groups}
    leaders = leaders_of(home, [row.said.get("teacher") for row in rows], today)
    years = {year.code: year.starts_on for year in classifiers.years()}
    judged: list[tuple[Outcome, ClassSpec | None]] = []
    seen: set[tuple[str, int, str]] = set()
    for number, row in enumerate(rows):
        group = there.get(row.name)
        spec = spec_of(group) if group else ClassSpec(row.grade, row.letter)
        wanted = dataclasses.replace(spec, **dict(row.said))
        problems = [*row.problems]
        if not problems:
            first_day = group.opened_on if group else years.get(row.year, today)
            problems = [
                *_row_problems(row, group, years, seen),
                *field_problems(wanted, leaders, first_day),
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


def _keep_past(judged: Sequence[tuple[Outcome, ClassSpec | None]], today: datetime.date) -> None:
    """What a system writes is so from today on; figures of earlier days stay."""
    wanted = {one.id: spec for one, spec in judged if one.result == "changed"}
    groups = ClassGroup.objects.filter(uid__in=wanted, opened_on__lt=today).order_by("pk")
    past.keep(
        ClassPast,
        [
            group
            for group in groups
            if any(
                getattr(wanted[group.uid], fact) != getattr(group, fact)
                for fact in ClassPast.facts()
            )
        ],
        until=today,
    )


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

"""The year of a school, said whole: what is not named any more goes, if nothing hangs on it."""

from __future__ import annotations

import dataclasses
import datetime
import re
import uuid
from collections.abc import Mapping, Sequence

from accounts.actors import Actor
from journals import policies
from journals.events import YearPlanned
from journals.models import Bell, Room, SubjectName, YearPeriod, YearPlan
from journals.models.years import SEMESTER, VACATION
from kernel import audit
from kernel.db import command, part_of_command
from kernel.errors import Invalid, Problem, StaleVersion
from kernel.tables import dates
from kernel.text import alike, clean
from registry.classifiers.selectors import classifiers
from registry.models import Institution, SchoolYear

LONGEST = 80
MOST_ROOMS = 400
MOST_VACATIONS = 10
_DAY = datetime.timedelta(days=1)
_TIMES = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)\D{1,3}([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)


@dataclasses.dataclass(frozen=True)
class Period:
    """A semester or a vacation as typed: days as people write them, the last one counted."""

    field: str  # where it stands in the form
    name: str
    first: str
    last: str


@dataclasses.dataclass(frozen=True)
class YearSpec:
    """A year as it shall be. `bells` are by shift and number, as typed («08:30–09:15»)."""

    days: int
    semesters: Sequence[Period]
    vacations: Sequence[Period]
    bells: Mapping[tuple[int, int], str]
    rooms: Sequence[str]
    names: Mapping[str, str]  # code of the national list → the school's own name, '' for none


@dataclasses.dataclass(frozen=True)
class _Read:
    kind: str
    name: str
    starts_on: datetime.date
    ends_on: datetime.date


@command
def save_year(
    spec: YearSpec, *, actor: Actor, institution: uuid.UUID, year: SchoolYear, version: int
) -> YearPlan:
    """Keep the year of a school; lessons that were made stay until they are made anew.

    version: the one the page showed, 0 where there was no plan.

    Raises:
        NotFound, NotAllowed: not the actor's school to keep.
        Invalid: everything that is wrong, each beside its field.
        StaleVersion: somebody saved the plan meanwhile.
    """
    home: Institution = (
        Institution.objects.visible_to(actor).select_related("unit").find(uid=institution)
    )
    policies.keep_timetable.require(actor, home)
    problems: list[Problem] = []
    periods = _periods(spec, year, problems)
    bells = _bells(spec.bells, problems)
    rooms = _rooms(spec.rooms, problems)
    names = _names(spec.names, problems)
    if spec.days not in {5, 6}:
        problems.append(Problem("days", "unknown", "Тиждень має пʼять або шість навчальних днів"))
    if problems:
        raise Invalid(problems)
    plan = held(home, year, version)
    plan.days = spec.days
    plan.save(update_fields=["days", "version"])
    _write(plan, periods, bells)
    _keep_rooms(home, rooms)
    _keep_names(home, names)
    audit.record(
        YearPlanned(
            subject=home.uid,
            unit=home.pk,
            year=year.code,
            semesters=sum(one.kind == SEMESTER for one in periods),
            vacations=sum(one.kind == VACATION for one in periods),
            bells=len(bells),
        )
    )
    return plan


@part_of_command
def held(home: Institution, year: SchoolYear, version: int) -> YearPlan:
    """The plan under the lock that everything of the school's year is written under, one version on.

    Raises:
        StaleVersion: it is not the version that was read.
    """
    YearPlan.objects.bulk_create(
        [YearPlan(institution=home, school_year=year, version=0)], ignore_conflicts=True
    )
    plan = YearPlan.objects.select_for_update().get(institution=home, school_year=year)
    if plan.version != version:
        raise StaleVersion("Рік закладу щойно змінив хтось інший. Прочитайте його знову.")
    plan.version += 1
    return plan


# ── reading what was typed ───────────────────────────────────────────────────
def _periods(spec: YearSpec, year: SchoolYear, problems: list[Problem]) -> list[_Read]:
    found: list[_Read] = []
    for kind, told in ((SEMESTER, spec.semesters), (VACATION, spec.vacations)):
        before: _Read | None = None
        for one in told:
            read = _period(kind, one, year, problems)
            if read is None:
                continue
            if before is not None and read.starts_on < before.ends_on:
                problems.append(
                    Problem(
                        f"{one.field}_first",
                        "overlaps",
                        f"«{read.name}» починається до кінця періоду «{before.name}»",
                    )
                )
            before = read
            found.append(read)
    if not any(one.kind == SEMESTER for one in found) and not problems:
        problems.append(
            Problem("semester1_first", "required", "Вкажіть дні хоча б одного семестру")
        )
    if len(spec.vacations) > MOST_VACATIONS:
        problems.append(Problem("vacation1_first", "many", f"Канікул — до {MOST_VACATIONS}"))
    return found


def _period(kind: str, one: Period, year: SchoolYear, problems: list[Problem]) -> _Read | None:
    if not one.first.strip() and not one.last.strip():
        return None
    days = []
    for end, text in (("first", one.first), ("last", one.last)):
        read = dates.parse(f"{one.field}_{end}", text)
        wrong = [p for p in read.problems if p.level == "error"]
        problems.extend(Problem(f"{one.field}_{end}", p.code, p.detail) for p in wrong)
        if not wrong and read.value is not None:
            days.append(read.value)
    if len(days) < 2:
        return None
    first, last = days
    name = clean(one.name)
    if not name or len(name) > LONGEST:
        problems.append(Problem(f"{one.field}_name", "required", f"Назва — до {LONGEST} знаків"))
    if last < first:
        problems.append(
            Problem(f"{one.field}_last", "before", f"«{name}» закінчується раніше, ніж починається")
        )
        return None
    if first < year.starts_on or last >= year.ends_on:
        problems.append(
            Problem(
                f"{one.field}_first",
                "outside",
                f"«{name}» виходить за межі навчального року: "
                f"{dates.show(year.starts_on)}–{dates.show(year.ends_on - _DAY)}",
            )
        )
        return None
    return _Read(kind, name, first, last + _DAY)


def _bells(
    told: Mapping[tuple[int, int], str], problems: list[Problem]
) -> dict[tuple[int, int], tuple[datetime.time, datetime.time]]:
    found: dict[tuple[int, int], tuple[datetime.time, datetime.time]] = {}
    for (shift, no), text in sorted(told.items()):
        if not text.strip():
            continue
        field = f"bell_{shift}_{no}"
        read = _TIMES.fullmatch(text.strip())
        if read is None:
            problems.append(
                Problem(field, "time", f"Дзвінок уроку {no}: напишіть так — 08:30–09:15")
            )
            continue
        a, b, c, d = (int(part) for part in read.groups())
        begins, ends = datetime.time(a, b), datetime.time(c, d)
        if ends <= begins:
            problems.append(
                Problem(field, "time", f"Урок {no} закінчується раніше, ніж починається")
            )
            continue
        earlier = [times for (s, n), times in found.items() if s == shift and n < no]
        if earlier and earlier[-1][1] > begins:
            problems.append(
                Problem(field, "overlaps", f"Урок {no} починається до кінця попереднього")
            )
        found[shift, no] = begins, ends
    if not found and not any(p.field.startswith("bell_") for p in problems):
        problems.append(Problem("bell_1_1", "required", "Впишіть час хоча б одного уроку"))
    return found


def _rooms(told: Sequence[str], problems: list[Problem]) -> list[str]:
    names = list(dict.fromkeys(name for one in told if (name := clean(one))))
    seen: set[str] = set()
    for name in names:
        if len(name) > LONGEST:
            problems.append(Problem("rooms", "too_long", f"Назва кабінету — до {LONGEST} знаків"))
        if alike(name) in seen:
            problems.append(Problem("rooms", "twice", f"Кабінет «{name}» названо двічі"))
        seen.add(alike(name))
    if len(names) > MOST_ROOMS:
        problems.append(Problem("rooms", "many", f"Кабінетів — до {MOST_ROOMS}"))
    return names


def _names(told: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    known = classifiers.labels("subject")
    found = {}
    for code, text in told.items():
        name = clean(text)
        if code not in known:
            problems.append(Problem(f"name_{code}", "unknown", "Такого предмета в переліку немає"))
        elif len(name) > LONGEST:
            problems.append(
                Problem(f"name_{code}", "too_long", f"Назва предмета — до {LONGEST} знаків")
            )
        else:
            found[code] = "" if name == known[code] else name
    return found


# ── writing ──────────────────────────────────────────────────────────────────
@part_of_command
def _write(
    plan: YearPlan,
    periods: Sequence[_Read],
    bells: Mapping[tuple[int, int], tuple[datetime.time, datetime.time]],
) -> None:
    wanted = {(one.kind, one.name, one.starts_on, one.ends_on) for one in periods}
    stand = {(p.kind, p.name, p.starts_on, p.ends_on): p.pk for p in plan.periods.all()}
    YearPeriod.objects.filter(
        pk__in=[pk for key, pk in stand.items() if key not in wanted]
    ).delete()
    YearPeriod.objects.bulk_create(
        YearPeriod(plan=plan, kind=kind, name=name, starts_on=first, ends_on=end)
        for kind, name, first, end in sorted(wanted - set(stand))
    )
    rung = {(b.shift, b.no): b for b in plan.bells.all()}
    gone = [b.pk for key, b in rung.items() if bells.get(key) != (b.starts_at, b.ends_at)]
    Bell.objects.filter(pk__in=gone).delete()
    Bell.objects.bulk_create(
        Bell(plan=plan, shift=key[0], no=key[1], starts_at=begins, ends_at=ends)
        for key, (begins, ends) in bells.items()
        if key not in rung or rung[key].pk in gone
    )


@part_of_command
def _keep_rooms(home: Institution, names: Sequence[str]) -> None:
    there = {alike(one.name): one for one in Room.objects.filter(institution=home)}
    wanted = {alike(name): name for name in names}
    for key, room in there.items():
        closed, name = key not in wanted, wanted.get(key, room.name)
        if (room.is_closed, room.name) != (closed, name):
            room.is_closed, room.name = closed, name
            room.save(update_fields=["is_closed", "name"])
    Room.objects.bulk_create(
        Room(institution=home, name=name) for key, name in wanted.items() if key not in there
    )


@part_of_command
def _keep_names(home: Institution, names: Mapping[str, str]) -> None:
    there = {one.subject: one for one in SubjectName.objects.filter(institution=home)}
    for code, name in names.items():
        stands = there.get(code)
        if stands is None and name:
            SubjectName.objects.create(institution=home, subject=code, name=name)
        elif stands is not None and not name:
            stands.delete()
        elif stands is not None and stands.name != name:
            stands.name = name
            stands.save(update_fields=["name"])

"""A school year of the small world's school: semesters, bells, rooms, journals, teachers."""

from __future__ import annotations

import dataclasses
import datetime

from journals.models import Column, Journal, Room, TimetableRun
from journals.selectors import planning as planned
from journals.selectors import timetable as reads
from journals.services import planning, timetable, years
from journals.services.timetable import SlotRow
from journals.services.years import Period, YearSpec
from kernel.clock import Moment
from kernel.db import command
from registry.classifiers.selectors import classifiers
from registry.models import ClassGroup, Post
from tests.kit.acts import noted
from tests.world import PEOPLE, World, hire

YEAR = "2026-2027"
SINCE = datetime.date(2026, 9, 1)
MOMENT = Moment(datetime.datetime(2026, 9, 1, 6, tzinfo=datetime.UTC), SINCE)
BELLS = {
    (1, 1): "08:30–09:15",
    (1, 2): "09:25–10:10",
    (1, 3): "10:30–11:15",
    (2, 1): "10:00–10:45",
}
SPEC = YearSpec(
    days=5,
    semesters=[
        Period("semester1", "I семестр", "01.09.2026", "24.12.2026"),
        Period("semester2", "II семестр", "11.01.2027", "31.05.2027"),
    ],
    vacations=[
        Period("vacation1", "Осінні", "26.10.2026", "01.11.2026"),
        Period("vacation2", "Весняні", "22.03.2027", "28.03.2027"),
    ],
    bells=BELLS,
    rooms=["14", "15", "Спортзал"],
    names={},
)


@dataclasses.dataclass
class School:
    """What the tests of the room stand on."""

    world: World
    maths: Journal
    language: Journal
    other: Journal  # mathematics of 5-Б
    teacher: Post
    colleague: Post
    rooms: dict[str, int]

    @property
    def head(self):
        return self.world.actor("olena")

    @property
    def klass(self) -> ClassGroup:
        return self.world.classes["school1/5-А"]


@command
def _staff(*, actor, world: World) -> tuple[Post, Post]:
    home = world.institutions["school1"]
    made = (
        hire(
            home, "Шкільна", given_name="Олена", patronymic="Василівна", rnokpp=PEOPLE["olena"][3]
        ),
        hire(home, "Їжакевич", given_name="Ольга", patronymic="Петрівна"),
    )
    noted()
    return made


def plan(world: World, spec: YearSpec = SPEC, version: int = 0, who: str = "olena"):
    """Save the year of school 1."""
    return years.save_year(
        spec,
        actor=world.actor(who),
        institution=world.institutions["school1"].uid,
        year=classifiers.year(YEAR),
        version=version,
    )


def journal(world: World, klass: str, subject: str, post: Post | None, group=None) -> Journal:
    """Open a journal as the head does."""
    return timetable.open_journal(
        actor=world.actor("olena"),
        klass=world.classes[klass].uid,
        subject=subject,
        group=group,
        post=post.pk if post else None,
        today=SINCE,
    )


def build(world: World) -> School:
    """A planned year, three journals, two teachers: Олена, who is the head too, and a colleague."""
    teacher, colleague = _staff(actor=world.actor("olena"), world=world)
    plan(world)
    home = world.institutions["school1"].pk
    return School(
        world,
        journal(world, "school1/5-А", "MATHS", teacher),
        journal(world, "school1/5-А", "UKRAINIAN_LANGUAGE", colleague),
        journal(world, "school1/5-Б", "MATHS", teacher),
        teacher,
        colleague,
        dict(Room.objects.filter(institution=home).values_list("name", "pk")),
    )


def say_hours(school: School, **halves: int) -> None:
    """Say twice the lessons a week of 5-А (maths, language) and of 5-Б (other)."""
    for klass, names in (("school1/5-А", ("maths", "language")), ("school1/5-Б", ("other",))):
        group = school.world.classes[klass]
        said = {getattr(school, name).uid: halves[name] for name in names if name in halves}
        seen = planned.hours_mark(reads.journals_of(group))
        planning.say_hours(said, actor=school.head, klass=group.uid, seen=seen)


def asked(school: School, *, keep: bool = True, who: str = "olena") -> TimetableRun:
    """Ask for a week of school 1; of a school without hours, three of mathematics."""
    if not Journal.objects.exclude(halves=None).exists():
        say_hours(school, maths=6)
    return planning.ask(
        actor=school.world.actor(who),
        institution=school.world.institutions["school1"].uid,
        year=classifiers.year(YEAR),
        since=SINCE,
        keep=keep,
        moment=MOMENT,
    )


def row(at: Journal, weekday: int, no: int, **more) -> SlotRow:
    """A lesson of the week."""
    return SlotRow(f"cell_{weekday}_{no}_1", weekday, no, at.uid, **more)


def save_week(
    school: School, *rows: SlotRow, klass: str = "school1/5-А", since=SINCE, seen=None
) -> int:
    """Save the week of a class as the head does."""
    group = school.world.classes[klass]
    return timetable.save_timetable(
        rows,
        actor=school.head,
        klass=group.uid,
        since=since,
        seen=reads.week(group, since).mark if seen is None else seen,
        today=SINCE,
    )


def first_lesson(school: School) -> Column:
    """The first lesson of mathematics, on Monday 7 September."""
    save_week(school, row(school.maths, 1, 1))
    return Column.objects.filter(journal_id=school.maths.pk).order_by("day")[0]

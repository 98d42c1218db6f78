"""Rows of the year of a school, its timetables and journals."""

from __future__ import annotations

from typing import Any

from tests.architecture.matrix import EVERYBODY, Row, all_but, with_
from tests.journals import kit
from tests.world import World

school = with_(uid=lambda w: w.institutions["school1"].uid)
klass = with_(uid=lambda w: w.classes["school1/5-А"].uid)
STRANGERS = "taras hanna petro nina"
OF_SCHOOL = "olena dana"
AUTHORITIES = "admin maria iryna bohdan"
SCHOOLS = "olena petro nina dana"

kept = Row(school, opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS)


def journal(world: World) -> dict[str, Any]:
    """A journal of Olena's school, in a planned year."""
    return {"uid": kit.build(world).maths.uid}


def planned(world: World) -> dict[str, Any]:
    """A class of Olena's school, in a planned year."""
    kit.plan(world)
    return {"uid": world.classes["school1/5-А"].uid}


def teacher(world: World) -> dict[str, Any]:
    """A teacher of Olena's school, in a planned year."""
    return {"post_id": kit.build(world).teacher.pk}


def asked(world: World) -> dict[str, Any]:
    """A week of Olena's school that a worker looks for."""
    return {"run_id": kit.asked(kit.build(world)).pk}


def planned_school(world: World) -> dict[str, Any]:
    """Olena's school in a planned year."""
    kit.plan(world)
    return {"uid": world.institutions["school1"].uid}


def lesson(world: World) -> dict[str, Any]:
    """The first lesson of a journal."""
    made = kit.build(world)
    return {"uid": made.maths.uid, "lesson": kit.first_lesson(made).pk}


# Олена leads the journal, Дана reads it as the deputy for classes; to all others it is not there.
read = Row(journal, opens=OF_SCHOOL, absent=all_but(OF_SCHOOL))

ROWS = {
    "parent_diary": Row(with_(pupil_id=lambda w: w.pupils["ivan"].pk), refused=EVERYBODY),
    "journals": Row(opens=EVERYBODY),
    "journal_manifest": Row(public=True),
    "journal_worker": Row(public=True),
    "journal": read,
    "journal_column": read,
    "journal_lesson": Row(lesson, opens=OF_SCHOOL, absent=all_but(OF_SCHOOL)),
    "journal_lesson_entries": Row(
        lesson, opens=OF_SCHOOL, absent=all_but(OF_SCHOOL), method="POST"
    ),
    "journal_school_own": Row(opens=SCHOOLS, absent=all_but(SCHOOLS)),
    "journal_school": kept,
    "journal_year": kept,
    "journal_make": Row(
        school, opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS, method="POST"
    ),
    "journal_day": kept,
    "journal_class": Row(klass, opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS),
    "journal_week": Row(planned, opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS),
    "journal_plan": Row(planned_school, opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS),
    "journal_plan_rooms": kept,
    "journal_plan_hours": Row(klass, opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS),
    "journal_plan_limit": Row(teacher, opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS),
    **{
        name: Row(asked, opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS, method=method)
        for name, method in (
            ("timetable_run", "GET"),
            ("timetable_run_progress", "GET"),
            ("timetable_run_cancel", "POST"),
            ("timetable_run_resume", "POST"),
            ("timetable_run_save", "POST"),
        )
    },
    "journal_give": Row(journal, opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS),
    "journal_lesson_change": Row(lesson, opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS),
}

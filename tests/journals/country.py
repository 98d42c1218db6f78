"""A planned year in the school of a filled country that pages are walked in."""

from __future__ import annotations

import dataclasses
import uuid

from accounts.actors import Actor
from journals.models import Column, Journal, TimetableRun
from journals.models.years import YearPlan
from journals.services import timetable, years
from kernel import clock
from kernel.db import command
from kernel.scoping import grant_of
from registry.classifiers.selectors import classifiers
from registry.models import ClassGroup, Institution, Post
from tests.journals import kit
from tests.kit.acts import noted
from tests.world import World


@dataclasses.dataclass
class Planned:
    """A class with its journal and one of its lessons."""

    klass: ClassGroup
    journal: Journal
    lesson: Column
    home: uuid.UUID
    teacher: uuid.UUID | None
    run: uuid.UUID


@command
def _run(*, actor: Actor, home: Institution, seen: str) -> TimetableRun:
    """A week of the school that is found: the country has no hours that its three bells would hold."""
    made = TimetableRun.objects.create(
        institution=home,
        school_year_id=kit.YEAR,
        asked_by_id=grant_of(actor),
        since=kit.SINCE,
        seen=seen,
        state="DONE",
        created_at=kit.MOMENT.now,
        touched_at=kit.MOMENT.now,
    )
    noted()
    return made


def planned(world: World) -> Planned:
    """What the head of school 1 plans: the year, a journal, one lesson a week."""
    actor, home = world.actor("olena"), world.institutions["school1"]
    klass = ClassGroup.objects.filter(
        institution=home, school_year=kit.YEAR, closed_on=None, grade__gte=5
    ).order_by("pk")[0]
    there = YearPlan.objects.filter(institution=home, school_year=kit.YEAR).first()
    years.save_year(
        kit.SPEC,
        actor=actor,
        institution=home.uid,
        year=classifiers.year(kit.YEAR),
        version=there.version if there else 0,
    )
    today = clock.today()
    journal = Journal.objects.filter(class_group=klass).first() or timetable.open_journal(
        actor=actor,
        klass=klass.uid,
        subject="MATHS",
        group=None,
        post=Post.objects.filter(institution=home, ends_on=None)[0].pk,
        today=today,
    )
    lesson = Column.objects.filter(institution_id=home.pk, journal_id=journal.pk).first()
    if lesson is None:
        timetable.save_timetable(
            [kit.row(journal, 1, 1)],
            actor=actor,
            klass=klass.uid,
            since=kit.SINCE,
            seen=timetable.selectors.week(klass, kit.SINCE).mark,
            today=kit.SINCE,
        )
        lesson = Column.objects.filter(institution_id=home.pk, journal_id=journal.pk)[0]
    run = _run(actor=actor, home=home, seen=timetable.selectors.week(klass, kit.SINCE).mark)
    return Planned(klass, journal, lesson, home.uid, journal.post_id, run.pk)

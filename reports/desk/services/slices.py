"""Counting a reference day: by night or asked for by a person, cube by cube in a job, kept for good."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import connection

from accounts.actors import Actor
from kernel import audit, batch, clock
from kernel.db import command, part_of_command, violation
from registry.models import SchoolYear
from reports import errors as house
from reports.desk import compile as sql
from reports.desk import errors, events, policies, reference, rounding
from reports.desk.measures import cubes
from reports.desk.models import DeskSlice

LATE = datetime.timedelta(days=60)  # how far back the night looks
SETTLED = datetime.timedelta(days=35)  # after so long a day is counted for the last time


@command
def ask(
    *, actor: Actor, day: datetime.date, today: datetime.date, now: datetime.datetime
) -> DeskSlice:
    """Have all cubes counted as of a reference day that is not counted yet.

    `today` is the day in Kyiv, as interfaces give it.

    Raises:
        NotAllowed: neither an authority nor the calendar asks.
        DayOutOfRange: no reference day, to come, or before any school year.
        SliceStands: it is counted.
        SliceUnderWay: it is being counted.
    """
    policies.count.require(actor)
    if not reference.is_one(day):
        raise house.DayOutOfRange(reference.WHY, field="day")
    if day > today:
        raise house.DayOutOfRange(
            "Дата ще не настала: показники рахують за даними, які вже є.", field="day"
        )
    first = SchoolYear.objects.order_by("starts_on").first()
    if first is None or day < first.starts_on:
        raise house.DayOutOfRange("На цю дату реєстр ще нічого не знає.", field="day")
    if DeskSlice.objects.filter(day=day, state="DONE").exists():
        raise errors.SliceStands("Виберіть цей день у переліку.", field="day")
    return _asked(day, actor.grant_id, now)


@part_of_command
def _asked(day: datetime.date, grant_id: int | None, now: datetime.datetime) -> DeskSlice:
    with violation(
        "one_desk_slice_under_way",
        lambda: errors.SliceUnderWay("Дочекайтеся завершення: це близько хвилини.", field="day"),
    ):
        made = DeskSlice.objects.create(
            day=day,
            total=len(cubes()),
            requested_by_id=grant_id,
            created_at=now,
            touched_at=now,
        )
    audit.record(events.SliceAsked(subject=made.pk, day=day))
    return made


@part_of_command
def _count(made: DeskSlice, now: datetime.datetime) -> batch.Portion:
    """Count the next cube and add it up the tree."""
    codes = list(cubes())
    place = codes.index(made.cursor) + 1 if made.cursor else 0
    cube = cubes()[codes[place]]
    text, params = sql.cells_sql(cube)
    given = {"day": made.day, "seed": rounding.seed(), "first": 0, "last": 2**31 - 1, "ids": None}
    kept: dict[str, Any] = {"slice": made.pk, "cube": cube.code, "day": made.day}
    with connection.cursor() as cursor:
        # A cube of the country takes seconds; the page that shows it does not wait.
        cursor.execute("SET LOCAL statement_timeout = '300s'")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(text, params | given)
        cursor.execute(sql.KEEP_CELLS, kept)
        cursor.execute(sql.KEEP_SUMS, kept)
        cursor.execute(sql.pairs_sql(cube), kept)
        cursor.execute(sql.FORGET_CELLS)
    return batch.Portion(1, cube.code, place + 1 == len(codes))


WORK = batch.Work(
    runs=DeskSlice, told=events.SLICE, portion=_count, alone="one_desk_slice_under_way"
)


def count_now(
    *, actor: Actor, day: datetime.date, today: datetime.date, now: datetime.datetime
) -> DeskSlice:
    """Ask for a day and count it here and now, where there is no worker yet.

    Raises:
        NotAllowed, DayOutOfRange, SliceStands, SliceUnderWay: as `ask`.
    """
    made = ask(actor=actor, day=day, today=today, now=now)
    batch.carry_on(WORK, made.pk, actor=actor, clock=lambda: now)
    return DeskSlice.objects.get(pk=made.pk)


@command
def due(*, actor: Actor, today: datetime.date, now: datetime.datetime) -> list[int]:
    """By night: have those reference days of late counted that are not, and once more, for the last
    time, those over a month old, when orders signed late are in; ids of what was asked for."""
    policies.count.require(actor)
    made = []
    for day in reference.between(today - LATE, today):
        known = list(
            DeskSlice.objects.filter(day=day).exclude(state="CANCELLED").order_by("created_at")
        )
        settled = today >= day + SETTLED
        if not known or (settled and clock.day_of(known[-1].created_at) < day + SETTLED):
            made.append(_asked(day, None, now).pk)
    return made


def resume(*, actor: Actor, made: DeskSlice, now: datetime.datetime) -> None:
    """Let a failed or cancelled counting go on from where it stopped.

    Raises:
        NotAllowed: the actor may not ask.
        RunMoved: it is done or under way.
    """
    policies.count.require(actor)
    batch.resume(actor=actor, work=WORK, run_id=made.pk, now=now)

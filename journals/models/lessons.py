"""Columns of journals: lessons, and the results that stand between and after them.

Partitioned by school year and, within, by hash of institution (journals/partitions.sql); in the
database the key is institution, day, id. Compact numbers link to the register without foreign keys,
so that whole schools may move to another server (ADR 0078).
"""

from __future__ import annotations

from django.db import models

from kernel.audit.triggers import history

LESSON, THEMATIC, GROUP, SEMESTER, ADJUSTED, ANNUAL, STATE = KINDS = (
    "LESSON",
    "THEMATIC",
    "GROUP",
    "SEMESTER",
    "ADJUSTED",
    "ANNUAL",
    "STATE",
)
PLANNED, HELD, CANCELLED = STATES = ("PLANNED", "HELD", "CANCELLED")
IN_ROOM, SHELTER, REMOTE = PLACES = ("ROOM", "SHELTER", "REMOTE")


class Column(models.Model):
    """A column of a class page. `no` is the lesson's number of the day, or of the group of results.

    A lesson that was made from the timetable and of which nobody has written anything goes when the
    timetable changes; all else stays. `post` is who teaches it, `planned_post` who should have where
    somebody substitutes.
    """

    id = models.BigAutoField(primary_key=True)
    institution_id = models.IntegerField()
    day = models.DateField()
    journal_id = models.BigIntegerField()
    kind = models.TextField(default=LESSON)
    no = models.SmallIntegerField(default=0)
    shift = models.SmallIntegerField(default=1)
    slot_id = models.BigIntegerField(null=True)
    post_id = models.UUIDField(null=True)
    planned_post_id = models.UUIDField(null=True)
    room_id = models.BigIntegerField(null=True)
    work = models.TextField(default="LESSON")  # journals/data/values.toml, «works»
    state = models.TextField(default=PLANNED)
    place = models.TextField(default=IN_ROOM)
    reason = models.TextField(blank=True, default="")  # why it was cancelled or moved
    topic = models.TextField(blank=True, default="")
    homework = models.TextField(blank=True, default="")
    due_on = models.DateField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        # A row as it was made is its own first version; every change and removal is kept.
        triggers = [*history(unit="institution_id")[1:]]

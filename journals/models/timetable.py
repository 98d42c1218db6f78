"""Journals of classes and the weekly timetable they are filled by."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from journals.models.years import OF_SCHOOL, Room
from kernel.audit.triggers import history
from kernel.ids import UuidV7
from kernel.scoping import ScopedModel
from registry.models import ClassGroup, Institution, Post, SchoolYear, StudyGroup

ALL, ODD, EVEN = WEEKS = ("ALL", "ODD", "EVEN")


class Journal(ScopedModel):
    """What one class, or one group, learns of one subject in one school year. `post` teaches it; who
    substituted a lesson is said by the lesson.

    Entries may be written for some days after a lesson; `open_until` opens older ones for a while
    (by the head or a deputy, who says why). `halves` is twice the lessons a week where the school
    said them; else the load does.
    """

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(unique=True, db_default=UuidV7(), editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    school_year = models.ForeignKey(SchoolYear, models.PROTECT, db_index=False)
    subject = models.TextField()  # classifier subject
    class_group = models.ForeignKey(ClassGroup, models.PROTECT, null=True, related_name="journals")
    group = models.ForeignKey(StudyGroup, models.PROTECT, null=True, related_name="journals")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="journals")
    open_until = models.DateField(null=True)
    halves = models.SmallIntegerField(null=True)
    version = models.IntegerField(default=1)

    SCOPE = OF_SCHOOL
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(class_group__isnull=False, group=None)
                | Q(class_group=None, group__isnull=False),
                name="journal_of_a_class_or_a_group",
            ),
            models.CheckConstraint(
                condition=Q(halves=None) | Q(halves__gte=0, halves__lte=80), name="journal_hours"
            ),
            models.UniqueConstraint(
                fields=["class_group", "subject"], name="one_journal_of_a_subject"
            ),
            models.UniqueConstraint(fields=["group"], name="one_journal_of_a_group"),
        ]
        indexes = [
            models.Index(fields=["institution", "school_year"], name="journal_by_institution")
        ]
        triggers = [*history(unit="institution_id")]


class Slot(models.Model):
    """A lesson of the week: its journal, day, number, teacher and room, while it stands.

    `weeks` says whether it is every week or every other (the first week of a semester is odd). A
    timetable changes from a day on: old slots end there, new ones begin, the past stays.
    """

    id = models.BigAutoField(primary_key=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    journal = models.ForeignKey(Journal, models.PROTECT, related_name="slots")
    weekday = models.SmallIntegerField()  # 1 is Monday
    no = models.SmallIntegerField()
    shift = models.SmallIntegerField(default=1)
    weeks = models.TextField(default=ALL)
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    room = models.ForeignKey(Room, models.PROTECT, null=True, related_name="+", db_index=False)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="slot_days"),
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=6), name="slot_weekday"
            ),
            models.CheckConstraint(condition=Q(no__gte=0, no__lte=12), name="slot_number"),
            models.CheckConstraint(condition=Q(weeks__in=WEEKS), name="slot_weeks"),
        ]
        indexes = [models.Index(fields=["institution", "ends_on"], name="slot_by_institution")]
        triggers = [*history(unit="institution_id")]

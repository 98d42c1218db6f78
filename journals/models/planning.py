"""What a week made by the solver rests on beside the load, and the work itself."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Grant
from journals.models.years import OF_SCHOOL
from kernel import batch
from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from kernel.scoping import ScopedModel
from registry.models import Institution, Post, SchoolYear

MOST_LESSONS = 12


class TeacherHours(ScopedModel):
    """When somebody who teaches has no lessons, and how many of a day they may have at most.

    `closed` holds places of the week: day × 1000 + shift × 100 + number of the lesson.
    """

    id = models.BigAutoField(primary_key=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    post = models.OneToOneField(Post, models.PROTECT, related_name="teaching_hours")
    closed = ArrayField(models.SmallIntegerField(), default=list)
    most = models.SmallIntegerField(null=True)
    version = models.IntegerField(default=1)

    SCOPE = OF_SCHOOL
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(most=None) | Q(most__gte=1, most__lte=MOST_LESSONS),
                name="teacher_hours_most",
            )
        ]
        triggers = [*history(unit="institution_id")]

    @property
    def places(self) -> frozenset[tuple[int, int, int]]:
        """Closed places: day, shift, number."""
        return frozenset((one // 1000, one // 100 % 10, one % 100) for one in self.closed)


class TimetableRun(batch.Run):
    """A week of a school that a worker looks for: the first that stands the rules, then better ones.

    `found` is the best so far: (journal, day, number, weeks, room or null). `seen` is the mark of the
    school's week when it was asked for: what was found is saved only over that very week.
    """

    id = Uuid7Field()
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    school_year = models.ForeignKey(SchoolYear, models.PROTECT, related_name="+", db_index=False)
    asked_by = models.ForeignKey(Grant, models.PROTECT, related_name="+", db_index=False)
    since = models.DateField()
    keep = models.BooleanField(default=True)  # as much of today's week as may be
    seen = models.TextField()
    found = models.JSONField(default=list)
    cost = models.IntegerField(null=True)
    saved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            *batch.Run.Meta.constraints,
            models.UniqueConstraint(
                fields=["institution"],
                condition=Q(state__in=batch.UNDER_WAY),
                name="one_timetable_run",
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "-created_at"], name="timetable_run_of_school")
        ]
        triggers = [*history(unit="institution_id")]

"""The year as a school decided it: semesters, vacations, bells; rooms and its own names of subjects.

Periods are half-open. A plan is edited whole, under the lock of its row; so is everything that hangs
on it, the timetable too.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from kernel.audit.triggers import history
from kernel.scoping import ScopedModel
from kernel.text import Alike
from registry.models import Institution, SchoolYear

MOST_SEATS = 500
SEMESTER, VACATION = PERIODS = ("SEMESTER", "VACATION")
OF_SCHOOL = {
    "oblast": "institution__oblast_id",
    "raion": "institution__raion_id",
    "hromada": "institution__hromada_id",
    "district": "institution__district_id",
    "institution": "institution_id",
}
_PERIOD = Func(F("starts_on"), F("ends_on"), function="daterange", output_field=DateRangeField())


class YearPlan(ScopedModel):
    """One school year of one school. Saturdays have lessons only where the school says so."""

    id = models.BigAutoField(primary_key=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    school_year = models.ForeignKey(SchoolYear, models.PROTECT, db_index=False)
    days = models.SmallIntegerField(default=5)  # a week of lessons: five days or six
    version = models.IntegerField(default=1)

    SCOPE = OF_SCHOOL
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "school_year"], name="one_plan_of_a_year"
            ),
            models.CheckConstraint(condition=Q(days__in=[5, 6]), name="plan_of_five_days_or_six"),
        ]
        triggers = [*history(unit="institution_id")]


class YearPeriod(models.Model):
    """A semester or a vacation. Those of one kind never overlap; lessons are in a semester and in no
    vacation."""

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(YearPlan, models.PROTECT, related_name="periods", db_index=False)
    kind = models.TextField()
    name = models.TextField()
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PERIODS), name="period_kind"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="period_days"),
            ExclusionConstraint(
                name="periods_never_overlap",
                expressions=[
                    ("plan", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (_PERIOD, RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["plan", "starts_on"], name="period_by_plan")]
        triggers = [*history()]


class Bell(models.Model):
    """When a lesson of a number begins and ends, by shift."""

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(YearPlan, models.PROTECT, related_name="bells", db_index=False)
    shift = models.SmallIntegerField()
    no = models.SmallIntegerField()
    starts_at = models.TimeField()
    ends_at = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "shift", "no"], name="one_bell_of_a_lesson"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="bell_times"),
            models.CheckConstraint(condition=Q(no__gte=0, no__lte=12), name="bell_number"),
            models.CheckConstraint(condition=Q(shift__gte=1, shift__lte=3), name="bell_shift"),
        ]
        triggers = [*history()]


class Room(ScopedModel):
    """A room where lessons are; closed, it is in no new timetable. `kind` is '' for any subject
    (journals/data/values.toml, «rooms»); `seats` is null where nobody counted them."""

    id = models.BigAutoField(primary_key=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    name = models.TextField()
    kind = models.TextField(blank=True, default="", db_default="")
    seats = models.SmallIntegerField(null=True)
    is_closed = models.BooleanField(default=False)

    SCOPE = OF_SCHOOL
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.UniqueConstraint("institution", Alike("name"), name="one_room_of_a_name"),
            models.CheckConstraint(condition=~Q(name=""), name="room_has_a_name"),
            models.CheckConstraint(
                condition=Q(seats=None) | Q(seats__gte=1, seats__lte=MOST_SEATS), name="room_seats"
            ),
        ]
        triggers = [*history(unit="institution_id")]

    def __str__(self) -> str:
        return self.name


class SubjectName(ScopedModel):
    """What a school calls a subject of the national list: «Математика (Істер)»."""

    id = models.BigAutoField(primary_key=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    subject = models.TextField()  # classifier subject
    name = models.TextField()

    SCOPE = OF_SCHOOL
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "subject"], name="one_name_of_a_subject"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="subject_has_a_name"),
        ]
        triggers = [*history(unit="institution_id")]

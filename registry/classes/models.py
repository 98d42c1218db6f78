"""Classes of a school year (handbook D.4)."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from kernel.audit.triggers import history
from kernel.ids import UuidV7
from kernel.past import Past
from kernel.scoping import ScopedModel
from kernel.text import Alike
from registry.classifiers.models import SchoolYear
from registry.fields.labels import label
from registry.institutions.models.institutions import Institution
from registry.staff.models.posts import Post

_PERIOD = Func(F("opened_on"), F("closed_on"), function="daterange", output_field=DateRangeField())


class ClassGroup(ScopedModel):
    """A class: parallel and letter apart («5» and «А»), form, type, language, class teacher.

    It is there from `opened_on` until `closed_on`; closing it today moves no figure of the past.
    Closed before the first day, it never was: its period is empty.
    """

    id = models.AutoField(primary_key=True)
    uid = models.UUIDField(unique=True, db_default=UuidV7(), editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="classes")
    school_year = models.ForeignKey(SchoolYear, models.PROTECT)
    grade = models.SmallIntegerField()
    letter = models.CharField(max_length=8, blank=True, default="")
    form = models.TextField(default="FULL_TIME")
    type = models.TextField(default="GENERAL")
    language = models.CharField(max_length=3, default="uk")
    profile = models.TextField(blank=True, default="")
    shift = models.SmallIntegerField(default=1)
    capacity = models.SmallIntegerField(null=True)
    teacher = models.ForeignKey(Post, models.PROTECT, null=True, related_name="classes")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    version = models.IntegerField(default=1)

    SCOPE = {
        "oblast": "institution__oblast_id",
        "raion": "institution__raion_id",
        "hromada": "institution__hromada_id",
        "district": "institution__district_id",
        "institution": "institution_id",
    }
    KIND = "institution__type"

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_class_of_a_name",
                expressions=[
                    ("institution", RangeOperators.EQUAL),
                    ("school_year", RangeOperators.EQUAL),
                    ("grade", RangeOperators.EQUAL),
                    # «B» opens no second 12-В
                    (Alike("letter"), RangeOperators.EQUAL),
                    (_PERIOD, RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")), name="class_period"
            ),
            # 0 is the preparatory class of special schools.
            models.CheckConstraint(condition=Q(grade__gte=0, grade__lte=13), name="grade_0_to_13"),
        ]
        indexes = [
            # The search asks for «5-А» of a whole oblast: each school's by one step.
            models.Index(
                "institution",
                "grade",
                Alike("letter"),
                name="class_by_label",
                condition=Q(closed_on=None),
            )
        ]
        triggers = [
            *history(unit="institution_id"),
            pgtrigger.Trigger(
                name="led_from_within",
                when=pgtrigger.After,
                operation=pgtrigger.Insert
                | pgtrigger.UpdateOf("teacher_id", "institution_id", "opened_on", "closed_on"),
                condition=pgtrigger.Q(new__teacher__isnull=False),
                func="PERFORM registry_check_teachers(ARRAY[NEW.id]); RETURN NULL;",
            ),
        ]

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, whatever the day."""
        return self.closed_on is not None

    @property
    def label(self) -> str:
        """«5-А»; «5» without a letter."""
        return label(self.grade, self.letter)

    def __str__(self) -> str:
        return self.label


class ClassPast(Past):
    """What a class was before one of these changed from a day on: forms count classes by them."""

    of = models.ForeignKey(ClassGroup, models.PROTECT, related_name="past", db_index=False)
    grade = models.SmallIntegerField()
    form = models.TextField()
    type = models.TextField()
    language = models.CharField(max_length=3)
    profile = models.TextField(blank=True)
    shift = models.SmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "until"], name="one_past_of_a_class")]
        triggers = [*history()]

"""Groups of a class for a subject, and who learns in them when. Periods are half-open.

A group is no place of learning of its own: it rests on class placements. Readers take
`registry_group_learning`, where a group's member is there no longer than in the class; so orders
about the class need to know nothing of groups, and an annulled order brings the members back.
"""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from kernel.audit.triggers import history
from kernel.ids import UuidV7
from kernel.scoping import ScopedModel
from kernel.text import Alike
from registry.classes.models import ClassGroup
from registry.classifiers.models import SchoolYear
from registry.enrolments.models import ClassPlacement
from registry.institutions.models.institutions import Institution


class StudyGroup(ScopedModel):
    """Part of one class, or of several classes together, for one subject: «Англійська мова, 1 група».

    It is there from `opened_on` until `closed_on`; closed before the first day, it never was.
    """

    id = models.AutoField(primary_key=True)
    uid = models.UUIDField(unique=True, db_default=UuidV7(), editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="study_groups")
    school_year = models.ForeignKey(SchoolYear, models.PROTECT)
    subject = models.TextField()
    name = models.TextField()
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    version = models.IntegerField(default=1)
    classes = models.ManyToManyField(ClassGroup, through="GroupClass", related_name="study_groups")

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
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")), name="group_period"
            ),
            models.CheckConstraint(condition=~Q(subject="") & ~Q(name=""), name="group_is_named"),
        ]
        triggers = [*history(unit="institution_id")]

    def __str__(self) -> str:
        return f"{self.subject}, {self.name}"


class GroupClass(models.Model):
    """A class that a group takes its members from."""

    id = models.AutoField(primary_key=True)
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="parts", db_index=False)
    class_group = models.ForeignKey(ClassGroup, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "class_group"], name="one_part_of_a_class")
        ]
        triggers = [*history()]


class GroupPlacement(models.Model):
    """A pupil's place in a group for a period, under the place in the class.

    A child is in one group of a subject at a time. Without a last day it lasts as long as the
    place in the class. Nothing is deleted: what began and ended on one day is void.
    """

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="placements")
    placement = models.ForeignKey(
        ClassPlacement, models.PROTECT, related_name="groups", db_index=False
    )
    subject = models.TextField()  # the group's, for the constraint
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    is_void = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="group_placement_period",
            ),
            # Its index serves every search by placement too.
            ExclusionConstraint(
                name="one_group_of_a_subject",
                expressions=[
                    ("placement", RangeOperators.EQUAL),
                    (Alike("subject"), RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(is_void=False),
            ),
        ]
        triggers = [
            *history(),
            pgtrigger.Protect(name="voided_not_deleted", operation=pgtrigger.Delete),
            *(
                pgtrigger.Trigger(
                    name=name,
                    level=pgtrigger.Statement,
                    when=pgtrigger.After,
                    operation=operation,
                    referencing=pgtrigger.Referencing(new="new_rows"),
                    func="""
                        PERFORM registry_check_groups(ARRAY(SELECT id FROM new_rows));
                        RETURN NULL;
                    """,
                )
                for name, operation in (("placed", pgtrigger.Insert), ("changed", pgtrigger.Update))
            ),
        ]

"""Plans of the passage to the next school year (handbook A.7 F131, D.6).

A plan is computed from the classes as they are, each time it is read; only what a person decided
otherwise is kept here, so a child who leaves or comes meanwhile needs nobody to mend the plan.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Grant, OrgUnit
from kernel import batch
from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from kernel.scoping import ScopedModel
from kernel.text import Alike
from registry.classes.models import ClassGroup
from registry.classifiers.models import SchoolYear
from registry.institutions.models.institutions import Institution
from registry.orders.models import Order
from registry.people.models.pupils import Pupil
from registry.staff.models.posts import Post

CLASS_ACTS = ("CARRY", "JOIN", "CLOSE", "GRADUATE", "STAY", "NEW")
CHILD_ACTS = ("CLASS", "REPEAT", "LEAVE", "STAY")


class RolloverPlan(ScopedModel):
    """The plan of one institution for the year to come. Its state is that of its order: none or one
    given up or annulled, it is a draft; waiting, signed and in effect after."""

    id = Uuid7Field()
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="rollovers")
    from_year = models.ForeignKey(SchoolYear, models.PROTECT, related_name="+")
    to_year = models.ForeignKey(SchoolYear, models.PROTECT, related_name="+")
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="rollovers", db_index=False
    )
    terms = models.JSONField(default=dict)  # of its order, as typed
    # Counts as they were when the plan was last computed for its own change: what lists show.
    summary = models.JSONField(default=dict)
    begun_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

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
            models.UniqueConstraint(fields=["institution", "to_year"], name="one_rollover_a_year")
        ]
        indexes = [
            models.Index(
                fields=["order"], name="rollover_by_order", condition=Q(order__isnull=False)
            )
        ]
        triggers = [*history(unit="institution_id")]


class PlannedClass(models.Model):
    """What a person decided of a class: of this year (`source`), or one to be opened anew. `letter`
    of the class that children go to; of what is not JOIN and not NEW the rest is the class's own."""

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(RolloverPlan, models.CASCADE, related_name="classes")
    source = models.ForeignKey(ClassGroup, models.PROTECT, null=True, related_name="+")
    act = models.TextField()
    grade = models.SmallIntegerField()
    letter = models.CharField(max_length=8, blank=True, default="")
    form = models.TextField(default="FULL_TIME")
    type = models.TextField(default="GENERAL")
    language = models.CharField(max_length=3, default="uk")
    shift = models.SmallIntegerField(default=1)
    profile = models.TextField(blank=True, default="")
    capacity = models.SmallIntegerField(null=True)
    teacher = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(act__in=list(CLASS_ACTS)), name="planned_class_act"),
            models.CheckConstraint(
                condition=Q(act="NEW", source=None) | (~Q(act="NEW") & Q(source__isnull=False)),
                name="planned_class_source",
            ),
            models.UniqueConstraint(
                fields=["plan", "source"],
                name="class_planned_once",
                condition=Q(source__isnull=False),
            ),
            models.UniqueConstraint(
                F("plan"),
                F("grade"),
                Alike("letter"),
                name="new_class_planned_once",
                condition=Q(act="NEW"),
            ),
        ]
        triggers = [*history()]


class PlannedChild(models.Model):
    """A child who does not go with its class: to another one (`grade`, `letter`), the same grade once
    more, away, or nowhere, with the reason."""

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(RolloverPlan, models.CASCADE, related_name="children")
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="+")
    act = models.TextField()
    letter = models.CharField(max_length=8, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    document = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(act__in=list(CHILD_ACTS)), name="planned_child_act"),
            models.UniqueConstraint(fields=["plan", "pupil"], name="child_planned_once"),
        ]
        triggers = [*history()]


class RolloverCall(batch.Run):
    """An authority's wish that plans be begun at all its schools; a job does it school by school."""

    id = Uuid7Field()
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    to_year = models.ForeignKey(SchoolYear, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            *batch.Run.Meta.constraints,
            models.UniqueConstraint(
                fields=["unit", "to_year"],
                name="one_rollover_call",
                condition=Q(state__in=list(batch.UNDER_WAY)),
            ),
        ]
        triggers = [*history(unit="unit_id")]

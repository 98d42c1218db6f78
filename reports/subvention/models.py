"""Sums of the subvention as they were computed: parameters, territories of budgets, results."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Grant, OrgUnit
from kernel.audit.triggers import append_only, history
from kernel.ids import Uuid7Field


class SubventionParameters(models.Model):
    """A dated set of the formula's parameters, as texts (reports.subvention.parameters). Never
    edited: another set replaces it from its day on."""

    id = Uuid7Field()
    title = models.TextField()
    act = models.TextField()
    since = models.DateField()
    values = models.JSONField()
    created_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-since", "-created_at"], name="parameters_latest")]
        triggers = [append_only(), *history()]


class BudgetPlace(models.Model):
    """The territory of a budget from a day on: area, rural share, its own РНК where the act names
    one. What was said before stays; of one day, the last said holds."""

    id = models.BigAutoField(primary_key=True)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    since = models.DateField()
    area = models.DecimalField(max_digits=9, decimal_places=2)  # km²
    rural = models.DecimalField(max_digits=5, decimal_places=2)  # percent
    size = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    source = models.TextField()
    created_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(area__gt=0), name="area_is_some"),
            models.CheckConstraint(
                condition=Q(rural__gte=0) & Q(rural__lte=100), name="rural_is_percent"
            ),
            models.CheckConstraint(condition=Q(size=None) | Q(size__gt=0), name="size_is_some"),
        ]
        indexes = [models.Index(fields=["unit", "-since", "-id"], name="place_latest")]
        triggers = [append_only(), *history(unit="unit_id")]


class Subvention(models.Model):
    """One computation, kept: of a generated contingent, by a set of parameters, for a day.

    `scenario` says what is supposed otherwise than in `base` (what-if of one budget); `places` and
    lines are kept with it, so it shows the same whatever is said of territories later.
    """

    id = Uuid7Field()
    title = models.TextField()
    run = models.ForeignKey("reports.ReportRun", models.PROTECT, related_name="+")
    parameters = models.ForeignKey(SubventionParameters, models.PROTECT, related_name="+")
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    day = models.DateField()
    base = models.ForeignKey("self", models.PROTECT, null=True, related_name="scenarios")
    scenario = models.JSONField(default=dict)
    pupils = models.IntegerField()
    amount = models.BigIntegerField()  # kopiykas, of the budgets that have a sum
    unreckoned = models.IntegerField()  # budgets whose sum is not known
    created_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(base=None, scenario={}) | (Q(base__isnull=False) & ~Q(base=F("id"))),
                name="scenario_has_a_base",
            )
        ]
        indexes = [models.Index(fields=["unit", "-id"], name="subvention_by_unit")]
        triggers = [append_only(), *history(unit="unit_id")]


class SubventionLine(models.Model):
    """A budget of a computation: what was reckoned (`steps`), its sum or what was missing."""

    id = models.BigAutoField(primary_key=True)
    subvention = models.ForeignKey(Subvention, models.PROTECT, related_name="lines", db_index=False)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    pupils = models.IntegerField()
    amount = models.BigIntegerField(null=True)  # kopiykas
    steps = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subvention", "unit"], name="one_line_of_a_budget")
        ]
        triggers = [append_only()]


class SubventionSchool(models.Model):
    """An institution of a budget in a computation: pupils by grade, threshold, its part."""

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(SubventionLine, models.PROTECT, related_name="schools", db_index=False)
    institution = models.ForeignKey(
        "registry.Institution", models.PROTECT, related_name="+", db_index=False
    )
    type = models.TextField()
    grades = models.JSONField()  # group I by grade
    others = models.JSONField()  # other groups: counted, not reckoned
    fewest = models.IntegerField(null=True)
    counted = models.BooleanField()
    joined = models.ForeignKey(
        "registry.Institution", models.PROTECT, null=True, related_name="+", db_index=False
    )
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "institution"], name="one_part_of_a_school")
        ]
        triggers = [append_only()]

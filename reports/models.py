"""Generated statistics: runs, counts by institution and grade, sums by node of the tree."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Grant, OrgUnit
from kernel.audit.triggers import History
from kernel.ids import Uuid7Field


class ReportRun(models.Model):
    """One generation of one form for the institutions under a node, as of a day.

    The definition is kept with the run, so that the figures can be read and counted again when
    the form has a newer version. Institutions are counted in portions by rising id; `cursor` is
    the last one done, so a killed job goes on where it stopped and counts nothing twice.
    """

    id = Uuid7Field()
    form = models.TextField()
    form_version = models.SmallIntegerField()
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    as_of = models.DateField()
    state = models.TextField(default="QUEUED")  # QUEUED, RUNNING, DONE, FAILED
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    cursor = models.IntegerField(default=0)
    failure = models.TextField(blank=True, default="")
    requested_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["QUEUED", "RUNNING", "DONE", "FAILED"]),
                name="run_state",
            ),
            models.UniqueConstraint(
                fields=["form", "unit", "as_of"],
                condition=models.Q(state__in=["QUEUED", "RUNNING"]),
                name="one_run_under_way",
            ),
        ]
        indexes = [models.Index(fields=["unit", "-created_at"], name="run_by_unit")]
        triggers = [History(unit="unit_id")]


class ReportCount(models.Model):
    """Counts of every row of the form for one institution and grade."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ReportRun, models.CASCADE, related_name="counts", db_index=False)
    institution_id = models.IntegerField()
    grade = models.SmallIntegerField()
    counts = ArrayField(models.IntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "institution_id", "grade"], name="one_count")
        ]


class ReportSum(models.Model):
    """The same summed up for a node of the tree (an authority, the whole country)."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ReportRun, models.CASCADE, related_name="sums", db_index=False)
    unit_id = models.IntegerField()
    grade = models.SmallIntegerField()
    counts = ArrayField(models.IntegerField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "unit_id", "grade"], name="one_sum")]

"""Rows of the sandbox's own database; in the register's these tables stay empty."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from registry.models import Institution


class School(models.Model):
    """The invented school of one system, and the neighbour whose data the system must never see."""

    # `EisSystem.uid` of the register.
    system_uid = models.UUIDField(unique=True)
    institution = models.OneToOneField(Institution, models.PROTECT, related_name="+")
    neighbour = models.OneToOneField(Institution, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()


class Run(models.Model):
    """One passage of the test programme."""

    school = models.ForeignKey(School, models.PROTECT, related_name="runs")
    # Which edition of the programme, and what the system was to write then.
    edition = models.PositiveSmallIntegerField()
    writes = models.JSONField(default=list)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    passed = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school"], condition=Q(ended_at=None), name="one_run_goes_on"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, passed=None)
                | Q(ended_at__isnull=False, passed__isnull=False),
                name="run_ended_with_a_verdict",
            ),
        ]


class TaskState(models.TextChoices):
    """How a task of a run stands."""

    WAITS = "WAITS", "Чекає"
    BEGUN = "BEGUN", "Виконується"
    PASSED = "PASSED", "Виконано"
    FAILED = "FAILED", "Не виконано"
    SKIPPED = "SKIPPED", "Не стосується"


class Task(models.Model):
    """One task of a run: what was set, until when, and what was found."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="tasks")
    number = models.PositiveSmallIntegerField()
    code = models.TextField()
    state = models.TextField(choices=TaskState.choices, default=TaskState.WAITS)
    begun_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # What the system was told, and what only the judge knows.
    given = models.JSONField(default=dict)
    expected = models.JSONField(default=dict)
    # What happens to the next call (`recorder`): a fault that the system must live through.
    armed = models.TextField(blank=True, default="")
    # What was seen, in words; the first is the verdict's reason.
    evidence = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "code"], name="one_task_of_a_code"),
            models.UniqueConstraint(
                fields=["run"], condition=Q(state="BEGUN"), name="one_task_at_a_time"
            ),
        ]


class Call(models.Model):
    """One call to the API while a task was under way, with what the ledger of systems does not keep."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="calls")
    at = models.DateTimeField()
    key_id = models.UUIDField()
    method = models.CharField(max_length=8)
    path = models.TextField()
    query = models.TextField(blank=True, default="")
    status = models.SmallIntegerField()
    idempotency_key = models.TextField(blank=True, default="")
    if_match = models.TextField(blank=True, default="")
    # The fault that met this call.
    fault = models.TextField(blank=True, default="")

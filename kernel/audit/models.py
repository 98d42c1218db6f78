"""The journal of acts: append-only by trigger. One act per command, its events, the old rows."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from kernel.audit.triggers import append_only


class Act(models.Model):
    """One command somebody carried out: who, with which grant or key, when, on what ground."""

    at = models.DateTimeField()
    command = models.TextField()
    user_id = models.BigIntegerField(null=True)
    grant_id = models.BigIntegerField(null=True)
    key_id = models.TextField(default="")
    actor_label = models.TextField()
    ground = models.TextField(default="")
    request_id = models.TextField(default="")

    class Meta:
        db_table = "audit_act"
        triggers = [append_only()]
        indexes = [models.Index(fields=["user_id", "-id"], name="act_by_user")]


class EventRow(models.Model):
    """What an act did to one subject, in the domain's words; payloads are versioned."""

    act = models.ForeignKey(Act, models.PROTECT, related_name="events", db_index=False)
    code = models.TextField()
    version = models.SmallIntegerField(default=1)
    subject_type = models.TextField()
    subject_id = models.TextField()
    unit_id = models.IntegerField(null=True)
    payload = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_event"
        triggers = [append_only()]
        indexes = [
            models.Index(fields=["act"], name="event_by_act"),
            models.Index(fields=["subject_type", "subject_id", "-id"], name="event_by_subject"),
            models.Index(fields=["unit_id", "-id"], name="event_by_unit"),
        ]


class RowVersion(models.Model):
    """The image of a row before a change (none for an insert), linked to the act."""

    act_id = models.BigIntegerField()
    table_name = models.TextField()
    row_pk = models.TextField()
    operation = models.CharField(max_length=1)
    old = models.JSONField(null=True)

    class Meta:
        db_table = "audit_row_version"
        triggers = [append_only()]
        indexes = [models.Index(fields=["table_name", "row_pk", "id"], name="version_by_row")]


class Look(models.Model):
    """Somebody saw personal data of a subject: who, when, where and which group of fields."""

    at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    grant_id = models.BigIntegerField(null=True)
    key_id = models.TextField(default="")
    actor_label = models.TextField()
    subject_type = models.TextField()
    subject_id = models.TextField()
    what = models.TextField()
    request_id = models.TextField(default="")

    class Meta:
        db_table = "audit_look"
        triggers = [append_only()]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="look_by_subject")
        ]


class Seal(models.Model):
    """A batch of acts with their events sealed into the chain: any later edit shows.

    `digest` = SHA-256 of the previous digest and the batch's canonical rows; sealed by a job a
    few seconds after the acts (7-9 µs an event).
    """

    first_act_id = models.BigIntegerField()
    last_act_id = models.BigIntegerField(unique=True)
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_seal"
        triggers = [append_only()]

"""The log: append-only by trigger and by the rights of the application's role.

One act per command, its events (for people and rules), its changes of rows (for machines), the
order in which they were settled, looks at personal data, and the chain of seals. Events, changes,
settled items and looks are range-partitioned by month of `at` (kernel/audit/functions.sql makes
the months ahead), so their primary keys in the database hold `at` as well.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from kernel.audit.fields import CurrentTransaction, NextItem, TransactionIdField
from kernel.audit.triggers import append_only


class Act(models.Model):
    """One command somebody carried out: who, with which grant or key, when, on what ground.

    `now` and `today` are the moment the command was given; `at` is the database's own clock.
    `xid` is the transaction: history takes no other act, and what is over is told by it.
    """

    at = models.DateTimeField()
    now = models.DateTimeField()
    today = models.DateField()
    command = models.TextField()
    principal_kind = models.TextField()  # PERSON, KEY, SYSTEM, STRANGER
    user_id = models.BigIntegerField(null=True)
    grant_id = models.BigIntegerField(null=True)
    key_id = models.TextField(default="")
    actor_label = models.TextField()
    ground = models.TextField(default="")
    once_key = models.TextField(default="")
    request_id = models.TextField(default="")
    xid = TransactionIdField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        db_table = "audit_act"
        triggers = [append_only()]
        indexes = [
            models.Index(fields=["user_id", "-id"], name="act_by_user"),
            models.Index(fields=["xid"], name="act_by_transaction"),
        ]


class EventRow(models.Model):
    """What an act did to one subject, in the domain's words; payloads are versioned."""

    id = models.BigIntegerField(primary_key=True, db_default=NextItem())
    act = models.ForeignKey(
        Act, models.PROTECT, related_name="events", db_index=False, db_constraint=False
    )
    at = models.DateTimeField()
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
            models.Index(fields=["subject_type", "subject_id", "-id"], name="event_by_subject"),
            models.Index(fields=["unit_id", "-id"], name="event_by_unit"),
        ]


class Change(models.Model):
    """One change of one row, and whose view it touches.

    op: I inserted, U updated, D deleted (`old` is the image before), M moved to another unit's
    view by a derived column alone (no image).
    """

    id = models.BigIntegerField(primary_key=True, db_default=NextItem())
    act_id = models.BigIntegerField()
    at = models.DateTimeField()
    resource = models.TextField()
    row_pk = models.TextField()
    op = models.CharField(max_length=1)
    unit_old = models.IntegerField(null=True)
    unit_new = models.IntegerField(null=True)
    old = models.JSONField(null=True)

    class Meta:
        db_table = "audit_change"
        triggers = [append_only()]
        indexes = [models.Index(fields=["resource", "row_pk", "id"], name="change_by_row")]


class Settled(models.Model):
    """The order of what is over: one dense sequence of acts, events and changes.

    kind: A act, E event, C change. Everything that reads the log reads it by `seq`.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()  # of the act: partitions of all three are the same months
    kind = models.CharField(max_length=1)
    act_id = models.BigIntegerField()
    item_id = models.BigIntegerField()

    class Meta:
        db_table = "audit_settled"
        triggers = [append_only()]


class Outbox(models.Model):
    """How far the log is settled: one row, written by the one sequencer.

    `snapshot` names exactly the transactions whose acts have their numbers.
    """

    seq = models.BigIntegerField()
    snapshot = models.TextField()
    cluster = models.TextField()  # of which cluster of servers the snapshot speaks
    floor = models.BigIntegerField()  # acts up to this one came with a restored dump
    touched_at = models.DateTimeField()

    class Meta:
        db_table = "audit_outbox"


class Cursor(models.Model):
    """How far one consumer has read, and what stops it."""

    name = models.TextField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(db_default=Now())
    failures = models.IntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    error = models.TextField(default="")

    class Meta:
        db_table = "audit_cursor"


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
    """A batch of settled acts with their events sealed into the chain: any later edit shows.

    `digest` = SHA-256 of the previous digest and the batch's canonical rows; sealed by a job a
    few seconds after the acts (7-9 µs an event).
    """

    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField(unique=True)
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_seal"
        triggers = [append_only()]

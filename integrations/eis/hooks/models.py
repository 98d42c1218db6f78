"""Addresses that systems are woken at, the salts of their secrets, and what waits to be sent."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from kernel.audit.triggers import history


class Hook(models.Model):
    """An address that a system is woken at when a school's feed moves: of one school when a key
    registered it, of every school with a mandate when the operator did."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    system = models.ForeignKey("eis.EisSystem", models.PROTECT, related_name="hooks")
    institution = models.ForeignKey(
        "registry.Institution", models.PROTECT, null=True, related_name="+"
    )
    url = models.TextField()
    made_at = models.DateTimeField()
    # By a person of the operator, or by a key of a school.
    made_by = models.ForeignKey("accounts.Grant", models.PROTECT, null=True, related_name="+")
    made_key = models.UUIDField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_why = models.TextField(blank=True, default="")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "eis_hook"
        constraints = [
            models.CheckConstraint(
                condition=Q(made_by__isnull=False) | Q(made_key__isnull=False), name="hook_made_by"
            ),
        ]
        triggers = [*history()]


class HookSecret(models.Model):
    """One secret of an address. Only a salt is kept: the secret is made of it and of the
    installation's own key, so a copy of the database signs nothing."""

    hook = models.ForeignKey(Hook, models.PROTECT, related_name="secrets")
    salt = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    # Another was made in its place: until then both sign.
    stops_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "eis_hook_secret"
        triggers = [*history()]


class HookQueue(models.Model):
    """How sending to one address goes. Whoever sends holds it by a lease, which a dead process loses."""

    hook = models.OneToOneField(Hook, models.PROTECT, primary_key=True, related_name="queue")
    next_at = models.DateTimeField()
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    # It failed or was slow the last time: such have places of their own (`hooks.sender`).
    is_slow = models.BooleanField(default=False)

    class Meta:
        db_table = "eis_hook_queue"
        indexes = [models.Index(fields=["next_at"], name="hook_queue_due")]


class HookPending(models.Model):
    """A school whose feed moved and that an address has not been told of: one row however often."""

    hook = models.ForeignKey(Hook, models.PROTECT, related_name="+", db_index=False)
    institution = models.ForeignKey(
        "registry.Institution",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    at = models.DateTimeField()

    class Meta:
        db_table = "eis_hook_pending"
        constraints = [
            models.UniqueConstraint(fields=["hook", "institution"], name="one_pending_of_a_school")
        ]


class MessageState(models.TextChoices):
    """What became of a message."""

    OPEN = "OPEN", "Надсилаємо"
    SENT = "SENT", "Прийнято"
    DEAD = "DEAD", "Не доставлено"


class HookMessage(models.Model):
    """A wake-up: sent again with the same id and words until it is taken or given up."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    hook = models.ForeignKey(Hook, models.PROTECT, related_name="messages", db_index=False)
    is_trial = models.BooleanField(default=False)
    institutions = ArrayField(models.IntegerField(), default=list)
    made_at = models.DateTimeField()
    state = models.TextField(choices=MessageState.choices, default=MessageState.OPEN)
    attempts = models.IntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    status = models.SmallIntegerField(default=0)
    trouble = models.TextField(blank=True, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "eis_hook_message"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="OPEN", settled_at=None)
                | (~Q(state="OPEN") & Q(settled_at__isnull=False)),
                name="hook_message_settled_when",
            ),
        ]
        indexes = [
            models.Index(fields=["hook", "-made_at", "id"], name="hook_message_latest"),
            models.Index(fields=["hook"], condition=Q(state="OPEN"), name="hook_message_open"),
            models.Index(fields=["made_at"], name="hook_message_by_age"),
        ]

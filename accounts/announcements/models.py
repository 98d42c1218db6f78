"""Announcements down the tree, and who has read them (постанова 1255 п.14, п.15; F009)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models.grants import Grant
from accounts.models.units import OrgUnit
from kernel.audit.triggers import append_only, history
from kernel.ids import Uuid7Field

READ, CONFIRMED = "READ", "CONFIRMED"


class Announcement(models.Model):
    """What a level tells everybody of certain roles at a node and below it.

    The text never changes once it is sent: a mistake is withdrawn and sent anew. `asks` says
    whether readers are asked to confirm that they know it; `due_on` is by when.
    """

    id = Uuid7Field()
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="announcements", db_index=False)
    sender = models.ForeignKey(Grant, models.PROTECT, related_name="announced", db_index=False)
    # The sender's node: whoever holds the role there afterwards goes on with it.
    sender_unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", db_index=False)
    title = models.TextField()
    text = models.TextField()
    roles = ArrayField(models.TextField())
    asks = models.BooleanField(default=False)
    due_on = models.DateField(null=True)
    sent_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(roles=[]), name="announcement_has_readers"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_why=""),
                name="announcement_withdrawn_why",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "-sent_at"], name="announcement_by_unit"),
            models.Index(fields=["sender_unit", "-sent_at"], name="announcement_by_sender"),
            models.Index(fields=["sender"], name="announcement_by_grant"),
        ]
        triggers = [*history(unit="sender_unit_id")]


class Receipt(models.Model):
    """That the holder of a grant opened an announcement, or confirmed it. Never changes."""

    id = models.BigAutoField(primary_key=True)
    announcement = models.ForeignKey(
        Announcement, models.PROTECT, related_name="receipts", db_index=False
    )
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    kind = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["announcement", "grant", "kind"], name="one_receipt_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[READ, CONFIRMED]), name="announcement_receipt_kind"
            ),
        ]
        triggers = [append_only()]

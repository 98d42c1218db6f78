"""Requests for support and what was written about them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Grant, OrgUnit
from kernel.audit.triggers import append_only, history
from kernel.ids import Uuid7Field
from registry.support.states import KINDS, OPEN, STATES


class SupportRequest(models.Model):
    """One question of one person, who has to answer it and by when.

    `handler` is the node whose administrators answer: the nearest level above, or the technical
    administrator. Terms are working days; while the author is asked back the clock stands.
    """

    id = Uuid7Field()
    number = models.IntegerField(unique=True)
    author = models.ForeignKey(Grant, models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    handler = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField()
    title = models.TextField()
    edrpou = models.CharField(max_length=8, blank=True, default="")
    state = models.TextField(default="NEW")
    answer_by = models.DateField()
    solve_by = models.DateField()
    answered_at = models.DateTimeField(null=True)
    # Since when the clock stands, or when it was said to be solved.
    since = models.DateField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="support_state"),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="support_kind"),
            models.CheckConstraint(
                condition=~Q(kind="NEW_INSTITUTION") | ~Q(edrpou=""),
                name="support_names_the_institution",
            ),
            # The second school that misses the same institution is told of the first one's request.
            models.UniqueConstraint(
                fields=["edrpou"],
                condition=Q(kind="NEW_INSTITUTION", state__in=OPEN),
                name="one_request_of_an_institution",
            ),
        ]
        indexes = [
            models.Index(fields=["author", "-number"], name="support_by_author"),
            models.Index(fields=["handler", "solve_by"], name="support_by_handler"),
            models.Index(
                fields=["since"],
                condition=Q(state__in=["SOLVED", "WAITING_USER"]),
                name="support_to_close",
            ),
        ]
        triggers = [*history(unit="unit_id")]


class SupportMessage(models.Model):
    """What was written, and what it made of the request. Never changes."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(
        SupportRequest, models.PROTECT, related_name="messages", db_index=False
    )
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    state = models.TextField()
    handler = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["request", "id"], name="support_messages")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="support_said_state")
        ]
        triggers = [append_only()]

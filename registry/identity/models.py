"""Merges of two profiles of one child: asked by one person, decided by another (handbook D.2)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Grant
from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from kernel.scoping import ScopedModel
from registry.identity.states import STATES
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil


class PupilMerge(ScopedModel):
    """Two profiles said to be one child: which stays, who asked, who decided, what was moved.

    `institution` and `merged_institution` are where the profiles were reached when asked: whoever
    decides must reach both.
    """

    id = Uuid7Field()
    retained = models.ForeignKey(Pupil, models.PROTECT, related_name="+")
    merged = models.ForeignKey(Pupil, models.PROTECT, related_name="+")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    merged_institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    state = models.TextField(default="ASKED")
    ground = models.TextField()
    asked_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")  # why it was rejected
    undone_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_ground = models.TextField(blank=True, default="")
    # What the merge wrote, with the values before and after (registry.identity.merge.Moved).
    moved = models.JSONField(null=True)

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
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="pupil_merge_state"),
            models.CheckConstraint(
                condition=~Q(retained=F("merged")), name="pupil_merge_of_two_profiles"
            ),
            models.CheckConstraint(
                condition=~Q(asked_by=F("decided_by")), name="pupil_merge_by_two_people"
            ),
            models.CheckConstraint(
                condition=Q(state="ASKED", decided_by=None)
                | (~Q(state="ASKED") & Q(decided_by__isnull=False)),
                name="pupil_merge_decided",
            ),
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(state__in=["ASKED", "MERGED"]),
                name="one_merge_of_a_profile",
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "state", "-id"], name="merge_by_institution")
        ]
        triggers = [*history(unit="institution_id")]

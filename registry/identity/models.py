"""Merges of two profiles of one child: asked by one person, decided by another (handbook D.2)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from accounts.models import Grant
from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from kernel.scoping import ScopedModel
from registry.identity.states import PAIR_STATES, STATES
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
    # Two persons take it back as two made it: who asked and why, who agreed.
    undo_asked_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    undo_asked_at = models.DateTimeField(null=True)
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
                condition=~Q(undo_asked_by=F("undone_by")), name="pupil_unmerge_by_two_people"
            ),
            models.CheckConstraint(
                condition=Q(state="UNDONE")
                | Q(state="UNDOING", undo_asked_by__isnull=False)
                | Q(state__in=["ASKED", "MERGED", "REJECTED"], undo_asked_by=None),
                name="pupil_unmerge_asked",
            ),
            models.CheckConstraint(
                condition=Q(state="ASKED", decided_by=None)
                | (~Q(state="ASKED") & Q(decided_by__isnull=False)),
                name="pupil_merge_decided",
            ),
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(state__in=["ASKED", "MERGED", "UNDOING"]),
                name="one_merge_of_a_profile",
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "state", "-id"], name="merge_by_institution")
        ]
        triggers = [*history(unit="institution_id")]


class PupilTrace(models.Model):
    """How a child's names sound and the keys under which a second profile of the child is sought:
    kept by triggers of the profile (functions.sql). A table of its own, because the index over the
    keys is dear to write and a profile is rewritten at every movement while its names stay."""

    pupil = models.OneToOneField(
        Pupil, models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )
    surname = models.TextField()
    given_name = models.TextField()
    patronymic = models.TextField()
    born_on = models.DateField()
    keys = ArrayField(models.IntegerField())

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="trace_keys", fastupdate=False)]


class TraceDue(models.Model):
    """Profiles whose names, documents or representatives changed since the night last compared them.

    Written by triggers and never unique, so nobody who writes waits for the night; a profile named
    twice is compared once.
    """

    id = models.BigAutoField(primary_key=True)
    child = models.UUIDField()


class PossibleDuplicate(ScopedModel):
    """Two profiles that may be one child, who looks into it and what was decided.

    `institution` and `other_institution` are where the two are reached, brought up to date every
    night. `said` is what a school that enrolled a child beside the other profile gave as the reason.
    """

    id = Uuid7Field()
    one = models.ForeignKey(Pupil, models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(Pupil, models.PROTECT, related_name="+")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    other_institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", db_index=False
    )
    points = models.SmallIntegerField()
    evidence = ArrayField(models.TextField())  # codes of registry.identity.alike.WEIGHTS
    found_at = models.DateTimeField()
    state = models.TextField(default="NEW")
    said = models.TextField(blank=True, default="")
    said_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    taken_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")
    merge = models.ForeignKey(PupilMerge, models.PROTECT, null=True, related_name="+")

    SCOPE = PupilMerge.SCOPE
    KIND = PupilMerge.KIND

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(PAIR_STATES)), name="possible_duplicate_state"
            ),
            models.CheckConstraint(
                condition=Q(one__lt=F("other")), name="possible_duplicate_sides"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["NEW", "LOOKED"], decided_by=None)
                | Q(state__in=["SAME", "DIFFERENT"], decided_by__isnull=False),
                name="possible_duplicate_decided",
            ),
            models.UniqueConstraint(fields=["one", "other"], name="one_doubt_of_two_profiles"),
        ]
        indexes = [
            models.Index(fields=["institution", "state", "-id"], name="doubt_by_institution"),
            models.Index(
                fields=["other_institution", "state", "-id"], name="doubt_by_other_institution"
            ),
        ]
        triggers = [*history(unit="institution_id")]

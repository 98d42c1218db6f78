"""Merges of two profiles of one child, or of two records of one member of staff: asked by one person,
decided by another (handbook D.2). The two kinds are alike to the last rule; registry.identity.kind says
what differs."""

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
from registry.staff.models.posts import Employee

_SCOPE = {
    "oblast": "institution__oblast_id",
    "raion": "institution__raion_id",
    "hromada": "institution__hromada_id",
    "district": "institution__district_id",
    "institution": "institution_id",
}
_KIND = "institution__type"


class _Merge(ScopedModel):
    """Two profiles said to be one: which stays, who asked, who decided, what was moved.

    `institution` and `merged_institution` are where the profiles were reached when asked: whoever
    decides must reach both.
    """

    id = Uuid7Field()
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

    SCOPE = _SCOPE
    KIND = _KIND

    class Meta:
        abstract = True


def _merge_rules(of: str, one: str) -> list[models.BaseConstraint]:
    """What must be so of every merge; `of` begins the names of the rules, `one` ends one of them."""
    return [
        models.CheckConstraint(condition=Q(state__in=list(STATES)), name=f"{of}_merge_state"),
        models.CheckConstraint(
            condition=~Q(retained=F("merged")), name=f"{of}_merge_of_two_profiles"
        ),
        models.CheckConstraint(
            condition=~Q(asked_by=F("decided_by")), name=f"{of}_merge_by_two_people"
        ),
        models.CheckConstraint(
            condition=~Q(undo_asked_by=F("undone_by")), name=f"{of}_unmerge_by_two_people"
        ),
        models.CheckConstraint(
            condition=Q(state="UNDONE")
            | Q(state="UNDOING", undo_asked_by__isnull=False)
            | Q(state__in=["ASKED", "MERGED", "REJECTED"], undo_asked_by=None),
            name=f"{of}_unmerge_asked",
        ),
        models.CheckConstraint(
            condition=Q(state="ASKED", decided_by=None)
            | (~Q(state="ASKED") & Q(decided_by__isnull=False)),
            name=f"{of}_merge_decided",
        ),
        models.UniqueConstraint(
            fields=["merged"],
            condition=Q(state__in=["ASKED", "MERGED", "UNDOING"]),
            name=one,
        ),
    ]


class PupilMerge(_Merge):
    """Two profiles said to be one child."""

    retained = models.ForeignKey(Pupil, models.PROTECT, related_name="+")
    merged = models.ForeignKey(Pupil, models.PROTECT, related_name="+")

    class Meta:
        constraints = _merge_rules("pupil", "one_merge_of_a_profile")
        indexes = [
            models.Index(fields=["institution", "state", "-id"], name="merge_by_institution")
        ]
        triggers = [*history(unit="institution_id")]


class EmployeeMerge(_Merge):
    """Two records said to be one member of staff."""

    retained = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    merged = models.ForeignKey(Employee, models.PROTECT, related_name="+")

    class Meta:
        constraints = _merge_rules("employee", "one_merge_of_an_employee")
        indexes = [
            models.Index(fields=["institution", "state", "-id"], name="staff_merge_by_institution")
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


class EmployeeDue(models.Model):
    """Members of staff whose names or numbers changed since the night last compared them: as TraceDue."""

    id = models.BigAutoField(primary_key=True)
    employee = models.UUIDField()


class _Doubt(ScopedModel):
    """Two profiles that may be one, who looks into it and what was decided.

    `institution` and `other_institution` are where the two are reached, brought up to date every
    night. `said` is what a school that entered one beside the other gave as the reason.
    """

    id = Uuid7Field()
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

    SCOPE = _SCOPE
    KIND = _KIND

    class Meta:
        abstract = True


def _doubt_rules(of: str, one: str) -> list[models.BaseConstraint]:
    return [
        models.CheckConstraint(condition=Q(state__in=list(PAIR_STATES)), name=f"{of}_state"),
        models.CheckConstraint(condition=Q(one__lt=F("other")), name=f"{of}_sides"),
        models.CheckConstraint(
            condition=Q(state__in=["NEW", "LOOKED"], decided_by=None)
            | Q(state__in=["SAME", "DIFFERENT"], decided_by__isnull=False),
            name=f"{of}_decided",
        ),
        models.UniqueConstraint(fields=["one", "other"], name=one),
    ]


def _doubt_indexes(of: str) -> list[models.Index]:
    return [
        models.Index(fields=["institution", "state", "-id"], name=f"{of}_by_institution"),
        models.Index(
            fields=["other_institution", "state", "-id"], name=f"{of}_by_other_institution"
        ),
    ]


class PossibleDuplicate(_Doubt):
    """Two profiles that may be one child."""

    one = models.ForeignKey(Pupil, models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(Pupil, models.PROTECT, related_name="+")
    merge = models.ForeignKey(PupilMerge, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = _doubt_rules("possible_duplicate", "one_doubt_of_two_profiles")
        indexes = _doubt_indexes("doubt")
        triggers = [*history(unit="institution_id")]


class PossibleColleague(_Doubt):
    """Two records that may be one member of staff."""

    one = models.ForeignKey(Employee, models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    merge = models.ForeignKey(EmployeeMerge, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = _doubt_rules("possible_colleague", "one_doubt_of_two_employees")
        indexes = _doubt_indexes("colleague")
        triggers = [*history(unit="institution_id")]

"""Records of children who learn nowhere, are absent or may be missing; notices about them; counts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Grant, OrgUnit
from kernel.audit.triggers import append_only, history
from kernel.ids import Uuid7Field
from kernel.scoping import ScopedModel
from registry.coverage.states import CASE, KINDS, LETTER
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil
from signatures.models import SigningSession

_SCOPE = {
    "oblast": "unit__oblast_id",
    "raion": "unit__raion_id",
    "hromada": "unit__hromada_id",
    "district": "unit__district_id",
    "institution": "institution_id",
}
_OPEN = ~Q(state="CLOSED")


class CoverageCase(ScopedModel):
    """One child of whom the law asks something, until it is closed.

    `unit` keeps the record: the community where the child lives, or the authority of the school
    that it does not come to. Who may read which kind is `registry.coverage.policies`: nothing reads
    the table past `selectors.cases`.
    """

    id = Uuid7Field()
    kind = models.TextField()
    state = models.TextField(default="RECORDED")
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="coverage_cases")
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", db_index=False)
    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.TextField()
    since = models.DateField()  # from which day it is so
    until = models.DateField(null=True)  # of an absence: the last day known
    opened_on = models.DateField()
    due_on = models.DateField(null=True)  # the last day of the term of its state
    outcome = models.TextField(blank=True, default="")
    closed_on = models.DateField(null=True)
    version = models.IntegerField(default=1)

    SCOPE = _SCOPE

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(CASE)), name="coverage_case_state"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="coverage_case_kind"),
            models.CheckConstraint(
                condition=Q(state="CLOSED", closed_on__isnull=False, due_on=None) & ~Q(outcome="")
                | _OPEN & Q(outcome="", closed_on=None, due_on__isnull=False),
                name="coverage_case_closed",
            ),
            # Two authorities record one child in the same second: the second one is told.
            models.UniqueConstraint(
                fields=["pupil", "kind"], condition=_OPEN, name="one_open_case_of_a_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "kind", "due_on", "id"], name="coverage_case_of_unit"),
            models.Index(
                fields=["institution", "kind", "due_on", "id"], name="coverage_case_of_school"
            ),
            models.Index(fields=["kind", "id"], condition=_OPEN, name="coverage_case_open"),
        ]
        triggers = [*history(unit="unit_id")]


class CoverageStep(models.Model):
    """What was established or done about a record: from which day, on what ground, by whom. Never
    changes."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(CoverageCase, models.PROTECT, related_name="steps", db_index=False)
    step = models.TextField()
    state = models.TextField()  # what it led to
    on = models.DateField()
    reason = models.TextField(blank=True, default="")
    ground = models.TextField(blank=True, default="")
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="coverage_steps")]
        triggers = [append_only()]


class CoverageLetter(ScopedModel):
    """A notice about one child or many, signed once; its rows are bytes that never change."""

    id = Uuid7Field()
    kind = models.TextField()
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", db_index=False)
    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, related_name="+", db_index=False
    )
    state = models.TextField(default="PREPARED")
    number = models.TextField()
    issued_on = models.DateField()
    send_by = models.DateField(null=True)
    signing = models.OneToOneField(SigningSession, models.PROTECT, null=True, related_name="+")
    prepared_by = models.ForeignKey(Grant, models.PROTECT, related_name="+", db_index=False)
    signed_at = models.DateTimeField(null=True)

    SCOPE = _SCOPE

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(LETTER)), name="coverage_letter_state"
            ),
            models.CheckConstraint(
                condition=Q(state="SIGNED", signed_at__isnull=False, send_by__isnull=False)
                | ~Q(state="SIGNED") & Q(signed_at=None, send_by=None),
                name="coverage_letter_signed",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "kind", "id"], name="coverage_letter_of_unit"),
            models.Index(fields=["institution", "kind", "id"], name="coverage_letter_of_school"),
        ]
        triggers = [*history(unit="unit_id")]


class LetterCase(models.Model):
    """A child in a notice: the record, and the very bytes of its row."""

    id = models.BigAutoField(primary_key=True)
    letter = models.ForeignKey(CoverageLetter, models.PROTECT, related_name="rows", db_index=False)
    case = models.ForeignKey(CoverageCase, models.PROTECT, related_name="letters")
    position = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "position"], name="one_row_of_a_letter")
        ]
        triggers = [append_only()]


class LetterDelivery(models.Model):
    """One addressee of a notice: how and when it went, under which number it was registered, what was
    answered."""

    id = models.BigAutoField(primary_key=True)
    letter = models.ForeignKey(
        CoverageLetter, models.PROTECT, related_name="deliveries", db_index=False
    )
    recipient = models.TextField()
    addressee = models.TextField()
    sent_on = models.DateField(null=True)
    how = models.TextField(blank=True, default="")
    number = models.TextField(blank=True, default="")  # of its registration there
    sent_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+", db_index=False)
    answer_by = models.DateField(null=True)
    answered_on = models.DateField(null=True)
    answer = models.TextField(blank=True, default="")
    answered_by = models.ForeignKey(
        Grant, models.PROTECT, null=True, related_name="+", db_index=False
    )
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "recipient"], name="one_delivery_to_an_addressee"
            ),
            models.CheckConstraint(
                condition=Q(sent_on=None, answer_by=None, answered_on=None)
                | Q(sent_on__isnull=False, answer_by__isnull=False),
                name="answered_after_it_was_sent",
            ),
        ]
        triggers = [*history()]


class MissingVisit(models.Model):
    """On what ground a person looked at children who may be missing: asked on entry. Never changes."""

    id = models.BigAutoField(primary_key=True)
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="+", db_index=False)
    ground = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["grant", "at"], name="missing_visit_of_a_grant")]
        triggers = [append_only()]


class CoverageMonth(ScopedModel):
    """A community in a month, as last counted: children of school age who live there, how they learn,
    who does not and why. Nothing here tells of children who may be missing."""

    id = models.BigAutoField(primary_key=True)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    counted_at = models.DateTimeField()
    children = models.IntegerField(default=0)
    learning = models.IntegerField(default=0)
    elsewhere = models.IntegerField(default=0)  # learn at an institution of another community
    forms = models.JSONField(default=dict)  # {form: children}
    here = models.IntegerField(default=0)  # learn here, wherever they live
    unplaced = models.IntegerField(default=0)  # of them, those without an address
    recorded = models.IntegerField(default=0)  # open records of children who learn nowhere
    reasons = models.JSONField(default=dict)  # {reason: records}
    absent = models.IntegerField(default=0)
    overdue = models.IntegerField(default=0)

    SCOPE = {level: lookup for level, lookup in _SCOPE.items() if level != "institution"}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "unit"], name="one_coverage_of_a_month")
        ]
        indexes = [models.Index(fields=["unit", "month"], name="coverage_months_of_unit")]

"""Certificates of study and the signature that issues many of them at once."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models import Grant
from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from kernel.scoping import ScopedModel
from kernel.text import UkSortKey
from registry.certificates.states import CERTIFICATE, ISSUE, VOIDED_FOR
from registry.drafts.models import Draft
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil
from signatures.models import SigningSession

_BY_INSTITUTION = {
    "oblast": "institution__oblast_id",
    "raion": "institution__raion_id",
    "hromada": "institution__hromada_id",
    "district": "institution__district_id",
    "institution": "institution_id",
}


class CertificateIssue(ScopedModel):
    """Certificates that one signature issues: shown (PREPARED), then SIGNED or GIVEN_UP."""

    id = Uuid7Field()
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="certificate_issues", db_index=False
    )
    draft = models.ForeignKey(Draft, models.PROTECT, null=True, related_name="+")
    state = models.TextField(default="PREPARED")
    issued_on = models.DateField()
    count = models.IntegerField()
    signing = models.OneToOneField(SigningSession, models.PROTECT, related_name="+")
    prepared_by = models.ForeignKey(Grant, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)

    SCOPE = _BY_INSTITUTION
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(ISSUE)), name="certificate_issue_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="SIGNED") | Q(signed_at__isnull=False),
                name="certificate_issue_signed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["institution", "state", "-prepared_at"], name="certificate_issue_waiting"
            )
        ]
        triggers = [
            *history(unit="institution_id"),
            pgtrigger.Protect(
                name="signed_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="SIGNED"),
            ),
        ]


class StudyCertificate(ScopedModel):
    """One certificate: a row of the school's register of them, with the bytes that were signed.

    `content` is the row of the signed package; what the register says of the child later changes
    nothing in it. `code` is printed on this paper alone and is part of what was signed.
    """

    id = Uuid7Field()
    issue = models.ForeignKey(CertificateIssue, models.PROTECT, related_name="certificates")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="certificates")
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="certificates")
    position = models.IntegerField()
    year = models.SmallIntegerField()
    number = models.IntegerField()
    issued_on = models.DateField()
    valid_until = models.DateField(null=True)
    full_name = models.TextField()
    class_label = models.TextField()
    recipient = models.TextField(blank=True, default="")
    code = models.TextField(unique=True)
    content = models.BinaryField()
    state = models.TextField(default="PREPARED")
    void_reason = models.TextField(blank=True, default="")
    void_note = models.TextField(blank=True, default="")  # for the school alone
    voided_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)
    sort_key = models.GeneratedField(
        expression=UkSortKey("full_name"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    SCOPE = _BY_INSTITUTION
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(CERTIFICATE)), name="study_certificate_state"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, year__gte=2000), name="study_certificate_number"
            ),
            models.CheckConstraint(
                condition=Q(
                    state="VOIDED", void_reason__in=list(VOIDED_FOR), voided_at__isnull=False
                )
                | ~Q(state="VOIDED") & Q(void_reason="", voided_at=None),
                name="study_certificate_voided",
            ),
            models.UniqueConstraint(
                fields=["institution", "year", "number"],
                condition=~Q(state="GIVEN_UP"),
                name="one_certificate_of_a_number",
            ),
            models.UniqueConstraint(fields=["issue", "position"], name="certificate_position"),
        ]
        triggers = [
            *history(unit="institution_id"),
            pgtrigger.ReadOnly(
                name="content_stays",
                exclude=["state", "void_reason", "void_note", "voided_by", "voided_at", "sort_key"],
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

"""Signing sessions: the bytes shown to a person, and the signature that came back."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Func, Q

from kernel.audit.triggers import append_only
from kernel.ids import UuidV7


class RandomCode(Func):
    """Eighty random bits in twenty hexadecimal digits: what nobody guesses and anybody can type."""

    template = "upper(left(gen_random_uuid()::text, 8) || right(gen_random_uuid()::text, 12))"
    output_field = models.TextField()


class SigningSession(models.Model):
    """One thing shown to one person for signing, kept byte for byte.

    PREPARED: shown, waiting. SIGNED: the signature was verified against exactly these bytes.
    EXPIRED: nobody signed in time. REFUSED: the person or the domain gave it up. The content
    never changes; once SIGNED nothing does.
    """

    id = models.UUIDField(primary_key=True, db_default=UuidV7(), editable=False)
    # Printed on the document: opens its public page and says nothing by itself.
    code = models.TextField(unique=True, db_default=RandomCode(), editable=False)
    user_id = models.BigIntegerField()  # accounts.User; this room does not know the table
    purpose = models.TextField()  # dotted code of the domain, such as registry.order.enrol
    content = models.BinaryField()
    content_sha256 = models.BinaryField(max_length=32)
    state = models.TextField(default="PREPARED")
    signature = models.BinaryField(null=True)
    result = models.JSONField(null=True)  # VerificationResult.as_json()
    evidence = models.JSONField(null=True)  # VerificationResult.evidence()
    certificate = models.BinaryField(null=True)
    signer_rnokpp = models.TextField(blank=True, default="")
    signer_edrpou = models.TextField(blank=True, default="")
    signer_name = models.TextField(blank=True, default="")
    certificate_serial = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signatures_session"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["PREPARED", "SIGNED", "EXPIRED", "REFUSED"]),
                name="signing_session_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="SIGNED")
                | Q(
                    signature__isnull=False,
                    result__isnull=False,
                    certificate__isnull=False,
                    signed_at__isnull=False,
                ),
                name="signed_with_everything",
            ),
            models.CheckConstraint(
                condition=Q(state="SIGNED") | Q(signature__isnull=True),
                name="signature_only_when_signed",
            ),
        ]
        indexes = [
            models.Index(fields=["user_id", "-created_at"], name="signing_by_user"),
            models.Index(
                fields=["expires_at"], condition=Q(state="PREPARED"), name="signing_waiting"
            ),
            models.Index(fields=["signed_at"], condition=Q(state="SIGNED"), name="signing_signed"),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="content_stays",
                fields=["code", "user_id", "purpose", "content", "content_sha256", "created_at"],
            ),
            pgtrigger.Protect(
                name="signed_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="SIGNED"),
            ),
        ]


class VerifiedSignature(models.Model):
    """A signature of a session's bytes that held when it was verified, before any lock was taken.

    Made outside the command that will use it (verification may ask responders for seconds), used
    by it once within minutes: `signatures.services.sessions`. Nothing but `used_at` ever changes.
    """

    id = models.UUIDField(primary_key=True, db_default=UuidV7(), editable=False)
    session = models.ForeignKey(SigningSession, models.CASCADE, related_name="verified")
    content_sha256 = models.BinaryField(max_length=32)  # of the bytes it was verified against
    signature = models.BinaryField()
    result = models.JSONField()
    evidence = models.JSONField()
    certificate = models.BinaryField()
    signer_rnokpp = models.TextField(blank=True, default="")
    signer_edrpou = models.TextField(blank=True, default="")
    signer_name = models.TextField(blank=True, default="")
    certificate_serial = models.TextField(blank=True, default="")
    verified_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signatures_verified"
        indexes = [models.Index(fields=["verified_at"], name="verified_by_time")]
        triggers = [pgtrigger.ReadOnly(name="verified_stays", exclude=["used_at"])]


class SessionEvidence(models.Model):
    """Something added to a finished signature later: a time-stamp; of a renewal, certificates and
    answers of providers with the archive time-stamp over them.

    The signature itself stays as the person made it; an export joins the two.
    """

    session = models.ForeignKey(SigningSession, models.PROTECT, related_name="later_evidence")
    kind = models.TextField()  # TIMESTAMP, CERTIFICATE, OCSP, CRL, ARCHIVE
    data = models.BinaryField()
    obtained_at = models.DateTimeField()

    class Meta:
        db_table = "signatures_session_evidence"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["TIMESTAMP", "CERTIFICATE", "OCSP", "CRL", "ARCHIVE"]),
                name="session_evidence_kind",
            )
        ]
        triggers = [append_only()]


class SessionFile(models.Model):
    """A file that the signed bytes list by its digest, kept as it was when they were shown.

    Files that can be put together again byte for byte, such as all rows of an order, are not.
    """

    session = models.ForeignKey(SigningSession, models.PROTECT, related_name="files")
    name = models.TextField()
    content = models.BinaryField()

    class Meta:
        db_table = "signatures_session_file"
        constraints = [
            models.UniqueConstraint(fields=["session", "name"], name="one_session_file_of_a_name")
        ]
        triggers = [append_only()]

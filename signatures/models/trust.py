"""The trust list through time: an old signature is judged by the list of its day."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kernel.audit.triggers import append_only


class TrustListVersion(models.Model):
    """One trust list that a person looked at and accepted; in force until the next one."""

    accepted_at = models.DateTimeField(unique=True)
    accepted_by = models.TextField()
    source = models.TextField()  # file name or address it came from
    format = models.TextField()  # P7B or ETSI-TL
    file_sha256 = models.BinaryField(max_length=32)
    # Who signed an ETSI-TL (SHA-256 of the certificate) and when the publisher issued it.
    signer_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    issued = models.TextField(blank=True, default="", db_default="")
    summary = models.JSONField(default=dict)  # the difference that was shown and accepted
    key_services = models.JSONField(default=list)  # addresses that find certificates by key (CMP)

    class Meta:
        db_table = "signatures_trust_version"
        triggers = [append_only()]


class TrustCertificate(models.Model):
    """A certificate met in some version; stored once."""

    fingerprint = models.CharField(max_length=64, primary_key=True)  # SHA-256, hexadecimal
    data = models.BinaryField()

    class Meta:
        db_table = "signatures_trust_certificate"
        triggers = [append_only()]


class TrustEntry(models.Model):
    """What a version says of a certificate: believed as an anchor, or helping to build paths."""

    version = models.ForeignKey(TrustListVersion, models.PROTECT, related_name="entries")
    certificate = models.ForeignKey(TrustCertificate, models.PROTECT, related_name="+")
    role = models.TextField()

    class Meta:
        db_table = "signatures_trust_entry"
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["ANCHOR", "INTERMEDIATE"]), name="trust_entry_role"
            ),
            models.UniqueConstraint(
                fields=["version", "certificate"], name="one_entry_of_a_certificate"
            ),
        ]
        triggers = [append_only()]

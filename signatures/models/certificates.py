"""Certificates this installation has seen, found again by the key they were issued for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kernel.audit.triggers import append_only


class KnownCertificate(models.Model):
    """The certificate of somebody who signed in or signed here, or that a provider named.

    Kept so that the next page finds it when the key file holds none (Key-6.dat). Trust is not
    remembered with it: it is judged anew whenever the certificate is given.
    """

    fingerprint = models.CharField(max_length=64, primary_key=True)  # SHA-256, hexadecimal
    data = models.BinaryField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "signatures_known_certificate"
        triggers = [append_only()]


class KnownKey(models.Model):
    """One identifier of a known certificate's key; a key has several (GOST, Kupyna, SHA-1 …)."""

    certificate = models.ForeignKey(KnownCertificate, models.PROTECT, related_name="keys")
    identifier = models.BinaryField(max_length=64)

    class Meta:
        db_table = "signatures_known_key"
        constraints = [
            models.UniqueConstraint(
                fields=["identifier", "certificate"], name="one_identifier_of_a_certificate"
            )
        ]
        triggers = [append_only()]


class CertificateSearch(models.Model):
    """One question «whose certificate is for this key»: counted to slow down whoever asks a lot.

    KNOWN: it was here. PROVIDER: a provider had it. NOBODY: all were asked in vain. NOT_ASKED: it
    was not here, and providers were not asked.
    """

    at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    outcome = models.TextField()

    class Meta:
        db_table = "signatures_certificate_search"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["KNOWN", "PROVIDER", "NOBODY", "NOT_ASKED"]),
                name="certificate_search_outcome",
            )
        ]
        indexes = [
            models.Index(fields=["address", "at"], name="search_by_address"),
            models.Index(fields=["at"], name="search_by_time"),
        ]

"""Sign-in by signature: one-time challenges and the sessions they open."""

from __future__ import annotations

from django.db import models

from accounts.models.grants import Grant
from accounts.models.people import User


class Challenge(models.Model):
    """Bytes to sign once, before they expire, in the browser session that asked for them."""

    id = models.UUIDField(primary_key=True)
    content = models.BinaryField()
    browser_key = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)


class UserSession(models.Model):
    """One visit: which certificate opened it, under which grant, when and how it ended."""

    user = models.ForeignKey(User, models.PROTECT, related_name="sessions")
    # Null until the person chose among several grants.
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="sessions")
    session_key_sha256 = models.BinaryField(max_length=32, db_index=True)
    certificate_sha256 = models.BinaryField(max_length=32)
    certificate_serial = models.TextField()
    certificate_not_after = models.DateTimeField()
    # ЄДРПОУ of the certificate: which of the person's organisations this visit may act for.
    edrpou = models.CharField(max_length=8, blank=True, default="")
    address = models.GenericIPAddressField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["grant", "ended_at"], name="session_by_grant")]

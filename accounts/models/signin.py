"""Sign-in by signature: answered challenges, attempts, and the visits they open."""

from __future__ import annotations

from django.db import models

from accounts.models.grants import Grant
from accounts.models.people import User
from accounts.roles import Way
from kernel.ids import UuidV7


class Challenge(models.Model):
    """A challenge that was answered, or a return from id.gov.ua, rightly or wrongly: it is never accepted again.

    Showing the sign-in page writes nothing: what is asked travels in the page under the server's
    own seal, and a row is made when the answer comes. Kept until the challenge would expire.
    """

    id = models.UUIDField(primary_key=True)
    answered_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)


class SignInAttempt(models.Model):
    """One answer to a challenge: from where and how it ended. Counted to slow down guessing."""

    at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    # SHA-256 of the value that binds a challenge to one browser.
    browser_sha256 = models.BinaryField(max_length=32)
    outcome = models.TextField()
    certificate_serial = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["address", "at"], name="attempt_by_address"),
            models.Index(fields=["browser_sha256", "at"], name="attempt_by_browser"),
            models.Index(fields=["at"], name="attempt_by_time"),
        ]


class UserSession(models.Model):
    """One visit: how it was opened, under which grant, when and how it ended.

    A visit through id.gov.ua has no certificate of its own: the serial is the one that id.gov.ua
    read and `certificate_not_after` the end of the day's visit; what was said there is in the
    event that opened it.
    """

    uid = models.UUIDField(unique=True, db_default=UuidV7(), editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="sessions")
    # Null until the person chose among several grants.
    grant = models.ForeignKey(
        Grant, models.PROTECT, null=True, related_name="sessions", db_index=False
    )
    session_key_sha256 = models.BinaryField(max_length=32, db_index=True)
    certificate_sha256 = models.BinaryField(max_length=32)
    certificate_serial = models.TextField()
    certificate_not_after = models.DateTimeField()
    way = models.CharField(
        max_length=16, choices=Way.choices, default=Way.SIGNATURE, db_default=Way.SIGNATURE
    )
    # ЄДРПОУ of the certificate: which of the person's organisations this visit may act for.
    edrpou = models.CharField(max_length=8, blank=True, default="")
    # The parents' window: the person acts for their own children and under no grant.
    as_parent = models.BooleanField(default=False, db_default=False)
    address = models.GenericIPAddressField(null=True)
    # What the person will know it by: «Firefox, Windows».
    device = models.TextField(blank=True, default="")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(as_parent=False) | models.Q(grant=None),
                name="a_parent_holds_no_grant",
            ),
        ]
        indexes = [
            models.Index(fields=["grant", "ended_at"], name="session_by_grant"),
            models.Index(fields=["grant", "-started_at"], name="session_latest"),
        ]

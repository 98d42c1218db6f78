"""The address that a person in the parents' window left, and what they want letters about."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models.people import User
from kernel.audit.triggers import history


class PersonMail(models.Model):
    """`address` is confirmed: whoever reads its letters opened the link. `wanted` waits for that;
    `muted` are kinds of notices that are not written of."""

    person = models.OneToOneField(User, models.PROTECT, primary_key=True, related_name="mail")
    address = models.EmailField(blank=True, default="")
    wanted = models.EmailField(blank=True, default="")
    token_sha256 = models.BinaryField(max_length=32, null=True)
    asked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    muted = ArrayField(models.TextField(), default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(wanted="", asked_at=None, expires_at=None, token_sha256=None)
                | ~Q(wanted="")
                & Q(asked_at__isnull=False, expires_at__isnull=False, token_sha256__isnull=False),
                name="person_mail_asked_whole",
            )
        ]
        indexes = [
            models.Index(
                fields=["asked_at"], condition=~Q(wanted="") & Q(sent_at=None), name="mail_to_ask"
            )
        ]
        triggers = [*history()]

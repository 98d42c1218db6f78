"""Until when the kept evidence of each signed document proves itself, and what renewing it met."""

from __future__ import annotations

from django.db import models

from signatures.models.sessions import SigningSession


class Preservation(models.Model):
    """One signed document on its way through the years (`signatures.services.renewal`).

    Made by the job some time after signing; its signature and evidence are never touched, what is
    added lies in `SessionEvidence`.
    """

    session = models.OneToOneField(
        SigningSession, models.PROTECT, primary_key=True, related_name="preservation"
    )
    signed_at = models.DateTimeField()  # the session's, to find what is not watched yet
    # After this moment nothing at hand proves the time of the signature by itself.
    protected_until = models.DateTimeField()
    next_at = models.DateTimeField()  # when the job looks at it again
    renewals = models.IntegerField(default=0)
    renewed_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)  # in vain, one after the other
    failure = models.TextField(blank=True, default="")  # services.renewal.Failure; why the last was

    class Meta:
        db_table = "signatures_preservation"
        indexes = [
            models.Index(fields=["next_at"], name="preservation_next"),
            models.Index(fields=["signed_at"], name="preservation_signed"),
            models.Index(fields=["protected_until"], name="preservation_until"),
            models.Index(
                fields=["renewed_at"],
                condition=models.Q(renewed_at__isnull=False),
                name="preservation_renewed",
            ),
            models.Index(
                fields=["-attempts"],
                condition=models.Q(attempts__gt=0),
                name="preservation_failing",
            ),
        ]

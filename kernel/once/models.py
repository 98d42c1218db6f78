"""Keys under which requests were sent, for two days."""

from __future__ import annotations

from django.db import models


class Request(models.Model):
    """One request done under its sender's key: what it was and what came of it."""

    pk = models.CompositePrimaryKey("principal", "key")
    principal = models.TextField()
    key = models.TextField()
    fingerprint = models.BinaryField(max_length=32)
    outcome = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "once_request"
        indexes = [models.Index(fields=["at"], name="once_by_time")]

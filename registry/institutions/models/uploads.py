"""Files that wait between being shown and being confirmed."""

from __future__ import annotations

from django.db import models

from accounts.models import Grant
from kernel.ids import Uuid7Field


class StagedUpload(models.Model):
    """An uploaded file whose preview somebody looks at; kept in the database so that every web
    process sees it and a restart loses nothing. Deflated; gone a week later."""

    id = Uuid7Field()
    kind = models.TextField()
    name = models.TextField()
    content = models.BinaryField()
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="staged_by_age")]

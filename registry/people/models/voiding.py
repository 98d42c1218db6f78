"""What is told of a child and may turn out never to have been so: voided, never deleted.

`objects` reads what stands, and so do the ways from a child (`pupil.addresses`); what was voided is in
`ever`, for the card and for whoever writes. Statements of our own say `voided_at IS NULL`.
"""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q, QuerySet

from accounts.models import Grant


class Standing(models.Manager):  # type: ignore[type-arg]
    """Rows that were not voided."""

    def get_queryset(self) -> QuerySet[Any]:
        """Those alone."""
        return super().get_queryset().filter(voided_at=None)


class Voidable(models.Model):
    """When it was said that this never was so, by whom and why."""

    voided_at = models.DateTimeField(null=True)
    voided_by = models.ForeignKey(
        Grant, models.PROTECT, null=True, related_name="+", db_index=False
    )
    voided_why = models.TextField(blank=True, default="", db_default="")
    version = models.IntegerField(default=1)

    objects = Standing()
    ever = models.Manager()  # noqa: DJ012 - a manager, not a field

    class Meta:
        abstract = True


def stays() -> pgtrigger.Trigger:
    """No row is deleted, whoever asks."""
    return pgtrigger.Protect(name="voided_not_deleted", operation=pgtrigger.Delete)


def by_voider(name: str) -> models.Index:
    """Rows that somebody voided; the others take no place."""
    return models.Index(fields=["voided_by"], name=name, condition=Q(voided_by__isnull=False))

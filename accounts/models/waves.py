"""Waves of activation: which regions come in from which day on (S4: 19–30.08.2024; handbook F090)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models.units import OrgUnit
from kernel.audit.triggers import history
from kernel.ids import Uuid7Field


class Wave(models.Model):
    """A window in which the people of some regions are let in for the first time.

    Nobody of its regions is activated before `opens_on`; `closes_on` is when all of them should
    have come, and locks nobody out: who comes later is late, and is let in.
    """

    id = Uuid7Field()
    name = models.TextField(unique=True)
    opens_on = models.DateField()
    closes_on = models.DateField()
    reminded_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="wave_window"),
        ]
        indexes = [models.Index(fields=["opens_on", "id"], name="wave_by_day")]
        triggers = [*history()]

    def __str__(self) -> str:
        return self.name


class WaveUnit(models.Model):
    """A node whose people come with a wave, and with it all below that have none of their own."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="regions")
    unit = models.OneToOneField(OrgUnit, models.PROTECT, related_name="wave")

    class Meta:
        triggers = [*history(unit="unit_id")]

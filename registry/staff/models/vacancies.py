"""Vacancies: places that a school has and nobody fills."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from registry.institutions.models.institutions import Institution
from registry.institutions.placement import LEVELS, PlacedModel, place_by
from registry.staff.models.posts import MOST_RATE, Post

REASONS = {
    "LEFT": "працівник звільнився",
    "LEAVE": "відпустка або тривала відсутність",
    "NEW": "нова посада чи години",
    "NOBODY": "не було кандидатів",
}


class Vacancy(PlacedModel):
    """A place to fill: position, subject, rate, from when; closed when filled or withdrawn."""

    id = Uuid7Field()
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="vacancies", db_index=False
    )
    position = models.TextField()  # classifier position
    subject = models.TextField(blank=True, default="")  # classifier subject
    rate = models.DecimalField(max_digits=4, decimal_places=2, default=1)
    # Hours a week, of who teaches; why there is nobody: a key of REASONS.
    hours = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    reason = models.TextField(blank=True, default="", db_default="")
    # The last day of a place that is free for a time, such as a leave.
    until = models.DateField(null=True)
    note = models.TextField(blank=True, default="")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    # Who filled it; closed without anybody it was withdrawn.
    filled_by = models.ForeignKey(
        Post, models.PROTECT, null=True, related_name="filled_vacancies", db_index=False
    )
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="vacancy_period",
            ),
            models.CheckConstraint(condition=Q(reason__in=["", *REASONS]), name="vacancy_reason"),
            models.CheckConstraint(
                condition=Q(filled_by=None) | Q(closed_on__isnull=False), name="vacancy_filled"
            ),
            models.CheckConstraint(
                condition=Q(rate__gt=0, rate__lte=MOST_RATE), name="vacancy_rate"
            ),
        ]
        indexes = [
            models.Index(fields=[level, "opened_on", "id"], name=name, condition=Q(closed_on=None))
            for level, name in (
                ("institution", "vacancy_inst"),
                ("oblast_id", "vacancy_oblast"),
                ("raion_id", "vacancy_raion"),
                ("hromada_id", "vacancy_hromada"),
            )
        ] + [
            models.Index(
                fields=["opened_on", "id"], name="vacancy_country", condition=Q(closed_on=None)
            ),
            models.Index(
                fields=["filled_by"], name="vacancy_filler", condition=Q(filled_by__isnull=False)
            ),
        ]
        triggers = [*history(unit="institution_id", ignore=LEVELS), *place_by("institution_id")]

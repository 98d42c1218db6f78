"""Staff of institutions (handbook D.5)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Concat

from kernel.audit.triggers import History
from kernel.ids import Uuid7Field
from kernel.text import UkSortKey
from registry.institutions.models.institutions import Institution
from registry.institutions.placement import LEVELS, PlacedModel, place_by


class StaffMember(PlacedModel):
    """One person's post at one institution: main or part-time, with its rate."""

    id = Uuid7Field()
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="staff", db_index=False
    )
    surname = models.TextField()
    given_name = models.TextField()
    patronymic = models.TextField(blank=True, default="")
    sex = models.CharField(max_length=1)
    born_on = models.DateField()
    rnokpp = models.CharField(max_length=10, null=True)
    position = models.TextField()
    is_main = models.BooleanField(default=True)
    rate = models.DecimalField(max_digits=4, decimal_places=2, default=1)
    category = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=True)
    sort_key = models.GeneratedField(
        expression=UkSortKey(
            Concat(
                F("surname"),
                Value(" "),
                F("given_name"),
                Value(" "),
                F("patronymic"),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    class Meta:
        indexes = [
            models.Index(fields=["institution", "sort_key", "id"], name="staff_inst"),
            models.Index(fields=["oblast_id", "sort_key", "id"], name="staff_oblast"),
            models.Index(fields=["raion_id", "sort_key", "id"], name="staff_raion"),
            models.Index(fields=["hromada_id", "sort_key", "id"], name="staff_hromada"),
            models.Index(fields=["sort_key", "id"], name="staff_country"),
        ]
        triggers = [History(unit="institution_id", ignore=LEVELS), place_by("institution_id")]

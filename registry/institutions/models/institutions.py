"""Institutions and branches (handbook D.1)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from accounts.models import OrgUnit
from kernel.audit.triggers import history
from kernel.ids import UuidV7
from kernel.text import UkSortKey
from registry.institutions.placement import LEVELS, PlacedModel, place_by


class Institution(PlacedModel):
    """An institution or a branch; its node in the tree of authorities is the same row's pk.

    ЄДРПОУ is not unique: branches share the hub's or have none. Codes of kind, type, ownership
    and status are items of the classifiers of the same names.
    """

    unit = models.OneToOneField(
        OrgUnit,
        models.PROTECT,
        primary_key=True,
        related_name="institution",
        db_column="institution_id",
    )
    uid = models.UUIDField(unique=True, db_default=UuidV7(), editable=False)
    diso_id = models.CharField(max_length=10, null=True, unique=True)
    edebo_id = models.CharField(max_length=10, null=True, unique=True)
    edrpou = models.CharField(max_length=8, null=True, db_index=True)
    full_name = models.TextField()
    short_name = models.TextField()
    kind = models.TextField(default="ZZSO")
    type = models.TextField()
    ownership = models.TextField()
    status = models.TextField(default="DRAFT")
    founder_edrpou = models.CharField(max_length=8, null=True)
    hub = models.ForeignKey("self", models.PROTECT, null=True, related_name="branches")
    is_hub = models.BooleanField(default=False)
    is_rural = models.BooleanField(default=False)
    is_mountain = models.BooleanField(default=False)
    is_boarding = models.BooleanField(default=False)
    is_confirmed = models.BooleanField(default=False)
    territory_code = models.CharField(max_length=19)
    city_district_code = models.CharField(max_length=19, blank=True, default="")
    koatuu = models.CharField(max_length=10, blank=True, default="")
    postal_code = models.CharField(max_length=5, blank=True, default="")
    address = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    site = models.TextField(blank=True, default="")
    director = models.TextField(blank=True, default="")
    managing_body = models.TextField(blank=True, default="")
    languages = ArrayField(models.TextField(), default=list, blank=True)
    shifts = models.SmallIntegerField(default=1)
    capacity = models.IntegerField(null=True)
    licensed_volume = models.IntegerField(null=True)
    version = models.IntegerField(default=1)
    sort_key = models.GeneratedField(
        expression=UkSortKey(F("short_name")),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    SCOPE = {**PlacedModel.SCOPE, "institution": "unit_id"}
    KIND = "type"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(edrpou=None) | Q(edrpou__regex=r"^[0-9]{8}$"),
                name="institution_edrpou_shape",
            ),
            models.CheckConstraint(condition=~Q(hub=F("unit")), name="not_its_own_hub"),
        ]
        indexes = [
            models.Index(fields=["sort_key", "unit"], name="inst_country"),
            models.Index(fields=["oblast_id", "sort_key", "unit"], name="inst_oblast"),
            models.Index(fields=["raion_id", "sort_key", "unit"], name="inst_raion"),
            models.Index(fields=["hromada_id", "sort_key", "unit"], name="inst_hromada"),
            models.Index(fields=["district_id", "sort_key", "unit"], name="inst_district"),
            # 14,000 rows that change seldom: here a trigram index is cheap.
            GinIndex(
                fields=["short_name", "full_name"],
                name="inst_trgm",
                opclasses=["gin_trgm_ops", "gin_trgm_ops"],
            ),
        ]
        triggers = [*history(unit="institution_id", ignore=LEVELS), *place_by("institution_id")]

    def __str__(self) -> str:
        return self.short_name


class InstitutionStatus(models.Model):
    """One step of the institution's life (DRAFT → VERIFIED → ACTIVE ⇄ SUSPENDED → REORGANISING →
    LIQUIDATED) with the order it rests on."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="statuses")
    status = models.TextField()
    since = models.DateField()
    order_number = models.TextField(blank=True, default="")
    order_date = models.DateField(null=True)
    issued_by = models.TextField(blank=True, default="", db_default="")  # whose document it is
    ground = models.TextField(blank=True, default="")

    class Meta:
        triggers = [*history(unit="institution_id")]
        indexes = [models.Index(fields=["institution", "-since"], name="status_by_institution")]

"""State classifiers (постанова 1255 п.5(2)): effective-dated, with codes that never change."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from kernel.audit.triggers import history
from kernel.text import UkSortKey


class Territory(models.Model):
    """One edition of one object of КАТОТТГ (handbook C.5); the code is the stable key.

    A rename or a change of category closes the row (`valid_to`) and opens another; a closed
    object keeps its last row. The current edition has `valid_to` null.
    """

    code = models.CharField(max_length=19)
    parent_code = models.CharField(max_length=19, blank=True, default="")
    # O, K, P, H, M, C, X, B (Latin letters); T is accepted on import of older editions.
    category = models.CharField(max_length=1)
    name = models.TextField()
    level = models.SmallIntegerField()
    oblast_code = models.CharField(max_length=19)
    raion_code = models.CharField(max_length=19, blank=True, default="")
    hromada_code = models.CharField(max_length=19, blank=True, default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    sort_key = models.GeneratedField(
        expression=UkSortKey(F("name")),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(valid_to=None), name="one_current_territory"
            ),
            models.UniqueConstraint(fields=["code", "valid_from"], name="territory_edition"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^UA[0-9]{17}$"), name="territory_code_shape"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="territory_period",
            ),
        ]
        indexes = [
            models.Index(fields=["parent_code", "sort_key"], name="territory_children"),
            GinIndex(fields=["name"], name="territory_trgm", opclasses=["gin_trgm_ops"]),
        ]


class ClassifierItem(models.Model):
    """One item of one dictionary: education form, class type, institution type, ownership, …"""

    classifier = models.TextField()
    code = models.TextField()
    name = models.TextField()
    sort = models.IntegerField(default=0)
    attributes = models.JSONField(default=dict)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    # The act the item comes from, or "own" where none was found (handbook marks it so).
    source = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["classifier", "code"], condition=Q(valid_to=None), name="one_current_item"
            ),
            models.UniqueConstraint(
                fields=["classifier", "code", "valid_from"], name="classifier_item_edition"
            ),
        ]
        triggers = [*history()]


class SchoolYear(models.Model):
    """A school year, «2026-2027»; dates are half-open and come from the yearly act."""

    code = models.CharField(max_length=9, primary_key=True)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^20[0-9]{2}-20[0-9]{2}$"), name="school_year_shape"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="school_year_period"
            ),
        ]
        triggers = [*history()]

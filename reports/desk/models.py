"""Slices of the desk: figures of one day kept for good; their sums; questions that people saved."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Grant
from kernel import batch
from kernel.audit.triggers import history
from kernel.ids import Uuid7Field

WHOLE = 63  # `split` of a sum by every field of its cube


class DeskSlice(batch.Run):
    """All cubes as of one reference day, never counted over. `total` is the number of cubes, `cursor`
    the last one counted; `finished_at` says as known when."""

    id = models.AutoField(primary_key=True)
    day = models.DateField()
    requested_by = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            *batch.Run.Meta.constraints,
            models.UniqueConstraint(
                fields=["day"],
                condition=Q(state__in=batch.UNDER_WAY),
                name="one_desk_slice_under_way",
            ),
        ]
        indexes = [models.Index(fields=["state", "-day", "-id"], name="desk_slice_by_day")]
        triggers = [*history()]


class _Counted(models.Model):
    """How many rows of a cube have these codes (`reports.desk.measures.coded`). `seal` is the sum of
    marks of those counted: the same people have the same one, and figures are rounded by it."""

    id = models.BigAutoField(primary_key=True)
    d1 = models.IntegerField(null=True)
    d2 = models.IntegerField(null=True)
    d3 = models.IntegerField(null=True)
    d4 = models.IntegerField(null=True)
    d5 = models.IntegerField(null=True)
    d6 = models.IntegerField(null=True)
    n = models.IntegerField()
    seal = models.BigIntegerField()
    amount = models.BigIntegerField(default=0)  # whole hundredths

    class Meta:
        abstract = True


class DeskCell(_Counted):
    """Of one institution (of the children's register: of one community)."""

    slice = models.ForeignKey(DeskSlice, models.CASCADE, related_name="cells", db_index=False)
    cube = models.TextField()
    unit_id = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["slice", "cube", "unit_id"], name="desk_cell_of_unit")]


class DeskSum(_Counted):
    """Of a territory by the tree of the day. `level`: C the country, O an oblast, R a raion, H a
    hromada; of what stands outside of one the level's own column is null. `split` says by which fields:
    a bit for each of two at most, the first the lowest, or WHOLE."""

    slice = models.ForeignKey(DeskSlice, models.CASCADE, related_name="sums", db_index=False)
    cube = models.TextField()
    level = models.CharField(max_length=1)
    split = models.SmallIntegerField()
    oblast_id = models.IntegerField(null=True)
    raion_id = models.IntegerField(null=True)
    hromada_id = models.IntegerField(null=True)

    class Meta:
        # Led by what every question names; then the territory that it is about.
        indexes = [
            models.Index(
                fields=["slice", "cube", "level", "split", "oblast_id"], name="desk_sum_of_oblast"
            ),
            models.Index(
                fields=["slice", "cube", "level", "split", "raion_id"],
                condition=Q(raion_id__isnull=False),
                name="desk_sum_of_raion",
            ),
            models.Index(
                fields=["slice", "cube", "hromada_id", "split"],
                condition=Q(hromada_id__isnull=False),
                name="desk_sum_of_hromada",
            ),
        ]


class DeskQuery(models.Model):
    """A question kept by a person: what the address of the desk says. Shared ones are read by everybody
    who may use the desk, each within the own reach."""

    id = Uuid7Field()
    title = models.TextField()
    asks = models.JSONField()  # parameters of the address
    owner = models.ForeignKey(Grant, models.PROTECT, related_name="+", db_index=False)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "title"], name="one_desk_query_of_a_title")
        ]
        indexes = [models.Index(fields=["-id"], condition=Q(shared=True), name="desk_query_shared")]
        triggers = [*history()]

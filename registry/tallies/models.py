"""Kept figures of institutions, and their sums by oblast."""

from __future__ import annotations

import pgtrigger
from django.db import models

from kernel import sums
from kernel.scoping import ScopedModel
from registry.institutions.models.institutions import Institution
from registry.institutions.placement import LEVELS

SUMMED_BY = "oblast_id, type, code"


def _summed(
    operation: pgtrigger.Operation, name: str, *, new: bool, old: bool
) -> pgtrigger.Trigger:
    """Keep registry_tallysum: what a statement wrote is added, what it took away subtracted."""
    return sums.kept(
        operation,
        name,
        new=new,
        old=old,
        each=f"SELECT {{sign}}1 AS one, {{sign}}n AS n, {SUMMED_BY} FROM {{rows}}",  # noqa: S608 - ours
        into=f"""
            INSERT INTO registry_tallysum AS s ({SUMMED_BY}, institutions, n)
            SELECT {SUMMED_BY}, sum(one), sum(n) FROM ({{moved}}) x
            GROUP BY {SUMMED_BY} HAVING sum(one) <> 0 OR sum(n) <> 0 ORDER BY {SUMMED_BY}
            ON CONFLICT ({SUMMED_BY}) DO UPDATE
            SET institutions = s.institutions + excluded.institutions, n = s.n + excluded.n;
            RETURN NULL;
        """,  # noqa: S608 - put together of our own words
    )


class Tally(ScopedModel):
    """How many of something an institution has; none has no row.

    `code` is a figure's or a concern's. The levels are those of the day it speaks of: of a year ago
    for figures of a year ago. `registry.tallies.keeping` is the only writer.
    """

    id = models.BigAutoField(primary_key=True)
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="tallies", db_index=False
    )
    code = models.TextField()
    n = models.IntegerField()
    type = models.TextField()  # the institution's
    oblast_id = models.IntegerField(null=True)
    raion_id = models.IntegerField(null=True)
    hromada_id = models.IntegerField(null=True)
    district_id = models.IntegerField(null=True)

    SCOPE = {
        **{level.removesuffix("_id"): level for level in LEVELS},
        "institution": "institution_id",
    }
    KIND = "type"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "code"], name="one_tally_of_a_code")
        ]
        # Worst first at every level.
        indexes = [
            models.Index(fields=["code", "-n", "-institution"], name="tally_country"),
            models.Index(fields=["oblast_id", "code", "-n", "-institution"], name="tally_oblast"),
            models.Index(fields=["raion_id", "code", "-n", "-institution"], name="tally_raion"),
            models.Index(fields=["hromada_id", "code", "-n", "-institution"], name="tally_hromada"),
            models.Index(
                fields=["district_id", "code", "-n", "-institution"], name="tally_district"
            ),
        ]
        triggers = [
            _summed(pgtrigger.Insert, "summed", new=True, old=False),
            _summed(pgtrigger.Update, "resummed", new=True, old=True),
            _summed(pgtrigger.Delete, "unsummed", new=False, old=True),
        ]


class TallySum(ScopedModel):
    """Sums of tallies by oblast and type of institution, kept by triggers: what the ministry adds up."""

    id = models.BigAutoField(primary_key=True)
    oblast_id = models.IntegerField(null=True)
    type = models.TextField()
    code = models.TextField()
    institutions = models.IntegerField()
    n = models.BigIntegerField()

    SCOPE = {"oblast": "oblast_id"}
    KIND = "type"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=SUMMED_BY.split(", "), nulls_distinct=False, name="one_sum_of_tallies"
            )
        ]

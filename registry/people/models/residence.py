"""Which community keeps the register of a child by its residence (handbook D.7, J.3)."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from accounts.models import OrgUnit
from kernel.audit.triggers import history
from registry.people.models.pupils import Pupil


def _after(operation: pgtrigger.Operation, name: str) -> pgtrigger.Trigger:
    """The rows of the children concerned show their open scope; a merge takes it from one to another."""
    update = operation == pgtrigger.Update
    left = "UNION SELECT pupil_id FROM old_rows" if update else ""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(new="new_rows", old="old_rows" if update else None),
        func=f"""
            UPDATE registry_pupil p SET residence_id = r.unit_id
            FROM (SELECT DISTINCT pupil_id FROM new_rows {left}) n
            LEFT JOIN registry_residencescope r ON r.pupil_id = n.pupil_id AND r.valid_to IS NULL
            WHERE p.id = n.pupil_id AND p.residence_id IS DISTINCT FROM r.unit_id;
            RETURN NULL;
        """,  # noqa: S608 - put together of our own words
    )


class ResidenceScope(models.Model):
    """The hromada (or the city district that has an authority) in which a child lives, by periods.

    Follows from addresses (registry.people.services.residence); periods are half-open and count
    from the day the register learnt of the move. The open one is the pupil's `residence`. It names
    the node and no levels above it: when a hromada moves to another raion, today's reach follows by
    itself, and a past day is asked of `accounts_unit_on`.
    """

    id = models.BigAutoField(primary_key=True)
    # Both are searched otherwise: by the index of the constraint, and through the pupil's row.
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="residences", db_index=False)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", db_index=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="residence_period",
            ),
            ExclusionConstraint(
                name="residences_never_overlap",
                expressions=[
                    ("pupil", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_to"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        triggers = [
            *history(unit="unit_id"),
            _after(pgtrigger.Insert, "settled"),
            _after(pgtrigger.Update, "moved"),
        ]

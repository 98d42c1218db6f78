"""Whether there is contact with a child and its representatives (handbook D.2, letter of seed 2)."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from kernel.audit.triggers import history
from kernel.lookups import Guarded
from registry.people.models.pupils import Pupil, by_order
from registry.people.models.voiding import Voidable, by_voider, stays

LOST = ("LOST_PUPIL", "LOST_REPRESENTATIVES", "LOST_BOTH")
STATES = (*LOST, "RESTORED")


def _after(operation: pgtrigger.Operation, name: str) -> pgtrigger.Trigger:
    """The rows of the children concerned show the state that lasts; a merge takes it from one to
    another."""
    update = operation == pgtrigger.Update
    left = "UNION SELECT pupil_id FROM old_rows" if update else ""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(new="new_rows", old="old_rows" if update else None),
        func=f"""
            UPDATE registry_pupil p SET contact_status = coalesce(s.status, 'OK')
            FROM (SELECT DISTINCT pupil_id FROM new_rows {left}) n
            LEFT JOIN registry_contactstate s
                ON s.pupil_id = n.pupil_id AND s.ends_on IS NULL AND s.voided_at IS NULL
            WHERE p.id = n.pupil_id AND p.contact_status <> coalesce(s.status, 'OK');
            RETURN NULL;
        """,  # noqa: S608 - put together of our own words
    )


class ContactState(Voidable):
    """Contact is lost, or restored, from a day until the next state; with no row there is contact.

    The state that lasts is the pupil's `contact_status`. What never was so is voided, and the state
    before it lasts on.
    """

    id = models.BigAutoField(primary_key=True)
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="contacts")
    status = models.TextField()  # STATES, classifier contact_status
    attempts = models.TextField(blank=True, default="")  # who was called, written to, when
    actions = ArrayField(models.TextField(), default=list)  # classifier contact_action
    occupied = models.BooleanField(default=False)  # last known on temporarily occupied territory
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    opened_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="+", db_index=False
    )
    closed_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=STATES), name="contact_state"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="contact_period"
            ),
            ExclusionConstraint(
                name="contacts_never_overlap",
                expressions=[
                    (Guarded("pupil"), RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(voided_at=None),
            ),
        ]
        indexes = [
            by_order("opened_by", "contact_opened_by"),
            by_order("closed_by", "contact_closed_by"),
            by_voider("contact_voided_by"),
        ]
        triggers = [
            *history(),
            stays(),
            _after(pgtrigger.Insert, "noted"),
            _after(pgtrigger.Update, "followed"),
        ]

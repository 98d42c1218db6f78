"""Enrolments and class placements: who learns where, in which class, when. Periods are half-open.

An enrolment says that a pupil learns at an institution; its placements say in which class and by
which form of education. A placement without a last day lasts as long as its enrolment, so leaving touches the enrolment alone
and a new school year touches placements alone. Nothing is deleted: what was ordered by mistake is
voided by the order that annuls it.
"""

from __future__ import annotations

import datetime

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from kernel.audit.triggers import history
from kernel.lookups import Guarded
from kernel.scoping import ScopedModel
from registry.classes.models import ClassGroup
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil

ORIGINS = ("ORDER", "MIGRATED")
# A row rests on an order, unless it came with the data the register was filled from.
_RESTS_ON_AN_ORDER = Q(opened_by__isnull=False) | Q(origin="MIGRATED")


class DateRange(Func):
    """daterange(starts_on, ends_on): half-open, an open end is null."""

    function = "daterange"
    output_field = DateRangeField()


def _period() -> DateRange:
    return DateRange(F("starts_on"), F("ends_on"))


def _by_order(column: str, name: str) -> models.Index:
    """Rows of one order; those that came with the first data have none and take no place."""
    return models.Index(fields=[column], name=name, condition=Q(**{f"{column}__isnull": False}))


def _after(operation: pgtrigger.Operation, name: str, func: str) -> pgtrigger.Trigger:
    """Look at all rows of one statement at once, whether one was written or a hundred thousand."""
    old = "old_rows" if operation == pgtrigger.Update else None
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(new="new_rows", old=old),
        func=f"{func} RETURN NULL;",
    )


class Enrolment(ScopedModel):
    """A pupil at an institution for a period.

    Opened and closed by signed orders. MAIN enrolments of one pupil never overlap, so at any date
    each pupil is counted in exactly one institution or in none; SUPPLEMENTARY ones (Saturday
    schools, schools abroad) may run beside.
    """

    id = models.BigAutoField(primary_key=True)
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="enrolments", db_index=False)
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="enrolments", db_index=False
    )
    kind = models.TextField(default="MAIN")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    origin = models.TextField(default="ORDER")
    opened_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="opened", db_index=False
    )
    closed_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="closed", db_index=False
    )
    voided_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="voided", db_index=False
    )
    end_reason = models.TextField(blank=True, default="")

    SCOPE = {
        "oblast": "institution__oblast_id",
        "raion": "institution__raion_id",
        "hromada": "institution__hromada_id",
        "district": "institution__district_id",
        "institution": "institution_id",
    }
    KIND = "institution__type"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="enrolment_period"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["MAIN", "SUPPLEMENTARY"]), name="enrolment_kind"
            ),
            models.CheckConstraint(condition=Q(origin__in=ORIGINS), name="enrolment_origin"),
            models.CheckConstraint(
                condition=_RESTS_ON_AN_ORDER, name="enrolment_rests_on_an_order"
            ),
            ExclusionConstraint(
                name="main_enrolments_never_overlap",
                expressions=[
                    (Guarded("pupil"), RangeOperators.EQUAL),
                    (_period(), RangeOperators.OVERLAPS),
                ],
                condition=Q(kind="MAIN", voided_by=None),
            ),
            ExclusionConstraint(
                name="supplementary_once_in_an_institution",
                expressions=[
                    (Guarded("pupil"), RangeOperators.EQUAL),
                    (Guarded("institution"), RangeOperators.EQUAL),
                    (_period(), RangeOperators.OVERLAPS),
                ],
                condition=Q(kind="SUPPLEMENTARY", voided_by=None),
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "starts_on"], name="enrolment_by_institution"),
            models.Index(fields=["pupil", "starts_on"], name="enrolment_by_pupil"),
            # What an order wrote, asked when another annuls it.
            _by_order("opened_by", "enrolment_opened_by"),
            _by_order("closed_by", "enrolment_closed_by"),
        ]
        triggers = [
            *history(unit="institution_id"),
            pgtrigger.Protect(name="voided_not_deleted", operation=pgtrigger.Delete),
            # The pupil's row shows the main enrolment of today, or the next to come.
            _after(
                pgtrigger.Insert,
                "opened",
                """
                PERFORM registry_mirror(
                    ARRAY(SELECT DISTINCT pupil_id FROM new_rows WHERE kind = 'MAIN'),
                    aikom_today());
                """,
            ),
            _after(
                pgtrigger.Update,
                "changed",
                """
                PERFORM registry_check_placements(ARRAY(
                    SELECT p.id FROM registry_classplacement p JOIN new_rows n ON n.id = p.enrolment_id
                ));
                PERFORM registry_mirror(ARRAY(
                    SELECT pupil_id FROM new_rows WHERE kind = 'MAIN'
                    UNION SELECT pupil_id FROM old_rows WHERE kind = 'MAIN'
                ), aikom_today());
                """,
            ),
        ]


class ClassPlacement(models.Model):
    """The class in which an enrolled pupil learns for a period, and by which form of education.

    Placements of one enrolment never overlap and lie within it; without a last day, a placement
    lasts to the end of the enrolment. Readers take both together from `registry_learning`.
    """

    id = models.BigAutoField(primary_key=True)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="placements")
    class_group = models.ForeignKey(ClassGroup, models.PROTECT, related_name="placements")
    form = models.TextField(default="FULL_TIME")  # a code of `education_form`
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    origin = models.TextField(default="ORDER")
    opened_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="+", db_index=False
    )
    closed_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="+", db_index=False
    )
    voided_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="placement_period"
            ),
            models.CheckConstraint(condition=Q(origin__in=ORIGINS), name="placement_origin"),
            models.CheckConstraint(
                condition=_RESTS_ON_AN_ORDER, name="placement_rests_on_an_order"
            ),
            ExclusionConstraint(
                name="placements_never_overlap",
                expressions=[
                    (Guarded("enrolment"), RangeOperators.EQUAL),
                    (_period(), RangeOperators.OVERLAPS),
                ],
                condition=Q(voided_by=None),
            ),
        ]
        indexes = [
            _by_order("opened_by", "placement_opened_by"),
            _by_order("closed_by", "placement_closed_by"),
        ]
        triggers = [
            *history(),
            pgtrigger.Protect(name="voided_not_deleted", operation=pgtrigger.Delete),
            # The pupil's row shows the first place that has not ended by today. One that begins after
            # such a place changes nothing there, however many begin in one statement.
            _after(
                pgtrigger.Insert,
                "opened",
                """
                PERFORM registry_check_placements(ARRAY(SELECT id FROM new_rows));
                PERFORM registry_mirror(ARRAY(
                    SELECT DISTINCT e.pupil_id FROM new_rows n
                    JOIN registry_enrolment e ON e.id = n.enrolment_id
                    WHERE e.kind = 'MAIN' AND NOT EXISTS (
                        SELECT FROM registry_classplacement x
                        WHERE x.enrolment_id = n.enrolment_id AND x.voided_by_id IS NULL
                          AND x.starts_on < n.starts_on
                          AND (x.ends_on IS NULL OR x.ends_on > aikom_today()))
                ), aikom_today());
                """,
            ),
            # Nor does a last day that is to come, nor what becomes of a place that is over or void.
            # Where the next place begins on the very day on which one ends now, the same statement wrote
            # it (before that they would overlap), and its own trigger shows it. A full join, because a
            # plan kept from one row would run nested loops over a thousand.
            _after(
                pgtrigger.Update,
                "changed",
                """
                PERFORM registry_check_placements(ARRAY(SELECT id FROM new_rows));
                PERFORM registry_mirror(ARRAY(
                    SELECT DISTINCT e.pupil_id
                    FROM old_rows o FULL JOIN new_rows n ON n.id = o.id
                    CROSS JOIN LATERAL (SELECT
                        o.voided_by_id IS NULL AND (o.ends_on IS NULL OR o.ends_on > aikom_today()) AS did,
                        n.voided_by_id IS NULL AND (n.ends_on IS NULL OR n.ends_on > aikom_today()) AS does
                    ) counts
                    JOIN registry_enrolment e ON e.id IN (o.enrolment_id, n.enrolment_id)
                    WHERE e.kind = 'MAIN' AND (
                        did <> does AND NOT (
                            did AND n.voided_by_id IS NULL AND EXISTS (
                                SELECT FROM registry_classplacement x
                                WHERE x.enrolment_id = o.enrolment_id AND x.voided_by_id IS NULL
                                  AND x.starts_on = n.ends_on))
                        OR did AND does
                            AND (o.enrolment_id, o.class_group_id, o.form, o.starts_on)
                                <> (n.enrolment_id, n.class_group_id, n.form, n.starts_on))
                ), aikom_today());
                """,
            ),
        ]

    @property
    def is_last(self) -> bool:
        """Whether the child stays here to the end of the enrolment."""
        return self.ends_on is None or self.ends_on == self.enrolment.ends_on

    def lasts(self, day: datetime.date) -> bool:
        """Whether it stands and has not ended by a day; it may still be to come."""
        ends = [end for end in (self.ends_on, self.enrolment.ends_on) if end is not None]
        voided = self.voided_by_id is not None or self.enrolment.voided_by_id is not None
        return not voided and (not ends or min(ends) > day)

"""Enrolments: who learns where, when. Periods are half-open dates; main ones never overlap."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from kernel.audit.triggers import History
from kernel.scoping import ScopedModel
from registry.classes.models import ClassGroup
from registry.institutions.models.institutions import Institution
from registry.orders.models import Order
from registry.people.models.pupils import Pupil


class DateRange(Func):
    """daterange(starts_on, ends_on): half-open, an open end is null."""

    function = "daterange"
    output_field = DateRangeField()


class Enrolment(ScopedModel):
    """A pupil in a class of an institution for a period.

    Opened and closed by signed orders. MAIN enrolments of one pupil never overlap, so at any date
    each pupil is counted in exactly one institution or in none; SUPPLEMENTARY ones (Saturday
    schools, schools abroad) may run beside.
    """

    id = models.BigAutoField(primary_key=True)
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="enrolments", db_index=False)
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="enrolments", db_index=False
    )
    class_group = models.ForeignKey(ClassGroup, models.PROTECT, related_name="enrolments")
    kind = models.TextField(default="MAIN")
    form = models.TextField(default="FULL_TIME")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    opened_by = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="opened", db_index=False
    )
    closed_by = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="closed", db_index=False
    )
    end_reason = models.TextField(blank=True, default="")

    SCOPE = {
        "oblast": "institution__oblast_id",
        "raion": "institution__raion_id",
        "hromada": "institution__hromada_id",
        "district": "institution__district_id",
        "institution": "institution_id",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="enrolment_period"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["MAIN", "SUPPLEMENTARY"]), name="enrolment_kind"
            ),
            ExclusionConstraint(
                name="main_enrolments_never_overlap",
                expressions=[
                    ("pupil", RangeOperators.EQUAL),
                    (DateRange(F("starts_on"), F("ends_on")), RangeOperators.OVERLAPS),
                ],
                condition=Q(kind="MAIN"),
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "starts_on"], name="enrolment_by_institution"),
        ]
        triggers = [
            History(unit="institution_id"),
            # The class must be of the same institution: no foreign key can say it alone.
            pgtrigger.Trigger(
                name="same_institution",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("class_group_id", "institution_id"),
                func="""
                    IF NOT EXISTS (SELECT 1 FROM registry_classgroup c
                                   WHERE c.id = NEW.class_group_id AND c.institution_id = NEW.institution_id) THEN
                        RAISE EXCEPTION 'class % is not of institution %', NEW.class_group_id, NEW.institution_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'class_of_the_institution';
                    END IF;
                    RETURN NEW;
                """,
            ),
            # Mirror the main enrolment of today (or the next to come) on the pupil's row.
            pgtrigger.Trigger(
                name="mirror",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("changed", "registry_enrolment%ROWTYPE")],
                func="""
                    changed := coalesce(NEW, OLD);
                    IF changed.kind = 'MAIN' THEN
                        PERFORM registry_mirror_enrolment(changed.pupil_id);
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

"""What a post teaches: «навантаження» (handbook D.5). Periods are half-open.

A line says type, subject, classes and hours a week of one post in one school year. It begins and
ends by signed orders; nothing is deleted: what was ordered by mistake is voided by the order that
annuls it, what another order of the same first day replaced by that order.
"""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from kernel.scoping import ScopedModel
from registry.classifiers.models import SchoolYear
from registry.institutions.models.institutions import Institution
from registry.staff.models.posts import Post

MOST_HOURS = 60  # a week of one line: more is a mistake of the pen
HOURS_OF_A_RATE = 18  # закон «Про освіту», ст. 60; handbook D.5, G
ORIGINS = ("ORDER", "MIGRATED")


def by_order(column: str, name: str) -> models.Index:
    """Rows of one order; those that came with the first data have none and take no place."""
    return models.Index(fields=[column], name=name, condition=Q(**{f"{column}__isnull": False}))


class Load(ScopedModel):
    """One line of the load. `hours` are all that the post gives a week by this line, whatever the
    number of classes. `line` says in short what is taught to whom: two lines of a post that say the
    same are never at once.
    """

    id = Uuid7Field()
    post = models.ForeignKey(Post, models.PROTECT, related_name="loads", db_index=False)
    # The post's, kept by a trigger.
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", db_index=False, editable=False
    )
    school_year = models.ForeignKey(SchoolYear, models.PROTECT, db_index=False)
    type = models.TextField()  # classifier load_type
    subject = models.TextField(blank=True, default="")  # classifier subject
    name = models.TextField(blank=True, default="")  # of a club or an optional course
    is_primary = models.BooleanField(default=False)  # «Основний предмет викладання»
    hours = models.DecimalField(max_digits=4, decimal_places=2)
    group = models.ForeignKey(
        "registry.StudyGroup", models.PROTECT, null=True, related_name="loads", db_index=False
    )
    classes = models.ManyToManyField(
        "registry.ClassGroup", through="LoadClass", related_name="loads"
    )
    line = models.TextField()
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
    version = models.IntegerField(default=1)

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
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="load_period"
            ),
            models.CheckConstraint(
                condition=Q(hours__gt=0, hours__lte=MOST_HOURS), name="load_hours"
            ),
            models.CheckConstraint(
                condition=Q(type__in=["CLUB", "GPD"]) | ~Q(subject=""), name="load_subject"
            ),
            models.CheckConstraint(condition=Q(origin__in=ORIGINS), name="load_origin"),
            models.CheckConstraint(
                condition=Q(opened_by__isnull=False) | Q(origin="MIGRATED"),
                name="load_rests_on_an_order",
            ),
            # Its index serves every search by post too.
            ExclusionConstraint(
                name="one_load_of_a_line",
                expressions=[
                    ("post", RangeOperators.EQUAL),
                    ("school_year", RangeOperators.EQUAL),
                    ("line", RangeOperators.EQUAL),
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
                condition=Q(voided_by=None),
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "school_year", "post"], name="load_by_institution"),
            models.Index(fields=["post"], name="load_by_post"),
            models.Index(fields=["group"], name="load_by_group", condition=Q(group__isnull=False)),
            by_order("opened_by", "load_opened_by"),
            by_order("closed_by", "load_closed_by"),
            by_order("voided_by", "load_voided_by"),
        ]
        triggers = [
            *history(unit="institution_id"),
            pgtrigger.Protect(name="voided_not_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="at_its_post",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    SELECT institution_id INTO STRICT NEW.institution_id
                    FROM registry_post WHERE id = NEW.post_id;
                    RETURN NEW;
                """,
            ),
        ]


class LoadClass(models.Model):
    """A class that a line of the load is taught to: of the same institution and school year."""

    id = models.BigAutoField(primary_key=True)
    load = models.ForeignKey(Load, models.PROTECT, related_name="parts", db_index=False)
    class_group = models.ForeignKey(
        "registry.ClassGroup", models.PROTECT, related_name="load_parts"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["load", "class_group"], name="one_class_of_a_load")
        ]
        triggers = [
            *history(),
            pgtrigger.Trigger(
                name="of_its_school",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func="""
                    IF EXISTS (
                        SELECT FROM new_rows n JOIN registry_load l ON l.id = n.load_id
                        JOIN registry_classgroup g ON g.id = n.class_group_id
                        WHERE (g.institution_id, g.school_year_id)
                            IS DISTINCT FROM (l.institution_id, l.school_year_id)
                    ) THEN
                        RAISE EXCEPTION 'a load is taught to classes of its school and year'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'load_of_its_classes';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

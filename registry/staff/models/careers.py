"""How a member of staff grows: attestations, courses, education; and the deferment of a post.

Facts of the person, the same in every school; each rests on the order that brought it, and an order
that annuls another voids what it brought. Nothing is deleted.
"""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from kernel.audit.triggers import history
from kernel.ids import Uuid7Field
from registry.staff.models.load import ORIGINS, by_order
from registry.staff.models.posts import MOST_GRADE, Employee, Post

# Положення про атестацію педагогічних працівників, наказ МОН 09.09.2022 № 805: a cycle of five years.
CYCLE_YEARS = 5
# Постанова КМУ 21.08.2019 № 800 and закон «Про повну загальну середню освіту», ст. 51.
COURSE_HOURS = 150


class _Fact(models.Model):
    """What a signed order says of a person, or the data the register was filled from."""

    id = Uuid7Field()
    origin = models.TextField(default="ORDER")
    opened_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="+", db_index=False
    )
    voided_by = models.ForeignKey(
        "registry.Order", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


def _rests(name: str) -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(condition=Q(origin__in=ORIGINS), name=f"{name}_origin"),
        models.CheckConstraint(
            condition=Q(opened_by__isnull=False) | Q(origin="MIGRATED"),
            name=f"{name}_rests_on_an_order",
        ),
    ]


def _triggers() -> list[Any]:
    return [
        *history(),
        pgtrigger.Protect(name="voided_not_deleted", operation=pgtrigger.Delete),
    ]


class Attestation(_Fact):
    """A decision of an attestation commission: category, title, tariff grade, until when."""

    employee = models.ForeignKey(
        Employee, models.PROTECT, related_name="attestations", db_index=False
    )
    kind = models.TextField()  # REGULAR, EXTRAORDINARY
    held_on = models.DateField()
    category = models.TextField(blank=True, default="")  # classifier staff_category
    title = models.TextField(blank=True, default="")  # classifier staff_title
    grade = models.SmallIntegerField(null=True)
    protocol = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["REGULAR", "EXTRAORDINARY"]), name="attestation_kind"
            ),
            models.CheckConstraint(
                condition=Q(grade=None) | Q(grade__gte=1, grade__lte=MOST_GRADE),
                name="attestation_grade",
            ),
            models.UniqueConstraint(
                fields=["employee", "held_on"],
                condition=Q(voided_by=None),
                name="one_attestation_of_a_day",
            ),
            *_rests("attestation"),
        ]
        indexes = [
            models.Index(fields=["employee", "-held_on"], name="attestation_by_employee"),
            by_order("opened_by", "attestation_opened_by"),
        ]
        triggers = _triggers()


class Course(_Fact):
    """Qualification courses that count: hours over five years make at least COURSE_HOURS."""

    employee = models.ForeignKey(Employee, models.PROTECT, related_name="courses", db_index=False)
    title = models.TextField()
    provider = models.TextField()
    hours = models.DecimalField(max_digits=5, decimal_places=1)
    ended_on = models.DateField()
    document = models.TextField()  # kind and number of the certificate

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hours__gt=0, hours__lte=1000), name="course_hours"),
            # The same certificate is not counted twice.
            models.UniqueConstraint(
                fields=["employee", "document", "ended_on"],
                condition=Q(voided_by=None),
                name="one_course_of_a_document",
            ),
            *_rests("course"),
        ]
        indexes = [
            models.Index(fields=["employee", "-ended_on"], name="course_by_employee"),
            by_order("opened_by", "course_opened_by"),
        ]
        triggers = _triggers()


class Education(models.Model):
    """A diploma: level, speciality, who gave it. A mistake is voided."""

    id = Uuid7Field()
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="education")
    level = models.TextField()  # classifier education_level
    speciality = models.TextField()
    place = models.TextField()  # the institution that gave it
    diploma = models.TextField(blank=True, default="")  # series and number
    graduated = models.SmallIntegerField()  # year
    is_void = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(graduated__gte=1940, graduated__lte=2100), name="education_year"
            ),
        ]
        triggers = _triggers()


class Deferment(_Fact):
    """The mark «відстрочка» of a post: until when. It is prolonged by a new one (handbook A.9)."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="deferments", db_index=False)
    starts_on = models.DateField()
    until = models.DateField()  # the last day

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("starts_on")), name="deferment_period"),
            *_rests("deferment"),
        ]
        indexes = [
            models.Index(fields=["post", "-until"], name="deferment_by_post"),
            by_order("opened_by", "deferment_opened_by"),
        ]
        triggers = _triggers()

"""What the card of a member of staff shows: load, attestation, courses, education, deferment."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from decimal import Decimal

from accounts.actors import Actor
from kernel import clock
from registry.classifiers.selectors import classifiers
from registry.fields.labels import label
from registry.institutions import policies
from registry.staff.models.careers import (
    COURSE_HOURS,
    CYCLE_YEARS,
    Attestation,
    Course,
    Deferment,
    Education,
)
from registry.staff.models.load import HOURS_OF_A_RATE, Load
from registry.staff.models.posts import Post, lasting


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of the load as the card shows it."""

    type: str
    taught: str
    to: str
    hours: Decimal
    is_primary: bool
    since: datetime.date


@dataclasses.dataclass(frozen=True)
class Career:
    """A member of staff on a day: what is taught now, and what is due."""

    lines: Sequence[Line]
    attestations: Sequence[Attestation]
    courses: Sequence[Course]
    education: Sequence[Education]
    deferment: Deferment | None
    today: datetime.date

    @property
    def hours(self) -> Decimal:
        """All that is taught a week."""
        return sum((one.hours for one in self.lines), Decimal(0))

    @property
    def rate(self) -> Decimal:
        """The rate that the hours make: 18 are one."""
        return round(self.hours / HOURS_OF_A_RATE, 2)

    @property
    def due_on(self) -> datetime.date | None:
        """By when the next attestation is due; None when there was none."""
        return (
            clock.years_after(self.attestations[0].held_on, CYCLE_YEARS)
            if self.attestations
            else None
        )

    @property
    def is_due(self) -> bool:
        """Whether the attestation is due within a year, or was."""
        return self.due_on is not None and self.due_on <= clock.years_after(self.today, 1)

    @property
    def course_hours(self) -> Decimal:
        """Hours of courses over the last five years."""
        since = clock.years_after(self.today, -CYCLE_YEARS)
        return sum((one.hours for one in self.courses if one.ended_on > since), Decimal(0))

    @property
    def courses_short(self) -> Decimal:
        """Hours that five years lack."""
        return max(Decimal(COURSE_HOURS) - self.course_hours, Decimal(0))


def career(actor: Actor, post: Post, today: datetime.date) -> Career:
    """The card's parts beside the post itself; who reads it was asked by `staff.selectors.find`."""
    person = post.employee_id
    deferred = (
        Deferment.objects.filter(post=post, voided_by=None).order_by("-until").first()
        if policies.keep_deferments.allows(actor, post.institution)
        else None
    )
    return Career(
        lines_of(post, today),
        list(Attestation.objects.filter(employee=person, voided_by=None).order_by("-held_on")),
        list(Course.objects.filter(employee=person, voided_by=None).order_by("-ended_on", "id")),
        list(Education.objects.filter(employee=person, is_void=False).order_by("-graduated", "id")),
        deferred,
        today,
    )


def lines_of(post: Post, today: datetime.date) -> list[Line]:
    """The load that goes on at a day or is to come; none of a post that ended."""
    if not post.lasts(today):
        return []
    rows = (
        Load.objects.filter(lasting(today), post=post, voided_by=None)
        .select_related("group")
        .prefetch_related("parts__class_group")
    )
    return sorted(
        map(_line, rows), key=lambda one: (not one.is_primary, one.type, one.taught, one.to)
    )


def _line(load: Load) -> Line:
    groups = sorted(
        (part.class_group for part in load.parts.all()), key=lambda g: (g.grade, g.letter)
    )
    to = ", ".join(label(one.grade, one.letter) for one in groups)
    if load.group is not None:
        to = f"{to}; {load.group.name}"
    subject = classifiers.label("subject", load.subject) if load.subject else ""
    type_ = classifiers.label("load_type", load.type)
    return Line(
        type_, load.name or subject or type_, to, load.hours, load.is_primary, load.starts_on
    )

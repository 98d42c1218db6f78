"""What the commands of admission share: the school with its intake, held; the calendar of the school."""

from __future__ import annotations

import datetime
from typing import Any

from accounts.actors import Actor
from kernel.db import part_of_command
from kernel.policy import Policy
from registry.admission import calendar
from registry.admission.errors import PlacesNotSet
from registry.admission.models import Application, Intake
from registry.admission.states import HOLDS
from registry.institutions.models.institutions import Institution


def days_of(institution: Institution, today: datetime.date) -> calendar.Calendar:
    """The calendar of admission of this day's year at a school."""
    return calendar.of(
        calendar.year_of(today),
        territory=institution.territory_code,
        founder=institution.founder_edrpou,
    )


def school(actor: Actor, institution_id: Any, policy: Policy) -> Institution:
    """An institution within reach with which the policy lets the actor do this.

    Raises:
        NotFound, NotAllowed.
    """
    found: Institution = (
        Institution.objects.visible_to(actor).select_related("unit", "hub").find(pk=institution_id)
    )
    policy.require(actor, found)
    return found


@part_of_command
def held(institution: Institution, year: str) -> Intake:
    """The intake of a school in a year, held to the end of the command, so that two people never
    give the same place.

    Raises:
        PlacesNotSet: the school has not said how many places it has.
    """
    found = (
        Intake.objects.select_for_update(no_key=True)
        .filter(institution=institution, school_year_id=year)
        .first()
    )
    if found is None:
        raise PlacesNotSet
    return found


def free(intake: Intake) -> int:
    """How many places nobody holds; below zero when the school took places away."""
    taken = Application.objects.filter(intake=intake, state__in=HOLDS).count()
    return intake.places - taken

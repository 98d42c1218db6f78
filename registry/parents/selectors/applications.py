"""Schools that an address is offered, and one's own applications to grade 1."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db.models import Q

from accounts.actors import Actor
from accounts.roles import PARENT
from kernel.clock import Moment
from kernel.errors import NotFound
from kernel.kept import key_of
from registry.admission import calendar, houses
from registry.admission.models import Application, Intake, ServiceStreet
from registry.admission.services.steps import days_of, free
from registry.admission.states import STANDS

MOST = 60
HROMADA = 9  # characters of a КАТОТТГ code that name the community: UA, oblast, raion, hromada


@dataclasses.dataclass(frozen=True)
class Offer:
    """A school that takes children in, as an address sees it: of its territory or not."""

    intake: Intake
    days: calendar.Calendar
    accepts: bool
    by_territory: str
    free: int

    @property
    def name(self) -> str:
        """What it is called in a list of schools."""
        mark = " — ваша територія обслуговування" if self.by_territory else ""
        return f"{self.intake.institution.short_name}{mark}"


def offers(code: str, line: str, moment: Moment) -> list[Offer]:
    """Schools of the community of a place that take children in this year, those on whose territory
    the address falls first."""
    place = houses.place_of(line)
    keys = {"", place[0]} if place else {""}
    own: dict[int, str] = {}
    for one in ServiceStreet.objects.filter(territory_code=code, street_key__in=keys).order_by(
        "pk"
    ):
        spans = houses.read(one.houses)
        if not spans or (place and any(span.has(place[1], place[2]) for span in spans)):
            own.setdefault(one.institution_id, one.street or "уся територія")
    year = f"{(starts := calendar.year_of(moment.today))}-{starts + 1}"
    community = code[:HROMADA]
    if len(community) < HROMADA:
        return []
    rows = (
        Intake.objects.filter(
            Q(institution__territory_code__startswith=community) | Q(institution__in=list(own)),
            school_year_id=year,
            institution__status="ACTIVE",
        )
        .select_related("institution")
        .order_by("institution__sort_key", "pk")[:MOST]
    )
    found = []
    for intake in rows:
        days = days_of(intake.institution, moment.today)
        found.append(
            Offer(
                intake,
                days,
                days.accepts(moment.now),
                own.get(intake.institution_id, ""),
                free(intake),
            )
        )
    return sorted(found, key=lambda one: not one.by_territory)


def _mine(actor: Actor) -> Any:
    rows = Application.objects.select_related("institution", "candidate", "intake__draw")
    if actor.role != PARENT:
        return rows.none()
    return rows.filter(parent_id=actor.user_id)


def mine(actor: Actor) -> list[Application]:
    """The actor's own applications, by child and wish."""
    return list(_mine(actor).order_by("candidate_id", "wish", "-submitted_at")[:100])


def find(actor: Actor, application_id: Any) -> Application:
    """One of the actor's own applications.

    Raises:
        NotFound: absent, or another's: the two read the same.
    """
    found: Application | None = _mine(actor).filter(pk=key_of(Application, application_id)).first()
    if found is None:
        raise NotFound
    return found


def place_in_line(one: Application) -> int | None:
    """Which the application is among those that wait at its school; None: it waits in no line."""
    if one.state != "RESERVE" or one.turn is None:
        return None
    return (
        1
        + Application.objects.filter(
            intake=one.intake_id, state="RESERVE", turn__lt=one.turn
        ).count()
    )


def stands(one: Application) -> bool:
    """Whether it may still be taken back."""
    return one.state in STANDS and one.state != "ENROLLED"

"""Reads of visits: the one of a request, and a person's own."""

from __future__ import annotations

import hashlib

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Value, When
from django.db.models.functions import Concat

from accounts.actors import Actor
from accounts.models import Grant, OrgUnit, UserSession
from accounts.roles import Role
from accounts.services.signin import active_grants
from kernel.actor import person_of


def of_session(visit_id: int, session_key: str) -> UserSession | None:
    """The visit of a browser session, ended or not, with grant, person, node and `below`.

    `below` are the compact ids of a head's institution and branches (None for other roles), so
    that the actor of every request costs this one query. The path's collation is "C" and holds
    digits and dots, all below "~": the range is served by the index on path.
    """
    reach = ArraySubquery(
        OrgUnit.objects.filter(
            path__gte=OuterRef("grant__unit__path"),
            path__lt=Concat(OuterRef("grant__unit__path"), Value("~")),
        ).values("id")
    )
    row: UserSession | None = (
        UserSession.objects.select_related("grant__user", "grant__unit", "user")
        .annotate(
            below=Case(
                When(grant__role__in=[Role.HEAD, Role.DEPUTY], then=reach), default=Value(None)
            )
        )
        .filter(
            pk=visit_id,
            session_key_sha256=hashlib.sha256(session_key.encode()).digest(),
        )
        .first()
    )
    return row


def mine(actor: Actor, limit: int = 50) -> list[UserSession]:
    """The person's latest visits, open ones first."""
    return list(
        UserSession.objects.filter(user_id=person_of(actor))
        .select_related("grant__unit")
        .order_by(F("ended_at").desc(nulls_first=True), "-started_at")[:limit]
    )


def choices(actor: Actor, visit: UserSession) -> list[Grant]:
    """The grants this visit may act under, handiest first: higher roles, then names."""
    return active_grants(actor, visit.edrpou)

"""Reads of the years ahead: which documents nobody watches yet, which are due, what failed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import Max, Q, QuerySet

from signatures.models import Preservation, SigningSession

# Moments of signing come to the table in another order than they were, by minutes at most.
OUT_OF_ORDER = datetime.timedelta(days=1)
SHOWN = 50
COUNTED = 10_000  # documents of a country are counted no further


def unwatched(limit: int) -> list[SigningSession]:
    """Signed documents without a `Preservation`, the oldest first. Only those after the newest that
    is watched are looked through."""
    newest = Preservation.objects.aggregate(at=Max("signed_at"))["at"]
    rows = SigningSession.objects.filter(state="SIGNED", preservation=None)
    if newest is not None:
        rows = rows.filter(signed_at__gte=newest - OUT_OF_ORDER)
    return list(rows.order_by("signed_at", "pk")[:limit])


def due(now: datetime.datetime) -> bool:
    """Whether there is anything to renew."""
    return Preservation.objects.filter(next_at__lte=now).exists()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a person sees of it: counts (up to one above COUNTED), and the rows that matter soonest."""

    watched: int
    soon: int  # to be renewed within the lead
    over: int  # nothing proves their time by itself any more
    failing: int
    last: datetime.datetime | None
    rows: list[Preservation]


def outlook(now: datetime.datetime, lead: datetime.timedelta) -> Outlook:
    """The state of the years ahead."""
    rows = Preservation.objects.select_related("session").only(
        "signed_at", "protected_until", "next_at", "renewals", "attempts", "failure",
        "session__code",
    )  # fmt: skip
    counted = Preservation.objects.all()

    def count(of: QuerySet[Preservation]) -> int:
        return of[: COUNTED + 1].count()

    return Outlook(
        watched=count(counted),
        soon=count(counted.filter(protected_until__gt=now, protected_until__lte=now + lead)),
        over=count(counted.filter(protected_until__lte=now)),
        failing=count(counted.filter(attempts__gt=0)),
        last=counted.filter(renewed_at__isnull=False).aggregate(at=Max("renewed_at"))["at"],
        rows=list(
            rows.filter(Q(protected_until__lte=now + lead) | Q(attempts__gt=0)).order_by(
                "protected_until", "pk"
            )[:SHOWN]
        ),
    )

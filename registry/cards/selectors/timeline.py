"""What happened to a child or an institution, as facts: words are made in `cards/portal/words.py`."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from django.db.models import QuerySet

from kernel.audit import timeline
from kernel.audit.events import Event
from kernel.audit.models import EventRow
from registry.enrolments.models import ClassPlacement
from registry.institutions.models.institutions import Institution
from registry.orders.grounds import order_of
from registry.orders.models import Order
from signatures.models import SigningSession


@dataclasses.dataclass(frozen=True)
class Step:
    """What an order did to a place in a class, or that it annulled another order.

    `session` is the signature; without an order the place came as the register was filled.
    """

    what: Literal["entered", "moved", "left", "annulled"]
    day: datetime.date
    order: Order | None
    session: SigningSession | None
    place: ClassPlacement | None = None


@dataclasses.dataclass(frozen=True)
class Noted:
    """An event of the log; `order` is the act's ground when that is an order."""

    happened: timeline.Happened
    order: Order | None


def steps_of(ids: Sequence[uuid.UUID], places: Sequence[ClassPlacement]) -> list[Step]:
    """What orders did to a child, by its ids and its places (the latest first)."""
    found = [step for place in places for step in _steps(place)]
    found += [
        Step("annulled", order.issued_on, order, None)
        for order in Order.objects.filter(
            rows__pupil__in=ids, state="EFFECTIVE", corrects__isnull=False
        ).select_related("corrects")
    ]
    signed = {step.order.signing_id for step in found if step.order and step.order.signing_id}
    sessions = {
        session.pk: session
        for session in SigningSession.objects.filter(pk__in=signed).only(
            "signer_name", "certificate_serial", "signed_at"
        )
    }
    return [
        dataclasses.replace(step, session=sessions.get(step.order.signing_id))  # type: ignore[arg-type]
        if step.order is not None
        else step
        for step in found
    ]


def _steps(place: ClassPlacement) -> Iterator[Step]:
    enrolment = place.enrolment
    if place.is_last and enrolment.ends_on is not None:
        yield Step("left", enrolment.ends_on, enrolment.closed_by, None, place)
    if place.starts_on == enrolment.starts_on:
        yield Step("entered", enrolment.starts_on, enrolment.opened_by, None, place)
    else:
        yield Step("moved", place.starts_on, place.opened_by, None, place)


def of_pupil(
    ids: Sequence[uuid.UUID], kinds: Collection[type[Event]], limit: int = 50
) -> list[Noted]:
    """Events of these kinds that happened to a child under any of its ids, newest first."""
    rows = EventRow.objects.filter(
        subject_type="registry.pupil", subject_id__in=list(map(str, ids))
    )
    return _noted(rows, kinds, limit)


def of_institution(
    institution: Institution, kinds: Collection[type[Event]], limit: int = 30
) -> list[Noted]:
    """Events of these kinds on the timeline of an institution's node, newest first."""
    return _noted(EventRow.objects.filter(unit_id=institution.unit_id), kinds, limit)


def _noted(rows: QuerySet[EventRow], kinds: Collection[type[Event]], limit: int) -> list[Noted]:
    found = timeline.newest(rows, limit, kinds)
    orders = Order.objects.in_bulk({order_of(one.ground) for one in found} - {None})
    return [Noted(one, orders.get(order_of(one.ground))) for one in found]

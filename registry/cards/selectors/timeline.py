"""What happened to a child or an institution, as facts: words are made in `cards/portal/words.py`."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Literal

import kernel.lookups  # noqa: F401 - registers `among`
from kernel.audit import timeline
from kernel.audit.events import Event, type_of
from kernel.audit.models import EventRow
from kernel.kept import Kept
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


_ANNULLING = Kept[Order](
    lambda ids: Order.objects.filter(
        rows__pupil_id__among=ids, state="EFFECTIVE", corrects__isnull=False
    ).select_related("corrects")
)
_SIGNED = Kept[SigningSession](
    lambda ids: SigningSession.objects.filter(pk__among=ids).only(
        "signer_name", "certificate_serial", "signed_at"
    )
)


def steps_of(ids: Sequence[uuid.UUID], places: Sequence[ClassPlacement]) -> list[Step]:
    """What orders did to a child, by its ids and its places (the latest first)."""
    found = [step for place in places for step in _steps(place)]
    found += [Step("annulled", order.issued_on, order, None) for order in _ANNULLING.rows(ids)]
    signed = {step.order.signing_id for step in found if step.order and step.order.signing_id}
    sessions = {one.pk: one for one in _SIGNED.rows(list(signed))} if signed else {}
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


MOST_OF_PUPIL, MOST_OF_INSTITUTION = 50, 30
# Each subject by itself: the index gives its newest first, whatever the log holds.
_OF_PUPIL = Kept[EventRow](
    lambda codes, pk: (
        EventRow.objects.filter(subject_type="registry.pupil", subject_id=pk, code__among=codes)
        .select_related("act")
        .order_by("-id")[:MOST_OF_PUPIL]
    )
)
_OF_INSTITUTION = Kept[EventRow](
    lambda codes, pk: (
        EventRow.objects.filter(unit_id=pk, code__among=codes)
        .select_related("act")
        .order_by("-id")[:MOST_OF_INSTITUTION]
    )
)
_OF_POST = Kept[EventRow](
    lambda codes, pk: (
        EventRow.objects.filter(subject_type="registry.post", subject_id=pk, code__among=codes)
        .select_related("act")
        .order_by("-id")[:MOST_OF_PUPIL]
    )
)
_OF_EMPLOYEE = Kept[EventRow](
    lambda codes, pk: (
        EventRow.objects.filter(subject_type="registry.employee", subject_id=pk, code__among=codes)
        .select_related("act")
        .order_by("-id")[:MOST_OF_PUPIL]
    )
)
_OF_CLASS = Kept[EventRow](
    lambda uid: (
        EventRow.objects.filter(subject_type="registry.class", subject_id=uid)
        .select_related("act")
        .order_by("-id")[:MOST_OF_PUPIL]
    )
)
_ORDERS = Kept[Order](lambda ids: Order.objects.filter(pk__among=ids))


def latest(ids: Sequence[uuid.UUID], kept: Kept[Any], most: int, *given: Any) -> list[Any]:
    """The newest of what the log holds of a child under each of its ids."""
    found = [row for pk in ids for row in kept.rows(*given, str(pk))]
    return sorted(found, key=lambda row: -row.pk)[:most] if len(ids) > 1 else found


def of_pupil(ids: Sequence[uuid.UUID], kinds: Collection[type[Event]]) -> list[Noted]:
    """Events of these kinds that happened to a child under any of its ids, newest first."""
    return _noted(latest(ids, _OF_PUPIL, MOST_OF_PUPIL, _codes(kinds)))


def of_post(pk: uuid.UUID, holder: uuid.UUID, kinds: Collection[type[Event]]) -> list[Noted]:
    """Events of these kinds that happened to a post and its holder, newest first."""
    codes = _codes(kinds)
    found = [*_OF_POST.rows(codes, str(pk)), *_OF_EMPLOYEE.rows(codes, str(holder))]
    return _noted(sorted(found, key=lambda row: -row.pk)[:MOST_OF_PUPIL])


def of_class(uid: uuid.UUID) -> list[Noted]:
    """Events of a class, newest first."""
    return _noted(_OF_CLASS.rows(str(uid)))


def of_institution(
    institution: Institution, kinds: Collection[type[Event]], limit: int = MOST_OF_INSTITUTION
) -> list[Noted]:
    """Events of these kinds on the timeline of an institution's node, newest first."""
    return _noted(_OF_INSTITUTION.rows(_codes(kinds), institution.unit_id)[:limit])


def _codes(kinds: Collection[type[Event]]) -> list[str]:
    return [type_of(kind).code for kind in kinds]


def _noted(rows: Sequence[EventRow]) -> list[Noted]:
    found = timeline.told(rows)
    grounds = {order_of(one.ground) for one in found} - {None}
    orders = {one.pk: one for one in _ORDERS.rows(list(grounds))} if grounds else {}
    return [Noted(one, orders.get(order_of(one.ground))) for one in found]

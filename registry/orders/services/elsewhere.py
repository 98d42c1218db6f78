"""Orders signed in another program: files are matched to waiting orders by the bytes they sign."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts.actors import Actor
from kernel.clock import Moment
from kernel.errors import DomainError
from registry.orders.models import Order
from registry.orders.services.signing import sign
from registry.process import kind
from signatures import elsewhere
from signatures.errors import SignatureRefused
from signatures.models import SigningSession

MOST_FILES = 50
MOST_ORDERS = 500
# A page sent twice finds its order signed, and says so.
RECENT = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: the order it is of, if any, and why nothing came of it, if so."""

    name: str
    order: Order | None
    refusal: DomainError | None


def sign_files(
    *, actor: Actor, files: Sequence[tuple[str, bytes]], moment: Moment
) -> list[Outcome]:
    """Sign every waiting order of this person that one of the files is a signature of.

    No command: each order takes effect by itself as `sign` makes it, and the network is asked
    between them with nothing locked. All files share one budget of checks and questions. A refused
    file leaves the others alone.
    """
    waiting = _waiting(actor, moment)
    with elsewhere.request_budget():
        return [_outcome(actor, name, data, waiting, moment) for name, data in files[:MOST_FILES]]


def sign_file(*, actor: Actor, order_id: Any, data: bytes, moment: Moment) -> Order:
    """Sign this order by a file from another program.

    Raises:
        as `sign`, and SignatureRefused: the file is no signature of this order; `detail` says what
        it is and what to do.
    """
    order: Order = Order.objects.visible_to(actor).select_related("institution").find(pk=order_id)
    kind(order.kind).sign.require(actor, order.institution)
    waiting = _waiting(actor, moment)
    with elsewhere.request_budget():
        options = elsewhere.read(data)
        mine = {key: content for key, content in waiting.items() if key == order.pk}
        found = elsewhere.find(options, mine)
        if found is None and mine:
            raise _other(options, waiting, order)
        signature = found[1].signature if found else options[0].signature
        return sign(actor=actor, order_id=order.pk, cms=signature, moment=moment)


def _waiting(actor: Actor, moment: Moment) -> dict[uuid.UUID, bytes]:
    """The frozen bytes of orders that wait for this person, latest first, and of those that they
    signed a moment ago."""
    rows = Order.objects.visible_to(actor).filter(
        Q(state="PREPARED") | Q(state="EFFECTIVE", signed_at__gte=moment.now - RECENT)
    )
    order_of = dict(rows.order_by("-id").values_list("signing_id", "pk")[:MOST_ORDERS])
    sessions = SigningSession.objects.filter(pk__in=order_of, user_id=actor.user_id or 0)
    return {order_of[key]: bytes(content) for key, content in sessions.values_list("pk", "content")}


def _outcome(
    actor: Actor, name: str, data: bytes, waiting: dict[uuid.UUID, bytes], moment: Moment
) -> Outcome:
    order = None
    try:
        options = elsewhere.read(data)
        found = elsewhere.find(options, waiting)
        if found is None:
            raise _other(options, waiting)
        order = Order.objects.get(pk=found[0])
        signature = found[1].signature
        order = sign(actor=actor, order_id=order.pk, cms=signature, moment=moment)
    except DomainError as refusal:
        return Outcome(name, order, refusal)
    return Outcome(name, order, None)


def _other(
    options: Sequence[elsewhere.Brought],
    waiting: dict[uuid.UUID, bytes],
    order: Order | None = None,
) -> SignatureRefused:
    """A signature of something else: what it is of, as far as it can be told."""
    found = elsewhere.find(options, waiting) if order is not None else None
    if found is not None:
        number = Order.objects.get(pk=found[0]).number
        return SignatureRefused(
            f"Це підпис наказу № {number}, а не цього. Додайте його на сторінці того наказу або "
            "разом з іншими: «Накази» → «Підписані в іншій програмі».",
            field="files",
        )
    rewritten = elsewhere.changed(options, waiting)
    if rewritten is not None:
        number = Order.objects.get(pk=rewritten).number
        return SignatureRefused(
            f"Програма змінила файл наказу № {number} перед підписанням (кінці рядків або "
            "кодування), тому підписано вже інші дані. Завантажте файл ще раз і підпишіть, не "
            "відкриваючи його в редакторі.",
            field="files",
        )
    return SignatureRefused(
        "Підписано інший документ: у файлі немає підпису "
        + ("цього наказу" if order else "жодного наказу, що чекає на вас")
        + ". Завантажте файл для підпису знову й підпишіть саме його.",
        field="files",
    )

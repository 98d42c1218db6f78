"""Reading orders: what is shown is read from the very bytes that are signed."""

from __future__ import annotations

import dataclasses
import datetime
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count as Count_
from django.db.models import QuerySet

import kernel.lookups  # noqa: F401 - registers `among`
from accounts.actors import Actor
from kernel import audit, clock
from kernel.counts import Count
from kernel.errors import NotFound
from kernel.kept import Kept
from kernel.paging import KeptPages, Page, offered
from kernel.paging import Order as Order_
from registry.classes.frames import first_day
from registry.institutions.models.institutions import Institution
from registry.orders.models import OF_AUTHORITY, Order, OrderRow
from registry.people import policies
from registry.process import kind, kinds
from signatures.api import Package, load_package, row_alone
from signatures.models import SigningSession
from signatures.selectors.sessions import files_of

PAGE = 50
MOST_WAITING = 500
STATES = {
    "PREPARED": "Чекає на підпис",
    "EFFECTIVE": "Підписано",
    "ANNULLED": "Скасовано наказом",
    "GIVEN_UP": "Не підписано",
}


_FEW = "orders of one institution: hundreds a year, sorted as they are found"
ORDERS = {
    # Ids grow with time: latest first is the table read backwards.
    "order": Order_(("id",), "registry_order_pkey"),
    "issued": Order_(("issued_on", "id"), _FEW, few=True),
    "rows": Order_(("rows_count", "id"), _FEW, few=True),
    "effective": Order_(("effective_on", "id"), _FEW, few=True),
    "state": Order_(("state", "id"), _FEW, few=True),
}
LATEST = "-order"


def listing(
    actor: Actor,
    state: str = "",
    *,
    order: str = LATEST,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    only: Sequence[str] | None = None,
) -> Page[Order]:
    """Orders of the institutions within reach, or of those chosen among them (`only`, by id), latest
    first unless told otherwise.

    Raises:
        NotAllowed: the actor's role sees no names, and orders are full of them.
    """
    may_see(actor)
    where: dict[str, Any] = {"state": state} if state in STATES else {}
    if len(seen := kinds_seen(actor)) < len(kinds()):
        where["kind__among"] = seen
    if only is not None:
        where["pk__among"] = [uuid.UUID(one) for one in only]
    name = order if order.removeprefix("-") in orders_of(actor) else LATEST
    fields = ORDERS[name.removeprefix("-")].turned(down=name.startswith("-"))
    return _PAGES.page(actor, where, order=fields, size=size, after=after, before=before)


_PAGES = KeptPages[Order](
    lambda actor, kind: Order.objects.visible_to(actor).select_related(
        "institution", "signed_by__user", "prepared_by__user"
    )
)


def orders_of(actor: Actor) -> dict[str, Order_]:
    """The ways the list may be ordered: more than by time where it is of one institution."""
    return offered(ORDERS, few=actor.scope.level == "institution")


def keys(actor: Actor, state: str = "") -> list[uuid.UUID]:
    """Ids of every order that matches.

    Raises:
        NotAllowed: as `listing`.
    """
    return list(_within(actor, state).values_list("pk", flat=True))


def _within(actor: Actor, state: str) -> QuerySet[Order]:
    may_see(actor)
    rows: QuerySet[Order] = Order.objects.visible_to(actor).filter(kind__in=kinds_seen(actor))
    return rows.filter(state=state) if state in STATES else rows


def counts(actor: Actor) -> dict[str, int]:
    """How many orders are in each state; for one institution only."""
    if actor.scope.level != "institution":
        return {}
    seen = kinds_seen(actor)
    rows = _STATES.rows(actor)
    counted = dict.fromkeys(STATES, 0)
    for state, kind_, n in rows:
        counted[state] += n if kind_ in seen else 0
    return counted


_STATES = Kept[tuple[str, str, int]](
    lambda actor: (
        Order.objects.visible_to(actor)
        .order_by()
        .values_list("state", "kind")
        .annotate(Count_("pk"))
    )
)
_WAITING = Kept[Order](
    lambda actor: (
        Order.objects.visible_to(actor)
        .filter(state="PREPARED")
        .select_related("prepared_by__user", "institution")
        .order_by("-created_at")[:20]
    )
)


def waiting_count(actor: Actor) -> Count | None:
    """The count of orders that wait for a signature in the actor's institutions."""
    if actor.scope.level != "institution":
        return None
    return Count(
        "SELECT count(*) FROM registry_order WHERE institution_id = ANY(%s) AND state = 'PREPARED'"
        " AND kind = ANY(%s)",
        (list(actor.scope.keys), _signed_here(actor)),
    )


def waiting(actor: Actor) -> list[Order]:
    """Orders that wait for a signature in the actor's institutions."""
    if actor.scope.level != "institution":
        return []
    return [one for one in _WAITING.rows(actor) if not kind(one.kind).by_authority]


def _signed_here(actor: Actor) -> list[str]:
    """Kinds whose orders wait for the institution itself."""
    return [code for code in kinds_seen(actor) if not kind(code).by_authority]


def kinds_seen(actor: Actor) -> list[str]:
    """Codes of the kinds of orders whose names the actor sees: those about pupils, about staff."""
    return [code for code, process in kinds().items() if process.see.allows(actor)]


def of_authority(actor: Actor, institution: Institution) -> list[Order]:
    """The latest orders of authorities about an institution, those that wait among them."""
    rows = Order.objects.visible_to(actor).filter(institution=institution, kind__in=OF_AUTHORITY)
    found = rows.exclude(state="GIVEN_UP").order_by("-created_at")[:10]
    return [one for one in found if kind(one.kind).see.allows(actor, institution)]


def sees_any(actor: Actor) -> bool:
    """Whether the actor sees names in orders of any kind."""
    return any(process.see.allows(actor) for process in kinds().values())


def may_see(actor: Actor) -> None:
    """Raises:
    NotAllowed: the actor's role sees no names, and orders are full of them.
    """
    if not sees_any(actor):
        policies.see_names.require(actor)


def waiting_for(actor: Actor) -> list[Order]:
    """Orders that wait for this very person's signature, latest first."""
    return [order for order, _ in to_sign(actor)]


_PREPARED = Kept[Order](
    lambda actor: (
        Order.objects.visible_to(actor)
        .filter(state="PREPARED")
        .select_related("institution")
        .order_by("-id")[:MOST_WAITING]
    )
)
_CONTENT = Kept[tuple[uuid.UUID, bytes]](
    lambda ids, user: SigningSession.objects.filter(
        pk__among=ids, user_id=user, state="PREPARED"
    ).values_list("pk", "content")
)


def to_sign(actor: Actor) -> list[tuple[Order, bytes]]:
    """Orders that wait for this very person, each with the bytes to sign, latest first."""
    by_session = {order.signing_id: order for order in _PREPARED.rows(actor)}
    if not by_session:
        return []
    content = dict(_CONTENT.rows(list(by_session), actor.user_id or 0))
    return [(order, bytes(content[key])) for key, order in by_session.items() if key in content]


@dataclasses.dataclass(frozen=True)
class OrderView:
    """An order as its page shows it, from the frozen bytes."""

    order: Order
    document: dict[str, Any]
    rows: list[Any]
    package: Package
    session: SigningSession

    @property
    def lines(self) -> list[tuple[Any, list[str]]]:
        """Rows with what stands beside each name on the paper."""
        cells = [cell for _, cell in kind(self.order.kind).columns_of_paper]
        return [(row, [cell(row) for cell in cells]) for row in self.rows]

    @property
    def issued_on(self) -> datetime.date:
        """The date in the document."""
        return datetime.date.fromisoformat(self.document["date"])

    @property
    def effective_on(self) -> datetime.date:
        """The first day of study in the document."""
        return datetime.date.fromisoformat(self.document["effective_on"])

    @property
    def stamp(self) -> list[str]:
        """Lines of the visible mark (F074): body, number and date, signer, certificate."""
        session = self.session
        if session.signed_at is None:
            return []
        moment = clock.local(session.signed_at)
        certificate = _certificate(session)
        surname, *given = session.signer_name.split()
        initials = " ".join(f"{part[0]}." for part in given)
        return [
            self.document["institution"]["name"],
            f"№ {self.document['number']} від {self.issued_on:%d.%m.%Y}",
            f"КЕП: {surname.upper()} {initials} {moment:%d.%m.%Y %H:%M}",
            f"Підписувач: {session.signer_name}, {self.document['signer']['position'].lower()}",
            f"ЄДРПОУ {session.signer_edrpou} · {moment:%d.%m.%Y %H:%M:%S %z}",
            f"Сертифікат {_spaced(session.certificate_serial)}",
            certificate,
            f"Документ {_short(bytes(session.content_sha256).hex())}",
        ]


def _certificate(session: SigningSession) -> str:
    signers = (session.result or {}).get("signers") or [{}]
    certificate = signers[0].get("certificate") or {}
    start, end = certificate.get("not_before"), certificate.get("not_after")
    if not start or not end:
        return "чинний на час підпису"
    days = [clock.day_of(datetime.datetime.fromisoformat(text)) for text in (start, end)]
    return f"Дійсний з {days[0]:%d.%m.%Y} до {days[1]:%d.%m.%Y}"


def _spaced(serial: str) -> str:
    return " ".join(serial[i : i + 4] for i in range(0, len(serial), 4)).upper()


def _short(digest: str) -> str:
    return f"{digest[:4]} {digest[4:8]} … {digest[-8:-4]} {digest[-4:]}"


def find(actor: Actor, order_id: Any) -> Order:
    """One order.

    Raises:
        NotFound: absent or out of reach.
        NotAllowed: the actor sees no names there.
    """
    order: Order = (
        Order.objects.visible_to(actor)
        .select_related(
            "institution__unit", "institution__hub", "draft", "signed_by__user", "corrects"
        )
        .find(pk=order_id)
    )
    for one in (order, order.corrects):  # a counter-order says whom the other was about
        if one is not None:
            kind(one.kind).see.require(actor, order.institution)
    return order


def annulled_by(order: Order) -> list[Order]:
    """The signed order that annulled this one, if any."""
    if order.state != "ANNULLED":
        return []
    return list(Order.objects.filter(corrects=order, state="EFFECTIVE").order_by("signed_at"))


def view(actor: Actor, order_id: Any, *, taken: str = "", row: int = 0) -> OrderView:
    """An order with its rows, read from the bytes and proved against the manifest.

    taken: what of it is taken out as a file: then the look is noted at each child too, at that of
        one `row` (from 1) if only its data leave.

    Raises:
        NotFound, NotAllowed: as `find`.
    """
    order = find(actor, order_id)
    if order.signing_id is None:
        raise NotFound
    session = SigningSession.objects.get(pk=order.signing_id)
    package = package_of(order, session)
    rows = [kind(order.kind).decode(content) for content in package.rows]
    audit.looked_at(actor, "registry.order", [order.pk], taken or "наказ зі списком учнів")
    if taken:
        looked: dict[str, set[uuid.UUID]] = {"registry.pupil": set()}
        for one in rows if not row else [one for one in rows if one.no == row]:
            looked["registry.pupil"].update(one.children)
            if one.about_kind != "registry.pupil":  # a new child's profile is named by the row kept
                looked.setdefault(one.about_kind, set()).add(one.about)
        children = OrderRow.objects.filter(order=order, pupil__isnull=False)
        if row:
            children = children.filter(position=row)
        looked["registry.pupil"].update(children.values_list("pupil_id", flat=True))
        for subject, seen in looked.items():
            audit.looked_at(actor, subject, seen, f"{taken} № {order.number}")
    return OrderView(
        order,
        package.document,
        rows,
        package,
        session,
    )


_CONTENTS = Kept[tuple[bytes]](
    lambda order: OrderRow.objects.filter(order=order).order_by("position").values_list("content")
)


def package_of(order: Order, session: SigningSession) -> Package:
    """The frozen package of an order; that its rows are those signed is proved each time."""
    contents = [bytes(content) for (content,) in _CONTENTS.rows(order.pk)]
    return load_package(bytes(session.content), contents, files_of(session))


def proof(actor: Actor, order_id: Any, number: int) -> dict[str, Any]:
    """One row with what leads from it to the signed manifest, checkable offline.

    Raises:
        NotFound: no such row, or the order is out of reach or unsigned.
        NotAllowed: as `find`.
    """
    shown = view(actor, order_id, taken="файл рядка наказу", row=number)
    if shown.session.signature is None or not 1 <= number <= len(shown.rows):
        raise NotFound
    return row_alone(shown.package, number - 1, bytes(shown.session.signature))


def suggested_fields(
    institution: Institution, process: str, typed: Mapping[str, str], today: datetime.date
) -> dict[str, str]:
    """What the form of an order begins with: as typed before, else the number after the last one,
    today, the first day that can be, the usual ground.

    Raises:
        NoSchoolYear: the classifier ends before that day.
    """
    first, _ = first_day(None, today)
    last = (
        Order.objects.filter(institution=institution, year=today.year)
        .exclude(state="GIVEN_UP")
        .order_by("-id")
        .values_list("number", flat=True)
        .first()
    )
    asked = kind(process)
    fields = {
        "number": next_number(last) if last else "",
        "issued_on": f"{today:%d.%m.%Y}",
        "effective_on": f"{asked.usual_day(today, first):%d.%m.%Y}",
        "ground": asked.default_ground,
    }
    return fields | {name: value for name, value in typed.items() if value}


def next_number(number: str) -> str:
    """«112-у» → «113-у»; a number without digits suggests nothing."""
    match = re.search(r"\d+", number)
    if match is None:
        return ""
    following = str(int(match[0]) + 1).zfill(len(match[0]))
    return number[: match.start()] + following + number[match.end() :]

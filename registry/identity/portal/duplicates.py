"""«Можливі дублікати», of children and of staff (`kind`, by the address): the queue, one doubt, what may
be decided about it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import HouseRequest
from kernel import clock
from kernel.clock import moment
from kernel.errors import DomainError
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked, one_of
from kernel.tables import dates
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.forms import Form
from kernel.ui.listing import (
    Address,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    narrowable,
    order_of,
    pills,
)
from registry.identity import selectors, services
from registry.identity.children import CHILDREN
from registry.identity.kind import Kind
from registry.identity.portal.forms import DifferForm, SameForm
from registry.identity.portal.merges import side_by_side
from registry.identity.services import doubts
from registry.identity.services.doubts import Doubt
from registry.identity.staff import STAFF
from registry.identity.states import PAIR_STATES
from registry.staff import selectors as staff


def words_of(kind: Kind) -> dict[str, str]:
    """States of the queue in words."""
    words = kind.words
    return {
        "NEW": "Нові",
        "LOOKED": "Розглядають",
        "SAME": f"{words.same[0].upper()}{words.same[1:]}",
        "DIFFERENT": f"{words.differ[0].upper()}{words.differ[1:]}",
    }


_ONE = {"NEW": "Новий", "LOOKED": "Розглядають"}
_TAGS = {"NEW": "heed", "LOOKED": "note", "SAME": "good", "DIFFERENT": "off"}
_HIDDEN = "Профіль поза вашим підпорядкуванням"


def _tag(kind: Kind, state: str) -> Tag:
    return Tag(_ONE.get(state, words_of(kind)[state]), _TAGS[state])


def _first(kind: Kind, doubt: Doubt) -> Name:
    child = doubt.seen[0]
    url = reverse(kind.url("duplicate_detail"), args=[doubt.pair.pk])
    return Name(f"{child.surname} {child.given_name}", url, child.patronymic)


def _second(doubt: Doubt) -> str:
    return doubt.seen[1].full_name if len(doubt.seen) > 1 else _HIDDEN


def _schools(doubt: Doubt) -> str:
    sides = ((doubt.one, doubt.pair.institution), (doubt.other, doubt.pair.other_institution))
    return "; ".join(dict.fromkeys(place.short_name for child, place in sides if child is not None))


def _columns(kind: Kind) -> list[Column[Doubt]]:
    return [
        Column("first", kind.words.person, lambda doubt: _first(kind, doubt), width=40),
        Column("second", "Другий профіль", _second, width=40),
        Column("institution", "Заклад", _schools, width=40),
        Column("state", "Стан", lambda doubt: _tag(kind, doubt.pair.state), width=20),
        Column("found", "Знайдено", lambda doubt: clock.day_of(doubt.pair.found_at), kind="nw"),
    ]


@narrowable
@require_GET
def duplicate_list(request: HouseRequest, kind: Kind = CHILDREN) -> HttpResponseBase:
    """Doubts within reach, the latest found first unless told otherwise."""
    actor = request.actor
    given = asked(
        request, one_of("state", PAIR_STATES), order_of(doubts.ORDERS, doubts.LATEST), FILE
    )
    state, order = given["state"], given["order"]
    address = Address(request, ("state", "order"))

    def read(mark: str | None = None, **how: Any) -> Page[Doubt]:
        return doubts.listing(actor, state, **{"after": mark, "order": order, "kind": kind, **how})

    shown = Listing(
        address,
        "Можливі дублікати",
        _columns(kind),
        (),
        orders=doubts.ORDERS,
        order=order,
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", list(words_of(kind).items()))]),
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK, what="файл зі списком"))
        return files.answer(given["file"], shown, rows, actor=actor, now=moment().now)
    found = read(**asked(request, *MARKS))
    counts = doubts.counts(actor, kind)
    return pages.page(
        request,
        "registry/duplicates/list.html",
        {
            "kind": kind,
            "list": shown.at(found),
            "pills": pills(address, "state", {"": "Усі", **words_of(kind)}, state, counts),
        },
    )


@require_GET
def duplicate_detail(
    request: HouseRequest, pair_id: uuid.UUID, kind: Kind = CHILDREN
) -> HttpResponse:
    """One doubt: the children its reader may see side by side, what speaks for one, what may be done."""
    return _detail(request, pair_id, kind)


def _detail(
    request: HouseRequest,
    pair_id: uuid.UUID,
    kind: Kind,
    wrong: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    doubt = doubts.find(request.actor, pair_id, kind)
    pair = doubt.pair
    same = differ = None
    if doubt.may_merge and pair.state != "SAME":
        same = (
            wrong
            if isinstance(wrong, SameForm)
            else SameForm(children=_choices(doubt, kind), kind=kind)
        )
    if (doubt.may_decide or doubt.may_say) and pair.state in doubts.OPEN:
        differ = wrong if isinstance(wrong, DifferForm) else DifferForm(kind=kind)
    return pages.page(
        request,
        "registry/duplicates/detail.html",
        {
            "kind": kind,
            "doubt": doubt,
            "card": _card(request.actor, kind, doubt.seen[0]),
            "pair": pair,
            "tag": _tag(kind, pair.state),
            "rows": side_by_side(kind, *selectors.profiles(doubt.seen, kind))
            if len(doubt.seen) > 1
            else [],
            "history": _history(doubt, kind),
            "same": same,
            "differ": differ,
            "wrong": wrong,
            "may_take": doubt.may_decide and pair.state in {"NEW", "DIFFERENT"},
            "hidden": _HIDDEN,
        },
        status=status,
    )


def _card(actor: Any, kind: Kind, one: Any) -> str:
    """The card of one whom the reader may see; of staff it is that of a post within reach."""
    if kind is not STAFF:
        return reverse("pupil_detail", args=[one.pk])
    post = staff.named(actor).filter(employee=one).order_by("-starts_on").first()
    return reverse("staff_detail", args=[post.pk]) if post else ""


def _choices(doubt: Doubt, kind: Kind) -> list[tuple[str, str]]:
    """The two to choose the retained from; a child who learns now is offered first."""

    def words(child: Any, place: str) -> str:
        if kind is STAFF:
            return f"{child.full_name}, {dates.show(child.born_on)}; {place}"
        learns = f"навчається: {place}" if child.institution_id else "зараз ніде не навчається"
        return f"{child.full_name}, {dates.show(child.born_on)}; {learns}"

    pair = doubt.pair
    sides: list[tuple[Any, str]] = [
        (pair.one, pair.institution.short_name),
        (pair.other, pair.other_institution.short_name),
    ]
    if kind is not STAFF:
        sides.sort(key=lambda side: side[0].institution_id is None)
    return [(str(child.pk), words(child, place)) for child, place in sides]


@require_POST
def duplicate_take(
    request: HouseRequest, pair_id: uuid.UUID, kind: Kind = CHILDREN
) -> HttpResponse:
    """«Взяти на розгляд»."""
    try:
        doubts.take_up(actor=request.actor, pair_id=pair_id, moment=moment(), kind=kind)
    except DomainError as refusal:
        pages.pass_on(refusal)
        messages.error(request, refusal.title)
    return pages.see_other(request, kind.url("duplicate_detail"), pair_id)


@require_POST
def duplicate_same(
    request: HouseRequest, pair_id: uuid.UUID, kind: Kind = CHILDREN
) -> HttpResponse:
    """«Це та сама дитина»: asks for a merge, which another person decides."""
    doubt = doubts.find(request.actor, pair_id, kind)
    choices = _choices(doubt, kind) if doubt.may_merge else []
    form = SameForm(request.POST, children=choices, kind=kind)
    merges: list[Any] = []

    def act(form: Form) -> None:
        pair = doubt.pair
        chosen = uuid.UUID(form.cleaned_data["retained"])
        merged = pair.other_id if chosen == pair.one_id else pair.one_id
        merges.append(
            services.ask_merge(
                actor=request.actor,
                retained_id=chosen,
                merged_id=merged,
                ground=form.cleaned_data["ground"],
                moment=moment(),
                kind=kind,
            )
        )

    if (refused := _refused(request, pair_id, kind, form, act)) is not None:
        return refused
    messages.success(request, "Прохання обʼєднати записано. Рішення ухвалює інша особа.")
    return pages.see_other(request, kind.url("merge_detail"), merges[0].pk)


@require_POST
def duplicate_differ(
    request: HouseRequest, pair_id: uuid.UUID, kind: Kind = CHILDREN
) -> HttpResponse:
    """«Це різні діти», «Це різні люди»."""

    def act(form: Form) -> None:
        doubts.differ(
            actor=request.actor,
            pair_id=pair_id,
            reason=form.cleaned_data["reason"],
            moment=moment(),
            kind=kind,
        )

    form = DifferForm(request.POST, kind=kind)
    if (refused := _refused(request, pair_id, kind, form, act)) is not None:
        return refused
    messages.success(request, f"Записано, що це {kind.words.differ}.")
    return pages.see_other(request, kind.url("duplicate_detail"), pair_id)


def _refused(
    request: HouseRequest,
    pair_id: uuid.UUID,
    kind: Kind,
    form: Form,
    act: Callable[[Form], None],
) -> HttpResponse | None:
    """Do it; the page with what stood in the way, or None when it is done."""
    doubts.find(request.actor, pair_id, kind)
    if form.is_valid():
        with pages.refusable(form):
            act(form)
            return None
    return _detail(request, pair_id, kind, form, 422)


def _history(doubt: Doubt, kind: Kind) -> list[tuple[str, str]]:
    """Who found, said, took and decided, when and why."""

    def by(grant: Any, at: Any) -> str:
        return f"{grant.user.short_name}, {grant.unit.name}, {dates.show(clock.day_of(at))}"

    pair = doubt.pair
    found = [("Знайдено", dates.show(clock.day_of(pair.found_at)))]
    if pair.said:
        told = pair.said_by.unit.name if pair.said_by and len(doubt.seen) > 1 else "заклад"
        found.append((f"Сказав {told}", pair.said))
    if pair.taken_by:
        found.append(("Розглядає", by(pair.taken_by, pair.taken_at)))
    if pair.decided_by:
        found.append((words_of(kind)[pair.state], by(pair.decided_by, pair.decided_at)))
    if pair.reason:
        found.append(("Підстава", pair.reason))
    return found

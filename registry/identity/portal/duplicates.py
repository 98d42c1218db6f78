"""«Можливі дублікати»: the queue, one doubt, what may be decided about it."""

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
from registry.identity.portal.forms import DifferForm, SameForm
from registry.identity.portal.merges import side_by_side
from registry.identity.services import doubts
from registry.identity.services.doubts import Doubt
from registry.identity.states import PAIR_STATES
from registry.people.models.pupils import Pupil

WORDS = {
    "NEW": "Нові",
    "LOOKED": "Розглядають",
    "SAME": "Та сама дитина",
    "DIFFERENT": "Різні діти",
}
_ONE = {"NEW": "Новий", "LOOKED": "Розглядають"}
_TAGS = {"NEW": "heed", "LOOKED": "note", "SAME": "good", "DIFFERENT": "off"}
_HIDDEN = "Профіль поза вашим підпорядкуванням"


def _tag(state: str) -> Tag:
    return Tag(_ONE.get(state, WORDS[state]), _TAGS[state])


def _first(doubt: Doubt) -> Name:
    child = doubt.seen[0]
    url = reverse("duplicate_detail", args=[doubt.pair.pk])
    return Name(f"{child.surname} {child.given_name}", url, child.patronymic)


def _second(doubt: Doubt) -> str:
    return doubt.seen[1].full_name if len(doubt.seen) > 1 else _HIDDEN


def _schools(doubt: Doubt) -> str:
    sides = ((doubt.one, doubt.pair.institution), (doubt.other, doubt.pair.other_institution))
    return "; ".join(dict.fromkeys(place.short_name for child, place in sides if child is not None))


_COLUMNS: list[Column[Doubt]] = [
    Column("first", "Дитина", _first, width=40),
    Column("second", "Другий профіль", _second, width=40),
    Column("institution", "Заклад", _schools, width=40),
    Column("state", "Стан", lambda doubt: _tag(doubt.pair.state), width=20),
    Column("found", "Знайдено", lambda doubt: clock.day_of(doubt.pair.found_at), kind="nw"),
]


@narrowable
@require_GET
def duplicate_list(request: HouseRequest) -> HttpResponseBase:
    """Doubts within reach, the latest found first unless told otherwise."""
    actor = request.actor
    given = asked(
        request, one_of("state", PAIR_STATES), order_of(doubts.ORDERS, doubts.LATEST), FILE
    )
    state, order = given["state"], given["order"]
    address = Address(request, ("state", "order"))

    def read(mark: str | None = None, **how: Any) -> Page[Doubt]:
        return doubts.listing(actor, state, **{"after": mark, "order": order, **how})

    shown = Listing(
        address,
        "Можливі дублікати",
        _COLUMNS,
        (),
        orders=doubts.ORDERS,
        order=order,
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", list(WORDS.items()))]),
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK, what="файл зі списком"))
        return files.answer(given["file"], shown, rows, actor=actor, now=moment().now)
    found = read(**asked(request, *MARKS))
    counts = doubts.counts(actor)
    return pages.page(
        request,
        "registry/duplicates/list.html",
        {
            "list": shown.at(found),
            "pills": pills(address, "state", {"": "Усі", **WORDS}, state, counts),
        },
    )


@require_GET
def duplicate_detail(request: HouseRequest, pair_id: uuid.UUID) -> HttpResponse:
    """One doubt: the children its reader may see side by side, what speaks for one, what may be done."""
    return _detail(request, pair_id)


def _detail(
    request: HouseRequest, pair_id: uuid.UUID, wrong: Form | None = None, status: int = 200
) -> HttpResponse:
    doubt = doubts.find(request.actor, pair_id)
    pair = doubt.pair
    same = differ = None
    if doubt.may_merge and pair.state != "SAME":
        same = wrong if isinstance(wrong, SameForm) else SameForm(children=_choices(doubt))
    if (doubt.may_decide or doubt.may_say) and pair.state in doubts.OPEN:
        differ = wrong if isinstance(wrong, DifferForm) else DifferForm()
    return pages.page(
        request,
        "registry/duplicates/detail.html",
        {
            "doubt": doubt,
            "pair": pair,
            "tag": _tag(pair.state),
            "rows": side_by_side(*selectors.profiles(doubt.seen)) if len(doubt.seen) > 1 else [],
            "history": _history(doubt),
            "same": same,
            "differ": differ,
            "wrong": wrong,
            "may_take": doubt.may_decide and pair.state in {"NEW", "DIFFERENT"},
            "hidden": _HIDDEN,
        },
        status=status,
    )


def _choices(doubt: Doubt) -> list[tuple[str, str]]:
    """The two children to choose the retained from; whoever learns now is offered first."""

    def words(child: Pupil, place: str) -> str:
        learns = f"навчається: {place}" if child.institution_id else "зараз ніде не навчається"
        return f"{child.full_name}, {dates.show(child.born_on)}; {learns}"

    pair = doubt.pair
    sides = [
        (pair.one, pair.institution.short_name),
        (pair.other, pair.other_institution.short_name),
    ]
    sides.sort(key=lambda side: side[0].institution_id is None)
    return [(str(child.pk), words(child, place)) for child, place in sides]


@require_POST
def duplicate_take(request: HouseRequest, pair_id: uuid.UUID) -> HttpResponse:
    """«Взяти на розгляд»."""
    try:
        doubts.take_up(actor=request.actor, pair_id=pair_id, moment=moment())
    except DomainError as refusal:
        pages.pass_on(refusal)
        messages.error(request, refusal.title)
    return pages.see_other(request, "duplicate_detail", pair_id)


@require_POST
def duplicate_same(request: HouseRequest, pair_id: uuid.UUID) -> HttpResponse:
    """«Це та сама дитина»: asks for a merge, which another person decides."""
    doubt = doubts.find(request.actor, pair_id)
    form = SameForm(request.POST, children=_choices(doubt) if doubt.may_merge else [])
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
            )
        )

    if (refused := _refused(request, pair_id, form, act)) is not None:
        return refused
    messages.success(request, "Прохання обʼєднати записано. Рішення ухвалює інша особа.")
    return pages.see_other(request, "merge_detail", merges[0].pk)


@require_POST
def duplicate_differ(request: HouseRequest, pair_id: uuid.UUID) -> HttpResponse:
    """«Це різні діти»."""

    def act(form: Form) -> None:
        doubts.differ(
            actor=request.actor,
            pair_id=pair_id,
            reason=form.cleaned_data["reason"],
            moment=moment(),
        )

    if (refused := _refused(request, pair_id, DifferForm(request.POST), act)) is not None:
        return refused
    messages.success(request, "Записано, що це різні діти.")
    return pages.see_other(request, "duplicate_detail", pair_id)


def _refused(
    request: HouseRequest, pair_id: uuid.UUID, form: Form, act: Callable[[Form], None]
) -> HttpResponse | None:
    """Do it; the page with what stood in the way, or None when it is done."""
    doubts.find(request.actor, pair_id)
    if form.is_valid():
        with pages.refusable(form):
            act(form)
            return None
    return _detail(request, pair_id, form, 422)


def _history(doubt: Doubt) -> list[tuple[str, str]]:
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
        found.append((WORDS[pair.state], by(pair.decided_by, pair.decided_at)))
    if pair.reason:
        found.append(("Підстава", pair.reason))
    return found

"""A school's admission: places, days, what is done next; its territory; schools of an authority."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import DomainError
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked
from kernel.text import plural, years
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import Address, Column, Listing, Name, Tag, narrowable, order_of, pager
from registry.admission import calendar, policies, selectors, services
from registry.admission.models import Intake
from registry.admission.portal.forms import AnnounceForm, PlacesForm, TerritoryForm
from registry.institutions import selectors as institution_reads

DRAWS = {
    None: ("Без жеребкування", "off"),
    "ANNOUNCED": ("Оголошено", "note"),
    "FROZEN": ("Список зафіксовано", "heed"),
    "DRAWN": ("Проведено", "heed"),
    "SIGNED": ("Протокол підписано", "good"),
}


@require_GET
def admission(request: HouseRequest) -> HttpResponse:
    """To the own school, or to the list of schools."""
    own = institution_reads.own_or_none(request.actor)
    if own is not None:
        policies.keep.require(request.actor, own)
        return pages.see_other(request, "admission_school", own.uid)
    policies.see_numbers.require(request.actor)
    return pages.see_other(request, "admission_schools")


@require_http_methods(["GET", "HEAD", "POST"])
def school(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Where the school's admission is, and the next step of it."""
    actor = request.actor
    institution = institution_reads.find(actor, uid)
    now = moment()
    shown = selectors.view(actor, institution.pk, now)
    places = PlacesForm(initial=_places(shown.intake))
    announce = AnnounceForm()
    if request.method == "POST":
        do = request.POST.get("do", "")
        common: dict[str, Any] = {
            "actor": actor,
            "institution_id": institution.pk,
            "moment": now,
        }
        if do == "places":
            places = PlacesForm(request.POST)
            if places.is_valid():
                with pages.refusable(places):
                    services.set_places(**common, **places.cleaned_data)
                    messages.success(request, "Кількість місць збережено.")
                    return pages.see_other(request, "admission_school", uid)
        elif do == "announce":
            announce = AnnounceForm(request.POST)
            if announce.is_valid():
                with pages.refusable(announce):
                    draw = services.announce(**common, takes=announce.cleaned_data["takes"])
                    messages.success(request, "Жеребкування оголошено: відбиток таємниці відкрито.")
                    return pages.see_other(request, "draw_detail", draw.pk)
        elif do in _STEPS:
            return _step(request, uid, do, common)
    return pages.page(
        request,
        "registry/admission/school.html",
        {
            "shown": shown,
            "card": institution,
            "days": _days(shown),
            "phase": _phase(shown.phase),
            "figures": _figures(shown),
            "places": places,
            "announce": announce,
            "wrong": next((form for form in (places, announce) if form.errors), None),
            "may_give": policies.give_places.allows(actor, institution),
            "after": shown.phase not in {calendar.Phase.BEFORE, calendar.Phase.OPEN},
            "accepts": shown.days.accepts(now.now),
            "branches": [
                one
                for one in institution_reads.own_with_branches(actor)
                if one.pk != institution.pk
            ],
            "draw_state": DRAWS[shown.intake.draw.state if _drawn(shown) else None],  # type: ignore[union-attr]
        },
        status=pages.form_status(places, announce),
    )


def _drawn(shown: selectors.School) -> bool:
    return shown.intake is not None and shown.intake.draw is not None


def _places(intake: Intake | None) -> dict[str, Any]:
    if intake is None:
        return {"in_class": 24, "version": 0}
    return {
        name: getattr(intake, name) for name in ("classes", "in_class", "documents_by", "version")
    }


def _days(shown: selectors.School) -> list[tuple[str, Any]]:
    days = shown.days
    return [
        ("Прийом заяв", f"{days.opens:%d.%m.%Y} – {days.closes:%d.%m.%Y} включно"),
        ("Наказ про зарахування", f"до {days.first_orders_by:%d.%m.%Y}"),
        ("Жеребкування", f"до {days.draw_by:%d.%m.%Y}"),
        ("На вільні місця", f"після {days.draw_by:%d.%m.%Y} до {days.ends:%d.%m.%Y}"),
        ("Підстава", days.source),
    ]


def _phase(phase: calendar.Phase) -> dict[str, str]:
    kinds = {calendar.Phase.OPEN: "good", calendar.Phase.VACANCIES: "good"}
    return {"kind": kinds.get(phase, "note"), "label": calendar.PHASES[phase]}


def _figures(shown: selectors.School) -> list[tuple[str, Any]]:
    return [
        ("Місць", shown.intake.places if shown.intake else "—"),
        ("Заяв", shown.applications),
        ("Не перевірено", shown.counts.get("SUBMITTED", 0)),
        ("Надано місце", shown.placed),
        ("Вільно", shown.free if shown.intake else "—"),
        ("У черзі", shown.counts.get("RESERVE", 0)),
    ]


def _by_right(**common: Any) -> tuple[str, Any]:
    given = services.by_right(**common)
    many = plural(len(given), "дитині", "дітям", "дітям")
    return f"Місце надано {len(given)} {many}.", None


def _in_turn(**common: Any) -> tuple[str, Any]:
    given = services.next_in_turn(**common)
    many = plural(len(given), "дитині", "дітям", "дітям")
    return f"Вільні місця надано за чергою: {len(given)} {many}.", None


def _order(**common: Any) -> tuple[str, Any]:
    draft = services.begin_order(**common)
    return "Чернетку наказу заповнено із заяв: перевірте її.", draft


_STEPS: dict[str, Callable[..., tuple[str, Any]]] = {
    "by_right": _by_right,
    "in_turn": _in_turn,
    "order": _order,
}


def _step(request: HouseRequest, uid: uuid.UUID, do: str, common: dict[str, Any]) -> HttpResponse:
    try:
        told, draft = _STEPS[do](**common)
    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, no.detail)
        return pages.see_other(request, "admission_school", uid)
    messages.success(request, told)
    if draft is not None:
        return pages.see_other(request, "draft_detail", draft.process, draft.pk)
    return pages.see_other(request, "admission_school", uid)


@require_http_methods(["GET", "HEAD", "POST"])
def territory(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """The streets and houses the school serves; those that meet others are told."""
    actor = request.actor
    institution = institution_reads.find(actor, uid)
    shown = selectors.view(actor, institution.pk, moment())
    form = TerritoryForm(
        request.POST or None,
        initial={
            "streets": selectors.streets_text(institution),
            "version": shown.intake.version if shown.intake else 0,
        },
    )
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            kept = services.set_territory(
                actor=actor,
                institution_id=institution.pk,
                text=form.cleaned_data["streets"],
                version=form.cleaned_data["version"],
                moment=moment(),
            )
            messages.success(request, f"Територію збережено: рядків {len(kept)}.")
            return pages.see_other(request, "admission_territory", uid)
    return pages.form_page(
        request,
        "registry/admission/territory.html",
        form,
        {"card": institution, "overlaps": services.overlaps(institution)},
    )


# ── schools of an authority ──────────────────────────────────────────────────
def _state(intake: Intake) -> Tag:
    label, kind = DRAWS[intake.draw.state if intake.draw else None]
    return Tag(label, kind)


_COLUMNS: list[Column[Any]] = [
    Column("name", "Заклад", lambda one: Name(one.institution.short_name), width=40),
    Column("places", "Місць", lambda one: one.places_of, kind="num"),
    Column("applications", "Заяв", lambda one: one.stand, kind="num"),
    Column("placed", "Надано місце", lambda one: one.held, kind="num"),
    Column("left", "Вільно", lambda one: one.left, kind="num"),
    Column("draw", "Жеребкування", _state, width=24),
]


@narrowable
@require_GET
def schools(request: HouseRequest) -> HttpResponseBase:
    """Schools within reach: places against applications, and where the draw is."""
    actor = request.actor
    policies.see_numbers.require(actor)
    now = moment()
    year = calendar.of(calendar.year_of(now.today)).school_year
    given = asked(request, order_of(selectors.SCHOOL_ORDERS, "name"), FILE)
    order = given["order"]
    address = Address(request, ("order",))

    def read(mark: str | None = None, **how: Any) -> Page[Any]:
        return selectors.schools(actor, year, **{"after": mark, "order": order, **how})

    found = read(**asked(request, *MARKS))
    shown = Listing(
        address,
        f"Прийом до 1 класу {years(year)}",
        _COLUMNS,
        found.rows,
        pager=pager(address, found),
        orders=selectors.SCHOOL_ORDERS,
        order=order,
        most=MOST,
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK))
        return files.answer(given["file"], shown, rows, actor=actor, now=now.now)
    may_draw = policies.draw_together.allows(actor)
    return pages.page(
        request,
        "registry/admission/schools.html",
        {
            "list": shown,
            "year": year,
            "may_draw": may_draw,
            "drawn": selectors.drawn_together(actor, year) if may_draw else [],
        },
    )

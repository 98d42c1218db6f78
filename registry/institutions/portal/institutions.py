"""Institutions: the list, the card, corrections, confirmation, states, branches."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.actors import Actor
from accounts.http import HouseRequest
from kernel import clock, paging
from kernel.errors import DomainError, StaleVersion
from kernel.paging import Page
from kernel.parameters import MARKS, asked, code, flag, matching, one_of, words
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import (
    Address,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    groups,
    narrowable,
    order_of,
    pager,
    seal,
)
from registry.classifiers.selectors import classifiers, territories
from registry.institutions import policies, selectors
from registry.institutions.models.institutions import Institution
from registry.institutions.portal.forms import (
    InstitutionForm,
    NewInstitutionForm,
)
from registry.institutions.services import institution_card as card
from registry.institutions.services import institutions

_PLACES = [("0", "Місто"), ("1", "Село, селище")]


TITLE = "Заклади освіти"
_ASKED = (
    words("q"),
    *map(code, selectors.FACETS),
    one_of("unconfirmed", "1"),
    order_of(selectors.ORDERS, "name"),
)


@dataclasses.dataclass(frozen=True)
class _Row:
    """An institution with what stands beside it."""

    card: Institution
    place: str
    pupils: int


def _name(row: _Row) -> Name:
    card = row.card
    said = card.short_name.lower()
    note = ""
    if card.is_hub and "опорн" not in said:
        note = "опорний"
    elif card.hub_id and "філія" not in said:
        note = "філія"
    return Name(card.short_name, reverse("institution_detail", args=[card.uid]), note=note)


def _status(row: _Row) -> Tag:
    tag = status_tag(row.card.status)
    return Tag(tag["label"], tag["kind"])


_COLUMNS: list[Column[_Row]] = [
    Column("name", "Заклад", _name, width=40),
    Column("place", "Населений пункт", lambda row: row.place, width=30),
    Column("type", "Тип", lambda row: classifiers.label("institution_type", row.card.type)),
    Column("edrpou", "ЄДРПОУ", lambda row: row.card.edrpou),
    Column("pupils", "Учнів", lambda row: row.pupils, kind="num"),
    Column("status", "Стан", _status),
]


def _rows(found: selectors.Listing) -> list[_Row]:
    places = territories.labels(row.territory_code for row in found.page.rows)
    return [
        _Row(
            row,
            ", ".join(places.get(row.territory_code, "").split(", ")[:2]),
            found.pupils.get(row.unit_id, 0),
        )
        for row in found.page.rows
    ]


@narrowable
def institution_list(request: HouseRequest) -> HttpResponseBase:
    """Institutions in reach: search, filters, orders, pages, files; cards on a phone. A POST is about
    the chosen ones."""
    actor = request.actor
    filters = selectors.Filters(**asked(request, *_ASKED))
    how = asked(request, FILE, flag("all"))
    found = selectors.listing(actor, filters, **asked(request, *MARKS))
    address = Address(request, ("q", "order", "unconfirmed", *selectors.FACETS))
    facets = [
        Facet("status", "Стан", list(classifiers.labels("institution_status").items())),
        Facet("type", "Тип", list(classifiers.labels("institution_type").items())),
        Facet("ownership", "Власність", list(classifiers.labels("ownership").items())),
        Facet("is_rural", "Місцевість", _PLACES),
    ]
    waiting = Facet("unconfirmed", "Дані", [("1", "Чекають на підтвердження")])
    here = address.with_()
    shown = Listing(
        address,
        TITLE,
        _COLUMNS,
        _rows(found),
        pager=pager(address, found.page),
        orders=selectors.ORDERS,
        order=filters.order,
        key=lambda row: str(row.card.uid),
        acts=files.acts(here),
        total=found.total,
        everything=seal(selectors.keys(actor, filters)) if how["all"] else "",
        most=MOST,
        chips=chips(address, [*facets, waiting]),
        clear=address.with_(q="", unconfirmed="", **dict.fromkeys(selectors.FACETS, "")),
    )

    def every(only: list[str] | None) -> Iterator[_Row]:
        def read(mark: str | None) -> Page[_Row]:
            some = selectors.listing(actor, filters, after=mark, size=files.CHUNK, only=only)
            return Page(_rows(some), some.page.next, some.page.previous)

        return paging.every(read)

    if answer := files.asked_for(
        request,
        shown,
        every,
        actor=actor,
        matching=lambda: selectors.keys(actor, filters),
    ):
        return answer
    return pages.page(
        request,
        "registry/institutions/list.html",
        {
            "list": shown,
            "total": found.total,
            "every": found.every,
            "q": filters.q,
            "kept": [(name, value) for name, value in address.now.items() if name != "q"],
            "groups": groups(address, facets, found.facets),
            "active": len(filters.chosen()) + bool(filters.unconfirmed),
            "can_create": policies.create_card.allows(actor),
            "can_import": policies.import_cards.allows(actor),
        },
        partial="results",
    )


def institution_new(request: HouseRequest) -> HttpResponse:
    """A new card under an authority (F089)."""
    actor = request.actor
    policies.create_card.require(actor)
    authorities = [
        (str(unit.uid), "\u2003" * max(unit.depth - 2, 0) + unit.name)
        for unit in selectors.authorities_to_choose(actor)
    ]
    form = NewInstitutionForm(
        request.POST or None,
        authorities=authorities,
        allowed=frozenset(card.RULES),
        initial={
            "kind": "ZZSO",
            "ownership": "COMMUNAL",
            "shifts": 1,
            "languages": ["uk"],
            "edrpou": asked(request, matching("edrpou", "вісім цифр", "[0-9]{8}", nothing=""))[
                "edrpou"
            ],
        },
    )
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            created = institutions.create(
                form.changes,
                actor=actor,
                under=form.cleaned_data["under"],
                today=clock.today(),
            )
            messages.success(request, f"Створено картку: {created.short_name}.")
            return pages.see_other(request, "institution_detail", created.uid)
    return pages.form_page(request, "registry/institutions/new.html", form)


def branch_new(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """A branch of a hub, by the hub's head (F087)."""
    actor = request.actor
    hub = selectors.find(actor, uid)
    policies.create_branch.require(actor, hub)
    allowed = frozenset(card.RULES) - {"is_hub", "founder_edrpou", "managing_body"}
    form = InstitutionForm(
        request.POST or None,
        allowed=allowed,
        initial={
            "kind": hub.kind,
            "type": hub.type,
            "ownership": hub.ownership,
            "territory_code": hub.territory_code,
            "is_rural": hub.is_rural,
            "languages": hub.languages,
            "shifts": 1,
        },
    )
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            created = institutions.create_branch(
                form.changes, actor=actor, hub=hub.uid, today=clock.today()
            )
            messages.success(
                request,
                f"Створено філію: {created.short_name}. Її дані має підтвердити орган управління освітою.",
            )
            return pages.see_other(request, "institution_detail", created.uid)
    return pages.form_page(request, "registry/institutions/branch.html", form, {"hub": hub})


def institution_edit(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Correct the fields the actor answers for; a stale form shows what changed meanwhile."""
    actor = request.actor
    institution = selectors.find(actor, uid)
    policies.edit_own_fields.require(actor, institution)
    allowed = _allowed(actor, institution)
    form = InstitutionForm(
        request.POST or None,
        allowed=allowed,
        initial={**card.as_told(institution), "version": institution.version},
    )
    context: dict[str, Any] = {"card": institution}
    if request.method == "POST" and form.is_valid():
        try:
            institutions.update(
                form.changes, actor=actor, uid=uid, version=form.cleaned_data["version"]
            )
        except StaleVersion as refusal:
            form.refuse(refusal)
            context["meanwhile"] = _differing(form, institution)
            form.data = again = request.POST.copy()
            again["version"] = str(institution.version)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Картку збережено.")
            return pages.see_other(request, "institution_detail", uid)
    return pages.form_page(request, "registry/institutions/edit.html", form, context)


@require_POST
def institution_confirm(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """«Дані підтвердив орган управління освітою» for exactly the version that was shown."""
    version = request.POST.get("version", "")
    done = institutions.confirm(
        actor=request.actor,
        uid=uid,
        version=int(version) if version.isdigit() else -1,
        today=clock.today(),
    )
    messages.success(request, f"Дані закладу «{done.short_name}» підтверджено.")
    return pages.see_other(request, "institution_detail", uid)


# ── parts ────────────────────────────────────────────────────────────────────
def status_tag(code: str) -> dict[str, str]:
    item = classifiers.find("institution_status", code)
    return {
        "code": code,
        "label": item.name if item else code,
        "kind": item.attributes.get("tone", "plain") if item else "plain",
    }


def _allowed(actor: Actor, institution: Institution) -> frozenset[str]:
    allowed = card.OWN_FIELDS
    if policies.edit_registry_fields.allows(actor, institution):
        allowed |= frozenset(card.RULES) - card.CODE_FIELDS
    if policies.edit_codes.allows(actor):
        allowed |= card.CODE_FIELDS
    return allowed


def _differing(form: InstitutionForm, institution: Institution) -> list[tuple[str, Any, Any]]:
    told = card.as_told(institution)
    return [
        (str(form.fields[name].label), value, told.get(name))
        for name, value in form.changes.items()
        if name in told and (value or None) != (told[name] or None)
    ]

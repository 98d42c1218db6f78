"""The card of an institution: its facts, people, branches, classes and history on one page."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse

from accounts.actors import Actor
from accounts.http import HouseRequest
from accounts.models import Grant
from accounts.roles import Role
from kernel import clock
from kernel.text import phones
from kernel.ui import pages
from registry.cards.portal import words
from registry.cards.selectors import institution as numbers
from registry.cards.selectors import timeline
from registry.classes import selectors as class_selectors
from registry.classifiers.selectors import classifiers, territories
from registry.institutions import policies, selectors
from registry.institutions.models.institutions import Institution
from registry.institutions.portal.institutions import status_tag
from registry.institutions.services import institutions
from registry.orders.selectors import orders
from registry.process import kind
from registry.reorganisation import policies as reorganisation


def institution_own(request: HouseRequest) -> HttpResponse:
    """«Заклад»: the card of the institution the actor heads or serves."""
    return _card_page(request, selectors.own(request.actor))


def institution_detail(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """The card: facts, states with orders, branches, authorities, who works there, what was done."""
    return _card_page(request, selectors.find(request.actor, uid))


def _card_page(request: HouseRequest, institution: Institution) -> HttpResponse:
    actor = request.actor
    today = clock.today()
    year = classifiers.current_year(today)
    figures = numbers.figures(institution, year.code, today)
    history = [
        {"row": row, "name": classifiers.label("institution_status", row.status)}
        for row in selectors.statuses(institution)
    ]
    return pages.page(
        request,
        "registry/institutions/detail.html",
        {
            "card": institution,
            "status": status_tag(institution.status),
            "type": classifiers.label("institution_type", institution.type),
            "place": territories.label(institution.territory_code),
            "facts": facts(institution),
            "contacts": contacts(institution),
            "history": history,
            "acts": [
                (one, kind(one.kind).about, orders.STATES[one.state])
                for one in orders.of_authority(actor, institution)
            ],
            "branches": selectors.branches(actor, institution),
            "authorities": selectors.authorities(institution),
            "workers": _workers(actor, institution),
            **_deeds(actor, institution),
            "figures": figures,
            "grades": [{"label": str(grade), "value": count} for grade, count in figures.by_grade],
            "classes": class_selectors.of_year(actor, institution, year),
            "year": year,
            "can_edit": policies.edit_own_fields.allows(actor, institution),
            "can_confirm": policies.confirm_card.allows(actor, institution)
            and not institution.is_confirmed,
            "can_change_status": policies.change_status.allows(actor, institution)
            and bool(institutions.STEPS[institution.status]),
            "can_place": policies.place.allows(actor, institution)
            and institution.status != "LIQUIDATED",
            "can_reorganise": reorganisation.reorganise.allows(actor, institution),
            "can_add_branch": policies.create_branch.allows(actor, institution)
            and institution.hub_id is None,
            "can_keep_classes": policies.keep_classes.allows(actor, institution),
        },
    )


def _deeds(actor: Actor, institution: Institution) -> dict[str, Any]:
    """What was done; lists taken out stand apart, for they would push everything else off."""
    named = policies.see_who_did.allows(actor, institution)
    done = timeline.of_institution(institution, words.OF_INSTITUTION)
    taken_out = timeline.of_institution(institution, words.TAKEN_OUT, limit=5)
    return {
        "deeds": words.deeds(done, named=named),
        "taken_out": words.deeds(taken_out, named=named),
    }


def _workers(actor: Actor, institution: Institution) -> list[Grant]:
    # A head is a public official; the rest are staff, with the rules of staff.
    everybody = selectors.workers(institution)
    if policies.see_who_did.allows(actor, institution):
        return everybody
    return [grant for grant in everybody if grant.role == Role.HEAD]


def facts(one: Institution) -> list[tuple[str, Any]]:
    """What an institution is, as its card says it."""
    flags = [
        word
        for word, is_on in (
            ("опорний", one.is_hub),
            ("філія", one.hub_id is not None),
            ("сільський", one.is_rural),
            ("гірський", one.is_mountain),
            ("інтернат", one.is_boarding),
        )
        if is_on
    ]
    languages = [classifiers.label("language", code).lower() for code in one.languages]
    return [
        ("Повна назва", one.full_name),
        ("Вид", classifiers.label("institution_kind", one.kind)),
        ("Тип", classifiers.label("institution_type", one.type)),
        ("Форма власності", classifiers.label("ownership", one.ownership)),
        ("Ознаки", ", ".join(flags)),
        ("Код ЄДРПОУ", one.edrpou),
        ("ID у ДІСО", one.diso_id),
        ("ID у ЄДЕБО", one.edebo_id),
        ("ЄДРПОУ засновника", one.founder_edrpou),
        ("Мови навчання", ", ".join(languages)),
        ("Кількість змін", one.shifts),
        ("Проєктна потужність", one.capacity),
        ("Ліцензований обсяг", one.licensed_volume),
    ]


def contacts(one: Institution) -> list[tuple[str, Any]]:
    """Where an institution is and how it is reached."""
    district = territories.label(one.city_district_code) if one.city_district_code else ""
    return [
        ("Населений пункт", territories.label(one.territory_code)),
        ("Район у місті", district),
        ("КАТОТТГ", one.territory_code),
        ("Адреса", ", ".join(part for part in (one.postal_code, one.address) if part)),
        ("Телефон", phones(one.phone or "")),
        ("Пошта", one.email),
        ("Сайт", one.site),
        ("Керівник", one.director),
    ]

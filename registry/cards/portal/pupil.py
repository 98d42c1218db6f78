"""The card of a child: everything the register says of it, on one page."""

from __future__ import annotations

import uuid

from django.http import HttpResponse

from accounts.http import HouseRequest
from kernel import clock
from kernel.ui import pages
from registry.cards.portal import words
from registry.cards.selectors import pupil as reads
from registry.classifiers.selectors import classifiers, territories
from registry.people.models.pupils import CLOSED
from registry.people.selectors.lists import pseudonym
from registry.quality import selectors as quality


def pupil_detail(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponse:
    """The card: now at the top, then what happened with who and why, papers, who looked."""
    today = clock.today()
    card = reads.card(request.actor, pupil_id, today=today, kinds=words.OF_PUPIL)
    places = territories.labels(a.territory_code for a in card.addresses if a.territory_code)
    return pages.page(
        request,
        "registry/pupils/detail.html",
        {
            "card": card,
            "timeline": words.timeline(card),
            "pupil": card.pupil,
            "facts": _facts(card),
            "documents": [
                {
                    "row": row,
                    "type": classifiers.label("document_type", row.type),
                    "state": _check_tag(row.verification),
                }
                for row in card.documents
            ],
            "guardians": [
                {
                    "row": row,
                    "person": row.guardian,
                    "relation": classifiers.label("relation", row.relation),
                    "now": row.lasts(today),
                }
                for row in card.guardianships
            ],
            "addresses": [
                (
                    "Реєстрація" if row.kind == "REGISTERED" else "Проживає",
                    ", ".join(p for p in (places.get(row.territory_code, ""), row.line) if p),
                )
                for row in card.addresses
            ],
            "categories": [
                {
                    "row": row,
                    "name": classifiers.label("pupil_category", row.code),
                    "now": row.starts_on <= today and (row.ends_on is None or row.ends_on > today),
                }
                for row in card.categories
            ],
            "closed": CLOSED.get(card.pupil.closed_reason, ""),
            "problems": quality.of_pupil(card.pupil, today, may_edit=card.may_edit),
            "lost": card.pupil.contact_status not in {"OK", "RESTORED"},
            "contact": classifiers.label("contact_status", card.pupil.contact_status),
        },
    )


def _check_tag(state: str) -> dict[str, str]:
    kinds = {"CONFIRMED": "good", "MISMATCH": "bad", "NOT_FOUND": "heed"}
    return {
        "kind": kinds.get(state, "plain"),
        "label": classifiers.label("verification_state", state),
    }


def _facts(card: reads.Card) -> list[tuple[str, str]]:
    pupil = card.pupil
    states = {"REFUSED": "відмова через релігійні переконання", "NOT_ASSIGNED": "немає"}
    enrolment = card.place.enrolment if card.place else None
    order = enrolment.opened_by if enrolment else None
    enrolled = f"{enrolment.starts_on:%d.%m.%Y}" if enrolment else ""
    if order:
        enrolled += f", наказ № {order.number}"
    return [
        (
            "Клас",
            ", класний керівник ".join(p for p in (card.class_label, card.class_teacher) if p),
        ),
        ("Форма здобуття", card.form),
        ("Зараховано", enrolled),
        ("Громадянство", classifiers.label("country", pupil.citizenship)),
        ("РНОКПП", pupil.rnokpp or states.get(pupil.rnokpp_state, "")),
        ("УНЗР", pupil.unzr or ""),
        # So that whoever speaks of a child by its code, and whoever sees its name, mean the same.
        ("Код у списках без прізвищ", pseudonym(pupil.pk)),
    ]

"""The card of a child: everything the register says of it, on one page."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping

from django.http import HttpResponse
from django.urls import reverse

from accounts.http import HouseRequest
from kernel import clock
from kernel.tables import dates
from kernel.text import phones
from kernel.ui import pages
from registry.cards.portal import words
from registry.cards.selectors import pupil as reads
from registry.certificates import policies as certificates
from registry.certificates.portal.pages import tag_of
from registry.classifiers.selectors import classifiers, territories
from registry.enrolments.models import ClassPlacement
from registry.people.models.contact import ContactState
from registry.people.models.guardians import Guardianship
from registry.people.models.pupils import (
    ABROAD,
    CLOSED,
    DISPLACED,
    MEALS,
    SEN,
    PupilAddress,
    PupilCategory,
)
from registry.people.models.voiding import Voidable
from registry.people.portal.forms import OWN_CARDS
from registry.people.selectors.lists import pseudonym
from registry.quality import selectors as quality


def pupil_detail(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponse:
    """The card: now at the top, then what happened with who and why, papers, who looked."""
    today = clock.today()
    card = reads.card(request.actor, pupil_id, today=today, kinds=words.OF_PUPIL)
    places = territories.labels(
        [
            *(row.territory_code for row in card.addresses if row.territory_code),
            *(row.origin_code for row in card.categories if row.origin_code),
        ]
    )
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
            "addresses": [_address(row, places) for row in card.addresses],
            "written": [row.kind.lower() for row in card.addresses],
            "voided": [(_voided(row, places), row) for row in card.voided],
            "kept": kept(card, places, today),
            "contacts": [
                {
                    "row": row,
                    "name": classifiers.label("contact_status", row.status),
                    "told": _told(row),
                }
                for row in card.contacts
            ],
            "certificates": [
                (
                    one,
                    tag_of(one),
                    one.institution_id in request.actor.scope.keys
                    and certificates.see.allows(request.actor, one.institution),
                )
                for one in card.certificates
            ],
            "closed": CLOSED.get(card.pupil.closed_reason, ""),
            "problems": quality.of_pupil(card.pupil, today, may_edit=card.may_edit),
            "lost": card.pupil.contact_status not in {"OK", "RESTORED"},
            "contact": classifiers.label("contact_status", card.pupil.contact_status),
        },
    )


@dataclasses.dataclass(frozen=True)
class _Fact:
    """A category of the child as a line of its card: what it is, and what shows it."""

    row: PupilCategory
    name: str
    told: str
    now: bool


@dataclasses.dataclass(frozen=True)
class _Facts:
    """A card of what is so of the child from a day: its lines and what may be added."""

    title: str
    empty: str
    add: tuple[tuple[str, str], ...]  # (address, words)
    rows: list[_Fact]


def kept(card: reads.Card, places: Mapping[str, str], today: datetime.date) -> list[_Facts]:
    """Needs, meals, displacement and benefits, each with its past."""
    pk = card.pupil.pk

    def of(*codes: str) -> list[_Fact]:
        return [
            _Fact(row, _named(row), _shown(row, places), row.lasts(today))
            for row in card.categories
            if (row.code in codes if codes else row.code not in OWN_CARDS)
        ]

    def new(fact: str) -> str:
        return reverse("pupil_fact_new", args=[pk, fact])

    needs = _Facts(
        "Особливі освітні потреби", "Не встановлено.", ((new("needs"), "Записати"),), of(SEN)
    )
    within, abroad = (new("displaced"), "У межах України"), (new("abroad"), "За кордон")
    return [
        *([needs] if card.sees_needs else []),
        _Facts(
            "Харчування",
            "Безкоштовного харчування немає.",
            ((new("meals"), "Записати"),),
            of(MEALS),
        ),
        _Facts("Переміщення", "Не переміщено.", (within, abroad), of(DISPLACED, ABROAD)),
        _Facts(
            "Пільги й категорії",
            "Категорій немає.",
            ((reverse("pupil_category_new", args=[pk]), "Додати"),),
            of(),
        ),
    ]


def _named(row: PupilCategory) -> str:
    if row.code == SEN:
        return f"{row.level}-й рівень підтримки"
    if row.code == ABROAD:
        return f"За кордоном: {classifiers.label('country', row.country)}"
    return classifiers.label("pupil_category", row.code)


def _shown(row: PupilCategory, places: Mapping[str, str]) -> str:
    """What shows it and what else is known, in one line."""
    issued = f" від {dates.show(row.issued_on)}" if row.issued_on else ""
    document = f"{row.document}{issued}"
    if row.code == SEN:
        document = f"висновок ІРЦ {document}" if row.document else "за оцінкою закладу"
    elif row.code == DISPLACED and row.document:
        document = f"довідка {document}"
    studies = {True: "навчається й там", False: "там не навчається"}
    said = (
        document,
        f"звідки: {places.get(row.origin_code, row.origin_code)}" if row.origin_code else "",
        studies.get(row.studies_there, "") if row.studies_there is not None else "",
    )
    return " · ".join(filter(None, said))


def parts(card: reads.Card, today: datetime.date) -> list[tuple[str, list[tuple[str, str]]]]:
    """All that the card says of now, by its headings; of health no more than its reader may see."""
    codes = [row.territory_code for row in card.addresses] + [
        row.origin_code for row in card.categories
    ]
    places = territories.labels([code for code in codes if code])
    lines = [(label, value) for label, value in _facts(card) if value]
    return [
        ("Стан на сьогодні", [("Дата народження", dates.show(card.pupil.born_on)), *lines]),
        *(
            (part.title, [(one.name, _lasting(one.row, one.told)) for one in part.rows])
            for part in kept(card, places, today)
        ),
        (
            "Звʼязок",
            [
                (classifiers.label("contact_status", row.status), _lasting(row, _told(row)))
                for row in card.contacts
            ],
        ),
        (
            "Представники",
            [
                (
                    row.guardian.full_name,
                    ", ".join(
                        filter(
                            None,
                            (
                                classifiers.label("relation", row.relation).lower(),
                                phones(row.guardian.phone),
                                row.guardian.email,
                                "" if row.lasts(today) else "завершено",
                            ),
                        )
                    ),
                )
                for row in card.guardianships
            ],
        ),
        (
            "Документи",
            [
                (
                    classifiers.label("document_type", row.type),
                    " ".join(filter(None, (row.series, row.number)))
                    + (f", видано {dates.show(row.issued_on)}" if row.issued_on else ""),
                )
                for row in card.documents
            ],
        ),
        (
            "Адреси",
            [_address(row, places) for row in card.addresses],
        ),
    ]


def _address(row: PupilAddress, places: Mapping[str, str]) -> tuple[str, str]:
    """Which address, and where."""
    where = ", ".join(filter(None, (places.get(row.territory_code, ""), row.line)))
    return "Реєстрація" if row.kind == "REGISTERED" else "Проживає", where


def _voided(row: Voidable, places: Mapping[str, str]) -> str:
    """What was said of the child and never was so."""
    match row:
        case PupilAddress():
            return ": ".join(_address(row, places))
        case Guardianship():
            relation = classifiers.label("relation", row.relation)
            return f"{relation}: {row.guardian.full_name}"
        case PupilCategory():
            return f"{_named(row)} з {dates.show(row.starts_on)}"
        case ContactState():
            status = classifiers.label("contact_status", row.status)
            return f"{status} з {dates.show(row.starts_on)}"
    raise AssertionError(type(row))


def _lasting(row: PupilCategory | ContactState, told: str) -> str:
    until = f" до {dates.show(row.ends_on)}" if row.ends_on else ""
    return " · ".join(filter(None, (f"з {dates.show(row.starts_on)}{until}", told)))


def _told(row: ContactState) -> str:
    names = [classifiers.short("contact_action", code) for code in row.actions]
    said = (
        row.attempts,
        f"повідомлено: {', '.join(names)}" if names else "",
        "окупована територія" if row.occupied else "",
    )
    return " · ".join(filter(None, said))


def _check_tag(state: str) -> dict[str, str]:
    kinds = {"CONFIRMED": "good", "MISMATCH": "bad", "NOT_FOUND": "heed"}
    return {
        "kind": kinds.get(state, "plain"),
        "label": classifiers.label("verification_state", state),
    }


def _beside(place: ClassPlacement) -> str:
    """«5-А, Суботня школа «Рідна мова», з 01.09.2026»."""
    school = place.enrolment.institution.short_name
    return f"{place.class_group.label}, {school}, з {dates.show(place.enrolment.starts_on)}"


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
        ("Додатково навчається", "; ".join(map(_beside, card.beside))),
        ("Громадянство", classifiers.label("country", pupil.citizenship)),
        ("РНОКПП", pupil.rnokpp or states.get(pupil.rnokpp_state, "")),
        ("УНЗР", pupil.unzr or ""),
        # So that whoever speaks of a child by its code, and whoever sees its name, mean the same.
        ("Код у списках без прізвищ", pseudonym(pupil.pk)),
    ]

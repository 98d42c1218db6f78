"""«Вікно батьків»: my children, one of them whole, where the data went and who looked."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import identifiers
from accounts.http import HouseRequest
from accounts.middleware import for_parents
from kernel import clock
from kernel.audit.models import Look
from kernel.clock import moment
from kernel.paging import every
from kernel.parameters import MARKS, asked
from kernel.tables import dates
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import Address, Column, Listing, order_of, pager
from registry.cards.portal import pupil as cards
from registry.cards.portal import words
from registry.classifiers.selectors import classifiers, territories
from registry.fields.contacts import SEX_WORDS
from registry.parents.fields import FIELDS
from registry.parents.selectors import children
from registry.people.portal.merged import answers_with_the_retained as follows

TITLE = "Мої діти"


@never_cache
@require_http_methods(["GET", "HEAD"])
@for_parents
def home(request: HouseRequest) -> HttpResponse:
    """My children; where there are none, how a school confirms a representative."""
    found = children.mine(request.actor, clock.today())
    rows = [
        {
            "pupil": one.pupil,
            "relation": classifiers.label("relation", one.tie.relation),
            "school": one.pupil.institution,
            "class": one.place.class_group.label if one.place else "",
        }
        for one in found
    ]
    return pages.page(
        request,
        "registry/parents/home.html",
        {
            "children": rows,
            "code": identifiers.masked(request.actor.person_code),
            "named": _named_otherwise(request.actor, found),
        },
    )


def _named_otherwise(actor: Any, found: list[children.Child]) -> dict[str, Any] | None:
    """The two names, and where to ask the school for each that differs."""
    other = children.named_otherwise(actor, found)
    if other is None:
        return None
    at = reverse("parent_ask", args=[other.pupil.pk])
    return {
        "written": other.written,
        "certified": other.certified,
        "asks": [(FIELDS[name].label.lower(), f"{at}?field={name}") for name in other.fields],
    }


@never_cache
@require_http_methods(["GET", "HEAD"])
@for_parents
@follows
def child(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponse:
    """Everything the register holds of one's child, in plain words."""
    today = clock.today()
    window = children.child(request.actor, pupil_id, today)
    card, pupil = window.card, window.card.pupil
    places = territories.labels(
        [
            *(row.territory_code for row in card.addresses if row.territory_code),
            *(row.origin_code for row in card.categories if row.origin_code),
        ]
    )
    context = {
        "pupil": pupil,
        "card": card,
        "window": window,
        "crumbs": [(TITLE, reverse("parents"))],
        "identity": _identity(pupil),
        "study": [
            ("Заклад", card.institution.short_name if card.institution else "Зараз не навчається"),
            ("Клас", card.class_label),
            ("Класний керівник", card.class_teacher),
            ("Форма здобуття", card.form),
        ],
        "timeline": words.timeline(card),
        "documents": [
            {
                "type": classifiers.label("document_type", row.type),
                "number": f"{row.series} {hidden(row.number)}".strip(),
                "issued": ", ".join(
                    filter(
                        None, (dates.show(row.issued_on) if row.issued_on else "", row.issued_by)
                    )
                ),
                "primary": row.is_primary,
                "checked": classifiers.label("verification_state", row.verification),
            }
            for row in card.documents
        ],
        "addresses": [
            (
                "Реєстрація" if row.kind == "REGISTERED" else "Проживає",
                ", ".join(p for p in (places.get(row.territory_code, ""), row.line) if p),
            )
            for row in card.addresses
        ],
        "kept": cards.kept(card, places, today),
        "guardians": [
            {
                "name": row.guardian.full_name,
                "relation": classifiers.label("relation", row.relation),
                "mine": row.guardian_id == window.tie.guardian_id,
                "row": row,
            }
            for row in card.guardianships
            if row.lasts(today)
        ],
        "me": window.tie.guardian,
    }
    return pages.page(request, "registry/parents/child.html", context)


def hidden(number: str) -> str:
    """A number by its end alone: enough to tell documents apart, of no use to whoever looks over a
    shoulder."""
    return identifiers.masked(number)


def _identity(pupil: Any) -> list[tuple[str, str]]:
    states = {"REFUSED": "відмова через релігійні переконання", "NOT_ASSIGNED": "не записано"}
    return [
        ("Дата народження", dates.show(pupil.born_on)),
        ("Стать", SEX_WORDS.get(pupil.sex, "")),
        ("Громадянство", classifiers.label("country", pupil.citizenship)),
        ("РНОКПП", hidden(pupil.rnokpp) if pupil.rnokpp else states[pupil.rnokpp_state]),
        ("УНЗР", hidden(pupil.unzr) if pupil.unzr else "не записано"),
    ]


_LOOKS: list[Column[Look]] = [
    Column("at", "Коли", lambda look: look.at, kind="nw"),
    Column("who", "Хто", lambda look: look.actor_label, width=50),
    Column("what", "Що переглянуто", lambda look: look.what, width=40),
]


@never_cache
@require_http_methods(["GET", "HEAD"])
@for_parents
@follows
def looks(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponseBase:
    """Who looked at the child's data (law 2297-VI, art. 8): people and systems alike."""
    given = asked(request, order_of(children.LOOK_ORDERS, "-at"), FILE)
    order = given["order"]
    today = clock.today()

    def read(**how: Any) -> Any:
        return children.looks(request.actor, pupil_id, today=today, order=order, **how)

    pupil, found = read(**asked(request, *MARKS))
    address = Address(request, ("order",))
    shown = Listing(
        address,
        "Хто переглядав дані",
        _LOOKS,
        found.rows,
        pager=pager(address, found),
        orders=children.LOOK_ORDERS,
        order=order,
        most=MOST,
    )
    if given["file"]:
        rows = every(lambda mark: read(after=mark, size=files.CHUNK)[1])
        return files.answer(
            given["file"], shown, rows, actor=request.actor, now=moment().now, of=pupil.full_name
        )
    return pages.page(
        request,
        "registry/parents/looks.html",
        {
            "list": shown,
            "pupil": pupil,
            "crumbs": [
                (TITLE, reverse("parents")),
                (pupil.full_name, reverse("parent_child", args=[pupil.pk])),
            ],
        },
    )

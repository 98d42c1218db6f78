"""The extract of a card: now, what happened, how each field changed; on the page, on paper, as a
workbook. One way for a child, a class, a member of staff and an institution.

Nothing is here that the card itself does not show to whoever looks.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.http import HouseRequest
from kernel import audit, clock
from kernel.clock import moment
from kernel.parameters import asked, one_of
from kernel.tables import dates, writing
from kernel.ui import pages
from registry.cards.papers import extract_paper
from registry.cards.portal import class_group, institution, pupil, staff, words
from registry.cards.selectors import fields, timeline
from registry.cards.selectors import pupil as pupil_reads
from registry.cards.selectors.fields import Changed, Field
from registry.classes import selectors as classes
from registry.classes.models import ClassGroup
from registry.classifiers.selectors import classifiers, territories
from registry.fields.contacts import SEX_WORDS
from registry.institutions import policies
from registry.institutions import selectors as institutions
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil
from registry.people.selectors import counts
from registry.staff import selectors as staff_reads
from registry.staff.models.posts import Employee, Post

Pair = tuple[str, str]


@dataclasses.dataclass(frozen=True)
class Happened:
    """One line of what happened."""

    when: datetime.date | datetime.datetime
    what: str
    details: str
    who: str


@dataclasses.dataclass(frozen=True)
class Extract:
    """What a card says of its subject, in parts that any form of it shows."""

    title: str
    institution: str
    card: str  # the address of the card
    now: Sequence[tuple[str, Sequence[Pair]]]  # parts of the present state: heading, lines
    happened: Sequence[Happened]
    changed: Sequence[Changed]


# ── values ───────────────────────────────────────────────────────────────────
def _day(value: Any) -> str:
    return dates.show(datetime.date.fromisoformat(str(value)))


def _of(classifier: str) -> Callable[[Any], str]:
    return lambda value: classifiers.label(classifier, str(value))


def _yes(value: Any) -> str:
    return "так" if value else "ні"


def _hidden(value: Any) -> str:
    return f"••••{str(value)[-3:]}"


def _sex(value: Any) -> str:
    return SEX_WORDS.get(value, "")


def _number(value: Any) -> str:
    return str(value).replace(".", ",")


_PERSON = {
    "surname": Field("Прізвище"),
    "given_name": Field("Імʼя"),
    "patronymic": Field("По батькові"),
    "born_on": Field("Дата народження", _day),
    "sex": Field("Стать", _sex),
}
OF_PUPIL: Mapping[str, Field] = {
    **_PERSON,
    "rnokpp": Field("РНОКПП"),
    "unzr": Field("УНЗР"),
    "citizenship": Field("Громадянство", _of("country")),
    "contact_status": Field("Звʼязок", _of("contact_status")),
    "form": Field("Форма здобуття освіти", _of("education_form")),
    "closed_on": Field("Профіль закрито", _day),
}
OF_EMPLOYEE: Mapping[str, Field] = {
    **_PERSON,
    "rnokpp": Field("РНОКПП", _hidden),
    "unzr": Field("УНЗР", _hidden),
    "passport": Field("Паспорт", _hidden),
    "teaching_since": Field("Педагогічний стаж від", _day),
}
OF_POST: Mapping[str, Field] = {
    "position": Field("Посада", _of("position")),
    "is_main": Field("Основна робота", _yes),
    "rate": Field("Ставка", _number),
    "category": Field("Кваліфікаційна категорія", _of("staff_category")),
    "is_full": Field("Повне залучення", _yes),
    "grade": Field("Тарифний розряд"),
    "starts_on": Field("Працює з", _day),
    "ends_on": Field("Не працює з", _day),
}
OF_CLASS: Mapping[str, Field] = {
    "grade": Field("Паралель"),
    "letter": Field("Літера"),
    "form": Field("Форма здобуття освіти", _of("education_form")),
    "type": Field("Тип класу", _of("class_type")),
    "language": Field("Мова навчання", _of("language")),
    "profile": Field("Профіль"),
    "shift": Field("Зміна"),
    "capacity": Field("Місткість"),
    "closed_on": Field("Закрито з", _day),
}
_CODED = {
    "kind": _of("institution_kind"),
    "type": _of("institution_type"),
    "ownership": _of("ownership"),
    "status": _of("institution_status"),
    "territory_code": lambda value: territories.label(str(value)),
    "city_district_code": lambda value: territories.label(str(value)),
    "languages": lambda value: ", ".join(classifiers.label("language", one) for one in value),
    "is_hub": _yes,
    "is_rural": _yes,
    "is_mountain": _yes,
    "is_boarding": _yes,
}
OF_INSTITUTION: Mapping[str, Field] = {
    name: Field(label[:1].upper() + label[1:], _CODED.get(name, str))
    for name, label in words.FIELDS_OF_INSTITUTION.items()
    if name != "hub_id"
}


# ── the four cards ───────────────────────────────────────────────────────────
@require_GET
def of_pupil(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponse:
    """The extract of a child's card."""
    today = clock.today()
    card = pupil_reads.card(request.actor, pupil_id, today=today, kinds=words.OF_PUPIL)
    ids = pupil_reads.ids_of(card.pupil)
    shown = Extract(
        card.pupil.full_name,
        card.institution.full_name if card.institution else "Не навчається",
        reverse("pupil_detail", args=[card.pupil.pk]),
        pupil.parts(card, today),
        [Happened(one.when, one.title, one.text, one.who) for one in words.timeline(card)],
        fields.of_rows([(Pupil, ids, OF_PUPIL)]),
    )
    return _answer(request, shown, "registry.pupil", ids)


@require_GET
def of_staff(request: HouseRequest, pk: uuid.UUID) -> HttpResponse:
    """The extract of a card of a member of staff."""
    actor = request.actor
    post = staff_reads.find(actor, pk)
    is_head = policies.keep_deferments.allows(actor, post.institution)
    kinds = words.OF_POST | (words.OF_POST_TO_HEAD if is_head else {})
    told = words.of_post(timeline.of_post(post.pk, post.employee_id, kinds))
    shown = Extract(
        f"{post.employee.full_name}, {classifiers.label('position', post.position).lower()}",
        post.institution.full_name,
        reverse("staff_detail", args=[post.pk]),
        [("Стан на сьогодні", _pairs(staff.facts(post, clock.today())))],
        [Happened(one.when, one.title, one.text, one.who) for one in told],
        fields.as_told_at(
            post.institution_id,
            fields.of_rows(
                [(Post, [post.pk], OF_POST), (Employee, [post.employee_id], OF_EMPLOYEE)]
            ),
        ),
    )
    return _answer(request, shown, "registry.staff", [post.pk])


@require_GET
def of_class(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """The extract of a class's card."""
    actor = request.actor
    group = classes.find(actor, uid)
    named = policies.see_who_did.allows(actor, group.institution)
    pupils = counts.by_class([group.pk]).get(group.pk, 0)
    shown = Extract(
        f"Клас {group.label}, {group.school_year_id.replace('-', '/')} навчальний рік",
        group.institution.full_name,
        reverse("class_detail", args=[uid]),
        [("Відомості про клас", _pairs(class_group.facts(actor, group, pupils)))],
        [
            Happened(one.at, one.title, one.detail, one.who)
            for one in words.deeds(timeline.of_class(group.uid), named=named)
        ],
        _without_names(fields.of_rows([(ClassGroup, [group.pk], OF_CLASS)]), named=named),
    )
    return _answer(request, shown, "registry.class", [group.uid])


@require_GET
def of_institution(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """The extract of an institution's card."""
    actor = request.actor
    one = institutions.find(actor, uid)
    named = policies.see_who_did.allows(actor, one)
    done = words.deeds(timeline.of_institution(one, words.OF_INSTITUTION), named=named)
    shown = Extract(
        one.short_name,
        one.full_name,
        reverse("institution_detail", args=[uid]),
        [
            ("Відомості", _pairs(institution.facts(one))),
            ("Де і як звʼязатися", _pairs(institution.contacts(one))),
        ],
        [Happened(deed.at, deed.title, deed.detail, deed.who) for deed in done],
        _without_names(fields.of_rows([(Institution, [one.pk], OF_INSTITUTION)]), named=named),
    )
    return _answer(request, shown, "registry.institution", [one.uid])


def _pairs(rows: Sequence[tuple[str, Any]]) -> list[Pair]:
    return [(label, str(value)) for label, value in rows if value not in (None, "")]


def _without_names(changed: list[Changed], *, named: bool) -> list[Changed]:
    return changed if named else [dataclasses.replace(one, who="", ground="") for one in changed]


# ── its forms ────────────────────────────────────────────────────────────────
_CHANGED = ("Коли", "Поле", "Було", "Стало", "Хто", "Підстава")
_HAPPENED = ("Коли", "Подія", "Подробиці", "Хто")
_WIDTHS = {_CHANGED: (12, 24, 32, 32, 28, 40), _HAPPENED: (12, 36, 60, 28)}


def _answer(
    request: HouseRequest, shown: Extract, subject: str, keys: Sequence[Any]
) -> HttpResponse:
    file = asked(request, one_of("file", ["xlsx", "pdf"]))["file"]
    if not file:
        return pages.page(request, "registry/cards/extract.html", {"shown": shown})
    audit.looked_at(request.actor, subject, [str(key) for key in keys], f"виписка з картки, {file}")
    now = moment().now
    happened = [[_when(one.when), one.what, one.details, one.who] for one in shown.happened]
    changed = [
        [_when(one.at), one.field, one.was or "—", one.now or "—", one.who, one.ground]
        for one in shown.changed
    ]
    name = f"{shown.title}, виписка на {clock.local(now):%d.%m.%Y}"
    if file == "xlsx":
        above = (f"{shown.title}: виписка з картки", shown.institution)
        sheets = [
            writing.Sheet(
                "Стан",
                [
                    writing.Column("", 30),
                    writing.Column("Відомість", 34),
                    writing.Column("Значення", 60, wrap=True),
                ],
                [[title, label, value] for title, lines in shown.now for label, value in lines],
                above=above,
            ),
            _sheet("Події", _HAPPENED, happened),
            _sheet("Історія полів", _CHANGED, changed),
        ]
        return pages.file_answer(writing.workbook(*sheets), f"{name}.xlsx", pages.XLSX)
    data = {
        "title": shown.title,
        "institution": shown.institution,
        "who": request.actor.full_name,
        "parts": [
            *(
                {
                    "title": title,
                    "columns": ["Відомість", "Значення"],
                    "widths": [1, 2],
                    "rows": rows,
                }
                for title, rows in shown.now
            ),
            {"title": "Події", "columns": _HAPPENED, "widths": [2, 4, 6, 3], "rows": happened},
            {
                "title": "Історія полів",
                "columns": _CHANGED,
                "widths": [2, 3, 3, 3, 3, 4],
                "rows": changed,
            },
        ],
    }
    return pages.file_answer(extract_paper(data, now), f"{name}.pdf", "application/pdf")


def _sheet(name: str, columns: tuple[str, ...], rows: Sequence[Sequence[str]]) -> writing.Sheet:
    widths = _WIDTHS[columns]
    heads = [
        writing.Column(head, width, wrap=True) for head, width in zip(columns, widths, strict=True)
    ]
    return writing.Sheet(name, heads, rows)


def _when(when: datetime.date | datetime.datetime) -> str:
    return dates.show(clock.day_of(when) if isinstance(when, datetime.datetime) else when)

"""The card of a class: its facts, its pupils, groups and moves, what the norms say; and its list to be
printed."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.actors import Actor
from accounts.http import HouseRequest
from kernel import clock
from kernel.ui import pages
from kernel.ui.listing import Address, Column, Listing, Name
from registry.cards.selectors import class_group as reads
from registry.classes import selectors
from registry.classes.models import ClassGroup
from registry.classifiers.selectors import classifiers
from registry.fields.contacts import SEX_LETTERS
from registry.groups import selectors as groups
from registry.institutions import policies
from registry.people import policies as pupil_policies
from registry.people.selectors import counts, lists
from registry.people.selectors.filters import Filters

MOST = 100  # pupils on the card; the norm of a class is 30


def class_detail(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """One class: its facts, the norm, pupils by surname, groups, who came and went."""
    actor, today = request.actor, clock.today()
    group = selectors.find(actor, uid)
    named = pupil_policies.see_names.allows(actor, group.institution)
    pupils = counts.by_class([group.pk]).get(group.pk, 0)
    shown = _pupils(request, group, "склад класу") if named else None
    girls = sum(line.sex == "F" for line in shown.rows) if shown else 0
    sexes = [("Хлопців і дівчат", f"{len(shown.rows) - girls} і {girls}")] if shown else []
    return pages.page(
        request,
        "registry/classes/detail.html",
        {
            "group": group,
            "card": group.institution,
            "pupils": pupils,
            "list": shown,
            "moves": reads.moves(actor, group),
            "beside": reads.beside(actor, group, today),
            "hint": selectors.hint(group, pupils),
            "facts": facts(actor, group, pupils, sexes),
            "can_keep": policies.keep_classes.allows(actor, group.institution),
            "groups": groups.of_class(actor, group, today),
            "can_see_pupils": named,
        },
    )


def facts(
    actor: Actor, group: ClassGroup, pupils: int, more: Sequence[tuple[str, str]] = ()
) -> list[tuple[str, Any]]:
    """What a class is, as its card says it; `more` stands after the number of pupils."""
    return [
        ("Навчальний рік", group.school_year_id.replace("-", "/")),
        ("Класний керівник", _teacher(actor, group)),
        ("Учнів", f"{pupils}, гранична наповнюваність {selectors.most_in(group)}"),
        *more,
        ("Мова навчання", classifiers.label("language", group.language)),
        ("Зміна", group.shift),
        ("Тип класу", classifiers.label("class_type", group.type)),
        ("Форма здобуття освіти", classifiers.label("education_form", group.form)),
        ("Профіль", group.profile),
    ]


def class_print(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """The list of the class, to be printed: one plain table.

    Raises:
        NotAllowed: the actor sees no names there.
    """
    actor = request.actor
    group = selectors.find(actor, uid)
    pupil_policies.see_names.require(actor, group.institution)
    shown = _pupils(request, group, "друк списку класу")
    teacher = _teacher(actor, group)
    return pages.page(
        request,
        "ui/sheet.html",
        {
            "list": dataclasses.replace(shown, title=f"Список учнів {group.label} класу"),
            "of": f"{group.institution.short_name} · класний керівник: {teacher}",
            "back": reverse("class_detail", args=[uid]),
            "back_label": f"Клас {group.label}",
        },
    )


def _pupils(request: HouseRequest, group: ClassGroup, what: str) -> Listing[lists.Line]:
    found = lists.listing(
        request.actor,
        Filters(class_id=str(group.uid), institution=str(group.institution.uid)),
        today=clock.today(),
        size=MOST,
        what=what,
    )
    columns = [
        Column[lists.Line](
            "name",
            "Прізвище, імʼя, по батькові",
            lambda line: Name(
                f"{line.surname} {line.given_name}",
                reverse("pupil_detail", args=[line.id]),
                line.patronymic,
            ),
        ),
        Column("sex", "Стать", lambda line: SEX_LETTERS.get(line.sex, "")),
        Column("born", "Народження", lambda line: line.born_on, kind="nw"),
        Column("form", "Форма", lambda line: line.form),
        Column("categories", "Категорії", lambda line: line.categories),
        Column("enrolled", "Зараховано", lambda line: line.enrolled_on, kind="nw"),
    ]
    title = f"Учні {group.label} класу"
    return Listing(Address(request, ()), title, columns, found.rows, order="name")


def _teacher(actor: Actor, group: ClassGroup) -> str:
    if not group.teacher:
        return "не призначено"
    seen = policies.see_class_teacher.allows(actor, group.institution)
    return group.teacher.employee.full_name if seen else "призначено"

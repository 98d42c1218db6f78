"""The card of a class: its facts, how many learn there, what the norms say."""

from __future__ import annotations

import uuid

from django.http import HttpResponse

from accounts.http import HouseRequest
from kernel import clock
from kernel.ui import pages
from registry.classes import selectors
from registry.classifiers.selectors import classifiers
from registry.groups import selectors as groups
from registry.institutions import policies
from registry.people import policies as pupil_policies
from registry.people.selectors import counts


def class_detail(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """One class: its facts, the hint of the norms, its groups; the pupils stand on their own page."""
    actor = request.actor
    group = selectors.find(actor, uid)
    pupils = counts.by_class([group.pk]).get(group.pk, 0)
    teacher = group.teacher.employee.full_name if group.teacher else ""
    if teacher and not policies.see_class_teacher.allows(actor, group.institution):
        teacher = "призначено"
    return pages.page(
        request,
        "registry/classes/detail.html",
        {
            "group": group,
            "card": group.institution,
            "pupils": pupils,
            "hint": selectors.hint(group, pupils),
            "facts": [
                ("Навчальний рік", group.school_year_id),
                ("Тип класу", classifiers.label("class_type", group.type)),
                ("Форма здобуття освіти", classifiers.label("education_form", group.form)),
                ("Мова навчання", classifiers.label("language", group.language)),
                ("Зміна", group.shift),
                ("Профіль", group.profile),
                ("Керівник класу", teacher or "не призначено"),
                ("Гранична наповнюваність", group.capacity),
            ],
            "can_keep": policies.keep_classes.allows(actor, group.institution),
            "groups": groups.of_class(actor, group, clock.today()),
            "can_see_pupils": pupil_policies.see_names.allows(actor, group.institution),
        },
    )

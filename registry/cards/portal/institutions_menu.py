"""Menu entries of institutions, classes, staff and the search box."""

from __future__ import annotations

from typing import Any

from accounts.roles import Duty, Role
from kernel import clock
from kernel.text import plural, years
from kernel.ui import menu
from kernel.ui.helpers import url_for
from registry.classes import selectors as classes
from registry.classifiers.selectors import classifiers
from registry.institutions import selectors
from registry.people.portal import groups

_AT_SCHOOL = (Role.HEAD, Role.DEPUTY)
_CONFIRMS = (Role.HROMADA_ADMIN, Role.DISTRICT_ADMIN, Role.RAION_ADMIN, Role.OBLAST_ADMIN)


def _holds(*roles: str) -> menu.Predicate:
    def predicate(actor: Any) -> bool:
        return actor is not None and actor.holds(*roles)

    return predicate


def _above(actor: Any) -> bool:
    return menu.signed_in(actor) and not actor.holds(*_AT_SCHOOL)


def _keeps_classes(actor: Any) -> bool:
    return actor is not None and (
        actor.holds(Role.HEAD) or (actor.holds(Role.DEPUTY) and Duty.CLASSES in actor.duties)
    )


menu.register_nav(
    menu.NavItem(url_name="institution_list", label="Заклади", order=30, visible=_above)
)
menu.register_nav(
    menu.NavItem(url_name="classes_own", label="Класи", order=30, visible=_holds(*_AT_SCHOOL))
)
menu.register_nav(menu.NavItem(url_name="staff_list", label="Працівники", order=40))
menu.register_nav(
    menu.NavItem(url_name="institution_own", label="Заклад", order=90, visible=_holds(*_AT_SCHOOL))
)
menu.register_search(
    menu.SearchBox(
        url_name="search",
        label="Пошук: учень, клас, наказ, працівник, заклад",
        placeholder="Учень, клас, наказ, заклад",
        suggest_url_name="search_suggest",
    )
)
for _group, _label, _url, _order, _who in (
    (groups.CLASSES, "Перегляд закладів освіти", "institution_list", 10, _above),
    (groups.CLASSES, "Перегляд картки закладу", "institution_own", 10, _holds(*_AT_SCHOOL)),
    (groups.CLASSES, "Оновлення класів", "classes_own", 20, _keeps_classes),
    (groups.CLASSES, "Створення картки закладу", "institution_new", 30, _holds(Role.TECH_ADMIN)),
    (
        groups.CLASSES,
        "Завантаження закладів з ЄДЕБО",
        "institution_import",
        35,
        _holds(Role.TECH_ADMIN),
    ),
    (groups.STAFF, "Перегляд інформації про працівників", "staff_list", 40, menu.signed_in),
    (groups.STAFF, "Вакансії", "vacancy_list", 45, menu.signed_in),
    (groups.DATA, "Довідник КАТОТТГ", "territory_list", 90, menu.signed_in),
):
    menu.register_service(
        menu.Service(
            url_name=_url,
            label=_label,
            group=_group.label,
            group_order=_group.order,
            order=_order,
            icon="school",
            visible=_who,
        )
    )


def _waiting(actor: Any) -> list[menu.Attention]:
    """Cards an authority has not confirmed; classes a school has not opened."""
    if actor is None:
        return []
    if _keeps_classes(actor):
        return _classes_waiting(actor)
    if not actor.holds(*_CONFIRMS):
        return []
    total, waiting = selectors.unconfirmed(actor)
    if not waiting:
        return []
    what = plural(waiting, "картку закладу", "картки закладів", "карток закладів")
    return [
        menu.Attention(
            kind="data",
            title=f"Перевірити {waiting} {what}",
            text="Дані змінювали або ще не підтверджували",
            when="",
            url=f"{url_for('institution_list')}?unconfirmed=1",
            action="Переглянути",
            done=total - waiting,
            total=total,
        )
    ]


def _classes_waiting(actor: Any) -> list[menu.Attention]:
    year = classifiers.current_year(clock.today())
    school = classes.unopened(actor, year)
    if school is None:
        return []
    return [
        menu.Attention(
            kind="data",
            title=f"Відкрити класи {years(year.code)} навчального року",
            text="Без класів не можна зарахувати жодної дитини",
            when="",
            url=url_for("class_new", school.uid),
            action="Відкрити класи",
        )
    ]


menu.register_attention(_waiting)

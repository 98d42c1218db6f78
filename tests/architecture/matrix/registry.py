"""Rows of institutions, territories, classes, staff and search."""

from __future__ import annotations

from typing import Any

from tests.architecture.matrix import EVERYBODY, NOWHERE, Row, all_but, with_
from tests.registry.reorganisation.kit import turned
from tests.world import World

school = with_(uid=lambda w: w.institutions["school1"].uid)
klass = with_(uid=lambda w: w.classes["school1/5-А"].uid)
STRANGERS = "taras hanna petro nina"  # of other schools, hromadas, oblasts
OF_SCHOOL = "olena dana"
AUTHORITIES = "admin maria iryna bohdan"
SCHOOLS = "olena petro nina dana"

seen = Row(school, opens=all_but(STRANGERS), absent=STRANGERS)
kept_by_school = Row(school, opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS)


def turned_back(world: World) -> dict[str, Any]:
    """An order of the city about the state of Olena's school, in effect."""
    return {"order_id": turned(world, "bohdan", "REORGANISING", key="school1").pk}


ROWS = {
    "search": Row(opens=EVERYBODY),
    "search_suggest": Row(opens=EVERYBODY),
    "territory_list": Row(opens=EVERYBODY),
    "territory_pick": Row(opens=EVERYBODY),
    "territory_cascade": Row(opens=EVERYBODY),
    "territory_detail": Row(with_(code="UA73060610010033137"), opens=EVERYBODY),
    "institution_list": Row(opens=EVERYBODY),
    "institution_own": Row(opens=SCHOOLS, absent=all_but(SCHOOLS)),
    "institution_import": Row(opens="admin", refused=all_but("admin")),
    "institution_import_preview": Row(with_(pk=NOWHERE), absent="admin", refused=all_but("admin")),
    "institution_new": Row(opens="admin", refused=all_but("admin")),
    "institution_detail": seen,
    "institution_extract": seen,
    "institution_edit": Row(
        school, opens="admin iryna bohdan olena", refused="maria dana", absent=STRANGERS
    ),
    "institution_confirm": Row(
        school,
        method="POST",
        opens="iryna bohdan",
        refused="admin maria olena dana",
        absent=STRANGERS,
    ),
    "institution_status": Row(
        school, opens="admin iryna bohdan", refused="maria olena dana", absent=STRANGERS
    ),
    "institution_place": Row(
        school, opens="admin iryna bohdan", refused="maria olena dana", absent=STRANGERS
    ),
    "reorganise": Row(
        school, opens="bohdan", refused="admin maria iryna olena dana", absent=STRANGERS
    ),
    # Without successors it leads back to their choice.
    "reorganise_plan": Row(
        school, opens="bohdan", refused="admin maria iryna olena dana", absent=STRANGERS
    ),
    "order_revoke": Row(
        turned_back, opens="admin iryna bohdan", refused="maria olena dana", absent=STRANGERS
    ),
    "branch_new": Row(
        school, opens="admin olena", refused="maria iryna bohdan dana", absent=STRANGERS
    ),
    "class_list": seen,
    "class_new": kept_by_school,
    "class_copy": kept_by_school,
    "class_close": kept_by_school,
    "classes_own": Row(opens=SCHOOLS, absent=all_but(SCHOOLS)),
    "class_extract": Row(klass, opens=all_but(STRANGERS), absent=STRANGERS),
    "class_detail": Row(klass, opens=all_but(STRANGERS), absent=STRANGERS),
    "class_print": Row(
        klass, opens="bohdan olena dana", refused="admin maria iryna", absent=STRANGERS
    ),
    "class_edit": Row(klass, opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS),
    "group_new": Row(klass, opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS),
    "group_detail": Row(with_(uid=NOWHERE), absent=EVERYBODY),
    "group_close": Row(with_(uid=NOWHERE), absent=EVERYBODY),
    "staff_list": Row(opens=EVERYBODY),
    "staff_hire": Row(opens="olena nina petro", refused="dana", absent=all_but(SCHOOLS)),
    "vacancy_list": Row(opens=EVERYBODY),
    "vacancy_new": Row(opens="olena petro nina", refused="dana", absent=all_but(SCHOOLS)),
    "vacancy_edit": Row(with_(vacancy_id=NOWHERE), absent=EVERYBODY),
    "vacancy_withdraw": Row(with_(vacancy_id=NOWHERE), method="POST", absent=EVERYBODY),
    "staff_extract": Row(with_(pk=NOWHERE), absent=EVERYBODY),
    "staff_detail": Row(with_(pk=NOWHERE), absent=EVERYBODY),
    "staff_correct": Row(with_(pk=NOWHERE), absent=EVERYBODY),
    "staff_dismiss": Row(with_(pk=NOWHERE), absent=EVERYBODY),
    "staff_education_new": Row(with_(pk=NOWHERE), absent=EVERYBODY),
    "staff_education_void": Row(with_(pk=NOWHERE, education=NOWHERE), absent=EVERYBODY),
    "load_of_post": Row(with_(pk=NOWHERE), method="POST", absent=EVERYBODY),
    "classes_chosen": Row(
        school, method="POST", opens=OF_SCHOOL, refused=AUTHORITIES, absent=STRANGERS
    ),
    "load_current": Row(
        method="POST", opens="olena nina petro", refused=all_but("olena nina petro")
    ),
}

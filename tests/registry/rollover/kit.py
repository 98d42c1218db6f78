"""A school with a class of each kind that a new year meets, and its plan signed or not."""

from __future__ import annotations

import datetime
from typing import Any

from accounts.actors import system
from kernel.db import command
from registry.classes.models import ClassGroup
from registry.classifiers.models import SchoolYear
from registry.classifiers.selectors import classifiers
from registry.enrolments.models import ClassPlacement
from registry.models import Pupil
from registry.orders import services as orders
from registry.orders.models import Order
from registry.rollover import selectors, services
from registry.rollover.models import RolloverPlan
from registry.rollover.plan import Plan
from tests.kit.acts import noted
from tests.registry.kit import MOMENT, TODAY, signature_of
from tests.world import FIRST_DAY, YEAR, World, enrol

NEXT = "2027-2028"
FIELDS = {
    "number": "77-п",
    "issued_on": "20.11.2026",
    "effective_on": "01.09.2027",
    "ground": "рішення педагогічної ради",
    "protocol": "№ 7 від 19.11.2026",
}


@command
def written(change: Any, *, actor: Any = None) -> Any:
    noted()
    return change()


def school(world: World, classes: dict[str, int], key: str = "school1") -> dict[str, list[Pupil]]:
    """Classes of this year with so many children each, beside those of the world, in a year before
    another; the children by the labels of their classes."""

    def change() -> dict[str, list[Pupil]]:
        for code, first in (("2025-2026", 2025), (NEXT, 2027)):
            SchoolYear.objects.get_or_create(
                code=code,
                defaults={
                    "starts_on": datetime.date(first, 9, 1),
                    "ends_on": datetime.date(first + 1, 7, 1),
                },
            )
        made: dict[str, list[Pupil]] = {}
        for name, count in classes.items():
            grade, _, letter = name.partition("-")
            group, _ = ClassGroup.objects.get_or_create(
                institution=world.institutions[key],
                school_year_id=YEAR,
                grade=int(grade),
                letter=letter,
                defaults={"opened_on": FIRST_DAY},
            )
            made[name] = []
            for number in range(count):
                pupil = Pupil.objects.create(
                    surname=f"{'АБВГДЕЖЗИК'[number % 10]}ласенко",
                    given_name="Іван",
                    sex="M",
                    born_on=datetime.date(2020 - int(grade), 3, 1 + number % 28),
                )
                enrol(pupil, group)
                made[name].append(pupil)
        return made

    found: dict[str, list[Pupil]] = written(change, actor=system("тест"))
    classifiers.forget()
    return found


def begun(world: World, who: str = "olena", key: str = "school1") -> RolloverPlan:
    """The plan of a school."""
    return services.begin_plan(
        actor=world.actor(who),
        institution=world.institutions[key].uid,
        to_year=NEXT,
        moment=MOMENT,
    )


def computed(plan: RolloverPlan) -> Plan:
    """The plan as it comes out now."""
    plan = RolloverPlan.objects.select_related("institution", "from_year", "to_year").get(
        pk=plan.pk
    )
    return selectors.plan_of(plan, TODAY)


def prepared(world: World, plan: RolloverPlan, who: str = "olena", **fields: str) -> Order:
    """The order of a plan, waiting for its signature."""
    return services.prepare(
        actor=world.actor(who), plan_id=plan.pk, fields=FIELDS | fields, moment=MOMENT
    )


def signed(world: World, order: Order, who: str = "olena") -> Order:
    """The order in effect."""
    return orders.sign(
        actor=world.actor(who), order_id=order.pk, cms=signature_of(order, who), moment=MOMENT
    )


def learning(day: datetime.date, school: str = "Чернівецький ліцей № 1") -> dict[str, str]:
    """Children of a school by id → the class and its year in which each learns on a day."""
    rows = ClassPlacement.objects.filter(
        voided_by=None,
        enrolment__voided_by=None,
        enrolment__institution__short_name=school,
        starts_on__lte=day,
    ).exclude(ends_on__lte=day)
    found: dict[str, str] = {}
    for row in rows.exclude(enrolment__ends_on__lte=day).select_related("class_group", "enrolment"):
        key = str(row.enrolment.pupil_id)
        assert key not in found, "in two places at once"
        found[key] = f"{row.class_group.label} {row.class_group.school_year_id}"
    return found

"""Members of staff under two profiles, and people who decide about them."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from accounts import actors
from aikom.demo.synthetic.codes import rnokpp
from kernel.db import command
from registry.identity import services
from registry.identity.models import EmployeeMerge
from registry.identity.staff import STAFF
from registry.models import Attestation, Course, Education, Post
from tests.kit.acts import noted
from tests.registry.identity.kit import MOMENT
from tests.world import World, hire

BORN = datetime.date(1980, 5, 5)
CODE, OTHER, CORRECTED = (rnokpp(BORN, "F", n) for n in (811, 812, 813))
LEFT = datetime.date(2026, 6, 1)


@command
def written(*, actor: Any, make: Callable[[], Any]) -> Any:
    noted()
    return make()


def write(make: Callable[[], Any]) -> Any:
    return written(actor=actors.system("тест"), make=make)


def a_teacher(world: World, at: str = "school1", **facts: Any) -> Post:
    """Коваль Ганна of a school with one row of everything that is a person's."""

    def make() -> Post:
        post = hire(world.institutions[at], facts.pop("surname", "Коваль"), **facts)
        of = {"employee": post.employee, "origin": "MIGRATED"}
        day = post.starts_on
        Attestation.objects.create(kind="REGULAR", held_on=day, category="FIRST", **of)
        Course.objects.create(
            title="Курс", provider="ІППО", hours=30, ended_on=day, document=f"ПК-{at}", **of
        )
        Education.objects.create(
            employee=post.employee, level="MASTER", speciality="Математика", place="ЧНУ",
            graduated=2002,
        )  # fmt: skip
        return post

    return write(make)


def asked(world: World, retained: Post, merged: Post, who: str = "bohdan") -> EmployeeMerge:
    return services.ask_merge(
        actor=world.actor(who), retained_id=retained.employee_id, merged_id=merged.employee_id,
        ground="паспорт і диплом", moment=MOMENT, kind=STAFF,
    )  # fmt: skip


def confirmed(world: World, merge: EmployeeMerge) -> EmployeeMerge:
    return services.confirm_merge(
        actor=world.actor("iryna"), merge_id=merge.pk, moment=MOMENT, kind=STAFF
    )


def undone(world: World, merge: EmployeeMerge) -> EmployeeMerge:
    services.ask_unmerge(
        actor=world.actor("bohdan"), merge_id=merge.pk, ground="тезки", moment=MOMENT, kind=STAFF
    )
    return services.unmerge(
        actor=world.actor("iryna"), merge_id=merge.pk, moment=MOMENT, kind=STAFF
    )


def pairs(world: World) -> list[tuple[Post, Post]]:
    """Two pairs of the city, each of them one woman under two profiles."""
    return [
        (
            a_teacher(world, surname=surname),
            a_teacher(
                world, "school2", surname=surname, ends_on=LEFT,
                starts_on=datetime.date(2020, 9, 1),
            ),
        )
        for surname in ("Коваль", "Мельник")
    ]  # fmt: skip

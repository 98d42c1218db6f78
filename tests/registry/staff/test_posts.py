"""A person is one employee with posts from-to; what must hold holds in the database too."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.urls import reverse

from accounts import actors
from kernel.audit.models import Change
from kernel.db import command
from kernel.errors import Invalid
from registry.classes import services as classes
from registry.models import ClassGroup, Employee, Post
from registry.staff import selectors
from tests.kit import acts
from tests.reports import generate
from tests.world import FIRST_DAY, World, hire, sign_in

CODE = "7000000001"
LATER = datetime.date(2026, 11, 1)


def written(change: Callable[[], Any]) -> Any:
    @command
    def write(*, actor: actors.Actor) -> Any:
        acts.noted()
        return change()

    return write(actor=actors.system("тест"))


def refused(constraint: str, change: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError) as error:
        written(change)
    assert error.value.__cause__.diag.constraint_name == constraint


def at(world: World, school: str, surname: str = "Вчителенко", **facts: Any) -> Post:
    return written(lambda: hire(world.institutions[school], surname, **facts))


def test_one_person_in_two_schools_is_one_employee_by_exact_number_never_by_name(world):
    here = at(world, "school1", rnokpp=CODE)
    there = at(world, "school2", rnokpp=CODE, is_main=False, rate="0.5")
    namesake = at(world, "school2")
    assert here.employee_id == there.employee_id != namesake.employee_id
    refused("one_employee_per_rnokpp", lambda: Employee.objects.create(
        surname="Інша", given_name="Особа", sex="F", born_on="1980-01-01",
        rnokpp=CODE, rnokpp_state="VALUE",
    ))  # fmt: skip


def test_an_absent_number_is_told_why(world):
    person = at(world, "school1").employee
    for state, number in (("VALUE", None), ("REFUSED", CODE), ("VALUE", "12"), ("OTHER", None)):
        refused(
            "employee_rnokpp_state",
            lambda state=state, number=number: Employee.objects.filter(pk=person.pk).update(
                rnokpp=number, rnokpp_state=state
            ),
        )


def test_a_person_has_one_main_post_at_a_time(world):
    at(world, "school1", rnokpp=CODE, ends_on=LATER)
    refused(
        "one_main_post_at_a_time",
        lambda: hire(world.institutions["school2"], "", rnokpp=CODE, starts_on=FIRST_DAY),
    )
    at(world, "school2", rnokpp=CODE, starts_on=LATER)
    at(world, "branch", rnokpp=CODE, is_main=False)


@pytest.mark.parametrize(
    ("constraint", "facts"),
    [
        ("post_period", {"ends_on": FIRST_DAY}),
        ("post_rate", {"rate": "0"}),
        ("post_rate", {"rate": "2.01"}),
    ],
)
def test_a_post_of_no_time_or_of_a_wrong_rate_is_none(world, constraint, facts):
    refused(constraint, lambda: hire(world.institutions["school1"], "Вчителенко", **facts))


def test_whoever_is_renamed_moves_in_every_list_and_only_the_person_has_a_version(world):
    post = at(world, "school1", "Яремко")
    other = at(world, "school1", "Ґава")
    before = Change.objects.filter(resource="registry.post").count()
    written(lambda: Employee.objects.filter(pk=post.employee_id).update(surname="Авраменко"))
    listed = selectors.listing(world.actor("olena"), selectors.StaffFilters(), today=LATER)
    assert [row.pk for row in listed.page.rows] == [post.pk, other.pk]
    assert Change.objects.filter(resource="registry.post").count() == before


def test_a_list_shows_those_who_work_and_apart_those_who_left(world):
    left = at(world, "school1", "Колишня", ends_on=LATER)
    works = at(world, "school1", "Чинна")
    actor = world.actor("olena")

    def listed(day, **filters):
        found = selectors.listing(actor, selectors.StaffFilters(**filters), today=day)
        return [row.pk for row in found.page.rows]

    assert listed(LATER) == [works.pk]
    assert listed(LATER, left="1") == [left.pk]
    assert listed(LATER - datetime.timedelta(days=1)) == [left.pk, works.pk]


def test_numbers_by_position_above_a_school_are_those_of_its_posts_whatever_happens(world):
    """The counts kept for authorities against the posts themselves, after every kind of change."""
    first = at(world, "school1")
    second = at(world, "school2", position="HEAD", rate="0.5", ends_on=LATER)

    def counted(who: str, day: datetime.date) -> dict[str, tuple[int, float]]:
        found = selectors.by_position(world.actor(who), day)
        return {one.position: (one.people, one.rates) for one in found}

    before = LATER - datetime.timedelta(days=1)
    assert counted("maria", before) == {"TEACHER": (1, 1.0), "HEAD": (1, 0.5)}
    assert counted("iryna", LATER) == {"TEACHER": (1, 1.0)}
    assert counted("taras", before) == {}
    assert counted("dana", before) == {"TEACHER": (1, 1.0)}  # a school counts its own
    written(lambda: Post.objects.filter(pk=first.pk).update(position="LIBRARIAN", rate="1.25"))
    written(lambda: Post.objects.filter(pk=second.pk).update(ends_on=None))
    assert counted("iryna", LATER) == {"LIBRARIAN": (1, 1.25), "HEAD": (1, 0.5)}
    unit = world.units["school1"]
    unit.parent = world.units["lvivska"]
    written(lambda: unit.save(update_fields=["parent"]))
    assert counted("taras", LATER) == {"LIBRARIAN": (1, 1.25)}
    assert counted("iryna", LATER) == {"HEAD": (1, 0.5)}
    written(lambda: Post.objects.filter(pk=second.pk).delete())
    assert counted("iryna", LATER) == {}
    assert counted("maria", LATER) == {"LIBRARIAN": (1, 1.25)}


def test_a_class_is_led_by_a_post_of_its_school_and_time(world):
    mine, foreign = at(world, "school1"), at(world, "school2")
    past = at(world, "school1", starts_on=datetime.date(2020, 9, 1), ends_on=FIRST_DAY)
    group = ClassGroup.objects.get(pk=world.classes["school1/5-А"].pk)
    rows = ClassGroup.objects.filter(pk=group.pk)
    for post in (foreign, past):
        refused("teacher_of_the_institution", lambda post=post: rows.update(teacher=post))
    written(lambda: rows.update(teacher=mine))
    refused(
        "teacher_of_the_institution",
        lambda: Post.objects.filter(pk=mine.pk).update(institution=world.institutions["school2"]),
    )
    refused(
        "teacher_of_the_institution",
        lambda: Post.objects.filter(pk=mine.pk).update(
            starts_on=datetime.date(2020, 9, 1), ends_on=FIRST_DAY
        ),
    )


def test_a_head_chooses_a_teacher_among_those_who_work_at_the_school(world):
    left = at(world, "school1", ends_on=FIRST_DAY + datetime.timedelta(days=1))
    for post in (left.pk, at(world, "school2").pk, uuid.uuid4()):
        with pytest.raises(Invalid) as refusal:
            classes.update(
                {"teacher": post},
                actor=world.actor("olena"),
                uid=world.classes["school1/5-А"].uid,
                version=1,
            )
        assert [p.code for p in refusal.value.problems] == ["unknown_teacher"]


def test_a_post_shows_where_else_the_person_works_as_far_as_names_are_open(client, world):
    here = at(world, "school1", rnokpp=CODE)
    there = at(world, "school2", rnokpp=CODE, is_main=False)
    at(world, "lviv_school", rnokpp=CODE, is_main=False)
    sign_in(client, world.grants["bohdan"])
    text = client.get(reverse("staff_detail", args=[here.pk])).content.decode()
    assert re.findall(r'href="/staff/([0-9a-f-]{36})/"', text) == [str(there.pk)]
    sign_in(client, world.grants["olena"])
    assert "Інші посади" not in client.get(reverse("staff_detail", args=[here.pk])).content.decode()


@pytest.mark.parametrize(
    ("who", "named"), [("olena", True), ("dana", True), ("iryna", False), ("maria", False)]
)
def test_the_teacher_of_a_class_is_named_only_to_who_may_know_the_staff(client, world, who, named):
    """In the list of classes, on the class itself, and behind a figure of a form alike (B.2)."""
    group = world.classes["school1/5-А"]
    post = at(world, "school1", "Наставниченко")
    written(lambda: ClassGroup.objects.filter(pk=group.pk).update(teacher=post))
    run = generate(world, "maria", "mon")
    sign_in(client, world.grants[who])
    pages = [
        reverse("class_list", args=[world.institutions["school1"].uid]),
        reverse("class_detail", args=[group.uid]),
    ]
    if who != "dana":  # whose duties hold no reports
        pages.append(f"/reports/{run.pk}/cell/?row=1.1&column=1&unit={world.units['school1'].uid}")
    for address in pages:
        page = client.get(address).content.decode()
        assert ("Наставниченко" in page) is named, address
        assert group.label in page
        assert named or "призначено" in page

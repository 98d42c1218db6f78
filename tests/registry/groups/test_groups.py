"""Groups of classes: opened, filled, closed; never a child in two groups of a subject at once."""

from __future__ import annotations

import datetime
import functools
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection
from django.utils import timezone

from accounts import actors
from kernel import clock
from kernel.audit.models import EventRow
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound, StaleVersion
from registry.groups import selectors, services
from registry.groups.errors import GroupIsClosed
from registry.groups.services import GroupRow
from registry.models import Enrolment, GroupPlacement, Pupil, StudyGroup
from tests.kit import acts
from tests.kit.racing import together
from tests.world import FIRST_DAY, World, enrol

ENGLISH = "Англійська мова"
KLASS = "school1/5-А"


@pytest.fixture(autouse=True)
def november(time_machine):
    time_machine.move_to("2026-11-02 12:00:00+02:00", tick=True)
    return time_machine


def later(machine: Any, days: int) -> None:
    machine.move_to(timezone.now() + datetime.timedelta(days=days), tick=True)


def as_command(write):
    @command
    def run(*, actor):
        result = write()
        acts.noted()
        return result

    return run(actor=actors.system("тест"))


@pytest.fixture
def children(world: World) -> list[uuid.UUID]:
    """Ivan, who learns in the class already, and three more."""

    def more() -> list[uuid.UUID]:
        made = [
            Pupil.objects.create(surname=name, given_name="Дитина", sex="F", born_on="2016-05-05")
            for name in ("Перша", "Друга", "Третя")
        ]
        for pupil in made:
            enrol(pupil, world.classes[KLASS])
        return [pupil.pk for pupil in made]

    return [world.pupils["ivan"].pk, *as_command(more)]


def row(world: World, name: str = "1 група", pupils: Any = None, **facts: Any) -> GroupRow:
    classes = facts.pop("classes", [world.classes[KLASS].uid])
    members = None if pupils is None else frozenset(pupils)
    return GroupRow(facts.pop("subject", ENGLISH), name, frozenset(classes), members, **facts)


def opened(world: World, name: str = "1 група", pupils: Any = (), **facts: Any) -> StudyGroup:
    return services.open_group(
        row(world, name, pupils, **facts),
        actor=world.actor("olena"),
        institution=world.institutions["school1"].uid,
    )


def put(world: World, *rows: GroupRow) -> list[Any]:
    home = world.institutions["school1"]
    return services.put_many(rows, actor=world.actor("olena"), unit_id=home.pk)


def change(world: World, group: StudyGroup, version: int = 1, **changes: Any) -> StudyGroup:
    return services.change(changes, actor=world.actor("olena"), uid=group.uid, version=version)


def members(group: StudyGroup, day: datetime.date | None = None) -> set[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pupil_id FROM registry_group_learning WHERE group_id = %s"
            " AND starts_on <= %s AND (ends_on IS NULL OR ends_on > %s)",
            [group.pk, day or clock.today(), day or clock.today()],
        )
        return {pupil for (pupil,) in cursor.fetchall()}


def codes(refusal: Invalid) -> list[str]:
    return [problem.code for problem in refusal.problems]


def test_a_head_splits_a_class_and_the_past_stays(world, children, november):
    group = opened(world, pupils=children[:2])
    assert members(group) == set(children[:2])
    monday = clock.today()
    later(november, 7)
    saved = change(world, group, pupils=[children[1], children[2]])
    assert (members(group, monday), members(group)) == (set(children[:2]), set(children[1:3]))
    assert saved.version == 2
    events = EventRow.objects.filter(subject_id=str(group.uid)).order_by("pk")
    assert [(e.code, e.payload["placed"], e.payload.get("removed")) for e in events] == [
        ("registry.group.opened", 2, None),
        ("registry.group.changed", 1, 1),
    ]


def test_who_came_and_went_on_one_day_was_never_there_and_nothing_is_deleted(world, children):
    group = opened(world, pupils=children)
    change(world, group, pupils=[])
    assert members(group) == set()
    assert GroupPlacement.objects.filter(is_void=True).count() == len(children)
    change(world, group, version=2, pupils=children)
    assert members(group) == set(children)
    with pytest.raises(DatabaseError, match="voided_not_deleted"):
        as_command(lambda: GroupPlacement.objects.all().delete())


def test_a_child_is_in_one_group_of_a_subject_at_a_time(world, children):
    first, second = opened(world, "1 група", children[:2]), opened(world, "2 група", [])
    with pytest.raises(Invalid) as told:
        change(world, second, pupils=children[:1])
    assert codes(told.value) == ["other_group"]
    opened(world, "1 група", children, subject="Інформатика")
    moved = [row(world, "1 група", children[1:2]), row(world, "2 група", children[:1])]
    assert [one.result for one in put(world, *moved)] == ["changed", "changed"]
    assert (members(first), members(second)) == ({children[1]}, {children[0]})


def test_a_refused_row_keeps_its_members_from_the_others(world, children):
    first, second = opened(world, "1 група", children[:1]), opened(world, "2 група", [])
    outcomes = put(
        world, row(world, "2 група", children[:1]), row(world, "1 група", [uuid.uuid4()])
    )
    assert [[p.code for p in one.problems] for one in outcomes] == [
        ["other_group"],
        ["unknown_pupil"],
    ]
    assert (members(first), members(second)) == ({children[0]}, set())


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"subject": " "}, "required"),
        ({"name": "ю" * 101}, "too_long"),
        ({"classes": []}, "required"),
        ({"classes": [uuid.uuid4()]}, "unknown_class"),
        ({"pupils": [uuid.uuid4()]}, "unknown_pupil"),
        ({"version": 1}, "stale-version"),
    ],
)
def test_a_wrong_group_says_what_is_wrong(world, facts, code):
    facts = {"name": "1 група", **facts}
    with pytest.raises(Invalid) as told:
        opened(world, **facts)
    assert codes(told.value)[0].replace("_", "-") == code.replace("_", "-")
    assert not StudyGroup.objects.exists()


def test_a_class_of_another_school_and_its_pupils_read_as_absent(world):
    foreign = world.classes["school2/5-А"]
    with pytest.raises(Invalid) as told:
        opened(world, classes=[foreign.uid], pupils=[world.pupils["marko"].pk])
    assert codes(told.value) == ["unknown_class", "unknown_pupil"]
    with pytest.raises(Invalid) as told:
        opened(world, pupils=[world.pupils["marko"].pk])
    assert codes(told.value) == ["unknown_pupil"]


def test_two_classes_learn_together_and_their_group_is_shown_in_both(world, children):
    both = [world.classes[KLASS].uid, world.classes["school1/5-Б"].uid]
    group = opened(world, pupils=[children[0], world.pupils["oksana"].pk], classes=both)
    assert members(group) == {children[0], world.pupils["oksana"].pk}
    for key in (KLASS, "school1/5-Б"):
        found = selectors.of_class(world.actor("olena"), world.classes[key], clock.today())
        assert [(one.group, one.pupils) for one in found] == [(group, 2)]


def test_a_group_is_known_by_subject_name_and_classes(world):
    opened(world)
    with pytest.raises(Invalid) as told:
        opened(world, "1  ГРУПА", subject="англійська мова")
    assert codes(told.value) == ["group_exists"]
    second = opened(world, "2 група")
    with pytest.raises(Invalid) as told:
        change(world, second, name="1 група")
    assert codes(told.value) == ["group_exists"]
    assert change(world, second, name="3 група").name == "3 група"


def test_a_stale_page_and_a_closed_group_are_refused(world, children, november):
    group = opened(world, pupils=children[:1])
    change(world, group, pupils=children[:2])
    with pytest.raises(StaleVersion):
        change(world, group, pupils=[])
    later(november, 1)
    actor = world.actor("olena")
    with pytest.raises(StaleVersion):
        services.close(actor=actor, uid=group.uid, version=1)
    closed = services.close(actor=actor, uid=group.uid, version=2)
    assert closed.closed_on == clock.today()
    assert members(group) == set()
    assert members(group, closed.closed_on - datetime.timedelta(days=1)) == set(children[:2])
    with pytest.raises(GroupIsClosed):
        change(world, group, version=3, pupils=[])
    again = opened(world, pupils=children[:1])
    assert members(again) == set(children[:1])


def test_nothing_said_changes_nothing(world, children):
    group = opened(world, pupils=children[:1])
    assert [one.result for one in put(world, row(world), row(world, pupils=children[:1]))] == [
        "same",
        "refused",  # twice in one request
    ]
    assert [one.result for one in put(world, row(world, pupils=children[:1]))] == ["same"]
    group.refresh_from_db()
    assert group.version == 1


def test_groups_follow_the_class_out_and_back(world, children, november):
    """Leaving the class ends the place in the group by itself; an annulled leaving brings it back."""
    group = opened(world, pupils=children[:2])
    later(november, 7)
    leaving = Enrolment.objects.filter(pupil_id=children[0])
    as_command(lambda: leaving.update(ends_on=clock.today()))
    assert members(group) == {children[1]}
    as_command(lambda: leaving.update(ends_on=None))
    assert members(group) == set(children[:2])
    as_command(lambda: leaving.update(ends_on=clock.today()))
    services.close(actor=world.actor("olena"), uid=group.uid, version=1)
    as_command(lambda: leaving.update(ends_on=None))
    assert members(opened(world, pupils=children[:2])) == set(children[:2])


def test_a_place_in_a_group_lies_within_the_place_in_the_class(world, children):
    group = opened(world, pupils=children[:1])
    place = GroupPlacement.objects.get()

    def refused(constraint: str, **facts: Any) -> None:
        with pytest.raises(IntegrityError) as told:
            as_command(lambda: GroupPlacement.objects.filter(pk=place.pk).update(**facts))
        assert told.value.__cause__.diag.constraint_name == constraint

    refused("group_within_the_class", starts_on=FIRST_DAY - datetime.timedelta(days=1))
    refused("group_of_the_class", subject="Інформатика")
    refused("group_placement_period", ends_on=place.starts_on)
    as_command(
        lambda: Enrolment.objects.filter(pupil_id=children[0]).update(
            ends_on=group.opened_on + datetime.timedelta(days=5)
        )
    )
    refused("group_within_the_class", ends_on=group.opened_on + datetime.timedelta(days=6))
    other = opened(
        world, "2 група", subject="Інформатика", classes=[world.classes["school1/5-Б"].uid]
    )
    refused("group_of_the_class", group=other, subject="Інформатика")


@pytest.mark.parametrize("who", ["olena", "dana"])
def test_the_head_and_the_entrusted_deputy_keep_groups(world, who):
    group = services.open_group(
        row(world), actor=world.actor(who), institution=world.institutions["school1"].uid
    )
    assert services.close(actor=world.actor(who), uid=group.uid, version=1).closed_on


def test_nobody_else_does(world):
    group = opened(world)
    for who in ("bohdan", "iryna", "maria", "admin"):
        with pytest.raises(NotAllowed):
            services.close(actor=world.actor(who), uid=group.uid, version=1)
    for who in ("petro", "taras"):
        with pytest.raises(NotFound):
            services.close(actor=world.actor(who), uid=group.uid, version=1)


@pytest.mark.django_db(transaction=True)
def test_two_who_place_one_child_in_two_groups_at_once_leave_it_in_one(
    world, transactional_db, children
):
    groups = [opened(world, name) for name in ("1 група", "2 група")]
    told = together(
        *(functools.partial(change, world, group, pupils=children[:1]) for group in groups)
    )
    assert sorted(told) == ["done", "other_group"]
    assert sum(len(members(group)) for group in groups) == 1


def test_many_groups_cost_a_fixed_number_of_statements(
    world, children, django_assert_max_num_queries
):
    def rows(number: int) -> list[GroupRow]:
        return [
            row(world, f"{one} група", subject=f"Предмет {one}", pupils=children)
            for one in range(number)
        ]

    put(world, *rows(2))
    with django_assert_max_num_queries(40):
        outcomes = put(world, *rows(60))
    assert [one.result for one in outcomes] == ["same"] * 2 + ["new"] * 58
    assert GroupPlacement.objects.count() == 60 * len(children)

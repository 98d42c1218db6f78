"""Enrolments and class placements: what the database itself keeps true."""

from __future__ import annotations

import collections
import contextlib
import datetime
import random

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts import actors
from kernel.db import command
from registry.enrolments import services as enrolments
from registry.models import ClassGroup, ClassPlacement, Enrolment, Order, Pupil
from tests.kit import acts
from tests.world import FIRST_DAY, YEAR, World, enrol

NOVEMBER = datetime.date(2026, 11, 2)
SYSTEM = actors.system("тест")


def as_command(write):
    """Run some writes as one command."""

    @command
    def run(*, actor):
        result = write()
        acts.noted()
        return result

    return run(actor=SYSTEM)


def refused(write, constraint: str) -> None:
    with pytest.raises(IntegrityError) as told:
        as_command(write)
    assert told.value.__cause__.diag.constraint_name == constraint


def counter_order(world: World) -> Order:
    return Order.objects.create(
        institution=world.institutions["school1"],
        kind="enrol",
        number="13-у",
        issued_on=NOVEMBER,
        year=2026,
        ground="Заява",
        effective_on=NOVEMBER,
        prepared_by=world.grants["olena"],
    )


def learning_on(day: datetime.date, pupil: Pupil) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT class_group_id FROM registry_learning WHERE pupil_id = %s"
            " AND starts_on <= %s AND (ends_on IS NULL OR ends_on > %s)",
            [pupil.pk, day, day],
        )
        return [row[0] for row in cursor.fetchall()]


def test_a_move_between_classes_touches_the_placement_alone(world: World):
    ivan = world.pupils["ivan"]
    was, other = world.classes["school1/5-А"], world.classes["school1/5-Б"]

    def move():
        ClassPlacement.objects.filter(enrolment__pupil=ivan).update(ends_on=NOVEMBER)
        ClassPlacement.objects.create(
            enrolment=ivan.enrolments.get(),
            class_group=other,
            starts_on=NOVEMBER,
            origin="MIGRATED",
        )

    as_command(move)
    assert learning_on(NOVEMBER - datetime.timedelta(days=1), ivan) == [was.pk]
    assert learning_on(NOVEMBER, ivan) == [other.pk]
    ivan.refresh_from_db()
    assert (ivan.class_group_id, ivan.enrolled_on) == (other.pk, FIRST_DAY)


def test_placements_of_one_enrolment_never_overlap(world: World):
    enrolment = world.pupils["ivan"].enrolments.get()
    refused(
        lambda: ClassPlacement.objects.create(
            enrolment=enrolment,
            class_group=world.classes["school1/5-Б"],
            starts_on=NOVEMBER,
            origin="MIGRATED",
        ),
        "placements_never_overlap",
    )


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (FIRST_DAY - datetime.timedelta(days=1), FIRST_DAY),
        (NOVEMBER, None),
        (datetime.date(2026, 10, 1), NOVEMBER + datetime.timedelta(days=1)),
    ],
    ids=["before it", "after it", "longer than it"],
)
def test_a_placement_lies_within_its_enrolment(world: World, starts_on, ends_on):
    enrolment = world.pupils["ivan"].enrolments.get()

    def outside():
        Enrolment.objects.filter(pk=enrolment.pk).update(ends_on=NOVEMBER)
        ClassPlacement.objects.filter(enrolment=enrolment).update(
            ends_on=FIRST_DAY + datetime.timedelta(days=1)
        )
        ClassPlacement.objects.create(
            enrolment=enrolment,
            class_group=world.classes["school1/5-Б"],
            starts_on=starts_on,
            ends_on=ends_on,
            origin="MIGRATED",
        )

    refused(outside, "placement_within_enrolment")


def test_an_enrolment_never_ends_before_the_last_day_a_placement_tells(world: World):
    enrolment = world.pupils["ivan"].enrolments.get()

    def shorter():
        ClassPlacement.objects.filter(enrolment=enrolment).update(ends_on=NOVEMBER)
        Enrolment.objects.filter(pk=enrolment.pk).update(ends_on=datetime.date(2026, 10, 1))

    refused(shorter, "placement_within_enrolment")


def test_a_class_is_of_the_institution_of_the_enrolment(world: World):
    foreign = world.classes["school2/5-А"]
    refused(
        lambda: enrolments.enrol(
            world.institutions["school1"].pk,
            [
                enrolments.Place(
                    world.pupils["ivan"].pk, foreign.pk, FIRST_DAY, kind="SUPPLEMENTARY"
                )
            ],
            order=None,
        ),
        "class_of_the_institution",
    )


def test_what_rests_on_no_order_came_with_the_first_data(world: World):
    refused(
        lambda: Enrolment.objects.create(
            pupil=world.pupils["ivan"],
            institution=world.institutions["school1"],
            kind="SUPPLEMENTARY",
            starts_on=FIRST_DAY,
        ),
        "enrolment_rests_on_an_order",
    )
    refused(lambda: ClassPlacement.objects.update(origin="ORDER"), "placement_rests_on_an_order")


def test_a_voided_enrolment_counts_nowhere_and_another_takes_its_days(world: World):
    ivan, petros_class = world.pupils["ivan"], world.classes["school2/5-А"]

    def annul():
        Enrolment.objects.filter(pupil=ivan).update(voided_by=counter_order(world))

    as_command(annul)
    ivan.refresh_from_db()
    assert ivan.institution_id is None
    assert learning_on(NOVEMBER, ivan) == []
    as_command(lambda: enrol(ivan, petros_class))
    ivan.refresh_from_db()
    assert ivan.class_group_id == petros_class.pk
    assert ivan.enrolments.count() == 2


def test_a_voided_placement_gives_its_days_back(world: World):
    ivan, other = world.pupils["ivan"], world.classes["school1/5-Б"]

    def moved_by_mistake():
        order = counter_order(world)
        ClassPlacement.objects.filter(enrolment__pupil=ivan).update(voided_by=order)
        ClassPlacement.objects.create(
            enrolment=ivan.enrolments.get(), class_group=other, starts_on=FIRST_DAY, opened_by=order
        )

    as_command(moved_by_mistake)
    assert learning_on(NOVEMBER, ivan) == [other.pk]
    ivan.refresh_from_db()
    assert ivan.class_group_id == other.pk


@pytest.mark.parametrize("model", [Enrolment, ClassPlacement])
def test_nothing_of_where_a_child_learned_is_deleted(world: World, model):
    with pytest.raises(DatabaseError, match="Cannot delete"):
        as_command(lambda: model.objects.all()._raw_delete("default"))


def test_an_order_of_many_writes_each_pupils_row_once(world: World):
    """The triggers of both tables see the whole statement: no row is mirrored half."""
    school = world.institutions["school1"]

    def write():
        made = [
            Pupil.objects.create(
                surname="Малий", given_name="Ян", sex="M", born_on=datetime.date(2016, 1, 1)
            )
            for _ in range(20)
        ]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_get_xact_tuples_updated('registry_pupil'::regclass)")
            before = cursor.fetchone()[0]
            place = world.classes["school1/5-А"].pk
            enrolments.enrol(
                school.pk,
                [enrolments.Place(pupil.pk, place, FIRST_DAY) for pupil in made],
                order=None,
            )
            cursor.execute("SELECT pg_stat_get_xact_tuples_updated('registry_pupil'::regclass)")
            return cursor.fetchone()[0] - before

    assert as_command(write) == 20


_MOVE = """
    WITH ended AS (
        UPDATE registry_classplacement p SET ends_on = %(day)s
        WHERE enrolment_id = ANY(%(some)s) AND ends_on IS NULL AND voided_by_id IS NULL
        RETURNING enrolment_id
    )
    INSERT INTO registry_classplacement (enrolment_id, class_group_id, form, starts_on, origin)
    SELECT enrolment_id, %(group)s, %(form)s, %(day)s, 'MIGRATED' FROM ended
"""
_STEPS = [
    _MOVE,
    """UPDATE registry_classplacement SET ends_on = %(day)s
        WHERE enrolment_id = ANY(%(some)s) AND ends_on IS NULL AND voided_by_id IS NULL""",
    "UPDATE registry_classplacement SET ends_on = %(day)s WHERE id = ANY(%(places)s)",
    "UPDATE registry_classplacement SET ends_on = NULL WHERE id = ANY(%(places)s)",
    "UPDATE registry_classplacement SET voided_by_id = %(order)s WHERE id = ANY(%(places)s)",
    "UPDATE registry_classplacement SET voided_by_id = NULL WHERE id = ANY(%(places)s)",
    "UPDATE registry_classplacement SET class_group_id = %(group)s WHERE id = ANY(%(places)s)",
    "UPDATE registry_classplacement SET form = %(form)s WHERE id = ANY(%(places)s)",
    "UPDATE registry_classplacement SET starts_on = %(day)s WHERE id = ANY(%(places)s)",
]


def test_whatever_becomes_of_places_the_pupils_row_says_what_they_do(world: World):
    """Triggers leave out children whose row cannot change; a look at every child finds no other."""
    chance, done = random.Random(20), collections.Counter[int]()
    groups = [world.classes["school1/5-А"].pk, world.classes["school1/5-Б"].pk]

    def begin():
        made = [
            Pupil.objects.create(
                surname="Малий", given_name="Ян", sex="M", born_on=datetime.date(2016, 1, 1)
            ).pk
            for _ in range(3)
        ]
        places = [enrolments.Place(one, groups[0], FIRST_DAY) for one in made]
        enrolments.enrol(world.institutions["school1"].pk, places, order=None)
        return made

    @command
    def step(*, actor, today):
        sql = chance.choice(_STEPS)
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM registry_enrolment WHERE pupil_id = ANY(%s)", [ids])
            some = chance.sample([row[0] for row in cursor.fetchall()], chance.randint(1, 3))
            cursor.execute(
                "SELECT id FROM registry_classplacement WHERE enrolment_id = ANY(%s)"
                " ORDER BY id DESC LIMIT 8",
                [some],
            )
            places = [row[0] for row in cursor.fetchall()]
            given = {
                "day": today + datetime.timedelta(chance.randint(-4, 4)),
                "some": some,
                "places": chance.sample(places, chance.randint(1, 2)) if places[1:] else places,
                "group": chance.choice(groups),
                "form": chance.choice(["FULL_TIME", "EXTERNAL"]),
                "order": order,
            }
            with contextlib.suppress(IntegrityError), transaction.atomic():
                cursor.execute(sql, given)
                done[_STEPS.index(sql)] += cursor.rowcount > 0
            cursor.execute("SELECT registry_mirror(%s, %s)", [ids, today])
            assert cursor.fetchone() == (0,), f"{sql} {given}"
        acts.noted()

    order = as_command(lambda: counter_order(world)).pk
    for number in range(400):
        if number % 20 == 0:
            ids = as_command(begin)
        step(actor=SYSTEM, today=NOVEMBER)
    assert set(done) == set(range(len(_STEPS))), "a step that never was"


# ── the day ──────────────────────────────────────────────────────────────────
def test_the_mirror_asks_the_day_of_kyiv_at_ten_past_midnight(world: World):
    """At 00:10 in Kyiv it is still yesterday in UTC, in which sessions run."""
    ivan = world.pupils["ivan"]

    def on_day(day: datetime.date) -> int | None:
        def mirrored():
            with connection.cursor() as cursor:
                cursor.execute("SELECT registry_mirror(%s, %s)", [[ivan.pk], day])
            return Pupil.objects.get(pk=ivan.pk).institution_id

        return as_command(mirrored)

    as_command(lambda: Enrolment.objects.filter(pupil=ivan).update(ends_on=NOVEMBER))
    assert on_day(NOVEMBER - datetime.timedelta(days=1)) == world.institutions["school1"].pk
    assert on_day(NOVEMBER) is None


def test_the_nightly_job_turns_by_the_day_it_is_given(world: World):
    ivan, school = world.pupils["ivan"], world.institutions["school1"]
    tomorrow = datetime.date.today() + datetime.timedelta(days=2)  # noqa: DTZ011 - any later day
    as_command(lambda: Enrolment.objects.filter(pupil=ivan).update(ends_on=tomorrow))
    ivan.refresh_from_db()
    assert ivan.institution_id == school.pk
    enrolments.turn(actor=SYSTEM, institution_id=school.pk, since=tomorrow, today=tomorrow)
    ivan.refresh_from_db()
    assert ivan.institution_id is None


def test_all_enrolments_of_a_child_are_read_by_an_index(world: World):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT * FROM registry_enrolment WHERE pupil_id = %s ORDER BY starts_on",
            [world.pupils["ivan"].pk],
        )
        assert "enrolment_by_pupil" in "".join(row[0] for row in cursor.fetchall())


# ── classes ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("letter", ["B", "в", "b"])
def test_a_look_alike_letter_opens_no_second_class(world: World, letter):
    school = world.institutions["school1"]

    def open_two():
        for each in ("В", letter):
            ClassGroup.objects.create(
                institution=school, school_year_id=YEAR, grade=12, letter=each, opened_on=FIRST_DAY
            )

    refused(open_two, "one_class_of_a_name")


def test_a_class_may_take_the_name_of_one_that_was_closed(world: World):
    group = world.classes["school2/5-Б"]

    def again():
        ClassGroup.objects.filter(pk=group.pk).update(closed_on=NOVEMBER)
        ClassGroup.objects.create(
            institution=group.institution,
            school_year_id=YEAR,
            grade=5,
            letter="Б",
            opened_on=NOVEMBER,
        )

    as_command(again)
    assert ClassGroup.objects.filter(institution=group.institution, letter="Б").count() == 2

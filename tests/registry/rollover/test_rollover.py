"""The passage of a school to the next year: computed, decided otherwise, signed once, taken back."""

from __future__ import annotations

import datetime
import random

import pytest

from kernel.errors import DomainError, Invalid, NotAllowed, NotFound, StaleVersion
from registry.classes import services as classes
from registry.classes.models import ClassGroup
from registry.classes.services import ClassSpec
from registry.models import Enrolment, Institution, OrderRow, Pupil
from registry.movements.placing import effect
from registry.orders import services as orders
from registry.orders.models import Order
from registry.process import kind
from registry.rollover import selectors, services
from registry.rollover.errors import NoSuchClass, PlanClosed, PlanNotReady
from registry.rollover.models import RolloverPlan
from registry.rollover.plan import may_repeat
from registry.rollover.services import ForChildren
from registry.rollover.states import state_of
from tests.kit.racing import Held, beside
from tests.registry.kit import MOMENT, TODAY
from tests.registry.movements import contract, test_annul
from tests.registry.movements.test_withdraw import withdrawal
from tests.registry.rollover.kit import (
    NEXT,
    begun,
    computed,
    learning,
    prepared,
    school,
    signed,
    written,
)
from tests.world import YEAR, hire

AUTUMN = datetime.date(2027, 9, 1)
CLASSES = {"1-А": 3, "4-А": 2, "5-А": 1, "9-А": 3, "11-А": 2}


@pytest.fixture
def children(world):
    return school(world, CLASSES)


@pytest.fixture
def olena(world):
    return world.actor("olena")


def fates(plan):
    return {
        one.source.label: (one.act, one.target and one.target.label) for one in computed(plan).lines
    }


def decided(world, plan, name, **changes):
    group = ClassGroup.objects.get(
        institution=plan.institution_id, school_year_id=YEAR, grade=int(name.split("-")[0]),
        letter=name.split("-")[1],
    )  # fmt: skip
    line = next(one for one in computed(plan).lines if one.source.id == group.pk)
    return services.decide_class(
        {"act": "CARRY", **changes},
        actor=world.actor("olena"),
        plan_id=plan.pk,
        group=group.uid,
        version=line.version,
        moment=MOMENT,
    )


def for_children(world, plan, pupils, act, **more):
    return services.decide_children(
        ForChildren(act, **more),
        actor=world.actor("olena"),
        plan_id=plan.pk,
        pupils=[one.pk for one in pupils],
        moment=MOMENT,
    )


def withdrawn(world, olena, pupil, day="01.12.2026"):
    """Somebody signs that a child leaves."""
    draft = withdrawal(world, olena, [pupil.pk])
    fields = contract.TERMS | {"number": "9", "effective_on": day}
    test_annul.signed(
        olena, orders.prepare(actor=olena, draft_id=draft.pk, fields=fields, moment=MOMENT)
    )


def becomes(plan, pupil):
    one = next(one for one in computed(plan).children if one.child.id == pupil.pk)
    return one.act, one.target.label if one.target else one.why or one.reason


# ── computed ─────────────────────────────────────────────────────────────────
def test_the_plan_is_computed_from_the_classes_as_they_are(world, children):
    plan = begun(world)
    assert fates(plan) == {
        "1-А": ("CARRY", "2-А"),
        "4-А": ("CARRY", "5-А"),
        "5-А": ("CARRY", "6-А"),
        "5-Б": ("CARRY", "6-Б"),
        "9-А": ("CARRY", "10-А"),
        "11-А": ("GRADUATE", None),
    }
    found = computed(plan)
    # The first class of the coming year waits for admission.
    assert [one.target.label for one in found.coming] == ["1-А", "2-А", "5-А", "6-А", "6-Б", "10-А"]
    assert found.counts["promote"] == 3 + 2 + 2 + 1 + 3
    assert found.counts["leave"] == 2
    assert not found.errors
    assert begun(world).pk == plan.pk  # begun twice is begun once


@pytest.mark.parametrize(
    ("kind_of_school", "names", "acts"),
    [
        ("GYMNASIUM", {"9-А": 1}, {"9-А": "STAY"}),
        ("PRIMARY", {"4-А": 1}, {"4-А": "STAY"}),
        # Whoever has a twelfth class teaches twelve years.
        ("SPECIAL", {"0-А": 1, "11-А": 1, "12-А": 1}, {"0-А": "CARRY", "11-А": "CARRY", "12-А": "GRADUATE"}),
    ],
)  # fmt: skip
def test_where_the_level_ends_depends_on_the_type(world, kind_of_school, names, acts):
    school(world, names, "school2")
    written(
        lambda: Institution.objects.filter(pk=world.institutions["school2"].pk).update(
            type=kind_of_school
        ),
        actor=world.actor("admin"),
    )
    plan = begun(world, "petro", "school2")
    assert {name: act for name, (act, _) in fates(plan).items() if name in names} == acts


def test_a_teacher_goes_on_with_the_class_unless_the_post_ends(world, children):
    def led(name, **facts):
        group = ClassGroup.objects.get(
            institution=world.institutions["school1"], grade=int(name[0]), letter="А"
        )
        group.teacher = hire(world.institutions["school1"], "Ярова", **facts)
        group.save()

    written(lambda: led("1-А"), actor=world.actor("admin"))
    written(lambda: led("4-А", ends_on=datetime.date(2027, 7, 1)), actor=world.actor("admin"))
    found = {one.source.label: one for one in computed(begun(world)).lines}
    assert found["1-А"].target.teacher_name.startswith("Ярова")
    assert found["4-А"].target.teacher is None
    assert [one.level for one in found["4-А"].problems] == ["warning"]


# ── decided otherwise ────────────────────────────────────────────────────────
def test_classes_are_renamed_joined_closed_and_split(world, children, olena):
    plan = begun(world)
    decided(world, plan, "4-А", letter="в")
    decided(world, plan, "5-Б", act="JOIN", letter="А")
    assert fates(plan)["4-А"] == ("CARRY", "5-В")
    assert fates(plan)["5-Б"] == ("JOIN", "6-А")
    decided(world, plan, "9-А", act="CLOSE")
    assert [one.about for one in computed(plan).errors] == ["9-А"]
    # Split: two of them to a new class, the third to another new one.
    for_children(world, plan, children["9-А"][:2], "CLASS", letter="А")
    for_children(world, plan, children["9-А"][2:], "CLASS", letter="Б")
    found = computed(plan)
    assert not found.errors
    made = {one.target.label: (one.after, one.is_new) for one in found.coming}
    assert (made["10-А"], made["10-Б"]) == ((2, True), (1, True))
    assert made["6-А"][0] == 3
    services.start_anew(actor=olena, plan_id=plan.pk, moment=MOMENT)
    assert fates(plan)["9-А"] == ("CARRY", "10-А")


def test_a_name_meant_twice_and_a_class_that_is_not_there_are_told(world, children, olena):
    plan = begun(world)
    decided(world, plan, "5-Б", letter="A")  # Latin: the same name
    assert [one.about for one in computed(plan).errors] == ["5-Б"]
    decided(world, plan, "5-Б", act="JOIN", letter="Я")
    assert [one.about for one in computed(plan).errors] == ["5-Б"]
    with pytest.raises(PlanNotReady):
        prepared(world, plan)
    with pytest.raises(Invalid) as told:
        services.open_classes([ClassSpec(2, "А")], actor=olena, plan_id=plan.pk, moment=MOMENT)
    assert told.value.problems[0].code == "class_exists"
    with pytest.raises(StaleVersion):
        services.decide_class(
            {"act": "CARRY"},
            actor=olena,
            plan_id=plan.pk,
            group=world.classes["school1/5-Б"].uid,
            version=0,
            moment=MOMENT,
        )


def test_a_child_repeats_only_with_the_parents_request_in_the_grades_allowed(world, children):
    plan = begun(world)
    one = children["1-А"][0]
    with pytest.raises(Invalid):
        for_children(world, plan, [one], "REPEAT", letter="А")
    for_children(world, plan, [one], "REPEAT", letter="А", document="заява від 20.05.2027")
    assert becomes(plan, one) == ("repeat", "1-А")
    with pytest.raises(NoSuchClass):
        for_children(world, plan, [one], "REPEAT", letter="Я", document="заява")
    graduate = children["11-А"][0]
    with pytest.raises(NoSuchClass):  # nobody teaches the eleventh grade next year
        for_children(world, plan, [graduate], "REPEAT", letter="А", document="заява")
    assert [may_repeat(g, TODAY) for g in (1, 2, 10, 11)] == [True, True, True, False]
    assert [may_repeat(g, datetime.date(2020, 5, 1)) for g in (1, 2, 3)] == [True, True, False]


def test_a_child_leaves_on_a_ground_stays_or_goes_with_its_class_again(world, children):
    plan = begun(world)
    one = children["9-А"][0]
    for wrong in (
        {"reason": "ABROAD"},
        {"document": "довідка"},
        {"reason": "DEATH", "document": "х"},
    ):
        with pytest.raises(Invalid):
            for_children(world, plan, [one], "LEAVE", **wrong)
    for_children(world, plan, [one], "LEAVE", reason="ABROAD", document="заява від 01.06.2027")
    assert becomes(plan, one) == ("leave", "ABROAD")
    for_children(world, plan, [one], "STAY", document="чекає рішення комісії")
    assert becomes(plan, one) == ("", "чекає рішення комісії")
    for_children(world, plan, [one], "")
    assert becomes(plan, one) == ("promote", "10-А")


def test_a_child_with_an_order_that_waits_stops_the_plan_until_it_is_signed(world, olena, children):
    plan = begun(world)
    draft = withdrawal(world, olena, [children["4-А"][0].pk])
    fields = contract.TERMS | {"number": "9", "effective_on": "01.12.2026"}
    orders.prepare(actor=olena, draft_id=draft.pk, fields=fields, moment=MOMENT)
    assert [one.about for one in computed(plan).errors] == ["Аласенко Іван, 4-А"]


def test_only_who_keeps_the_pupils_plans_and_only_the_head_signs(world, children):
    plan = begun(world)
    for who, refusal in (("petro", NotFound), ("bohdan", NotAllowed)):
        with pytest.raises(refusal):
            selectors.find(world.actor(who), plan.pk)
    order = prepared(world, plan, "dana")
    with pytest.raises(NotAllowed):
        signed(world, order, "dana")
    assert signed(world, order).state == "EFFECTIVE"


# ── signed ───────────────────────────────────────────────────────────────────
def test_one_signature_opens_the_classes_and_moves_everybody(world, children):
    plan = begun(world)
    past = learning(TODAY)
    order = prepared(world, plan)
    assert learning(AUTUMN) == past
    assert not ClassGroup.objects.filter(school_year_id=NEXT).exists()
    signed(world, order)
    assert learning(TODAY) == past
    after = learning(AUTUMN)
    for name, pupils in children.items():
        grade, letter = name.split("-")
        to = None if name == "11-А" else f"{int(grade) + 1}-{letter} {NEXT}"
        assert {after.get(str(one.pk)) for one in pupils} == {to}
    left = Enrolment.objects.get(pupil=children["11-А"][0])
    assert (left.end_reason, left.ends_on) == ("COMPLETED", datetime.date(2027, 7, 1))
    assert ClassGroup.objects.filter(school_year_id=NEXT, closed_on=None).count() == 6
    plan = RolloverPlan.objects.select_related("order").get(pk=plan.pk)
    assert state_of(plan, TODAY) == "signed"
    assert state_of(plan, AUTUMN) == "in_effect"
    # The mirror on the pupils' rows turns on the day, not before.
    assert Pupil.objects.get(pk=children["4-А"][0].pk).grade == 4
    # The paper says the points that it has and no others; each row says what is done.
    rows = [kind("rollover").decode(bytes(row.content)) for row in order.rows.order_by("position")]
    assert [row.act for row in rows] == ["promote"] * 11 + ["leave"] * 2
    assert order.rows_count == len(rows) == OrderRow.objects.filter(pupil__isnull=False).count()


def test_what_waits_for_its_signature_is_edited_no_more_until_it_is_given_up(
    world, children, olena
):
    plan = begun(world)
    order = prepared(world, plan)
    with pytest.raises(PlanClosed):
        decided(world, plan, "4-А", letter="В")
    with pytest.raises(PlanClosed):
        prepared(world, plan)
    orders.give_up(actor=olena, order_id=order.pk)
    decided(world, plan, "4-А", letter="В")
    signed(world, prepared(world, plan))
    assert ClassGroup.objects.filter(school_year_id=NEXT, grade=5, letter="В").exists()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"effective_on": "01.09.2026"}, "before_order"),
        ({"effective_on": "15.07.2027"}, "outside_year"),
        ({"effective_on": "01.02.2027"}, "other_year"),
        ({"protocol": ""}, "required"),
        ({"leaves_on": "01.10.2027"}, "outside_order"),
        ({"leaves_on": "колись"}, "not_a_date"),
    ],
)
def test_wrong_terms_are_told(world, children, fields, code):
    plan = begun(world)
    with pytest.raises(Invalid) as told:
        prepared(world, plan, **fields)
    assert [one.code for one in told.value.problems] == [code]


def test_a_child_withdrawn_between_the_preview_and_the_signature_stops_it_by_its_row(
    world, children, olena
):
    plan = begun(world)
    order = prepared(world, plan)
    left = children["4-А"][0]
    withdrawn(world, olena, left)
    with pytest.raises(DomainError) as told:
        signed(world, order)
    assert [row["name"] for row in told.value.context["rows"]] == [left.full_name]
    assert not ClassGroup.objects.filter(school_year_id=NEXT).exists()
    # Given back, the plan counts without the child at once.
    orders.give_up(actor=olena, order_id=order.pk)
    assert signed(world, prepared(world, plan, number="78-п")).rows_count == order.rows_count - 1


def test_a_class_opened_or_closed_meanwhile_is_told(world, children, olena):
    plan = begun(world)
    order = prepared(world, plan)
    (opened,) = classes.open_many(
        [ClassSpec(5, "А")], actor=olena, institution=plan.institution.uid, year=NEXT
    )
    with pytest.raises(DomainError) as told:
        signed(world, order)
    assert [row["name"] for row in told.value.context["rows"]] == ["клас 5-А"]
    orders.give_up(actor=olena, order_id=order.pk)
    second = prepared(world, plan, number="78-п")
    classes.close_many([opened.uid], actor=olena)
    with pytest.raises(DomainError) as told:
        signed(world, second)
    assert {row["what"] for row in told.value.context["rows"]} == {"клас 5-А закрито"}


# ── taken back ───────────────────────────────────────────────────────────────
def test_annulled_it_leaves_everything_as_it_was_and_may_be_signed_anew(world, children, olena):
    plan = begun(world)
    before = learning(AUTUMN)
    order = signed(world, prepared(world, plan))
    draft = test_annul.counter(world, olena, order)
    shown = {row.values["undone"] for row in draft.rows.all()}
    assert "переведення з класу 4-А до класу 5-А з 01.09.2027" in shown
    assert "відрахування з 01.07.2027 з класу 11-А" in shown
    counter = orders.prepare(
        actor=olena, draft_id=draft.pk, fields=contract.TERMS | {"number": "78"}, moment=MOMENT
    )
    test_annul.signed(olena, counter)
    assert learning(AUTUMN) == before
    assert not ClassGroup.objects.filter(school_year_id=NEXT, closed_on=None).exists()
    plan = RolloverPlan.objects.select_related("order").get(pk=plan.pk)
    assert state_of(plan, TODAY) == "draft"
    signed(world, prepared(world, plan, number="79-п"))
    assert learning(AUTUMN) != before


def test_the_first_later_change_stands_on_it(world, children, olena):
    plan = begun(world)
    order = signed(world, prepared(world, plan))
    one = children["4-А"][0]
    withdrawn(world, olena, one, "01.10.2027")
    draft = test_annul.counter(world, olena, order)
    wrong = [row for row in draft.rows.all() if row.problems]
    assert [row.pupil_id for row in wrong] == [one.pk]


def test_a_newcomer_in_a_class_it_opened_stands_on_it(world, children, olena):
    order = signed(world, prepared(world, begun(world)))
    first = ClassGroup.objects.get(school_year_id=NEXT, grade=1)
    written(lambda: _enrolled(first), actor=olena)
    standing = kind("rollover").stands_on
    found = written(
        lambda: standing(
            order, [kind("rollover").decode(bytes(r.content)) for r in order.rows.all()]
        ),
        actor=olena,
    )
    assert [one.what for one in found] == ["у відкритому ним класі 1-А вже 1 інша дитина"]


def _enrolled(group):
    from tests.world import enrol

    pupil = Pupil.objects.create(
        surname="Новий", given_name="Іван", sex="M", born_on=datetime.date(2021, 1, 1)
    )
    return enrol(pupil, group, starts_on=AUTUMN)


# ── two at once ──────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_of_two_who_sign_at_once_one_order_takes_effect_once(world, monkeypatch):
    school(world, CLASSES)
    order = prepared(world, begun(world))
    held = Held(effect.place)
    monkeypatch.setattr(effect, "place", held)
    came = beside(lambda: signed(world, order), lambda: signed(world, order), held)
    assert came == ["done", "done"]
    assert ClassGroup.objects.filter(school_year_id=NEXT).count() == 6
    assert len(learning(AUTUMN)) == len(learning(TODAY)) - 2


@pytest.mark.django_db(transaction=True)
def test_a_class_opened_while_the_order_takes_effect_waits_and_is_refused(world, monkeypatch):
    school(world, CLASSES)
    plan = begun(world)
    order = prepared(world, plan)
    held = Held(effect.place)
    monkeypatch.setattr(effect, "place", held)
    came = beside(
        lambda: signed(world, order),
        lambda: classes.open_many(
            [ClassSpec(5, "А")],
            actor=world.actor("olena"),
            institution=plan.institution.uid,
            year=NEXT,
        ),
        held,
    )
    assert came == ["done", "class_exists"]


# ── always ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("seed", range(4))
def test_each_child_is_in_one_place_of_the_new_year_or_told_why_not(world, seed):
    """Random schools and decisions: nobody in two places, nobody forgotten, the past as it was."""
    dice = random.Random(seed)
    made = school(
        world,
        {f"{grade}-{letter}": dice.randrange(4) for grade in (1, 2, 5, 9, 11) for letter in "АБ"},
    )
    plan = begun(world)
    everybody = [one for pupils in made.values() for one in pupils]
    for _ in range(8):
        some = dice.sample(everybody, min(len(everybody), dice.randrange(1, 4)))
        name = dice.choice(sorted(made))
        try:
            match dice.randrange(4):
                case 0:
                    act = dice.choice(["CLASS", "STAY", "LEAVE", "REPEAT", ""])
                    for_children(
                        world, plan, some, act, letter=dice.choice("АБВ"), reason="ABROAD",
                        document="заява",
                    )  # fmt: skip
                case 1:
                    decided(world, plan, name, letter=dice.choice("АБВГ"))
                case 2:
                    decided(world, plan, name, act="JOIN", letter=dice.choice("АБ"))
                case _:
                    decided(world, plan, name, act=dice.choice(["CLOSE", "STAY", "CARRY"]))
        except DomainError:
            continue
    now, found = learning(TODAY), computed(plan)
    told = {str(one.child.id): one for one in found.children}
    assert set(told) == set(now)
    assert all(bool(one.act) != bool(one.why) for one in found.children)
    assert sum(one.after for one in found.coming) == sum(1 for one in told.values() if one.target)
    try:
        order = prepared(world, plan)
    except (PlanNotReady, DomainError):
        return
    signed(world, order)
    after = learning(AUTUMN)
    assert learning(TODAY) == now
    for key, one in told.items():
        if one.target is not None:
            assert after[key] == f"{one.target.label} {NEXT}"
        else:
            assert after.get(key) == (None if one.act == "leave" else now[key])
    assert Order.objects.get(pk=order.pk).rows_count == sum(bool(one.act) for one in told.values())

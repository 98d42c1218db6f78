"""An institution is reorganised by its authority: everybody passes by one signature, nothing half."""

from __future__ import annotations

import base64
import datetime

import pytest
from django.urls import reverse

from accounts.models import Grant, Notice, OrgUnit
from accounts.roles import GrantState
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound
from registry.enrolments import services as enrolments
from registry.enrolments.selectors import learning_on
from registry.institutions import ports
from registry.models import (
    ClassGroup,
    ClassPlacement,
    Draft,
    Enrolment,
    Institution,
    Load,
    LoadClass,
    Order,
    Post,
    Pupil,
)
from registry.orders import services as orders
from registry.orders.errors import EnrolledMeanwhile
from registry.orders.events import OrderPrepared
from registry.orders.selectors import orders as order_reads
from registry.reorganisation import effect as passing
from registry.reorganisation import services
from registry.reorganisation.errors import NotReorganised
from tests.accounts.test_notices import tell
from tests.kit.acts import noted
from tests.kit.racing import Held, beside
from tests.registry.drafts.test_drafts import numbered
from tests.registry.kit import MOMENT, NOW, TODAY, signature_of
from tests.registry.movements import contract
from tests.registry.movements.test_withdraw import withdrawal
from tests.registry.orders.test_orders import prepared as enrolling
from tests.world import YEAR, World, enrol, hire, sign_in

CITY = "02147345"
TERMS = {
    "number": "412",
    "issued_on": "20.11.2026",
    "effective_on": "22.11.2026",
    "ground": "рішення міської ради від 10.11.2026 № 77",
    "issuer": "Управління освіти Чернівецької міської ради",
}
BEFORE = TODAY - datetime.timedelta(days=1)


@command
def _peopled(world: World, *, actor) -> None:
    """A leaver, one who is to come, a child with a place in the coming class, staff with a load."""
    ivan, oksana = world.pupils["ivan"], world.pupils["oksana"]
    Enrolment.objects.filter(pupil=oksana).update(ends_on=datetime.date(2027, 5, 31), end_reason="COMPLETED")  # fmt: skip
    nadia = Pupil.objects.create(surname="Майбутня", given_name="Надія", sex="F", born_on=datetime.date(2016, 5, 5))  # fmt: skip
    enrol(nadia, world.classes["school1/5-А"], starts_on=datetime.date(2026, 12, 1))
    world.pupils["nadia"] = nadia
    post = hire(world.institutions["school1"], "Вчителенко")
    ClassGroup.objects.filter(pk=world.classes["school1/5-А"].pk).update(teacher=post)
    load = Load.objects.create(
        post=post, school_year_id=YEAR, type="SUBJECT", subject="MATH", hours=5, line="x",
        starts_on=datetime.date(2026, 9, 1), origin="MIGRATED",
    )  # fmt: skip
    LoadClass.objects.create(load=load, class_group=world.classes["school1/5-А"])
    assert ivan.pk
    noted()


@pytest.fixture
def peopled(world: World) -> World:
    _peopled(world, actor=world.actor("admin"))
    return world


def prepared(
    world: World, to=("school2",), way="JOIN", who="bohdan", number="412", **choices
) -> Order:
    return services.prepare(
        actor=world.actor(who),
        uid=world.institutions["school1"].uid,
        way=way,
        to=[world.institutions[one].uid for one in to],
        choices=choices,
        fields=TERMS | {"number": number},
        moment=MOMENT,
    )


def signed(world: World, order: Order) -> Order:
    return orders.sign(
        actor=world.actor("bohdan"),
        order_id=order.pk,
        cms=signature_of(order, "bohdan", edrpou=CITY),
        moment=MOMENT,
    )


def learns(pupil: Pupil, day: datetime.date) -> list[tuple[int, str]]:
    """Where a child learns on a day: the institution and the class."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.institution_id, c.grade || '-' || c.letter FROM registry_learning l"
            " JOIN registry_classgroup c ON c.id = l.class_group_id"
            " WHERE l.pupil_id = %s AND l.starts_on <= %s AND (l.ends_on IS NULL OR l.ends_on > %s)",
            [pupil.pk, day, day],
        )
        return cursor.fetchall()


def test_everybody_passes_on_one_day_by_one_signature_and_the_past_stays(peopled: World):
    world = peopled
    school, heir = world.institutions["school1"], world.institutions["school2"]
    before = learning_on(school.pk, BEFORE)
    order = signed(world, prepared(world))
    assert order.state == "EFFECTIVE"

    # 5-А and 5-Б are there already: classes that pass get the next free letters.
    assert learns(world.pupils["ivan"], BEFORE) == [(school.pk, "5-А")]
    assert learns(world.pupils["ivan"], TODAY) == [(heir.pk, "5-В")]
    assert learns(world.pupils["oksana"], TODAY) == [(heir.pk, "5-Г")]
    assert learns(world.pupils["oksana"], datetime.date(2027, 6, 1)) == []
    assert learns(world.pupils["nadia"], TODAY) == []
    assert learns(world.pupils["nadia"], datetime.date(2026, 12, 1)) == [(heir.pk, "5-В")]
    assert (learning_on(school.pk, BEFORE), learning_on(school.pk, TODAY)) == (before, 0)
    assert Pupil.objects.get(pk=world.pupils["ivan"].pk).institution_id == heir.pk

    # The teacher works on, leads the class and teaches it.
    old, new = Post.objects.filter(employee__surname="Вчителенко").order_by("starts_on")
    assert (old.ends_on, new.starts_on, new.institution_id) == (TODAY, TODAY, heir.pk)
    carried = ClassGroup.objects.get(institution=heir.pk, letter="В")
    assert carried.teacher_id == new.pk
    assert list(new.loads.get().classes.all()) == [carried]

    # Nothing of the school is left open.
    card = Institution.objects.select_related("unit").get(pk=school.pk)
    assert (card.status, card.unit.is_active) == ("LIQUIDATED", False)
    last = card.statuses.order_by("-pk").first()
    assert (last.since, last.order_number, last.issued_by) == (TODAY, "412", TERMS["issuer"])
    assert not ClassGroup.objects.filter(institution=school.pk, closed_on=None).exists()
    states = Grant.objects.filter(unit=school.pk).values_list("state", flat=True)
    assert set(states) == {GrantState.INACTIVE}


def test_the_authority_goes_through_the_pages_and_the_head_cannot(
    peopled: World, client, time_machine
):
    time_machine.move_to(NOW, tick=True)
    world = peopled
    school, heir = world.institutions["school1"], world.institutions["school2"]
    sign_in(client, world.grants["bohdan"])
    page = client.get(reverse("reorganise", args=[school.uid]))
    assert "Що є в закладі зараз" in page.content.decode()
    wrong = client.post(reverse("reorganise", args=[school.uid]), {"way": "SPLIT", "to": str(heir.uid)})  # fmt: skip
    assert wrong.status_code == 422
    assert "принаймні два" in wrong.content.decode()
    on = client.post(reverse("reorganise", args=[school.uid]), {"way": "JOIN", "to": str(heir.uid)})
    plan = client.get(on["Location"]).content.decode()
    assert "5-А, 2 учні" in plan
    into = ClassGroup.objects.get(institution=heir.pk, letter="А")
    klass = f"class-{world.classes['school1/5-А'].pk}"
    today = {"issued_on": "20.11.2026", "effective_on": "20.11.2026"}
    lacking = client.post(on["Location"], {**TERMS, **today, "number": ""})
    assert lacking.status_code == 422
    assert "Вкажіть номер" in lacking.content.decode()
    made = client.post(on["Location"], {**TERMS, **today, klass: f"C{into.pk}", "expected": "4"})
    order = Order.objects.get(kind="reorganise")
    assert made["Location"] == reverse("order_detail", args=[order.pk])
    assert "Управління освіти" in client.get(made["Location"]).content.decode()
    # A second plan leads to the order that waits.
    assert client.get(on["Location"])["Location"] == made["Location"]
    answer = client.post(
        reverse("order_sign", args=[order.pk]),
        {"signature": base64.b64encode(signature_of(order, "bohdan", edrpou=CITY)).decode()},
    )
    assert answer.status_code == 303, answer.content.decode()
    assert learns(world.pupils["ivan"], TODAY) == [(heir.pk, "5-А")]
    assert "Реорганізовано" in client.get(reverse("institution_detail", args=[school.uid])).content.decode()  # fmt: skip


@pytest.mark.parametrize("who", ["olena", "dana", "admin", "maria", "iryna", "taras", "hanna"])
def test_nobody_else_reorganises(world: World, who: str):
    with pytest.raises((NotAllowed, NotFound)):
        prepared(world, who=who)


def test_a_key_of_another_organisation_signs_nothing(peopled: World):
    order = prepared(peopled)
    with pytest.raises(Exception, match="іншої організації"):
        orders.sign(
            actor=peopled.actor("bohdan"),
            order_id=order.pk,
            cms=signature_of(order, "bohdan", edrpou="59900062"),
            moment=MOMENT,
        )


def test_whoever_came_or_left_meanwhile_stops_the_whole(peopled: World):
    world = peopled

    @command
    def comes(*, actor):
        pupil = Pupil.objects.create(surname="Нова", given_name="Ірма", sex="F", born_on=datetime.date(2016, 6, 6))  # fmt: skip
        enrol(pupil, world.classes["school1/5-А"])
        noted()

    order = prepared(world)
    comes(actor=world.actor("admin"))
    with pytest.raises(EnrolledMeanwhile, match=r"Нова Ірма.*зараховано, поки наказ чекав"):
        signed(world, order)
    assert Institution.objects.get(pk=world.institutions["school1"].pk).status == "ACTIVE"
    assert not Enrolment.objects.filter(opened_by=order).exists()


def test_a_split_goes_to_two_and_drafts_orders_that_wait_and_keys_end(peopled: World):
    world = peopled
    olena = world.actor("olena")
    draft = withdrawal(world, olena, [world.pupils["ivan"].pk])
    waits = orders.prepare(actor=olena, draft_id=draft.pk, fields=contract.TERMS, moment=MOMENT)
    hub = world.institutions["hub"]
    klass = world.classes["school1/5-Б"].pk

    @command
    def given_to_the_city(*, actor):
        OrgUnit.objects.filter(pk=hub.pk).update(parent=world.units["chernivtsi"])
        noted()

    given_to_the_city(actor=world.actor("admin"))
    order = prepared(world, ("school2", "hub"), "SPLIT", **{f"class-{klass}": f"N{hub.pk}"})
    signed(world, order)
    assert learns(world.pupils["oksana"], TODAY) == [(hub.pk, "5-В")]
    assert learns(world.pupils["ivan"], TODAY)[0][0] == world.institutions["school2"].pk
    assert Order.objects.get(pk=waits.pk).state == "GIVEN_UP"
    assert Draft.objects.get(pk=draft.pk).state == "DISCARDED"


def test_a_child_who_is_to_change_class_is_not_split_between_two_schools(peopled: World):
    world = peopled
    hub, ivan = world.institutions["hub"], world.pupils["ivan"]
    later = world.classes["school1/5-Б"]
    winter = datetime.date(2027, 1, 11)

    @command
    def moved(*, actor):
        OrgUnit.objects.filter(pk=hub.pk).update(parent=world.units["chernivtsi"])
        now = ClassPlacement.objects.get(enrolment__pupil=ivan)
        ClassPlacement.objects.filter(pk=now.pk).update(ends_on=winter)
        ClassPlacement.objects.create(
            enrolment=now.enrolment, class_group=later, form=now.form, starts_on=winter,
            origin="MIGRATED",
        )  # fmt: skip
        noted()

    moved(actor=world.actor("admin"))
    with pytest.raises(NotReorganised, match="до різних правонаступників: 1"):
        prepared(world, ("school2", "hub"), "SPLIT", **{f"class-{later.pk}": f"N{hub.pk}"})
    signed(world, prepared(world, ("school2", "hub"), "SPLIT"))
    assert [one for one, _ in learns(ivan, winter)] == [world.institutions["school2"].pk]


def test_what_cannot_be_reorganised_is_told(world: World):
    with pytest.raises(Invalid):
        prepared(world, ("lviv_school",))  # out of the city's reach
    with pytest.raises(Invalid):
        prepared(world, ("school1",))
    order = prepared(world)
    with pytest.raises(NotReorganised, match="вже чекає на підпис"):
        prepared(world)
    orders.give_up(actor=world.actor("bohdan"), order_id=order.pk)
    assert prepared(world).pk != order.pk


def test_an_institution_does_not_end_while_children_wait_for_its_places(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    order = prepared(world)
    # The school is not asked to sign what its authority gives.
    tell(OrderPrepared, order.pk, number=order.number, rows=order.rows_count)
    assert not Notice.objects.exists()
    assert order_reads.waiting(world.actor("olena")) == []
    assert ports.applying_to(world.institutions["school1"].pk) == 0
    monkeypatch.setattr(ports, "applying_to", lambda institution_id: 2)
    with pytest.raises(EnrolledMeanwhile, match="заяв до першого класу: 2"):
        signed(world, order)
    orders.give_up(actor=world.actor("bohdan"), order_id=order.pk)
    with pytest.raises(NotReorganised, match="прийом до першого класу: заяв 2"):
        prepared(world)


@pytest.mark.django_db(transaction=True)
def test_an_order_signed_while_the_school_passes_meets_a_school_that_is_closed(
    peopled: World, monkeypatch: pytest.MonkeyPatch
):
    world = peopled
    olena = world.actor("olena")
    draft = withdrawal(world, olena, [world.pupils["ivan"].pk])
    theirs = orders.prepare(actor=olena, draft_id=draft.pk, fields=contract.TERMS, moment=MOMENT)
    order, cms = prepared(world), signature_of(theirs, "olena")
    held = Held(passing.write)
    monkeypatch.setattr(passing, "write", held)
    outcomes = beside(
        lambda: signed(world, order),
        lambda: orders.sign(actor=olena, order_id=theirs.pk, cms=cms, moment=MOMENT),
        held,
    )
    assert outcomes[0] == "done"
    assert outcomes[1] in {"order_not_prepared", "only_the_head_signs", "institution_suspended"}
    assert Order.objects.get(pk=theirs.pk).state == "GIVEN_UP"
    assert learns(world.pupils["ivan"], TODAY)[0][0] == world.institutions["school2"].pk


@pytest.mark.django_db(transaction=True)
def test_a_child_enrolled_in_the_same_second_is_seen_and_stops_the_whole(
    peopled: World, monkeypatch: pytest.MonkeyPatch
):
    """A new child is known to no lock but the institution's own."""
    world = peopled
    olena = world.actor("olena")
    theirs = enrolling(olena, world, [numbered(1)])
    order, cms = prepared(world), signature_of(theirs, "olena")
    held = Held(enrolments.enrol)
    monkeypatch.setattr(enrolments, "enrol", held)
    outcomes = beside(
        lambda: orders.sign(actor=olena, order_id=theirs.pk, cms=cms, moment=MOMENT),
        lambda: signed(world, order),
        held,
    )
    assert outcomes == ["done", "enrolled_meanwhile"]
    assert Institution.objects.get(pk=world.institutions["school1"].pk).status == "ACTIVE"

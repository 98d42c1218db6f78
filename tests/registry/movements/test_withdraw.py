"""Withdrawal: who leaves, on what ground of the law, shown by what document."""

from __future__ import annotations

import datetime
import json

import pytest

from accounts.actors import system
from kernel.db import command
from kernel.errors import DomainError, NotFound
from registry.classifiers.selectors import classifiers
from registry.drafts import services as drafts
from registry.enrolments import services as enrolment_services
from registry.enrolments.models import Enrolment
from registry.models import Pupil
from registry.movements.grounds import GROUNDS, ground_of
from registry.orders import services as orders
from registry.people import services as people
from registry.people.selectors.reach import reached
from registry.process import kind
from tests.kit.acts import noted
from tests.registry.kit import MOMENT, signature_of
from tests.registry.movements import contract, test_enrol

VALUES = {
    "reason": "виїзд за кордон",
    "destination": "Польща",
    "document": "заява від 20.11.2026",
}
DAY = "24.11.2026"


def enrolled(world, olena):
    """Two children of a signed order, who learn from 23.11.2026."""
    order = contract.Movement.signed(
        test_enrol.TestEnrol(), olena, test_enrol.TestEnrol().prepared(world, olena, "0")
    )
    return [row.pupil_id for row in order.rows.order_by("position")]


def withdrawal(world, actor, pupils, **values):
    return contract.drafted(world, actor, "withdraw", pupils, DAY, **VALUES | values)


def main_enrolments():
    return sorted(
        Enrolment.objects.filter(kind="MAIN", voided_by=None).values_list(
            "pupil_id", "institution_id", "starts_on", "ends_on", "end_reason"
        )
    )


class TestWithdraw(contract.Movement):
    process = "withdraw"
    fields = {"effective_on": DAY}

    @pytest.fixture(autouse=True)
    def children(self, world, olena):
        self.pupils = enrolled(world, olena)

    def draft(self, world, actor):
        return withdrawal(world, actor, self.pupils)

    def facts(self, world):
        return main_enrolments()


def problems(draft):
    return {problem["code"] for row in draft.rows.all() for problem in row.problems}


def test_ground_and_document_are_asked_for_and_the_document_is_named_by_the_ground(world):
    olena = world.actor("olena")
    draft = withdrawal(
        world,
        olena,
        enrolled(world, olena),
        reason="Смерть здобувача освіти",
        destination="",
        document="",
    )
    row = draft.rows.first()
    assert row.state == "FIX"
    assert "свідоцтво про смерть" in row.problems[0]["detail"]


def test_completed_school_is_doubted_outside_the_last_grades(world):
    olena = world.actor("olena")
    draft = withdrawal(
        world, olena, enrolled(world, olena), reason="Здобуття", destination="",
        document="свідоцтво ПЗ 000017 від 20.11.2026",
    )  # fmt: skip
    assert problems(draft) == {"not_the_last_grade"}
    assert {row.state for row in draft.rows.all()} == {"CHECK"}


TO_SCHOOL = {"reason": "TRANSFER", "destination": "99000130", "document": "заява від 20.11.2026"}
COLLEGE = {
    "reason": "OTHER_INSTITUTION",
    "destination": "Коледж",
    "document": "довідка № 7 від 20.11.2026",
}
FINISHED = {"reason": "COMPLETED", "destination": "", "document": "свідоцтво 17 від 20.11.2026"}
DEATH = {"reason": "DEATH", "destination": "", "document": "свідоцтво I-ТЕ 17 від 20.11.2026"}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, set()),
        ({"destination": ""}, {"country"}),
        ({"destination": "Мордор"}, {"country"}),
        ({"destination": "україна"}, {"here"}),
        ({"document": "заява матері"}, {"no_date"}),
        ({"document": "заява від 23.11.2026"}, {"future"}),
        ({"document": "заява від 01.02.2003"}, {"before_birth"}),
        (TO_SCHOOL, set()),
        (TO_SCHOOL | {"destination": ""}, {"required"}),
        (TO_SCHOOL | {"destination": "59900062"}, {"own"}),
        (TO_SCHOOL | {"destination": "00000001"}, {"unknown"}),
        (TO_SCHOOL | {"destination": "№ 5"}, {"required"}),
        (COLLEGE, {"before_basic"}),
        (COLLEGE | {"destination": "00000001"}, {"before_basic"}),  # not of this register
        (COLLEGE | {"document": "довідка від 20.11.2026"}, {"before_basic", "no_number"}),
        (FINISHED, {"not_the_last_grade"}),
        (FINISHED | {"document": "свідоцтво від 20.11.2026"}, {"not_the_last_grade", "no_number"}),
        (FINISHED | {"destination": "Польща"}, {"not_the_last_grade", "needless"}),
        (DEATH, set()),
        (DEATH | {"document": "свідоцтво № 3"}, {"no_date"}),
        (DEATH | {"document": "свідоцтво від 20.11.2026"}, {"no_number"}),
    ],
)
def test_each_ground_demands_where_the_child_goes_and_its_own_document(world, values, told):
    olena = world.actor("olena")
    assert problems(withdrawal(world, olena, [world.pupils["ivan"].pk], **values)) == told


def test_what_is_signed_says_where_the_child_goes_and_older_orders_are_still_read(world):
    olena = world.actor("olena")
    order = orders.prepare(
        actor=olena,
        draft_id=withdrawal(world, olena, [world.pupils["ivan"].pk], **TO_SCHOOL).pk,
        fields=contract.TERMS | {"effective_on": DAY},
        moment=MOMENT,
    )
    content = bytes(order.rows.get().content)
    row = kind("withdraw").decode(content)
    assert (row.destination, row.destination_code) == ("Чернівецька гімназія № 2", "99000130")
    older = json.loads(content) | {"schema": "registry.withdraw/1"}
    assert kind("withdraw").decode(json.dumps(older).encode()).reason == "TRANSFER"


def test_a_child_is_not_withdrawn_before_its_first_day(world):
    olena = world.actor("olena")
    draft = withdrawal(world, olena, enrolled(world, olena))
    drafts.save_terms(
        actor=olena,
        draft_id=draft.pk,
        seen=drafts.Sight(99),
        fields={"effective_on": "23.11.2026"},
        moment=MOMENT,
    )
    drafts.check_again(actor=olena, draft_id=draft.pk, moment=MOMENT)
    assert problems(draft) == {"not_begun"}


def test_whoever_learns_elsewhere_cannot_be_chosen(world):
    olena = world.actor("olena")
    draft = withdrawal(world, olena, [world.pupils["marko"].pk])
    assert not draft.rows.exists()


def test_an_order_does_not_reach_back_behind_its_date(world):
    olena = world.actor("olena")
    draft = withdrawal(world, olena, enrolled(world, olena))
    with pytest.raises(DomainError, match="раніша за дату наказу"):
        orders.prepare(
            actor=olena,
            draft_id=draft.pk,
            fields=contract.TERMS | {"issued_on": "22.11.2026", "effective_on": "21.11.2026"},
            moment=MOMENT,
        )


def test_the_past_stays_and_the_reason_is_kept(world):
    olena = world.actor("olena")
    pupils = enrolled(world, olena)
    draft = withdrawal(world, olena, pupils)
    order = orders.prepare(
        actor=olena,
        draft_id=draft.pk,
        fields=contract.TERMS | {"effective_on": DAY},
        moment=MOMENT,
    )
    orders.sign(actor=olena, order_id=order.pk, cms=signature_of(order, "olena"), moment=MOMENT)
    for enrolment in Enrolment.objects.filter(pupil_id__in=pupils):
        assert (f"{enrolment.starts_on:%d.%m.%Y}", f"{enrolment.ends_on:%d.%m.%Y}") == (
            "23.11.2026",
            DAY,
        )
        assert (enrolment.end_reason, enrolment.closed_by) == ("ABROAD", order)
    # The day has not come: today the children still learn here.
    assert Pupil.objects.filter(pk__in=pupils, institution=None).count() == 0


@pytest.mark.django_db
def test_grounds_are_those_of_the_classifier():
    assert set(GROUNDS) == set(classifiers.codes("withdrawal_ground", MOMENT.today))


def test_a_ground_is_known_by_its_words_their_beginning_or_its_code():
    assert ground_of("  Виїзд  за кордон ") == ground_of("abroad") == "ABROAD"
    assert ground_of("Зарахування до іншого закладу") == "OTHER_INSTITUTION"
    assert ground_of("за") == "OTHER_INSTITUTION"
    assert ground_of("з") == ground_of("") == ground_of("вигнано") == ""


def test_who_left_stays_with_the_last_school_until_another_enrols_the_child(world):
    olena, petro = world.actor("olena"), world.actor("petro")
    pupils = enrolled(world, olena)
    draft = withdrawal(world, olena, pupils)
    order = orders.prepare(
        actor=olena,
        draft_id=draft.pk,
        fields=contract.TERMS | {"effective_on": DAY},
        moment=MOMENT,
    )
    orders.sign(actor=olena, order_id=order.pk, cms=signature_of(order, "olena"), moment=MOMENT)
    after = datetime.date(2026, 11, 24)
    enrolment_services.turn(
        actor=system("тест"),
        institution_id=world.units["school1"].id,
        since=after,
        today=after,
    )
    assert Pupil.objects.get(pk=pupils[0]).institution is None
    assert reached(olena, pupils[0])[1] == world.institutions["school1"]
    corrected = people.save_address(
        actor=olena,
        pupil_id=pupils[0],
        kind="ACTUAL",
        version=0,
        values={"line": "вул. Нова, 1", "country": "UA"},
    )
    assert corrected.line == "вул. Нова, 1"
    with pytest.raises(NotFound):
        reached(petro, pupils[0])


def test_a_child_named_otherwise_while_the_order_waits_stops_it(world):
    """What is signed names the child as the register does."""
    olena = world.actor("olena")
    pupils = enrolled(world, olena)
    order = orders.prepare(
        actor=olena,
        draft_id=withdrawal(world, olena, pupils).pk,
        fields=contract.TERMS | {"effective_on": DAY},
        moment=MOMENT,
    )

    @command
    def corrected(*, actor):
        Pupil.objects.filter(pk=pupils[0]).update(surname="Інакша")
        noted()

    corrected(actor=olena)
    with pytest.raises(DomainError, match="змінено імʼя або дату народження"):
        orders.sign(actor=olena, order_id=order.pk, cms=signature_of(order, "olena"), moment=MOMENT)

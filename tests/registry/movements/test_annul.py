"""Counter-orders: what was signed is taken back by another signature, whole or not at all."""

from __future__ import annotations

import pytest

from kernel.errors import DomainError
from registry.drafts import services as drafts
from registry.models import Pupil
from registry.orders import services as orders
from registry.orders.models import Order
from registry.orders.services.annulling import rows_of
from registry.process import Process, kind, kinds
from tests.registry.identity import kit
from tests.registry.kit import MOMENT, signature_of
from tests.registry.movements import contract, test_enrol
from tests.registry.movements.test_withdraw import DAY, enrolled, main_enrolments, withdrawal

DEATH = {
    "reason": "Смерть здобувача освіти",
    "destination": "",
    "document": "свідоцтво про смерть I-ТЕ 000017 від 20.11.2026",
}


def signed(olena, order):
    return orders.sign(
        actor=olena, order_id=order.pk, cms=signature_of(order, "olena"), moment=MOMENT
    )


def withdrawn(world, olena, **values):
    """A signed withdrawal of two children."""
    draft = withdrawal(world, olena, enrolled(world, olena), **values)
    return signed(
        olena,
        orders.prepare(
            actor=olena,
            draft_id=draft.pk,
            fields=contract.TERMS | {"number": "9", "effective_on": DAY},
            moment=MOMENT,
        ),
    )


def counter(world, olena, *targets):
    draft = drafts.start(
        actor=olena,
        institution_id=world.units["school1"].id,
        process="annul",
        rows=[],
        moment=MOMENT,
    )
    drafts.choose(
        actor=olena, draft_id=draft.pk, keys=[str(one.pk) for one in targets], moment=MOMENT
    )
    return draft


def annulled(world, olena, target, number="10"):
    return signed(
        olena,
        orders.prepare(
            actor=olena,
            draft_id=counter(world, olena, target).pk,
            fields=contract.TERMS | {"number": number},
            moment=MOMENT,
        ),
    )


class TestAnnul(contract.Movement):
    process = "annul"
    annuls = in_part = False

    @pytest.fixture(autouse=True)
    def target(self, world, olena):
        self.order = withdrawn(world, olena)

    def draft(self, world, actor):
        return counter(world, actor, self.order)

    def facts(self, world):
        return main_enrolments()


@pytest.fixture
def olena(world):
    return world.actor("olena")


def codes(draft):
    return {problem["code"] for row in draft.rows.all() for problem in row.problems}


def test_an_annulled_withdrawal_lets_the_children_learn_on(world, olena):
    target = withdrawn(world, olena)
    done = annulled(world, olena, target)
    target.refresh_from_db()
    assert (target.state, done.corrects_id) == ("ANNULLED", target.pk)
    assert {end for *_, end, _ in main_enrolments()} == {None}


def test_an_annulled_enrolment_never_was_and_the_profile_stays(world, olena):
    order = contract.Movement.signed(
        test_enrol.TestEnrol(), olena, test_enrol.TestEnrol().prepared(world, olena, "0")
    )
    pupils = [row.pupil_id for row in order.rows.all()]
    before = len(main_enrolments())
    annulled(world, olena, order)
    assert len(main_enrolments()) == before - 2
    assert Pupil.objects.filter(pk__in=pupils, institution=None).count() == 2
    # They can be enrolled anew by a new order.
    again = contract.Movement.signed(
        test_enrol.TestEnrol(), olena, test_enrol.TestEnrol().prepared(world, olena, "11")
    )
    assert again.state == "EFFECTIVE"


def test_an_enrolment_on_which_a_withdrawal_stands_is_not_annulled(world, olena):
    withdrawn(world, olena)
    draft = counter(world, olena, Order.objects.get(number="0"))
    assert codes(draft) == {"stands"}


def test_a_withdrawal_after_which_a_child_was_enrolled_again_is_not_annulled(world, olena):
    target = withdrawn(world, olena)
    waiting = orders.prepare(
        actor=olena,
        draft_id=counter(world, olena, target).pk,
        fields=contract.TERMS | {"number": "10"},
        moment=MOMENT,
    )
    contract.Movement.signed(
        test_enrol.TestEnrol(),
        olena,
        orders.prepare(
            actor=olena,
            draft_id=test_enrol.TestEnrol().draft(world, olena).pk,
            fields=contract.TERMS
            | test_enrol.TestEnrol.fields
            | {"number": "12", "effective_on": "25.11.2026"},
            moment=MOMENT,
        ),
    )
    with pytest.raises(DomainError, match="зараховано знову"):
        signed(olena, waiting)
    target.refresh_from_db()
    assert target.state == "EFFECTIVE"


def test_every_kind_tells_row_by_row_what_is_undone():
    silent = [
        one.code
        for one in kinds().values()
        if one.code != "annul" and not one.finish and type(one).undone is Process.undone
    ]
    assert not silent


def test_what_is_undone_or_stays_beside_the_rows_is_told_before_the_signature(world, olena):
    enrolment = test_enrol.TestEnrol()
    order = contract.Movement.signed(enrolment, olena, enrolment.prepared(world, olena, "0"))
    stays = "Профілі, документи, адреси й представники дітей лишаються в реєстрі."
    draft = counter(world, olena, order)
    assert stays in kind("annul").remarks(draft, MOMENT)
    dead = signed(
        olena,
        orders.prepare(
            actor=olena,
            draft_id=withdrawal(world, olena, [world.pupils["ivan"].pk], **DEATH).pk,
            fields=contract.TERMS | {"number": "9", "effective_on": DAY},
            moment=MOMENT,
        ),
    )
    waiting = orders.prepare(
        actor=olena,
        draft_id=counter(world, olena, dead).pk,
        fields=contract.TERMS | {"number": "10"},
        moment=MOMENT,
    )
    (said,) = kind("annul").remarks_of_order(rows_of(waiting))
    assert said.startswith("Профілі, закриті через смерть, буде знову відкрито")


def test_an_order_is_annulled_whole_and_alone(world, olena):
    target = withdrawn(world, olena)
    draft = counter(world, olena, target)
    row = draft.rows.first()
    drafts.include(actor=olena, draft_id=draft.pk, row_ids=[row.id], included=False, moment=MOMENT)
    assert codes(draft) >= {"not_whole"}
    drafts.include(actor=olena, draft_id=draft.pk, row_ids=[row.id], included=True, moment=MOMENT)
    assert not codes(draft)


def test_an_undo_is_not_undone(world, olena):
    done = annulled(world, olena, withdrawn(world, olena))
    assert not counter(world, olena, done).rows.exists()
    assert not counter(world, olena, Order.objects.get(number="9")).rows.exists()


def test_an_order_of_another_school_is_not_offered(world, olena):
    target = withdrawn(world, olena)
    petro = world.actor("petro")
    draft = drafts.start(
        actor=petro,
        institution_id=world.units["school2"].id,
        process="annul",
        rows=[],
        moment=MOMENT,
    )
    drafts.choose(actor=petro, draft_id=draft.pk, keys=[str(target.pk)], moment=MOMENT)
    assert not draft.rows.exists()


def test_death_closes_the_profile_and_annulling_it_opens_the_profile_again(world, olena):
    target = withdrawn(world, olena, **DEATH)
    dead = Pupil.objects.filter(order_rows__order=target)
    assert set(dead.values_list("closed_reason", "closed_on")) == {("DEATH", target.effective_on)}
    annulled(world, olena, target)
    assert set(dead.values_list("closed_reason", "closed_on")) == {("", None)}


def test_whoever_is_dead_is_not_enrolled_again(world, olena):
    withdrawn(world, olena, **DEATH)
    draft = test_enrol.TestEnrol().draft(world, olena)
    drafts.save_terms(
        actor=olena,
        draft_id=draft.pk,
        seen=drafts.Sight(99),
        fields={"effective_on": "25.11.2026"},
        moment=MOMENT,
    )
    drafts.check_again(actor=olena, draft_id=draft.pk, moment=MOMENT)
    assert "profile_closed" in codes(draft)


def test_an_order_is_annulled_though_its_child_was_merged_into_another_profile(world, olena):
    order = contract.Movement.signed(
        test_enrol.TestEnrol(), olena, test_enrol.TestEnrol().prepared(world, olena, "0")
    )
    named = order.rows.order_by("position").first().pupil
    left = kit.a_second(world, at="school1", number="77")
    kit.merged(world, left, named)
    left.refresh_from_db()
    assert left.institution_id == order.institution_id
    annulled(world, olena, order)
    left.refresh_from_db()
    assert left.institution_id is None

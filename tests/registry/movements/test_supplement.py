"""Learning beside the main school: it begins and ends by orders, and never counts as the main one."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from kernel.errors import DomainError
from registry.drafts import services as drafts
from registry.enrolments import selectors as enrolments
from registry.enrolments.models import ClassPlacement, Enrolment
from registry.models import Pupil
from registry.orders import services as orders
from tests.registry.kit import MOMENT, signature_of
from tests.registry.movements import contract, test_transfer
from tests.registry.movements.test_annul import DEATH
from tests.registry.movements.test_transfer import (
    DAY,
    FIELDS,
    HERE,
    MARKO,
    MARTA,
    ON,
    row_of,
    siblings,
)
from tests.world import sign_in

__all__ = ["siblings"]  # Марко and Марта of school 2

LATER = "24.11.2026"


@pytest.fixture
def olena(world):
    return world.actor("olena")


def draft_of(world, *rows, day=DAY):
    actor = world.actor("olena")
    draft = drafts.start(
        actor=actor, institution_id=world.units[HERE].id, process="supplement", moment=MOMENT
    )
    drafts.save_terms(
        actor=actor, draft_id=draft.pk, seen=drafts.Sight(99), fields={"effective_on": day},
        moment=MOMENT,
    )  # fmt: skip
    drafts.add_rows(actor=actor, draft_id=draft.pk, rows=rows or (MARKO, MARTA), moment=MOMENT)
    return draft


def signed(olena, draft, number, day, **fields):
    order = orders.prepare(
        actor=olena,
        draft_id=draft.pk,
        fields=contract.TERMS | FIELDS | {"number": number, "effective_on": day} | fields,
        moment=MOMENT,
    )
    return orders.sign(
        actor=olena, order_id=order.pk, cms=signature_of(order, "olena"), moment=MOMENT
    )


def ending(world, olena, pupils, **values):
    values = {"reason": "Завершено навчання"} | values
    return contract.drafted(world, olena, "supplement_end", pupils, LATER, **values)


def codes(draft):
    return {problem["code"] for row in draft.rows.all() for problem in row.problems}


def everything():
    """Every enrolment that stands, with its places."""
    learns = Enrolment.objects.filter(voided_by=None).order_by("id").values()
    places = ClassPlacement.objects.filter(voided_by=None, enrolment__voided_by=None)
    return list(learns), list(places.order_by("id").values())


def main():
    """What reports, lists and subventions count."""
    return (
        list(Enrolment.objects.filter(kind="MAIN").order_by("id").values()),
        sorted(Pupil.objects.values_list("pk", "institution_id", "class_group_id", "grade")),
    )


class TestSupplement(contract.Movement):
    process = "supplement"
    fields = FIELDS

    @pytest.fixture(autouse=True)
    def children(self, siblings):
        self.pupils = siblings

    def draft(self, world, actor):
        return draft_of(world)

    def facts(self, world):
        return everything()


class TestSupplementEnd(contract.Movement):
    process = "supplement_end"
    fields = {"effective_on": LATER}

    @pytest.fixture(autouse=True)
    def children(self, world, siblings, olena):
        self.pupils = siblings
        signed(olena, draft_of(world), "1-д", DAY)

    def draft(self, world, actor):
        return ending(world, actor, self.pupils)

    def facts(self, world):
        return everything()


def test_the_main_school_and_every_figure_stay_as_they_were(world, olena, siblings):
    before = main()
    signed(olena, draft_of(world), "1-д", DAY)
    signed(olena, ending(world, olena, siblings), "2-д", LATER)
    assert main() == before
    beside = Enrolment.objects.filter(kind="SUPPLEMENTARY")
    assert set(beside.values_list("starts_on", "ends_on", "end_reason")) == {
        (ON, datetime.date(2026, 11, 24), "BESIDE_COMPLETED")
    }
    assert enrolments.learning_on(world.units[HERE].id, ON) == 2  # Іван and Оксана


def test_only_the_name_of_the_child_is_shown_before_the_signature(world):
    row = draft_of(world, MARKO).rows.get()
    assert (row.state, set(row.values) - set(MARKO)) == ("READY", {"pupil"})


def test_who_learns_here_already_is_told_so_one_way_or_the_other(world, olena):
    assert codes(draft_of(world, row_of("000001", "01.03.2016"))) == {"enrolled_here"}
    signed(olena, draft_of(world, MARKO), "1-д", DAY)
    assert codes(draft_of(world, MARKO)) == {"learns_beside"}
    assert codes(test_transfer.draft_of(world, MARKO)) == {"learns_beside"}


def test_taken_over_mainly_it_first_ends_learning_here_beside(world, olena, siblings):
    """The order that waits meets what another one did meanwhile."""
    waiting = test_transfer.prepared(world, MARKO, day=LATER)
    signed(olena, draft_of(world, MARKO), "1-д", DAY)
    with pytest.raises(DomainError, match="спершу завершіть додаткове навчання"):
        test_transfer.sign(world, waiting)
    signed(olena, ending(world, olena, siblings[:1]), "2-д", LATER)
    test_transfer.sign(world, waiting)
    assert (
        Pupil.objects.get(pk=siblings[0]).institution_id == world.units["school2"].id
    )  # till 24th
    assert Enrolment.objects.get(pupil_id=siblings[0], kind="MAIN", ends_on=None).starts_on == (
        datetime.date(2026, 11, 24)
    )


def test_a_transfer_elsewhere_leaves_it_as_it_is(world, olena, siblings):
    signed(olena, draft_of(world, MARKO), "1-д", DAY)
    test_transfer.transferred(world, MARKO, who="nina", at="hub", day=LATER)
    beside = Enrolment.objects.get(pupil_id=siblings[0], kind="SUPPLEMENTARY")
    assert (beside.institution_id, beside.ends_on) == (world.units[HERE].id, None)


def test_a_document_shows_that_the_parents_want_it(world, olena, siblings):
    signed(olena, draft_of(world, MARKO), "1-д", DAY)
    draft = ending(
        world, olena, siblings[:1], reason="Заява батьків (інших законних представників)"
    )
    assert codes(draft) == {"required"}


def test_what_was_to_begin_beside_on_the_day_of_death_never_begins(world, olena, siblings):
    signed(olena, draft_of(world, MARKO), "1-д", LATER)
    before = everything()
    order = test_transfer.sign(
        world, test_transfer.withdrawn(world, siblings[:1], **DEATH), "petro"
    )
    beside = Enrolment.objects.get(pupil_id=siblings[0], kind="SUPPLEMENTARY")
    assert beside.voided_by_id == order.pk
    test_transfer.annulled(world, order, "9", "petro", "school2")
    assert everything() == before


def test_death_ends_what_runs_beside_and_its_undo_brings_it_back(world, olena, siblings):
    signed(olena, draft_of(world, MARKO), "1-д", DAY)
    before = everything()
    withdrawal = test_transfer.withdrawn(world, siblings[:1], **DEATH)
    order = test_transfer.sign(world, withdrawal, "petro")
    beside = Enrolment.objects.get(pupil_id=siblings[0], kind="SUPPLEMENTARY")
    assert (beside.end_reason, beside.closed_by_id) == ("DEATH", order.pk)
    test_transfer.annulled(world, order, "9", "petro", "school2")
    assert everything() == before


def test_the_class_shows_them_apart_and_the_childs_card_says_where_it_also_learns(
    world, olena, siblings, client
):
    signed(olena, draft_of(world, MARKO), "1-д", "22.11.2026")
    sign_in(client, world.grants["olena"])
    page = client.get(reverse("class_detail", args=[world.classes["school1/5-А"].uid]))
    told = page.content.decode()
    assert "Навчаються додатково" in told
    assert "Сусіда Марко" in told
    assert reverse("pupil_detail", args=[siblings[0]]) not in told  # the card is the main school's
    assert client.get(reverse("pupil_detail", args=[siblings[0]])).status_code == 404
    sign_in(client, world.grants["petro"])
    card = client.get(reverse("pupil_detail", args=[siblings[0]])).content.decode()
    assert "5-А, Чернівецький ліцей № 1, з 22.11.2026" in card
    assert "(додаткове навчання)" in card

"""What a signed order asks of another institution: the mechanism under any kind."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError

from kernel.db import command
from kernel.errors import NotFound
from registry.drafts import services as drafts
from registry.orders import services as orders
from registry.orders.models import AskedRow, OrderTask
from tests.kit.acts import noted
from tests.registry.drafts.test_drafts import numbered
from tests.registry.kit import MOMENT
from tests.registry.orders.test_orders import prepared, sign

DUE = datetime.date(2026, 12, 1)


@pytest.fixture
def order(world):
    """A signed order of school 1 that asks nobody."""
    olena = world.actor("olena")
    return sign(olena, prepared(olena, world, [numbered(1)]))


def ask(world, order, process="release"):
    @command
    def asks(*, actor):
        school2 = world.units["school2"].id
        return orders.ask(order, process=process, due_on=DUE, of={school2: [1]})

    return asks(actor=world.actor("olena"))


def test_what_is_asked_is_seen_by_whoever_is_asked(world, order):
    (task,) = ask(world, order)
    assert list(OrderTask.objects.visible_to(world.actor("petro"))) == [task]
    assert not OrderTask.objects.visible_to(world.actor("nina")).exists()


def test_one_row_is_asked_about_once_and_of_what_is_known_alone(world, order):
    ask(world, order)
    with pytest.raises(IntegrityError):
        ask(world, order)
    with pytest.raises(NotFound):
        ask(world, order, "unheard-of")


def test_an_objection_names_who_said_it_whatever_the_code(world, order):
    ask(world, order)

    @command
    def unnamed(*, actor):
        noted()
        AskedRow.objects.update(objection="OTHER")

    with pytest.raises(IntegrityError, match="asked_row_objection"):
        unnamed(actor=world.actor("olena"))


def test_a_process_nobody_knows_begins_no_draft(world):
    with pytest.raises(NotFound):
        drafts.start(
            actor=world.actor("olena"),
            institution_id=world.units["school1"].id,
            process="unheard-of",
            moment=MOMENT,
        )

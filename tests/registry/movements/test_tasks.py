"""What a signed order asks of another institution."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError

from kernel.db import command
from kernel.errors import NotFound
from registry.drafts import services as drafts
from registry.orders import services as orders
from registry.orders.errors import OrderNotPrepared, TaskNotOpen
from registry.orders.models import OrderTask
from tests.kit import acts
from tests.registry.drafts.test_drafts import numbered
from tests.registry.kit import MOMENT
from tests.registry.orders.test_orders import prepared, sign

DUE = datetime.date(2026, 12, 1)


@pytest.fixture
def asked(world):
    """School 1's signed order asks school 2 for one of its own."""
    olena = world.actor("olena")
    order = sign(olena, prepared(olena, world, [numbered(1)]))
    return order, ask(world, order, "enrol")


def ask(world, order, process):
    @command
    def asks(*, actor):
        return orders.ask(
            order, for_institution_id=world.units["school2"].id, process=process, due_on=DUE
        )

    return asks(actor=world.actor("olena"))


def test_a_task_is_seen_and_answered_by_the_school_that_is_asked(world, asked):
    _, task = asked
    petro = world.actor("petro")
    assert list(OrderTask.objects.visible_to(petro)) == [task]
    assert not OrderTask.objects.visible_to(world.actor("nina")).exists()
    answer = prepared(petro, world, [numbered(2)], "school2")
    with pytest.raises(OrderNotPrepared):  # not signed yet
        orders.done(actor=petro, task_id=task.pk, order_id=answer.pk)
    sign(petro, answer, "petro")
    assert orders.done(actor=petro, task_id=task.pk, order_id=answer.pk).done_by == answer
    with pytest.raises(TaskNotOpen):
        orders.done(actor=petro, task_id=task.pk, order_id=answer.pk)


def test_the_school_that_asks_does_not_answer_for_the_other(world, asked):
    order, task = asked
    with pytest.raises(NotFound):
        orders.done(actor=world.actor("olena"), task_id=task.pk, order_id=order.pk)


def test_asking_twice_is_asking_once_and_of_what_is_known_alone(world, asked):
    order, task = asked
    assert ask(world, order, "enrol") == task
    with pytest.raises(NotFound):
        ask(world, order, "unheard-of")


def test_an_order_answers_no_task_of_its_own_whatever_the_code(world, asked):
    order, task = asked

    @command
    def answers_itself(*, actor):
        acts.noted()
        OrderTask.objects.filter(pk=task.pk).update(done_by=order)

    with pytest.raises(IntegrityError, match="order_task_done_by_another"):
        answers_itself(actor=world.actor("olena"))


def test_a_process_nobody_knows_begins_no_draft(world):
    with pytest.raises(NotFound):
        drafts.start(
            actor=world.actor("olena"),
            institution_id=world.units["school1"].id,
            process="unheard-of",
            moment=MOMENT,
        )

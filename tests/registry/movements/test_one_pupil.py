"""One child by the form: the child and the order on one page, the signature on the next."""

from __future__ import annotations

import base64
import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import GrantState
from kernel.audit.models import Act, EventRow
from kernel.db import command
from kernel.once import Once, Replayed
from registry.models import Draft, Enrolment, Order, Pupil
from registry.movements.enrol import services as one_pupil
from tests.kit import acts
from tests.kit.racing import together
from tests.registry.drafts.test_drafts import numbered, same_as
from tests.registry.kit import MOMENT, signature_of
from tests.registry.orders.test_orders import FIELDS
from tests.world import sign_in

ONE = "/services/enrol/one/"


@pytest.fixture(autouse=True)
def in_november(time_machine):
    time_machine.move_to("2026-11-22 14:00:00+02:00", tick=True)


@pytest.fixture
def olena(world, client):
    sign_in(client, world.grants["olena"])
    return client


def child(number=1, **changes):
    return numbered(number, **changes) | FIELDS


def text(response):
    return response.content.decode()


def sign(client, order):
    signature = base64.b64encode(signature_of(order, "olena")).decode()
    return client.post(reverse("order_sign", args=[order.pk]), {"signature": signature})


def test_a_child_is_enrolled_by_two_requests(world, olena):
    answer = olena.post(ONE, child())
    order = Order.objects.get()
    assert (answer.status_code, answer["Location"]) == (
        303,
        reverse("order_detail", args=[order.pk]),
    )
    assert (order.state, order.number, order.rows_count) == ("PREPARED", "112-у", 1)
    assert not Enrolment.objects.filter(opened_by=order).exists()
    assert sign(olena, order).status_code == 303
    enrolment = Enrolment.objects.get(opened_by=order)
    assert enrolment.pupil.surname == numbered(1)["surname"]
    assert not Draft.objects.get().rows.exists()


def test_the_page_offers_the_next_number_and_an_id_of_its_own(world, olena):
    olena.post(ONE, child())
    page = text(olena.get(ONE))
    assert 'value="113-у"' in page
    assert uuid.UUID(re.search(r'name="form_id" value="([^"]+)"', page)[1])


def test_an_empty_form_is_answered_with_everything_that_is_missing(world, olena):
    answer = olena.post(ONE, FIELDS | {"surname": " ", "number": "7-в"})
    page = text(answer)
    assert answer.status_code == 422
    assert "<title>Помилка: " in page
    for missing in (
        "Не вказано прізвище",
        "Не вказано дату",
        "Не вказано клас",
        "Не вказано документ",
    ):
        assert page.lower().count(missing.lower()) >= 2  # on top and beside the field
    assert 'value="7-в"' in page
    assert not Draft.objects.exists()


def test_one_act_tells_of_the_draft_and_of_its_order(world, olena):
    olena.post(ONE, child())
    act = Act.objects.get(command="registry.movements.enrol.enrol")
    codes = EventRow.objects.filter(act_id=act.pk).values_list("code", flat=True)
    assert sorted(codes) == ["registry.draft.started", "registry.order.prepared"]


def test_the_same_page_sent_twice_makes_one_draft_and_one_order(world, olena):
    page = {"form_id": "0190a0b0-0000-7000-8000-000000000001"}
    first = olena.post(ONE, child() | page)
    again = olena.post(ONE, child() | page)
    assert first["Location"] == again["Location"]
    assert Draft.objects.count() == Order.objects.count() == 1
    sign(olena, Order.objects.get())
    assert olena.post(ONE, child() | page)["Location"] == first["Location"]
    assert Pupil.objects.count() == len(world.pupils) + 1


def test_a_page_sent_again_with_another_child_loses_neither(world, olena):
    page = {"form_id": "0190a0b0-0000-7000-8000-000000000001"}
    olena.post(ONE, child(1) | page)
    answer = olena.post(ONE, child(2) | page | {"number": "7-в"})
    told = text(answer)
    assert answer.status_code == 422
    assert "вже надіслано з іншими відомостями" in told
    assert f'value="{numbered(2)["surname"]}"' in told  # all that was typed
    assert 'value="7-в"' in told
    assert page["form_id"] not in told  # sent once more, it is another request
    assert Draft.objects.count() == 1


def test_the_same_id_from_another_school_is_another_page(world, olena):
    page = {"form_id": "0190a0b0-0000-7000-8000-000000000001"}
    olena.post(ONE, child() | page)
    petro = Client()
    sign_in(petro, world.grants["petro"])
    petro.post(ONE, child(2) | page)
    assert Draft.objects.filter(institution=world.institutions["school2"]).count() == 1


def test_mistakes_in_the_child_are_shown_on_its_page_and_the_order_waits(world, olena):
    answer = olena.post(ONE, child(born_on="31.02.2016"))
    draft = Draft.objects.get()
    row = draft.rows.get()
    at = reverse("draft_row", args=["enrol", draft.pk, row.id])
    assert answer["Location"] == f"{at}?checked=1"
    assert (row.state, draft.state, draft.terms["number"]) == ("FIX", "OPEN", "112-у")
    assert not Order.objects.exists()
    # Mended, the child goes on to the order with what was typed of it.
    values = numbered(1) | {"version": row.version, "do": "next"}
    assert olena.post(answer["Location"], values)["Location"] == reverse(
        "order_prepare", args=["enrol", draft.pk]
    )
    assert 'value="112-у"' in text(olena.get(reverse("order_prepare", args=["enrol", draft.pk])))


def test_a_child_who_already_learns_here_is_never_put_into_an_order(world, olena):
    olena.post(ONE, same_as(world.pupils["ivan"]) | FIELDS)
    assert Draft.objects.get().rows.get().state == "FIX"
    assert not Order.objects.exists()


def test_mistakes_in_the_order_are_told_together_and_the_child_is_saved(world, olena):
    wrong = {"issued_on": "31.02.2026", "identity_shown": "", "ground": ""}
    answer = olena.post(ONE, child() | wrong)
    draft = Draft.objects.get()
    assert answer.status_code == 422
    page = text(answer)
    assert "<title>Помилка: " in page
    assert f'action="{reverse("order_prepare", args=["enrol", draft.pk])}"' in page
    assert "31.02.2026 не існує" in page
    assert "Вкажіть підставу наказу." in page
    assert "предʼявили" in page
    assert draft.rows.get().state == "READY"
    assert not Order.objects.exists()
    sent = olena.post(
        reverse("order_prepare", args=["enrol", draft.pk]), FIELDS | {"expected": "1"}
    )
    assert sent["Location"] == reverse("order_detail", args=[Order.objects.get().pk])


def test_a_number_that_is_taken_is_refused_and_nothing_is_lost(world, olena):
    olena.post(ONE, child(1))
    answer = olena.post(ONE, child(2))
    assert answer.status_code == 422
    assert "Наказ № 112-у у 2026 році вже є" in text(answer)
    assert Draft.objects.filter(rows__state="READY", state="OPEN").count() == 1


def test_without_a_number_the_order_is_left_for_later(world, olena):
    answer = olena.post(ONE, child() | {"number": " ", "identity_shown": ""})
    draft = Draft.objects.get()
    assert answer["Location"] == reverse("order_prepare", args=["enrol", draft.pk])
    assert draft.state == "OPEN"


def test_a_school_whose_head_is_gone_keeps_the_child_and_says_who_is_missing(world):
    dana = world.actor("dana")
    world.grants["olena"].state = GrantState.SUSPENDED

    @command
    def suspend(*, actor):
        acts.noted()
        world.grants["olena"].save()

    suspend(actor=world.actor("bohdan"))
    begun = one_pupil.enrol(
        actor=dana,
        institution_id=world.units["school1"].id,
        values=numbered(1),
        fields=FIELDS,
        moment=MOMENT,
    )
    assert begun.refusal.code == "no_head"
    assert (begun.draft.state, begun.order) == ("OPEN", None)


def test_neither_request_asks_more_than_it_must(world, olena):
    """Enrolment by the form is asked to go 60 times a second on two cores."""
    olena.post(ONE, child(1) | {"number": "1"})
    sign(olena, Order.objects.get())
    with CaptureQueriesContext(connection) as asked:
        olena.post(ONE, child(2) | {"number": "2"})
    order = Order.objects.get(number="2")
    signature = base64.b64encode(signature_of(order, "olena")).decode()
    with CaptureQueriesContext(connection) as signed:
        olena.post(reverse("order_sign", args=[order.pk]), {"signature": signature})
    # Tests run inside a transaction of their own: each command is a savepoint more, and forgets its act.
    assert len(asked) <= 23, [q["sql"][:90] for q in asked]
    # Signing has two phases: verifying is a command of its own (9), so that no lock waits for a
    # responder; the grant, the names and the class are then held (3), and one reads whom they were
    # told from.
    assert len(signed) <= 38, [q["sql"][:90] for q in signed]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_from_one_page_make_one_order(world, in_november):
    found, olena = [], world.actor("olena")

    def send():
        once = Once.of_form(
            "enrol", FIELDS | {"form_id": "1"}, pack=lambda begun: {"order": str(begun.order.pk)}
        )
        try:
            one_pupil.enrol(
                actor=olena,
                institution_id=world.units["school1"].id,
                values=numbered(1),
                fields=FIELDS,
                moment=MOMENT,
                once=once,
            )
            found.append(("first", once.outcome))
        except Replayed as again:
            found.append(("again", again.outcome))

    assert together(send, send) == ["done", "done"]
    assert sorted(who for who, _ in found) == ["again", "first"]
    assert found[0][1] == found[1][1] == {"order": str(Order.objects.get().pk)}
    assert Draft.objects.count() == 1

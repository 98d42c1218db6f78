"""One key, one effect: asked again, asked at once, asked otherwise, and forgotten in time."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.utils import timezone

from accounts import actors
from integrations.eis.models import Operator
from kernel.db import command
from kernel.errors import NotAllowed
from kernel.once import KeyReused, Once, Replayed
from kernel.once.models import Request
from kernel.once.tasks import forget
from tests.kit.acts import noted
from tests.kit.racing import Held, beside

ACTOR = actors.system("перевірка повторів")


@command
def add_operator(*, actor: actors.Actor, name: str, once: Once | None = None) -> Operator:
    """Something with an effect that shows when it happens twice."""
    if name == "refused":
        raise NotAllowed
    operator = Operator.objects.create(name=f"{name} {uuid.uuid4()}")
    noted()
    return operator


def key(text: str = "k", said: bytes = b"1") -> Once:
    return Once(text, said, pack=lambda operator: {"name": operator.name})


@pytest.mark.django_db
def test_asked_again_it_is_not_done_again_and_the_same_outcome_is_told():
    first = key()
    operator = add_operator(actor=ACTOR, name="р", once=first)
    assert first.outcome == {"name": operator.name}
    with pytest.raises(Replayed) as again:
        add_operator(actor=ACTOR, name="р", once=key())
    assert again.value.outcome == {"name": operator.name}
    assert Operator.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_with_another_request_is_told():
    add_operator(actor=ACTOR, name="р", once=key())
    with pytest.raises(KeyReused):
        add_operator(actor=ACTOR, name="р", once=key(said=b"2"))


@pytest.mark.django_db
def test_keys_of_two_callers_do_not_meet():
    add_operator(actor=ACTOR, name="р", once=key())
    add_operator(actor=actors.system("інший"), name="с", once=key())
    assert Request.objects.count() == 2


@pytest.mark.django_db
def test_what_was_refused_may_be_tried_again_under_its_key():
    with pytest.raises(NotAllowed):
        add_operator(actor=ACTOR, name="refused", once=key())
    assert not Request.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_have_one_effect_and_both_hear_the_same(monkeypatch):
    """A race that without the claimed row adds two operators."""
    told: list[object] = []
    held = Held(Operator.objects.create)
    monkeypatch.setattr(Operator.objects, "create", held)

    def ask() -> None:
        once = key(str(uuid.UUID(int=7)))
        try:
            add_operator(actor=ACTOR, name="р", once=once)
            told.append(("first", once.outcome))
        except Replayed as again:
            told.append(("again", again.outcome))

    assert beside(ask, ask, held) == ["done", "done"]
    assert sorted(who for who, _ in told) == ["again", "first"]
    assert told[0][1] == told[1][1]
    assert Operator.objects.count() == 1


@pytest.mark.django_db
def test_keys_older_than_two_days_are_forgotten_and_younger_ones_are_not():
    for text in ("old", "young"):
        add_operator(actor=ACTOR, name=text, once=key(text))
    Request.objects.filter(key="old").update(at=timezone.now() - datetime.timedelta(days=3))
    assert forget() == 1
    assert list(Request.objects.values_list("key", flat=True)) == ["young"]

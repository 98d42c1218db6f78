"""Declared events: only they are recorded, they say no sentences, and their page is complete."""

from __future__ import annotations

import datetime
from typing import Annotated

import pytest

from accounts import actors
from accounts.portal import words
from kernel import audit
from kernel.audit import events
from kernel.audit.events import TYPES, Event, Words, event
from kernel.db import command
from tests.kit.acts import ThingId
from tests.kit.events import sentences


@event("tests.told", version=1)
class Told(Event, frozen=True, kw_only=True):
    """A test told something."""

    subject: ThingId
    code: str = ""
    reason: Words = ""
    changed: dict[str, tuple[Words | None, str]] | None = None
    on: datetime.date | None = None


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "Наказ підписано"},
        {"changed": {"surname": ("Іваненко", "було так")}},
        {"changed": {"прізвище дитини": ("Іваненко", "")}},
    ],
)
def test_a_sentence_in_a_payload_is_found_by_every_test(fields):
    with pytest.raises(AssertionError, match="words are made by the presenter"):
        events.payload_of(Told(subject="1", **fields))


def test_what_people_typed_and_plain_values_are_no_sentences():
    told = Told(
        subject="1",
        code="5-А",
        reason="За заявою батьків",
        changed={"surname": ("Гнатюк Коваль", "Коваль")},
        on=datetime.date(2027, 9, 1),
    )
    assert sentences(told) == []


def test_every_event_of_a_grant_has_words_on_its_timeline():
    told = {kind.struct for kind in TYPES.values() if kind.subject_type == "accounts.grant"}
    assert told
    assert told == set(words.TITLES)


def test_an_event_names_one_kind_of_subject():
    with pytest.raises(TypeError, match="subject"):

        @event("tests.nameless", version=1)
        class Nameless(Event, frozen=True, kw_only=True):
            subject: Annotated[str, "any"]

    with pytest.raises(TypeError, match="twice"):
        event("tests.told", version=1)(Told)


@pytest.mark.django_db
def test_the_log_takes_only_what_is_declared():
    class Undeclared(Event, frozen=True, kw_only=True):
        subject: str

    @command
    def tell(*, actor, happened):
        audit.record(happened)

    for happened in (Undeclared(subject="1"), "tests.told"):
        with pytest.raises(TypeError, match="not declared"):
            tell(actor=actors.system("тест"), happened=happened)

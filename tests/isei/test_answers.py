"""Whatever an answer holds, it is read or refused in the words of the door."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.isei.answers import LONGEST_VALUE, Reader
from integrations.isei.client import FIELDS, refusal_of, words_of
from integrations.isei.conf import Configuration
from integrations.isei.demo.keys import PASSWORD, KeyFiles
from integrations.isei.errors import IseiSilent, IseiUnreadable
from tests.isei.conftest import vouched

NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)
PLAIN = Reader(None)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def read(**fields: Any) -> Any:
    return PLAIN.read(fields, at=NOW)


def test_a_name_is_put_together_once() -> None:
    """The patronymic stands by itself or within the name, as certificates have it."""
    for given_name, middlename in (
        ("Олена", "Василівна"),
        ("Олена Василівна", "Василівна"),
        ("Олена Василівна", ""),
    ):
        answer = read(lastname="Шкільна", givenname=given_name, middlename=middlename)
        assert answer.full_name == "Шкільна Олена Василівна"
    assert read(subjectcn="Шкільна Олена Василівна").full_name == "Шкільна Олена Василівна"


@pytest.mark.parametrize(
    "nothing", ["", " ", "-", "—", "null", None, [], {}, "x" * (LONGEST_VALUE + 1)]
)
def test_what_says_nothing_is_absent(nothing: Any) -> None:
    assert read(drfocode=nothing)["drfocode"] == ""


def test_numbers_and_spaces_are_read_as_written() -> None:
    assert read(drfocode=7146711424)["drfocode"] == "7146711424"
    assert read(edrpoucode=" 59900062\n")["edrpoucode"] == "59900062"


@pytest.mark.parametrize(
    ("said", "meant"), [("1", True), (1, True), (True, True), ("0", False), ("", False)]
)
def test_a_protected_carrier_is_kept_as_evidence(said: Any, meant: bool) -> None:
    assert read(isqscd=said).evidence["isqscd"] is meant


def test_evidence_holds_no_codes_of_the_person() -> None:
    kept = json.dumps(PLAIN.read(vouched("olena").answer(), at=NOW).evidence, ensure_ascii=False)
    assert "7146711424" not in kept.replace("3A7146711424", "")
    assert "59900062" not in kept


def test_refusals_come_in_several_forms() -> None:
    assert refusal_of({"access_token": "x"}) is None
    assert refusal_of({"error": 0, "message": "ok"}) is None
    assert refusal_of({"error": "invalid_grant"}) == ("invalid_grant", "")
    assert refusal_of({"error": 2, "message": "Сесії немає"}) == ("2", "Сесії немає")
    assert words_of("e", " Довге \n пояснення ") == "Пояснення id.gov.ua: «Довге пояснення»."
    assert len(words_of("e", "слово " * 500) or "") < 400


@settings(max_examples=200, deadline=None)
@given(fields=st.dictionaries(st.sampled_from([*FIELDS, "auth_type", "x"]), anything))
def test_any_plain_answer_is_read(fields: dict[str, Any]) -> None:
    answer = PLAIN.read(fields, at=NOW)
    assert all(isinstance(value, str) for value in answer.values.values())
    json.dumps(answer.evidence)
    assert answer.full_name is not None


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sealed=anything)
def test_any_sealed_answer_is_refused_in_words(key_files: KeyFiles, sealed: Any) -> None:
    reader = Reader.of(
        Configuration(
            address="https://id.gov.ua",
            client_id="x",
            client_secret="y",
            certificate=str(key_files.own_certificate),
            key=str(key_files.own_key),
            key_password=PASSWORD,
            partner_certificates=str(key_files.partner_certificates),
        )
    )
    with pytest.raises((IseiUnreadable, IseiSilent)):
        reader.read({"encryptedUserInfo": sealed}, at=NOW)

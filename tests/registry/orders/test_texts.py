"""Legal texts of orders are dated data: the edition of the order's date is taken, mistakes stop the start."""

from __future__ import annotations

import datetime

import pytest

from registry import process
from registry.movements.kinds import KINDS
from registry.movements.withdraw import PROCESS as WITHDRAW
from registry.process import Terms

EDITION = """
[[edition]]
since = {since}
law = "наказ"
title = "{title}"
preamble = "Відповідно до закону"
points = ["{point}"]
"""
OLD = EDITION.format(
    since="2018-05-05", title="За старим", point="Відрахувати з {day} {count} {pupils}:"
)
NEW = EDITION.format(since="2027-01-01", title="За новим", point="Відрахувати {count} {pupils}:")


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Withdrawal with another file of editions."""

    def write(text):
        path = tmp_path / "withdraw.toml"
        path.write_text(text, "utf-8")
        process.text_of.cache_clear()
        monkeypatch.setattr(type(WITHDRAW), "text", path)

    yield write
    process.text_of.cache_clear()


def _terms(issued_on):
    return Terms(
        number="1", issued_on=issued_on, effective_on=datetime.date(2027, 1, 11), ground="заяви",
        year_code="2026-2027", year_starts_on=datetime.date(2026, 9, 1),
        year_ends_on=datetime.date(2027, 6, 30),
    )  # fmt: skip


def test_an_order_is_worded_by_the_edition_of_its_own_date(written):
    written(OLD + NEW)
    last, first = datetime.date(2026, 12, 31), datetime.date(2027, 1, 1)
    before, after = (WITHDRAW.wording(_terms(day), 2) for day in (last, first))
    assert (before["title"], after["title"]) == ("За старим", "За новим")
    assert before["points"] == ["Відрахувати з 11.01.2027 2 учнів:"]
    # An order of a day before any edition is worded by the first.
    assert WITHDRAW.wording(_terms(datetime.date(2017, 1, 1)), 2)["title"] == "За старим"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (NEW + OLD, "dated in order"),
        (OLD.replace('["Відрахувати з {day} {count} {pupils}:"]', "[]"), "have points"),
        (OLD.replace("law = ", "act = "), "act"),
        (OLD.replace("{count}", "{coumt}"), "no such words: coumt"),
        (OLD.replace("Відрахувати", "{protocol}"), "no such words: protocol"),
    ],
    ids=["turned", "without points", "a field", "a misspelt word", "a term of another kind"],
)
def test_a_mistake_in_a_text_stops_the_start(written, text, told):
    written(text)
    with pytest.raises(ValueError, match=told):
        process.fill(KINDS)
    assert process.kind("enrol") is KINDS["enrol"]

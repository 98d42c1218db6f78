"""States of a record and of a notice, what leads from one to another; docs/states.md draws them."""

from __future__ import annotations

from collections.abc import Mapping

NOT_COVERED, ABSENT, MISSING = KINDS = ("NOT_COVERED", "ABSENT", "MISSING")
# {state: {what is done: the state it leads to}}; the same for a child that learns nowhere, one that is
# absent and one that may be missing, each with its own words and terms.
CASE: Mapping[str, Mapping[str, str]] = {
    "RECORDED": {"establish": "ESTABLISHED", "notify": "NOTIFIED", "close": "CLOSED"},
    "ESTABLISHED": {"establish": "ESTABLISHED", "notify": "NOTIFIED", "close": "CLOSED"},
    "NOTIFIED": {
        "establish": "NOTIFIED",
        "notify": "NOTIFIED",
        "answer": "ANSWERED",
        "close": "CLOSED",
    },
    "ANSWERED": {
        "establish": "ESTABLISHED",
        "notify": "NOTIFIED",
        "answer": "ANSWERED",
        "close": "CLOSED",
    },
    "CLOSED": {"reopen": "RECORDED"},
}
LETTER: Mapping[str, Mapping[str, str]] = {
    "PREPARED": {"prepare": "PREPARED", "sign": "SIGNED", "give up": "GIVEN_UP"},
    "SIGNED": {},
    "GIVEN_UP": {},
}
OPEN = tuple(state for state in CASE if state != "CLOSED")


def _steps(table: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    return {state: tuple(dict.fromkeys(done.values())) for state, done in table.items()}


# The same for the pictures: {state: states it may become}.
CASE_STEPS, LETTER_STEPS = _steps(CASE), _steps(LETTER)

"""States of certificates of study and of what is signed for many; docs/states.md draws them."""

from __future__ import annotations

from collections.abc import Mapping

# {state: {what is done: the state it leads to}}
ISSUE: Mapping[str, Mapping[str, str]] = {
    "PREPARED": {"sign": "SIGNED", "give_up": "GIVEN_UP"},
    "SIGNED": {},
    "GIVEN_UP": {},
}
CERTIFICATE: Mapping[str, Mapping[str, str]] = {
    "PREPARED": {"sign": "ISSUED", "give_up": "GIVEN_UP"},
    "ISSUED": {"void": "VOIDED"},
    "VOIDED": {},
    "GIVEN_UP": {},
}


def _steps(table: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    return {state: tuple(dict.fromkeys(done.values())) for state, done in table.items()}


# The same for the pictures: {state: states it may become}.
ISSUE_STEPS, CERTIFICATE_STEPS = _steps(ISSUE), _steps(CERTIFICATE)

# Why a certificate holds no more: told to whoever checks it, so none of these tells of a child.
VOIDED_FOR: Mapping[str, str] = {
    "MISTAKE": "у довідці помилка",
    "REPLACED": "замість неї видано іншу",
    "BY_MISTAKE": "видано помилково",
    "LOST": "аркуш втрачено",
}

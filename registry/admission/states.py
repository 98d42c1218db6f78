"""States of applications and draws and what leads from one to another; docs/states.md draws them."""

from __future__ import annotations

from collections.abc import Mapping

# {state: {what is done: the state it leads to}}
APPLICATION: Mapping[str, Mapping[str, str]] = {
    "SUBMITTED": {"check": "CHECKED", "refuse": "REFUSED", "withdraw": "WITHDRAWN"},
    "CHECKED": {
        "place": "PLACED",
        "wait": "RESERVE",
        "placed nearer": "SUPERSEDED",
        "refuse": "REFUSED",
        "change": "SUBMITTED",
        "withdraw": "WITHDRAWN",
    },
    "RESERVE": {"place": "PLACED", "placed nearer": "SUPERSEDED", "withdraw": "WITHDRAWN"},
    "PLACED": {"enrol": "ENROLLED", "placed nearer": "SUPERSEDED", "withdraw": "WITHDRAWN"},
    "SUPERSEDED": {"lost the nearer": "RESERVE", "withdraw": "WITHDRAWN"},
    "REFUSED": {"check": "CHECKED"},
    "ENROLLED": {},
    "WITHDRAWN": {},
}
DRAW: Mapping[str, Mapping[str, str]] = {
    "ANNOUNCED": {"freeze": "FROZEN"},
    "FROZEN": {"draw": "DRAWN"},
    "DRAWN": {"sign": "SIGNED"},
    "SIGNED": {},
}
# A place is held by one application of a child at a time.
HOLDS = ("PLACED", "ENROLLED")
# Applications that stand: of one child at one school there is one.
STANDS = ("SUBMITTED", "CHECKED", "RESERVE", "PLACED", "SUPERSEDED", "ENROLLED")


def _steps(table: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    return {state: tuple(dict.fromkeys(done.values())) for state, done in table.items()}


# The same for the pictures: {state: states it may become}.
APPLICATION_STEPS, DRAW_STEPS = _steps(APPLICATION), _steps(DRAW)

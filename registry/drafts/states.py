"""States of a draft and what leads from one to another; docs/states.md is drawn from this."""

from __future__ import annotations

from collections.abc import Mapping

# {state: {what is done: the state it leads to}}
TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    "OPEN": {"prepare": "ORDERED", "discard": "DISCARDED"},
    "ORDERED": {"give_up": "OPEN", "sign": "ORDERED", "sign a part": "OPEN"},
    "DISCARDED": {"restore": "OPEN"},
}
STATES = tuple(TRANSITIONS)
# The same for the picture: {state: states it may become}.
STEPS = {state: tuple(dict.fromkeys(done.values())) for state, done in TRANSITIONS.items()}

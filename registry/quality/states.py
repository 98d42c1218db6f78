"""States of a campaign and what leads from one to another; docs/states.md is drawn from this."""

from __future__ import annotations

# {state: {what is done: the state it leads to}}
TRANSITIONS = {
    "OPEN": {"prolong": "OPEN", "close": "CLOSED"},
    "CLOSED": {},
}
STATES = tuple(TRANSITIONS)
# The same for the picture: {state: states it may become}.
STEPS = {state: tuple(done.values()) for state, done in TRANSITIONS.items()}

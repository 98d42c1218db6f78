"""States of an order and what leads from one to another; docs/states.md is drawn from this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# {state: {what is done: the state it leads to}}
TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    "PREPARED": {"sign": "EFFECTIVE", "give_up": "GIVEN_UP"},
    "EFFECTIVE": {"annul": "ANNULLED"},
    "ANNULLED": {},
    "GIVEN_UP": {},
}
STATES = tuple(TRANSITIONS)
# The same for the picture: {state: states it may become}.
STEPS = {state: tuple(dict.fromkeys(done.values())) for state, done in TRANSITIONS.items()}

# The same of what an order asks of another institution: its own order about each row. A task whose
# rows are all answered by an order or an objection waits for nobody; it is called off with the order.
TASKS: Mapping[str, Sequence[str]] = {
    "OPEN": ("DONE", "OBJECTED", "CALLED_OFF"),
    "OBJECTED": ("DONE", "CALLED_OFF", "OPEN"),
    "DONE": ("OPEN", "CALLED_OFF"),
    "CALLED_OFF": (),
}

"""States of a draft and what leads from one to another; docs/states is drawn from this."""

from __future__ import annotations

from collections.abc import Mapping

# {state: {what is done: the state it leads to}}
TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    "OPEN": {"prepare": "ORDERED", "discard": "DISCARDED"},
    "ORDERED": {"give_up": "OPEN", "sign": "ORDERED", "sign a part": "OPEN"},
    "DISCARDED": {"restore": "OPEN"},
}
STATES = tuple(TRANSITIONS)

"""States of a merge and what leads from one to another; docs/states.md is drawn from this."""

from __future__ import annotations

# {state: {what is done: the state it leads to}}
TRANSITIONS = {
    "ASKED": {"confirm": "MERGED", "reject": "REJECTED"},
    "MERGED": {"ask_undo": "UNDOING"},
    "UNDOING": {"undo": "UNDONE", "keep": "MERGED"},
    "REJECTED": {},
    "UNDONE": {},
}
STATES = tuple(TRANSITIONS)
# The same for the picture: {state: states it may become}.
STEPS = {state: tuple(done.values()) for state, done in TRANSITIONS.items()}

# Two profiles that may be one child: found, looked into by somebody, decided. Anybody of the authority
# may take over what another looks into; a merge rejected or taken back says that they differ.
PAIR_TRANSITIONS = {
    "NEW": {"take": "LOOKED", "same": "SAME", "differ": "DIFFERENT"},
    "LOOKED": {"take": "LOOKED", "same": "SAME", "differ": "DIFFERENT"},
    "SAME": {"differ": "DIFFERENT"},
    "DIFFERENT": {"take": "LOOKED", "same": "SAME"},
}
PAIR_STATES = tuple(PAIR_TRANSITIONS)
PAIR_STEPS = {state: tuple(done.values()) for state, done in PAIR_TRANSITIONS.items()}

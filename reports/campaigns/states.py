"""States of a campaign, of a school's report in it and of an authority's summary; docs/states.md
draws them."""

from __future__ import annotations

from collections.abc import Mapping

Table = Mapping[str, Mapping[str, str]]

# {state: {what is done: the state it leads to}}
CAMPAIGN: Table = {
    "PLANNED": {"open": "OPEN", "withdraw": "WITHDRAWN"},
    "OPEN": {"close": "CLOSED", "withdraw": "WITHDRAWN"},
    "CLOSED": {},
    "WITHDRAWN": {},
}
# A report that breaks a control waits in GENERATED until it is mended or explained.
REPORT: Table = {
    "GENERATED": {
        "check": "CHECKED",
        "explain": "CHECKED",
        "generate": "GENERATED",
        "settle": "ACCEPTED",
    },
    "CHECKED": {"sign": "SIGNED", "generate": "GENERATED", "settle": "ACCEPTED"},
    "SIGNED": {"accept": "ACCEPTED", "return": "RETURNED", "generate": "GENERATED"},
    "RETURNED": {"generate": "GENERATED", "settle": "ACCEPTED"},
    "ACCEPTED": {"return": "RETURNED"},
}
# «reopen» is what follows when something inside is returned. A level signs its summary if it wishes: no act asks
# for it, so a signature stands beside the state and moves nothing.
SUMMARY: Table = {
    "COLLECTING": {"consolidate": "CONSOLIDATED"},
    "CONSOLIDATED": {
        "sign": "CONSOLIDATED",
        "accept": "ACCEPTED",
        "return": "RETURNED",
        "reopen": "COLLECTING",
    },
    "RETURNED": {"consolidate": "CONSOLIDATED", "reopen": "COLLECTING"},
    "ACCEPTED": {"return": "RETURNED", "reopen": "COLLECTING"},
}


def _steps(table: Table) -> dict[str, tuple[str, ...]]:
    return {state: tuple(dict.fromkeys(done.values())) for state, done in table.items()}


# The same for the pictures: {state: states it may become}.
CAMPAIGN_STEPS, REPORT_STEPS, SUMMARY_STEPS = _steps(CAMPAIGN), _steps(REPORT), _steps(SUMMARY)

# What the head has to do something about.
WITH_THE_HEAD = ("GENERATED", "CHECKED", "RETURNED")
PART_STATES = tuple(dict.fromkeys((*REPORT, *SUMMARY)))

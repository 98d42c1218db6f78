"""States of a school's passage to the coming year: told by its plan and the plan's order."""

from __future__ import annotations

import datetime

from registry.rollover.models import RolloverPlan

STATES = {
    "absent": "Не розпочато",
    "draft": "Чернетка",
    "waiting": "Чекає на підпис",
    "signed": "Підписано",
    "in_effect": "Діє",
}
TAGS = {"absent": "off", "draft": "heed", "waiting": "note", "signed": "good", "in_effect": "good"}
_OF_ORDER = {"PREPARED": "waiting", "EFFECTIVE": "signed"}


def state_of(plan: RolloverPlan | None, today: datetime.date) -> str:
    """One of STATES."""
    if plan is None:
        return "absent"
    if plan.order is None:
        return "draft"
    state = _OF_ORDER.get(plan.order.state, "draft")
    if state == "signed" and plan.order.effective_on <= today:
        return "in_effect"
    return state

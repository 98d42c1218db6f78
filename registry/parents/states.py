"""States of what parents ask of a school and a school of parents; docs/states.md is drawn from this."""

from __future__ import annotations

# {state: {what is done: the state it leads to}}. A question of the school begins as ASKED, a
# correction asked for by a parent as NEW: from there the school decides about both alike.
TRANSITIONS = {
    "ASKED": {"answer": "NEW", "withdraw": "WITHDRAWN"},
    "NEW": {"accept": "ACCEPTED", "decline": "DECLINED", "withdraw": "WITHDRAWN"},
    "ACCEPTED": {},
    "DECLINED": {},
    "WITHDRAWN": {},
}
STATES = {
    "ASKED": "Чекає на відповідь батьків",
    "NEW": "Чекає на рішення закладу",
    "ACCEPTED": "Виправлено",
    "DECLINED": "Відмовлено",
    "WITHDRAWN": "Відкликано",
}
STEPS = {state: tuple(dict.fromkeys(done.values())) for state, done in TRANSITIONS.items()}
OPEN = ("ASKED", "NEW")
KINDS = {"CORRECTION": "Просять батьки", "QUESTION": "Запитання закладу"}

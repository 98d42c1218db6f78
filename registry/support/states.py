"""Kinds and states of a request for support; docs/states.md is drawn from this (S3 п.14, п.15, S4)."""

from __future__ import annotations

import dataclasses

# {state: {what is done: the state it leads to}}
TRANSITIONS = {
    "NEW": {"take": "IN_WORK", "ask_back": "WAITING_USER", "solve": "SOLVED", "pass_on": "NEW"},
    "IN_WORK": {
        "take": "IN_WORK",
        "ask_back": "WAITING_USER",
        "solve": "SOLVED",
        "pass_on": "NEW",
    },
    "WAITING_USER": {"write": "IN_WORK", "solve": "SOLVED", "expire": "CLOSED"},
    "SOLVED": {"write": "IN_WORK", "close": "CLOSED", "expire": "CLOSED"},
    "CLOSED": {},
}
STATES = {
    "NEW": "Нове",
    "IN_WORK": "У роботі",
    "WAITING_USER": "Чекає на вашу відповідь",
    "SOLVED": "Вирішено",
    "CLOSED": "Закрито",
}
STEPS = {state: tuple(dict.fromkeys(done.values())) for state, done in TRANSITIONS.items()}
OPEN = ("NEW", "IN_WORK", "WAITING_USER")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind:
    """What a request is about: its words, who answers first, terms in working days."""

    label: str
    hint: str
    answer: int
    solve: int
    to_administrator: bool = False


KINDS = {
    "QUESTION": Kind(label="Запитання", hint="Як щось зробити або що означає", answer=2, solve=10),
    "FAULT": Kind(label="Щось не працює", hint="Сторінка, файл, підпис, лист", answer=1, solve=3),
    "DATA": Kind(
        label="Помилка в даних", hint="Відомості про заклад, адресу, код", answer=2, solve=10
    ),
    "ACCESS": Kind(label="Доступ", hint="Немає доступу або він зайвий", answer=1, solve=3),
    "NEW_INSTITUTION": Kind(
        label="Закладу немає в системі",
        hint="Заклад не знайдено за ЄДРПОУ",
        answer=2,
        solve=10,
        to_administrator=True,
    ),
    "PROPOSAL": Kind(
        label="Пропозиція або зауваження",
        hint="Володільцю й технічному адміністратору (п. 15)",
        answer=20,
        solve=20,
        to_administrator=True,
    ),
}
AFTER_SOLVED = 10  # days in which the author may say that it is not
AFTER_ASKED = 14  # days in which the author may answer

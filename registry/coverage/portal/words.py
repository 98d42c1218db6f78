"""Words of records on pages: kinds by their addresses, states, steps."""

from __future__ import annotations

from kernel.errors import NotFound
from registry.coverage.states import ABSENT, MISSING, NOT_COVERED

SLUGS = {"uncovered": NOT_COVERED, "absent": ABSENT, "missing": MISSING}
SLUG_OF = {kind: slug for slug, kind in SLUGS.items()}
TITLES = {
    NOT_COVERED: "Діти, не охоплені навчанням",
    ABSENT: "Відсутні 10 робочих днів поспіль",
    MISSING: "Потенційно зниклі діти",
}
LEADS = {
    NOT_COVERED: "Причину встановлюють, про дитину повідомляють, дитину повертають до навчання. "
    "Зарахування закриває запис саме.",
    ABSENT: "Заклад негайно повідомляє службу у справах дітей і поліцію або записує, чим пояснено "
    "відсутність.",
    MISSING: "Перевіряє заклад, далі орган управління, далі поліція. Кожен перегляд записано з "
    "підставою.",
}
NEW = {
    NOT_COVERED: "Записати дитину",
    ABSENT: "Записати відсутність",
    MISSING: "Внести дитину",
}
STATES = {
    NOT_COVERED: {
        "RECORDED": "Записано, причину встановлюють",
        "ESTABLISHED": "Причину встановлено",
        "NOTIFIED": "Повідомлено",
        "ANSWERED": "Отримано відповідь",
        "CLOSED": "Знято з обліку",
    },
    ABSENT: {
        "RECORDED": "Треба повідомити",
        "ESTABLISHED": "Причину уточнено",
        "NOTIFIED": "Повідомлено",
        "ANSWERED": "Отримано відповідь",
        "CLOSED": "Завершено",
    },
    MISSING: {
        "RECORDED": "Перевіряє заклад",
        "ESTABLISHED": "Перевіряє орган управління",
        "NOTIFIED": "Передано",
        "ANSWERED": "Отримано відповідь",
        "CLOSED": "Встановлено",
    },
}
TAGS = {
    "RECORDED": "heed",
    "ESTABLISHED": "note",
    "NOTIFIED": "note",
    "ANSWERED": "heed",
    "CLOSED": "off",
}
STEPS = {
    "record": "Записано",
    "establish": "Встановлено причину",
    "prolong": "Відсутність триває",
    "notify": "Повідомлено",
    "answer": "Отримано відповідь",
    "move": "Передано громаді за місцем проживання",
    "close": "Завершено",
    "reopen": "Відкрито знову",
}
DOES = {"establish": "Встановити причину", "close": "Завершити", "reopen": "Відкрити знову"}


def kind_of(slug: str) -> str:
    """The kind of an address.

    Raises:
        NotFound: no such kind.
    """
    if slug not in SLUGS:
        raise NotFound
    return SLUGS[slug]

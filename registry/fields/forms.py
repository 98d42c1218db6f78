"""Forms of education: codes of `education_form`, and what people write instead (handbook D.3)."""

from __future__ import annotations

from collections.abc import Collection

from kernel.tables.cells import tidy
from kernel.tables.findings import Checked, error

FORMS = {
    "FULL_TIME": "Очна (денна)",
    "EVENING": "Очна (вечірня)",
    "EXTRAMURAL": "Заочна",
    "DISTANCE": "Дистанційна",
    "NETWORK": "Мережева",
    "EXTERNAL": "Екстернатна",
    "FAMILY": "Сімейна (домашня)",
    "PATRONAGE": "Педагогічний патронаж",
}
_WORDS = (
    ("вечірн", "EVENING"),
    ("заочн", "EXTRAMURAL"),
    ("дистанц", "DISTANCE"),
    ("мереж", "NETWORK"),
    ("екстерн", "EXTERNAL"),
    ("сімейн", "FAMILY"),
    ("домашн", "FAMILY"),
    ("патронаж", "PATRONAGE"),
    ("очн", "FULL_TIME"),
    ("денн", "FULL_TIME"),
)
# A child who learns by one of these is in the class's list and not at its lessons.
INDIVIDUAL = ("EXTERNAL", "FAMILY", "PATRONAGE")
INSTITUTIONAL = tuple(code for code in FORMS if code not in INDIVIDUAL)


def check(field: str, text: str, among: Collection[str] = tuple(FORMS)) -> Checked[str]:
    """The code of a form as typed, chosen or pasted; one of these."""
    value = tidy(text).lower()
    code: str | None = value.upper()
    if code not in FORMS:
        code = next((code for word, code in _WORDS if word in value), None)
    if code in among:
        return Checked(code)
    told = ", ".join(FORMS[one] for one in FORMS if one in among)
    return Checked(None, (error(field, "unknown", f"Є такі форми: {told}."),))

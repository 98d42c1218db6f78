"""Reading РНОКПП and УНЗР as people write them; what they must be is said by the packs of rules."""

from __future__ import annotations

import datetime
import re

from accounts.identifiers import rnokpp_check_digit as rnokpp_check_digit
from accounts.identifiers import rnokpp_is_valid as rnokpp_is_valid
from accounts.identifiers import rnokpp_tells as rnokpp_tells
from kernel.tables.cells import common, tidy
from kernel.tables.findings import Checked, error
from kernel.text import digits, hyphens
from registry.fields.rules import judge

_TEN = re.compile(r"[0-9]{10}")
_NINE = re.compile(r"[0-9]{8,9}")
_FLOAT = re.compile(r"([0-9]{8,10})[.,]0+")
_SPACES = re.compile(r"[\s\u00a0.\-]+")
_REFUSED = re.compile(r"відмов|релігійн|паспорт", re.IGNORECASE)
_UNZR = re.compile(r"[0-9]{8}-[0-9]{5}")


def check_rnokpp(
    field: str, text: str, *, born_on: datetime.date | None, sex: str | None
) -> Checked[tuple[str | None, str]]:
    """Read a РНОКПП; the value is (number or None, state VALUE / REFUSED / NOT_ASSIGNED).

    A wrong check digit is an error; a birth date or sex that does not match is a warning,
    because registries are known to hold such numbers (handbook C.2).
    """
    if not text:
        return Checked((None, "NOT_ASSIGNED"))
    if not _TEN.fullmatch(text):
        if found := common(field, text):
            return Checked(None, (found,))
        text = tidy(text)
        if not text:
            return Checked((None, "NOT_ASSIGNED"))
        if _REFUSED.search(text):
            return Checked((None, "REFUSED"))
        if match := _FLOAT.fullmatch(text):
            text = match[1]
        text = digits(_SPACES.sub("", text))
        if _NINE.fullmatch(text):
            padded = text.zfill(10)
            return Checked(
                None,
                (
                    error(
                        field,
                        "lost_zero",
                        f"{len(text)} цифр замість 10: Excel міг відкинути нуль на початку.",
                        padded if rnokpp_is_valid(padded) else None,
                    ),
                ),
            )
        if not _TEN.fullmatch(text):
            return Checked(None, (error(field, "shape", "РНОКПП має 10 цифр."),))
    said = judge({"rnokpp": text, "born_on": born_on, "sex": sex}, "rnokpp", name=field)
    wrong = any(problem.level == "error" for problem in said)
    return Checked(None if wrong else (text, "VALUE"), said)


def check_unzr(field: str, text: str, *, born_on: datetime.date | None) -> Checked[str]:
    """Read a УНЗР «РРРРММДД-NNNNN»; «» is fine."""
    if not text:
        return Checked("")
    if found := common(field, text):
        return Checked(None, (found,))
    value = re.sub(r"[\s\-]+", "-", digits(hyphens(tidy(text))))
    if not value:
        return Checked("")
    if re.fullmatch(r"[0-9]{13}", value):
        return Checked(
            None,
            (
                error(
                    field, "no_dash", "Бракує дефіса після восьми цифр.", f"{value[:8]}-{value[8:]}"
                ),
            ),
        )
    if _UNZR.fullmatch(value) is None:
        return Checked(
            None, (error(field, "shape", "УНЗР має вигляд РРРРММДД-NNNNN: 8 цифр, дефіс, 5 цифр."),)
        )
    said = judge({"unzr": value, "born_on": born_on}, "unzr", name=field)
    wrong = any(problem.level == "error" for problem in said)
    return Checked(None if wrong else value, said)

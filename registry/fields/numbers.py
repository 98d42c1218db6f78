"""РНОКПП and УНЗР (handbook C.2, C.3)."""

from __future__ import annotations

import datetime
import re

from kernel.tables.cells import common, tidy
from kernel.tables.dates import show
from kernel.tables.findings import Checked, Problem, error, warning

_WEIGHTS = (-1, 5, 7, 9, 4, 6, 10, 5, 7)
_EPOCH = datetime.date(1899, 12, 31)
_TEN = re.compile(r"[0-9]{10}")
_NINE = re.compile(r"[0-9]{8,9}")
_SHORTENED = re.compile(r"\d[.,]\d+[eEеЕ]\+?\d+")
_FLOAT = re.compile(r"([0-9]{8,10})[.,]0+")
_SPACES = re.compile(r"[\s\u00a0.\-]+")
_REFUSED = re.compile(r"відмов|релігійн|паспорт", re.IGNORECASE)
_UNZR = re.compile(r"([0-9]{8})-([0-9]{5})")


def rnokpp_check_digit(first_nine: str) -> int:
    """The tenth digit: weighted sum of the first nine, mod 11, mod 10."""
    return sum(w * int(d) for w, d in zip(_WEIGHTS, first_nine, strict=True)) % 11 % 10


def rnokpp_is_valid(number: str) -> bool:
    """Ten digits with the right check digit and not all zeros."""
    return (
        _TEN.fullmatch(number) is not None
        and number != "0000000000"
        and rnokpp_check_digit(number[:9]) == int(number[9])
    )


def rnokpp_tells(number: str) -> tuple[datetime.date, str]:
    """The birth date and the sex written in a valid number."""
    born_on = _EPOCH + datetime.timedelta(days=int(number[:5]))
    return born_on, "M" if int(number[8]) % 2 else "F"


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
        if _SHORTENED.fullmatch(text):
            return Checked(
                None,
                (
                    error(
                        field,
                        "shortened_by_excel",
                        "Excel показав число скорочено і цифри втрачено. Впишіть усі 10 цифр.",
                    ),
                ),
            )
        if match := _FLOAT.fullmatch(text):
            text = match[1]
        text = _SPACES.sub("", text)
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
    if not rnokpp_is_valid(text):
        return Checked(
            None,
            (
                error(
                    field,
                    "check_digit",
                    "Такого РНОКПП не буває: контрольна цифра не сходиться. Звірте з документом.",
                ),
            ),
        )
    return Checked((text, "VALUE"), tuple(_rnokpp_doubts(field, text, born_on, sex)))


def _rnokpp_doubts(
    field: str, number: str, born_on: datetime.date | None, sex: str | None
) -> list[Problem]:
    told_born, told_sex = rnokpp_tells(number)
    doubts = []
    if born_on is not None and told_born != born_on:
        doubts.append(
            warning(
                field,
                "other_birth_date",
                f"За РНОКПП дата народження {show(told_born)}, а вказано {show(born_on)}.",
            )
        )
    if sex is not None and told_sex != sex:
        whose = "хлопця" if told_sex == "M" else "дівчини"
        doubts.append(warning(field, "other_sex", f"За РНОКПП це номер {whose}: звірте стать."))
    return doubts


def unzr_check_digit(first_twelve: str) -> int:
    """ICAO 9303 weights 7-3-1: fits the known specimen, so it is used to warn only (C.3)."""
    return sum(int(d) * (7, 3, 1)[i % 3] for i, d in enumerate(first_twelve)) % 10


def check_unzr(field: str, text: str, *, born_on: datetime.date | None) -> Checked[str]:
    """Read a УНЗР «РРРРММДД-NNNNN»; «» is fine."""
    if not text:
        return Checked("")
    if found := common(field, text):
        return Checked(None, (found,))
    value = re.sub(r"[\s‐‑–—]+", "-", tidy(text))
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
    match = _UNZR.fullmatch(value)
    if match is None:
        return Checked(
            None, (error(field, "shape", "УНЗР має вигляд РРРРММДД-NNNNN: 8 цифр, дефіс, 5 цифр."),)
        )
    try:
        told = datetime.datetime.strptime(match[1], "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        return Checked(
            None,
            (
                error(
                    field, "impossible_date", "Перші 8 цифр УНЗР — дата народження, а такої немає."
                ),
            ),
        )
    doubts = []
    if born_on is not None and told != born_on:
        doubts.append(
            warning(
                field,
                "other_birth_date",
                f"За УНЗР дата народження {show(told)}, а вказано {show(born_on)}.",
            )
        )
    if unzr_check_digit(match[1] + match[2][:4]) != int(match[2][4]):
        doubts.append(
            warning(field, "check_digit", "Остання цифра УНЗР не сходиться. Звірте з документом.")
        )
    return Checked(value, tuple(doubts))

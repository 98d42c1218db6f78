"""Codes of invented people and bodies: right check digits, in ranges that nobody living holds."""

from __future__ import annotations

import datetime

_LOW = (1, 2, 3, 4, 5, 6, 7)
_MIDDLE = (7, 1, 2, 3, 4, 5, 6)
_RNOKPP = (-1, 5, 7, 9, 4, 6, 10, 5, 7)
_DAY_ZERO = datetime.date(1899, 12, 31)
# Two letters of a certificate's series; the Roman number X is not issued (handbook M.2).
# fmt: off
SERIES_LETTERS = ("МИ", "АМ", "БК", "ВЛ", "ГЮ", "ЖД", "ЕД", "ІК", "КГ", "ЛЮ", "НО", "ОД", "ПЛ", "РВ", "СГ", "ТП", "ФК", "ХС", "ЧН", "ЮР")
# fmt: on
CERTIFICATES = 1_000_000 * len(SERIES_LETTERS)


def edrpou(serial: int) -> str:
    """The synthetic ЄДРПОУ number `serial` (0-99999): 99 and five digits with the check digit.

    Raises:
        ValueError: the serial does not fit in five digits.
    """
    if not 0 <= serial <= 99_999:
        raise ValueError(f"{serial}: a synthetic ЄДРПОУ has a serial of five digits")
    body = f"99{serial:05d}"
    return body + str(edrpou_check_digit(body))


def edrpou_check_digit(body: str) -> int:
    """The eighth digit of ЄДРПОУ by its first seven (handbook C.1)."""
    digits = [int(mark) for mark in body[:7]]
    weights = _MIDDLE if 3_000_000 <= int(body[:7]) < 6_000_000 else _LOW
    total = sum(map(int.__mul__, digits, weights)) % 11
    if total == 10:
        total = (
            sum(digit * (weight + 2) for digit, weight in zip(digits, weights, strict=True)) % 11
        )
    return total % 10


def rnokpp(born: datetime.date, sex: str, serial: int) -> str:
    """РНОКПП by birth, sex ("M", "F") and a serial 0-4999 of that day and sex (handbook C.2)."""
    fourth = serial * 2 + (sex == "M")
    body = f"{(born - _DAY_ZERO).days:05d}{fourth % 10_000:04d}"
    return body + str(sum(map(int.__mul__, _RNOKPP, map(int, body))) % 11 % 10)


def future_rnokpp(born: datetime.date, sex: str, serial: int) -> str:
    """A number of somebody born 80 years after `born`: valid, and nobody's."""
    return rnokpp(_years_later(born, 80), sex, serial)


def birth_certificate(index: int) -> tuple[str, str]:
    """Series and number of the `index`-th certificate: ("X-МИ", "004217"); unique up to 20 million.

    Neighbours get distant numbers, as in life; the series changes every million.
    """
    letters, number = divmod(index % CERTIFICATES, 1_000_000)
    return f"X-{SERIES_LETTERS[letters]}", f"{number * 387_427 % 1_000_000:06d}"


def phone(index: int) -> str:
    """A telephone of the fictitious range +380 00."""
    return f"+38000{index * 7_368_787 % 10_000_000:07d}"


def certificate_idp(index: int) -> str:
    """Number of a certificate of an internally displaced person: «7300-0000004217»."""
    return f"7300-{index % 10_000_000_000:010d}"


def _years_later(day: datetime.date, years: int) -> datetime.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)

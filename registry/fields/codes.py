"""Codes of legal entities: ЄДРПОУ (handbook C.1)."""

from __future__ import annotations

import re

_EIGHT = re.compile(r"[0-9]{8}")
_LOW = (1, 2, 3, 4, 5, 6, 7)
_MIDDLE = (7, 1, 2, 3, 4, 5, 6)


def edrpou_check_digit(first_seven: str, *, whole: str) -> int:
    """The eighth digit; `whole` (eight digits) decides which weights are used."""
    weights = _MIDDLE if 30_000_000 <= int(whole) <= 60_000_000 else _LOW
    digits = [int(mark) for mark in first_seven]
    total = sum(w * d for w, d in zip(weights, digits, strict=True)) % 11
    if total == 10:
        total = sum((w + 2) * d for w, d in zip(weights, digits, strict=True)) % 11
    return total % 10


def edrpou_is_valid(code: str) -> bool:
    """Eight digits with the right check digit and not all zeros."""
    return (
        _EIGHT.fullmatch(code) is not None
        and code != "00000000"
        and edrpou_check_digit(code[:7], whole=code) == int(code[7])
    )

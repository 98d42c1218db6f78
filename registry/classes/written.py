"""Names of classes as people write them: «1-А, 1-Б», «5-А…В», a pasted column."""

from __future__ import annotations

import re

from kernel.errors import Problem
from kernel.text import clean, cyrillic, hyphens
from registry.fields import labels

_RANGE = re.compile(r"(\d{1,2})\s*-?\s*([А-ЯҐЄІЇ])\s*(?:-|…|\.\.\.?)\s*([А-ЯҐЄІЇ])", re.IGNORECASE)
_RUN = re.compile(r"(\d{1,2})\s*-?\s*([А-ЯҐЄІЇ]{2,8})", re.IGNORECASE)

# Letters of parallel classes as schools give them: no Ґ, Є, І, Ї, Й, Ь between.
_LETTERS = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЮЯ"


def read_labels(text: str) -> tuple[list[tuple[int, str]], list[Problem]]:
    """Read «1-А, 1-Б, 2-А» or a pasted column; «5-А…В» and «5-АБВ» open several letters, «10-ФМ»,
    whose letters do not follow each other, is one class.

    Returns (grade, letter) in the order written, and every problem.
    """
    found: list[tuple[int, str]] = []
    problems: list[Problem] = []
    for part in re.split(r"[,;\n\t]+", clean_lines(text)):
        part = part.strip()
        if not part:
            continue
        read = _several(part) or [labels.parse(part)]
        for one in read:
            if one is None or not 0 <= one[0] <= 13:
                problems.append(
                    Problem("labels", "class_label", f"«{part}» не схоже на назву класу, як-от 5-А")
                )
            elif one in found:
                problems.append(
                    Problem("labels", "class_twice", f"{part}: цей клас написано двічі")
                )
            else:
                found.append(one)
    return found, problems


def clean_lines(text: str) -> str:
    """Each line in one spelling of spaces and apostrophes; line ends stay."""
    return "\n".join(clean(line) for line in text.replace("\x00", "").splitlines())


def _several(part: str) -> list[tuple[int, str] | None] | None:
    part = cyrillic(hyphens(part).upper())
    if match := _RANGE.fullmatch(part):
        grade, first, last = int(match[1]), match[2], match[3]
        if first in _LETTERS and last in _LETTERS and _LETTERS.index(first) < _LETTERS.index(last):
            run = _LETTERS[_LETTERS.index(first) : _LETTERS.index(last) + 1]
            return [(grade, letter) for letter in run]
    if (match := _RUN.fullmatch(part)) and match[2] in _LETTERS:
        return [(int(match[1]), letter) for letter in match[2]]
    return None

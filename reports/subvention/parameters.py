"""Sets of the formula's parameters as people write them: lines of text read into kept values.

A set is dated and never edited: another set replaces it from its day on, so a sum of yesterday is
computed again by what it was computed by. The tables of РНК and of other pedagogical rates that a
new set begins with are those of handbook G.2 (data/*.csv, from the act).
"""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from kernel.errors import Invalid, Problem
from kernel.tables import dates
from reports.subvention.formula import Band, Cell, Interval, Parameters, Support, Threshold

DATA = Path(__file__).parent / "data"
MOST_LINES = 400
# Numbers of the fields: what is told when one is not there.
NUMBERS = {
    "salary": "Заробітна плата на ставку, грн на місяць",
    "months": "Місяців на рік",
    "charges": "Нарахування, відсотків",
    "rate_hours": "Годин на ставку",
}
TABLES = {
    "bands": ("Тижневі години на клас", "паралель від; до; годин"),
    "shares": ("Коефіцієнт року", "дата початку дії; коефіцієнт"),
    "thresholds": ("Найменша кількість учнів", "дата; паралель від; до; учнів"),
    "sizes": (
        "Розрахункова наповнюваність класів",
        "щільність від; до; сільське населення від, %; до, %; РНК",
    ),
    "support": ("Інші педагогічні ставки на клас", "сільське населення від, %; до, %; ставок"),
}
# Types of institutions that no threshold concerns (handbook G.1: початкові, спеціальні, НРЦ).
EXEMPT = ("PRIMARY", "SCHOOL_I", "SPECIAL", "NRC")
Line = list[str]


class _Wrong(ValueError):
    pass


def number(text: str) -> Fraction:
    """A number not below zero, with a comma or a point and blanks between thousands."""
    plain = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".")
    if not re.fullmatch(r"\d{1,12}(\.\d{1,6})?", plain):
        raise _Wrong(f"«{text}» не число")
    return Fraction(plain)


def _whole(text: str, most: int) -> int:
    value = number(text)
    if value.denominator != 1 or value > most:
        raise _Wrong(f"«{text}» не ціле число до {most}")
    return int(value)


def _day(text: str) -> datetime.date:
    found = dates.parse("day", text).value
    if found is None:
        raise _Wrong(f"«{text}» не дата (дд.мм.рррр)")
    return found


def _interval(start: str, end: str) -> Interval:
    first = number(start)
    last = number(end) if end.strip() else None
    if last is not None and last < first:
        raise _Wrong(f"«{end}» менше за «{start}»")
    return Interval(first, last)


def _band(line: Line) -> Band:
    first, last = (_whole(text, 12) for text in line[:2])
    if last < first:
        raise _Wrong(f"паралель «{line[1]}» менша за «{line[0]}»")
    return Band(first, last, number(line[2]))


def _threshold(line: Line) -> Threshold:
    first, last = (_whole(text, 12) for text in line[1:3])
    return Threshold(_day(line[0]), first, last, _whole(line[3], 10_000))


def _cell(line: Line) -> Cell:
    size = number(line[4])
    if not size:
        raise _Wrong("РНК не може бути нулем")
    return Cell(_interval(line[0], line[1]), _interval(line[2], line[3]), size)


_READ: dict[str, tuple[int, Callable[[Line], Any]]] = {
    "bands": (3, _band),
    "shares": (2, lambda line: (_day(line[0]), number(line[1]))),
    "thresholds": (4, _threshold),
    "sizes": (5, _cell),
    "support": (3, lambda line: Support(_interval(line[0], line[1]), number(line[2]))),
}


def _lines(text: str) -> Iterator[tuple[int, Line]]:
    for place, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield place, [cell.strip() for cell in re.split(r"[;\t]", line)]


def read(values: Mapping[str, str]) -> Parameters:
    """Parameters of the texts of a set: numbers of NUMBERS, tables of TABLES with a row a line.

    Raises:
        Invalid: every number that is none and every line that cannot be read, with its place.
    """
    problems: list[Problem] = []
    numbers: dict[str, Fraction] = {}
    for name, title in NUMBERS.items():
        try:
            numbers[name] = number(values.get(name, ""))
        except _Wrong as wrong:
            problems.append(Problem(name, "not_a_number", f"{title}: {wrong}"))
    problems += [
        Problem(name, "zero", f"{NUMBERS[name]}: не може бути нулем")
        for name in ("rate_hours", "months")
        if name in numbers and not numbers[name]
    ]
    tables: dict[str, list[Any]] = {name: [] for name in TABLES}
    for name, (width, made) in _READ.items():
        told = [*_table(name, values.get(name, ""), width, made, tables[name])]
        problems += [Problem(name, "bad_line", one) for one in told]
    problems += [Problem("bands", "twice", one) for one in _overlapping(tables["bands"])]
    if "months" in numbers and numbers["months"].denominator != 1:
        problems.append(Problem("months", "not_whole", "Місяців на рік: потрібне ціле число"))
    if problems:
        raise Invalid(problems)
    return Parameters(
        salary=numbers["salary"],
        months=int(numbers["months"]),
        charges=numbers["charges"],
        rate_hours=numbers["rate_hours"],
        bands=tuple(tables["bands"]),
        sizes=tuple(tables["sizes"]),
        support=tuple(tables["support"]),
        shares=tuple(sorted(tables["shares"])),
        thresholds=tuple(tables["thresholds"]),
        exempt=frozenset(EXEMPT),
    )


def _table(
    name: str, text: str, width: int, made: Callable[[Line], Any], into: list[Any]
) -> Iterator[str]:
    title, heads = TABLES[name]
    lines = list(_lines(text))
    if not lines and name != "thresholds":
        yield f"{title}: таблиця порожня"
    if len(lines) > MOST_LINES:
        yield f"{title}: понад {MOST_LINES} рядків"
        return
    for place, line in lines:
        try:
            if len(line) != width:
                raise _Wrong(f"потрібно {width} значень через крапку з комою ({heads})")
            into.append(made(line))
        except _Wrong as wrong:
            yield f"{title}, рядок {place}: {wrong}"


def _overlapping(bands: list[Band]) -> Iterator[str]:
    for n, band in enumerate(bands):
        for other in bands[:n]:
            if band.first <= other.last and other.first <= band.last:
                yield f"Тижневі години на клас: паралелі {band.title} і {other.title} перетинаються"


@cache
def beginning() -> dict[str, str]:
    """What a new set begins with: tables of the act; the salary and the year's share are in no source
    we have, so they are left to the act."""
    return {
        "months": "12",
        "charges": "22",
        "rate_hours": "18",
        "bands": "1; 4; 25\n5; 9; 34,4\n10; 12; 38",
        "shares": "",
        "thresholds": (
            "01.09.2025; 1; 12; 45\n"
            "01.09.2026; 1; 12; 60\n01.09.2026; 1; 11; 55\n"
            "01.09.2026; 1; 9; 45\n01.09.2026; 5; 12; 45"
        ),
        "sizes": _shown("rnk_matrix.csv"),
        "support": _shown("nonteacher_coeff.csv"),
    }


def _shown(name: str) -> str:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    if name == "nonteacher_coeff.csv":
        rows[-1][1] = ""  # the last interval has its end, 100 %, within
    return "\n".join("; ".join(cell.replace(".", ",") for cell in row) for row in rows)

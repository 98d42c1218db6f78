"""Territories of budgets: read from copied rows, and kept as steps beside what was reckoned."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel.errors import Invalid, Problem
from kernel.tables import reading
from kernel.text import code
from reports.subvention.formula import BandStep, Place, Reckoned
from reports.subvention.parameters import number

BUDGETS = (UnitKind.OBLAST, UnitKind.RAION, UnitKind.HROMADA, UnitKind.CITY)
HEADS = "ЄДРПОУ органу; площа, км²; частка сільського населення, %; окрема РНК (якщо є)"
MOST_AREA = 10_000_000


@dataclasses.dataclass(frozen=True)
class Row:
    """What one row says of a budget."""

    unit: int
    area: Decimal
    rural: Decimal
    size: Decimal | None


def decimal(value: Fraction, digits: int = 6) -> Decimal:
    """A fraction to so many digits after the point, without idle zeros."""
    scaled = Decimal(value.numerator) / Decimal(value.denominator)
    return round(scaled, digits).normalize() + 0


def read(text: str) -> list[Row]:
    """Rows copied from a table, with or without a head.

    Raises:
        Invalid: every row that cannot be taken, at once.
    """
    try:
        table = [[*line] for line in reading.read_pasted(text)]
    except reading.UnreadableTable as unread:
        raise Invalid([Problem("text", unread.code, unread.detail)]) from None
    rows = [(n, [cell.strip() for cell in line]) for n, line in enumerate(table, 1)]
    rows = [(n, [code(line[0]) or line[0], *line[1:]]) for n, line in rows if any(line)]
    if rows and not any(sign.isdigit() for sign in rows[0][1][0]):
        rows = rows[1:]
    units = _units(line[0] for _, line in rows if line)
    told, problems, seen = [], [], dict[int, int]()
    for place, line in rows:
        wrong, row = _row(line, units)
        if row is not None and row.unit in seen:
            wrong = f"той самий орган, що в рядку {seen[row.unit]}"
        if wrong or row is None:
            problems.append(Problem("text", "bad_row", f"Рядок {place}: {wrong}"))
            continue
        seen[row.unit] = place
        told.append(row)
    if not told and not problems:
        problems.append(Problem("text", "empty", f"Вставте рядки: {HEADS}"))
    if problems:
        raise Invalid(problems)
    return told


def _units(codes: Any) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for edrpou, pk in OrgUnit.objects.filter(
        edrpou__in=list({*codes}), kind__in=BUDGETS, is_active=True
    ).values_list("edrpou", "pk"):
        found.setdefault(str(edrpou), []).append(pk)
    return found


def _row(line: list[str], units: Mapping[str, list[int]]) -> tuple[str, Row | None]:
    if not len([*line]) >= 3 or any(line[4:]):
        return f"потрібно три або чотири стовпці ({HEADS})", None
    here = units.get(line[0], [])
    if len(here) != 1:
        many = "кілька органів мають цей код" if here else "органу управління з таким ЄДРПОУ немає"
        return f"«{line[0]}»: {many}", None
    try:
        area, rural = number(line[1]), number(line[2].removesuffix("%"))
        size = number(line[3]) if len(line) > 3 and line[3] else None
    except ValueError as wrong:
        return str(wrong), None
    if not 0 < area < MOST_AREA:
        return f"«{line[1]}»: площа має бути більшою за нуль", None
    if rural > 100:
        return f"«{line[2]}»: частка не може перевищувати 100 %", None
    if size is not None and not 0 < size < 1000:
        return f"«{line[3]}»: РНК має бути від 0,1 до 999", None
    return "", Row(
        here[0],
        round(decimal(area), 2),
        round(decimal(rural), 2),
        None if size is None else round(decimal(size), 1),
    )


def steps(one: Reckoned, ground: Place) -> dict[str, Any]:
    """Everything between pupils and the sum, as it is kept: numbers as texts, so that none is rounded
    by a reader."""

    def told(value: Fraction | None) -> str | None:
        return None if value is None else str(decimal(value))

    def band(step: BandStep) -> dict[str, Any]:
        return {
            "title": step.title,
            "pupils": step.pupils,
            "classes": told(step.classes),
            "hours": told(step.hours),
            "rates": told(step.rates),
        }

    return {
        "eligible": one.eligible,
        "area": told(ground.area),
        "rural": told(ground.rural),
        "named_size": told(ground.size),
        "density": told(one.density),
        "size": told(one.size),
        "bands": [band(step) for step in one.bands],
        "teachers": told(one.teachers),
        "support_rate": told(one.support_rate),
        "support": told(one.support),
        "rates": told(one.rates),
        "yearly": told(one.yearly),
        "share": told(one.share),
        "missing": list(one.missing),
    }


def of_steps(kept: Mapping[str, Any]) -> Place:
    """The territory as a kept computation had it."""

    def read_back(name: str) -> Fraction | None:
        return None if kept[name] is None else Fraction(kept[name])

    return Place(read_back("area"), read_back("rural"), read_back("named_size"))

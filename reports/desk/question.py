"""A question to the desk: what an address asks, checked word by word before anything is counted."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from accounts.models import OrgUnit
from accounts.roles import UnitKind
from reports.desk import errors
from reports.desk.measures import Measure, coded, measures, title_of

AREAS = {"oblast": "O", "raion": "R", "hromada": "H", "school": "U"}
AREA_TITLES = {
    "oblast": "Області",
    "raion": "Райони",
    "hromada": "Громади",
    "school": "Заклади",
}
TIME = "time"
CHARTS = ("bars", "line", "pyramid", "map")
MOST_CONDITIONS = 3
_BELOW: Mapping[str, tuple[str, ...]] = {
    UnitKind.OWNER: ("oblast", "raion", "hromada"),
    UnitKind.OBLAST: ("raion", "hromada", "school"),
    UnitKind.RAION: ("hromada", "school"),
    UnitKind.HROMADA: ("school",),
    UnitKind.CITY: ("school",),
}
_COLUMN = {
    UnitKind.OBLAST: ("O", "oblast_id"),
    UnitKind.RAION: ("R", "raion_id"),
    UnitKind.HROMADA: ("H", "hromada_id"),
    UnitKind.CITY: ("H", "hromada_id"),
}


@dataclasses.dataclass(frozen=True)
class Question:
    """What is asked, whole and sound."""

    measure: Measure
    area: OrgUnit
    rows: str
    cols: str = ""
    only: tuple[tuple[str, int], ...] = ()
    day: datetime.date | None = None
    chart: str = ""

    @property
    def level(self) -> str:
        """Whose kept sums answer it."""
        if self.rows in AREAS:
            return AREAS[self.rows]
        found = _COLUMN.get(UnitKind(self.area.kind))
        return found[0] if found else "C"

    @property
    def narrowed(self) -> tuple[str, int] | None:
        """The column of the territory and its node; None of the country."""
        found = _COLUMN.get(UnitKind(self.area.kind))
        return (found[1], self.area.pk) if found else None


def rows_of(measure: Measure, area: OrgUnit) -> list[tuple[str, str]]:
    """What may stand in rows: territories below, fields, days."""
    levels = _BELOW.get(UnitKind(area.kind), ())
    if measure.cube == "coverage":
        levels = tuple(level for level in levels if level != "school")
    return [
        *((level, AREA_TITLES[level]) for level in levels),
        *((name, title_of(name)) for name in measure.breakdowns),
        (TIME, "Дні"),
    ]


def cols_of(measure: Measure) -> list[tuple[str, str]]:
    """What may stand in columns."""
    fields = measure.kept.of.fields
    return [(name, title_of(name)) for name in measure.breakdowns if fields[name].kind != "unit"]


def asked(given: Mapping[str, Any], area: OrgUnit) -> Question:
    """A question of typed parameters (m, rows, cols, only, day, chart).

    Raises:
        QuestionWrong: with everything that does not go together, in words.
    """
    measure = measures().get(given.get("m") or "pupils")
    if measure is None:
        raise errors.QuestionWrong(f"Показника «{given['m']}» немає.", field="m")
    wrong: list[tuple[str, str]] = []
    rows = given.get("rows") or rows_of(measure, area)[0][0]
    cols = given.get("cols") or ""
    if rows not in dict(rows_of(measure, area)):
        wrong.append(("rows", _why(measure, rows, area)))
    if cols and cols not in dict(cols_of(measure)):
        wrong.append(("cols", _why(measure, cols, area)))
    elif cols and cols == rows:
        wrong.append(
            ("cols", f"«{title_of(cols)}» вже стоїть у рядках: виберіть для стовпців інше.")
        )
    only = []
    for one in filter(None, (given.get("only") or "").split(",")):
        name, _, code = one.partition(".")
        kept = coded(measure.kept, name, code) if name in measure.breakdowns else None
        if name not in measure.breakdowns:
            wrong.append(("only", _why(measure, name, area)))
        elif kept is None:
            wrong.append(("only", f"«{title_of(name)}» не має значення «{code}»."))
        else:
            only.append((name, kept))
    if len(only) > MOST_CONDITIONS:
        wrong.append(("only", f"Умов може бути не більше ніж {MOST_CONDITIONS}."))
    if wrong:
        raise errors.QuestionWrong(" ".join(text for _, text in wrong), field=wrong[0][0])
    chart = given.get("chart") or ""
    question = Question(measure, area, rows, cols, tuple(sorted(set(only))), given.get("day"), "")
    charts = charts_of(question)
    if chart and chart not in charts:
        why = _NO_CHART.get(chart, f"Діаграми «{chart[:40]}» немає.")
        raise errors.QuestionWrong(why, field="chart")
    return dataclasses.replace(question, chart=chart or charts[0])


_NO_CHART = {
    "map": "Карта показує території: поставте в рядки області, райони або громади.",
    "line": "Лінія показує зміни за днями: поставте в рядки «Дні».",
    "pyramid": "Піраміда потребує віку в рядках і статі у стовпцях.",
    "bars": "Стовпчики не показують змін за днями: виберіть лінію.",
}


def charts_of(question: Question) -> list[str]:
    """Drawings that fit, the best first."""
    if question.rows == TIME:
        return ["line"]
    if question.rows in {"age", "age_band"} and question.cols == "sex":
        return ["pyramid", "bars"]
    if question.rows in AREAS and question.rows != "school":
        return ["map", "bars"]
    return ["bars"]


def _why(measure: Measure, name: str, area: OrgUnit) -> str:
    """Why a word does not go with a measure or a territory."""
    if name in AREAS:
        return (
            f"«{AREA_TITLES[name]}» не стоять у рядках для «{area.name}»: "
            "виберіть територію вище або рівень нижче."
        )
    if name == TIME:
        return "«Дні» бувають лише в рядках."
    if name in measure.without:
        return f"«{measure.title}» не ділять за ознакою «{title_of(name)}»: {measure.why}."
    try:
        title = title_of(name)
    except KeyError:
        return f"Ознаки «{name[:40]}» немає."
    if name in measure.kept.by:
        return f"«{title}» буває лише в рядках."
    there = ", ".join(title_of(one) for one in measure.breakdowns)
    return f"«{measure.title}» не має ознаки «{title}». Можна: {there}."

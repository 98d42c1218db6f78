"""An answer as a file: XLSX, CSV, ODS, PDF/A, and JSON-stat 2.0 for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from kernel import clock
from kernel.tables import dates
from kernel.tables.opendocument import MIME, opendocument
from kernel.tables.writing import Column, Sheet, Value, delimited, workbook
from kernel.ui.helpers import number
from kernel.ui.pages import XLSX
from registry.orders.papers import drawn
from reports.desk.measures import said, title_of
from reports.desk.question import AREA_TITLES, AREAS, TIME
from reports.desk.selectors import Answer
from reports.desk.telling import HIDDEN, Told

KINDS = {
    "xlsx": XLSX,
    "csv": "text/csv; charset=utf-8",
    "ods": MIME,
    "pdf": "application/pdf",
    "json": "application/json",
}
_PAPER = Path(__file__).with_name("paper.typ")
ROUNDED = (
    "Показники, за якими стоїть менше ніж 5 людей, і ті, з яких їх можна вирахувати, замінено на «…»; "
    "решту показників про людей округлено до 5, тому сума рядків може відрізнятися від підсумку."
)


def composed(answer: Answer, kind: str) -> bytes:
    """The bytes of an answer in one of `KINDS`."""
    if kind == "xlsx":
        return workbook(sheet(answer), made=answer.made.finished_at)
    if kind == "csv":
        table = sheet(answer)
        with delimited(table.columns, table.rows) as out:
            return out.read()
    if kind == "ods":
        return opendocument(sheet(answer))
    return paper(answer) if kind == "pdf" else json_stat(answer)


def title(answer: Answer) -> str:
    """The measure with what it is split by."""
    question = answer.question
    by = [rows_title(answer)]
    if question.cols:
        by.append(title_of(question.cols))
    return f"{question.measure.title}, {question.measure.unit}: {', '.join(by).lower()}"


def rows_title(answer: Answer) -> str:
    """What stands in rows."""
    rows = answer.question.rows
    return "Дні" if rows == TIME else AREA_TITLES[rows] if rows in AREAS else title_of(rows)


def conditions(answer: Answer) -> list[str]:
    """What narrows the question, in words."""
    cube = answer.question.measure.kept
    return [f"{title_of(name)}: {said(cube, name, code)}" for name, code in answer.question.only]


def about(answer: Answer) -> list[str]:
    """Lines above the table: of whom, as of when, known when, by which method, what is rounded."""
    question = answer.question
    made = answer.made
    known = dates.show(clock.day_of(made.finished_at)) if made.finished_at else ""
    days = (
        f"Станом на {dates.show(made.day)}"
        if question.rows != TIME
        else f"До {dates.show(made.day)}"
    )
    lines = [f"{question.area.name}. {days}, за відомостями реєстру на {known}."]
    if narrowed := conditions(answer):
        lines.append(f"Лише {'; '.join(narrowed)}.")
    if question.measure.note:
        lines.append(question.measure.note)
    if question.measure.people:
        lines.append(ROUNDED)
    return lines


def heads(answer: Answer) -> list[str]:
    """Heads of the columns after the first."""
    if not answer.columns:
        return [answer.question.measure.title]
    return [*answer.columns, "Разом"]


def sheet(answer: Answer) -> Sheet:
    """The table as a spreadsheet has it."""
    lines = [*answer.lines, *([answer.total] if answer.total else [])]
    return Sheet(
        "Показники",
        [
            Column(rows_title(answer), width=48, wrap=True),
            *(Column(head, width=14, wrap=True) for head in heads(answer)),
        ],
        [[line.label, *(_plain(one) for one in (*line.values, line.total))] for line in lines],
        above=(title(answer), *about(answer)),
        frozen_columns=1,
        grid=True,
        landscape=True,
    )


def _plain(value: Told) -> Value:
    return "…" if value == HIDDEN else "—" if value is None else value


def _said(value: Told) -> str:
    plain = _plain(value)
    if isinstance(plain, int | float):
        return number(plain, 0 if float(plain).is_integer() else 1)
    return str(plain)


def paper(answer: Answer) -> bytes:
    """The table as PDF/A-2a, for the eye and for the archive; the same bytes every time."""
    table = sheet(answer)
    data = {
        "title": title(answer),
        "about": about(answer),
        "author": answer.question.area.name,
        "columns": [column.heading for column in table.columns],
        "rows": [
            [line.label, *(_said(one) for one in (*line.values, line.total))]
            for line in (*answer.lines, *([answer.total] if answer.total else []))
        ],
    }
    when = answer.made.finished_at or answer.made.created_at
    return drawn(data, when, template=_PAPER)


def json_stat(answer: Answer) -> bytes:
    """JSON-stat 2.0 (json-stat.org): one dataset; what is kept back has the status «c», confidential."""
    question = answer.question
    rows = [(str(place), line.label) for place, line in enumerate(answer.lines)]
    cols = [(str(place), column) for place, column in enumerate(answer.columns)]
    values: list[float | int | None] = []
    status: dict[str, str] = {}
    for line in answer.lines:
        for one in line.values if cols else (line.total,):
            if isinstance(one, str):
                status[str(len(values))] = "c"
            values.append(None if isinstance(one, str) else one)
    made = answer.made
    told: dict[str, Any] = {
        "version": "2.0",
        "class": "dataset",
        "label": title(answer),
        "source": "АІКОМ",
        "updated": (made.finished_at or made.created_at).isoformat(),
        "note": about(answer),
        "id": ["rows", "cols"] if cols else ["rows"],
        "size": [len(rows), len(cols)] if cols else [len(rows)],
        "dimension": {
            "rows": _dimension(rows_title(answer), rows),
            **({"cols": _dimension(title_of(question.cols), cols)} if cols else {}),
        },
        "value": values,
        "status": status,
        "extension": {"day": made.day.isoformat(), "unit": question.measure.unit},
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def _dimension(label: str, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "label": label,
        "category": {"index": [code for code, _ in pairs], "label": dict(pairs)},
    }

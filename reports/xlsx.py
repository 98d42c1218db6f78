"""The form as a workbook: the node's table on the first sheet, its parts on the second."""

from __future__ import annotations

from kernel import clock
from kernel.tables.writing import Column, Sheet, Value
from kernel.tables.writing import workbook as written
from kernel.text import sort_key
from reports.models import ReportRun
from reports.selectors.figures import Child, Figures, is_ahead


def workbook(run: ReportRun, name: str, figures: Figures, parts: list[Child]) -> bytes:
    """Return the XLSX file's bytes, the same whenever it is asked for. Text is written as text."""
    form = figures.form
    ahead = " (попередньо)" if is_ahead(run) else ""
    done = clock.local(run.finished_at or run.created_at)
    absent = sorted(
        {line.absent for line in (*form.rows, *form.columns) if line.absent}, key=sort_key
    )
    table = Sheet(
        "Показники",
        [
            Column("Рядок", width=8),
            Column("Показник", width=58, wrap=True),
            *(Column(column.title, width=10) for column in form.columns),
        ],
        [
            [
                row.code,
                row.title,
                *(
                    _value(value, hundredths=form.is_sum(row, column))
                    for column, value in zip(form.columns, values, strict=True)
                ),
            ]
            for row, values in zip(form.rows, figures.values, strict=True)
        ],
        above=(
            form.name,
            f"{name}. Станом на {run.as_of:%d.%m.%Y}{ahead}. {form.act}.",
            f"Сформовано {done:%d.%m.%Y %H:%M} за даними реєстру.",
            *([f"«—»: реєстр ще не веде: {', '.join(absent)}."] if absent else []),
        ),
        frozen_columns=2,
        grid=True,
        landscape=True,
    )
    below = Sheet(
        "Підпорядковані",
        [
            Column("Орган управління або заклад", width=70, wrap=True),
            Column("ЄДРПОУ", width=14),
            *(Column(headline.title, width=14) for headline in form.headlines),
        ],
        [
            [
                part.unit.name,
                part.unit.edrpou or "",
                *(
                    _value(value, hundredths=form.is_sum_of(headline.row, headline.column))
                    for headline, value in zip(form.headlines, part.headlines, strict=True)
                ),
            ]
            for part in parts
        ],
        grid=True,
    )
    return written(*([table, below] if parts else [table]), made=run.finished_at)


def _value(value: int | None, *, hundredths: bool) -> Value:
    if value is None:
        return "—"
    return value / 100 if hundredths else value

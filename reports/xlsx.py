"""The form as a workbook: the node's table on the first sheet, its parts on the second."""

from __future__ import annotations

from kernel.tables.writing import Column, Sheet
from kernel.tables.writing import workbook as written
from reports.models import ReportRun
from reports.selectors.figures import Child, Figures


def workbook(run: ReportRun, name: str, figures: Figures, parts: list[Child]) -> bytes:
    """Return the XLSX file's bytes. Text is written as text: a name like «=1+1» never computes."""
    form = figures.form
    table = Sheet(
        "Показники",
        [
            Column("Рядок", width=8),
            Column("Показник", width=58, wrap=True),
            *(Column(column.title, width=10) for column in form.columns),
        ],
        [
            [row.code, row.title, *values]
            for row, values in zip(form.rows, figures.values, strict=True)
        ],
        above=(
            f"{form.title}. {form.section}",
            f"{name}. Станом на {run.as_of:%d.%m.%Y}. {form.act}.",
            f"Сформовано {run.finished_at:%d.%m.%Y %H:%M} UTC з профілів закладів і здобувачів освіти.",
        ),
        frozen_columns=2,
        grid=True,
        landscape=True,
    )
    below = Sheet(
        "Підпорядковані",
        [
            Column("Орган управління або заклад", width=70, wrap=True),
            *(Column(heading, width=14) for heading in ("ЄДРПОУ", "Класів", "Учнів")),
        ],
        [[part.unit.name, part.unit.edrpou or "", part.classes, part.pupils] for part in parts],
        grid=True,
    )
    return written(table, below) if parts else written(table)

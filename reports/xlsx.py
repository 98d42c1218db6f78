"""The form as a workbook: the node's table on the first sheet, its parts on the second."""

from __future__ import annotations

import io

import xlsxwriter

from reports.models import ReportRun
from reports.selectors.figures import Child, Figures


def workbook(run: ReportRun, name: str, figures: Figures, parts: list[Child]) -> bytes:
    """Return the XLSX file's bytes. Text is written as text: a name like «=1+1» never computes."""
    form = figures.form
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#ECEDFA"}
    )
    text = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    number = book.add_format({"num_format": "# ##0", "border": 1})
    title = book.add_format({"bold": True, "font_size": 14})
    sheet = book.add_worksheet("Показники")
    sheet.write_string(0, 0, f"{form.title}. {form.section}", title)
    sheet.write_string(1, 0, f"{name}. Станом на {run.as_of:%d.%m.%Y}. {form.act}.")
    sheet.write_string(
        2,
        0,
        f"Сформовано {run.finished_at:%d.%m.%Y %H:%M} UTC з профілів закладів і здобувачів освіти.",
    )
    for at, heading in enumerate(["Рядок", "Показник", *(c.title for c in form.columns)]):
        sheet.write_string(4, at, heading, head)
    for down, (row, values) in enumerate(zip(form.rows, figures.values, strict=True), start=5):
        sheet.write_string(down, 0, row.code, text)
        sheet.write_string(down, 1, row.title, text)
        for at, value in enumerate(values, start=2):
            sheet.write_number(down, at, value, number)
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 58)
    sheet.set_column(2, 1 + len(form.columns), 10)
    sheet.freeze_panes(5, 2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    if parts:
        second = book.add_worksheet("Підпорядковані")
        for at, heading in enumerate(["Орган управління або заклад", "ЄДРПОУ", "Класів", "Учнів"]):
            second.write_string(0, at, heading, head)
        for down, part in enumerate(parts, start=1):
            second.write_string(down, 0, part.unit.name, text)
            second.write_string(down, 1, part.unit.edrpou or "", text)
            second.write_number(down, 2, part.classes, number)
            second.write_number(down, 3, part.pupils, number)
        second.set_column(0, 0, 70)
        second.set_column(1, 3, 14)
        second.freeze_panes(1, 0)
    book.close()
    return out.getvalue()

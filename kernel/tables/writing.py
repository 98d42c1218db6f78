"""Writing a workbook: tables with headings, one way for every page and report.

Text is written as text: a name like «=1+1» never computes and an address never becomes a link.
Numbers are numbers, so that people can sum them.
"""

from __future__ import annotations

import dataclasses
import datetime
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

Value = str | int | float | None  # a float is shown with two decimals


@dataclasses.dataclass(frozen=True)
class Column:
    """A heading, how wide it stands, what its comment says, and whether its text wraps."""

    heading: str
    width: int = 16
    note: str = ""
    wrap: bool = False


@dataclasses.dataclass(frozen=True)
class Sheet:
    """A table: lines above it (the first is the title), its columns, its rows."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]] = ()
    above: Sequence[str] = ()
    frozen_columns: int = 0
    grid: bool = False  # borders, for a form that is printed
    landscape: bool = False


def workbook(*sheets: Sheet, made: datetime.datetime | None = None) -> bytes:
    """The XLSX file's bytes; `made` fixes its date where the same bytes must come out again."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    if made is not None:
        book.set_properties({"created": made})
    for sheet in sheets:
        _write(book, sheet)
    book.close()
    return out.getvalue()


def _write(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    border = {"border": 1} if sheet.grid else {}
    head = book.add_format(
        {"bold": True, "bg_color": "#ECEDFA", "border": 1, "text_wrap": sheet.grid, "valign": "top"}
    )
    # «@» keeps what a person types below as text: a certificate 010443 does not lose its zero.
    text = book.add_format({"num_format": "@", "valign": "top", **border})
    wrapped = book.add_format({"text_wrap": True, "valign": "top", **border})
    number = book.add_format({"num_format": "# ##0", "valign": "top", **border})
    decimal = book.add_format({"num_format": "# ##0.00", "valign": "top", **border})
    title = book.add_format({"bold": True, "font_size": 14})
    page = book.add_worksheet(sheet.name)
    for down, line in enumerate(sheet.above):
        page.write_string(down, 0, line, title if down == 0 else None)
    top = len(sheet.above) + (1 if sheet.above else 0)
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width, None if sheet.grid else text)
        page.write_string(top, at, column.heading, head)
        if column.note:
            page.write_comment(top, at, column.note)
    down = top
    for down, row in enumerate(sheet.rows, start=top + 1):
        for at, value in enumerate(row):
            if isinstance(value, int | float):
                page.write_number(down, at, value, number if isinstance(value, int) else decimal)
            elif value or sheet.grid:
                wrap = sheet.columns[at].wrap
                page.write_string(down, at, value or "", wrapped if wrap else text)
    if down > top and not sheet.grid:
        page.autofilter(top, 0, down, len(sheet.columns) - 1)
    page.freeze_panes(top + 1, sheet.frozen_columns)
    if sheet.landscape:
        page.set_landscape()
        page.fit_to_pages(1, 0)

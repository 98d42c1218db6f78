"""Writing tables with headings, as a workbook or as CSV: one way for every page and report.

Text is written as text: a name like «=1+1» never computes and an address never becomes a link.
Numbers are numbers, so that people can sum them, and days are days.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import io
import tempfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import IO, cast

import xlsxwriter
from django.utils import timezone

from kernel import clock

# A float or a decimal is shown with two decimals; a datetime is told in the time of Kyiv.
Plain = str | int | float | Decimal | datetime.date | datetime.datetime
Value = Plain | None


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
    _book(out, sheets, made, in_memory=True)
    return out.getvalue()


def streamed(*sheets: Sheet) -> IO[bytes]:
    """The XLSX file on the disk, written row by row: a long table takes the memory of one row."""
    out = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115 - closed by whoever sends it
    _book(out, sheets, None, constant_memory=True)
    out.seek(0)
    return out


def _book(
    out: IO[bytes], sheets: Sequence[Sheet], made: datetime.datetime | None, **how: bool
) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, **how}
    book = xlsxwriter.Workbook(out, options)
    if made is not None:
        book.set_properties({"created": made})
    for sheet in sheets:
        _write(book, sheet)
    book.close()


# What begins a formula in a spreadsheet, full-width signs too (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def delimited(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> IO[bytes]:
    """CSV on the disk as Ukrainian Excel opens it: a mark of UTF-8, «;», decimals with a comma.

    Text that would begin a formula has an apostrophe before it, which spreadsheets take for «this is
    text».
    """
    out = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115 - closed by whoever sends it
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    table = csv.writer(text, delimiter=";", lineterminator="\r\n")
    table.writerow([_inert(column.heading) for column in columns])
    for row in rows:
        table.writerow([_told(value) for value in row])
    text.detach()
    out.seek(0)
    return out


def _told(value: Value) -> str | int:
    if value is None:
        return ""
    if isinstance(value, str):
        return _inert(value)
    if isinstance(value, datetime.datetime):
        return f"{_local(value):%d.%m.%Y %H:%M}"
    if isinstance(value, datetime.date):
        return f"{value:%d.%m.%Y}"
    return value if isinstance(value, int) else f"{value:.2f}".replace(".", ",")


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _local(moment: datetime.datetime) -> datetime.datetime:
    """In the time of Kyiv, without its zone, as a spreadsheet holds it."""
    return clock.local(moment).replace(tzinfo=None) if timezone.is_aware(moment) else moment


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
    day = book.add_format({"num_format": "dd.mm.yyyy", "valign": "top", "align": "left", **border})
    hour = book.add_format({"num_format": "dd.mm.yyyy hh:mm", "valign": "top", "align": "left"})
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
            if isinstance(value, datetime.datetime):
                page.write_datetime(down, at, _local(value), hour)
            elif isinstance(value, datetime.date):
                page.write_datetime(
                    down, at, datetime.datetime.combine(value, datetime.time()), day
                )
            elif isinstance(value, int | float | Decimal):
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

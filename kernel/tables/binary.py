"""Books of Excel 97–2003 (XLS): walked over record by record ([MS-XLS] 2.4), then read.

The reader gives blanks for formulas that were never computed and does not tell what is hidden; the
walk does. It is a reader in Python on purpose: a damaged book makes a faster one ask for hundreds of
gigabytes, which ends the whole process.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import xlrd
from xlrd import compdoc, xldate

from kernel.tables import book
from kernel.tables.book import MAX_AREA, Book, Scanned, UnreadableTable

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_BOF = (0x0809, 0x0409, 0x0209, 0x0009)
_EOF, _PASSWORD, _TAB, _ROW = 0x000A, 0x002F, 0x0085, 0x0208
_FORMULA, _MULTIPLE_NUMBERS, _MERGED, _COLUMNS = 0x0006, 0x00BD, 0x00E5, 0x007D
_VALUES = {_FORMULA, _MULTIPLE_NUMBERS, 0x0205, 0x00FD, 0x0204, 0x0203, 0x027E, 0x00D6}
_WORKSHEET = 0

Merged = list[tuple[int, int, int]]


def read(content: bytes) -> Book:
    """Read an XLS file.

    Raises:
        UnreadableTable: another document in the same container, a password, damaged, nothing in it.
    """
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise book.encrypted()
    try:
        container = compdoc.CompDoc(content, logfile=io.StringIO())
        stream = next(filter(None, map(container.get_named_stream, ("Workbook", "Book"))), None)
        if stream is None:
            raise book.not_a_table("документ старого формату (не книга Excel)")
        tabs = list(_tabs(stream))
        scans = [_scan(stream, at) for at, _ in tabs]
        reader = xlrd.open_workbook(
            file_contents=content, logfile=io.StringIO(), on_demand=True, ragged_rows=True
        )
        return book.book_of(
            (name, visible, scan, _rows(reader, name, scan, merged))
            for name, (_, visible), (scan, merged) in zip(
                reader.sheet_names(), tabs, scans, strict=True
            )
        )
    except UnreadableTable:
        raise
    except Exception as error:  # whatever a damaged book makes the reader stumble on
        raise book.damaged() from error


def _rows(reader: xlrd.Book, name: str, scan: Scanned, merged: Merged) -> Iterator[list[str]]:
    sheet = reader.sheet_by_name(name)
    cells = (
        [_text(cell, reader.datemode) for cell in sheet.row(down)] for down in range(sheet.nrows)
    )
    table = book.with_said(cells, scan.said)
    book.merged_down(table, merged)
    yield from table


def _text(cell: xlrd.sheet.Cell, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#N/A")
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return book.cell_text(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_DATE:
        at = xldate.xldate_as_datetime(cell.value, datemode)
        return book.cell_text(at if cell.value >= 1 else at.time())
    return book.cell_text(cell.value)


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Records of one substream: from its beginning to its own end, charts inside left out."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + size]
        at += 4 + size
        if kind in _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, body


def _tabs(stream: bytes) -> Iterator[tuple[int, bool]]:
    """Where the substream of each worksheet begins, and whether it is shown."""
    for kind, body in _records(stream, 0):
        if kind == _PASSWORD:
            raise book.encrypted()
        if kind == _TAB and body[5] == _WORKSHEET:
            yield struct.unpack_from("<I", body)[0], not body[4] & 3


def _scan(stream: bytes, at: int) -> tuple[Scanned, Merged]:
    found = Scanned()
    merged: Merged = []
    last_row = last_column = 0
    for kind, body in _records(stream, at):
        if kind in _VALUES:
            row, column = struct.unpack_from("<HH", body)
            if kind == _FORMULA:
                found.said[row, column] = "=формула"
            elif kind == _MULTIPLE_NUMBERS:
                (column,) = struct.unpack_from("<H", body, len(body) - 2)
            last_row, last_column = max(last_row, row + 1), max(last_column, column + 1)
            if last_row * last_column > MAX_AREA:
                found.refused = book.too_many()
                return found, merged
        elif kind == _ROW and body[12] & 0x20:
            found.hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif kind == _COLUMNS and body[8] & 1:
            first, last = struct.unpack_from("<HH", body)
            found.hidden_columns.update(range(first, last + 1))
        elif kind == _MERGED:
            (count,) = struct.unpack_from("<H", body)
            for number in range(count):
                top, bottom, left, _ = struct.unpack_from("<HHHH", body, 2 + 8 * number)
                if bottom > top:
                    merged.append((left, top, bottom))
    return found, merged

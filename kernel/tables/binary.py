"""Books of Excel 97–2003 (XLS): walked over record by record ([MS-XLS] 2.4) before a reader gets them.

The reader gives blanks for errors and for formulas that were never computed; the walk names both.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import olefile
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from kernel.tables import book
from kernel.tables.book import MAX_AREA, Book, Scanned

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_BOF = (0x0809, 0x0409, 0x0209, 0x0009)
_EOF, _PASSWORD, _TAB, _ROW = 0x000A, 0x002F, 0x0085, 0x0208
_FORMULA, _ERROR, _MULTIPLE_NUMBERS, _MERGED, _COLUMNS = 0x0006, 0x0205, 0x00BD, 0x00E5, 0x007D
_VALUES = {_FORMULA, _ERROR, _MULTIPLE_NUMBERS, 0x00FD, 0x0204, 0x0203, 0x027E, 0x00D6}
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
    0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


def read(content: bytes) -> Book:
    """Read an XLS file.

    Raises:
        UnreadableTable: another document in the same container, a password, damaged, nothing in it.
    """
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise book.encrypted()
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as container:
            name = next((n for n in ("Workbook", "Book") if container.exists(n)), None)
            if name is None:
                raise book.not_a_table("документ старого формату (не книга Excel)")
            stream = container.openstream(name).read()
        tabs = list(_tabs(stream))
        scans = [_scan(stream, at) for at in tabs]
        reader = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return book.book_of(
            (known.name, known.visible == SheetVisibleEnum.Visible, scan, _rows(reader, known.name, scan, merged))
            for known, (scan, merged) in zip(reader.sheets_metadata, scans, strict=True)
            if known.typ == SheetTypeEnum.WorkSheet
        )  # fmt: skip
    except (OSError, ValueError, IndexError, struct.error, CalamineError) as error:
        raise book.damaged() from error


def _rows(
    reader: CalamineWorkbook, name: str, scan: Scanned, merged: list[tuple[int, int, int]]
) -> Iterator[list[str]]:
    cells = reader.get_sheet_by_name(name).to_python(skip_empty_area=False)
    table = book.with_said(([book.cell_text(value) for value in row] for row in cells), scan.said)
    book.merged_down(table, merged)
    yield from table


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


def _tabs(stream: bytes) -> Iterator[int]:
    """Where the substream of each tab begins."""
    for kind, body in _records(stream, 0):
        if kind == _PASSWORD:
            raise book.encrypted()
        if kind == _TAB:
            yield struct.unpack_from("<I", body)[0]


def _scan(stream: bytes, at: int) -> tuple[Scanned, list[tuple[int, int, int]]]:
    found = Scanned()
    merged: list[tuple[int, int, int]] = []
    last_row = last_column = 0
    for kind, body in _records(stream, at):
        if kind in _VALUES:
            row, column = struct.unpack_from("<HH", body)
            end = struct.unpack_from("<H", body, len(body) - 2)[0] if kind == _MULTIPLE_NUMBERS else column  # fmt: skip
            last_row, last_column = max(last_row, row + 1), max(last_column, end + 1)
            if last_row * last_column > MAX_AREA:
                found.refused = book.too_many()
                return found, merged
            if kind == _FORMULA:
                found.said[row, column] = "=формула"
            elif kind == _ERROR and body[7]:
                found.said[row, column] = _ERRORS.get(body[6], "#N/A")
        elif kind == _ROW and len(body) >= 16 and body[12] & 0x20:
            found.hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif kind == _COLUMNS and body[8] & 1:
            first, last = struct.unpack_from("<HH", body)
            found.hidden_columns.update(range(first, last + 1))
        elif kind == _MERGED:
            count = struct.unpack_from("<H", body)[0]
            for number in range(count):
                top, bottom, left, _ = struct.unpack_from("<HHHH", body, 2 + 8 * number)
                if bottom > top:
                    merged.append((left, top, bottom))
    return found, merged

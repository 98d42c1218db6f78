"""Reading a table somebody uploaded or pasted, without trusting a byte of it.

Bytes in, text cells out. Everything that could hurt is looked at before a reader gets the file:
size, magic bytes, unzipped size, the rectangle of filled cells (a reader allocates the whole of it,
so two cells in opposite corners would ask for hundreds of gigabytes), formulas, errors.

A cell never changes its place: a blank line or a leading blank is a row with nothing in it. Only what
stands below the last filled row and right of the last filled cell is not there; a formatted blank is
a blank. A cell merged downwards has its value in every row it reaches over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kernel.tables import binary, book, delimited, packages
from kernel.tables.book import HEADING_WITHIN as HEADING_WITHIN
from kernel.tables.book import MAX_BYTES as MAX_BYTES
from kernel.tables.book import MAX_ROWS as MAX_ROWS
from kernel.tables.book import Book as Book
from kernel.tables.book import Sheet as Sheet
from kernel.tables.book import Table as Table
from kernel.tables.book import UnreadableTable as UnreadableTable
from kernel.tables.book import too_large as too_large
from kernel.tables.book import too_many as too_many


def read(content: bytes) -> Book:
    """Read an XLSX, XLS, ODS or CSV file into sheets of text cells; its name says nothing.

    Raises:
        UnreadableTable: too large, not a table, encrypted, a bomb, nothing in it, or too many rows.
    """
    if len(content) > MAX_BYTES:
        raise too_large(len(content))
    if not content.strip():
        raise UnreadableTable("empty_file", "Файл порожній.")
    if content.startswith(b"PK\x03\x04"):
        return packages.read(content)
    if content.startswith(binary.SIGNATURE):
        return binary.read(content)
    return Book((Sheet("", _filled(delimited.rows_of(delimited.decode(content)))),))


def read_pasted(text: str) -> Table:
    """Read a table copied from a spreadsheet (TSV with quotes), or typed with semicolons.

    Raises:
        UnreadableTable: nothing there, too many rows, or quotes that may be read in two ways.
    """
    # A clipboard divides cells by tabs; commas and semicolons beside them are characters.
    lines = [line for line in text.splitlines() if line.strip()]
    copied = 2 * sum("\t" in line for line in lines) > len(lines)
    if not lines:
        raise UnreadableTable("nothing_pasted", "Вставте сюди скопійовані з таблиці рядки.")
    return _filled(delimited.rows_of(text, marks="\t" if copied else "\t;,"))


def read_block(text: str) -> Table:
    """Read cells copied for a place in a table that stands: a rectangle in which a blank cell is a
    cell too. Only tabs part its cells, so that a comma or a semicolon never moves an address into
    the next column. Bare line ends at the end close the last row and are no rows.

    Raises:
        UnreadableTable: nothing there, too many rows, or quotes that may be read in two ways.
    """
    rows = list(delimited.rows_of(text, marks="\t"))
    while rows and rows[-1] == [""]:
        rows.pop()
    if not rows:
        raise UnreadableTable("nothing_pasted", "У скопійованому немає жодної клітинки.")
    if len(rows) > MAX_ROWS:
        raise too_many()
    width = max(len(row) for row in rows)
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _filled(rows: Iterable[Sequence[str]]) -> Table:
    table = book.trimmed(rows)
    if not table:
        raise UnreadableTable("empty_file", book.NOTHING)
    return table

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
    return _pasted(text, "\t" if copied else "\t;,")


def read_block(text: str) -> Table:
    """Read cells copied out of a spreadsheet to be put at a cell: nothing but a tab divides them, so
    «I-СГ 900100, видано…» or two telephones stay in their cell.

    Raises:
        UnreadableTable: as `read_pasted`.
    """
    return _pasted(text, "\t")


def _pasted(text: str, marks: str) -> Table:
    if not text.strip():
        raise UnreadableTable("nothing_pasted", "Вставте сюди скопійовані з таблиці рядки.")
    return _filled(delimited.rows_of(text, marks=marks))


def _filled(rows: Iterable[Sequence[str]]) -> Table:
    table = book.trimmed(rows)
    if not table:
        raise UnreadableTable("empty_file", book.NOTHING)
    return table

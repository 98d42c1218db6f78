"""What a table somebody brought becomes: a book of sheets of text cells, and its limits."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence

from kernel.tables.cells import storable
from kernel.tables.dates import show
from kernel.text import plural

MAX_BYTES = 5 * 1024 * 1024
MAX_UNZIPPED = 64 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 100
HEADING_WITHIN = 10  # rows from the top where the names of columns may stand
MAX_AREA = 2_000_000  # cells of the rectangle that a reader would hold

Table = list[list[str]]


class UnreadableTable(Exception):
    """The file is not a table we take; `code` for programs, the text for people."""

    def __init__(self, code: str, detail: str):
        self.code = code
        self.detail = detail
        super().__init__(detail)


@dataclasses.dataclass(frozen=True)
class Sheet:
    """One sheet with something on it; a text file is a book of one sheet without a name.

    `hidden_rows` (from 0) and `hidden_columns` are there too: whoever takes the table is told.
    """

    name: str
    rows: Table
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


@dataclasses.dataclass(frozen=True)
class Book:
    """The visible sheets that hold something, and what of the rest was not read, in words."""

    sheets: tuple[Sheet, ...]
    left: tuple[str, ...] = ()

    def unread(self, *taken: Sheet) -> str:
        """What was not read when `taken` was, in words for people; empty when all was read."""
        others = [f"«{sheet.name}»" for sheet in self.sheets if sheet not in taken] + [*self.left]
        return f"Не прочитано: {', '.join(others)}" if others else ""


@dataclasses.dataclass
class Scanned:
    """What a walk over a sheet found before a reader got it: text of cells that the reader would
    give otherwise (formulas for their results, errors for blanks), hidden rows and columns, and why
    the sheet cannot be read, if it cannot."""

    said: dict[tuple[int, int], str] = dataclasses.field(default_factory=dict)
    hidden_rows: set[int] = dataclasses.field(default_factory=set)
    hidden_columns: set[int] = dataclasses.field(default_factory=set)
    refused: UnreadableTable | None = None


def book_of(sheets: Iterable[tuple[str, bool, Scanned, Iterable[Sequence[str]]]]) -> Book:
    """A book of (name, visible, what the walk found, rows); rows of a refused sheet are not asked.

    Raises:
        UnreadableTable: nothing is left to read.
    """
    shown: list[Sheet] = []
    left: list[str] = []
    refused: UnreadableTable | None = None
    hidden = False
    for name, visible, scanned, rows in sheets:
        try:
            if scanned.refused is not None:
                raise scanned.refused
            table = trimmed(rows)
        except UnreadableTable as no:
            if no.code not in {"too_many_rows", "too_many_columns"}:
                raise
            left.append(f"«{name}» ({'прихований' if not visible else 'завеликий'})")
            refused = refused or (no if visible else None)
            hidden = hidden or not visible
            continue
        if not table:
            continue
        if not visible:
            left.append(f"«{name}» (прихований)")
            hidden = True
            continue
        inside = range(len(table))
        width = max(map(len, table))
        shown.append(
            Sheet(
                name,
                table,
                frozenset(row for row in scanned.hidden_rows if row in inside and table[row]),
                frozenset(one for one in scanned.hidden_columns if one < width),
            )
        )
    if not shown:
        if refused is not None:
            raise refused
        more = " Аркуші з даними приховано: покажіть їх в Excel." if hidden else ""
        raise UnreadableTable("empty_file", NOTHING + more)
    return Book(tuple(shown), tuple(left))


NOTHING = "У таблиці немає жодного заповненого рядка."


def trimmed(rows: Iterable[Sequence[str]]) -> Table:
    """The rows down to the last filled one, each to its last filled cell.

    Raises:
        UnreadableTable: more rows or columns than a table may have.
    """
    table: Table = []
    blank = filled = 0  # blank rows wait until something stands below them
    for cells in rows:
        row = list(cells)
        while row and not row[-1]:
            row.pop()
        if not row:
            blank += 1
            continue
        filled += 1
        if filled > MAX_ROWS + HEADING_WITHIN or len(table) + blank > MAX_AREA // MAX_COLUMNS:
            raise too_many()
        if len(row) > MAX_COLUMNS:
            raise too_wide()
        table.extend([] for _ in range(blank))
        blank = 0
        table.append(row)
    return table


def merged_down(table: Table, areas: Iterable[tuple[int, int, int]]) -> None:
    """Let each row that a merged cell reaches over have its value: areas are (column, first row,
    last row). Only where nothing stands, and only in rows that hold something themselves."""
    for column, first, last in areas:
        if (
            first >= len(table)
            or column >= len(table[first])
            or not (value := table[first][column])
        ):
            continue
        for row in table[first + 1 : last + 1]:
            if not any(row):
                continue
            row.extend([""] * (column + 1 - len(row)))
            row[column] = row[column] or value


def cell_text(value: object) -> str:
    """A cell as a reader gives it, as text. A time beside a date is kept: the day may be another."""
    if isinstance(value, str):
        return storable(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "так" if value else "ні"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, datetime.datetime):
        at_midnight = value.time() == datetime.time()
        return show(value.date()) + ("" if at_midnight else f" {value:%H:%M}")
    if isinstance(value, datetime.date):
        return show(value)
    return storable(value)


def with_said(table: Iterable[Sequence[str]], said: Mapping[tuple[int, int], str]) -> Table:
    """The reader's cells with what the walk found put over them, also right of the reader's end."""
    text = [list(row) for row in table]
    for (row, column), instead in said.items():
        while row >= len(text):
            text.append([])
        text[row].extend([""] * (column + 1 - len(text[row])))
        text[row][column] = instead
    return text


# ── refusals ─────────────────────────────────────────────────────────────────
def too_many() -> UnreadableTable:
    """The refusal of more rows than one table may have."""
    return UnreadableTable(
        "too_many_rows", f"У таблиці понад {MAX_ROWS} рядків. Поділіть її на кілька."
    )


def too_wide() -> UnreadableTable:
    """The refusal of more columns than one table may have."""
    return UnreadableTable(
        "too_many_columns",
        f"У таблиці понад {MAX_COLUMNS} стовпців. Залиште лише потрібні.",
    )


def too_large(size: int) -> UnreadableTable:
    """The refusal of a file by its size, also before it was read."""
    return UnreadableTable(
        "file_too_large",
        f"Файл завеликий: {size / 1024 / 1024:.0f} МБ, а приймаємо до {MAX_BYTES // 1024 // 1024} МБ. "
        "Залиште в ньому лише таблицю, без зображень.",
    )


def damaged() -> UnreadableTable:
    """The refusal of a file that breaks off or breaks its own rules."""
    return UnreadableTable(
        "damaged_file",
        "Файл пошкоджено або це не таблиця. Відкрийте його в Excel і збережіть як XLSX або CSV.",
    )


def encrypted() -> UnreadableTable:
    """The refusal of a file with a password."""
    return UnreadableTable(
        "encrypted_file",
        "Файл захищено паролем. Зніміть пароль в Excel («Файл» → «Відомості» → "
        "«Захистити книгу») і завантажте знову.",
    )


def not_a_table(what: str, way_out: str = "Приймаємо XLSX, XLS, ODS і CSV.") -> UnreadableTable:
    """The refusal of something else, and what to do."""
    return UnreadableTable("not_a_table", f"Це {what}, а не таблиця. {way_out}")


def numbers_in_words(numbers: Iterable[int]) -> str:
    """«3, 5–9» of row numbers."""
    runs: list[list[int]] = []
    for one in sorted(numbers):
        if runs and one == runs[-1][-1] + 1:
            runs[-1][1:] = [one]
        else:
            runs.append([one])
    return ", ".join("–".join(map(str, run)) for run in runs)


def rows_in_words(numbers: Collection[int]) -> str:
    """«рядок 3», «рядки 3, 5–9»."""
    return (
        f"{plural(1 if len(numbers) == 1 else 2, 'рядок', 'рядки', '')} {numbers_in_words(numbers)}"
    )

"""Reading a table somebody uploaded or pasted, without trusting a byte of it.

Bytes in, text cells out. Everything that could hurt is looked at before a reader gets the file:
size, magic bytes, unzipped size, the rectangle of filled cells (a reader allocates the whole of it,
so two cells in opposite corners would ask for hundreds of gigabytes), formulas, errors.

A cell never changes its place: a blank line or a leading blank is a row with nothing in it. Only what
stands below the last filled row and right of the last filled cell is not there; a formatted blank is
a blank.
"""

from __future__ import annotations

import dataclasses
import datetime
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from kernel.tables.cells import MAX_CELL, storable
from kernel.tables.dates import show

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
    """One sheet with something on it; a text file is a book of one sheet without a name."""

    name: str
    rows: Table


@dataclasses.dataclass(frozen=True)
class Book:
    """The visible sheets that hold something, and the names of hidden ones that do too."""

    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...] = ()

    def unread(self, taken: Sheet) -> str:
        """What was not read when `taken` was, in words for people; empty when all was read."""
        others = [f"«{sheet.name}»" for sheet in self.sheets if sheet is not taken]
        others += [f"«{name}» (прихований)" for name in self.hidden]
        return f"Не прочитано: {', '.join(others)}" if others else ""


# ── files ────────────────────────────────────────────────────────────────────
def read(name: str, content: bytes) -> Book:
    """Read an XLSX or CSV file into sheets of text cells.

    Raises:
        UnreadableTable: too large, not a table, encrypted, a bomb, nothing in it, or too many rows.
    """
    if len(content) > MAX_BYTES:
        raise too_large(len(content))
    if not content.strip():
        raise UnreadableTable("empty_file", "Файл порожній.")
    if content.startswith(b"PK\x03\x04"):
        book = _read_xlsx(content)
        if not book.sheets:
            hidden = " Аркуші з даними приховано: покажіть їх в Excel." if book.hidden else ""
            raise UnreadableTable("empty_file", _NOTHING + hidden)
        return book
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise UnreadableTable(
                "encrypted_file",
                "Файл захищено паролем. Зніміть пароль в Excel («Файл» → «Відомості» → "
                "«Захистити книгу») і завантажте знову.",
            )
        raise UnreadableTable(
            "old_format",
            "Це файл старого формату XLS. Збережіть його в Excel як «Книга Excel (*.xlsx)».",
        )
    return Book((Sheet("", _filled(_rows_of_text(_decode(content)))),))


def too_large(size: int) -> UnreadableTable:
    """The refusal of a file by its size, also before it was read."""
    return UnreadableTable(
        "file_too_large",
        f"Файл завеликий: {size / 1024 / 1024:.0f} МБ, а приймаємо до {MAX_BYTES // 1024 // 1024} МБ. "
        "Залиште в ньому лише таблицю, без зображень.",
    )


def read_pasted(text: str) -> Table:
    """Read cells copied from a spreadsheet (TSV with quotes), or typed with semicolons.

    Raises:
        UnreadableTable: nothing there, or too many rows.
    """
    if not text.strip():
        raise UnreadableTable("nothing_pasted", "Вставте сюди скопійовані з таблиці рядки.")
    return _filled(_rows_of_text(text))


def read_block(text: str) -> Table:
    """Read cells copied for a place in a table that stands: a rectangle in which a blank cell is a
    cell too. Only tabs part its cells, so that a comma or a semicolon never moves an address into
    the next column. Bare line ends at the end close the last row and are no rows.

    Raises:
        UnreadableTable: nothing there, or too many rows.
    """
    rows = list(_rows_of_text(text, "\t"))
    while rows and rows[-1] == [""]:
        rows.pop()
    if not rows:
        raise UnreadableTable("nothing_pasted", "У скопійованому немає жодної клітинки.")
    if len(rows) > MAX_ROWS:
        raise too_many()
    width = max(len(row) for row in rows)
    return [[*row, *[""] * (width - len(row))] for row in rows]


_NOTHING = "У таблиці немає жодного заповненого рядка."


def _filled(rows: Iterable[Sequence[str]]) -> Table:
    """The rows down to the last filled one, each to its last filled cell."""
    table = _trimmed(rows)
    if not table:
        raise UnreadableTable("empty_file", _NOTHING)
    return table


def _trimmed(rows: Iterable[Sequence[str]]) -> Table:
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
            raise _too_wide()
        table.extend([] for _ in range(blank))
        blank = 0
        table.append(row)
    return table


def too_many() -> UnreadableTable:
    """The refusal of more rows than one table may have."""
    return UnreadableTable(
        "too_many_rows", f"У таблиці понад {MAX_ROWS} рядків. Поділіть її на кілька."
    )


def _too_wide() -> UnreadableTable:
    return UnreadableTable("too_many_columns", f"У таблиці понад {MAX_COLUMNS} стовпців.")


# ── XLSX ─────────────────────────────────────────────────────────────────────
def _read_xlsx(content: bytes) -> Book:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            said = _inspect(package)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise _damaged() from error
    except RuntimeError as error:  # zipfile's word for an encrypted entry
        raise UnreadableTable("encrypted_file", "Архів захищено паролем.") from error
    sheets: list[Sheet] = []
    hidden: list[str] = []
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for number, known in enumerate(book.sheets_metadata):
            if known.typ != SheetTypeEnum.WorkSheet:
                continue
            rows = book.get_sheet_by_name(known.name).to_python(skip_empty_area=False)
            text = [[_cell(value) for value in row] for row in rows]
            for (row, column), instead in said.get(number, {}).items():
                if row < len(text) and column < len(text[row]):
                    text[row][column] = instead
            table = _trimmed(text)
            if table and known.visible == SheetVisibleEnum.Visible:
                sheets.append(Sheet(known.name, table))
            elif table:
                hidden.append(known.name)
    except (CalamineError, ValueError, OSError) as error:
        raise _damaged() from error
    return Book(tuple(sheets), tuple(hidden))


def _damaged() -> UnreadableTable:
    return UnreadableTable(
        "damaged_file",
        "Файл пошкоджено або це не таблиця. Відкрийте його в Excel і збережіть як XLSX або CSV.",
    )


def _inspect(package: zipfile.ZipFile) -> dict[int, dict[tuple[int, int], str]]:
    """Unzip every part once into nothing, counting. Return, by sheet and place, the text of cells
    that a reader would give otherwise: formulas for their results, errors for blanks."""
    parts = package.infolist()
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise UnreadableTable(
            "not_a_table", "Це архів або інший документ, а не таблиця. Приймаємо XLSX і CSV."
        )
    if len(parts) > 1000 or sum(part.file_size for part in parts) > MAX_UNZIPPED:
        raise _bomb()
    said: dict[int, dict[tuple[int, int], str]] = {}
    sheets = _sheets_in_order(package)
    strings = _StringsScan()
    left = MAX_UNZIPPED
    # Strings first: whether a cell is blank is known by the string it names.
    for part in sorted(parts, key=lambda one: one.filename != _STRINGS):
        scan: _Scan | None = None
        if part.filename == _STRINGS:
            scan = strings
        elif part.filename in sheets:
            scan = _SheetScan(strings.blank)
        # A header that lies about the size ends in a wrong checksum, hence BadZipFile.
        with package.open(part) as stream:
            while chunk := stream.read(1 << 16):
                left -= len(chunk)
                if left < 0:
                    raise _bomb()
                if scan is not None:
                    scan.feed(chunk)
        if isinstance(scan, _SheetScan):
            said[sheets.index(part.filename)] = scan.said
    return said


_STRINGS = "xl/sharedStrings.xml"


def _sheets_in_order(package: zipfile.ZipFile) -> list[str]:
    """Parts of the sheets in the order of the book's tabs (files may be numbered otherwise)."""
    book = package.read("xl/workbook.xml").decode("utf-8", "replace")
    try:
        relations = package.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        raise _damaged() from None
    targets: dict[str, str] = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        target = attributes.get("Target", "")
        targets[attributes.get("Id", "")] = (
            target.lstrip("/") if target[:1] == "/" else f"xl/{target}"
        )
    ids = re.findall(r'<(?:\w+:)?sheet\b[^>]*?\bid="([^"]*)"', book)
    return [targets.get(one, "") for one in ids]


def _bomb() -> UnreadableTable:
    return UnreadableTable(
        "zip_bomb",
        "Розпакований файл завеликий. Скопіюйте саму таблицю в нову книгу і завантажте її.",
    )


class _Scan:
    """A walk over the XML of one part, chunk by chunk; no entities, no nesting to follow."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = lambda tag, has: self.start(tag.rpartition(":")[2], has)
        self._parser.EndElementHandler = lambda tag: self.end(tag.rpartition(":")[2])
        self._parser.CharacterDataHandler = self.characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.Parse(chunk, False)  # noqa: FBT003 - expat's own signature
        except expat.ExpatError as error:
            raise _damaged() from error

    def _doctype(self, *_: object) -> None:
        raise _damaged()

    def start(self, tag: str, attributes: dict[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def characters(self, data: str) -> None: ...


class _StringsScan(_Scan):
    """Which of the book's shared strings are blank."""

    def __init__(self) -> None:
        super().__init__()
        self.blank: set[int] = set()
        self._number = -1
        self._something = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "si":
            self._number += 1
            self._something = False

    def end(self, tag: str) -> None:
        if tag == "si" and not self._something:
            self.blank.add(self._number)

    def characters(self, data: str) -> None:
        self._something = self._something or bool(data.strip())


class _SheetScan(_Scan):
    """Where a sheet's filled cells end, which cells are formulas, and which hold an error."""

    def __init__(self, blank_strings: set[int]) -> None:
        super().__init__()
        self.said: dict[tuple[int, int], str] = {}
        self._blank_strings = blank_strings
        self._row = self._column = -1
        self._last_row = self._last_column = 0
        self._type = ""
        self._inside = ""  # the element whose text is being read
        self._formula = self._value = ""
        self._rows: set[int] = set()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            self._row = int(attributes.get("r", self._row + 2)) - 1
            self._column = -1
        elif tag == "c":
            if place := attributes.get("r"):
                self._row, self._column = _place(place)
            else:
                self._column += 1
            self._type = attributes.get("t", "n")
            self._formula = self._value = ""
        elif tag in {"f", "v", "t"}:
            self._inside = tag

    def characters(self, data: str) -> None:
        if self._inside == "f" and len(self._formula) <= MAX_CELL:
            self._formula += data[: MAX_CELL + 1]
        elif self._inside in {"v", "t"} and len(self._value) <= MAX_CELL:
            self._value += data[: MAX_CELL + 1]

    def end(self, tag: str) -> None:
        if tag in {"f", "v", "t"}:
            self._inside = ""
        elif tag == "c":
            self._ended(self._value.strip())

    def _ended(self, value: str) -> None:
        if self._formula:
            self.said[self._row, self._column] = storable("=" + self._formula)
        elif self._type == "e" and value:
            self.said[self._row, self._column] = storable(value)
        if not (value or self._formula):
            return
        # The reader's rectangle reaches to the last cell that has any value, blank strings too.
        self._last_row = max(self._last_row, self._row + 1)
        self._last_column = max(self._last_column, self._column + 1)
        blank = self._type == "s" and value.isdigit() and int(value) in self._blank_strings
        if not blank:
            self._rows.add(self._row)
        area = self._last_row * self._last_column
        if len(self._rows) > MAX_ROWS + HEADING_WITHIN or area > MAX_AREA:
            raise too_many()
        if not blank and self._column >= MAX_COLUMNS:
            raise _too_wide()


def _place(reference: str) -> tuple[int, int]:
    match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", reference)
    if match is None:
        raise _damaged()
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def _cell(value: object) -> str:
    if isinstance(value, str):
        return storable(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "так" if value else "ні"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, datetime.datetime):
        return show(value.date())
    if isinstance(value, datetime.date):
        return show(value)
    return storable(value)


# ── text ─────────────────────────────────────────────────────────────────────
_MAGIC = {
    b"%PDF": "PDF",
    b"\x89PNG": "зображення",
    b"\xff\xd8\xff": "зображення",
    b"GIF8": "зображення",
    b"Rar!": "архів RAR",
    b"7z\xbc\xaf": "архів 7z",
    b"{\\rtf": "документ RTF",
    b"\x1f\x8b": "архів",
    b"MZ": "програма",
    b"\x7fELF": "програма",
}


def _decode(content: bytes) -> str:
    what = next((word for magic, word in _MAGIC.items() if content.startswith(magic)), None)
    if what is not None:
        raise UnreadableTable("not_a_table", f"Це {what}, а не таблиця. Приймаємо XLSX і CSV.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise _damaged() from error
    if b"\x00" in content[:4096]:
        raise UnreadableTable("not_a_table", "Це не таблиця. Приймаємо XLSX і CSV.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    # Excel in Ukrainian Windows saves CSV in cp1251. A letter of that page is a high byte; a file
    # of another kind is full of bytes that are no letters.
    text = content.decode("cp1251", errors="replace")
    high = [c for c in text if ord(c) > 127]
    letters = sum(c.isalpha() or c in "№«»’–—" for c in high)
    if letters < 0.9 * len(high):
        raise UnreadableTable(
            "unknown_encoding",
            "Не вдалося прочитати літери у файлі. Збережіть його як XLSX або «CSV UTF-8».",
        )
    return text


def _rows_of_text(text: str, mark: str = "") -> Iterator[list[str]]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    mark = mark or _delimiter(text)
    # A cell in quotes ends where its closing quote meets the end of the cell. A quotation mark
    # without such a pair is a character of the cell, as «Ліцей "Основа"» has it.
    cell = re.compile(rf'"((?:[^"]++|"")*+)"[ ]*(?=[{mark}\n]|\Z)|([^{mark}\n]*)')
    row: list[str] = []
    at, line = 0, 1
    while True:
        if (found := cell.match(text, at)) is None:  # cannot be: the second branch takes anything
            raise _damaged()
        quoted, plain = found.groups()
        if quoted is not None and "\n" in quoted:
            if mark in quoted:
                # Two cells with one mark each, or one cell with line ends and the delimiter: the
                # first reading would swallow rows, the second would tear one. Neither is guessed.
                raise UnreadableTable(
                    "unclear_quotes",
                    f"У рядку {line} відкрито лапки, а закрито через {quoted.count(chr(10))} "
                    "рядк. нижче. Приберіть зайві лапки або переноси рядків у клітинці.",
                )
            line += quoted.count("\n")
        row.append(storable(plain if quoted is None else quoted.replace('""', '"')))
        at = found.end()
        if at >= len(text):
            yield row
            return
        if text[at] == "\n":
            yield row
            row = []
            line += 1
        at += 1


def _delimiter(text: str) -> str:
    """The mark that divides most lines into the same number of cells; of equals a tab, then «;».

    A comma inside names of columns or addresses stands now and then, a delimiter in every line.
    """
    outside = re.sub(r'"[^"\n]*"', "", text[:20_000])  # what stands in quotes divides nothing
    lines = [line for line in outside.splitlines()[:20] if line.strip()]

    def agreement(mark: str) -> int:
        counts = Counter(line.count(mark) for line in lines if mark in line)
        return max(counts.values(), default=0)

    return max("\t;,", key=agreement)

"""Zipped tables: XLSX and ODS. Everything is unzipped once and counted before it is believed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from kernel.tables import book
from kernel.tables.book import MAX_AREA, MAX_COLUMNS, MAX_ROWS, MAX_UNZIPPED, Book, Scanned, Table
from kernel.tables.cells import MAX_CELL, storable

_UNKNOWN_FORMULA = "=формула"


def read(content: bytes) -> Book:
    """Read an XLSX or ODS file.

    Raises:
        UnreadableTable: something else in a zip, encrypted, a bomb, damaged, nothing in it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > 1000 or sum(part.file_size for part in parts) > MAX_UNZIPPED:
                raise _bomb()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" in names:
                return _xlsx(content, package)
            if "content.xml" in names and b"spreadsheet" in _mimetype(package, names):
                return _ods(package)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise book.damaged() from error
    except RuntimeError as error:  # zipfile's word for an encrypted entry
        raise book.encrypted() from error
    if "xl/workbook.bin" in names:
        raise book.not_a_table(
            "двійкова книга Excel (XLSB)", "Збережіть її в Excel як «Книга Excel (*.xlsx)»."
        )
    if any(name.startswith("Index/") for name in names):
        raise book.not_a_table("файл Apple Numbers", "Експортуйте його як Excel (XLSX).")
    raise book.not_a_table("архів або інший документ")


def _mimetype(package: zipfile.ZipFile, names: set[str]) -> bytes:
    if "mimetype" not in names:
        return b"spreadsheet"
    with package.open("mimetype") as stream:
        return stream.read(200)


def _bomb() -> book.UnreadableTable:
    return book.UnreadableTable(
        "zip_bomb",
        "Розпакований файл завеликий. Скопіюйте саму таблицю в нову книгу і завантажте її.",
    )


def _walk(package: zipfile.ZipFile, scans: dict[str, _Scan], first: str = "") -> None:
    """Unzip every part once into nothing, counting; feed parts that somebody walks over."""
    left = MAX_UNZIPPED
    for part in sorted(package.infolist(), key=lambda one: one.filename != first):
        scan = scans.get(part.filename)
        # A header that lies about the size ends in a wrong checksum, hence BadZipFile.
        with package.open(part) as stream:
            while chunk := stream.read(1 << 16):
                left -= len(chunk)
                if left < 0:
                    raise _bomb()
                if scan is not None:
                    scan.feed(chunk)


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
            raise book.damaged() from error

    def _doctype(self, *_: object) -> None:
        raise book.damaged()

    def start(self, tag: str, attributes: dict[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def characters(self, data: str) -> None: ...


# ── XLSX ─────────────────────────────────────────────────────────────────────
_STRINGS = "xl/sharedStrings.xml"


def _xlsx(content: bytes, package: zipfile.ZipFile) -> Book:
    strings = _StringsScan()
    parts = _sheets_in_order(package)
    scans = {part: _SheetScan(strings.blank) for part in parts if part}
    # Strings first: whether a cell is blank is known by the string it names.
    _walk(package, {_STRINGS: strings, **scans}, first=_STRINGS)
    try:
        if any(scan.new_error for scan in scans.values()):
            content = _with_known_errors(package, scans)
        reader = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return book.book_of(
            (known.name, known.visible == SheetVisibleEnum.Visible, scan.found, _rows(reader, known.name, scan))
            for known, part in zip(reader.sheets_metadata, parts, strict=True)
            if known.typ == SheetTypeEnum.WorkSheet and (scan := scans.get(part))
        )  # fmt: skip
    except (CalamineError, ValueError, OSError) as error:
        raise book.damaged() from error


_KNOWN_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
_ERROR_CELL = re.compile(rb"(<(?:\w+:)?v>)#[^<]{1,30}(</(?:\w+:)?v>)")


def _with_known_errors(package: zipfile.ZipFile, scans: dict[str, _SheetScan]) -> bytes:
    """The package with errors of newer Excels («#SPILL!») in place of which the reader would refuse
    the book; what the cells say is known by the walk."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as copy:
        for name in package.namelist():
            part = package.read(name)
            if name in scans and scans[name].new_error:
                part = _ERROR_CELL.sub(rb"\1#N/A\2", part)
            copy.writestr(name, part)
    return out.getvalue()


def _rows(reader: CalamineWorkbook, name: str, scan: _SheetScan) -> Iterator[list[str]]:
    sheet = reader.get_sheet_by_name(name)
    cells = sheet.to_python(skip_empty_area=False)
    table = book.with_said(
        ([book.cell_text(value) for value in row] for row in cells), scan.found.said
    )
    book.merged_down(table, scan.merged)
    yield from table


def _sheets_in_order(package: zipfile.ZipFile) -> list[str]:
    """Parts of the sheets in the order of the book's tabs (files may be numbered otherwise)."""
    tabs = package.read("xl/workbook.xml").decode("utf-8", "replace")
    try:
        relations = package.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        raise book.damaged() from None
    targets: dict[str, str] = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
        attributes = dict(re.findall(r"""(\w+)=["']([^"']*)["']""", tag))
        target = attributes.get("Target", "")
        targets[attributes.get("Id", "")] = (
            target.lstrip("/") if target[:1] == "/" else f"xl/{target}"
        )
    ids = re.findall(r"""<(?:\w+:)?sheet\b[^>]*?\bid=["']([^"']*)["']""", tabs)
    return [targets.get(one, "") for one in ids]


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
        self._something = self._something or bool(storable(data))


class _SheetScan(_Scan):
    """Where a sheet's filled cells end, which cells are formulas or hold an error, what is hidden
    and what is merged downwards."""

    def __init__(self, blank_strings: set[int]) -> None:
        super().__init__()
        self.found = Scanned()
        self.merged: list[tuple[int, int, int]] = []
        self.new_error = False
        self._blank_strings = blank_strings
        self._row = self._column = -1
        self._last_row = self._last_column = 0
        self._type = ""
        self._inside = ""  # the element whose text is being read
        self._is_formula = False
        self._formula = self._value = ""
        self._rows: set[int] = set()

    def feed(self, chunk: bytes) -> None:
        if self.found.refused is None:
            super().feed(chunk)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            self._row = int(attributes.get("r", self._row + 2)) - 1
            self._column = -1
            if attributes.get("hidden") in {"1", "true"}:
                self.found.hidden_rows.add(self._row)
        elif tag == "col" and attributes.get("hidden") in {"1", "true"}:
            first, last = int(attributes.get("min", 1)), int(attributes.get("max", 1))
            self.found.hidden_columns.update(range(first - 1, min(last, MAX_COLUMNS)))
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif tag == "c":
            if place := attributes.get("r"):
                self._row, self._column = _place(place)
            else:
                self._column += 1
            self._type = attributes.get("t", "n")
            self._formula = self._value = ""
            self._is_formula = False
        elif tag in {"f", "v", "t"}:
            self._inside = tag
            # One formula shared by a column stands in its first cell; the others name it.
            self._is_formula = self._is_formula or tag == "f"

    def characters(self, data: str) -> None:
        if self._inside == "f" and len(self._formula) <= MAX_CELL:
            self._formula += data[: MAX_CELL + 1]
        elif self._inside in {"v", "t"} and len(self._value) <= MAX_CELL:
            self._value += data[: MAX_CELL + 1]

    def end(self, tag: str) -> None:
        if tag in {"f", "v", "t"}:
            self._inside = ""
        elif tag == "c" and self.found.refused is None:
            self._ended(self._value.strip())

    def _ended(self, value: str) -> None:
        said = self.found.said
        if self._is_formula:
            said[self._row, self._column] = (
                storable("=" + self._formula) if self._formula else _UNKNOWN_FORMULA
            )
        elif self._type == "e" and value:
            said[self._row, self._column] = storable(value)
        self.new_error |= self._type == "e" and bool(value) and value not in _KNOWN_ERRORS
        if not (value or self._is_formula):
            return
        # The reader's rectangle reaches to the last cell that has any value, blank strings too.
        self._last_row = max(self._last_row, self._row + 1)
        self._last_column = max(self._last_column, self._column + 1)
        blank = (
            int(value) in self._blank_strings
            if self._type == "s" and value.isdigit()
            else not (self._is_formula or storable(value))
        )
        if not blank:
            self._rows.add(self._row)
        area = self._last_row * self._last_column
        if len(self._rows) > MAX_ROWS + book.HEADING_WITHIN or area > MAX_AREA:
            self.found.refused = book.too_many()
        elif not blank and self._column >= MAX_COLUMNS:
            self.found.refused = book.too_wide()

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        if last:
            (top, column), (bottom, _right) = _place(first), _place(last)
            if bottom > top:
                self.merged.append((column, top, bottom))


def _place(reference: str) -> tuple[int, int]:
    match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", reference)
    if match is None:
        raise book.damaged()
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


# ── ODS ──────────────────────────────────────────────────────────────────────
def _ods(package: zipfile.ZipFile) -> Book:
    """Read by the walk itself: a reader expands repeated cells before anybody counts them, and gives
    nothing for text without a type."""
    if "META-INF/manifest.xml" in package.namelist():
        with package.open("META-INF/manifest.xml") as stream:
            if b"encryption-data" in stream.read(1 << 20):
                raise book.encrypted()
    scan = _OdsScan()
    _walk(package, {"content.xml": scan})
    sheets = []
    for name, style, found, table, merged in scan.sheets:
        book.merged_down(table, merged)
        sheets.append((name, style not in scan.hidden_styles, found, table))
    return book.book_of(sheets)


class _OdsScan(_Scan):
    """The sheets of an OpenDocument table."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden_styles: set[str] = set()
        self.sheets: list[tuple[str, str, Scanned, Table, list[tuple[int, int, int]]]] = []
        self._style = ""
        self._row: list[str] = []
        self._row_times = self._cell_times = 1
        self._cell = ""
        self._given: dict[str, str] = {}
        self._depth_of_note = 0
        self._in_cell = False
        self._paragraphs = 0
        self._waiting = 0  # blank rows until something stands below them
        self._column = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        given = {name.rpartition(":")[2]: value for name, value in attributes.items()}
        if tag == "annotation" or self._depth_of_note:
            self._depth_of_note += 1
        elif tag == "style":
            self._style = given.get("name", "")
        elif tag == "table-properties" and given.get("display") == "false":
            self.hidden_styles.add(self._style)
        elif tag == "table" and not self._in_cell:
            self.sheets.append((given.get("name", ""), given.get("style-name", ""), Scanned(), [], []))  # fmt: skip
            self._waiting = self._column = 0
        elif not self.sheets or self.sheets[-1][2].refused:
            return
        elif tag == "table-column":
            times = _times(given, "number-columns-repeated")
            if given.get("visibility", "visible") != "visible":
                until = min(self._column + times, MAX_COLUMNS)
                self.sheets[-1][2].hidden_columns.update(range(self._column, until))
            self._column += times
        elif tag == "table-row":
            self._row, self._row_times = [], _times(given, "number-rows-repeated")
            if given.get("visibility", "visible") != "visible" and self._row_times <= MAX_ROWS:
                at = len(self.sheets[-1][3]) + self._waiting
                self.sheets[-1][2].hidden_rows.update(range(at, at + self._row_times))
        elif tag in {"table-cell", "covered-table-cell"}:
            self._given, self._cell, self._in_cell = given, "", True
            self._cell_times, self._paragraphs = _times(given, "number-columns-repeated"), 0
        elif tag == "p" and self._in_cell:
            self._cell += " " if self._paragraphs else ""
            self._paragraphs += 1
        elif tag in {"s", "tab", "line-break"} and self._in_cell:
            self._cell += " "

    def characters(self, data: str) -> None:
        if (
            self._in_cell
            and self._paragraphs
            and not self._depth_of_note
            and len(self._cell) <= MAX_CELL
        ):
            self._cell += data[: MAX_CELL + 1]

    def end(self, tag: str) -> None:
        if self._depth_of_note:
            self._depth_of_note -= 1
        elif not self.sheets or self.sheets[-1][2].refused:
            self._in_cell = False
        elif tag in {"table-cell", "covered-table-cell"}:
            self._in_cell = False
            self._ended()
        elif tag == "table-row":
            self._row_ended()

    def _ended(self) -> None:
        text = _ods_text(self._given, self._cell)
        if text and self._cell_times > MAX_COLUMNS:
            self.sheets[-1][2].refused = book.too_wide()
            return
        # A long run of blanks reaches to the edge of the sheet: nothing stands right of it, or the
        # sheet is wider than we take.
        self._row += [text] * min(self._cell_times, MAX_COLUMNS + 1)
        if text and len(self._row) > MAX_COLUMNS:
            self.sheets[-1][2].refused = book.too_wide()
        if (down := _times(self._given, "number-rows-spanned")) > 1 and text:
            at = len(self.sheets[-1][3]) + self._waiting
            self.sheets[-1][4].append((len(self._row) - 1, at, at + down - 1))

    def _row_ended(self) -> None:
        _, _, found, table, _ = self.sheets[-1]
        while self._row and not self._row[-1]:
            self._row.pop()
        if not self._row:
            self._waiting += self._row_times
            return
        most = MAX_AREA // MAX_COLUMNS
        if self._row_times > MAX_ROWS or len(table) + self._waiting + self._row_times > most:
            found.refused = book.too_many()
            return
        table.extend([] for _ in range(self._waiting))
        table.extend(list(self._row) for _ in range(self._row_times))
        self._waiting = 0


def _times(given: dict[str, str], name: str) -> int:
    value = given.get(name, "1")
    return int(value) if value.isascii() and value.isdigit() else 1


def _ods_text(given: dict[str, str], shown: str) -> str:
    """A cell's value, not its look: a date that is shown as «бер. 19» is still its date."""
    if "formula" in given:
        return storable("=" + given["formula"].partition("=")[2]) or _UNKNOWN_FORMULA
    kind = given.get("value-type", "string")
    if kind in {"float", "percentage", "currency"} and given.get("value"):
        try:
            return book.cell_text(float(given["value"]))
        except ValueError:
            return storable(shown)
    if kind == "date" and given.get("date-value"):
        return storable(given["date-value"].removesuffix("T00:00:00"))
    if kind == "boolean":
        return book.cell_text(given.get("boolean-value") == "true")
    return storable(shown) or storable(given.get("string-value", ""))

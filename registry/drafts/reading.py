"""Reading a table somebody uploaded or pasted, without trusting a byte of it.

Bytes in, text cells out. Everything that could hurt is looked at before a reader gets the file:
size, magic bytes, unzipped size, the farthest cell (a reader allocates the whole rectangle up to
it, so two cells in opposite corners would ask for hundreds of gigabytes), formulas.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

from kernel.tables.cells import storable, tidy
from kernel.tables.dates import show
from registry.fields.names import split
from registry.movements.enrol.rows import BY_NAME

MAX_BYTES = 5 * 1024 * 1024
MAX_UNZIPPED = 64 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 100
_HEADER_WITHIN = 10  # rows from the top where the names of columns may stand

Table = list[list[str]]


class UnreadableTable(Exception):
    """The file is not a table we take; `code` for programs, the text for people."""

    def __init__(self, code: str, detail: str):
        self.code = code
        self.detail = detail
        super().__init__(detail)


# ── files ────────────────────────────────────────────────────────────────────
def read(name: str, content: bytes) -> Table:
    """Read an XLSX or CSV file into rows of text cells; blank rows are dropped.

    Raises:
        UnreadableTable: too large, not a table, encrypted, a bomb, or too many rows.
    """
    if len(content) > MAX_BYTES:
        raise too_large(len(content))
    if not content.strip():
        raise UnreadableTable("empty_file", "Файл порожній.")
    if content.startswith(b"PK\x03\x04"):
        return _limited(_read_xlsx(content))
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
    return _limited(_rows_of_text(_decode(name, content)))


def too_large(size: int) -> UnreadableTable:
    """The refusal of a file by its size, also before it was read."""
    return UnreadableTable(
        "file_too_large",
        f"Файл завеликий: {size / 1024 / 1024:.0f} МБ, а приймаємо до {MAX_BYTES // 1024 // 1024} МБ. "
        "Залиште в ньому лише таблицю учнів, без зображень.",
    )


def read_pasted(text: str) -> Table:
    """Read cells copied from a spreadsheet (TSV with quotes), or typed with semicolons.

    Raises:
        UnreadableTable: nothing there, or too many rows.
    """
    if not text.strip():
        raise UnreadableTable("nothing_pasted", "Вставте сюди скопійовані з таблиці рядки.")
    return _limited(_rows_of_text(text))


def _limited(rows: Iterable[Sequence[str]]) -> Table:
    kept = []
    for row in rows:
        if any(row):
            kept.append(list(row))
            if len(kept) > MAX_ROWS + _HEADER_WITHIN:
                raise _too_many()
            if len(row) > MAX_COLUMNS:
                raise _too_wide()
    if not kept:
        raise UnreadableTable("empty_file", "У таблиці немає жодного заповненого рядка.")
    return kept


def _too_many() -> UnreadableTable:
    return UnreadableTable(
        "too_many_rows",
        f"У таблиці понад {MAX_ROWS} рядків. Поділіть її на кілька: одним наказом зараховують до {MAX_ROWS} учнів.",
    )


def _too_wide() -> UnreadableTable:
    return UnreadableTable("too_many_columns", f"У таблиці понад {MAX_COLUMNS} стовпців.")


# ── XLSX ─────────────────────────────────────────────────────────────────────
def _read_xlsx(content: bytes) -> Iterable[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            formulas = _inspect(package)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise _damaged() from error
    except RuntimeError as error:  # zipfile's word for an encrypted entry
        raise UnreadableTable("encrypted_file", "Архів захищено паролем.") from error
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
    except (CalamineError, ValueError, OSError) as error:
        raise _damaged() from error
    for number, sheet in enumerate(sheets):
        rows = sheet.to_python(skip_empty_area=False)
        text = [[_cell(value) for value in row] for row in rows]
        for (row, column), formula in formulas.get(number, {}).items():
            if row < len(text) and column < len(text[row]):
                text[row][column] = storable("=" + formula)
        if any(any(row) for row in text):
            return text
    return []


def _damaged() -> UnreadableTable:
    return UnreadableTable(
        "damaged_file",
        "Файл пошкоджено або це не таблиця. Відкрийте його в Excel і збережіть як XLSX або CSV.",
    )


def _inspect(package: zipfile.ZipFile) -> dict[int, dict[tuple[int, int], str]]:
    """Unzip every part once into nothing, counting; return formulas by sheet and place."""
    parts = package.infolist()
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise UnreadableTable(
            "not_a_table", "Це архів або інший документ, а не таблиця. Приймаємо XLSX і CSV."
        )
    if len(parts) > 1000 or sum(part.file_size for part in parts) > MAX_UNZIPPED:
        raise _bomb()
    formulas: dict[int, dict[tuple[int, int], str]] = {}
    sheets = _sheets_in_order(package)
    left = MAX_UNZIPPED
    for part in parts:
        scan = _SheetScan() if part.filename in sheets else None
        # A header that lies about the size ends in a wrong checksum, hence BadZipFile.
        with package.open(part) as stream:
            while chunk := stream.read(1 << 16):
                left -= len(chunk)
                if left < 0:
                    raise _bomb()
                if scan is not None:
                    scan.feed(chunk)
        if scan is not None:
            formulas[sheets.index(part.filename)] = scan.formulas
    return formulas


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
        "Розпакований файл завеликий. Скопіюйте саму таблицю учнів у нову книгу і завантажте її.",
    )


class _SheetScan:
    """Walk the XML of a sheet once: where its farthest cell is, and which cells are formulas."""

    def __init__(self) -> None:
        self.formulas: dict[tuple[int, int], str] = {}
        self._row = self._column = -1
        self._text: list[str] | None = None
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.Parse(chunk, False)  # noqa: FBT003 - expat's own signature
        except expat.ExpatError as error:
            raise _damaged() from error

    def _doctype(self, *_: object) -> None:
        raise _damaged()

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "row":
            self._row = int(attributes.get("r", self._row + 2)) - 1
            self._column = -1
        elif tag == "c":
            if place := attributes.get("r"):
                self._row, self._column = _place(place)
            else:
                self._column += 1
            if self._row > MAX_ROWS + _HEADER_WITHIN:
                raise _too_many()
            if self._column >= MAX_COLUMNS:
                raise _too_wide()
        elif tag == "f":
            self._text = []

    def _end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "f" and self._text is not None:
            self.formulas[self._row, self._column] = "".join(self._text)
            self._text = None

    def _characters(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)


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


def _decode(name: str, content: bytes) -> str:
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


def _rows_of_text(text: str) -> Iterable[list[str]]:
    sample = text[:20_000].splitlines()[:20]
    delimiter = max("\t;,", key=lambda mark: _agreement(sample, mark))
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [storable(cell) for cell in row]
    except csv.Error as error:
        raise UnreadableTable("damaged_file", "Таблицю пошкоджено: задовга клітинка.") from error


def _agreement(lines: list[str], mark: str) -> tuple[int, int]:
    """How well a mark divides lines into columns: in how many lines it stands, how often."""
    counts = [line.count(mark) for line in lines if line.strip()]
    with_mark = [count for count in counts if count]
    return len(with_mark), min(with_mark, default=0)


# ── columns ──────────────────────────────────────────────────────────────────
FULL_NAME = "full_name"
SERIES = "document_series"
NUMBER = "document_number"
CLASS_NUMBER = "class_number"
CLASS_LETTER = "class_letter"

# What a column may be besides the columns of the draft: these are joined or split on the way in.
EXTRA = {
    FULL_NAME: "Прізвище, імʼя, по батькові разом",
    SERIES: "Серія документа",
    NUMBER: "Номер документа",
    CLASS_NUMBER: "Паралель",
    CLASS_LETTER: "Літера класу",
}
_SYNONYMS = {
    FULL_NAME: "піб|п.і.б.|пib|прізвище імʼя по батькові|піб учня|піб дитини|учень|дитина|"
    "прізвище та імʼя|прізвище імʼя|піб здобувача|прізвище, імʼя, по батькові|fio|фио",
    "surname": "прізвище|прізвище учня|прізвище дитини|фамилия|surname|last name|lastname",
    "given_name": "імʼя|імʼя учня|імʼя дитини|имя|name|first name|firstname|given name",
    "patronymic": "по батькові|побатькові|по-батькові|отчество|patronymic|по батькові дитини",
    "born_on": "дата народження|дата народж|дата народж.|народження|д.н.|дн|др|дата нар|"
    "день народження|born|birth date|дата рождения|birthday|дата народження дитини",
    "sex": "стать|пол|sex|gender|стать дитини",
    "document": "документ|свідоцтво|свідоцтво про народження|серія та номер|серія і номер|"
    "серія, номер|серія номер|серія та номер свідоцтва|серія і номер свідоцтва|"
    "свідоцтво про народження серія номер|серія та номер документа|номер свідоцтва",
    SERIES: "серія|серія документа|серія свідоцтва|series",
    NUMBER: "номер документа|№ документа|№ свідоцтва|номер документу|number",
    "document_type": "тип документа|вид документа|тип документу|вид документу|документ тип",
    "document_issued_by": "ким видано|ким виданий|орган видачі|ким видано документ|видавник",
    "document_issued_on": "дата видачі|коли видано|дата видачі документа|видано",
    "rnokpp": "рнокпп|ідентифікаційний код|іпн|ідн|інн|код|податковий номер|рнокпп дитини|"
    "рнокпп учня|ідентифікаційний номер",
    "unzr": "унзр|унікальний номер запису|номер запису в реєстрі",
    "class": "клас|клас (паралель, літера)|class|назва класу|клас навчання",
    CLASS_NUMBER: "паралель|номер класу|рік навчання",
    CLASS_LETTER: "літера|буква|літера класу",
    "form": "форма здобуття освіти|форма навчання|форма здобуття|форма",
    "relation": "хто подає|тип відносин з дитиною|тип відносин|ким доводиться|"
    "ступінь споріднення|відношення|родинний звʼязок|хто заявник",
    "applicant": "заявник|піб заявника|піб батьків|батьки|мати|представник|законний представник|"
    "піб представника|один з батьків|піб одного з батьків|піб матері|піб законного представника",
    "applicant_rnokpp": "рнокпп заявника|рнокпп матері|рнокпп батька|код заявника|"
    "рнокпп представника",
    "phone": "телефон|тел|тел.|контактний телефон|номер телефону|телефон заявника|телефон батьків|"
    "моб. телефон|мобільний|phone",
    "email": "електронна пошта|пошта|e-mail|email|ел. пошта|електронна адреса",
    "address": "адреса|адреса проживання|місце проживання|адреса фактичного місця проживання|"
    "фактична адреса|домашня адреса|address",
    "registered_address": "адреса реєстрації|місце реєстрації|зареєстроване місце проживання|"
    "задеклароване місце проживання",
    "address_territory": "катоттг|код катоттг",
    "address_country": "країна|країна проживання",
    "citizenship": "громадянство|citizenship",
}  # fmt: skip
_COLUMN_OF = {word: column for column, words in _SYNONYMS.items() for word in words.split("|")} | {
    column.label.lower(): column.name for column in BY_NAME.values()
}
_NUMBERING = {"№", "№ з/п", "№ п/п", "n", "no", "#", "номер з/п", "з/п", "п/п", "номер"}


def _heading(text: str) -> str:
    return tidy(text).lower().strip(" *:").replace("  ", " ")


def column_of(heading: str) -> str | None:
    """Which column a heading names, by the words people use; None when unknown."""
    return _COLUMN_OF.get(_heading(heading))


def recognise(table: Table) -> tuple[int, list[str | None], bool]:
    """Find the row of headings and what each column is.

    Returns the index of the first data row, the column name for each position (None: unknown),
    and whether this may be taken without asking: a surname or full name, a birth date and no
    filled column left unknown.
    """
    best = -1
    found: list[str | None] = [None] * max(len(row) for row in table)
    best_score = 0
    for index, row in enumerate(table[:_HEADER_WITHIN]):
        columns = [column_of(cell) for cell in row]
        for position, cell in enumerate(row):
            if position and columns[position - 1] == SERIES and _heading(cell) in {"номер", "№"}:
                columns[position] = NUMBER
        score = len({c for c in columns if c})
        if score > best_score:
            best, best_score = index, score
            found = columns + [None] * (len(found) - len(columns))
    if best_score < 2:
        return 0, _by_shape(table), False
    seen: set[str] = set()
    for position, column in enumerate(found):
        if column in seen:
            found[position] = None
        elif column:
            seen.add(column)
    data = table[best + 1 :]
    unknown = [
        position
        for position, column in enumerate(found)
        if column is None
        and _heading(_at(table[best], position)) not in _NUMBERING
        and any(_at(row, position) for row in data)
    ]
    sure = bool(seen & {"surname", FULL_NAME}) and "born_on" in seen and not unknown
    return best + 1, found, sure


def _by_shape(table: Table) -> list[str | None]:
    """Guess columns of a table without headings from what stands in them."""
    guesses: list[str | None] = []
    taken: set[str] = set()
    tests = (
        ("born_on", re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}")),
        ("phone", re.compile(r"\+?[\d()\s-]{10,19}(?<=\d)")),
        ("rnokpp", re.compile(r"\d{10}")),
        ("document", re.compile(r"[IVXІХ1]{1,5}\s?-\s?\w{2}\s*№?\s*\d{4,6}", re.IGNORECASE)),
        ("sex", re.compile(r"[мжчf]|чол\w*|жін\w*", re.IGNORECASE)),
        ("class", re.compile(r"\d{1,2}\s?-?\s?[а-яґєії]", re.IGNORECASE)),
        (FULL_NAME, re.compile(r"[\w’'ʼ-]+ [\w’'ʼ-]+ [\w’'ʼ-]+(?:ич|на|ВНА|ИЧ)")),
        ("patronymic", re.compile(r"[\w’'ʼ]+(?:ович|йович|івна|ївна)", re.IGNORECASE)),
    )
    for position in range(max(len(row) for row in table)):
        cells = [cell for row in table[:50] if (cell := _at(row, position))]
        guess = next(
            (
                column
                for column, shape in tests
                if column not in taken
                and cells
                and sum(shape.fullmatch(cell) is not None for cell in cells) > 0.7 * len(cells)
            ),
            None,
        )
        if guess == "rnokpp" and all(cell.startswith("0") for cell in cells):
            guess = "phone"
        guesses.append(guess)
        if guess:
            taken.add(guess)
    if FULL_NAME not in taken and "patronymic" in guesses:
        at = guesses.index("patronymic")
        if at >= 2 and guesses[at - 1] is None and guesses[at - 2] is None:
            guesses[at - 2], guesses[at - 1] = "surname", "given_name"
    return guesses


def _at(row: Sequence[str], position: int) -> str:
    return row[position] if position < len(row) else ""


def to_rows(data: Table, columns: Sequence[str | None]) -> list[dict[str, str]]:
    """Turn cells into rows of the draft: by column name, joint columns split, split ones joined."""
    rows = []
    for cells in data:
        raw = {
            column: value
            for position, column in enumerate(columns)
            if column and (value := _at(cells, position))
        }
        if not raw:
            continue
        if full_name := raw.pop(FULL_NAME, ""):
            parts = zip(("surname", "given_name", "patronymic"), split(full_name), strict=True)
            raw = {name: part for name, part in parts if part} | raw
        series, number = raw.pop(SERIES, ""), raw.pop(NUMBER, "")
        if (series or number) and "document" not in raw:
            raw["document"] = f"{series} {number}".strip()
        grade, letter = raw.pop(CLASS_NUMBER, ""), raw.pop(CLASS_LETTER, "")
        if "class" not in raw and grade:
            raw["class"] = f"{grade}-{letter}" if letter else grade
        elif letter and "class" in raw and raw["class"].isdigit():
            raw["class"] = f"{raw['class']}-{letter}"
        rows.append(raw)
    if len(rows) > MAX_ROWS:
        raise _too_many()
    return rows

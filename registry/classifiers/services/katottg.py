"""Reading an edition of КАТОТТГ from a file and checking every row of it (handbook C.5).

Accepted: CSV with the columns `code, parent_code, category, name` (more are ignored), plain, gzip
or xz; and the table of the ministry (XLSX, ODS, XLS) with the columns «Перший рівень» … «Додатковий
рівень», «Категорія обʼєкта», «Назва обʼєкта».
"""

from __future__ import annotations

import csv
import dataclasses
import gzip
import io
import lzma
import re
from collections.abc import Callable, Iterable, Iterator

from kernel.errors import Problem
from kernel.text import clean, latin

CODE = re.compile(r"UA[0-9]{17}")
# Which level a category stands at: 1 oblast, 2 raion, 3 hromada, 4 settlement, 5 city district.
LEVEL_OF = {"O": 1, "K": 1, "P": 2, "H": 3, "M": 4, "T": 4, "X": 4, "C": 4, "B": 5}
# The source writes Latin letters; hand-made tables often have the Cyrillic look-alikes.
LARGEST = 64 * 1024 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One object of the codifier, its place in the hierarchy derived from its ancestors."""

    code: str
    parent_code: str
    category: str
    name: str
    level: int
    oblast_code: str
    raion_code: str
    hromada_code: str


@dataclasses.dataclass(frozen=True, slots=True)
class _Raw:
    number: int
    code: str
    parent_code: str
    category: str
    name: str


class UnreadableEdition(ValueError):
    """The file is not a table of КАТОТТГ at all; the text says what was expected."""


def read(content: bytes) -> tuple[list[Row], list[Problem]]:
    """Return the rows of an edition and every problem found; with problems, nothing may be loaded.

    Raises:
        UnreadableEdition: another format, or columns missing.
    """
    raw = list(_raw_rows(content))
    if not raw:
        raise UnreadableEdition("У файлі немає жодного рядка з кодами КАТОТТГ")
    problems: list[Problem] = []
    known: dict[str, _Raw] = {}
    for row in raw:
        for code, detail in _faults(row, known):
            problems.append(Problem(f"рядок {row.number}", code, f"{row.code or '—'}: {detail}"))
        known.setdefault(row.code, row)
    problems.extend(
        Problem(
            f"рядок {row.number}",
            "orphan",
            f"{row.code}: немає обʼєкта вищого рівня {row.parent_code}",
        )
        for row in raw
        if row.parent_code and row.parent_code not in known
    )
    if problems:
        return [], problems
    return [_placed(row, known) for row in raw], []


def _faults(row: _Raw, known: dict[str, _Raw]) -> Iterator[tuple[str, str]]:
    if not CODE.fullmatch(row.code):
        yield "code_shape", "код має складатися з UA і 17 цифр"
        return
    if row.code in known:
        yield "duplicate", f"код уже є в рядку {known[row.code].number}"
    if row.category not in LEVEL_OF:
        yield "category", f"невідома категорія «{row.category}»"
    if not row.name:
        yield "name", "немає назви"
    if row.parent_code and not CODE.fullmatch(row.parent_code):
        yield "parent_shape", f"код вищого рівня «{row.parent_code}» пошкоджено"
    elif row.parent_code == row.code:
        yield "parent_self", "обʼєкт названо вищим для самого себе"
    elif row.parent_code and row.parent_code[:4] != row.code[:4]:
        yield "parent_other_oblast", f"вищий рівень {row.parent_code} належить іншій області"
    elif not row.parent_code and LEVEL_OF.get(row.category, 1) != 1:
        yield "parent_missing", "немає коду вищого рівня"


def _placed(row: _Raw, known: dict[str, _Raw]) -> Row:
    at: dict[int, str] = {}
    one: _Raw | None = row
    for _ in range(6):  # five levels; a longer chain would be a loop
        if one is None:
            break
        level = LEVEL_OF[one.category]
        at.setdefault(level, one.code)
        if one.category == "K" and one is not row:
            # Districts of Kyiv and Sevastopol hang under the city, which is its own raion and hromada.
            at.setdefault(2, one.code)
            at.setdefault(3, one.code)
        one = known.get(one.parent_code) if one.parent_code else None
    return Row(
        row.code,
        row.parent_code,
        row.category,
        row.name,
        LEVEL_OF[row.category],
        at.get(1, ""),
        at.get(2, ""),
        at.get(3, ""),
    )


def _raw_rows(content: bytes) -> Iterator[_Raw]:
    if len(content) > LARGEST:
        raise UnreadableEdition("Файл більший за 64 МБ: це не кодифікатор")
    if content[:6] == b"\xfd7zXZ\x00":
        return _from_csv(_unpacked(lambda: lzma.open(io.BytesIO(content)).read(LARGEST + 1)))
    if content[:2] == b"\x1f\x8b":
        return _from_csv(
            _unpacked(lambda: gzip.GzipFile(fileobj=io.BytesIO(content)).read(LARGEST + 1))
        )
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return _from_workbook(content)
    return _from_csv(content)


def _unpacked(read_all: Callable[[], bytes]) -> bytes:
    try:
        unpacked = read_all()
    except (OSError, EOFError, lzma.LZMAError) as broken:
        raise UnreadableEdition("Стиснений файл пошкоджено") from broken
    if len(unpacked) > LARGEST:
        raise UnreadableEdition("Після розпакування файл більший за 64 МБ: це не кодифікатор")
    return unpacked


def _from_csv(content: bytes) -> Iterator[_Raw]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1251")
        except UnicodeDecodeError as broken:
            raise UnreadableEdition("Файл не є текстом CSV") from broken
    if "\x00" in text:
        raise UnreadableEdition("Файл не є текстом CSV")
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text[:200] else ",")
    missing = {"code", "parent_code", "category", "name"} - set(reader.fieldnames or ())
    if missing:
        raise UnreadableEdition(f"У файлі CSV немає стовпців: {', '.join(sorted(missing))}")
    for number, row in enumerate(reader, start=2):
        yield _raw(number, row["code"], row["parent_code"], row["category"], row["name"])


def _from_workbook(content: bytes) -> Iterator[_Raw]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python()
    except (CalamineError, IndexError) as broken:
        raise UnreadableEdition("Таблицю не вдалося прочитати") from broken
    start = next(
        (n for n, row in enumerate(rows) if any("атегорія" in str(cell) for cell in row)), None
    )
    if start is None:
        raise UnreadableEdition("У таблиці немає стовпця «Категорія обʼєкта»")
    head = [str(cell) for cell in rows[start]]
    category = next(n for n, cell in enumerate(head) if "атегорія" in cell)
    for number, row in enumerate(rows[start + 1 :], start=start + 2):
        chain = _distinct(str(cell).strip() for cell in row[:category] if str(cell).strip())
        if not chain or not chain[-1].startswith("UA"):
            continue  # numbering of columns, notes under the table
        name = row[category + 1] if len(row) > category + 1 else ""
        parent = chain[-2] if len(chain) > 1 else ""
        yield _raw(number, chain[-1], parent, str(row[category]), str(name))


def _distinct(codes: Iterable[str]) -> list[str]:
    # Kyiv repeats its own code at four levels.
    chain: list[str] = []
    for code in codes:
        if not chain or chain[-1] != code:
            chain.append(code)
    return chain


def _raw(number: int, code: object, parent: object, category: object, name: object) -> _Raw:
    return _Raw(
        number,
        str(code or "").strip(),
        str(parent or "").strip(),
        latin(str(category or "").strip().upper()),
        clean(str(name or "")),
    )

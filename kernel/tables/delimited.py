"""Tables in text: CSV of any program, cells on a clipboard."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from kernel.tables import book
from kernel.tables.book import UnreadableTable
from kernel.tables.cells import storable

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
_PAGE = re.compile(
    r"\s*<(?:!doctype|html|head|body|table|meta|style|div|\?xml|xml|workbook)\b", re.I
)
_SEPARATOR = re.compile(r"sep=([;,\t|])\r?\n", re.IGNORECASE)


def decode(content: bytes) -> str:
    """The text of a file in any encoding that spreadsheets write.

    Raises:
        UnreadableTable: not text, another document, or letters nobody can tell.
    """
    what = next((word for magic, word in _MAGIC.items() if content.startswith(magic)), None)
    if what is not None:
        raise book.not_a_table(what)
    text = _decoded(content)
    if _PAGE.match(text):
        raise book.not_a_table(
            "вебсторінка або XML, навіть якщо назва файлу закінчується на .xls",
            "Відкрийте файл в Excel і збережіть як «Книга Excel (*.xlsx)».",
        )
    if text.lstrip()[:2] in {"[{", '{"', "{\n", "[\n"}:
        raise book.not_a_table("файл JSON")
    return text


def _decoded(content: bytes) -> str:
    wide = _wide(content)
    if wide:
        try:
            return content.decode(wide).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise book.damaged() from error
    if b"\x00" in content[:4096]:
        raise UnreadableTable("not_a_table", "Це не таблиця. Приймаємо XLSX, XLS, ODS і CSV.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    # Excel in Ukrainian Windows saves CSV in cp1251. A letter of that page is a high byte; a file
    # of another kind is full of bytes that are no letters.
    text = content.decode("cp1251", errors="replace")
    high = [c for c in text if ord(c) > 127]
    letters = sum(c.isalpha() or c in "№«»’–—\u00a0" for c in high)
    if letters < 0.9 * len(high):
        raise UnreadableTable(
            "unknown_encoding",
            "Не вдалося прочитати літери у файлі. Збережіть його як XLSX або «CSV UTF-8».",
        )
    return text


def _wide(content: bytes) -> str:
    """UTF-16 by its mark, or by where its noughts stand: every delimiter and digit has one."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = content[:4096]
    for encoding, noughts in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        others = head[0::2] if noughts == head[1::2] else head[1::2]
        ends = (b"\n\x00", b";\x00", b"\t\x00", b",\x00", b"|\x00")
        if encoding == "utf-16-be":
            ends = (b"\x00\n", b"\x00;", b"\x00\t", b"\x00,", b"\x00|")
        if noughts.count(0) > 0 and not others.count(0) and any(end in head for end in ends):
            return encoding
    return ""


def rows_of(text: str, *, marks: str = "\t;,|") -> Iterator[list[str]]:
    """Cells of a text divided by one of the marks (the one that divides most lines alike).

    Raises:
        UnreadableTable: quotation marks that can be read in two ways; the line is named.
    """
    told = _SEPARATOR.match(text) if len(marks) > 1 else None
    line = 1
    if told is not None:  # Excel's own first line for programs
        text, marks, line = text[told.end() :], told[1], 2
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    mark, width = _division(text, marks)
    # A cell in quotes ends where its closing quote meets the end of the cell. A quotation mark
    # without such a pair is a character of the cell, as «Ліцей "Основа"» has it.
    cell = re.compile(rf'[ ]*+"((?:[^"]++|"")*+)"[ ]*(?=[{mark}\n]|\Z)|([^{mark}\n]*)')
    row: list[str] = []
    began = at = 0
    unsure = False  # a pair of quotes that spans a delimiter
    while True:
        if (found := cell.match(text, at)) is None:  # cannot be: the second branch takes anything
            raise book.damaged()
        quoted, plain = found.groups()
        unsure = unsure or (quoted is not None and mark in quoted)
        row.append(storable(plain if quoted is None else quoted.replace('""', '"')))
        at = found.end()
        if at < len(text) and text[at] == mark:
            at += 1
            continue
        if unsure:
            _agree(text[began:at].split("\n"), mark, len(row), width, line)
        line += text.count("\n", began, at) + 1
        yield row
        if at >= len(text):
            return
        at += 1
        row, began, unsure = [], at, False


def _agree(lines: list[str], mark: str, read: int, width: int, number: int) -> None:
    """Refuse a row in which one pair of quotes spans a delimiter, unless only this reading gives as
    many cells as the other rows have: two stray marks would swallow cells or whole rows.

    Raises:
        UnreadableTable: both readings may be meant.
    """
    torn = [line.count(mark) + 1 for line in lines]
    if all(cells == width for cells in torn) or (len(lines) > 1 and read != width):
        end = f", а закрито аж у рядку {number + len(lines) - 1}" if len(lines) > 1 else ""
        raise UnreadableTable(
            "unclear_quotes",
            f"У рядку {number} відкрито лапки{end}, і між ними кілька клітинок. "
            "Приберіть зайві лапки або переноси рядків у клітинці.",
        )


def _division(text: str, marks: str) -> tuple[str, int]:
    """The mark that divides most lines into the same number of cells (of equals a tab, then «;»),
    and that number.

    A comma inside names of columns or addresses stands now and then, a delimiter in every line.
    """
    outside = re.sub(r'"(?:[^"\n]|"")*+"', "", text[:20_000])  # in quotes nothing is divided
    lines = [line for line in outside.splitlines()[:20] if line.strip()]

    def agreement(mark: str) -> tuple[int, int]:
        counts = Counter(line.count(mark) for line in lines if mark in line)
        cells, times = max(counts.items(), key=lambda one: one[::-1], default=(0, 0))
        return times, cells + 1

    mark = max(marks, key=lambda one: agreement(one)[0])
    return mark, agreement(mark)[1]

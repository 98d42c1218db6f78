"""What holds for every cell, whatever its column: storable characters, no formulas, blanks."""

from __future__ import annotations

import re
import unicodedata

from kernel.tables.findings import Problem, error
from kernel.text import clean

MAX_CELL = 500
UNREADABLE = "\ufffd"

# Zero-width marks and soft hyphens that arrive with text copied from sites and PDFs: they carry
# no meaning and are dropped. Other control characters are shown as U+FFFD, so that the person
# sees where something was (PostgreSQL cannot hold NUL at all).
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_FORMULA = re.compile(r"^\s*(?:=|@|[+-](?=[A-Za-zА-Яа-яҐґЄєІіЇї(]))")
# What a spreadsheet shows instead of a value, in its English, Ukrainian and other spellings.
# «####» is what a column too narrow for its value gives to a clipboard and to CSV.
_ERROR = re.compile(
    r"#(?:[^\s#]{1,15}[!?]|N/A|Н/Д|GETTING_DATA|#{2,})|(?:err|помилка|ошибка):\s?\d{3}",
    re.IGNORECASE,
)
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?[eEеЕ]\+\d+|\d[.,]\d+[eEеЕ]\d+")
_BLANKS = {"", "-", "–", "—", ".", "немає", "нема", "відсутнє", "відсутній", "відсутня", "н/д"}


def storable(text: object) -> str:
    """Return what may be kept of a typed cell: no NUL or control characters, at most 500 long."""
    value = "" if text is None else str(text)
    if value.isascii() and value.isprintable() and len(value) <= MAX_CELL:
        return value.strip()
    value = value.translate(_INVISIBLE)
    value = _CONTROL.sub(UNREADABLE, value)
    value = unicodedata.normalize("NFC", value)
    return " ".join(value.split())[: MAX_CELL + 1]


def tidy(text: str) -> str:
    """NFC, single spaces, one apostrophe; '' for the ways people write «nothing»."""
    value = clean(text)
    return "" if value.lower() in _BLANKS else value


def common(field: str, text: str) -> Problem | None:
    """The problem that makes any further look at the cell useless, if there is one."""
    if _FORMULA.match(text):
        return error(
            field,
            "formula",
            "У клітинці формула, а не значення. Впишіть значення або скопіюйте стовпець "
            "і вставте як «лише значення».",
        )
    if _ERROR.fullmatch(text):
        return error(
            field,
            "spreadsheet_error",
            f"У клітинці помилка Excel «{text}», а не значення. Впишіть значення.",
        )
    if _SHORTENED.fullmatch(text):
        return error(
            field,
            "shortened_by_excel",
            f"Excel показав число скорочено («{text}»), і цифри втрачено. Впишіть усі цифри або "
            "задайте стовпцю формат «Текстовий» і вставте знову.",
        )
    if UNREADABLE in text:
        return error(
            field,
            "control_characters",
            "У клітинці є недруковані символи, показані як «\ufffd». Видаліть їх або впишіть значення знову.",
            text.replace(UNREADABLE, "").strip() or None,
        )
    if len(text) > MAX_CELL:
        return error(field, "too_long", f"Задовгий текст: найбільше {MAX_CELL} знаків.")
    return None

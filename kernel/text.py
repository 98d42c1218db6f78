"""Ukrainian text: the alphabet's order, forms of number, one spelling of the apostrophe, and the one
folding of characters that look alike.

What people type and the register compares goes through here and nowhere else
(tests/architecture/test_look_alikes.py): `alike` where two writings are compared, `cyrillic`, `latin`
and `digits` where a writing is brought to the alphabet of what it must be.
"""

from __future__ import annotations

import re
import unicodedata

from django.db import models
from django.db.models import Func
from django.db.models.functions import Collate

# The 33 letters in their order, then four Russian ones met in foreign names; apostrophes and
# hyphens are ignored, as a Ukrainian dictionary does. SQL twin: uk_sort_key() in
# kernel/audit/migrations/0001; a test compares the two.
_LETTERS = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэъё"
_KEYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcde"
APOSTROPHES = "'`´’‘ʼʹʻʽˈ′＇"
DASHES = "-‐‑‒–—―−"
_IGNORED = APOSTROPHES + DASHES
_TABLE = str.maketrans(_LETTERS, _KEYS, _IGNORED)


def sort_key(text: str) -> str:
    """Return the key whose byte order is the Ukrainian alphabetical order of `text`.

    Equals ICU `uk` on 270,620 full names (measured), on every PostgreSQL build.
    """
    return text.lower().translate(_TABLE)


class UkSortKey(Func):
    """The same key computed by the database, for generated columns."""

    function = "uk_sort_key"
    output_field = models.TextField(db_collation="C")


def alphabetically(field: str) -> Collate:
    """To order rows by a text as `sort_key` does, where no column keeps its key: few rows."""
    return Collate(UkSortKey(field), "C")


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """The key of a label with numbers in it: «2-А» before «10-А», «12-Є» between «12-Е» and «12-Ж»,
    letters in the Ukrainian order."""
    return tuple(
        (int(part), "") if part.isascii() and part.isdigit() else (-1, sort_key(part))
        for part in _RUNS.findall(text)
    )


_RUNS = re.compile(r"[0-9]{1,9}|[^0-9]+")


def plural(number: int, one: str, few: str, many: str) -> str:
    """Choose the Ukrainian form of a noun for a number: 1 учень, 3 учні, 5 учнів, 11 учнів."""
    tens, ones = abs(number) % 100, abs(number) % 10
    if ones == 1 and tens != 11:
        return one
    if 2 <= ones <= 4 and not 12 <= tens <= 14:
        return few
    return many


_APOSTROPHE = re.compile(f"[{APOSTROPHES}]")
_DASH = re.compile(f"[{DASHES}]")


def uncapped(text: str) -> str:
    """A label inside a sentence: «аналітик МОН», «РНОКПП має 10 цифр», abbreviations as they are."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def years(code: str) -> str:
    """A school year as people write it: «2026/2027»."""
    return code.replace("-", "/")


_PHONE = re.compile(r"\+380([0-9]{2})([0-9]{3})([0-9]{2})([0-9]{2})(?![0-9])")


def phones(text: str) -> str:
    """«+380 67 123 45 67»: each telephone of a text as people read it."""
    return _PHONE.sub(r"+380 \1 \2 \3 \4", text)


def clean(text: str) -> str:
    """Return `text` in NFC with single spaces and every apostrophe as U+02BC."""
    return " ".join(_APOSTROPHE.sub("ʼ", unicodedata.normalize("NFC", text)).split())


def clean_lines(text: str) -> str:
    """A text of several lines, each as `clean` leaves it; empty lines between paragraphs stay."""
    return "\n".join(clean(line) for line in text.replace("\r\n", "\n").split("\n")).strip()


def bare_words(text: str) -> list[str]:
    """Words in small letters without apostrophes, as the dictionary of names has them."""
    return _APOSTROPHE.sub("", text.lower()).split()


def hyphens(text: str) -> str:
    """Every dash as the plain hyphen."""
    return _DASH.sub("-", text)


_KEYS_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`\\"
_KEYS_UKRAINIAN = "йцукенгшщзхїфівапролджєячсмитьбюʼґ"
_RETYPED = str.maketrans(_KEYS_LATIN, _KEYS_UKRAINIAN)


def retyped(text: str) -> str | None:
    """What the same keys write in the Ukrainian layout; None unless the text is Latin alone."""
    plain = text.lower()
    if not plain.isascii() or not any(mark.isalpha() for mark in plain):
        return None
    return plain.translate(_RETYPED)


_APART = re.compile(r"(?<=\w)\s*ʼ\s*(?=\w)")


def readings(text: str) -> list[str]:
    """The ways to read what was typed into a search, the likeliest first: as it stands, and, of
    Latin letters alone, as the same keys of the Ukrainian layout: «f,hfvjd» is «абрамов»."""
    plain = text.replace("\x00", "")[:200]
    found = [plain, other] if (other := retyped(plain)) is not None else [plain]
    return [_APART.sub("ʼ", clean(one)) for one in found]


def beginnings(query: str) -> list[str]:
    """What the key of a name may begin with: as typed, and the double surname without its hyphen
    («Ґалаґан Їжак»). Empty when no letter was typed."""
    words = [key for key in (sort_key(word) for word in query.split()) if key]
    if not words:
        return []
    found = [" ".join(words)]
    if len(words) > 1:
        found.append(" ".join(["".join(words[:2]), *words[2:]]))
    return found


# ── look-alikes ──────────────────────────────────────────────────────────────
_LATIN = "ABCEHIKMOPTXYÏ" + "aceikmnopxyïth"
_CYRILLIC = "АВСЕНІКМОРТХУЇ" + "асеікмпорхуїтн"
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_TO_DIGITS = str.maketrans("ОоOoЗзІіIil|", "000033111111")


def cyrillic(text: str) -> str:
    """Latin letters that look Ukrainian as the Ukrainian ones; the rest stays."""
    return text.translate(_TO_CYRILLIC)


def in_letters(text: str) -> str:
    """`cyrillic`, and digits that look like letters as letters, for what has no digits: names."""
    return cyrillic(text).replace("0", "О").replace("3", "З")


def latin(text: str) -> str:
    """Ukrainian letters that look Latin as the Latin ones; the rest stays."""
    return text.translate(_TO_LATIN)


def one_script(text: str) -> str:
    """Letters of one alphabet where all may be of one: Latin, unless one is Ukrainian alone."""
    as_latin = latin(text)
    return as_latin if as_latin.isascii() else cyrillic(text)


def digits(text: str) -> str:
    """Letters that look like digits as digits, for numbers that have no letters: О is 0."""
    return text.translate(_TO_DIGITS)


def code(text: str) -> str:
    """The digits that a text is, however typed: «99 ООО 011» is 99000011. «» when it holds no digit
    at all, as «зоо» does, or anything but digits."""
    plain = digits(re.sub(r"[\s\u00a0-]", "", text))
    sure = any(mark.isdigit() for mark in text)
    return plain if sure and plain.isascii() and plain.isdigit() else ""


_FOLD = {
    **dict(zip(_LATIN[:14].lower(), _CYRILLIC[:14], strict=True)),
    **dict(zip(_LATIN[:14], _CYRILLIC[:14], strict=True)),
    **{letter: letter.upper() for letter in _LETTERS + "dfgjlnqrsuvwz"},
    **dict.fromkeys("ОоOo", "0"),
    **dict.fromkeys(DASHES[1:], "-"),
    **dict.fromkeys(APOSTROPHES + " \t\n\r\u00a0\u2007\u2009\u202f"),
}
_ALIKE = str.maketrans(_FOLD)


def alike(text: str) -> str:
    """The key by which two writings are one: whatever the case, the alphabet of letters that look
    the same, О or 0, the dash, the apostrophe and the spaces. «77-У», «77–у» and «77 - Y» are one.

    SQL twin: uk_alike() in kernel/audit/functions.sql; a test compares the two.
    """
    return text.translate(_ALIKE)


class Alike(Func):
    """The same key computed by the database, for constraints and look-ups."""

    function = "uk_alike"
    output_field = models.TextField()

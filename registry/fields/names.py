"""Surnames, given names, patronymics (handbook C.6)."""

from __future__ import annotations

import re

from kernel.tables.cells import common, tidy
from kernel.tables.findings import Checked, Problem, error, warning
from kernel.text import hyphens, in_letters, sort_key

UKRAINIAN = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
RUSSIAN = "ыэъё"
APOSTROPHE = "ʼ"  # U+02BC, the one form kept
MAX_NAME = 128

_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_ALLOWED = re.compile(rf"[{UKRAINIAN}{RUSSIAN}{APOSTROPHE}\- ]+", re.IGNORECASE)
_ALLOWED_LETTERS = frozenset(UKRAINIAN + UKRAINIAN.upper() + APOSTROPHE + "- ")
_INITIAL = re.compile(rf"[{UKRAINIAN}{RUSSIAN}]\.", re.IGNORECASE)
_CYRILLIC = re.compile(rf"[{UKRAINIAN}{RUSSIAN}]", re.IGNORECASE)
# A quotation mark or an asterisk between letters is what some keyboards give for an apostrophe.
_FALSE_APOSTROPHE = re.compile(r"(?<=\w)[\"*”“″](?=\w)")
_DASH = re.compile(r"\s*-+\s*")
_APART = re.compile(r"(?<=\w)\s*ʼ\s*(?=\w)")  # «Мар ʼяна»


def normal(text: str) -> str:
    """One spelling: NFC, U+02BC, plain hyphen without spaces, capital first letters.

    A name typed in capitals or in small letters gets its capitals right; mixed case («МакДональд»,
    «де Роберті») stays as typed.
    """
    value = _DASH.sub("-", hyphens(_FALSE_APOSTROPHE.sub(APOSTROPHE, tidy(text))))
    value = _APART.sub(APOSTROPHE, value)
    if value.isupper() or value.islower():
        value = _capitals(value)
    return value


def _capitals(value: str) -> str:
    # str.title() would raise the letter after an apostrophe: «ДемʼЯн».
    return "-".join(
        " ".join(word[:1].upper() + word[1:].lower() for word in part.split(" "))
        for part in value.split("-")
    )


_WHAT = {
    "surname": "прізвище",
    "given_name": "імʼя",
    "patronymic": "по батькові",
    "applicant": "імʼя заявника",
}


def check(field: str, text: str, *, required: bool, initials: bool = False) -> Checked[str]:
    """Check one part of a name; «» is fine when it is not required."""
    if not text:
        return _missing(field) if required else Checked("")
    if (
        _ALLOWED_LETTERS.issuperset(text)
        and text[0].isupper()
        and len(text) <= MAX_NAME
        and "  " not in text
        and " -" not in text
        and "- " not in text
        and " ʼ" not in text
        and "ʼ " not in text
        and text[-1] not in " -ʼ"
        and not text.isupper()
    ):
        return Checked(text)  # nine names of ten: nothing to normalise, nothing to say
    if found := common(field, text):
        return Checked(None, (found,))
    value = normal(text)
    if not value:
        return _missing(field) if required else Checked("")
    if found := _wrong(field, value, initials=initials):
        return Checked(None, (found,))
    letters = sorted({c for c in value.lower() if c in RUSSIAN}, key=RUSSIAN.index)
    if letters:
        told = ", ".join(f"«{c}»" for c in letters)
        return Checked(
            value,
            (
                warning(
                    field,
                    "russian_letters",
                    f"Літер {told} немає в українській абетці. Звірте з документом: "
                    "так буває лише в іноземних іменах.",
                ),
            ),
        )
    return Checked(value)


def _missing(field: str) -> Checked[str]:
    return Checked(None, (error(field, "required", f"Не вказано {_WHAT.get(field, 'імʼя')}."),))


def _wrong(field: str, value: str, *, initials: bool) -> Problem | None:
    if len(value) > MAX_NAME:
        return error(field, "too_long", f"Задовге імʼя: найбільше {MAX_NAME} знаків.")
    bare = _INITIAL.sub("", value) if initials else value
    if not bare.strip():
        return None
    if _ALLOWED.fullmatch(bare):
        if value[0] in "-ʼ" or value[-1] in "-ʼ" or "ʼʼ" in value:
            return error(
                field,
                "stray_mark",
                "Зайвий дефіс або апостроф на краю слова.",
                value.strip("-ʼ ").replace("ʼʼ", "ʼ") or None,
            )
        return None
    fixed = in_letters(bare)
    mends = in_letters(value) if _ALLOWED.fullmatch(fixed) else None
    mends = normal(mends) if mends else None
    latin = list(dict.fromkeys(_LATIN.findall(bare)))
    if latin and _CYRILLIC.search(bare):
        told = ", ".join(f"«{c}»" for c in latin[:5])
        word = "Латинська літера" if len(latin) == 1 else "Латинські літери"
        return error(field, "latin_letters", f"{word} {told} серед кирилиці.", mends)
    if latin:
        return error(
            field,
            "latin_name",
            "Записано латиницею. Впишіть українськими літерами, як у документі.",
            mends,
        )
    if any(c.isdigit() for c in bare):
        return error(field, "digits", "У цьому полі не може бути цифр.", mends)
    odd = next(c for c in bare if not _ALLOWED.fullmatch(c))
    return error(
        field,
        "foreign_sign",
        f"Знак «{odd}» тут не пишуть: дозволені українські літери, апостроф, дефіс і пробіл.",
    )


def split(full_name: str) -> tuple[str, str, str]:
    """Split «Прізвище Імʼя По батькові» (initials too) into its parts.

    A patronymic of two words («Гасан огли») keeps both.
    """
    spaced = re.sub(r"(?<=\.)(?=\S)", " ", tidy(full_name))
    parts = spaced.split(" ")
    return parts[0], parts[1] if len(parts) > 1 else "", " ".join(parts[2:])


def is_initial(part: str) -> bool:
    """Whether a part of a name is only its first letter."""
    return part.endswith(".") or len(part) == 1


def agrees(known: str, said: str) -> bool:
    """Whether a part of a name as said may be the one known, capitals and apostrophes aside."""
    if is_initial(said) and not is_initial(known):
        return sort_key(known).startswith(sort_key(said.rstrip(".")))
    return sort_key(known) == sort_key(said)

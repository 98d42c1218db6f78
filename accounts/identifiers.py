"""Codes of legal entities and people, and names as documents write them (handbook C.1-C.3, C.6).

Pure functions: the register uses the same checks. A `*_problem` function returns None when all
is well and otherwise the sentence a person reads, with what to do.
"""

from __future__ import annotations

import datetime
import re

from kernel.text import alike, clean, cyrillic, digits, hyphens, in_letters, latin, plural

_EIGHT = re.compile(r"[0-9]{8}")
_TEN = re.compile(r"[0-9]{10}")
_PASSPORT = re.compile(r"[0-9]{9}|[АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ]{2}[0-9]{6}")
_UNZR = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})-([0-9]{4})([0-9])")
_TERRITORY = re.compile(r"UA[0-9]{17}")
_RNOKPP_WEIGHTS = (-1, 5, 7, 9, 4, 6, 10, 5, 7)
_RNOKPP_EPOCH = datetime.date(1899, 12, 31)
_NOISE = re.compile(r"[\s\u00a0\-.№]+")
_BOOKLET = re.compile(r"([^\W\d_]{2})([0-9OОЗIІL|]{6})")
_DIGITS_ALIKE = re.compile(r"[0-9OОЗIІL|]+")


def bare(code: str) -> str:
    """A code as people paste it, without spaces, dots and dashes, in capitals: О among digits is 0,
    the two letters of a passport are Ukrainian."""
    text = _NOISE.sub("", hyphens(code)).upper()
    if found := _BOOKLET.fullmatch(text):
        return cyrillic(found[1]) + digits(found[2])
    return digits(text) if _DIGITS_ALIKE.fullmatch(text) else text


def territory(code: str) -> str:
    """A КАТОТТГ code as people type it: «УА» for UA, О for 0, small letters, spaces."""
    text = "".join(code.split()).upper()
    head = "UA" if latin(text[:2]) in {"UA", "YA"} else text[:2]
    return head + digits(text[2:])


def edrpou_check_digit(code: str) -> int:
    """The eighth digit that an 8-digit code must have (handbook C.1)."""
    digits = [int(c) for c in code[:7]]
    middle = 30_000_000 <= int(code) <= 60_000_000
    weights = (7, 1, 2, 3, 4, 5, 6) if middle else (1, 2, 3, 4, 5, 6, 7)
    total = sum(w * d for w, d in zip(weights, digits, strict=True)) % 11
    if total == 10:
        total = sum((w + 2) * d for w, d in zip(weights, digits, strict=True)) % 11
    return total % 10


def edrpou_is_valid(code: str) -> bool:
    """Eight digits with the right check digit; eight zeros are nobody's code."""
    return (
        _EIGHT.fullmatch(code) is not None
        and code != "00000000"
        and edrpou_check_digit(code) == int(code[7])
    )


def edrpou_problem(code: str) -> str | None:
    """What is wrong with a ЄДРПОУ."""
    if not code:
        return "Впишіть код ЄДРПОУ: вісім цифр."
    if not _EIGHT.fullmatch(code):
        signs = f"{len(code)} {plural(len(code), 'знак', 'знаки', 'знаків')}"
        return f"Код ЄДРПОУ має вісім цифр, а тут {signs}. Нулі на початку не пропускайте."
    if not edrpou_is_valid(code):
        return "Такого коду ЄДРПОУ не буває: остання цифра не збігається. Звірте з випискою."
    return None


def rnokpp_check_digit(first_nine: str) -> int:
    """The tenth digit (handbook C.2)."""
    return sum(w * int(d) for w, d in zip(_RNOKPP_WEIGHTS, first_nine, strict=True)) % 11 % 10


def rnokpp_is_valid(code: str) -> bool:
    """Ten digits with the right check digit, not all zeros."""
    return (
        _TEN.fullmatch(code) is not None
        and code != "0000000000"
        and rnokpp_check_digit(code[:9]) == int(code[9])
    )


def rnokpp_tells(code: str) -> tuple[datetime.date, str]:
    """Birth date and sex (M, F) written in a valid number; real ones may err, so only a hint."""
    born_on = _RNOKPP_EPOCH + datetime.timedelta(days=int(code[:5]))
    return born_on, "M" if int(code[8]) % 2 else "F"


def person_code_problem(code: str) -> str | None:
    """What is wrong with РНОКПП, or with the passport number that stands for it.

    People who refused the number by faith carry in the certificate an ID-card number (9 digits)
    or the series and number of a passport booklet (signatures.md §4, trap 15).
    """
    if not code:
        return "Впишіть РНОКПП: десять цифр, як у сертифікаті підпису."
    if _PASSPORT.fullmatch(code):
        return None
    if not _TEN.fullmatch(code):
        return (
            "РНОКПП має десять цифр. Якщо людина відмовилася від нього через переконання, "
            "впишіть номер паспорта: девʼять цифр або дві літери й шість цифр."
        )
    if not rnokpp_is_valid(code):
        return "Такого РНОКПП не буває: остання цифра не збігається. Перевірте, чи не переставлено цифри."
    return None


def unzr_check_digit(twelve: str) -> int:
    """The last digit by ICAO 9303 weights 7-3-1 over the twelve before it."""
    return sum(int(d) * (7, 3, 1)[i % 3] for i, d in enumerate(twelve)) % 10


def unzr_problem(code: str) -> str | None:
    """What is wrong with the form of an УНЗР; see `unzr_is_strict` for its check digit."""
    found = _UNZR.fullmatch(code)
    if found is None:
        return "УНЗР пишуть так: рік, місяць, день, дефіс і пʼять цифр, наприклад 20950901-00011."
    try:
        datetime.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return "На початку УНЗР має бути дата народження, а такої дати немає."
    return None


def unzr_is_strict(code: str) -> bool:
    """Whether the check digit fits too. Only a warning: the rule rests on one known specimen."""
    found = _UNZR.fullmatch(code)
    return (
        unzr_problem(code) is None
        and found is not None
        and unzr_check_digit(found[1] + found[2] + found[3] + found[4]) == int(found[5])
    )


def territory_problem(code: str) -> str | None:
    """What is wrong with the form of a КАТОТТГ code."""
    if not _TERRITORY.fullmatch(code):
        return "Код КАТОТТГ починається з UA і має ще 17 цифр."
    return None


# ── names ────────────────────────────────────────────────────────────────────
_UKRAINIAN = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
_NAME = re.compile(rf"[{_UKRAINIAN}ыэъё][{_UKRAINIAN}ыэъёʼ\- ]*", re.IGNORECASE)
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")


def name(text: str) -> str:
    """One spelling of a name: NFC, ʼ, plain hyphen, capitals where all was small or all capital."""
    text = re.sub(r"\s*-+\s*", "-", hyphens(clean(text)))
    if text.isupper() or text.islower():
        text = re.sub(r"[^\s\-]+", lambda word: word[0][:1].upper() + word[0][1:].lower(), text)
    return text


def name_problem(text: str, what: str, *, required: bool = True) -> str | None:
    """What is wrong with a normalised name; `what` is «прізвище», «імʼя», «по батькові»."""
    if not text:
        return f"Впишіть {what}." if required else None
    if len(text) > 128:
        return "Задовге: найбільше 128 знаків."
    if _NAME.fullmatch(text) and text[-1] not in "-ʼ":
        return None
    if latin := list(dict.fromkeys(_LATIN.findall(text))):
        told = ", ".join(f"«{letter}»" for letter in latin[:5])
        mended = name(in_letters(text))
        hint = (
            f"Мабуть, має бути «{mended}»."
            if _NAME.fullmatch(mended)
            else "Впишіть українськими літерами, як у документі."
        )
        return f"Тут латинські літери {told}, хоч і схожі на українські. {hint}"
    if any(c.isdigit() for c in text):
        return f"У полі «{what}» не може бути цифр."
    return "Дозволені українські літери, апостроф, дефіс і пробіл."


def names_agree(ours: str, theirs: str) -> bool:
    """Whether two full names are the same person's, whatever the case, marks and order of words.

    A certificate may lack the patronymic; surname and given name must be there.
    """
    one, other = _words(ours), _words(theirs)
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= 2 and set(shorter) <= set(longer)


def _words(full_name: str) -> list[str]:
    return [alike(word) for word in re.split(r"[\s\-]+", hyphens(full_name)) if alike(word)]


def masked(person_code: str) -> str:
    """A person's code for lists: «••••••4471»."""
    return "•" * max(len(person_code) - 4, 0) + person_code[-4:]


def parts_of_name(full_name: str) -> tuple[str, str, str]:
    """Surname, name and patronymic of a certificate's one line."""
    words = name(full_name)[:300].split()
    return " ".join(words[:1]) or "Без імені", " ".join(words[1:2]), " ".join(words[2:])

"""What the rules of packs ask of a value: pure functions, each beside its twin in SQL.

The twins are installed by a migration (`FUNCTIONS`), so that a rule says the same of a cell being
typed and of four million rows; tests/registry/fields/test_packs.py compares them value by value.
"""

from __future__ import annotations

import datetime
import re

from accounts.identifiers import rnokpp_is_valid as rnokpp_is_valid
from accounts.identifiers import rnokpp_tells, unzr_check_digit
from kernel import clock

# ── РНОКПП and УНЗР (handbook C.2, C.3) ──────────────────────────────────────
_WEIGHTS = (-1, 5, 7, 9, 4, 6, 10, 5, 7)
_TEN = re.compile(r"[0-9]{10}")
_UNZR = re.compile(r"([0-9]{8})-([0-9]{5})")


def rnokpp_born_on(number: str) -> datetime.date | None:
    """The birth date in a number; None when it is not ten digits."""
    return rnokpp_tells(number)[0] if _TEN.fullmatch(number) else None


def rnokpp_sex(number: str) -> str | None:
    """The sex in a number, M or F; None when it is not ten digits."""
    return rnokpp_tells(number)[1] if _TEN.fullmatch(number) else None


def unzr_is_valid(unzr: str) -> bool:
    """«РРРРММДД-NNNNN» whose last digit agrees with the others."""
    match = _UNZR.fullmatch(unzr)
    return match is not None and unzr_check_digit(match[1] + match[2][:4]) == int(match[2][4])


def unzr_born_on(unzr: str) -> datetime.date | None:
    """The birth date in a УНЗР; None when its shape is wrong or there is no such day."""
    match = _UNZR.fullmatch(unzr)
    if match is None:
        return None
    try:
        return datetime.date(int(match[1][:4]), int(match[1][4:6]), int(match[1][6:]))
    except ValueError:
        return None


# ── documents, phones (handbook C.4, C.6) ────────────────────────────────────
UKR = "АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ"
_ANY = "ABCDEFGHIJKLMNOPQRSTUVWXYZЁЪЫЭ0123456789№/()" + UKR + r"\\\- "
_ROMAN = "(?=[IVX])X{0,3}(IX|IV|V?I{0,3})"
_TWO = f"[{UKR}]{{2}}"
# type → (series, number) as they are kept; the two languages read these expressions alike.
DOCUMENT_SHAPES = {
    "BIRTH_UA": (f"{_ROMAN}-{_TWO}", "[0-9]{6}"),
    "BIRTH_FOREIGN": ("", f"[{_ANY}]{{2,25}}"),
    "PASSPORT_BOOK": (_TWO, "[0-9]{6}"),
    "PASSPORT_FOREIGN": ("[A-Z]{2}", "[0-9]{6}"),
    "ID_CARD": ("", "[0-9]{9}"),
    "RESIDENCE_PERMANENT": (f"({_TWO})?", "[0-9]{4,6}|[0-9]{9}"),
    "RESIDENCE_TEMPORARY": (f"({_TWO})?", "[0-9]{4,6}|[0-9]{9}"),
    "IDP": ("", "[0-9]{4}-[0-9]{10}"),
    "REFUGEE": ("", f"[{_ANY}]{{2,25}}"),
}
_SHAPES = {kind: tuple(map(re.compile, both)) for kind, both in DOCUMENT_SHAPES.items()}
PHONE_SHAPE = r"\+380[0-9]{9}|\+(?!380)[1-9][0-9]{6,14}"


def document_shape(kind: str, series: str, number: str) -> bool:
    """Whether series and number are shaped as documents of this kind are; unknown kinds are not."""
    shapes = _SHAPES.get(kind)
    return (
        shapes is not None
        and shapes[0].fullmatch(series) is not None
        and shapes[1].fullmatch(number) is not None
    )


def phone_shape(phone: str) -> bool:
    """«+380671234567», or another country's number from «+» and its code."""
    return re.fullmatch(PHONE_SHAPE, phone) is not None


# ── names, ages ──────────────────────────────────────────────────────────────
# What the ending of a patronymic tells of the sex.
PATRONYMIC_ENDINGS = {
    "M": ("ович", "йович", "ліч", "міч", "огли", "оглу"),
    "F": ("івна", "ївна", "овна", "євна", "кизи", "ічна"),
}


def sex_of_patronymic(patronymic: str) -> str | None:
    """What the ending of a patronymic tells: M for -ович, -йович; F for -івна, -ївна."""
    low = patronymic.lower()
    return next((sex for sex, ends in PATRONYMIC_ENDINGS.items() if low.endswith(ends)), None)


def full_years(born_on: datetime.date, on: datetime.date) -> int:
    """Full years on a day; nought before birth."""
    return max(clock.age(born_on, on), 0)


def usual_age(grade: int) -> int:
    """How old most children of a grade are on the first of September."""
    return grade + 5


def age_fits_grade(born_on: datetime.date, grade: int, on: datetime.date) -> bool:
    """Whether a child's age on the first day of September is one that happens in a grade.

    A child begins grade 1 at six, by 31 December at the latest of that year (Закон «Про повну
    загальну середню освіту», ст. 9); being a year ahead or three behind is usual enough.
    """
    return usual_age(grade) - 1 <= full_years(born_on, on) <= usual_age(grade) + 4


# ── the twins ────────────────────────────────────────────────────────────────
def _ends(endings: tuple[str, ...]) -> str:
    return f"lower(patronymic) ~ '({'|'.join(endings)})$'"


_OF_KINDS = "\n".join(
    f"        WHEN '{kind}' THEN series ~ '^({first})$' AND number ~ '^({second})$'"
    for kind, (first, second) in DOCUMENT_SHAPES.items()
)
_SQL: dict[tuple[str, str], str] = {
    (
        "registry_rnokpp_is_valid(number text)",
        "boolean",
    ): r"""
    CASE WHEN number ~ '^[0-9]{10}$' AND number <> '0000000000' THEN
        mod(mod("""
    + " + ".join(
        f"{weight} * substr(number, {at}, 1)::int" for at, weight in enumerate(_WEIGHTS, start=1)
    )
    + r""" + 11, 11), 10) = substr(number, 10, 1)::int
    ELSE false END""",
    ("registry_rnokpp_born_on(number text)", "date"): r"""
    CASE WHEN number ~ '^[0-9]{10}$' THEN date '1899-12-31' + substr(number, 1, 5)::int END""",
    ("registry_rnokpp_sex(number text)", "text"): r"""
    CASE WHEN number ~ '^[0-9]{10}$' THEN
        CASE WHEN substr(number, 9, 1)::int % 2 = 1 THEN 'M' ELSE 'F' END END""",
    ("registry_unzr_is_valid(unzr text)", "boolean"): r"""
    CASE WHEN unzr ~ '^[0-9]{8}-[0-9]{5}$' THEN
        mod("""
    + " + ".join(
        f"{(7, 3, 1)[at % 3]} * substr(unzr, {at + 1 if at < 8 else at + 2}, 1)::int"
        for at in range(12)
    )
    + r""", 10) = substr(unzr, 14, 1)::int
    ELSE false END""",
    ("registry_unzr_born_on(unzr text)", "date"): r"""
    CASE WHEN unzr ~ '^[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])-[0-9]{5}$'
          AND unzr !~ '^0000' THEN
        CASE WHEN substr(unzr, 7, 2)::int <= extract(day FROM
            make_date(substr(unzr, 1, 4)::int, substr(unzr, 5, 2)::int, 1)
            + interval '1 month' - interval '1 day')
        THEN make_date(substr(unzr, 1, 4)::int, substr(unzr, 5, 2)::int, substr(unzr, 7, 2)::int)
        END END""",
    ("registry_document_shape(kind text, series text, number text)", "boolean"): rf"""
    CASE kind
{_OF_KINDS}
        ELSE false END""",
    ("registry_phone_shape(phone text)", "boolean"): rf"""
    phone ~ '^({PHONE_SHAPE})$'""",
    ("registry_sex_of_patronymic(patronymic text)", "text"): rf"""
    CASE WHEN {_ends(PATRONYMIC_ENDINGS["M"])} THEN 'M'
         WHEN {_ends(PATRONYMIC_ENDINGS["F"])} THEN 'F' END""",
    ("registry_full_years(born_on date, on_day date)", "integer"): r"""
    greatest(extract(year FROM on_day)::int - extract(year FROM born_on)::int
        - CASE WHEN (extract(month FROM on_day), extract(day FROM on_day))
                    < (extract(month FROM born_on), extract(day FROM born_on)) THEN 1 ELSE 0 END, 0)""",
    ("registry_usual_age(grade integer)", "integer"): "grade + 5",
    ("registry_age_fits_grade(born_on date, grade integer, on_day date)", "boolean"): r"""
    registry_full_years(born_on, on_day) BETWEEN grade + 4 AND grade + 9""",
}
FUNCTIONS = "".join(
    f"CREATE OR REPLACE FUNCTION {signature} RETURNS {returns} LANGUAGE sql IMMUTABLE PARALLEL SAFE"
    f" AS $$ SELECT {body} $$;\n"
    for (signature, returns), body in _SQL.items()
)
NO_FUNCTIONS = "".join(f"DROP FUNCTION {signature};\n" for signature, _ in reversed(_SQL))

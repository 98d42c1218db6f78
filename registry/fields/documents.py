"""Series and numbers of documents (handbook C.4)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

from kernel.tables.cells import common, tidy
from kernel.tables.findings import Checked, Problem, error
from kernel.text import cyrillic, digits, hyphens, latin, one_script, plural
from registry.fields.primitives import UKR

NAMES = {
    "BIRTH_UA": "Свідоцтво про народження",
    "BIRTH_FOREIGN": "Свідоцтво про народження іноземного зразка",
    "PASSPORT_BOOK": "Паспорт громадянина України (книжечка)",
    "ID_CARD": "Паспорт громадянина України (ID-картка)",
    "PASSPORT_FOREIGN": "Паспорт для виїзду за кордон",
    "RESIDENCE_PERMANENT": "Посвідка на постійне проживання",
    "RESIDENCE_TEMPORARY": "Посвідка на тимчасове проживання",
    "IDP": "Довідка про взяття на облік ВПО",
    "REFUGEE": "Посвідчення біженця або особи, яка потребує додаткового захисту",
}
# What people write in a column «Тип документа», most telling word first.
_TYPE_WORDS = (
    (re.compile(r"інозем|закордонн\w* свід|свід\w* інш", re.I), "BIRTH_FOREIGN"),
    (re.compile(r"свід|народ", re.I), "BIRTH_UA"),
    (re.compile(r"^id|ід[ -]|карт", re.I), "ID_CARD"),
    (re.compile(r"виїзд|закорд|загран", re.I), "PASSPORT_FOREIGN"),
    (re.compile(r"постійн", re.I), "RESIDENCE_PERMANENT"),
    (re.compile(r"тимчас", re.I), "RESIDENCE_TEMPORARY"),
    (re.compile(r"впо|переміщ", re.I), "IDP"),
    (re.compile(r"біжен|захист", re.I), "REFUGEE"),
    (re.compile(r"паспорт", re.I), "PASSPORT_BOOK"),
)
_ROMAN = re.compile(r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})")
_BIRTH = re.compile(
    rf"(?P<roman>[IVX1LІХУЇ|]{{1,7}})[\s\-]*(?P<letters>[{UKR}A-Z]{{2}})[\s\-]*(?P<number>[0-9OО]*)"
)
_NUMBER_MARK = re.compile(r"№|\bN[ºo°]?(?=\s*\d)|\bномер\b|\bсері[яї]\b", re.IGNORECASE)
_FREE = re.compile(r"[A-ZА-ЯҐЇІЄ0-9№\\/()\- ]{2,25}")


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    """One document as it is kept: series and number apart, both normalised."""

    type: str
    series: str
    number: str

    @property
    def shown(self) -> str:
        """«I-СГ № 123456»."""
        return f"{self.series} № {self.number}" if self.series else self.number


Reader = Callable[[str, str], Checked[Document]]


def type_of(text: str) -> str | None:
    """The code of a document type from its code or from how people call it; None if unknown."""
    value = tidy(text)
    if value.upper() in NAMES:
        return value.upper()
    return next((code for pattern, code in _TYPE_WORDS if pattern.search(value)), None)


def check(field: str, text: str, *, kind: str | None) -> Checked[Document]:
    """Read «series number» of a document of a kind (None: told by its shape); blank is None."""
    if found := common(field, text):
        return Checked(None, (found,))
    value = _NUMBER_MARK.sub(" ", hyphens(tidy(text)).upper())
    value = " ".join(value.split())
    if not value:
        return Checked(None)
    if kind is None:
        kind = _guess(value)
    return _READERS[kind](field, value)


def _guess(value: str) -> str:
    squeezed = value.replace(" ", "")
    if re.fullmatch(r"[0-9]{9}", digits(squeezed)):
        return "ID_CARD"
    if re.fullmatch(r"[0-9]{4}-[0-9]{10}", digits(squeezed)):
        return "IDP"
    match = re.fullmatch(rf"([{UKR}A-Z]{{2}})-?([0-9OО]{{6}})", squeezed)
    if match and not _ROMAN.fullmatch(_roman(match[1][:1])):
        return "PASSPORT_FOREIGN" if match[1].isascii() else "PASSPORT_BOOK"
    return "BIRTH_UA"


def _roman(text: str) -> str:
    """A Roman number, typed with digits one, small L, a bar, Ukrainian І, Ї, Х or У for V."""
    return re.sub("[1L|]", "I", latin(text.replace("Ї", "II"))).replace("Y", "V")


def _birth(field: str, value: str) -> Checked[Document]:
    match = _BIRTH.fullmatch(value)
    roman = _roman(match["roman"]) if match else ""
    if match is None or not _ROMAN.fullmatch(roman):
        return Checked(
            None,
            (
                error(
                    field,
                    "shape",
                    "Серію свідоцтва пишуть так: римське число, дефіс, дві літери; далі шість цифр. "
                    "Зразок: I-СГ 123456. Для іншого документа вкажіть його тип.",
                ),
            ),
        )
    letters = cyrillic(match["letters"])
    if any(c not in UKR for c in letters):
        return Checked(
            None,
            (
                error(
                    field,
                    "series_letters",
                    f"У серії мають бути українські літери, а не «{match['letters']}».",
                ),
            ),
        )
    return _six_digits(field, "BIRTH_UA", f"{roman}-{letters}", digits(match["number"]))


def _six_digits(field: str, kind: str, series: str, number: str) -> Checked[Document]:
    if len(number) == 6:
        return Checked(Document(kind, series, number))
    if not number:
        return Checked(None, (error(field, "no_number", "Бракує номера: шість цифр після серії."),))
    told = f"{len(number)} {plural(len(number), 'цифра', 'цифри', 'цифр')}"
    if len(number) < 6:
        padded = f"{series} {number.zfill(6)}"
        return Checked(
            None,
            (
                error(
                    field,
                    "lost_zero",
                    f"У номері {told}, потрібно 6. Excel міг відкинути нулі на початку.",
                    padded,
                ),
            ),
        )
    return Checked(None, (error(field, "shape", f"У номері {told}, потрібно 6."),))


def _passport_book(field: str, value: str) -> Checked[Document]:
    match = re.fullmatch(rf"([{UKR}A-Z]{{2}})[\s\-]*([0-9OО]+)", value)
    letters = cyrillic(match[1]) if match else ""
    if match is None or any(c not in UKR for c in letters):
        return Checked(None, (_sample(field, "дві українські літери і шість цифр", "СТ 123456"),))
    return _six_digits(field, "PASSPORT_BOOK", letters, digits(match[2]))


def _passport_foreign(field: str, value: str) -> Checked[Document]:
    match = re.fullmatch(rf"([{UKR}A-Z]{{2}})[\s\-]*([0-9OО]+)", value)
    letters = latin(match[1]) if match else ""
    if match is None or not letters.isascii():
        return Checked(None, (_sample(field, "дві латинські літери і шість цифр", "FE 123456"),))
    return _six_digits(field, "PASSPORT_FOREIGN", letters, digits(match[2]))


def _id_card(field: str, value: str) -> Checked[Document]:
    number = digits(value.replace(" ", "").replace("-", ""))
    if re.fullmatch(r"[0-9]{9}", number):
        return Checked(Document("ID_CARD", "", number))
    if re.fullmatch(r"[0-9]{6,8}", number):
        return Checked(
            None,
            (
                error(
                    field,
                    "lost_zero",
                    f"{len(number)} цифр замість 9: Excel міг відкинути нулі на початку.",
                    number.zfill(9),
                ),
            ),
        )
    return Checked(None, (_sample(field, "девʼять цифр", "000123456"),))


def _residence(kind: str) -> Reader:
    def read(field: str, value: str) -> Checked[Document]:
        squeezed = value.replace(" ", "").replace("-", "")
        if re.fullmatch(r"[0-9]{9}", digits(squeezed)):
            return Checked(Document(kind, "", digits(squeezed)))
        if match := re.fullmatch(rf"([{UKR}A-Z]{{2}})([0-9OО]{{4,6}})", squeezed):
            return Checked(Document(kind, cyrillic(match[1]), digits(match[2])))
        return Checked(
            None, (_sample(field, "девʼять цифр або дві літери й 4–6 цифр", "900123456"),)
        )

    return read


def _idp(field: str, value: str) -> Checked[Document]:
    number = re.sub(r"[^0-9]", "", digits(value))
    if len(number) == 14:
        return Checked(Document("IDP", "", f"{number[:4]}-{number[4:]}"))
    return Checked(None, (_sample(field, "4 цифри, дефіс, 10 цифр", "1234-5000123456"),))


def _free(kind: str) -> Reader:
    def read(field: str, value: str) -> Checked[Document]:
        if _FREE.fullmatch(value) and any(c.isalnum() for c in value):
            return Checked(Document(kind, "", one_script(value.replace(" ", ""))))
        return Checked(
            None,
            (
                error(
                    field,
                    "shape",
                    "Серія і номер: від 2 до 25 знаків, літери, цифри, дефіс і скісна риска.",
                ),
            ),
        )

    return read


def _sample(field: str, shape: str, sample: str) -> Problem:
    return error(field, "shape", f"Тут потрібно: {shape}. Зразок: {sample}.")


_READERS: dict[str, Reader] = {
    "BIRTH_UA": _birth,
    "BIRTH_FOREIGN": _free("BIRTH_FOREIGN"),
    "PASSPORT_BOOK": _passport_book,
    "PASSPORT_FOREIGN": _passport_foreign,
    "ID_CARD": _id_card,
    "RESIDENCE_PERMANENT": _residence("RESIDENCE_PERMANENT"),
    "RESIDENCE_TEMPORARY": _residence("RESIDENCE_TEMPORARY"),
    "IDP": _idp,
    "REFUGEE": _free("REFUGEE"),
}

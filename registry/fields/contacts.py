"""Phones, e-mail addresses, who the representative is to the child (handbook C.6, D.2)."""

from __future__ import annotations

import re

from kernel.tables.cells import common, tidy
from kernel.tables.findings import Checked, error
from kernel.text import digits, hyphens, latin

_JUNK = re.compile(r"[\s().\-/_]+")
_UKRAINIAN = re.compile(r"\+?(?:38)?(0[0-9]{9})")
_NINE = re.compile(r"[1-9][0-9]{8}")
_FOREIGN = re.compile(r"\+[1-9][0-9]{6,14}")
_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\".]+(?:\.[^@\s<>,;\".]+)+")
_FLOAT = re.compile(r"([0-9]+)[.,]0+")

RELATIONS = {
    "MOTHER": "Мати",
    "FATHER": "Батько",
    "GUARDIAN": "Опікун",
    "TRUSTEE": "Піклувальник",
    "FOSTER": "Прийомні батьки",
    "PARENT_EDUCATOR": "Батьки-вихователі",
    "INSTITUTION": "Представник закладу",
    "SELF": "Здобувач освіти особисто",
}
_RELATION_WORDS = (
    (re.compile(r"вихов", re.I), "PARENT_EDUCATOR"),
    (re.compile(r"прийом", re.I), "FOSTER"),
    (re.compile(r"мати|мама|матір|матер", re.I), "MOTHER"),
    (re.compile(r"батьк|тато|отець", re.I), "FATHER"),
    (re.compile(r"піклув", re.I), "TRUSTEE"),
    (re.compile(r"опік", re.I), "GUARDIAN"),
    (re.compile(r"закл|устан|директор|інтернат", re.I), "INSTITUTION"),
    (re.compile(r"особисто|сам|учень|учениц|здобувач", re.I), "SELF"),
)


def check_phone(field: str, text: str, *, required: bool = False) -> Checked[str]:
    """Bring a phone to E.164: «+380671234567»; foreign numbers start with «+»."""
    if text and _FOREIGN.fullmatch(text):
        return Checked(text)
    if found := common(field, text):
        return Checked(None, (found,))
    value = tidy(text)
    if not value:
        if required:
            return Checked(None, (error(field, "required", "Не вказано телефон."),))
        return Checked("")
    if match := _FLOAT.fullmatch(value):
        value = match[1]
    if len(re.split(r"[,;]", value)) > 1:
        first = re.split(r"[,;]", value)[0].strip()
        return Checked(
            None,
            (
                error(
                    field, "several", "Тут один номер. Інші додайте в картці учня.", first or None
                ),
            ),
        )
    plain = _JUNK.sub("", digits(hyphens(value)))
    if match := _UKRAINIAN.fullmatch(plain):
        return Checked("+38" + match[1])
    if _NINE.fullmatch(plain):
        return Checked("+380" + plain)  # Excel drops the nought: «671234567»
    if _FOREIGN.fullmatch(plain):
        return Checked(plain)
    return Checked(
        None,
        (
            error(
                field,
                "shape",
                "Номер має вигляд (067) 123-45-67; закордонний починається з «+» і коду країни.",
            ),
        ),
    )


def check_email(field: str, text: str) -> Checked[str]:
    """An e-mail address or nothing."""
    if not text:
        return Checked("")
    if found := common(field, text.lstrip("@") if text.startswith("@") else text):
        return Checked(None, (found,))
    value = tidy(text).replace("ʼ", "'").removeprefix("mailto:")
    if not value.isascii() and latin(value).isascii():
        said = "У адресі українські літери, схожі на латинські: листи на неї не дійдуть."
        return Checked(None, (error(field, "look_alikes", said, latin(value)),))
    if not value or _EMAIL.fullmatch(value):
        return Checked(value)
    return Checked(None, (error(field, "shape", "Зразок адреси: imia@example.com."),))


def relation_of(text: str) -> str | None:
    """The code of a relation from its code or from how people call it."""
    value = tidy(text)
    if value.upper() in RELATIONS:
        return value.upper()
    return next((code for pattern, code in _RELATION_WORDS if pattern.search(value)), None)


def check_relation(field: str, text: str, *, patronymic: str) -> Checked[str]:
    """Who the applicant is to the child; when empty, offer what the patronymic suggests."""
    if found := common(field, text):
        return Checked(None, (found,))
    value = tidy(text)
    if value:
        code = relation_of(value)
        if code is not None:
            return Checked(code)
        known = ", ".join(name.lower() for name in RELATIONS.values())
        return Checked(None, (error(field, "unknown", f"Вкажіть одне з: {known}."),))
    low = patronymic.lower()
    guess = "Мати" if low.endswith("на") else "Батько" if low.endswith("ич") else None
    return Checked(
        None,
        (error(field, "required", "Ким заявник є дитині: мати, батько, опікун…", guess),),
    )


def sex_of(text: str) -> str | None:
    """M or F of a word that people say for it."""
    return _SEX.get(tidy(text).lower())


def check_sex(field: str, text: str, *, told_by_patronymic: str | None) -> Checked[str]:
    """Ч or Ж, however written; blank is None. An unknown word is answered with what the patronymic tells."""
    sex = _SEX.get(text.lower())
    if sex is None:
        if found := common(field, text):
            return Checked(None, (found,))
        sex = sex_of(text)
        if sex is None and tidy(text):
            fix = SEX_LETTERS.get(told_by_patronymic or "")
            return Checked(None, (error(field, "unknown", "Впишіть Ч або Ж.", fix),))
    return Checked(sex)


# One way to say it everywhere: the letter where room is scarce, the word elsewhere.
SEX_LETTERS = {"M": "Ч", "F": "Ж"}
SEX_WORDS = {"M": "чоловіча", "F": "жіноча"}
_MALE = "м m ч м. ч. чол чол. чоловік чоловіча чоловічий хлопець хлопчик male"
_FEMALE = "ж f ж. жін жін. жінка жіноча жіночий дівчина дівчинка female"
_SEX = dict.fromkeys(_MALE.split(), "M") | dict.fromkeys(_FEMALE.split(), "F")

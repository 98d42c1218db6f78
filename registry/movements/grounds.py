"""On what grounds a child leaves a school, and what each demands: where the child goes, and which
document shows it.

Sources: наказ МОН 16.04.2018 № 367, розділ IV (four grounds); death by ДРАЦС; Закон 463-IX ст. 3
(basic education before another institution than a school); handbook D.6.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kernel.tables import dates
from kernel.tables.cells import tidy
from kernel.tables.findings import Problem, error, warning
from kernel.text import alike, latin
from registry.classifiers.selectors import classifiers
from registry.institutions.models.institutions import Institution


class Ground(NamedTuple):
    """Its words, as short as a cell of the table, the document that shows it, where the child goes
    (a school, another institution, a country, nowhere), and whether the document has a number."""

    words: str
    shows: str
    destination: str = ""
    numbered: bool = False


# Codes of the classifier `withdrawal_ground`.
GROUNDS: dict[str, Ground] = {
    "TRANSFER": Ground("Переведення до іншого ЗЗСО", "заява про переведення", "school"),
    "OTHER_INSTITUTION": Ground(
        "Зарахування до іншого закладу",
        "довідка або витяг із наказу про зарахування до іншого закладу",
        "institution",
        numbered=True,
    ),
    "ABROAD": Ground("Виїзд за кордон на постійне проживання", "заява про вибуття", "country"),
    "COMPLETED": Ground(
        "Здобуття повної загальної середньої освіти", "документ про освіту", numbered=True
    ),
    "DEATH": Ground(
        "Смерть здобувача освіти", "свідоцтво про смерть або витяг ДРАЦС", numbered=True
    ),
}
LAST_GRADES = (11, 12, 13)
BASIC = 9  # the grade in which basic education is finished
LONGEST = 200
_EXAMPLE = "назву, номер і дату, наприклад: довідка № 12 від 20.11.2026"
_WORDS = {ground.words: code for code, ground in GROUNDS.items()}
_DATE = re.compile(
    r"\d{1,2}[./\-]\d{1,2}[./\-]\d{4}|\d{4}-\d{2}-\d{2}|\d{1,2}\s+[а-яіїєґ]+\s+\d{4}", re.IGNORECASE
)
_CODE = re.compile(r"\d{8}")


def ground_of(typed: str) -> str:
    """The code of a ground as typed, chosen or pasted: its words, their unmistakable beginning in
    any case, or the code itself; empty when it is none."""
    wanted = alike(typed)
    if not wanted:
        return ""
    found = {
        code
        for words, code in _WORDS.items()
        if alike(words).startswith(wanted) or alike(code) == wanted
    }
    return found.pop() if len(found) == 1 else ""


def schools_of(typed: Iterable[str | None]) -> Mapping[str, tuple[int, str]]:
    """Institutions of the register by the ЄДРПОУ that people typed: the id and the name of each."""
    codes = {one for text in typed if _CODE.fullmatch(one := tidy(text or ""))}
    if not codes:
        return {}
    rows = Institution.objects.filter(edrpou__in=codes)
    return {
        edrpou: (pk, name) for edrpou, pk, name in rows.values_list("edrpou", "pk", "short_name")
    }


class Destination(NamedTuple):
    """Where a child goes, as it is signed: a name, and the code of a country or an ЄДРПОУ."""

    name: str = ""
    code: str = ""


def destination_of(
    typed: str,
    reason: str,
    schools: Mapping[str, tuple[int, str]],
    *,
    own: int,
    today: datetime.date,
) -> Destination | Problem:
    """Where the child goes by the ground, or what is wrong with it."""
    said, kind = tidy(typed), GROUNDS[reason].destination
    if not kind:
        if not said:
            return Destination()
        return error(
            "destination", "needless", "За цією підставою не вказують, куди вибуває дитина."
        )
    if kind == "country":
        code = (classifiers.code_of("country", said, today) or latin(said.upper())) if said else ""
        if code == "UA":
            return error("destination", "here", "Це країна за межами України.")
        if len(code) != 2 or code not in classifiers.codes("country", today):
            words = "Вкажіть країну, куди виїжджає дитина: назва або код, наприклад PL."
            return error("destination", "country", words)
        return Destination(classifiers.label("country", code), code)
    if _CODE.fullmatch(said):
        if (found := schools.get(said)) is not None:
            if found[0] == own:
                return error("destination", "own", "Це ваш заклад: вкажіть, куди дитина вибуває.")
            return Destination(found[1], said)
        if kind == "school":
            words = "Закладу з таким ЄДРПОУ в реєстрі немає: звірте його або впишіть назву."
            return error("destination", "unknown", words)
        return Destination(f"ЄДРПОУ {said}", said)
    if sum(one.isalpha() for one in said) < 3:
        return error(
            "destination", "required", "Вкажіть заклад, куди вибуває дитина: назва або ЄДРПОУ."
        )
    if len(said) > LONGEST:
        return error("destination", "too_long", f"До {LONGEST} знаків.")
    return Destination(said)


def document_problems(
    document: str, reason: str, *, born_on: datetime.date | None, today: datetime.date
) -> Iterator[Problem]:
    """What is wrong with the document that shows the ground."""
    ground = GROUNDS.get(reason)
    if not document:
        shows = ground.shows if ground else "документ, що підтверджує підставу"
        yield error("document", "required", f"Вкажіть документ: {shows}.")
        return
    if len(document) > LONGEST:
        yield error("document", "too_long", f"Документ — до {LONGEST} знаків.")
        return
    if ground is None:
        return
    read = (dates.parse("document", one, today=today).value for one in _DATE.findall(document))
    days = [day for day in read if day is not None]
    if not days:
        yield error("document", "no_date", f"Вкажіть дату документа: {_EXAMPLE}.")
    elif max(days) > today:
        yield error("document", "future", f"Дата документа {dates.show(max(days))} ще не настала.")
    elif born_on is not None and min(days) < born_on:
        told = f"Документ датовано {dates.show(min(days))}, раніше за народження дитини."
        yield error("document", "before_birth", told)
    if ground.numbered and not re.search(r"\d", _DATE.sub("", document)):
        yield error("document", "no_number", f"Вкажіть номер документа: {_EXAMPLE}.")


def doubts(reason: str, grade: int | None, label: str) -> Iterator[Problem]:
    """What may be a mistake by the grade that the child learns in."""
    if reason == "COMPLETED" and grade not in LAST_GRADES:
        yield warning(
            "reason",
            "not_the_last_grade",
            f"Клас {label} не випускний: повну середню освіту здобувають в "
            "11 (12) класі. Підтвердіть, якщо це справді так.",
        )
    if reason == "OTHER_INSTITUTION" and grade is not None and grade < BASIC:
        yield warning(
            "reason",
            "before_basic",
            f"Дитина навчається у класі {label}: базову середню освіту (1–9 класи) здобувають у школі. "
            "Якщо дитина переходить до іншої школи, виберіть переведення; інакше підтвердіть.",
        )

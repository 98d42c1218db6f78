"""A ready table of 24 first-graders, the norm of a class, for the new school, with three deliberate mistakes."""

from __future__ import annotations

import csv
import datetime
import io
import random
from functools import cache

from aikom.demo import plan as plans
from aikom.demo.synthetic import people
from kernel.tables.writing import Column, Sheet, workbook
from registry.fields.contacts import SEX_LETTERS

XLSX = "pupils-1-A.xlsx"
CSV = "pupils-1-A.csv"
CLASS = "1-А"
ROWS = 24  # Закон 463-IX ст. 12: no more in a class of the first grades
# Far from the children of the world, so that no certificate repeats.
_FIRST_INDEX = 900_001
HEADINGS = (
    "№ з/п",
    "Прізвище",
    "Імʼя",
    "По батькові",
    "Дата народження",
    "Стать",
    "Серія та номер свідоцтва",
    "Дата видачі",
    "Ким видано",
    "Клас",
    "Хто подає",
    "Заявник",
    "Телефон",
    "Адреса",
)
_RELATIONS = {"MOTHER": "Мати", "FATHER": "Батько", "GUARDIAN": "Опікун"}
# Row (from 1) and what is wrong in it; the README of the demo tells nobody which rows.
MISTAKES = {7: "an impossible date", 15: "a Latin letter in a surname", 23: "a certificate twice"}


def begins(today: datetime.date) -> int:
    """In which year its children begin: this school year, in July and August the one to come."""
    return today.year if today.month >= 7 else today.year - 1


@cache
def rows(starts: int) -> tuple[tuple[str, ...], ...]:
    """The table without headings, as a secretary would keep it."""
    chance = random.Random(f"{plans.SEED}/sample")
    table = []
    certificate = ""
    for number in range(1, ROWS + 1):
        child = people.child(chance, _FIRST_INDEX + number, 1, starts, "Чернівецький відділ ДРАЦС")
        paper = child.documents[0]
        parent = child.parents[0]
        surname, born = child.surname, _day(child.born_on)
        if number == 7:
            born = f"30.02.{child.born_on.year}"
        if number == 15:
            surname = "Кoваленко"  # the second letter is Latin
        if number != 23:
            certificate = f"{paper.series} {paper.number}"
        phone = parent.phone.removeprefix("+38")
        table.append(
            (
                str(number),
                surname,
                child.given_name,
                child.patronymic,
                born,
                SEX_LETTERS[child.sex],
                certificate,
                _day(paper.issued_on),
                paper.issued_by,
                CLASS,
                _RELATIONS[parent.relation],
                f"{parent.surname} {parent.given_name} {parent.patronymic}",
                f"({phone[:3]}) {phone[3:6]}-{phone[6:]}",
                f"м. Чернівці, {plans.STREETS[number % len(plans.STREETS)]}, {number * 3}",
            )
        )
    return tuple(table)


def files(today: datetime.date) -> dict[str, bytes]:
    """Both files of the table by name, for who begins in this school year."""
    starts = begins(today)
    return {XLSX: _xlsx(starts), CSV: _csv(starts)}


def _xlsx(starts: int) -> bytes:
    columns = [Column(heading) for heading in HEADINGS]
    made = datetime.datetime(starts, 9, 1)  # noqa: DTZ001 (file format)
    return workbook(Sheet("1-А", columns, rows(starts)), made=made)


def _csv(starts: int) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(HEADINGS)
    writer.writerows(rows(starts))
    return buffer.getvalue().encode("utf-8-sig")


def _day(day: datetime.date) -> str:
    return day.strftime("%d.%m.%Y")

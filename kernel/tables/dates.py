"""Dates as people and spreadsheets write them."""

from __future__ import annotations

import calendar
import datetime
import re

from kernel.tables.cells import common, tidy
from kernel.tables.findings import Checked, error, warning
from kernel.text import plural

_EXCEL_EPOCH = datetime.date(1899, 12, 30)
_DMY = re.compile(r"(\d{1,2})[.,/\-\s](\d{1,2})[.,/\-\s](\d{4})(?:\s*р\.?|\s*року)?")
_DM2Y = re.compile(r"(\d{1,2})[./\-](\d{1,2})[./\-](\d{2})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ][\d:.+\-Z]*)?")
_BARE = re.compile(r"(\d{2})(\d{2})(\d{4})")
_WORDS = re.compile(r"(\d{1,2})\s+([а-яіїєґ]+)\s+(\d{4})(?:\s*р\.?|\s*року)?", re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:[.,]0*)?")
_OF_MONTH = "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня"
_IN_MONTH = "січні лютому березні квітні травні червні липні серпні вересні жовтні листопаді грудні"
_MONTHS = {name: number for number, name in enumerate(_OF_MONTH.split(), start=1)}


def show(day: datetime.date) -> str:
    """dd.mm.yyyy, the form of the interface (handbook B.4)."""
    return f"{day.day:02d}.{day.month:02d}.{day.year:04d}"


def parse(field: str, text: str, *, required: bool = True) -> Checked[datetime.date]:
    """Read a date; impossible ones are told apart from unreadable ones."""
    match = _DMY.fullmatch(text) if text else None
    if match is None:
        if found := common(field, text):
            return Checked(None, (found,))
        value = tidy(text)
        if not value:
            if not required:
                return Checked(None)
            return Checked(None, (error(field, "required", "Не вказано дату."),))
        match = _DMY.fullmatch(value) or _BARE.fullmatch(value)
        if match is None:
            return _rarer(field, value)
    return _of(field, int(match[3]), int(match[2]), int(match[1]))


def _rarer(field: str, value: str) -> Checked[datetime.date]:
    if match := _ISO.fullmatch(value):
        return _of(field, int(match[1]), int(match[2]), int(match[3]))
    if (match := _WORDS.fullmatch(value)) and (month := _MONTHS.get(match[2].lower())):
        return _of(field, int(match[3]), month, int(match[1]))
    if match := _DM2Y.fullmatch(value):
        year = 2000 + int(match[3])
        read = _of(field, year, int(match[2]), int(match[1]))
        return Checked(
            None,
            (
                error(
                    field,
                    "two_digit_year",
                    "Рік впишіть чотирма цифрами.",
                    show(read.value) if read.value else None,
                ),
            ),
        )
    if _SERIAL.fullmatch(value):
        day = _EXCEL_EPOCH + datetime.timedelta(days=int(value[:5]))
        return Checked(
            day,
            (
                warning(
                    field,
                    "excel_serial",
                    f"Excel передав дату числом {value}. Це {show(day)}?",
                    show(day),
                ),
            ),
        )
    return Checked(None, (error(field, "not_a_date", "Це не дата. Зразок: 05.09.2015."),))


def _of(field: str, year: int, month: int, day: int) -> Checked[datetime.date]:
    try:
        return Checked(datetime.date(year, month, day))
    except ValueError:
        return Checked(None, (error(field, "impossible_date", _why_not(year, month, day)),))


def _why_not(year: int, month: int, day: int) -> str:
    told = f"{day:02d}.{month:02d}.{year:04d} не існує"
    if not 1 <= month <= 12:
        if 1 <= day <= 12:
            return f"{told}: місяця {month} немає. Можливо, переставлено день і місяць."
        return f"{told}: місяця {month} немає."
    if not 1 <= year <= 9999:
        return f"{told}."
    days = calendar.monthrange(year, month)[1]
    return f"{told}: у {_IN_MONTH.split()[month - 1]} {year} року {days} {plural(days, 'день', 'дні', 'днів')}."


def age(born_on: datetime.date, on: datetime.date) -> int:
    """Full years on a day."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def years(number: int) -> str:
    """«1 рік», «3 роки», «11 років»."""
    return f"{number} {plural(number, 'рік', 'роки', 'років')}"

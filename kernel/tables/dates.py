"""Dates as people and spreadsheets write them."""

from __future__ import annotations

import calendar
import datetime
import re

from kernel.clock import KYIV
from kernel.tables.cells import common, tidy
from kernel.tables.findings import Checked, Problem, error, warning
from kernel.text import code, digits, latin, plural

_EXCEL_EPOCH = datetime.date(1899, 12, 30)
_TIME = (
    r"(?:(?:\s*T\s*|,?\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2}(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AP]\.?M\.?)?\s*(?P<zone>Z|UTC|GMT|[+\-]\d{2}:?\d{2})?)?"
)
_DMY = re.compile(
    rf"(\d{{1,2}})[.,/\-\s](\d{{1,2}})[.,/\-\s](\d{{4}})(?:\s*р\.?|\s*року)?{_TIME}", re.IGNORECASE
)
_DM2Y = re.compile(
    rf"(\d{{1,2}})[./\-](\d{{1,2}})[./\-](\d{{2}})(?:\s*р\.?|\s*року)?{_TIME}", re.IGNORECASE
)
_ISO = re.compile(rf"(\d{{4}})[-./](\d{{1,2}})[-./](\d{{1,2}}){_TIME}", re.IGNORECASE)
# What Excel writes with the United States' settings: the month may stand first.
_SLASHED = re.compile(
    rf"(\d{{1,2}})(?P<mark>[/\-])(\d{{1,2}})(?P=mark)(\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE
)
_LATE = 20  # an hour of a day that may have been midnight of the next one
_BARE = re.compile(r"(\d{2})(\d{2})((?:19|20)\d{2})")  # 05092015
_WORDS = re.compile(r"(\d{1,2})\s+([а-яіїєґ]+)\.?\s+(\d{4})(?:\s*р\.?|\s*року)?", re.IGNORECASE)
_ISO_BARE = re.compile(r"((?:19|20)\d{2})([01]\d)([0-3]\d)")  # 20150905
_ROMAN = re.compile(r"(\d{1,2})[.\s]+([IVX]{1,4})[.\s]+(\d{4})(?:\s*р\.?|\s*року)?", re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d*)?")
_OF_MONTH = "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня"
_IN_MONTH = "січні лютому березні квітні травні червні липні серпні вересні жовтні листопаді грудні"
_MONTHS = {
    name: number
    for names in (
        _OF_MONTH,
        "січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень",
    )
    for number, whole in enumerate(names.split(), start=1)
    for name in (whole, whole[:3], whole[:4], whole[:5])
}
_ROMANS = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
_QUOTED = re.compile(r"[«»„“”\"]")


def show(day: datetime.date) -> str:
    """dd.mm.yyyy, the form of the interface (handbook B.4)."""
    return f"{day.day:02d}.{day.month:02d}.{day.year:04d}"


def parse(
    field: str, text: str, *, required: bool = True, today: datetime.date | None = None
) -> Checked[datetime.date]:
    """Read a date; impossible ones are told apart from unreadable ones. A year of two digits is
    never read: the year offered is not after `today`'s."""
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
            return _rarer(field, value, today)
    return _timed(field, match, _of(field, int(match[3]), int(match[2]), int(match[1])))


def _rarer(field: str, value: str, today: datetime.date | None) -> Checked[datetime.date]:
    if match := _ISO.fullmatch(value) or _ISO_BARE.fullmatch(value):
        return _timed(field, match, _of(field, int(match[1]), int(match[2]), int(match[3])))
    if (match := _WORDS.fullmatch(value)) and (month := _MONTHS.get(match[2].lower())):
        return _of(field, int(match[3]), month, int(match[1]))
    if (match := _ROMAN.fullmatch(latin(value))) and (roman := match[2].upper()) in _ROMANS:
        return _of(field, int(match[3]), _ROMANS.index(roman) + 1, int(match[1]))
    plain = " ".join(_QUOTED.sub(" ", value).split())  # «01» вересня; О1.09.2019 with a letter
    plain = re.sub(r"\s*\.\s*", ".", digits(plain) if code(plain.replace(".", "")) else plain)
    if plain != value:
        return parse(field, plain, today=today)
    if match := _DM2Y.fullmatch(value):
        read = _of(field, _full_year(int(match[3]), today), int(match[2]), int(match[1]))
        offered = show(read.value) if read.value else read.problems[0].fix
        return Checked(
            None, (error(field, "two_digit_year", "Рік впишіть чотирма цифрами.", offered),)
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


def _full_year(two_digits: int, today: datetime.date | None) -> int:
    """«98» is 1998: the latest year that is not after this one (for forms that know no day, 2049)."""
    year = 2000 + two_digits
    return year if year <= (today.year if today else 2049) else year - 100


def _timed(
    field: str, match: re.Match[str], read: Checked[datetime.date]
) -> Checked[datetime.date]:
    """A date with a time beside it. Programs write midnight in Kyiv as the evening before in
    Greenwich, so a time with a zone is read in Kyiv, and a late hour without one is doubted."""
    told = match.groupdict()
    if read.value is None or not told.get("hour"):
        return read
    hour = int(told["hour"]) % (12 if told["half"] else 24)
    hour += 12 if (told["half"] or "").upper().startswith("P") else 0
    if told["zone"]:
        sign = told["zone"].replace(":", "")
        shift = int(sign[:3]) * 60 + int(sign[0] + sign[3:]) if sign[0] in "+-" else 0
        zone = datetime.timezone(datetime.timedelta(minutes=max(-1439, min(shift, 1439))))
        at = datetime.datetime.combine(read.value, datetime.time(hour), zone)
        try:
            day = (at + datetime.timedelta(minutes=int(told["minute"]))).astimezone(KYIV).date()
        except OverflowError:
            return read
        if day == read.value:
            return read
        detail = f"Записано «{match[0]}», а в Києві тоді було вже {show(day)}. Звірте з документом."
        return Checked(day, (warning(field, "time_zone", detail, show(day)),))
    if hour < _LATE:
        return read
    next_day = read.value + datetime.timedelta(days=1)
    detail = (
        f"Поруч із датою записано час {hour:02d}:{told['minute']}: так вивантажують опівніч "
        f"{show(next_day)} за іншим часом. Звірте з документом."
    )
    return Checked(read.value, (warning(field, "time_of_day", detail, show(read.value)),))


def order_told(text: str) -> str:
    """Which order a date with slashes or hyphens can only have: «month_first» (3/25/2019, or a time
    with AM), «day_first» (25/3/2019); «» when it tells neither."""
    match = _SLASHED.fullmatch(text) if "/" in text or "-" in text else None
    if match is None:
        return ""
    first, second = int(match[1]), int(match[3])
    if match["half"] or first <= 12 < second <= 31:
        return "month_first"
    return "day_first" if second <= 12 < first <= 31 else ""


def order_doubt(field: str, text: str, *, month_first: bool, day_first: bool) -> Problem | None:
    """What is doubtful of «3/1/2019» when other dates of its column can only be read with the month
    first, or with the day first; without any the slashes alone are a doubt."""
    match = _SLASHED.fullmatch(text) if "/" in text or "-" in text else None
    if match is None or (day_first and not month_first):
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if max(first, second) > 12 or first == second or not first or not second or len(match[4]) < 4:
        return None
    other = datetime.date(year, first, second) if year else None
    if other is None:
        return None
    if month_first and day_first:
        return error(
            field,
            "mixed_order",
            "У цьому стовпці є дати і з днем попереду, і з місяцем попереду. "
            f"«{text}» можна прочитати двояко: впишіть дату як дд.мм.рррр.",
        )
    if month_first:
        return error(
            field,
            "month_first",
            f"У цьому стовпці є дати з місяцем попереду. Тоді «{text}» — це {show(other)}.",
            show(other),
        )
    if match["mark"] == "/":
        day = datetime.date(year, second, first)
        return warning(
            field,
            "day_or_month",
            f"Читаємо як {show(day)}. Якщо першим записано місяць, впишіть {show(other)}.",
            show(day),
        )
    return None


def _of(field: str, year: int, month: int, day: int) -> Checked[datetime.date]:
    try:
        return Checked(datetime.date(year, month, day))
    except ValueError:
        swapped = None
        if 12 < month <= 31 and 1 <= day <= 12 and 1 <= year <= 9999:
            swapped = f"{month:02d}.{day:02d}.{year:04d}" if month <= _days(year, day) else None
        return Checked(
            None, (error(field, "impossible_date", _why_not(year, month, day), swapped),)
        )


def _days(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _why_not(year: int, month: int, day: int) -> str:
    told = f"{day:02d}.{month:02d}.{year:04d} не існує"
    if not 1 <= month <= 12:
        if 1 <= day <= 12:
            return f"{told}: місяця {month} немає. Можливо, переставлено день і місяць."
        return f"{told}: місяця {month} немає."
    if not 1 <= year <= 9999:
        return f"{told}."
    days = _days(year, month)
    return f"{told}: у {_IN_MONTH.split()[month - 1]} {year} року {days} {plural(days, 'день', 'дні', 'днів')}."


def years(number: int) -> str:
    """«1 рік», «3 роки», «11 років»."""
    return f"{number} {plural(number, 'рік', 'роки', 'років')}"

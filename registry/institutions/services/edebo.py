"""Reading the open register of ЄДЕБО: JSON with Ukrainian keys, or with those of its API.

The 23 columns and their other spellings stand in KEYS and, for people, in
docs/how-to/import-institutions.md (a test compares the two).
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Mapping
from typing import Any

import orjson

from accounts import identifiers
from kernel.errors import Problem
from kernel.tables.cells import common
from kernel.text import clean, sort_key
from registry.classifiers.selectors import classifiers
from registry.institutions.errors import WrongFile
from registry.institutions.services import institution_card as card

LARGEST = 40 * 1024 * 1024
MOST_ROWS = 60_000

# What we take -> how the register calls it: the download of the portal, then the API.
KEYS: dict[str, tuple[str, ...]] = {
    "edebo_id": ("ID закладу", "ID", "institution_id"),
    "full_name": ("Повна назва", "institution_name"),
    "short_name": ("Скорочена назва", "short_name"),
    "is_confirmed": ("ОУО підтвердив дані", "is_checked"),
    "status": ("Статус", "state_name"),
    "type": ("Тип закладу", "institution_type_name"),
    "ownership": ("Форма власності", "university_financing_type_name"),
    "territory_code": ("Код КАТОТТГ", "katottgcode"),
    "koatuu": ("КОАТУУ", "koatuu_id"),
    "region": ("Регіон", "region_name"),
    "settlement": ("Населений пункт", "katottgname"),
    "address": ("Адреса", "address"),
    "parent": ("Головний заклад", "parent_institution_id"),
    "managing_body": ("Орган управління", "governance_name"),
    "phone": ("Телефон", "phone"),
    "fax": ("Факс", "fax"),
    "email": ("Електронна пошта", "email"),
    "site": ("Сайт", "website"),
    "director": ("Директор", "boss"),
    "hub": ("Опорний / Філія", "support_name"),
    "is_rural": ("Сільський", "is_village"),
    "is_mountain": ("Гірський", "is_mountain"),
    "is_boarding": ("Інтернат", "is_internat"),
    "licensed_volume": ("Ліцензований обсяг", "approved_count"),
    "edrpou": ("ЄДРПОУ", "edrpou"),
}
# Without these a row is no institution; a wrong one among the rest is left out and told.
HARD = frozenset(
    {"full_name", "short_name", "type", "ownership", "territory_code", "edebo_id", "edrpou"}
)
LINE = "line"  # the line of the table a row came from, when it came from a table
_YES = frozenset({"так", "true", "1", "yes", "+"})
_NO = frozenset({"ні", "false", "0", "no", "-"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
    """One institution of the file, clean. `values` are those the file gives: a column that is absent
    or empty says nothing and changes nothing. `lacks` is what a new card could not do without."""

    row: int
    name: str
    values: dict[str, Any]
    status: str
    lacks: tuple[str, ...]
    is_confirmed: bool
    is_branch: bool
    parent_id: str

    @property
    def edebo_id(self) -> str:
        """The register's own number."""
        return str(self.values["edebo_id"])


@dataclasses.dataclass(frozen=True)
class Reading:
    """Good records, rows that cannot be taken (`bad`), and what was left out of good ones. `spoilt`
    are numbers and names of institutions in bad rows: the file names them all the same."""

    records: list[Record]
    bad: list[Problem]
    notes: list[Problem]
    rows: int
    spoilt: frozenset[str]


def read(content: bytes, on: datetime.date) -> Reading:
    """Read and check every row of a file as of a day.

    Raises:
        WrongFile: too big, not JSON, or JSON of something else.
    """
    raw = _rows(content)
    known = card.Territories(
        {
            identifiers.territory(str(code))
            for row in raw
            if isinstance(row, dict) and (code := _of(row, "territory_code"))
        }
    )
    records: list[Record] = []
    bad: list[Problem] = []
    notes: list[Problem] = []
    seen: dict[str, int] = {}
    spoilt: set[str] = set()
    for place, row in enumerate(raw, start=1):
        number = row.get(LINE, place) if isinstance(row, dict) else place
        number = number if isinstance(number, int) else place
        record, wrong, left_out = _record(number, row, known, on)
        bad.extend(wrong)
        if record is None:
            spoilt |= _called(row)
            continue
        if record.edebo_id in seen:
            bad.append(
                Problem(
                    f"рядок {number}",
                    "duplicate",
                    f"{record.name}: ID {record.edebo_id} уже є в рядку {seen[record.edebo_id]}",
                )
            )
            continue
        seen[record.edebo_id] = number
        records.append(record)
        notes.extend(left_out)
    return Reading(records, bad, notes, len(raw), frozenset(spoilt))


def _called(row: Any) -> set[str]:
    """How a bad row names its institution: by the register's number and by its full name."""
    if not isinstance(row, dict):
        return set()
    number = re.sub(r"\D", "", str(_of(row, "edebo_id") or ""))
    return {number, sort_key(clean(str(_of(row, "full_name") or "")))} - {""}


def is_json(content: bytes) -> bool:
    """Whether a file is to be read as JSON, good or bad; a table is read otherwise."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"[", b"{", b'"', b""}


def _rows(content: bytes) -> list[Any]:
    if len(content) > LARGEST:
        raise WrongFile(f"Файл більший за {LARGEST // 1024 // 1024} МБ", field="file")
    if not content.strip():
        raise WrongFile("Файл порожній", field="file")
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"):
        raise WrongFile(
            "Це не JSON. Завантажте файл реєстру у форматі JSON, а не таблицю чи документ",
            field="file",
        )
    try:
        data = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as broken:
        raise WrongFile(
            f"Файл не є правильним JSON: рядок {broken.lineno}, знак {broken.colno}", field="file"
        ) from broken
    if isinstance(data, dict):
        data = next((value for value in data.values() if isinstance(value, list)), None)
    if not isinstance(data, list):
        raise WrongFile("У файлі немає списку закладів", field="file")
    if len(data) > MOST_ROWS:
        raise WrongFile(f"У файлі понад {MOST_ROWS} рядків: це не реєстр закладів", field="file")
    told = {_plain(str(key)) for row in data[:50] if isinstance(row, dict) for key in row}
    if data and not any(_plain(key) in told for key in KEYS["full_name"]):
        raise WrongFile(
            "Стовпці не схожі на реєстр ЄДЕБО: немає «Повна назва» (institution_name)", field="file"
        )
    return data


def _record(
    number: int, row: Any, known: card.Territories, on: datetime.date
) -> tuple[Record | None, list[Problem], list[Problem]]:
    where = f"рядок {number}"
    if not isinstance(row, dict):
        return None, [Problem(where, "not_an_object", "Рядок не є записом про заклад")], []
    name = clean(str(_of(row, "short_name") or _of(row, "full_name") or "без назви"))[:120]
    wrong: list[str] = []
    notes: list[Problem] = []
    raw: dict[str, Any] = {
        field: value
        for field in card.RULES
        if field in KEYS and (value := _of(row, field)) not in (None, "")
    }
    for field, value in list(raw.items()):
        if isinstance(value, str) and (problem := common(field, value)):
            if field in HARD:
                wrong.append(problem.detail)
            else:
                detail = f"{name}: не взято {KEYS[field][0].lower()}: {problem.detail}"
                notes.append(Problem(where, "left_out", detail))
                del raw[field]
    for field, classifier in (("type", "institution_type"), ("ownership", "ownership")):
        if field in raw:
            raw[field] = _coded(raw[field], classifier, wrong, on)
    status = _of(row, "status")
    if status not in (None, ""):
        status = _coded(status, "institution_status", wrong, on)
    hub = _hub(_of(row, "hub"))
    if hub is None and _of(row, "hub") is not None:
        detail = f"{name}: не взято опорний / філія: має бути «опорний», «філія» або порожньо"
        notes.append(Problem(where, "left_out", detail))
    elif hub is not None:
        raw["is_hub"] = hub == "hub"
    for field in _FLAGS & raw.keys():
        if (flag := _flag(raw.pop(field))) is None:
            detail = f"{name}: не взято {KEYS[field][0].lower()}: має бути «так» або «ні»"
            notes.append(Problem(where, "left_out", detail))
        else:
            raw[field] = flag
    if not raw.get("edebo_id"):
        wrong.append("немає ID закладу")
    checked = card.check(
        {f: v for f, v in raw.items() if v is not None}, whole=False, on=on, known=known
    )
    wrong += [problem.detail for problem in checked.problems if problem.field in HARD]
    lacks = [words for field, words in _NEEDED.items() if field not in raw]
    lacks = [words for words in [*lacks, "" if status else "статус"] if words]
    if wrong:
        wrong += [f"не вказано: {', '.join(lacks)}"] if lacks else []
        # The same lack is told by the classifier and by the card's rule: once is enough.
        said = list(dict.fromkeys(wrong))
        return None, [Problem(where, "row", f"{name}: {'; '.join(said)}")], []
    notes += [
        Problem(where, "left_out", f"{name}: не взято {KEYS[p.field][0].lower()}: {p.detail}")
        for p in checked.problems
        if p.field in KEYS
    ]
    parent = re.sub(r"\D", "", str(_of(row, "parent") or ""))
    parent = parent if parent != checked.values["edebo_id"] else ""
    record = Record(
        row=number,
        name=name,
        values=checked.values,
        status=status or "",
        lacks=tuple(lacks),
        is_confirmed=_flag(_of(row, "is_confirmed")) or False,
        is_branch=hub == "branch" if hub is not None else bool(parent),
        parent_id=parent,
    )
    return record, [], notes


# A short name is the full one where the register gives none.
_NEEDED = {field: words for field, words in card.REQUIRED.items() if field != "short_name"}
_FLAGS = frozenset({"is_rural", "is_mountain", "is_boarding"})


def _hub(value: Any) -> str | None:
    """«hub», «branch», «» for neither (also by an empty word); None when nothing clear is said."""
    if value is None:
        return None
    text = _plain(str(value))
    if text.startswith("опорн") or "філі" in text:
        return "hub" if text.startswith("опорн") else "branch"
    return "" if text in {"", *_NO, "–", "—"} or text.startswith("не") else None


def _flag(value: Any) -> bool | None:
    """Yes or no; None when the register says neither."""
    text = _plain(str(value if value is not None else ""))
    return True if text in _YES else False if text in _NO else None


def _coded(text: Any, classifier: str, wrong: list[str], on: datetime.date) -> str | None:
    code = classifiers.code_of(classifier, str(text), on)
    if code is None:
        wrong.append(f"невідоме значення «{str(text)[:80]}»: {_TITLES[classifier]}")
    return code


_TITLES = {
    "institution_type": "тип закладу",
    "institution_status": "статус",
    "ownership": "форма власності",
}


def _of(row: Mapping[str, Any], field: str) -> Any:
    for key in KEYS[field]:
        if key in row:
            return row[key]
    spelled = {_plain(key) for key in KEYS[field]}
    return next((value for key, value in row.items() if _plain(str(key)) in spelled), None)


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("'", "ʼ").replace("’", "ʼ").split())

"""Rows of children to be recorded, typed one by one or brought as a table: read and judged alike.

A child who learns nowhere is found by its exact document and birth date, and by nothing else; what
hits nothing is counted against guessing, since the answer tells whether the register knows a child.
An absent child is one of the school's own, by name and birth date.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from accounts import identifiers
from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel import audit, turns
from kernel.clock import Moment
from kernel.tables import dates
from kernel.tables.cells import common, storable, tidy
from kernel.tables.findings import Checked, Problem, error
from kernel.tables.headings import Headings, at
from kernel.text import alike, sort_key
from registry.classifiers.selectors import territories
from registry.coverage import policies
from registry.coverage.models import CoverageCase
from registry.coverage.states import ABSENT, MISSING, NOT_COVERED, OPEN
from registry.coverage.terms import EXPLAINED, terms
from registry.fields import contacts, documents, names
from registry.fields.documents import Document
from registry.people.models.pupils import Pupil, PupilDocument

MOST = 1_000  # rows of one act
MISSES_A_DAY = 2_000  # of one person: lists of a community pass, guessing numbers does not
_OLDEST = datetime.date(2000, 1, 1)
_DAYS = ("born_on", "since", "until")
_CHILD = {
    "surname": "Прізвище",
    "given_name": "Імʼя",
    "patronymic": "По батькові",
    "born_on": "Дата народження",
}
COLUMNS: Mapping[str, Mapping[str, str]] = {
    NOT_COVERED: {
        **_CHILD,
        "sex": "Стать",
        "document": "Документ",
        "territory": "Код КАТОТТГ",
        "line": "Адреса",
        "reason": "Причина",
        "since": "З якого дня",
        "ground": "Підстава",
    },
    ABSENT: {
        **{name: label for name, label in _CHILD.items() if name != "patronymic"},
        "since": "Відсутня з",
        "until": "Відсутня по",
        "reason": "Причина",
        "ground": "Підстава",
    },
    MISSING: {"document": "Документ", "born_on": "Дата народження", "ground": "Підстава"},
}
# Those without which no row can be judged; the others may be left out where the child is known.
NEEDED = {
    NOT_COVERED: frozenset({"born_on", "document", "since", "ground"}),
    ABSENT: frozenset({"surname", "born_on", "since", "until"}),
    MISSING: frozenset({"born_on", "document", "ground"}),
}
_WORDS = {
    "surname": "прізвище",
    "given_name": "імʼя|імя",
    "patronymic": "по батькові",
    "born_on": "дата народження|народження|д.н.",
    "sex": "стать",
    "document": "документ|свідоцтво|серія та номер|свідоцтво про народження",
    "territory": "код катоттг|катоттг",
    "line": "адреса|місце проживання",
    "reason": "причина",
    "since": "з якого дня|з|відсутня з|з дати",
    "until": "по|відсутня по|по дату",
    "ground": "підстава|документ-підстава",
}


@dataclasses.dataclass(frozen=True)
class Child:
    """One row read: what it says, and the child it was found to be."""

    born_on: datetime.date
    since: datetime.date
    reason: str
    ground: str
    until: datetime.date | None = None
    pupil: Pupil | None = None
    document: Document | None = None
    surname: str = ""
    given_name: str = ""
    patronymic: str = ""
    sex: str = ""
    territory: str = ""
    line: str = ""


@dataclasses.dataclass(frozen=True)
class Judged:
    """A row with everything wrong with it; `child` only when nothing is."""

    no: int
    values: Mapping[str, str]
    problems: Sequence[Problem]
    child: Child | None
    known: str = ""  # whom it was found to be, in words

    def of(self, column: str) -> str:
        """What is wrong with a cell."""
        return " ".join(one.detail for one in self.problems if one.field == column)


def headings(kind: str) -> Headings:
    """What people call the columns of a table of this kind."""
    return Headings(
        words={name: _WORDS[name] for name in COLUMNS[kind]},
        needed=[frozenset({name}) for name in sorted(NEEDED[kind])],
    )


def rows_of(table: Sequence[list[str]], columns: Sequence[str | None]) -> list[dict[str, str]]:
    """Lines of a table by what its columns are; those that say nothing there are left out."""
    rows = [{name: at(row, no) for no, name in enumerate(columns) if name} for row in table]
    return [row for row in rows if any(row.values())]


def judge(
    actor: Actor, kind: str, unit: OrgUnit | None, rows: Sequence[Mapping[str, str]], moment: Moment
) -> list[Judged]:
    """Read every row and find its child; every problem of every row at once. Looks are noted.

    unit: the community that records; None where the school does.

    Raises:
        NotAllowed: the actor does not keep such records.
        TooOften: too many rows that hit no child, today.
    """
    policies.keep.require(actor, kind)
    doubted = _orders(rows)
    judged = [
        _read(kind, no, values, moment, doubted.get(no, ()))
        for no, values in enumerate(rows, start=1)
    ]
    pupils = _own(actor, judged) if kind == ABSENT else _by_document(judged)
    if kind != ABSENT:
        for one in judged:
            if one.child is not None and one.no not in pupils and not actor.is_system:
                turns.count("coverage", str(actor.user_id), MISSES_A_DAY, 86_400)
    audit.looked_at(
        actor, "registry.pupil", sorted({one.pk for one in pupils.values()}), "облік дітей: запис"
    )
    standing = dict(
        CoverageCase.objects.filter(
            kind=kind, state__in=OPEN, pupil__in=[one.pk for one in pupils.values()]
        ).values_list("pupil_id", "unit__name")
    )
    told = {one.child.territory for one in judged if one.child}
    where = _Where(actor, kind, unit, territories.known(told), standing)
    return [_placed(where, one, pupils.get(one.no)) for one in judged]


@dataclasses.dataclass
class _Where:
    """Who records what, where; places of the table that are there, records that stand, rows seen."""

    actor: Actor
    kind: str
    unit: OrgUnit | None
    places: frozenset[str]
    standing: Mapping[uuid.UUID, str]
    seen: dict[Any, int] = dataclasses.field(default_factory=dict)


def _orders(rows: Sequence[Mapping[str, str]]) -> dict[int, list[Problem]]:
    """Days of a table that may have the month first, each column judged as a whole, by row."""
    told: dict[int, list[Problem]] = {}
    for name in _DAYS if len(rows) > 1 else ():
        orders = {dates.order_told(row.get(name, "")) for row in rows}
        month_first, day_first = ("month_first" in orders, "day_first" in orders)
        for no, row in enumerate(rows, start=1):
            doubt = dates.order_doubt(
                name, row.get(name, ""), month_first=month_first, day_first=day_first
            )
            if doubt is not None:
                told.setdefault(no, []).append(doubt)
    return told


def _read(
    kind: str, no: int, values: Mapping[str, str], moment: Moment, doubted: Sequence[Problem]
) -> Judged:
    given = {name: storable(values.get(name, "")) for name in COLUMNS[kind]}
    wrong = [common(name, typed) for name, typed in given.items()]
    problems = [one for one in wrong if one is not None] + [*doubted]
    spoilt = {one.field for one in problems}

    def keep(checked: Checked[Any]) -> Any:
        told = (one for one in checked.problems if one.field not in spoilt)
        problems.extend(one for one in told if one.level == "error")
        return checked.value

    def day(name: str) -> datetime.date | None:
        read = dates.parse(name, given[name], today=moment.today)
        found: datetime.date | None = keep(read)
        # Nobody says here that a doubtful reading is right: what was meant is written plainly.
        told = [one for one in read.problems if one.level != "error" and name not in spoilt]
        problems.extend(
            error(name, one.code, f"{one.detail} Впишіть дату як дд.мм.рррр.") for one in told
        )
        if found and found > moment.today:
            problems.append(error(name, "future", "Ця дата ще не настала."))
        elif found and found < _OLDEST:
            problems.append(error(name, "old", "Ця дата надто давня."))
        return found

    born_on = day("born_on")
    since = day("since") if "since" in given else moment.today
    until = day("until") if "until" in given else None
    if born_on and since and since < born_on:
        problems.append(error("since", "before_birth", "Дата раніша за народження."))
    sex = keep(contacts.check_sex("sex", given.get("sex", ""), told_by_patronymic=None))
    reason = keep(_reason(kind, given.get("reason", "")))
    ground = tidy(given["ground"])
    if not ground and (kind != ABSENT or reason in EXPLAINED):
        said = "Вкажіть документ або відомості, з яких це відомо."
        problems.append(error("ground", "required", said))
    if len(ground) > 500:
        problems.append(error("ground", "too_long", "До 500 знаків."))
    document = keep(_document(given["document"])) if "document" in given else None
    if kind == ABSENT and since and until:
        problems += _absence(since, until)
    child = None
    if not problems and born_on and since:
        child = Child(
            born_on=born_on,
            since=since,
            until=until,
            reason=reason or "UNKNOWN",
            ground=ground,
            document=document,
            territory=identifiers.territory(given.get("territory", "")),
            line=tidy(given.get("line", "")),
            surname=names.normal(given.get("surname", "")),
            given_name=names.normal(given.get("given_name", "")),
            patronymic=names.normal(given.get("patronymic", "")),
            sex=sex or "",
        )
    return Judged(no, given, problems, child)


def _reason(kind: str, text: str) -> Checked[str]:
    known = terms().reasons[kind]
    said = tidy(text)
    if not said:
        return Checked("NAMED" if kind == MISSING else "UNKNOWN")
    for code, words in known.items():
        if alike(said) in {alike(code), alike(words)}:
            return Checked(code)
    return Checked(
        None, (error("reason", "unknown", f"Причина — одна з: {'; '.join(known.values())}."),)
    )


def _document(text: str) -> Checked[Document]:
    found = documents.check("document", text, kind=None)
    if found.value is None and not found.problems:
        return Checked(None, (error("document", "required", "Вкажіть серію й номер документа."),))
    return found


def _absence(since: datetime.date, until: datetime.date) -> list[Problem]:
    if until < since:
        return [error("until", "before", "Останній день раніший за перший.")]
    days, least = terms().missed(since, until), terms().absence.days
    if days < least:
        said = f"Це {days} роб. дн. з уроками, а закон рахує від {least} поспіль."
        return [error("until", "short", said)]
    return []


# ── whose row it is ──────────────────────────────────────────────────────────
def _by_document(judged: Sequence[Judged]) -> dict[int, Pupil]:
    asked = {one.no: one.child for one in judged if one.child and one.child.document}
    if not asked:
        return {}
    numbers = {one.document.number for one in asked.values() if one.document}
    found = {
        (row.type, row.series, row.number): row.pupil
        for row in PupilDocument.objects.filter(number__in=numbers).select_related(
            "pupil__institution", "pupil__residence", "pupil__merged_into__institution"
        )
    }
    answer = {}
    for no, child in asked.items():
        document = child.document
        if document is None:
            continue
        pupil = found.get((document.type, document.series, document.number))
        if pupil is not None and pupil.merged_into is not None:
            pupil = pupil.merged_into
        if pupil is not None and pupil.born_on == child.born_on:
            answer[no] = pupil
    return answer


def _own(actor: Actor, judged: Sequence[Judged]) -> dict[int, Pupil]:
    asked = {one.no: one.child for one in judged if one.child}
    rows = Pupil.objects.visible_to(actor).filter(
        born_on__in={one.born_on for one in asked.values()}
    )
    there: dict[Any, list[Pupil]] = {}
    for pupil in rows.select_related("institution__unit"):
        name = sort_key(f"{pupil.surname} {pupil.given_name}")
        there.setdefault((pupil.born_on, name), []).append(pupil)
    answer = {}
    for no, child in asked.items():
        found = there.get((child.born_on, sort_key(f"{child.surname} {child.given_name}")), [])
        if len(found) == 1:
            answer[no] = found[0]
    return answer


def _placed(where: _Where, row: Judged, pupil: Pupil | None) -> Judged:
    """The row with its child, and what the register says against it."""
    child = row.child
    if child is None:
        return row
    problems: list[Problem] = []
    key = pupil.pk if pupil else child.document
    if key is not None and (before := where.seen.setdefault(key, row.no)) != row.no:
        problems.append(error("", "twice", f"Ця дитина вже є в рядку {before}."))
    if pupil is not None:
        problems += _known_child(where, child, pupil)
    elif where.kind == NOT_COVERED:
        problems += _new_child(where, child)
    elif where.kind == ABSENT:
        said = "Серед учнів закладу такої дитини немає: звірте прізвище, імʼя й дату народження."
        problems.append(error("surname", "unknown", said))
    else:
        said = "За цим документом і датою народження дитини не знайдено."
        problems.append(error("document", "unknown", said))
    if problems:
        return dataclasses.replace(row, problems=problems, child=None)
    known = pupil.full_name if pupil else "Новий профіль"
    return dataclasses.replace(row, child=dataclasses.replace(child, pupil=pupil), known=known)


def _new_child(where: _Where, child: Child) -> list[Problem]:
    """What is wanted of a child whom the register does not know."""
    told: list[Problem] = []
    for name in ("surname", "given_name"):
        found = names.check(name, getattr(child, name), required=True)
        told += [one for one in found.problems if one.level == "error"]
    if not child.sex:
        told.append(error("sex", "required", "Реєстр не знає цієї дитини: вкажіть стать, Ч або Ж."))
    first, last = terms().births(child.since)
    if not first < child.born_on:
        told.append(error("born_on", "adult", "Дитині вже виповнилося 18 років."))
    elif child.born_on > last:
        told.append(error("born_on", "small", "Дитина ще не шкільного віку."))
    if not child.territory:
        said = "Реєстр не знає, де живе дитина: вкажіть населений пункт."
        told.append(error("territory", "required", said))
    return told + _within(where, child)


def _known_child(where: _Where, child: Child, pupil: Pupil) -> list[Problem]:
    kind, unit = where.kind, where.unit
    told: list[Problem] = []
    if pupil.closed_on is not None:
        told.append(error("", "closed", "Профіль дитини закрито."))
    elif kind == NOT_COVERED and pupil.institution is not None:
        near = pupil.institution.is_within(where.actor.scope)
        at_ = f": {pupil.institution.short_name}" if near else " в іншій громаді"
        told.append(error("", "learns", f"Дитина навчається{at_}."))
    first, last = terms().births(child.since)
    if kind == NOT_COVERED and not first < pupil.born_on <= last:
        told.append(error("born_on", "age", "Дитина не шкільного віку."))
    if pupil.pk in where.standing:
        mine = unit is not None and where.standing[pupil.pk] == unit.name
        told.append(
            error("", "stands", "Уже на обліку" + (" у вас." if mine else " іншого органу."))
        )
    if unit is not None and not child.territory and pupil.residence_id != unit.pk:
        said = "За реєстром дитина живе не тут: вкажіть населений пункт вашої громади."
        told.append(error("territory", "required", said))
    return told + _within(where, child)


def _within(where: _Where, child: Child) -> list[Problem]:
    """Whether the place told is one of the community that records."""
    unit = where.unit
    if unit is None or not child.territory:
        return []
    if child.territory not in where.places:
        return [error("territory", "unknown", "Такого коду КАТОТТГ немає.")]
    theirs = unit.territory_code or ""
    whole = unit.kind in {UnitKind.CITY_DISTRICT, UnitKind.OBLAST}
    same = child.territory == theirs if whole else child.territory[:9] == theirs[:9]
    return [] if same else [error("territory", "elsewhere", "Це населений пункт іншої громади.")]

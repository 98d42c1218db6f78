"""What is so of a child from a day to a day: special needs, meals, displacement, benefits."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from accounts import identifiers
from accounts.actors import Actor
from kernel.db import command, violation
from kernel.errors import Invalid, NotFound
from kernel.errors import Problem as FieldProblem
from kernel.tables import dates
from kernel.tables.cells import tidy
from kernel.tables.findings import Checked, Problem, error
from kernel.text import latin
from registry.classifiers.selectors import classifiers, territories
from registry.fields import documents
from registry.fields.reader import Reader
from registry.people.events import CategoryAdded, CategoryEnded, CategoryVoided
from registry.people.models.pupils import ABROAD, DISPLACED, SEN, PupilCategory
from registry.people.services.steps import kept, require_version, tell
from registry.people.services.voiding import by_person, void

_LEVEL = re.compile(r"([1-5])(?:\s*-?\s*(?:й|ий|рівень))?(?:\s+рівень.*)?", re.IGNORECASE)
_NOT_DATED = 1  # the level of support that a school sets by its own assessment (D.2)
_LONGEST = 200
_DOCUMENTS = {
    SEN: "номер висновку ІРЦ",
    DISPLACED: "номер довідки ВПО",
    "FREE_MEALS": "підставу: чому харчування безкоштовне, за яким документом",
}
_YES, _NO = ({"on", "1", "true", "так", "yes"}, {"off", "0", "false", "ні", "no"})


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A category as it is told of a child: what a form, a row of a table and signed bytes say."""

    code: str
    starts_on: datetime.date
    ends_on: datetime.date | None = None
    level: int | None = None
    country: str = ""
    document: str = ""
    issued_on: datetime.date | None = None
    origin_code: str = ""
    studies_there: bool | None = None


def told_of(row: PupilCategory) -> Told:
    """A row as it is told."""
    return Told(**{field: getattr(row, field) for field in Told.__struct_fields__})


def check(values: Mapping[str, str], today: datetime.date) -> Checked[Told]:
    """Read a category with everything that it asks; asks no database but for dictionaries."""
    found: list[Problem] = []

    def keep(checked: Checked[Any]) -> Any:
        found.extend(checked.problems)
        return checked.value

    def get(name: str) -> str:
        return values.get(name, "")

    item = classifiers.find("pupil_category", get("code"), today)
    if item is None or not item.is_valid(today):
        found.append(error("code", "unknown", "Виберіть категорію."))
    asks = item.attributes if item else {}
    code = item.code if item else ""
    level = keep(_level(get("level"))) if asks.get("level") else None
    # A level that is not told asks for no document yet: the first one, set by the school, has none.
    by_school = code == SEN and (level == _NOT_DATED or not tidy(get("level")))
    country = keep(_country(get("country"), today)) if asks.get("country") else ""
    studies = keep(check_yes("studies_there", get("studies_there"))) if code == ABROAD else None
    document = keep(_document(code, get("document"), asked=asks.get("document") and not by_school))
    issued_on = keep(dates.parse("issued_on", get("issued_on"), required=False, today=today))
    if issued_on and issued_on > today:
        found.append(error("issued_on", "future", "Ця дата ще не настала."))
    elif issued_on is None and asks.get("dated") and not by_school and not _of("issued_on", found):
        found.append(error("issued_on", "required", "Вкажіть дату документа."))
    origin = keep(check_place("origin_code", get("origin_code"))) if asks.get("origin") else ""
    starts_on = keep(dates.parse("starts_on", get("starts_on"), today=today))
    ends_on = keep(dates.parse("ends_on", get("ends_on"), required=False, today=today))
    if starts_on and ends_on and ends_on <= starts_on:
        found.append(error("ends_on", "before_start", "Дата закінчення раніше за початок."))
    if code == ABROAD and starts_on and starts_on > today:
        found.append(error("starts_on", "future", "Дата виїзду ще не настала."))
    if any(one.level == "error" for one in found):
        return Checked(None, tuple(found))
    told = Told(
        code=code,
        starts_on=starts_on,
        ends_on=ends_on,
        level=level,
        country=country,
        document=document,
        issued_on=issued_on,
        origin_code=origin,
        studies_there=studies,
    )
    return Checked(told, tuple(found))


def _of(field: str, found: list[Problem]) -> bool:
    return any(one.field == field for one in found)


def _level(text: str) -> Checked[int]:
    match = _LEVEL.fullmatch(tidy(text))
    if match is None:
        return Checked(
            None, (error("level", "required", "Вкажіть рівень підтримки: від 1-го до 5-го."),)
        )
    return Checked(int(match[1]))


def _country(text: str, today: datetime.date) -> Checked[str]:
    value = tidy(text)
    if not value:
        return Checked(None, (error("country", "required", "Вкажіть країну перебування."),))
    code = classifiers.code_of("country", value, today) or latin(value.upper())
    if len(code) != 2 or not (code.isascii() and code.isalpha()):
        return Checked(None, (error("country", "unknown", "Назва країни або код: PL, DE."),))
    if code == "UA":
        return Checked(None, (error("country", "here", "Це країна за межами України."),))
    return Checked(code)


def _document(code: str, text: str, *, asked: Any) -> Checked[str]:
    value = tidy(text)
    if not value:
        if not asked:
            return Checked("")
        what = _DOCUMENTS.get(code, "документ, що підтверджує категорію")
        return Checked(None, (error("document", "required", f"Вкажіть {what}."),))
    if code == DISPLACED:
        read = documents.check("document", value, kind="IDP")
        return Checked(read.value.number if read.value else None, read.problems)
    if len(value) > _LONGEST:
        return Checked(None, (error("document", "too_long", f"До {_LONGEST} знаків."),))
    return Checked(value)


def check_yes(field: str, text: str) -> Checked[bool]:
    """«так» or «ні», however written; blank is None."""
    value = tidy(text).lower()
    if not value or value in _YES or value in _NO:
        return Checked(None if not value else value in _YES)
    return Checked(None, (error(field, "unknown", "Впишіть «так» або «ні»."),))


def check_place(field: str, text: str) -> Checked[str]:
    """A code of КАТОТТГ by its shape; blank is none."""
    value = identifiers.territory(tidy(text))
    if not value or territories.CODE.fullmatch(value):
        return Checked(value)
    said = "Виберіть місце зі списку або впишіть код КАТОТТГ: UA і 17 цифр."
    return Checked(None, (error(field, "shape", said),))


def _document_of(*, values: Mapping[str, str], **_: Any) -> str:
    return tidy(values.get("document", "")) or "оцінка закладу освіти"


@command(ground=_document_of)
def add_category(
    *, actor: Actor, pupil_id: Any, values: Mapping[str, str], today: datetime.date
) -> PupilCategory:
    """Add a category from a day, with what that category asks. One that lasts and says other of the
    child ends on that day: it was so before, and is so no more.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps.
        Invalid: every wrong field, or the child has it already.
    """
    pupil = kept(actor, pupil_id)
    read = Reader(values)
    told: Told | None = read.keep(check(read.values, today))
    if told is not None and told.origin_code and not territories.known([told.origin_code]):
        read.say("origin_code", "unknown", "Такого коду в КАТОТТГ немає.")
    read.stop_if_wrong()
    assert told is not None  # noqa: S101 - nothing was wrong
    lasting = (
        pupil.categories.filter(
            code=told.code, voided_at=None, ends_on=None, starts_on__lt=told.starts_on
        )
        .order_by("id")
        .first()
    )
    if lasting is not None and _same(lasting, told):
        raise _overlaps()
    if lasting is not None:
        _end(lasting, told.starts_on)
        tell(
            CategoryEnded,
            pupil,
            category=lasting.pk,
            code=lasting.code,
            ends_on=told.starts_on,
        )
    with violation("categories_never_overlap", _overlaps):
        row = PupilCategory.objects.create(pupil=pupil, **msgspec.structs.asdict(told))
    tell(CategoryAdded, pupil, category=row.pk, code=row.code, starts_on=told.starts_on)
    return row


def _same(row: PupilCategory, told: Told) -> bool:
    """Whether a lasting category says the same of the child, whatever days it is told from."""
    days = {"starts_on": told.starts_on, "ends_on": told.ends_on}
    return told.ends_on is None and msgspec.structs.replace(told_of(row), **days) == told


def _overlaps() -> Invalid:
    return Invalid(
        [
            FieldProblem(
                "starts_on",
                "overlaps",
                "За ці дні це в дитини вже записано. Завершіть попередній запис, вилучіть "
                "помилковий або змініть дати.",
            )
        ]
    )


def _end(row: PupilCategory, day: datetime.date) -> None:
    row.ends_on = day
    row.version += 1
    row.save(update_fields=["ends_on", "version"])


def _own(pupil: Any, category_id: int, version: int) -> PupilCategory:
    """A category of the child that was not voided, as the actor read it.

    Raises:
        NotFound, StaleVersion.
    """
    try:
        row: PupilCategory = pupil.categories.get(pk=category_id, voided_at=None)
    except (PupilCategory.DoesNotExist, ValueError, TypeError):
        raise NotFound from None
    require_version(row, version)
    return row


@command
def end_category(
    *, actor: Actor, pupil_id: Any, category_id: int, version: int, ends_on: datetime.date
) -> PupilCategory:
    """End a category on a day; what was stays in the history.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps, or not its category.
        StaleVersion: somebody ended or corrected the category after it was read.
        Invalid: the day is not after the first one, or a later record of the kind begins before.
    """
    pupil = kept(actor, pupil_id)
    row = _own(pupil, category_id, version)
    if ends_on <= row.starts_on:
        raise Invalid(
            [FieldProblem("ends_on", "before_start", "Дата закінчення раніше за початок.")]
        )
    with violation("categories_never_overlap", _overlaps):
        _end(row, ends_on)
    tell(CategoryEnded, pupil, category=row.pk, code=row.code, ends_on=ends_on)
    return row


@command
def void_category(
    *, actor: Actor, pupil_id: Any, category_id: int, version: int, ground: str
) -> PupilCategory:
    """Say that a category never was so: it was written by mistake. The row stays, voided.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps, or not its category.
        StaleVersion: somebody ended or corrected the category after it was read.
        Invalid: no ground is told.
    """
    pupil = kept(actor, pupil_id)
    row = _own(pupil, category_id, version)
    void(row, by_person(actor, ground))
    tell(CategoryVoided, pupil, category=row.pk, code=row.code)
    return row

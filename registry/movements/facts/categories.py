"""Kinds over categories: special needs, free meals, benefits, displacement.

A change from a day ends what lasted and begins the next; told from the very day what lasted began,
it is a correction, and what stood is voided.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from django.db import connection

from accounts import identifiers
from kernel.audit.events import Event
from kernel.db import part_of_command, violation
from kernel.tables import dates
from kernel.tables.cells import tidy
from kernel.tables.findings import Problem, error
from registry.classifiers.selectors import classifiers, territories
from registry.drafts.models import Draft, DraftRow
from registry.movements.facts import children
from registry.movements.facts.process import Facts, Facts_, Frame, Told
from registry.movements.facts.signed import (
    BenefitsRow,
    DisplacementRow,
    FactRow,
    MealsRow,
    NeedsRow,
)
from registry.orders import texts
from registry.orders.errors import EnrolledMeanwhile, NotAnnullable
from registry.orders.models import Order
from registry.people import policies
from registry.people.events import CategoryAdded, CategoryEnded
from registry.people.models.pupils import ABROAD, DISPLACED, MEALS, SEN, PupilCategory
from registry.people.selectors.reach import standing_for
from registry.people.services import categories
from registry.people.services.voiding import by_order
from registry.process import Column


def as_text(told: categories.Told) -> dict[str, str]:
    """A category as signed rows say it: what is there, dates as ISO."""
    said = {}
    for name, value in msgspec.structs.asdict(told).items():
        if name == "code" or value is None or value == "":
            continue
        if isinstance(value, bool):
            value = "так" if value else "ні"
        said[name] = value.isoformat() if isinstance(value, datetime.date) else str(value)
    return said


@dataclasses.dataclass(frozen=True, slots=True)
class _Stands:
    """Categories of a code that a child has or had, the latest last, and the one that lasts."""

    rows: Sequence[PupilCategory]
    lasting: PupilCategory | None


class Categories(Facts):
    """A category of some codes, by its period and what it asks."""

    codes: ClassVar[Collection[str]]
    facts: ClassVar[Mapping[str, str]] = {
        "level": "Рівень підтримки",
        "country": "Країна",
        "document": "Документ",
        "issued_on": "Дата документа",
        "origin_code": "Звідки",
        "studies_there": "Навчається там",
        "starts_on": "З",
        "ends_on": "До",
    }

    def key_of(self, row: DraftRow, child: children.Child, frame: Frame) -> str:
        """The code: the only one, or as typed."""
        if len(self.codes) == 1:
            return next(iter(self.codes))
        typed = row.values.get("code", "")
        code = classifiers.code_of("pupil_category", tidy(typed), frame.today) or ""
        return code if code in self.codes else ""

    def more(self, draft: Draft, pupils: Iterable[uuid.UUID], day: datetime.date) -> Any:
        """Which of the places named are in КАТОТТГ."""
        if "origin_code" not in {column.name for column in self.own}:
            return frozenset()
        named = draft.rows.exclude(values__origin_code=None).values_list(
            "values__origin_code", flat=True
        )
        return territories.known(identifiers.territory(tidy(one)) for one in named)

    def standing(
        self, pupils: Iterable[uuid.UUID], day: datetime.date
    ) -> Mapping[tuple[uuid.UUID, str], _Stands]:
        """Categories that were not voided, in the order of their days."""
        rows: dict[tuple[uuid.UUID, str], list[PupilCategory]] = defaultdict(list)
        for row in PupilCategory.objects.filter(
            pupil_id__in=list(pupils), code__in=list(self.codes), voided_at=None
        ).order_by("starts_on", "id"):
            rows[row.pupil_id, row.code].append(row)
        return {
            key: _Stands(
                found,
                found[-1] if found[-1].ends_on is None or found[-1].ends_on > day else None,
            )
            for key, found in rows.items()
        }

    def facts_of(self, stands: _Stands | None) -> dict[str, str]:
        """The category that lasts."""
        if stands is None or stands.lasting is None:
            return {}
        return as_text(categories.told_of(stands.lasting))

    def standing_after(
        self, order: Order, rows: Sequence[FactRow], who: Mapping[uuid.UUID, uuid.UUID]
    ) -> Mapping[tuple[uuid.UUID, str], Facts_]:
        """The latest category of each code, ended ones too."""
        found = self.standing(who.values(), order.effective_on)
        return {key: as_text(categories.told_of(one.rows[-1])) for key, one in found.items()}

    def over(
        self, values: Mapping[str, str], key: str, stands: _Stands | None, frame: Frame
    ) -> Told:
        """What is typed goes over what lasts; only a last day typed ends it."""
        was = self.facts_of(stands)
        shown = {name: self.words(name, one) for name, one in was.items()}
        if not key:
            return Told((_no_code(),), {}, {}, shown)
        typed = {name: one for name in self.facts if tidy(one := values.get(name, ""))}
        if not typed:
            return Told((), was, was, shown)
        merged = {**was, **typed, "code": key}
        if was and set(typed) == {"ends_on"}:
            return _ending(was, typed["ends_on"], shown, frame.today)
        merged["starts_on"] = typed.get("starts_on") or frame.day.isoformat()
        read = categories.check(merged, frame.today)
        if read.value is None:
            return Told(read.problems, was, {}, shown)
        now = as_text(read.value)
        problems = [*read.problems, *self._misplaced(read.value, was, stands, frame)]
        if _but_days(now) == _but_days(was) and now.get("ends_on") == was.get("ends_on"):
            now = was  # the same from another day is nothing new
        return Told(problems, was, now, shown)

    def _misplaced(
        self, told: categories.Told, was: Facts_, stands: _Stands | None, frame: Frame
    ) -> list[Problem]:
        if told.origin_code and told.origin_code not in frame.more | {was.get("origin_code")}:
            return [error("origin_code", "unknown", "Такого коду в КАТОТТГ немає.")]
        if stands is None:
            return []
        lasting = stands.lasting
        since = dates.show(stands.rows[-1].starts_on)
        if lasting is not None and told.starts_on < lasting.starts_on:
            said = f"Уже записано з {since}: вкажіть цей або пізніший день."
            return [error("starts_on", "before_last", said)]
        earlier = [one for one in stands.rows if one is not lasting]
        if any(one.ends_on is None or one.ends_on > told.starts_on for one in earlier):
            return [error("starts_on", "overlaps", "За ці дні вже записано інше.")]
        return []

    def words(self, fact: str, value: str) -> str:
        """Days, countries and levels as people read them."""
        if fact in {"issued_on", "starts_on", "ends_on"}:
            return dates.show(datetime.date.fromisoformat(value))
        if fact == "country":
            return classifiers.label("country", value)
        return f"{value}-й" if fact == "level" else value

    def named(self, row: FactRow) -> str:
        """The category, where the kind has several."""
        return classifiers.label("pupil_category", row.key) if len(self.codes) > 1 else ""

    # ── the order
    @part_of_command
    def effect(self, order: Order, rows: Sequence[FactRow]) -> None:
        """What lasted ends or is voided, the next begins: two statements.

        Raises:
            DomainError: the register has moved on.
        """
        closed = [row for row in rows if row.was]
        with violation("categories_never_overlap", _moved_on), connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE registry_pupilcategory c
                SET ends_on = CASE WHEN x.voids THEN c.ends_on ELSE x.ends_on END,
                    voided_at = CASE WHEN x.voids THEN %s::timestamptz END,
                    voided_by_id = CASE WHEN x.voids THEN %s::int END,
                    voided_why = CASE WHEN x.voids THEN %s ELSE '' END,
                    closed_by_id = %s, version = c.version + 1
                FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::date[], %s::bool[])
                    AS x(pupil_id, code, starts_on, ends_on, voids)
                WHERE (c.pupil_id, c.code, c.starts_on) = (x.pupil_id, x.code, x.starts_on)
                  AND c.voided_at IS NULL
                """,
                [
                    *by_order(order).columns.values(),
                    order.pk,
                    [row.pupil for row in closed],
                    [row.key for row in closed],
                    [row.was["starts_on"] for row in closed],
                    [_closes_on(row) for row in closed],
                    [
                        _begins(row) and row.now["starts_on"] == row.was["starts_on"]
                        for row in closed
                    ],
                ],
            )
            if cursor.rowcount != len(closed):
                raise _moved_on()
            begun = [row for row in rows if _begins(row)]
            cursor.execute(
                """
                INSERT INTO registry_pupilcategory (pupil_id, code, starts_on, ends_on, level,
                    country, document, issued_on, origin_code, studies_there, opened_by_id, version)
                SELECT x.*, %s, 1 FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::date[],
                    %s::smallint[], %s::text[], %s::text[], %s::date[], %s::text[], %s::bool[]) AS x
                """,
                [
                    order.pk,
                    [row.pupil for row in begun],
                    [row.key for row in begun],
                    *(
                        [row.now.get(name) for row in begun]
                        for name in ("starts_on", "ends_on", "level")
                    ),
                    *([row.now.get(name, "") for row in begun] for name in ("country", "document")),
                    [row.now.get("issued_on") for row in begun],
                    [row.now.get("origin_code", "") for row in begun],
                    [_YES.get(row.now.get("studies_there", "")) for row in begun],
                ],
            )

    def events(self, order: Order, rows: Sequence[FactRow]) -> Iterable[Event]:
        """One for each child: what began, or what ended."""
        written = {
            (row.pupil_id, row.code): row.pk
            for row in PupilCategory.objects.filter(closed_by=order)
        } | {
            (row.pupil_id, row.code): row.pk
            for row in PupilCategory.objects.filter(opened_by=order)
        }
        for row in rows:
            common: dict[str, Any] = {
                "subject": row.pupil,
                "unit": order.institution_id,
                "category": written[row.pupil, row.key],
                "code": row.key,
            }
            if _begins(row):
                day = datetime.date.fromisoformat(row.now["starts_on"])
                yield CategoryAdded(**common, starts_on=day)
            else:
                day = datetime.date.fromisoformat(row.now["ends_on"])
                yield CategoryEnded(**common, ends_on=day)

    @part_of_command
    def annul(self, order: Order, by: Order, rows: Sequence[FactRow]) -> None:
        """What began is voided, what ended or was voided stands as it was.

        Raises:
            NotAnnullable: the register has moved on.
        """
        closed = [row for row in rows if row.was]
        who = standing_for(row.pupil for row in closed)
        with violation("categories_never_overlap", NotAnnullable), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE registry_pupilcategory SET voided_at = %s, voided_by_id = %s, voided_why = %s,"
                " version = version + 1 WHERE opened_by_id = %s AND voided_at IS NULL",
                [*by_order(by).columns.values(), order.pk],
            )
            cursor.execute(
                """
                UPDATE registry_pupilcategory c
                SET ends_on = x.ends_on, voided_at = NULL, voided_by_id = NULL, voided_why = '',
                    closed_by_id = NULL,
                    version = c.version + 1
                FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::date[])
                    AS x(pupil_id, code, starts_on, ends_on)
                WHERE (c.pupil_id, c.code, c.starts_on) = (x.pupil_id, x.code, x.starts_on)
                  AND c.closed_by_id = %s
                """,
                [
                    [who[row.pupil] for row in closed],
                    [row.key for row in closed],
                    [row.was["starts_on"] for row in closed],
                    [row.was.get("ends_on") for row in closed],
                    order.pk,
                ],
            )


_YES = {"так": True, "ні": False}


def _begins(row: FactRow) -> bool:
    """Whether the row begins a category, and does not only end the one that lasts."""
    return not row.was or {**row.was, **_only(row.now, "ends_on")} != row.now


def _closes_on(row: FactRow) -> str | None:
    return row.now["starts_on"] if _begins(row) else row.now.get("ends_on")


def _only(facts: Facts_, name: str) -> dict[str, str]:
    return {name: facts[name]} if name in facts else {}


def _but_days(facts: Facts_) -> dict[str, str]:
    return {name: one for name, one in facts.items() if name not in {"starts_on", "ends_on"}}


def _ending(was: Facts_, typed: str, shown: Facts_, today: datetime.date) -> Told:
    """To end what lasts nothing else is asked: what it lacks is not this row's to mend."""
    read = dates.parse("ends_on", typed, today=today)
    problems = list(read.problems)
    if read.value and read.value <= datetime.date.fromisoformat(was["starts_on"]):
        problems.append(error("ends_on", "before_start", "Дата закінчення раніше за початок."))
    now = {**was, "ends_on": read.value.isoformat()} if read.value else was
    return Told(problems, was, now, shown)


def _no_code() -> Problem:
    return error("code", "unknown", "Виберіть зі списку.")


def _moved_on() -> EnrolledMeanwhile:
    return EnrolledMeanwhile("Відомості тим часом змінено. Спробуйте підписати ще раз.")


# ── columns ──────────────────────────────────────────────────────────────────
_DAY = "дд.мм.рррр"
_FROM = Column("starts_on", "Діє з", hint=f"{_DAY}; порожньо — з дня наказу", width="w3")
_TO = Column("ends_on", "Не діє з", hint=f"{_DAY}; перший день, коли вже не діє", width="w3")


def _issued(label: str) -> Column:
    return Column("issued_on", label, hint=_DAY, width="w3")


def _kind_column(label: str, codes: Sequence[str], words: Mapping[str, str]) -> Column:
    return Column(
        "code",
        label,
        required=True,
        choices=tuple((words[code], words[code]) for code in codes),
        width="w8",
    )


_HEADINGS = {
    "level": "рівень|необхідний рівень підтримки|рівень підтримки|оопрівень",
    "document": "документ, що підтверджує|номер висновку|висновок|висновок ірц|номер довідки|довідка впо|підстава",
    "issued_on": "дата висновку|дата довідки|дата видачі",
    "starts_on": "з|з якого дня|початок|дата початку|дата виїзду",
    "ends_on": "до|діє до|дійсна до|по|кінець|дата закінчення|дата повернення",
    "country": "країна|країна перебування",
    "origin_code": "звідки|звідки переміщено|катоттг",
    "studies_there": "навчається там|навчається за кордоном",
    "code": "категорія|пільга|вид переміщення",
}


def _columns(own: Sequence[Column]) -> tuple[Column, ...]:
    return (*children.COLUMNS, *own)


def _text(name: str) -> Path:
    return Path(texts.__path__[0]) / f"{name}.toml"


def _also(own: Sequence[Column], places: frozenset[str] = frozenset()) -> Any:
    return children.table(own, _HEADINGS, places)


# ── the kinds ────────────────────────────────────────────────────────────────
class Needs(Categories):
    """«Особливі освітні потреби»: level of support, by the school or the ІРЦ."""

    code = "needs"
    name = "Особливі освітні потреби та рівень підтримки"
    about = "про особливі освітні потреби"
    verb = "записано особливі освітні потреби"
    order = 60
    codes = (SEN,)
    see = policies.see_needs
    row = NeedsRow
    own = (
        Column("level", "Рівень", in_full="Необхідний рівень підтримки", hint="1–5", width="w4"),
        Column("document", "Висновок ІРЦ", hint="Номер; для 1-го рівня не потрібен", width="w5"),
        _issued("Дата висновку"),
        _FROM,
        _TO,
    )
    columns = _columns(own)
    also = _also(own)
    default_ground = "висновки інклюзивно-ресурсного центру, оцінка закладу освіти"
    text = _text("needs")


class Meals(Categories):
    """«Забезпечується безкоштовним харчуванням»."""

    code = "meals"
    name = "Безкоштовне харчування"
    about = "про безкоштовне харчування"
    verb = "записано на безкоштовне харчування"
    order = 61
    codes = (MEALS,)
    row = MealsRow
    own = (
        Column("document", "Підстава", hint="Чому безкоштовне, за яким документом", width="w8"),
        _FROM,
        _TO,
    )
    columns = _columns(own)
    also = _also(own)
    default_ground = "заяви батьків (інших законних представників) та подані до них документи"
    text = _text("meals")


BENEFITS: Mapping[str, str] = {
    "DISABILITY": "Дитина з інвалідністю",
    "ORPHAN": "Дитина-сирота",
    "NO_PARENTAL_CARE": "Дитина, позбавлена батьківського піклування",
    "LOW_INCOME": "Дитина з малозабезпеченої родини",
    "LARGE_FAMILY": "Дитина з багатодітної родини",
    "COMBATANT_CHILD": "Дитина учасника бойових дій",
    "FALLEN_CHILD": "Дитина загиблого захисника чи захисниці",
    "MISSING_CHILD": "Дитина зниклого безвісти за особливих обставин",
    "CAPTIVE_CHILD": "Дитина полоненого чи позбавленого особистої свободи",
    "VETERAN_CHILD": "Дитина ветерана війни",
    "WAR_AFFECTED": "Дитина, яка постраждала внаслідок воєнних дій",
    "CHORNOBYL": "Дитина, яка постраждала внаслідок Чорнобильської катастрофи",
    "HALF_ORPHAN": "Напівсирота",
    "GUARDIANSHIP": "Дитина під опікою чи піклуванням",
    "REFUGEE": "Біженець або особа, яка потребує додаткового захисту",
    "HARDSHIP": "Дитина, яка перебуває у складних життєвих обставинах",
}


class Benefits(Categories):
    """Benefits and categories with their documents."""

    code = "benefits"
    name = "Пільги й категорії дітей"
    about = "про пільги й категорії"
    verb = "записано пільги й категорії"
    order = 62
    codes = tuple(BENEFITS)
    see = policies.see_needs
    row = BenefitsRow
    own = (
        _kind_column("Категорія", tuple(BENEFITS), BENEFITS),
        Column("document", "Документ", hint="Вид, номер, ким видано", width="w8"),
        _issued("Дата документа"),
        _FROM,
        _TO,
    )
    columns = _columns(own)
    also = _also(own)
    default_ground = "заяви батьків (інших законних представників) та подані до них документи"
    text = _text("benefits")


_MOVED = {DISPLACED: "Внутрішньо переміщена особа", ABROAD: "Перебуває за кордоном"}


class Displacement(Categories):
    """Displacement, within the country and abroad."""

    code = "displacement"
    name = "Внутрішнє переміщення та виїзд за кордон"
    about = "про переміщення"
    verb = "записано переміщення"
    order = 63
    codes = (DISPLACED, ABROAD)
    row = DisplacementRow
    own = (
        _kind_column("Вид", tuple(_MOVED), _MOVED),
        Column("document", "Довідка ВПО", hint="1234-5000123456", width="w5"),
        _issued("Дата довідки"),
        Column("origin_code", "Звідки", hint="Код КАТОТТГ", width="w5"),
        Column("country", "Країна", hint="Для тих, хто за кордоном", width="w3"),
        Column("studies_there", "Навчається там", hint="так або ні", width="w4"),
        _FROM,
        _TO,
    )
    columns = _columns(own)
    also = _also(own, frozenset({"origin_code"}))
    default_ground = "довідки про взяття на облік внутрішньо переміщених осіб, заяви батьків"
    text = _text("displacement")


KINDS = (Needs(), Meals(), Benefits(), Displacement())

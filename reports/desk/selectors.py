"""Reading the desk: days that are counted, answers to questions, kept questions."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from accounts.selectors import placements
from kernel import replica
from kernel.batch import UNDER_WAY
from kernel.errors import NotFound
from kernel.kept import key_of
from kernel.paging import Page, keyset
from kernel.tables import dates
from kernel.text import sort_key
from registry.models import Institution
from reports.desk import compile as sql
from reports.desk import errors, policies, telling
from reports.desk.measures import codes_of, said
from reports.desk.models import DeskQuery, DeskSlice
from reports.desk.question import AREAS, TIME, Question
from reports.desk.telling import ALL, FORECAST, HIDDEN, Sum, Sums, Told

MOST_DAYS = 24  # of a line
PAGE = 50
OUTSIDE = "Поза територіями цього рівня"


@dataclasses.dataclass(frozen=True)
class Line:
    """A row of an answer: what it is about, its figures by column, and their total."""

    key: Any
    label: str
    values: tuple[Told, ...]
    total: Told
    uid: str = ""
    place: str = ""  # of a territory the beginning of its code of КАТОТТГ


@dataclasses.dataclass(frozen=True)
class Answer:
    """What the desk says, with its day and since when it is known."""

    question: Question
    slices: tuple[DeskSlice, ...]
    columns: tuple[str, ...]  # "" where there is one column alone
    lines: tuple[Line, ...]
    total: Line | None
    hidden: int
    lag: str = ""  # why the replica was not asked, in words

    @property
    def made(self) -> DeskSlice:
        """The slice that answers (of several, the latest)."""
        return self.slices[-1]


def days(actor: Actor) -> list[datetime.date]:
    """Counted days, the latest first.

    Raises:
        NotAllowed: the actor may not ask.
    """
    policies.ask.require(actor)
    found = DeskSlice.objects.filter(state="DONE").order_by("-day").values_list("day", flat=True)
    return list(dict.fromkeys(found))


def under_way(actor: Actor) -> list[DeskSlice]:
    """Days that are being counted."""
    policies.ask.require(actor)
    return list(DeskSlice.objects.filter(state__in=UNDER_WAY).order_by("-id"))


def progress(actor: Actor, slice_id: Any) -> DeskSlice:
    """One slice, whatever its state.

    Raises:
        NotFound: none such.
        NotAllowed: the actor may not ask.
    """
    policies.ask.require(actor)
    found = DeskSlice.objects.filter(pk=slice_id).first()
    if found is None:
        raise NotFound
    return found


def slice_of(day: datetime.date | None) -> DeskSlice:
    """The slice of a day as last counted; of no day, the latest.

    Raises:
        DayNotCounted: there is none.
    """
    rows = DeskSlice.objects.filter(state="DONE")
    found = (rows.filter(day=day) if day else rows).order_by("-day", "-id").first()
    if found is None:
        raise errors.DayNotCounted(
            f"На {dates.show(day)} показників ще немає." if day else "Показників ще немає."
        )
    return found


def area_of(actor: Actor, uid: str) -> OrgUnit:
    """The territory a question is about: named, or the actor's own.

    Raises:
        NotAllowed: the actor may not ask.
        NotFound: none such within reach.
    """
    policies.ask.require(actor)
    if not uid:
        if actor.unit_id is None:
            raise NotFound
        return OrgUnit.objects.get(pk=actor.unit_id)
    kinds = (UnitKind.OWNER, UnitKind.OBLAST, UnitKind.RAION, UnitKind.HROMADA, UnitKind.CITY)
    found = OrgUnit.objects.filter(uid=uid, kind__in=kinds).first()
    if found is None or not actor.stands_above(found.path):
        raise NotFound
    return found


def areas(actor: Actor, area: OrgUnit) -> list[OrgUnit]:
    """Territories to choose from: those above the chosen one within reach, and those below it."""
    above = [*placements.ancestors(area.path)]
    rows = OrgUnit.objects.filter(
        Q(pk__in=above) | Q(parent=area) | Q(pk=area.pk),
        kind__in=(UnitKind.OWNER, UnitKind.OBLAST, UnitKind.RAION, UnitKind.HROMADA, UnitKind.CITY),
        is_active=True,
    )
    there = [one for one in rows if actor.stands_above(one.path)]
    return sorted(there, key=lambda one: (one.depth, sort_key(one.name)))


def answer(actor: Actor, question: Question) -> Answer:
    """Answer a question: one statement over what is kept, then each figure hidden or rounded. A day that
    is counted never changes, so a replica that knows its days is asked.

    Raises:
        NotAllowed: the actor may not ask.
        DayNotCounted: nothing is kept for the day.
    """
    policies.ask.require(actor)
    slices = _slices(question)
    text, params = _statement(question, slices)
    ids = [one.pk for one in slices]
    sums, lag = replica.ask(
        lambda: _sums(text, params),
        knows=lambda: DeskSlice.objects.filter(pk__in=ids, state="DONE").count() == len(ids),
    )
    row_keys, col_keys = _keys(question, sums, slices)
    figures = telling.told(
        question.measure, sums, row_keys, col_keys, sums_rows=question.rows != TIME
    )
    names = _names(question, row_keys)
    lines = [
        Line(
            key=key,
            label=names[key].label,
            uid=names[key].uid,
            place=names[key].place,
            values=tuple(figures[key, col] for col in col_keys),
            total=figures[key, ALL],
        )
        for key in row_keys
    ]
    if question.rows in AREAS:
        lines.sort(key=lambda line: (line.key is None, sort_key(line.label)))
    total = None
    if question.rows != TIME:
        total = Line(ALL, "Разом", tuple(figures[ALL, col] for col in col_keys), figures[ALL, ALL])
    columns = tuple(said(question.measure.kept, question.cols, col) for col in col_keys)
    shown = [one for line in (*lines, total) if line for one in (*line.values, line.total)]
    return Answer(
        question, slices, columns, tuple(lines), total, sum(one == HIDDEN for one in shown), lag
    )


def _slices(question: Question) -> tuple[DeskSlice, ...]:
    if question.rows != TIME:
        return (slice_of(question.day),)
    rows = DeskSlice.objects.filter(state="DONE")
    if question.day:
        rows = rows.filter(day__lte=question.day)
    latest: dict[datetime.date, DeskSlice] = {}
    for one in rows.order_by("-day", "-id"):
        latest.setdefault(one.day, one)
    if not latest:
        raise errors.DayNotCounted("Показників ще немає.")
    return tuple(reversed(list(latest.values())[:MOST_DAYS]))


def _statement(question: Question, slices: Sequence[DeskSlice]) -> sql.Statement:
    """What is asked; columns of a forecast are grades."""
    measure, cube = question.measure, question.measure.kept
    forecast = measure.kind == "forecast"
    fixed = {
        name: [codes_of(cube.field(name)).index(code) + 1 for code in codes]
        for name, codes in measure.where.items()
    }
    of = {
        name: [codes_of(cube.field(name)).index(code) + 1 for code in codes]
        for name, codes in measure.of.items()
    }
    where: dict[str, list[int]] = {name: list(codes) for name, codes in fixed.items()}
    for name, code in question.only:
        standing = where.get(name)
        where[name] = [code] if standing is None or code in standing else [-1]
    if forecast:
        where["grade"] = list(FORECAST)
    text, params = sql.answer_sql(
        cube,
        level=question.level,
        area=question.narrowed,
        rows="area" if question.rows in AREAS else question.rows,
        cols=question.cols,
        where=where,
        forecast=forecast,
        of=of,
    )
    params["slices"] = [one.pk for one in slices]
    if question.level == "U":
        below = placements.below_on(slices[-1].day, question.area)
        params["units"] = list(
            Institution.objects.filter(unit__in=below).values_list("pk", flat=True)
        )
    return text, params


def _sums(text: str, params: dict[str, Any]) -> Sums:
    """The statement's rows by their keys."""
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return {
            (ALL if no_row else row, ALL if no_col else col): Sum(n, seal, amount, part, part_seal)
            for row, col, no_row, no_col, n, seal, amount, part, part_seal in cursor.fetchall()
            if n is not None
        }


def _keys(
    question: Question, sums: Sums, slices: Sequence[DeskSlice]
) -> tuple[list[Any], list[Any]]:
    def ordered(keys: Iterable[Any]) -> list[Any]:
        return sorted(keys, key=lambda one: (one is None, one))

    rows = ordered({row for row, _ in sums if row is not ALL})
    if question.rows == TIME:
        rows = [one.pk for one in slices]
    if question.measure.kind == "forecast" or not question.cols:
        return rows, []
    return rows, ordered({col for _, col in sums if col is not ALL})


@dataclasses.dataclass(frozen=True)
class _Name:
    label: str
    uid: str = ""
    place: str = ""


def _names(question: Question, keys: Sequence[Any]) -> Mapping[Any, _Name]:
    """What rows are about, in words."""
    if question.rows == TIME:
        rows = DeskSlice.objects.filter(pk__in=keys).values_list("pk", "day")
        return {pk: _Name(dates.show(day)) for pk, day in rows}
    cube = question.measure.kept
    if question.rows in AREAS or cube.field(question.rows).kind == "unit":
        units = OrgUnit.objects.filter(pk__in=[key for key in keys if key is not None])
        found = {
            pk: _Name(name, str(uid), (place or "")[:4])
            for pk, name, uid, place in units.values_list("pk", "name", "uid", "territory_code")
        }
        # A node that the tree knows no more keeps its number: nothing is lost of the sum.
        return {key: found.get(key, _Name(OUTSIDE)) for key in keys}
    return {key: _Name(said(cube, question.rows, key)) for key in keys}


def queries(
    actor: Actor, *, after: str | None = None, before: str | None = None
) -> Page[DeskQuery]:
    """Kept questions: the actor's own and those that others share, the newest first.

    Raises:
        NotAllowed: the actor may not ask.
    """
    policies.ask.require(actor)
    rows = DeskQuery.objects.filter(Q(owner_id=actor.grant_id) | Q(shared=True))
    return keyset(
        rows.select_related("owner__user", "owner__unit"),
        order=("-id",), size=PAGE, after=after, before=before,
    )  # fmt: skip


def query(actor: Actor, query_id: Any) -> DeskQuery:
    """A kept question, own or shared.

    Raises:
        NotFound: none such.
        NotAllowed: the actor may not ask.
    """
    policies.ask.require(actor)
    rows = DeskQuery.objects.filter(Q(owner_id=actor.grant_id) | Q(shared=True))
    found = rows.filter(pk=key_of(DeskQuery, query_id)).first()
    if found is None:
        raise NotFound
    return found

"""Statements composed once: look-ups and writes of few rows that every command and page asks.

Django composes the SQL of a queryset anew at each call, which for rows by a key takes ten times as
long as asking (four small look-ups of a card: 2.9 ms of processor time, kept 0.35). What is kept
here is composed at the first call and asked with other values from then on; who sees which rows
stays where it was, in the queryset.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, Literal, TypeVar, cast

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection, models
from django.db.models.expressions import DatabaseDefault, Expression
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesIterable,
    get_related_populators,
)
from psycopg import sql as written

from kernel.errors import DomainError, NotFound
from kernel.scoping import Scope
from kernel.statements import prepared

Row = TypeVar("Row")


class _Slot(Expression):
    """Stands in the composed statement where a value of the call will; `one_plan`: whatever the
    value, the statement is planned once."""

    def __init__(self, place: int, *, one_plan: bool):
        super().__init__()
        self.place, self.one_plan = place, one_plan

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class _Keys(Expression):
    """Slots for the keys of a scope, as `visible_to` takes them: alone, or any of several."""

    def __init__(self, first: int, width: int, *, one_plan: bool):
        super().__init__()
        self.slots = [_Slot(place, one_plan=one_plan) for place in range(first, first + width)]

    def __len__(self) -> int:
        return len(self.slots)

    def __getitem__(self, place: int) -> _Slot:
        return self.slots[place]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return f"({', '.join(['%s'] * len(self.slots))})", self.slots


@dataclasses.dataclass(frozen=True)
class _Reach:
    """An actor of some scope, as `visible_to` asks it, with slots for the keys of the nodes."""

    scope: Scope


@dataclasses.dataclass(frozen=True)
class _Made:
    """One composed statement, and how its rows become what the queryset yields."""

    sql: str
    params: tuple[Any, ...]
    row: Callable[[Any], Any]


class Kept(Generic[Row]):
    """A queryset of few rows by keys, composed once for each kind of scope.

    `compose` takes what a call will be given, values as they are filtered by and actors for
    `visible_to`, and must not look at it: which rows are sought is all that may differ. A list is
    one value, for `among`; None is no value, for nothing equals it.

        _ORDER = Kept[Order](lambda actor, pk: Order.objects.visible_to(actor).filter(pk=pk))
        _ORDER.first(actor, order_id)

    prepared: whether PostgreSQL keeps the plan (`kernel.db.prepared`): not of a list or a search,
        whose best plan hangs on what is looked for.
    beside: SQL that reads these rows as `page`, with what is kept elsewhere beside each, and yields
        mappings in their order; the last values of a call are for its own `%s`.
    """

    def __init__(
        self,
        compose: Callable[..., models.QuerySet[Any, Any]],
        *,
        prepared: bool = True,
        beside: str = "",
    ):
        self._compose = compose
        self._prepared = prepared
        self._beside = beside
        self._made: dict[tuple[Any, ...], _Made | None] = {}

    def rows(self, *given: Any) -> list[Row]:
        """What the queryset of these values yields."""
        return self._asked(given, "rows")

    def first(self, *given: Any) -> Row | None:
        """The first of them, or None."""
        return next(iter(self.rows(*given)), None)

    def count(self, *given: Any) -> int:
        """How many rows the queryset of these values has."""
        return next(iter(self._asked(given, "count")), 0)

    def _asked(self, given: Sequence[Any], how: _How) -> list[Any]:
        supposed = _supposing.get()
        if supposed is not None and self._prepared and supposed.nothing(self, given):
            return []
        made, params = self._statement(given, how)
        if made is None:
            return []
        plan_kept = prepared() if self._prepared else contextlib.nullcontext()
        with plan_kept, connection.cursor() as cursor:
            cursor.execute(made.sql, params)
            if self._beside and how == "rows":
                names = [column.name for column in cursor.description]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            return [made.row(row) for row in cursor.fetchall()]

    def _statement(self, given: Sequence[Any], how: _How) -> tuple[_Made | None, list[Any]]:
        shape: list[_Shape | None] = []
        values: list[Any] = []
        for one in given:
            scope = getattr(one, "scope", None)
            shape.append(scope and (scope.level, len(scope.keys), scope.kind))
            values += scope.keys if scope else [one]
        key = (how, *shape)
        if key not in self._made:
            self._made[key] = self._composed(shape, how)
        made = self._made[key]
        if made is None:
            return None, []
        return made, [values[p.place] if isinstance(p, _Slot) else p for p in made.params]

    def _composed(self, shape: list[_Shape | None], how: _How) -> _Made | None:
        count = 0
        stand_ins: list[Any] = []
        for scope in shape:
            width = scope[1] if scope else 1
            keys = _Keys(count, width, one_plan=self._prepared)
            if scope:
                reach = Scope(scope[0], cast("tuple[int, ...]", keys), scope[2])
                stand_ins.append(_Reach(reach))
            else:
                stand_ins.append(keys[0])
            count += width
        wide = self._beside.count("%s")
        own = stand_ins[-wide:] if wide else []
        queryset = self._compose(*stand_ins[: len(stand_ins) - wide])
        if how == "count":
            queryset = queryset.order_by().values("pk")
        query = queryset.query.exists() if how == "there" else queryset.query
        compiler = query.get_compiler("default")
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:  # nothing is within this reach
            return None
        if how == "there":
            return _Made(*_written_out(f"EXISTS ({sql})", params), bool)
        if how == "count":
            sql = f"SELECT count(*) FROM ({sql}) counted"  # noqa: S608 - Django's own SQL
            return _Made(*_written_out(sql, params), lambda row: row[0])
        if self._beside:
            sql, params = _numbered(sql, self._beside), (*params, *own)
        return _Made(*_written_out(sql, params), _maker(queryset, compiler))


def _numbered(sql: str, beside: str) -> str:
    """Rows of a statement as `page`, read by another one and left in their order."""
    return f"""
        WITH page AS MATERIALIZED (SELECT row_number() OVER () AS place, x.* FROM ({sql}) x)
        SELECT * FROM ({beside}) y ORDER BY place
    """  # noqa: S608 - Django's own SQL and a constant


def _written_out(sql: str, params: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """Texts and numbers that no call changes, written into the statement: a plan made for any values
    knows then that a partial index (`state <> 'GIVEN_UP'`) holds what is sought."""
    given, left = iter(params), []

    def place(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return found[0]
        value = next(given)
        if type(value) in {str, int, bool}:
            return written.Literal(value).as_string(None).replace("%", "%%")
        left.append(value)
        return found[0]

    return re.sub("%%|%s", place, sql), tuple(left)


_Shape = tuple[str, int, str]
_How = Literal["rows", "count", "there"]


def _maker(queryset: Any, compiler: Any) -> Callable[[Any], Any]:
    """What the queryset does with a row, its questions about the statement asked once."""
    converters = compiler.get_converters([column for column, *_ in compiler.select])

    def read(row: Any) -> Any:
        if not converters:
            return row
        (converted,) = compiler.apply_converters([row], converters)
        return converted

    if queryset._iterable_class is FlatValuesListIterable:
        return lambda row: read(row)[0]
    if queryset._iterable_class is ValuesIterable:
        names = [*queryset.query.values_select, *queryset.query.annotation_select]
        return lambda row: dict(zip(names, read(row), strict=True))
    if queryset._iterable_class is not ModelIterable:
        return lambda row: tuple(read(row))
    model, fields = compiler.klass_info["model"], compiler.klass_info["select_fields"]
    first, end = fields[0], fields[-1] + 1
    names = [column[0].target.attname for column in compiler.select[first:end]]
    related = get_related_populators(compiler.klass_info, compiler.select, "default")  # type: ignore[call-arg]
    annotated = compiler.annotation_col_map.items()

    def make(row: Any) -> Any:
        row = read(row)
        made = model.from_db("default", names, row[first:end])
        for populator in related:
            populator.populate(row, made)
        for name, place in annotated:
            setattr(made, name, row[place])
        return made

    return make


# ── what is mostly not there ─────────────────────────────────────────────────
@dataclasses.dataclass
class _Question:
    """A kept statement that somebody asked, and whether it has any rows."""

    of: Kept[Any]
    given: Sequence[Any]
    there: bool = False


class _Supposed:
    """What is asked of kept statements while all are supposed to have no rows; after `judged`, which
    of them have none indeed."""

    def __init__(self) -> None:
        self.asked: list[_Question] = []
        self.judged = False

    def nothing(self, of: Kept[Any], given: Sequence[Any]) -> bool:
        """Whether the answer is no rows: supposed at first, known later."""
        if not self.judged:
            self.asked.append(_Question(of, given))
            return True
        return any(one.of is of and one.given == given and not one.there for one in self.asked)

    @contextlib.contextmanager
    def in_force(self) -> Iterator[None]:
        token = _supposing.set(self)
        try:
            yield
        finally:
            _supposing.reset(token)


_supposing: contextvars.ContextVar[_Supposed | None] = contextvars.ContextVar(
    "supposing", default=None
)


def together(tellers: Sequence[Callable[[], Iterable[Row]]]) -> list[list[Row]]:
    """What each of these tells, of things that mostly are not there.

    Each tells first as if no kept statement had a row. One statement asks which of those have any,
    and only who asked one of them tells again, in earnest: a home page looks for twenty things, and
    finds two. `tellers` read, and do nothing else.
    """
    told: list[list[Row] | None] = []
    supposed = [_Supposed() for _ in tellers]
    for tell, by in zip(tellers, supposed, strict=True):
        with by.in_force():
            try:
                told.append(list(tell()))
            except DomainError:  # what it needs was supposed away
                told.append(None)
    _judge([one for by in supposed for one in by.asked])
    answers = []
    for tell, by, first in zip(tellers, supposed, told, strict=True):
        by.judged = True
        answer = first
        if answer is None or any(one.there for one in by.asked):
            with by.in_force():
                answer = list(tell())
        answers.append(answer)
    return answers


def _judge(questions: Sequence[_Question]) -> None:
    asked, sql, params = [], [], []
    for one in questions:
        made, values = one.of._statement(one.given, "there")
        if made is not None:
            asked.append(one)
            sql.append(made.sql)
            params += values
    if not asked:
        return
    with prepared(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(sql)}", params)
        for one, there in zip(asked, cursor.fetchone(), strict=True):
            one.there = there


def found(row: Row | None) -> Row:
    """A row that was looked up.

    Raises:
        NotFound: there is none.
    """
    if row is None:
        raise NotFound
    return row


def key_of(model: type[models.Model], key: Any, name: str = "pk") -> Any:
    """A key as it came from outside, as its column holds it.

    Raises:
        NotFound: it is not even well-formed.
    """
    try:
        field: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
        return field.to_python(key)
    except (ValidationError, ValueError, TypeError):
        raise NotFound from None


# ── writes of one row ────────────────────────────────────────────────────────
@functools.cache
def _insert(
    model: type[models.Model], left_to_database: frozenset[str]
) -> tuple[str, list[Any], list[str]]:
    meta = model._meta
    fields = [
        field
        for field in meta.concrete_fields
        if not field.generated and field.attname not in left_to_database
    ]
    told = [field for field in meta.concrete_fields if field.attname in left_to_database]
    names = ", ".join(f'"{field.column}"' for field in fields)
    sql = f'INSERT INTO "{meta.db_table}" ({names}) VALUES ({", ".join(["%s"] * len(fields))})'  # noqa: S608
    if told:
        sql += " RETURNING " + ", ".join(f'"{field.column}"' for field in told)
    return sql, fields, [field.attname for field in told]


def insert(row: models.Model) -> None:
    """`row.save(force_insert=True)` of a new row: what the database fills in is read back."""
    values, meta = row.__dict__, row._meta
    left = frozenset(
        field.attname
        for field in meta.concrete_fields
        if isinstance(given := values.get(field.attname), DatabaseDefault)
        or (given is None and field is meta.auto_field)
    )
    sql, fields, told = _insert(type(row), left)
    params = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection=connection)
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        if told:
            for name, value in zip(told, cursor.fetchone(), strict=True):
                setattr(row, name, value)
    row._state.adding, row._state.db = False, "default"


@functools.cache
def _update(model: type[models.Model], names: Sequence[str]) -> tuple[str, list[Any]]:
    meta = model._meta
    fields: list[Any] = [meta.get_field(name) for name in names]
    put = ", ".join(f'"{field.column}" = %s' for field in fields)
    return f'UPDATE "{meta.db_table}" SET {put} WHERE "{meta.pk.column}" = %s', fields  # noqa: S608


def update(row: models.Model, *names: str) -> None:
    """`row.save(update_fields=names)` of a row that is held.

    Raises:
        RuntimeError: there is no such row (a bug).
    """
    sql, fields = _update(type(row), names)
    params = [
        field.get_db_prep_save(field.pre_save(row, add=False), connection=connection)
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, row.pk])
        if cursor.rowcount != 1:
            raise RuntimeError(f"{row!r} was not there to be written")

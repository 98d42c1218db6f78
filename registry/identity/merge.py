"""What goes where when two profiles are found to be one, and the way back: one mechanism for children
and for members of staff (`registry.identity.kind`).

What a merge writes is one statement a relation and is kept with the values before, so that taking it
back restores every byte of what it moved.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator
from typing import Any

import msgspec
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model

from kernel.db import part_of_command
from kernel.errors import Problem
from registry.identity.kind import Keep, Kind, Move, Union


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One row that a merge wrote: its key, the columns it wrote, before and after, what it is called."""

    pk: int | uuid.UUID
    was: dict[str, Any]
    now: dict[str, Any]
    label: str = ""


class Moved(msgspec.Struct, frozen=True):
    """Everything a merge wrote, as `moved` of its row keeps it.

    `filled` are the columns of the retained profile, `enrolments` the periods it had afterwards:
    enrolments of a child, posts of a member of staff.
    """

    rows: dict[str, list[Row]]
    filled: Row
    enrolments: list[int | uuid.UUID]


def relations(kind: Kind) -> Iterator[str]:
    """«registry.pupildocument.pupil»: every foreign key to the model, hidden ones too."""
    for relation in kind.model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and relation.remote_field is not None:
            yield _name(relation.remote_field)


def _name(field: Any) -> str:
    return f"{field.model._meta.label_lower}.{field.name}"


@dataclasses.dataclass(frozen=True)
class _Relation:
    """A relation of the plan as the tables have it; all names are of our own models."""

    name: str
    table: str
    pk: str
    column: str

    @classmethod
    def of(cls, name: str) -> _Relation:
        label, _, field_name = name.rpartition(".")
        model: type[Model] = apps.get_model(label)
        field: ForeignKey[Any, Any] = model._meta.get_field(field_name)  # type: ignore[assignment]
        pk = model._meta.pk
        assert pk is not None  # noqa: S101 - every model has one
        return cls(name, model._meta.db_table, str(pk.column), str(field.column))

    def goes(self, step: Move) -> str:
        """SQL: which rows of the merged profile go."""
        alike = ""
        if isinstance(step, Union):
            alike = (
                f" AND NOT EXISTS (SELECT FROM {self.table} k"
                f" WHERE k.{self.column} = %(retained)s AND {step.alike})"
            )
        return f"r.{self.column} = %(merged)s AND ({step.only}){alike}"


def _images(columns: list[str], side: str) -> str:
    pairs = (f"'{column}', {side}.{column}" for column in columns)
    return f"jsonb_build_object({', '.join(pairs)})"


@part_of_command
def hold(kind: Kind, *ids: uuid.UUID) -> None:
    """Hold profiles with their periods until the transaction ends, each in the order of keys."""
    with connection.cursor() as cursor:
        for statement in kind.holds:
            cursor.execute(statement, {"ids": list(ids)})


# ── what goes where, and why not ─────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Step:
    """One line of a plan for two profiles: how many rows go to the retained one, how many stay."""

    words: str
    goes: int
    stays: int
    why: str = ""


def plan(kind: Kind, retained: uuid.UUID, merged: uuid.UUID) -> list[Step]:
    """What a merge would move; only what there is. One small query a relation."""
    ids = {"retained": retained, "merged": merged}
    steps = []
    with connection.cursor() as cursor:
        for name, step in kind.plan.items():
            relation = _Relation.of(name)
            goes = relation.goes(step) if isinstance(step, Move) else "FALSE"
            cursor.execute(
                f"SELECT count(*) FILTER (WHERE {goes}), count(*) FROM {relation.table} r"
                f" WHERE r.{relation.column} = %(merged)s",
                ids,
            )
            moving, all_of_it = cursor.fetchone()
            if all_of_it and step.words:
                why = step.why if isinstance(step, Keep) else ""
                steps.append(Step(step.words, moving, all_of_it - moving, why))
    return steps


def told(kind: Kind, moved: Moved, merged: uuid.UUID) -> list[Step]:
    """What a merge has moved, and what is still with the merged profile."""
    steps = []
    with connection.cursor() as cursor:
        for name, step in kind.plan.items():
            relation = _Relation.of(name)
            cursor.execute(
                f"SELECT count(*) FROM {relation.table} WHERE {relation.column} = %s", [merged]
            )
            went, stays = len(moved.rows.get(name, ())), cursor.fetchone()[0]
            if (went or stays) and step.words:
                why = step.why if isinstance(step, Keep) else ""
                steps.append(Step(step.words, went, stays, why))
    return steps


# Foreign keys to the model as the database has them, past what Django knows.
_CATALOGUE = """
    SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = %s::regclass AND c.conparentid = 0
    ORDER BY 1, 2
"""


def against(kind: Kind, retained: Any, merged: Any, today: Any) -> list[Problem]:
    """Every reason why the two cannot be merged now, in words."""
    found: list[Problem] = []

    def say(code: str, detail: str) -> None:
        found.append(Problem("", code, detail))

    for one, which in ((retained, "основний"), (merged, "другий")):
        if one.merged_into_id is not None:
            say("merged_already", f"Профіль ({which}) вже обʼєднано з іншим.")
        elif why := kind.why_closed(one):
            say("closed", f"Профіль ({which}) закрито: {why}.")
    for field, label in kind.numbers.items():
        mine, other = getattr(retained, field), getattr(merged, field)
        if mine and other and mine != other:
            say(
                f"{field}_differs",
                f"У профілях різні {label}: {mine} і {other}. Якщо це {kind.words.one}, спершу "
                "виправте помилковий номер.",
            )
    ids = {"retained": retained.pk, "merged": merged.pk, "today": today}
    with connection.cursor() as cursor:
        kind.against(cursor, ids, say)
        for number, name in _waiting(kind, cursor, retained.pk, merged.pk):
            say("order_waits", _order_waits(number, name))
        for table, column in unlisted(kind, cursor):
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table} WHERE {column} = %s)", [merged.pk])
            if cursor.fetchone()[0]:
                say(
                    "unlisted",
                    "Профіль має дані, про які обʼєднання ще не знає "
                    f"({table}.{column}). Зверніться до технічного адміністратора.",
                )
    return found


def _order_waits(number: str, name: str) -> str:
    return (
        f"Профіль названо в наказі № {number} ({name}), що чекає на підпис. Спершу "
        "наказ треба підписати або повернути на доопрацювання."
    )


def _waiting(kind: Kind, cursor: Any, *ids: uuid.UUID) -> list[tuple[str, str]]:
    if not kind.waiting:
        return []
    cursor.execute(kind.waiting, {"ids": list(ids)})
    rows: list[tuple[str, str]] = cursor.fetchall()
    return rows


def unlisted(kind: Kind, cursor: Any) -> list[tuple[str, str]]:
    """Foreign keys to the model in the database that the plan does not name."""
    listed = {(one.table, one.column) for one in map(_Relation.of, kind.plan)}
    cursor.execute(_CATALOGUE, [kind.model._meta.db_table])
    return [pair for pair in cursor.fetchall() if pair not in listed]


# ── there ────────────────────────────────────────────────────────────────────
@part_of_command
def move(kind: Kind, retained: uuid.UUID, merged: uuid.UUID, today: Any) -> Moved:
    """Move what the plan moves, close the merged profile, fill the retained one. Both are held."""
    ids = {"retained": retained, "merged": merged, "today": today}
    table, takes = kind.model._meta.db_table, kind.takes
    rows: dict[str, list[Row]] = {}
    with connection.cursor() as cursor:
        for name, step in kind.plan.items():
            if isinstance(step, Keep):
                continue
            relation = _Relation.of(name)
            written = {relation.column: "%(retained)s::uuid", **step.also}
            columns = list(written)
            cursor.execute(
                f"UPDATE {relation.table} r SET {', '.join(f'{c} = {v}' for c, v in written.items())}"
                f" WHERE {relation.goes(step)}"
                f" RETURNING r.{relation.pk}, {_images(columns, 'old')}, {_images(columns, 'new')},"
                f" coalesce({step.says}, '')",
                ids,
            )
            if found := cursor.fetchall():
                rows[name] = [_row(*one) for one in sorted(found)]
        closed = "".join(f", {part}" for part in (kind.closed,) if part)
        cursor.execute(
            f"UPDATE {table} SET merged_into_id = %(retained)s, version = version + 1{closed}"
            " WHERE id = %(merged)s",
            ids,
        )
        cursor.execute(
            f"UPDATE {table} r SET {', '.join(f'{c} = {v}' for c, v in takes.items())},"
            f" version = r.version + 1 FROM {table} m"
            " WHERE r.id = %(retained)s AND m.id = %(merged)s"
            f" RETURNING r.id, {_images(list(takes), 'old')}, {_images(list(takes), 'new')}",
            ids,
        )
        filled = _row(*cursor.fetchone())
        cursor.execute(kind.periods, ids)
        return Moved(rows, filled, [one[0] for one in cursor.fetchall()])


def _row(pk: Any, was: Any, now: Any, label: str = "") -> Row:
    return Row(pk, _json(was), _json(now), label)


def _json(image: Any) -> dict[str, Any]:
    read: dict[str, Any] = msgspec.json.decode(image) if isinstance(image, str) else image
    return read


# ── and back ─────────────────────────────────────────────────────────────────
def against_undoing(kind: Kind, retained: Any, merged: Any, moved: Moved) -> list[Problem]:
    """Every reason why a merge can no longer be taken back, in words."""
    found: list[Problem] = []

    def say(code: str, detail: str) -> None:
        found.append(Problem("", code, detail))

    if retained.merged_into_id is not None:
        say(
            "merged_further",
            "Основний профіль відтоді обʼєднано з іншим. Спершу скасуйте те обʼєднання.",
        )
    elif why := kind.why_closed(retained):
        say("closed", f"Основний профіль відтоді закрито: {why}.")
    with connection.cursor() as cursor:
        for name, rows in moved.rows.items():
            step = kind.plan[name]
            if isinstance(step, Move) and not step.loose:
                for row, what in _fallen(cursor, name, rows):
                    called = f": {row.label}" if row.label else ""
                    say("changed", f"Відтоді {what} перенесене ({step.words}){called}.")
        cursor.execute(
            f"SELECT {_images(list(kind.takes), 'r')} FROM {kind.model._meta.db_table} r WHERE id = %s",
            [retained.pk],
        )
        stands = _json(cursor.fetchone()[0])
        for field, words in kind.taken.items():
            if stands[field] != moved.filled.now[field]:
                say("corrected", f"Відтоді виправлено {words}, узяте з другого профілю.")
        cursor.execute(kind.since, {"retained": retained.pk, "known": moved.enrolments})
        for place, day in cursor.fetchall():
            say("enrolled_since", kind.begun_since.format(place=place, day=f"{day:%d.%m.%Y}"))
        for number, name in _waiting(kind, cursor, retained.pk):
            say("order_waits", _order_waits(number, name))
        for field, label in {**kind.numbers, **kind.also_unique}.items():
            cursor.execute(
                f"SELECT EXISTS (SELECT FROM {kind.model._meta.db_table} WHERE {field} = %s"
                " AND merged_into_id IS NULL AND id <> %s)",
                [getattr(merged, field), retained.pk],
            )
            if cursor.fetchone()[0]:
                say("number_taken", f"{label} другого профілю відтоді записано на іншу особу.")
    return found


def _fallen(cursor: Any, name: str, rows: list[Row]) -> Iterator[tuple[Row, str]]:
    """The moved rows that no longer hold what the merge wrote, and what became of each."""
    relation = _Relation.of(name)
    cursor.execute(
        f"SELECT x.pk, to_jsonb(r) @> x.now FROM jsonb_to_recordset(%s::jsonb) AS x(pk text, now jsonb)"
        f" JOIN {relation.table} r ON r.{relation.pk}::text = x.pk",
        [_recordset(rows)],
    )
    standing = dict(cursor.fetchall())
    for row in rows:
        if not standing.get(str(row.pk)):
            yield row, "змінено" if str(row.pk) in standing else "прибрано"


def _recordset(rows: list[Row]) -> str:
    return msgspec.json.encode(
        [{"pk": str(row.pk), "was": row.was, "now": row.now} for row in rows]
    ).decode()


@part_of_command
def restore(kind: Kind, retained: uuid.UUID, merged: uuid.UUID, moved: Moved) -> None:
    """Put back everything a merge wrote: both profiles are held, and nothing speaks against it."""
    table = kind.model._meta.db_table
    opened = "".join(f", {part}" for part in (kind.opened,) if part)
    with connection.cursor() as cursor:
        _put_back(cursor, table, "id", [moved.filled])
        cursor.execute(
            f"UPDATE {table} SET version = version + 1, merged_into_id = NULL{opened}"
            " WHERE id = %s",
            [merged],
        )
        cursor.execute(f"UPDATE {table} SET version = version + 1 WHERE id = %s", [retained])
        for name, rows in moved.rows.items():
            relation = _Relation.of(name)
            _put_back(cursor, relation.table, relation.pk, rows)


def _put_back(cursor: Any, table: str, pk: str, rows: list[Row]) -> None:
    """One statement a table: the columns that were written, where they still are as written."""
    columns = list(rows[0].was)
    cursor.execute(
        f"UPDATE {table} r SET {', '.join(f'{c} = b.{c}' for c in columns)}"
        " FROM jsonb_to_recordset(%s::jsonb) AS x(pk text, was jsonb, now jsonb)"
        f" CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, x.was) b"
        f" WHERE r.{pk} = x.pk::{'uuid' if isinstance(rows[0].pk, uuid.UUID) else 'bigint'}"
        " AND to_jsonb(r) @> x.now",
        [_recordset(rows)],
    )

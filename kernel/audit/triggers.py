"""Triggers that keep history and refuse rewriting it; declared in a model's Meta.triggers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pgtrigger
from django.db import models
from pgtrigger import compiler


class Installed(compiler.UpsertTriggerSql):
    """The library's installation without its switch: a setting that any SQL may change
    (`pgtrigger.ignore`) let rows past a trigger, and to ask it cost 9 µs a call."""

    def get_template(self) -> str:
        """Version 1; migrations refer to it."""
        return """
            CREATE OR REPLACE FUNCTION {pgid}() RETURNS TRIGGER LANGUAGE plpgsql AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$;
            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid} {when} {operation} ON {table}
                {timing} {referencing} FOR EACH {level} {condition} EXECUTE PROCEDURE {execute};
            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class Firm(pgtrigger.Trigger):
    """A trigger that no setting of a session passes by."""

    def compile(self, model: Any) -> compiler.Trigger:
        """As the library does, installed without its switch."""
        compiled = super().compile(model)
        return compiler.Trigger(name=compiled.name, sql=Installed(**compiled.sql.kwargs))


class _Keep(Firm):
    def __init__(
        self, operation: pgtrigger.Operation, resource: str, unit: str, ignore: Sequence[str]
    ):
        self.resource, self.unit, self.ignore = resource, unit, tuple(ignore)
        super().__init__(
            name=f"history_{str(operation).lower()}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(
                old=None if operation == pgtrigger.Insert else "old_rows",
                new=None if operation == pgtrigger.Delete else "new_rows",
            ),
        )

    def get_func(self, model: Any) -> str:
        pk, unit = model._meta.pk.column, self.unit
        before, after = (f"o.{unit}", f"n.{unit}") if unit else ("NULL", "NULL")
        if self.operation == pgtrigger.Insert:
            rows, key, op, before, old = "new_rows n", f"n.{pk}", "'I'", "NULL", "NULL"
        elif self.operation == pgtrigger.Delete:
            rows, key, op, after, old = "old_rows o", f"o.{pk}", "'D'", "NULL", "to_jsonb(o)"
        else:
            # Nested loops, which a plan made for one row would run over ten thousand, cannot do a
            # full join. A row whose key was changed has no pair and no key: it is refused.
            rows, key = f"old_rows o FULL JOIN new_rows n ON n.{pk} = o.{pk}", f"n.{pk}"
            op, old, own = "'U'", "to_jsonb(o)", "o IS DISTINCT FROM n"
            if derived := {*self.ignore, *_generated(model)}:
                columns = [f.column for f in model._meta.local_fields if f.column not in derived]
                o, n = (", ".join(f"{row}.{column}" for column in columns) for row in "on")
                own = f"({o}) IS DISTINCT FROM ({n})"
            rows = f"{rows}, LATERAL (SELECT {own} AS own) x WHERE x.own"
            if unit in derived:
                op, old = (
                    "CASE WHEN x.own THEN 'U' ELSE 'M' END",
                    "CASE WHEN x.own THEN to_jsonb(o) END",
                )
                rows = f"{rows} OR {before} IS DISTINCT FROM {after}"
        resource = self.resource or model._meta.label_lower
        return f"""
            INSERT INTO audit_change (act_id, at, resource, row_pk, op, unit_old, unit_new, old)
            SELECT a.id, a.at, '{resource}', {key}::text, {op}, {before}, {after}, {old}
            FROM audit_open_act() a, {rows};
            IF NOT FOUND AND NOT EXISTS (SELECT FROM audit_open_act()) AND EXISTS (SELECT FROM {rows}) THEN
                RAISE EXCEPTION 'No act is open: change {resource} through a command'
                    USING HINT = 'kernel.db.command opens the act; see docs/architecture.md';
            END IF;
            RETURN NULL;
        """


def _generated(model: Any) -> set[str]:
    return {str(f.column) for f in model._meta.local_fields if isinstance(f, models.GeneratedField)}


def history(
    *, resource: str = "", unit: str = "", ignore: Sequence[str] = ()
) -> tuple[pgtrigger.Trigger, ...]:
    """Keep every change of a row, linked to the act; refuse a change nobody answers for.

    A statement's rows are kept at once, whether there is one or a hundred thousand. An insert keeps
    no image (the row itself is the first version), an update or delete keeps the old one.

    resource: how the log calls these rows; unless told, the model's label ("registry.pupil").
    unit: the column naming the node whose view a row belongs to; '' when it belongs to none.
    ignore: derived columns. A change of these alone makes no version; when it takes the row from
        one node's view to another's, it leaves a mark without an image. Generated columns are
        derived by themselves.
    """
    return tuple(
        _Keep(operation, resource, unit, ignore)
        for operation in (pgtrigger.Insert, pgtrigger.Update, pgtrigger.Delete)
    )


class AppendOnly(Firm, pgtrigger.Protect):
    """Refuse UPDATE and DELETE."""


def append_only() -> pgtrigger.Protect:
    """Refuse UPDATE and DELETE: what happened stays as it was written."""
    return AppendOnly(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)

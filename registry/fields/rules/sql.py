"""Packs as SQL: one statement asks every rule of a whole relation of facts."""

from __future__ import annotations

from registry.fields.rules.pack import Pack


def broken_sql(pack: Pack, relation: str) -> str:
    """A statement that yields (id, codes of broken rules) of each row that breaks any.

    `relation` is our own SELECT with `id` and a column for every fact. Nothing of a file of rules
    but names of the vocabulary and plain codes gets into the statement.
    """
    codes = ", ".join(f"CASE WHEN {rule.sql()} THEN '{rule.code}' END" for rule in pack.rules)
    return (
        f"SELECT id, codes FROM (SELECT f.id, array_remove(ARRAY[{codes}], NULL) AS codes"  # noqa: S608 - checked words
        f" FROM ({relation}) f) judged WHERE codes <> '{{}}'"
    )

"""Packs as SQL: one statement asks every rule of a whole relation of facts."""

from __future__ import annotations

from registry.fields.rules.pack import Pack


def broken_sql(pack: Pack, relation: str, keys: str = "id") -> str:
    """A statement that yields the keys and the codes of broken rules of each row that breaks any.

    `relation` is our own SELECT with the columns of `keys` and a column for every fact. Nothing of a
    file of rules but names of the vocabulary and plain codes gets into the statement.
    """
    codes = ", ".join(f"CASE WHEN {rule.sql()} THEN '{rule.code}' END" for rule in pack.rules)
    return (
        f"SELECT {keys}, codes FROM (SELECT f.*, array_remove(ARRAY[{codes}], NULL) AS codes"  # noqa: S608 - checked words
        f" FROM ({relation}) f) judged WHERE codes <> '{{}}'"
    )

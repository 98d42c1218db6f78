"""КАТОТТГ in editions: a newer one renames, re-categorises, moves, closes and opens objects."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import re
from pathlib import Path
from typing import Any

from django.db import connection

from accounts.actors import Actor
from kernel import audit
from kernel.audit import timeline
from kernel.audit.models import EventRow
from kernel.db import advisory_lock, command
from kernel.errors import Problem
from registry.classifiers import policies
from registry.classifiers.errors import EditionClosesTooMuch, EditionOutdated, EditionRejected
from registry.classifiers.events import TerritoriesImported, TerritoryChange
from registry.classifiers.models import Territory
from registry.classifiers.services import katottg

DATA = Path(__file__).resolve().parents[2] / "data"
MOST_CLOSED = 0.05  # of the current objects, without an explicit confirmation

_STAGE = """
CREATE TEMPORARY TABLE territory_stage (
    code text, parent_code text, category text, name text, level smallint,
    oblast_code text, raion_code text, hromada_code text
) ON COMMIT DROP
"""
_COPY = "COPY territory_stage FROM STDIN (FORMAT BINARY)"
_TYPES = ["text", "text", "text", "text", "int2", "text", "text", "text"]

# One row per object that differs: what it was (c) and what it becomes (n).
_COMPARE = """
CREATE TEMPORARY TABLE territory_difference ON COMMIT DROP AS
SELECT coalesce(n.code, c.code) AS code, c.name AS old_name, n.name AS new_name,
       c.category AS old_category, n.category AS new_category,
       c.parent_code AS old_parent, n.parent_code AS new_parent,
       n.code IS NULL AS is_closed, c.code IS NULL AS is_opened
FROM (SELECT * FROM registry_territory WHERE valid_to IS NULL) c
FULL JOIN territory_stage n ON n.code = c.code
WHERE c.code IS NULL OR n.code IS NULL
   OR (c.name, c.category, c.parent_code, c.level, c.oblast_code, c.raion_code, c.hromada_code)
      IS DISTINCT FROM
      (n.name, n.category, n.parent_code, n.level, n.oblast_code, n.raion_code, n.hromada_code)
"""
_APPLY = (
    # The same edition loaded again with corrections: its own rows are corrected, not closed.
    """DELETE FROM registry_territory c USING territory_difference d
       WHERE c.code = d.code AND c.valid_to IS NULL AND c.valid_from = %(day)s""",
    """UPDATE registry_territory c SET valid_to = %(day)s FROM territory_difference d
       WHERE c.code = d.code AND c.valid_to IS NULL""",
    """INSERT INTO registry_territory (code, parent_code, category, name, level, oblast_code,
                                       raion_code, hromada_code, valid_from)
       SELECT n.code, n.parent_code, n.category, n.name, n.level, n.oblast_code,
              n.raion_code, n.hromada_code, %(day)s
       FROM territory_stage n JOIN territory_difference d USING (code)""",
)


@dataclasses.dataclass(frozen=True)
class Change:
    """What an edition did to one object: kinds are renamed, recategorised, moved, opened, closed."""

    code: str
    kinds: tuple[str, ...]
    before: str
    after: str


@dataclasses.dataclass(frozen=True)
class EditionReport:
    """What an import did. `changes` is empty when the register held this edition already."""

    edition: datetime.date
    rows: int
    changes: list[Change]
    left_institutions: int = 0

    def count(self, kind: str) -> int:
        """How many objects met this kind of change."""
        return sum(kind in change.kinds for change in self.changes)

    @property
    def counts(self) -> dict[str, int]:
        """Objects by kind of change."""
        kinds = ("opened", "renamed", "recategorised", "moved", "closed")
        return {kind: self.count(kind) for kind in kinds}


def carried_edition() -> tuple[Path, datetime.date]:
    """The edition shipped with the code: its file and its date (in the file's name)."""
    path = max(DATA.glob("katottg-*.csv.xz"))
    dated = re.search(r"\d{4}-\d{2}-\d{2}", path.name)
    if dated is None:  # pragma: no cover - the glob says otherwise
        raise FileNotFoundError(path)
    return path, datetime.date.fromisoformat(dated[0])


def is_loaded(content: bytes, edition: datetime.date) -> bool:
    """Whether exactly this file was the last edition loaded (one indexed look-up)."""
    loaded = EventRow.objects.filter(subject_type="registry.territories", subject_id="katottg")
    wanted = (_digest(content), edition)
    return any(
        (last.event.sha256, last.event.edition) == wanted for last in timeline.newest(loaded, 1)
    )


def has_newer(edition: datetime.date) -> bool:
    """Whether objects of a later edition are loaded."""
    return Territory.objects.filter(valid_to=None, valid_from__gt=edition).exists()


@command
def import_edition(
    content: bytes, *, actor: Actor, edition: datetime.date, confirm_closing: bool = False
) -> EditionReport:
    """Load an edition in one transaction, under a lock; loading it again changes nothing.

    Costs one binary COPY and a few statements over sets: 31,744 objects in about two seconds.

    Raises:
        NotAllowed: anyone but the technical administrator or the installation itself.
        EditionRejected: wrong rows; all of them are listed and none is loaded.
        EditionOutdated: a newer edition is loaded already.
        EditionClosesTooMuch: over 5 % of objects would close and nobody confirmed it.
    """
    policies.keep_classifiers.require(actor)
    rows, problems = _read(content)
    if problems:
        raise EditionRejected(problems)
    advisory_lock("registry.territories")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(valid_from), count(*) FROM registry_territory WHERE valid_to IS NULL"
        )
        latest, current = cursor.fetchone()
        if latest is not None and edition < latest:
            raise EditionOutdated(
                f"Завантажено редакцію від {latest:%d.%m.%Y}; старіша від {edition:%d.%m.%Y} "
                "змінила б минуле"
            )
        _stage(cursor, rows)
        cursor.execute(_COMPARE)
        cursor.execute("SELECT * FROM territory_difference ORDER BY code")
        changes = [_change(*row) for row in cursor.fetchall()]
        closed = [change.code for change in changes if "closed" in change.kinds]
        if len(closed) > MOST_CLOSED * current and not confirm_closing:
            raise EditionClosesTooMuch(
                f"Файл закриває {len(closed)} із {current} обʼєктів. Якщо це справді так, "
                "підтвердьте закриття",
                closed=len(closed),
            )
        for statement in _APPLY:
            cursor.execute(statement, {"day": edition})
        if changes:
            # Searches right after an import must not wait for autovacuum to notice 31,744 rows.
            cursor.execute("SELECT gin_clean_pending_list('territory_trgm'::regclass)")
            cursor.execute("ANALYZE registry_territory")
        cursor.execute(
            "SELECT count(*) FROM registry_institution WHERE territory_code = ANY(%s)", [closed]
        )
        left = cursor.fetchone()[0]
    report = EditionReport(edition, len(rows), changes, left)
    audit.record(
        TerritoriesImported(
            edition=edition,
            sha256=_digest(content),
            rows=len(rows),
            counts=report.counts,
            # The first edition opens everything: its list is the table itself.
            changes=tuple(TerritoryChange(*dataclasses.astuple(one)) for one in changes)
            if current
            else (),
        )
    )
    return report


def _read(content: bytes) -> tuple[list[katottg.Row], list[Problem]]:
    try:
        return katottg.read(content)
    except katottg.UnreadableEdition as unreadable:
        raise EditionRejected([Problem("file", "unreadable", str(unreadable))]) from unreadable


def _stage(cursor: Any, rows: list[katottg.Row]) -> None:
    cursor.execute(_STAGE)
    with cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for row in rows:
            copy.write_row(
                (
                    row.code,
                    row.parent_code,
                    row.category,
                    row.name,
                    row.level,
                    row.oblast_code,
                    row.raion_code,
                    row.hromada_code,
                )
            )
    cursor.execute("ANALYZE territory_stage")


def _change(
    code: str,
    old_name: str | None,
    new_name: str | None,
    old_category: str | None,
    new_category: str | None,
    old_parent: str | None,
    new_parent: str | None,
    is_closed: bool,
    is_opened: bool,
) -> Change:
    if is_closed:
        kinds: tuple[str, ...] = ("closed",)
    elif is_opened:
        kinds = ("opened",)
    else:
        kinds = tuple(
            kind
            for kind, differs in (
                ("renamed", old_name != new_name),
                ("recategorised", old_category != new_category),
                ("moved", old_parent != new_parent),
            )
            if differs
        ) or ("moved",)  # only an ancestor changed its place
    return Change(
        code,
        kinds,
        "" if is_opened else f"{old_category} {old_name} ({old_parent or '—'})",
        "" if is_closed else f"{new_category} {new_name} ({new_parent or '—'})",
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

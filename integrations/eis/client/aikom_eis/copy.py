"""A copy of what a key opens: a full read, then the feed; always what a full read would give."""

from __future__ import annotations

from collections.abc import Iterator

from aikom_eis.client import Aikom, Row
from aikom_eis.errors import CursorExpired, NotGranted

RESOURCES = ("institution", "classes", "groups", "staff", "load", "pupils")


class Copy:
    """Rows by resource and id, and the cursor they stand at; keep both together."""

    def __init__(
        self,
        api: Aikom,
        *,
        rows: dict[str, dict[str, Row]] | None = None,
        cursor: str | None = None,
        consumer: str | None = None,
    ):
        self._api, self._consumer = api, consumer
        self.rows: dict[str, dict[str, Row]] = rows or {}
        self.cursor = cursor

    def read(self) -> None:
        """Read everything anew. The cursor is taken first, so that no change falls between; what the
        key does not open stays out."""
        cursor = self._api.start(self._consumer)
        rows: dict[str, dict[str, Row]] = {}
        for name in RESOURCES:
            try:
                found = [self._api.institution()] if name == "institution" else self._api.rows(name)
                rows[name] = {str(row["id"]): row for row in found}
            except NotGranted as refusal:
                if refusal.code != "dataset_not_granted":
                    raise
        self.rows, self.cursor = rows, cursor

    def follow(self, *, wait: int = 0) -> Iterator[Row]:
        """Bring the copy up to date, telling each change as it is made; waits for the first so many
        seconds. A cursor that is over makes the copy read anew (no change is told then)."""
        if self.cursor is None:
            self.read()
        more = True
        while more and self.cursor is not None:
            try:
                items, place, more = self._api.changes(
                    self.cursor, consumer=self._consumer, wait=wait
                )
            except CursorExpired:
                self.read()
                return
            for item in items:
                self.apply(item)
                yield item
            self.cursor, wait = place, 0

    def apply(self, item: Row) -> None:
        """One change."""
        kept = self.rows.setdefault(item["resource"], {})
        if item["op"] in {"delete", "merge", "leave"}:
            kept.pop(item["id"], None)
        elif item["row"] is not None:
            kept[item["id"]] = item["row"]

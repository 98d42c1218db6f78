"""Plans of every statement that a request asks, functions and triggers included (auto_explain)."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import connection
from psycopg.errors import Diagnostic

# Pages of an index and of its table that a row, or a search in vain, may cost, and those that a step
# may read besides: dead rows, searches for several values at once.
PAGES, BESIDES = 12, 64


@dataclasses.dataclass(frozen=True)
class Scan:
    """Rows of one table that one node of a plan walked over, or pages that it read to find few."""

    table: str
    how: str
    rows: int
    statement: str
    what: str = "rows"

    @property
    def told(self) -> str:
        """For a failure: what was walked over, and by which statement."""
        return f"{self.rows} {self.what} of {self.table} by {self.how}: {' '.join(self.statement.split())[:300]}"


class Plans:
    """What was asked since `forget`: plans as the server told them."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def take(self, notice: Diagnostic) -> None:
        """A notice of the server: «duration: … ms  plan:» and JSON."""
        took, found, plan = (notice.message_primary or "").partition("plan:\n")
        if found:
            self.told.append(json.loads(plan) | {"ms": float(took.split()[1])})

    def forget(self) -> None:
        """Begin anew."""
        self.told.clear()

    def times(self) -> Counter[str]:
        """How often each statement was asked; statements are told apart by their text."""
        return Counter(one["Query Text"] for one in self.told)

    def dearest(self) -> dict[str, float]:
        """Milliseconds of execution of each statement, of the longest when it was asked again."""
        took: dict[str, float] = {}
        for one in self.told:
            took[one["Query Text"]] = max(one["ms"], took.get(one["Query Text"], 0.0))
        return took

    def scans(self, *, over: int) -> Iterator[Scan]:
        """Nodes that walked over more rows of one table than this; the database's own catalogues do
        not grow with a country."""
        for one in self.told:
            for node in _nodes(one["Plan"]):
                walked = sum(
                    node.get(name, 0)
                    for name in (
                        "Actual Rows",
                        "Rows Removed by Filter",
                        "Rows Removed by Index Recheck",
                        "Rows Removed by Join Filter",
                    )
                ) * node.get("Actual Loops", 1)
                table = node.get("Relation Name", "pg_")
                if table.startswith("pg_"):
                    continue
                if walked > over:
                    yield Scan(table, node["Node Type"], int(walked), one["Query Text"])
                # An index whose first column is not asked for is walked whole: no row tells of it.
                pages = node.get("Shared Hit Blocks", 0) + node.get("Shared Read Blocks", 0)
                alone = "Plans" not in node and node["Node Type"].endswith("Scan")
                if alone and pages > BESIDES + PAGES * (walked + node.get("Actual Loops", 1)):
                    yield Scan(table, node["Node Type"], pages, one["Query Text"], "pages")


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


@contextlib.contextmanager
def watched(*, rows: bool = True) -> Iterator[Plans]:
    """Plans of the connection's statements with the rows that each step walked over, sequential scans
    made dear: in a country of few people one may be cheapest where four million would take the
    index; one that stays has no index. Without `rows`: as the database plans it by itself, in the
    time that it takes."""
    found, analyze = Plans(), "on" if rows else "off"
    connection.ensure_connection()
    session = connection.connection
    with connection.cursor() as cursor:
        for statement in (
            "LOAD 'auto_explain'",
            "SET auto_explain.log_min_duration = 0",
            "SET auto_explain.log_level = 'notice'",
            f"SET auto_explain.log_analyze = {analyze}",
            "SET auto_explain.log_timing = off",
            f"SET auto_explain.log_buffers = {analyze}",
            "SET auto_explain.log_format = 'json'",
            f"SET auto_explain.log_nested_statements = {analyze}",
            "SET auto_explain.log_parameter_max_length = 0",
            f"SET enable_seqscan = {'off' if rows else 'on'}",
        ):
            cursor.execute(statement)
    session.add_notice_handler(found.take)
    try:
        yield found
    finally:
        session.remove_notice_handler(found.take)
        with connection.cursor() as cursor:
            cursor.execute("SET auto_explain.log_min_duration = -1")
            cursor.execute("RESET enable_seqscan")

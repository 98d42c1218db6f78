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


@dataclasses.dataclass(frozen=True)
class Scan:
    """Rows of one table that one node of a plan walked over."""

    table: str
    how: str
    rows: int
    statement: str

    @property
    def told(self) -> str:
        """For a failure: what was walked over, and by which statement."""
        return f"{self.rows} rows of {self.table} by {self.how}: {' '.join(self.statement.split())[:300]}"


class Plans:
    """What was asked since `forget`: plans as the server told them."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def take(self, notice: Diagnostic) -> None:
        """A notice of the server: «duration: … ms  plan:» and JSON."""
        _, found, plan = (notice.message_primary or "").partition("plan:\n")
        if found:
            self.told.append(json.loads(plan))

    def forget(self) -> None:
        """Begin anew."""
        self.told.clear()

    def times(self) -> Counter[str]:
        """How often each statement was asked; statements are told apart by their text."""
        return Counter(one["Query Text"] for one in self.told)

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
                of_country = not node.get("Relation Name", "pg_").startswith("pg_")
                if of_country and walked > over:
                    yield Scan(
                        node["Relation Name"], node["Node Type"], int(walked), one["Query Text"]
                    )


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


@contextlib.contextmanager
def watched() -> Iterator[Plans]:
    """Plans of the connection's statements, sequential scans made dear: in a country of few people
    one may be cheapest where four million would take the index; one that stays has no index."""
    found = Plans()
    connection.ensure_connection()
    session = connection.connection
    with connection.cursor() as cursor:
        for statement in (
            "LOAD 'auto_explain'",
            "SET auto_explain.log_min_duration = 0",
            "SET auto_explain.log_level = 'notice'",
            "SET auto_explain.log_analyze = on",
            "SET auto_explain.log_timing = off",
            "SET auto_explain.log_format = 'json'",
            "SET auto_explain.log_nested_statements = on",
            "SET auto_explain.log_parameter_max_length = 0",
            "SET enable_seqscan = off",
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

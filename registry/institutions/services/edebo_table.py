"""The register of ЄДЕБО as a table (XLSX, XLS, ODS, CSV): its columns, and the list it becomes."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from kernel.tables.headings import Headings, at
from kernel.tables.layout import Layout, pack, unpack
from registry.institutions.services.edebo import KEYS, LINE

LABELS = {field: names[0] for field, names in KEYS.items()}
HEADINGS = Headings(
    words={field: "|".join(names) for field, names in KEYS.items()},
    needed=(frozenset({"full_name"}), frozenset({"edebo_id"})),
)
_TABLE = "table"


def to_rows(data: Sequence[Sequence[str]], columns: Sequence[str | None]) -> list[dict[str, str]]:
    """Rows by the register's own names of columns; a blank cell says nothing."""
    rows = []
    for cells in data:
        row = {LABELS[one]: cell for place, one in enumerate(columns) if one and (cell := at(cells, place))}  # fmt: skip
        if row:
            rows.append(row)
    return rows


def content_of(layout: Layout) -> bytes:
    """The file that `edebo.read` reads: the rows, each with its line, and the table itself, so that
    its columns can be said anew.

    Raises:
        UnreadableTable: too many rows.
    """
    rows = [{**row, LINE: line + 1} for line, row in layout.rows(to_rows).items()]
    return orjson.dumps({"institutions": rows, _TABLE: pack(layout)})


def layout_of(content: bytes) -> Layout | None:
    """The table a staged file was made of; None for a file that came as JSON.

    Raises:
        UnreadableTable: it is spoilt.
    """
    data = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    table = data.get(_TABLE) if isinstance(data, dict) else None
    return unpack(table) if isinstance(table, str) else None

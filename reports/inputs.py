"""The rows that figures were counted of, as they are kept: by institution, source and key of the axis.

A layout says how, for `struct`. `>qi`, `>16sii`: records of an id, a mask of lines and, where the form sums
one, an amount. `>q/31`: an id and a mask of so many bits in one number.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from reports import compile as sql
from reports.definition import Form
from reports.models import ReportInput
from reports.vocabulary import SOURCES


class Row(NamedTuple):
    """One counted row: its id, the mask of lines that counted it, the amount."""

    id: Any
    mask: int
    amount: int = 0


def layout_of(form: Form, source: str) -> str:
    """How rows of a source are kept: as `compile.portion_sql` packs them."""
    if sql.is_short(form, source):
        return f">q/{sql.MASK_BITS}"
    lines = form.bits(source)
    mask = "i" if len(lines) <= 31 else "q"
    return f">{SOURCES[source].id_format}{mask}{'i' if any(line.sum for _, line in lines) else ''}"


def by_key(kept: ReportInput, layout: str) -> Iterator[tuple[str, list[Row]]]:
    """The rows of one kept input, key by key."""
    record, _, bits = layout.partition("/")
    size, at, data = struct.calcsize(record), 0, bytes(kept.rows)
    for key, many in zip(kept.keys, kept.sizes, strict=True):
        found = struct.iter_unpack(record, data[at : at + many * size])
        at += many * size
        if bits:
            width = int(bits)
            yield key, [Row(one >> width, one & (1 << width) - 1) for (one,) in found]
        elif record.startswith(">16s"):
            yield key, [Row(uuid.UUID(bytes=one), *rest) for one, *rest in found]
        else:
            yield key, [Row(*row) for row in found]


def records(kept: ReportInput, layout: str) -> Iterator[tuple[str, list[bytes]]]:
    """The same as records of an id, a mask and an amount in the order of their bytes, however they are
    kept: of these a digest is made."""
    record, _, bits = layout.partition("/")
    if bits:
        pack = struct.Struct(">qi").pack
        for key, rows in by_key(kept, layout):
            yield key, sorted(pack(row.id, row.mask) for row in rows)
        return
    size, at, data = struct.calcsize(record), 0, bytes(kept.rows)
    for key, many in zip(kept.keys, kept.sizes, strict=True):
        yield key, sorted(data[at + n * size : at + (n + 1) * size] for n in range(many))
        at += many * size

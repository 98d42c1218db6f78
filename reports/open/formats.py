"""Files of a set: CSV by RFC 4180, JSON with the same cells, and CSVW metadata beside them."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import gzip
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from reports.open.datasets import HIDDEN, LICENCE, Field, Table


@dataclasses.dataclass(frozen=True)
class File:
    """A file as it is kept: compressed, with the digest and size of what people take."""

    kind: str
    sha256: bytes
    size: int
    packed: bytes


class _Measured:
    """Compresses what is written and measures it before: a set of 14,000 rows and 600 columns is
    never in memory as a whole text."""

    def __init__(self, kind: str):
        self.kind, self._digest, self.size = kind, hashlib.sha256(), 0
        self._packed = io.BytesIO()
        # No name and no time inside: the same rows give the same bytes.
        self._zip = gzip.GzipFile(fileobj=self._packed, mode="wb", compresslevel=6, mtime=0)

    def write(self, text: str) -> int:
        data = text.encode()
        self._digest.update(data)
        self.size += len(data)
        return self._zip.write(data)

    def file(self) -> File:
        self._zip.close()
        return File(self.kind, self._digest.digest(), self.size, self._packed.getvalue())


def compose(table: Table) -> tuple[list[File], int]:
    """All files of a table in one pass over its rows, and how many rows there are.

    Raises:
        ValueError: a row has another number of cells than there are fields.
    """
    plain, objects = _Measured("csv"), _Measured("json")
    lines = csv.writer(plain, lineterminator="\r\n")
    names = [field.name for field in table.fields]
    lines.writerow(names)
    objects.write("[")
    count = 0
    for row in table.rows:
        cells = list(row)
        lines.writerow([_text(one) for one in cells])
        told = {name: _plain(one) for name, one in zip(names, cells, strict=True)}
        objects.write(",\n" if count else "\n")
        objects.write(json.dumps(told, ensure_ascii=False, separators=(",", ":")))
        count += 1
    objects.write("\n]\n")
    return [plain.file(), objects.file()], count


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ";".join(str(one) for one in value)
    return " ".join(str(value).split())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str):
        return " ".join(value.split())
    return list(value) if isinstance(value, list | tuple) else value


def metadata(
    title: str, about: str, address: str, key: Sequence[str], fields: Iterable[Field]
) -> bytes:
    """CSVW metadata of the CSV file (W3C Recommendation of 17.12.2015): columns, kinds, the key."""
    columns: list[dict[str, Any]] = []
    for field in fields:
        column: dict[str, Any] = {
            "titles": field.name,
            "name": field.name if field.name.isidentifier() else f"c{len(columns) + 1}",
            "dc:description": {
                "uk": f"{field.title}. {field.about}" if field.about else field.title
            },
            "datatype": field.kind,
        }
        if field.required:
            column["required"] = True
        if field.kind == "integer":
            column["null"] = ["", HIDDEN]
        columns.append(column)
    told = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "uk"}],
        "url": address,
        "dc:title": title,
        "dc:description": about,
        "dc:license": {"@id": LICENCE},
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True},
        "tableSchema": {"columns": columns, "primaryKey": list(key)},
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def unpacked(packed: bytes) -> bytes:
    """The file as people take it."""
    return gzip.decompress(packed)

"""One signature for many rows: a manifest with the root of a hash tree over canonical rows.

The manifest alone is signed. Any row can be exported with its proof and checked alone, offline,
by SHA-256 and the signed manifest (docs/how-to/verify-a-row.md has the check in thirty lines).
The tree is that of RFC 6962 section 2.1: leaves and nodes are hashed with different prefixes.
"""

import hashlib
import hmac
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

FORMAT = "aikom-package-1"
ALGORITHM = "sha256-rfc6962"
MAX_ROWS = 1_000_000


class BrokenPackage(ValueError):
    """The manifest and the rows do not belong together, or are no package."""


@dataclass(frozen=True, slots=True)
class Package:
    """What is signed (`manifest`) and the rows it vouches for, each as canonical JSON."""

    manifest: bytes
    rows: tuple[bytes, ...]

    @property
    def root(self) -> str:
        return str(json.loads(self.manifest)["rows"]["root"])

    @property
    def document(self) -> dict[str, Any]:
        return dict(json.loads(self.manifest)["document"])


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8: the same bytes for the same value everywhere.

    Floats are refused: their text differs between languages. Use integers or strings.

    Raises:
        BrokenPackage: a value JSON does not have, or a float.
    """
    _refuse_floats(value)
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError) as error:
        raise BrokenPackage(str(error)) from error


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise BrokenPackage("floats have no canonical form; use integers or strings")
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise BrokenPackage("keys must be strings")
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)


def _leaf(row: bytes) -> bytes:
    return hashlib.sha256(b"\0" + row).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All levels from the leaves up. An odd last node rises unchanged, which gives the tree of
    RFC 6962 (the left subtree is the largest power of two)."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [_node(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        if len(below) % 2:
            above.append(below[-1])
        levels.append(above)
    return levels


def tree_root(rows: Sequence[bytes]) -> bytes:
    """The root of the hash tree; of no rows, the hash of nothing."""
    if not rows:
        return hashlib.sha256(b"").digest()
    return _levels([_leaf(row) for row in rows])[-1][0]


def build_package(document: dict[str, Any], rows: Sequence[dict[str, Any]]) -> Package:
    """Make the manifest to sign for a document over many rows.

    Raises:
        BrokenPackage: a value without a canonical form, or too many rows.
    """
    if len(rows) > MAX_ROWS:
        raise BrokenPackage("too many rows")
    packed = tuple(canonical(row) for row in rows)
    manifest = canonical(
        {
            "format": FORMAT,
            "document": document,
            "rows": {
                "count": len(packed),
                "algorithm": ALGORITHM,
                "root": tree_root(packed).hex(),
            },
        }
    )
    return Package(manifest, packed)


def load_package(manifest: bytes, rows: Sequence[bytes]) -> Package:
    """A package read back, its root checked against its rows.

    Raises:
        BrokenPackage: anything changed, missing, added or reordered.
    """
    described = _described(bytes(manifest))
    if described["count"] != len(rows):
        raise BrokenPackage("the number of rows differs from the manifest")
    if not hmac.compare_digest(described["root"], tree_root(rows).hex()):
        raise BrokenPackage("the rows are not those of the manifest")
    return Package(manifest, tuple(rows))


@lru_cache(maxsize=16)
def _described(manifest: bytes) -> dict[str, Any]:
    try:
        data = json.loads(manifest)
        rows = data["rows"]
        known = data["format"] == FORMAT and rows["algorithm"] == ALGORITHM
        well_formed = (
            known
            and type(rows["count"]) is int
            and 0 <= rows["count"] <= MAX_ROWS
            and isinstance(rows["root"], str)
            and len(rows["root"]) == 64
            and isinstance(data["document"], dict)
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BrokenPackage("not a package manifest") from error
    if not well_formed:
        raise BrokenPackage("not a package manifest")
    return dict(rows)


def row_proof(package: Package, index: int) -> dict[str, Any]:
    """The hashes that lead from one row to the signed root: {index, count, path}.

    Raises:
        IndexError: no such row.
    """
    if not 0 <= index < len(package.rows):
        raise IndexError(index)
    return _proof(_levels([_leaf(row) for row in package.rows]), index, len(package.rows))


def row_proofs(package: Package) -> list[dict[str, Any]]:
    """The proofs of all rows, for the cost of one tree."""
    levels = _levels([_leaf(row) for row in package.rows])
    return [_proof(levels, index, len(package.rows)) for index in range(len(package.rows))]


def _proof(levels: list[list[bytes]], index: int, count: int) -> dict[str, Any]:
    path = []
    position = index
    for level in levels[:-1]:
        neighbour = position ^ 1
        if neighbour < len(level):
            path.append(level[neighbour].hex())
        position //= 2
    return {"index": index, "count": count, "path": path}


def verify_row(manifest: bytes, row: bytes, proof: dict[str, Any]) -> bool:
    """Whether the (separately verified) manifest vouches for this row. Never raises."""
    try:
        rows = _described(bytes(manifest))
        index, count, path = proof["index"], proof["count"], proof["path"]
        if type(index) is not int or type(count) is not int or not 0 <= index < count:
            return False
        if count != rows["count"] or len(path) > 2 * math.ceil(math.log2(MAX_ROWS)):
            return False
        node, position, last = _leaf(row), index, count - 1
        steps = [bytes.fromhex(step) for step in path]
        if any(len(step) != 32 for step in steps):
            return False
        for step in steps:
            while position % 2 == 0 and position == last and last:
                position, last = position // 2, last // 2
            if not last:
                return False
            node = _node(step, node) if position % 2 else _node(node, step)
            position, last = position // 2, last // 2
        while last and position % 2 == 0 and position == last:
            position, last = position // 2, last // 2
        return last == 0 and hmac.compare_digest(node.hex(), rows["root"])
    except (BrokenPackage, KeyError, TypeError, ValueError, AttributeError):
        return False

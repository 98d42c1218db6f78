"""One signature for many rows: a list of files is signed, one of them has the root of a hash tree.

What the person signs is an ASiCManifest (EN 319 162-1 clause 4.4.3): the names and digests of the
paper, of all rows, and of `document.json` with the document's head and the root of the tree over
the rows. So the signed package is an ASiC-E that any tool verifies, and any row can be exported
with its proof and checked alone, offline (docs/how-to/verify-a-row.md has the check).
The tree is that of RFC 6962 section 2.1: leaves and nodes are hashed with different prefixes.

Packages of the first days signed the bytes of `document.json` themselves; they are read alike.
"""

import base64
import datetime
import hashlib
import hmac
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from signatures import asic, oids

HEAD = "document.json"
ROWS = "rows.jsonl"
FORMAT = "aikom-package-1"
ALGORITHM = "sha256-rfc6962"
MAX_ROWS = 1_000_000


class BrokenPackage(ValueError):
    """The manifest and the rows do not belong together, or are no package."""


@dataclass(frozen=True, slots=True)
class Package:
    """What is signed (`manifest`) and what it vouches for.

    head: `document.json`, canonical JSON of the document's head and of the root of its rows.
    rows: canonical JSON of each row. papers: further files by name, such as a PDF.
    """

    manifest: bytes
    head: bytes
    rows: tuple[bytes, ...]
    papers: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def root(self) -> str:
        return str(json.loads(self.head)["rows"]["root"])

    @property
    def document(self) -> dict[str, Any]:
        return dict(json.loads(self.head)["document"])

    @property
    def is_list(self) -> bool:
        """Whether a list of files is signed, as since November 2026, and not the head itself."""
        return self.manifest != self.head

    @property
    def kept(self) -> dict[str, bytes]:
        """The files to keep beside the signed bytes; rows are kept one by one."""
        return {HEAD: self.head, **self.papers} if self.is_list else {}

    @property
    def files(self) -> dict[str, bytes]:
        """Every file that the signed list names."""
        return {**self.papers, HEAD: self.head, ROWS: rows_file(self.rows)}


def rows_file(rows: Sequence[bytes]) -> bytes:
    """All rows, one a line."""
    return b"".join(row + b"\n" for row in rows)


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


def build_package(
    document: dict[str, Any],
    rows: Sequence[dict[str, Any]],
    papers: Mapping[str, bytes] | None = None,
) -> Package:
    """Make what is to be signed for a document over many rows.

    papers: files for people by name, the main one first; listed and signed with the rest.

    Raises:
        BrokenPackage: a value without a canonical form, or too many rows.
    """
    if len(rows) > MAX_ROWS:
        raise BrokenPackage("too many rows")
    packed = tuple(canonical(row) for row in rows)
    tree = {"count": len(packed), "algorithm": ALGORITHM, "root": tree_root(packed).hex()}
    head = canonical({"format": FORMAT, "document": document, "rows": tree})
    papers = dict(papers or {})
    files = {**papers, HEAD: head, ROWS: rows_file(packed)}
    return Package(asic.build_manifest(files, rootfile=next(iter(files))), head, packed, papers)


def load_package(
    manifest: bytes, rows: Sequence[bytes], files: Mapping[str, bytes] | None = None
) -> Package:
    """A package read back, every part checked against the signed bytes.

    files: those kept beside them (`Package.kept`).

    Raises:
        BrokenPackage: anything changed, missing, added or reordered.
    """
    papers = dict(files or {})
    head = papers.pop(HEAD, manifest)
    described = _described(bytes(head))
    if described["count"] != len(rows):
        raise BrokenPackage("the number of rows differs from the manifest")
    if not hmac.compare_digest(described["root"], tree_root(rows).hex()):
        raise BrokenPackage("the rows are not those of the manifest")
    package = Package(bytes(manifest), bytes(head), tuple(rows), papers)
    if package.is_list and listed(package.manifest) != _digests(package.files):
        raise BrokenPackage("the files are not those of the manifest")
    if not package.is_list and papers:
        raise BrokenPackage("files that nobody signed")
    return package


def _digests(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: hashlib.sha256(data).digest() for name, data in files.items()}


@lru_cache(maxsize=16)
def listed(manifest: bytes) -> Mapping[str, bytes]:
    """Names and SHA-256 digests of a signed list of files.

    Raises:
        BrokenPackage: not such a list, a name twice, or another hash.
    """
    try:
        references = asic.parse_manifest("the manifest", bytes(manifest)).references
    except asic.BadContainer as error:
        raise BrokenPackage("not a list of files") from error
    found = {one.name: one.digest for one in references if one.hash_oid == oids.SHA256}
    if len(found) != len(references):
        raise BrokenPackage("a file twice, or a hash that packages do not use")
    return found


def signed_head(manifest: bytes, head: bytes | None) -> bytes:
    """`document.json` as the signed bytes vouch for it; of early packages, those bytes.

    Raises:
        BrokenPackage: it is absent or another one.
    """
    if head is None:
        return manifest
    if listed(manifest).get(HEAD) != hashlib.sha256(head).digest():
        raise BrokenPackage("the document is not that of the manifest")
    return head


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """What the head of a signed package says of itself; names no rows."""

    body: str
    edrpou: str
    title: str
    number: str
    date: datetime.date
    rows: int


def said_of(head: bytes) -> SignedDocument:
    """Who issued a document, its title, number and date: what the page of a printed code shows.

    Raises:
        BrokenPackage: it is no head of a package, or does not say all of it.
    """
    try:
        manifest: dict[str, Any] = json.loads(head)
        said, body = manifest["document"], manifest["document"]["institution"]
        found = SignedDocument(
            str(body["name"]),
            str(body.get("edrpou") or ""),
            str(said["title"]),
            str(said["number"]),
            datetime.date.fromisoformat(said["date"]),
            int(manifest["rows"]["count"]),
        )
        known = manifest["format"] == FORMAT
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenPackage(f"the head does not say what the document is: {error!r}") from error
    if not known:
        raise BrokenPackage("no head of a package")
    return found


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


def row_alone(package: Package, index: int, signature: bytes) -> dict[str, Any]:
    """One row with all that proves it, as plain JSON (docs/how-to/verify-a-row.md).

    Raises:
        IndexError: no such row.
    """
    return {
        "row": package.rows[index].decode(),
        "proof": row_proof(package, index),
        **({"document": package.head.decode()} if package.is_list else {}),
        "manifest": package.manifest.decode(),
        "signature": base64.b64encode(signature).decode(),
    }


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


def verify_row(
    manifest: bytes, row: bytes, proof: dict[str, Any], head: bytes | None = None
) -> bool:
    """Whether the (separately verified) manifest vouches for this row. Never raises.

    head: `document.json`, unless it is itself what was signed.
    """
    try:
        rows = _described(signed_head(bytes(manifest), head))
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

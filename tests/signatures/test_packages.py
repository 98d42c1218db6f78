"""One signature for many rows: every row can prove itself alone, and no other row can."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signatures.packages import (
    BrokenPackage,
    Package,
    build_package,
    canonical,
    load_package,
    row_proof,
    row_proofs,
    verify_row,
)

DOCUMENT = {"kind": "ENROL", "number": "17-з", "date": "2026-09-01"}


def rows(count: int) -> list[dict[str, Any]]:
    return [{"index": i, "pupil": f"Учень {i}"} for i in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 31, 100])
def test_every_row_proves_itself_and_nothing_else(count: int) -> None:
    package = build_package(DOCUMENT, rows(count))

    for index in range(count):
        proof = row_proof(package, index)
        assert verify_row(package.manifest, package.rows[index], proof)
        assert not verify_row(package.manifest, package.rows[index] + b" ", proof)
        for other in {0, count - 1, (index + 1) % count} - {index}:
            assert not verify_row(package.manifest, package.rows[other], proof)
            assert not verify_row(package.manifest, package.rows[index], {**proof, "index": other})


def reference_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1 as it is written: split at the largest power of two below n."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    left, right = reference_root(leaves[:k]), reference_root(leaves[k:])
    return hashlib.sha256(b"\1" + left + right).digest()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 200))
def test_the_root_is_that_of_rfc_6962(count: int) -> None:
    package = build_package(DOCUMENT, rows(count))

    assert package.root == reference_root(list(package.rows)).hex()


def test_the_manifest_says_what_is_signed() -> None:
    package = build_package(DOCUMENT, rows(3))

    assert json.loads(package.manifest) == {
        "format": "aikom-package-1",
        "document": DOCUMENT,
        "rows": {"count": 3, "algorithm": "sha256-rfc6962", "root": package.root},
    }
    assert load_package(package.manifest, package.rows) == package


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r[:-1],
        lambda r: [*r, r[0]],
        lambda r: [r[1], r[0], *r[2:]],
        lambda r: [b"{}", *r[1:]],
    ],
    ids=["one less", "one more", "another order", "one changed"],
)
def test_rows_changed_after_signing_do_not_load(change: Any) -> None:
    package = build_package(DOCUMENT, rows(5))

    with pytest.raises(BrokenPackage):
        load_package(package.manifest, change(list(package.rows)))


def test_an_inner_node_is_not_taken_for_a_row() -> None:
    """Leaves and nodes are hashed with different prefixes, against second preimages."""
    package = build_package(DOCUMENT, rows(4))
    leaf = [hashlib.sha256(b"\0" + row).digest() for row in package.rows]
    node = leaf[0] + leaf[1]
    right = hashlib.sha256(b"\1" + leaf[2] + leaf[3]).hexdigest()

    assert not verify_row(package.manifest, node, {"index": 0, "count": 2, "path": [right]})
    assert not verify_row(package.manifest, node, {"index": 0, "count": 4, "path": [right]})


def test_the_same_value_always_has_the_same_bytes() -> None:
    assert canonical({"b": 1, "а": "ї"}) == canonical({"а": "ї", "b": 1})
    assert canonical({"b": [1, None, True], "a": "ʼ"}) == '{"a":"ʼ","b":[1,null,true]}'.encode()


@pytest.mark.parametrize("value", [1.5, {"a": [float("nan")]}, {1: 2}, {"a": b"bytes"}])
def test_values_without_one_form_are_refused(value: Any) -> None:
    with pytest.raises(BrokenPackage):
        canonical(value)


@settings(max_examples=50, deadline=None)
@given(
    st.binary(max_size=100),
    st.binary(max_size=50),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=70),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
        max_leaves=8,
    ),
)
def test_rubbish_proves_nothing_and_raises_nothing(manifest: bytes, row: bytes, proof: Any) -> None:
    assert not verify_row(manifest, row, proof)
    assert not verify_row(build_package(DOCUMENT, rows(2)).manifest, row, proof)


def test_the_check_of_the_manual_says_the_same(tmp_path: Path) -> None:
    """docs/how-to/verify-a-row.md is for third parties: it must run as printed."""
    page = (Path(__file__).parents[2] / "docs/how-to/verify-a-row.md").read_text()
    program = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert program is not None
    assert len(program[1].splitlines()) <= 30
    script = tmp_path / "check.py"
    script.write_text(program[1])

    def says(package: Package, index: int, row: bytes) -> bool:
        files = {
            "manifest.json": package.manifest,
            "row.json": row,
            "proof.json": json.dumps(row_proof(package, index)).encode(),
        }
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
        done = subprocess.run(
            [sys.executable, str(script), *files], cwd=tmp_path, capture_output=True, check=False
        )
        return done.returncode == 0

    for count, index in ((1, 0), (5, 4), (7, 2)):
        package = build_package(DOCUMENT, rows(count))
        assert says(package, index, package.rows[index])
        assert not says(package, index, package.rows[index] + b" ")


def test_proofs_made_together_are_those_made_one_by_one() -> None:
    package = build_package(DOCUMENT, rows(13))

    assert row_proofs(package) == [row_proof(package, index) for index in range(13)]

"""One signature for many rows: every row can prove itself alone, and no other row can."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from signatures import asic, oids
from signatures.packages import (
    BrokenPackage,
    Package,
    build_package,
    canonical,
    load_package,
    row_alone,
    row_proof,
    row_proofs,
    verify_row,
)

DOCUMENT = {"kind": "ENROL", "number": "17-з", "date": "2026-09-01"}


def rows(count: int) -> list[dict[str, Any]]:
    return [{"index": i, "pupil": f"Учень {i}"} for i in range(count)]


def proves(package: Package, row: bytes, proof: dict[str, Any]) -> bool:
    return verify_row(package.manifest, row, proof, package.head)


def early(package: Package) -> Package:
    """The same, as in the first days: the head itself is what was signed."""
    return Package(package.head, package.head, package.rows)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 31, 100])
def test_every_row_proves_itself_and_nothing_else(count: int) -> None:
    package = build_package(DOCUMENT, rows(count))

    for index in range(count):
        proof = row_proof(package, index)
        assert proves(package, package.rows[index], proof)
        assert not proves(package, package.rows[index] + b" ", proof)
        for other in {0, count - 1, (index + 1) % count} - {index}:
            assert not proves(package, package.rows[other], proof)
            assert not proves(package, package.rows[index], {**proof, "index": other})


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


def test_the_manifest_lists_every_file_by_its_digest() -> None:
    """Read by nothing of ours."""
    package = build_package(DOCUMENT, rows(3), {"Наказ.pdf": b"%PDF-1.7 order"})

    assert json.loads(package.head) == {
        "format": "aikom-package-1",
        "document": DOCUMENT,
        "rows": {"count": 3, "algorithm": "sha256-rfc6962", "root": package.root},
    }
    assert package.files["rows.jsonl"].splitlines() == list(package.rows)
    signature, *listed = ElementTree.fromstring(package.manifest)
    assert signature.get("URI") == "META-INF/signature001.p7s"
    said = {}
    for line in listed:
        method, value = line
        assert method.get("Algorithm") == "http://www.w3.org/2001/04/xmlenc#sha256"
        said[unquote(line.get("URI"))] = base64.b64decode(value.text)
    assert said == {n: hashlib.sha256(d).digest() for n, d in package.files.items()}
    assert [line.get("Rootfile") for line in listed] == ["true", None, None]


def test_a_package_is_read_back_with_everything_it_lists() -> None:
    package = build_package(DOCUMENT, rows(3), {"order.pdf": b"%PDF"})

    assert load_package(package.manifest, package.rows, package.kept) == package
    assert load_package(package.head, package.rows) == early(package)


@pytest.mark.parametrize(
    "change",
    [
        lambda kept: {},
        lambda kept: {**kept, "order.pdf": b"%PDF other"},
        lambda kept: {**kept, "another.pdf": b"%PDF"},
        lambda kept: {"document.json": kept["document.json"]},
        lambda kept: {**kept, "document.json": kept["document.json"].replace(b"17-", b"18-")},
    ],
    ids=["nothing kept", "another paper", "one more", "no paper", "another number"],
)
def test_files_other_than_the_listed_ones_do_not_load(change: Any) -> None:
    package = build_package(DOCUMENT, rows(2), {"order.pdf": b"%PDF"})

    with pytest.raises(BrokenPackage):
        load_package(package.manifest, package.rows, change(package.kept))
    with pytest.raises(BrokenPackage):
        load_package(package.head, package.rows, {"order.pdf": b"%PDF"})


def test_a_list_with_a_file_twice_or_another_hash_is_no_package() -> None:
    package = build_package(DOCUMENT, rows(2))
    line = package.manifest.splitlines()[-2]
    for manifest in (
        package.manifest.replace(line, line + line),
        asic.build_manifest(package.files, hash_oid=oids.GOST34311),
    ):
        with pytest.raises(BrokenPackage):
            load_package(manifest, package.rows, package.kept)


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

    assert not proves(package, node, {"index": 0, "count": 2, "path": [right]})
    assert not proves(package, node, {"index": 0, "count": 4, "path": [right]})


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
    package = build_package(DOCUMENT, rows(2))
    assert not verify_row(manifest, row, proof)
    assert not verify_row(manifest, row, proof, package.head)
    assert not verify_row(package.manifest, row, proof, manifest)
    assert not proves(package, row, proof)


def test_the_check_of_the_manual_says_the_same(tmp_path: Path) -> None:
    """docs/how-to/verify-a-row.md is for third parties: it must run as printed."""
    page = (Path(__file__).parents[2] / "docs/how-to/verify-a-row.md").read_text()
    program = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert program is not None
    assert len(program[1].splitlines()) <= 34
    script = tmp_path / "check.py"
    script.write_text(program[1])

    def says(said: dict[str, Any]) -> bool:
        (tmp_path / "row.json").write_text(json.dumps(said))
        done = subprocess.run(
            [sys.executable, "-I", str(script), "row.json"],
            cwd=tmp_path, capture_output=True, check=False,
        )  # fmt: skip
        return done.returncode == 0

    listed = build_package(DOCUMENT, rows(5))
    for package, index in (
        (listed, 4),
        (early(listed), 2),
        (build_package(DOCUMENT, rows(1)), 0),
        (build_package(DOCUMENT, rows(7)), 6),
    ):
        said = row_alone(package, index, b"signature")
        assert says(said)
        assert (tmp_path / "manifest").read_bytes() == package.manifest
        assert (tmp_path / "manifest.p7s").read_bytes() == b"signature"
        assert not says(said | {"row": said["row"] + " "})
    other = build_package(DOCUMENT, rows(6))
    said = row_alone(listed, 4, b"signature")
    assert not says(said | {"document": other.head.decode()})
    assert not says(said | {"manifest": other.manifest.decode()})
    assert not says(said | {"manifest": said["manifest"].replace("document.json", "a.json")})


def test_proofs_made_together_are_those_made_one_by_one() -> None:
    package = build_package(DOCUMENT, rows(13))

    assert row_proofs(package) == [row_proof(package, index) for index in range(13)]

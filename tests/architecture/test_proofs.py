"""docs/proofs*.md name tests that are there."""

from __future__ import annotations

import re

from aikom.settings.env import ROOT

NAMED = re.compile(r"\b(test_\w+)(\.py)?\b")


def test_every_proof_named_is_a_test_or_a_file_of_tests() -> None:
    files = list((ROOT / "tests").rglob("*.py"))
    names = {one.stem for one in files}
    for one in files:
        names |= set(re.findall(r"def (test_\w+)", one.read_text(encoding="utf-8")))
    for told in sorted((ROOT / "docs").glob("proofs*.md")):
        named = {found[0] for found in NAMED.findall(told.read_text("utf-8"))}
        assert named
        assert named <= names, (told.name, sorted(named - names))

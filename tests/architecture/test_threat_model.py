"""docs/threat-model.md has a line for every door."""

from __future__ import annotations

import re

from django.urls import URLPattern, URLResolver, get_resolver

from tests.architecture.sources import ROOT


def _first_segments(patterns: list[URLPattern | URLResolver], prefix: str = "") -> set[str]:
    found = set()
    for one in patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            found |= _first_segments(one.url_patterns, route)
        else:
            found.add("/" + re.split(r"[/<^]", route)[0])
    return found


def test_every_door_has_a_line_in_the_threat_model():
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    doors = {
        name.rstrip("/") or "/"
        for line in text.splitlines()
        if line.startswith("| `/")
        for name in re.findall(r"`(/[^`]*)`", line.split("|")[1])
    }
    missing = _first_segments(get_resolver().url_patterns) - doors
    assert not missing, f"Say in docs/threat-model.md what stands in: {sorted(missing)}"


def test_the_threat_model_names_tests_that_exist():
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[^`]+)`", text))
    assert not [path for path in sorted(named) if not (ROOT / path).exists()]

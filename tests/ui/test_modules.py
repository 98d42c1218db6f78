"""What the browser runs: its types hold, and its parts that need no page do what they say."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from kernel import frontend
from kernel.ui import build

JS = Path(__file__).resolve().parents[1] / "js"


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    frontend.install(JS)


def node(*words: str) -> str:
    """What Node told, when it held; a failure otherwise."""
    done = subprocess.run(
        [str(frontend.node()), *words],
        cwd=JS,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_merging_and_geometry_do_what_their_tests_say() -> None:
    told = node(
        "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON",  # the portal serves them as written
        *("--test", "--test-reporter=tap"),
        *sorted(path.name for path in JS.glob("*.test.mjs")),
    )
    assert "# fail 0" in told
    assert "# tests 0" not in told


def test_pages_ask_for_one_script_of_ours_whatever_modules_it_was_written_in() -> None:
    # Over a slow line each step of a chain of imports waits half a second.
    script = (build.OUT / "main.js").read_text("utf-8")
    assert re.search(r"\b(?:import|export)\b", script) is None
    for module in build.SCRIPTS.glob("*.js"):
        for sign in re.findall(
            r"\[data-ak-[a-z-]+\]", re.sub("//.*", "", module.read_text("utf-8"))
        ):
            assert sign in script, f"{module.name} asks for {sign}"


@pytest.mark.parametrize("project", ["tsconfig.json", "tsconfig.signing.json"])
def test_types_hold(project: str) -> None:
    node("node_modules/typescript/bin/tsc", "--project", project)

"""`make check`: every rule that needs no running product. All run; every failure is told.

A check is a command; it holds when it ends with 0. Two run at a time. `--write-docs` writes the
generated pages of docs/ instead of comparing them.
"""

import functools
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from aikom.settings.env import ROOT
from tests import generated_docs
from tests.kit import database

os.environ["DJANGO_SETTINGS_MODULE"] = "aikom.settings.test"
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Check:
    """One rule: what it proves, and the command that proves it."""

    name: str
    words: tuple[str, ...]
    remedy: str = ""


def tool(name: str, *words: str) -> tuple[str, ...]:
    return (str(BIN / name), *words)


def manage(*words: str) -> tuple[str, ...]:
    return (sys.executable, "manage.py", *words)


CHECKS = [
    Check("types (mypy)", tool("mypy", "--no-error-summary", "--cache-dir=/dev/null")),
    Check("format (ruff)", tool("ruff", "format", "--check", "--quiet", "."), "make fix"),
    Check("lint (ruff)", tool("ruff", "check", "--quiet", "."), "make fix"),
    Check("rooms and layers (import-linter)", tool("lint-imports"), "docs/architecture.md"),
    Check("Django's own (manage.py check)", manage("check", "--fail-level", "ERROR")),
    Check(
        "models and migrations agree",
        manage("makemigrations", "--check", "--dry-run"),
        "manage.py makemigrations",
    ),
    Check(
        "schema changes are safe (migration linter)",
        manage(
            *("lintmigrations", "--no-cache", "--quiet", "ok", "ignore"),
            # Lists of statements, which the linter cannot read.
            *("--ignore-name", "0001_functions", "0002_functions", "0002_tables"),
            # Moves a column to another table in one step: no installation holds data yet.
            "0007_form_of_a_placement",
            # New required or unique columns, and one that leaves, for the same reason: old code would
            # not run beside the new schema, and none does yet.
            "0011_facts_of_children",
            "0012_staff_load_and_careers",
            "0018_transfers",
            "0020_doubtful_twins",
            # What a key opens passes to its mandate, for the same reason.
            "0003_mandates",
            # One notice of a person: over a column that this migration adds, empty in every row.
            "0005_parents_window",
            # An authority's orders leave the numbers of a school: the constraint holds of fewer rows.
            "0024_reorganisation",
            "0031_orders_of_the_authority",
            # One address of a kind, of those not voided: the constraint holds of fewer rows.
            "0034_voids",
            # A number is one person's among those not merged: the constraint holds of fewer rows.
            "0036_colleagues_merged",
            # An operator has one code: of nodes of a kind that this migration adds, so of no row yet.
            "0008_operators",
            # New required columns and a unique code of operators, as above: none is registered yet.
            "0005_road",
            # Required columns of tables that it makes itself.
            "0001_journals",
            # By which fields a sum is made: required, and filled for the days that are counted already.
            "0008_desk_pairs",
        ),
    ),
    Check(
        "browser modules: types and tests (tsc, node:test)",
        (
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "tests/ui/test_modules.py",
        ),
    ),
    Check("templates (djlint)", tool("djlint", "--lint", "--quiet", "."), "make fix"),
    Check("dependencies (deptry)", tool("deptry", "."), "pyproject.toml"),
    Check("dead code (vulture)", tool("vulture"), "tests/vulture_allowed.py says why a name stays"),
    Check(
        "house rules (tests/architecture)",
        (
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-m",
            "house",
            "tests/architecture",
        ),
    ),
]


def main() -> int:
    """0 when every check holds, otherwise how many do not."""
    os.chdir(ROOT)
    if "--write-docs" in sys.argv:
        for page in generated_docs.write():
            say(f"written: {page}")
        return 0
    if "--release-api" in sys.argv:
        generated_docs.release_api()
        say("written: docs/api/v1.json")
        return 0
    failed: list[str] = []
    began = time.monotonic()
    # The migration linter asks PostgreSQL for the SQL.
    with database.cluster(), ThreadPoolExecutor(max_workers=2) as pool:
        for name, holds, told, seconds in pool.map(lambda job: job(), jobs()):
            say(f"{'ok  ' if holds else 'FAIL'}  {name}  ({seconds:.1f} s)")
            if not holds:
                failed.append(name)
                say("      " + told.strip().replace("\n", "\n      ")[-8000:] + "\n")
    total = len(CHECKS) + 1
    say(f"\n{total - len(failed)} of {total} checks hold  ({time.monotonic() - began:.0f} s)")
    for name in failed:
        say(f"  does not hold: {name}")
    return len(failed)


def jobs() -> list[Callable[[], tuple[str, bool, str, float]]]:
    """Every check as something to call; the slowest first."""
    return [*(functools.partial(run, check) for check in CHECKS), docs]


def run(check: Check) -> tuple[str, bool, str, float]:
    """One check's name, whether it holds, what it said, and how long it took."""
    began = time.monotonic()
    done = subprocess.run(
        check.words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    told = done.stdout + (f"\n→ {check.remedy}" if check.remedy else "")
    return check.name, done.returncode == 0, told, time.monotonic() - began


def docs() -> tuple[str, bool, str, float]:
    """Whether the generated pages of docs/ are what would be generated now."""
    began = time.monotonic()
    stale = generated_docs.stale()
    told = "\n".join(f"{page} is out of date" for page in stale) + "\n→ make docs"
    return "generated docs are fresh", not stale, told, time.monotonic() - began


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())

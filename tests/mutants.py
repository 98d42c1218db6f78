"""`make mutants`: break one line that keeps the register safe, and see the suite turn red.

A line of a scope, a lock or a policy can be lost in a refactoring and every page still works. Each
is broken here by itself, in a copy of the project, and the tests of its room must notice. The verdicts are
kept in docs/mutants.md; a survivor is a missing test. Lines that follow a pattern are found by
themselves (`KINDS`); what no pattern finds is named in `BY_HAND`.

    make mutants ONLY=registry/orders       only lines whose file or text holds this
    make mutants SECONDS=3600               stop beginning new ones after an hour; the oldest verdicts
                                            are renewed first
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "mutants.md"
WORK = ROOT / "var" / "mutants"

# What is broken, by a pattern of one line: (name, pattern, what stands instead).
KINDS = (
    ("lock of rows", re.compile(r"\.select_for_update\([^()]*(?:\([^()]*\)[^()]*)*\)"), ""),
    ("lock by name", re.compile(r"^(\s+)advisory_lock\(.*\)$"), r"\1pass"),
    ("scope", re.compile(r"\.visible_to\(actor\)"), ".all()"),
    ("policy asked", re.compile(r"^(\s+)[\w.]+\.require\(.*\)$"), r"\1pass"),
    ("rule of a policy", re.compile(r"^(\s+)if (?!False).*:$"), r"\1if False:"),
)
ONLY_IN_POLICIES = {"rule of a policy"}
ROOMS = ("kernel", "accounts", "signatures", "registry", "journals", "reports", "integrations")


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One line broken: `find` stands once in the file (or at line `at`) and becomes `instead`."""

    kind: str
    path: str
    find: str
    instead: str
    at: int = 0

    @property
    def key(self) -> tuple[str, str, str, int]:
        return (self.kind, self.path, self.find.strip(), self.at)


# Lines that no pattern finds. A line that is worth a comment in the code is worth a row here.
BY_HAND = (
    Mutant(
        "seal",
        "kernel/audit/services.py",
        "link = hashlib.sha256(previous)",
        "link = hashlib.sha256()",
    ),
    Mutant("scope of a row", "kernel/scoping.py", 'if scope.level == "all":', "if True:"),
    Mutant(
        "scope of a node",
        "accounts/actors.py",
        "return bool(self.unit_path) and path.startswith(self.unit_path)",
        "return True",
    ),
    Mutant(
        "scope of a run",
        "reports/selectors/figures.py",
        "for top in (of_run.unit, reader)",
        "for top in (reader,)",
    ),
    Mutant(
        "scope of a run",
        "reports/selectors/figures.py",
        "if actor.stands_above(unit.path)",
        "if True",
    ),
    Mutant(
        "who signs for whom",
        "registry/orders/services/signing.py",
        "if signer.edrpou not in organisations_of(order.institution):",
        "if False:",
    ),
)

# Which tests must notice, by where the line stands; the longest beginning counts.
TESTS = {
    "kernel/": "tests/kernel tests/architecture",
    "kernel/tables/": "tests/kernel/test_tables.py tests/kernel/test_table_files.py tests/registry/drafts",
    "accounts/": "tests/accounts tests/architecture",
    "signatures/": "tests/signatures",
    "registry/": "tests/registry tests/architecture",
    "registry/people/": "tests/registry/people tests/registry/drafts tests/registry/orders tests/architecture tests/eis",
    "registry/orders/": "tests/registry/orders tests/registry/drafts tests/registry/movements tests/architecture",
    "registry/drafts/": "tests/registry/drafts tests/registry/orders tests/registry/movements tests/architecture",
    "registry/movements/": "tests/registry/movements tests/registry/drafts tests/registry/orders tests/architecture",
    "registry/institutions/": "tests/registry/institutions tests/architecture",
    "registry/classifiers/": "tests/registry/classifiers tests/registry/institutions",
    "reports/": "tests/reports tests/architecture",
    "integrations/eis/": "tests/eis tests/architecture",
    "integrations/isei/": "tests/isei",
}


def mutants() -> Iterator[Mutant]:
    """Every line to break, in the order of files."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if {"migrations", "node_modules", "demo"} & set(path.parts):
                continue
            lines = path.read_text().splitlines()
            seen: dict[str, int] = {}
            for line in lines:
                number = seen[line.strip()] = seen.get(line.strip(), 0) + 1
                for kind, pattern, instead in KINDS:
                    if kind in ONLY_IN_POLICIES and path.stem != "policies":
                        continue
                    if line.lstrip().startswith(("def ", "#", '"')) or not pattern.search(line):
                        continue
                    yield Mutant(kind, name, line, pattern.sub(instead, line), number)
    yield from BY_HAND


def spoil(text: str, mutant: Mutant) -> str:
    """The file's text with the line broken.

    Raises:
        ValueError: the line does not stand there.
    """
    if not mutant.at:
        if mutant.find not in text:
            raise ValueError(f"{mutant.path}: {mutant.find!r} is gone")
        return text.replace(mutant.find, mutant.instead, 1)
    lines, met = text.splitlines(keepends=True), 0
    for place, line in enumerate(lines):
        met += line.strip() == mutant.find.strip()
        if met == mutant.at:
            lines[place] = mutant.instead + "\n"
            return "".join(lines)
    raise ValueError(f"{mutant.path}: {mutant.find!r} is gone")


def tests_of(path: str) -> list[str]:
    """The tests that must notice."""
    best = max((prefix for prefix in TESTS if path.startswith(prefix)), key=len)
    return [test for test in TESTS[best].split() if (ROOT / test).exists()]


def copy(number: int) -> Path:
    """A copy of the project to break, with what is built but not kept in git."""
    folder = WORK / str(number)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    built = [*ROOT.glob("signatures/algorithms/_native-*.so")]
    for out in ("kernel/ui/static/built", "signatures/static/signatures/built"):
        built += [path for path in (ROOT / out).rglob("*") if path.is_file()]
    names = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    names |= {path.relative_to(ROOT).as_posix() for path in built}
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    for old in folder.rglob("*.py"):
        name = old.relative_to(folder).as_posix()
        if name not in names and not name.startswith("var/"):
            old.unlink()
    return folder


def pytest(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Tests in the copy, with a cluster of its own: a broken model would make a template anew."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not browser", *words],
        cwd=folder,
        env={**os.environ, "AIKOM_VAR": str(folder / "var"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip


_red: dict[str, list[str]] = {}


def red_already(tests: list[str], folder: Path) -> list[str]:
    """Tests that fail with nothing broken: they would notice everything, so they are not asked."""
    key = " ".join(tests)
    if key not in _red:
        told = pytest(folder, *tests).stdout
        _red[key] = re.findall(r"^(?:FAILED|ERROR) (\S+)", told, re.MULTILINE)
        if _red[key]:
            print(f"red with nothing broken, not asked: {' '.join(_red[key])}", flush=True)
    return _red[key]


def judge(mutant: Mutant, folder: Path) -> str:
    """Who noticed: a test's name; "nobody" when all passed; "the import" when nothing started."""
    target, tests = folder / mutant.path, tests_of(mutant.path)
    whole = (ROOT / mutant.path).read_text()
    left_out = [f"--deselect={name}" for name in red_already(tests, folder)]
    target.write_text(spoil(whole, mutant))
    try:
        done = pytest(folder, "-x", *left_out, *tests)
    except subprocess.TimeoutExpired:
        return "the clock"  # a wait without end is noticed too
    finally:
        target.write_text(whole)
    if done.returncode == 0:
        return "nobody"
    named = re.search(r"^(?:FAILED|ERROR) \S*?([\w.]+::[\w:]+)", done.stdout, re.MULTILINE)
    return named[1] if named else "the import"


# ── verdicts ─────────────────────────────────────────────────────────────────
Verdicts = dict[tuple[str, str, str, int], tuple[str, str]]  # → who noticed, on which day
_ROW = re.compile(r"\| (.+?) \| `(.+?)` \| ``(.+?)`` \| (\d+) \| (.+?) \| (\S+) \|")


def kept() -> Verdicts:
    """What the page says from earlier runs."""
    text = PAGE.read_text() if PAGE.exists() else ""
    return {
        (kind, path, find.replace("&#124;", "|"), int(at)): (who.strip("*`"), day)
        for kind, path, find, at, who, day in _ROW.findall(text)
    }


def page(verdicts: Verdicts, every: list[Mutant]) -> str:
    """docs/mutants.md: counts by kind, survivors first."""
    known = [one for one in every if one.key in verdicts]
    alive = [one for one in known if verdicts[one.key][0] == "nobody"]
    lines = [
        "# Mutants: lines whose loss the suite must notice",
        "",
        "Written by `make mutants` (tests/mutants.py). Each line of a scope, a lock or a policy is broken",
        "by itself and the tests of its room are run; «nobody» in the last column is a missing test.",
        "",
        f"{len(every)} lines, {len(known)} judged, {len(alive)} survived.",
        "",
        "| what is broken | lines | judged | survived |",
        "|---|---|---|---|",
    ]
    for kind in dict.fromkeys(one.kind for one in every):
        of_kind = [one for one in every if one.kind == kind]
        judged = [one for one in of_kind if one.key in verdicts]
        lived = [one for one in judged if verdicts[one.key][0] == "nobody"]
        lines.append(f"| {kind} | {len(of_kind)} | {len(judged)} | {len(lived)} |")
    lines += ["", "| kind | file | line | which | noticed by | on |", "|---|---|---|---|---|---|"]
    for one in sorted(known, key=lambda one: (verdicts[one.key][0] != "nobody", one.path, one.key)):
        who, day = verdicts[one.key]
        told = "**nobody**" if who == "nobody" else f"`{who}`"
        find = one.find.strip().replace("|", "&#124;")
        lines.append(f"| {one.kind} | `{one.path}` | ``{find}`` | {one.at} | {told} | {day} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """How many survive among those judged now."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="tell the lines and break none")
    asked = parser.parse_args()
    every, verdicts = list(mutants()), kept()
    chosen = [one for one in every if asked.only in f"{one.path} {one.kind} {one.find}"]
    chosen.sort(key=lambda one: verdicts.get(one.key, ("", ""))[1])
    if asked.list:
        for one in chosen:
            print(f"{one.kind:18}{one.path}: {one.find.strip()}  →  {one.instead.strip()}")
        print(f"{len(chosen)} lines")
        return 0
    until = time.monotonic() + asked.seconds if asked.seconds else float("inf")
    folders: Queue[Path] = Queue()
    for number in range(asked.jobs):
        folders.put(copy(number))
    today = datetime.datetime.now(datetime.UTC).date().isoformat()

    def one_by_one(mutant: Mutant) -> bool:
        if time.monotonic() > until:
            return False
        folder = folders.get()
        try:
            who = judge(mutant, folder)
        finally:
            folders.put(folder)
        verdicts[mutant.key] = (who, today)
        print(f"{who:60}{mutant.path}: {mutant.find.strip()}", flush=True)
        return who == "nobody"

    with ThreadPoolExecutor(asked.jobs) as pool:
        survived = sum(pool.map(one_by_one, chosen))
    PAGE.write_text(page(verdicts, every))
    print(f"{survived} survived; {PAGE.relative_to(ROOT)} is written")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())

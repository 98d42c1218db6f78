"""`make mutants`: break one line that keeps the register safe, and see the suite turn red.

A line of a scope, a lock or a policy can be lost in a refactoring and every page still works. Each
is broken here by itself, and the tests that reach it must notice. The verdicts are kept in
docs/mutants.md; a survivor is a missing test. Lines that follow a pattern are found by themselves
(`KINDS`); what no pattern finds is named in `BY_HAND`.

    make mutants ONLY=registry/orders       only lines whose file or text holds this
    make mutants SECONDS=3600               stop beginning new ones after an hour; the oldest verdicts
                                            are renewed first, so a pass goes on where it stopped

First the tests are run once to see which of them reach which line. Then each line is broken in
memory, in a fork of a process that has everything imported (tests/kit/mutated.py), and only the tests
that reach it are asked, those that reach little else first. What all of them miss is asked again in
a copy of the project, by new processes: some tests start programs of their own.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

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
        "if signer.edrpou not in signed_by(order, actor):",
        "if False:",
    ),
)

# Where the tests are that may notice, by where the line stands; the longest beginning counts. Of them
# those are asked that reach the line.
_EVERY_ONE = "tests/architecture"  # every policy, address and command is walked there
TESTS = {
    "kernel/": f"tests/kernel {_EVERY_ONE}",
    "kernel/policy.py": f"{_EVERY_ONE} tests/kernel tests/registry/people tests/registry/staff",
    "kernel/tables/": "tests/kernel/test_tables.py tests/kernel/test_table_files.py tests/registry/drafts",
    "accounts/": f"tests/accounts {_EVERY_ONE}",
    "signatures/": f"tests/signatures {_EVERY_ONE}",
    "journals/": f"tests/journals {_EVERY_ONE}",
    "registry/": f"tests/registry {_EVERY_ONE}",
    "registry/cards/": f"tests/registry/cards tests/registry/people tests/registry/staff {_EVERY_ONE}",
    "registry/classes/": f"tests/registry/institutions tests/registry/groups tests/registry/staff tests/eis {_EVERY_ONE}",
    "registry/people/": f"tests/registry/people {_EVERY_ONE} tests/registry/drafts tests/registry/orders tests/registry/identity tests/eis",
    "registry/staff/": f"tests/registry/staff {_EVERY_ONE} tests/registry/institutions",
    "registry/orders/": f"tests/registry/orders tests/registry/movements {_EVERY_ONE} tests/registry/drafts",
    "registry/drafts/": f"tests/registry/drafts tests/registry/movements {_EVERY_ONE} tests/registry/orders",
    "registry/movements/": f"tests/registry/movements tests/registry/drafts tests/registry/orders {_EVERY_ONE}",
    "registry/groups/": f"tests/registry/groups {_EVERY_ONE} tests/eis",
    **{
        f"registry/{room}/": f"tests/registry/{room} {_EVERY_ONE}"
        for room in ("admission", "certificates", "coverage", "parents", "tallies", "support")
    },
    "registry/rollover/": f"tests/registry/rollover {_EVERY_ONE} tests/registry/movements",
    "registry/reorganisation/": f"tests/registry/reorganisation {_EVERY_ONE} tests/registry/orders",
    # Commands of its own alone: no walk through addresses and policies reaches them.
    "registry/support/services.py": "tests/registry/support",
    "registry/identity/": f"tests/registry/identity {_EVERY_ONE}",
    "registry/quality/": f"tests/registry/quality {_EVERY_ONE}",
    "registry/institutions/": f"tests/registry/institutions {_EVERY_ONE} tests/eis",
    "registry/classifiers/": f"tests/registry/classifiers tests/registry/institutions {_EVERY_ONE}",
    "reports/": f"tests/reports {_EVERY_ONE}",
    "integrations/eis/": f"tests/eis {_EVERY_ONE}",
    "integrations/isei/": "tests/isei",
    "integrations/trembita/": "tests/trembita",
    "integrations/sandbox/": f"tests/sandbox tests/eis {_EVERY_ONE}",
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


# ── who reaches which line ───────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Reach:
    """Which tests reach the line of a mutant, and how long each takes."""

    by_line: dict[str, list[str]]
    took: dict[str, float]
    lines_of: dict[str, int]  # how many of the lines a test reaches

    def nearest(self, mutant: Mutant, before: str) -> list[str]:
        """Who may notice: who did last time, then who reaches little else and takes little time."""
        found = self.by_line.get(f"{ROOT / mutant.path}:{line_of(mutant)}", [])
        return sorted(
            found,
            key=lambda test: (
                not (before and short(test) == before),
                self.lines_of[test],
                self.took.get(test, 0.0),
            ),
        )


def line_of(mutant: Mutant) -> int:
    """The number of the line that is broken."""
    whole = (ROOT / mutant.path).read_text()
    pairs = zip(whole.splitlines(), spoil(whole, mutant).splitlines(), strict=True)
    return next(number for number, (was, now) in enumerate(pairs, 1) if was != now)


def short(test: str) -> str:
    """A test's name as the page says it."""
    return test.rpartition("/")[2].partition("[")[0]


def reach(chosen: Sequence[Mutant], jobs: int) -> Reach:
    """Run the tests that may notice once, nothing broken, and see who comes by."""
    folder = WORK / "reach"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lines: dict[str, list[int]] = {}
    for one in chosen:
        lines.setdefault(str(ROOT / one.path), []).append(line_of(one))
    plan = folder / "plan.json"
    plan.write_text(json.dumps({"lines": lines, "out": str(folder)}))
    tests = sorted({test for one in chosen for test in tests_of(one.path)})
    subprocess.run(
        [*PYTEST, "-n", str(jobs), "--dist", "loadscope", *tests],
        cwd=ROOT, env={**os.environ, "MUTANTS": str(plan)}, check=False,
    )  # fmt: skip
    by_line: dict[str, set[str]] = {}
    took: dict[str, float] = {}
    red: set[str] = set()
    maps = list(folder.glob("map.*.json"))
    if not maps:
        sys.exit("The tests did not run: who reaches a line is not known.")
    for path in maps:
        told = json.loads(path.read_text())
        took |= told["took"]
        red |= set(told["red"])
        for line, found in told["reached"].items():
            by_line.setdefault(line, set()).update(found)
    for test in sorted(red):
        print(f"red with nothing broken, not asked: {test}", flush=True)
    lines_of: dict[str, int] = {}
    for found in by_line.values():
        for test in found:
            lines_of[test] = lines_of.get(test, 0) + 1
    return Reach({line: sorted(found - red) for line, found in by_line.items()}, took, lines_of)


# ── who notices ──────────────────────────────────────────────────────────────
PYTEST = [
    *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
    *("-m", "not browser and not house"),
]


# Collected beside those that are asked and not run: a fork begins in the small world, between two
# files, and a room may have neither.
COMPANY = ("tests/architecture/test_scope.py", "tests/kernel/test_clock.py")


def judged(
    chosen: Sequence[Mutant], asked: dict[int, list[str]], jobs: int, until: float
) -> Iterator[tuple[Mutant, str]]:
    """Each line with who noticed, as the verdicts come: "nobody" when all passed who reach it."""
    folder = WORK / "judge"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    outs, running = [], []
    for job in range(jobs):
        mine = range(job, len(chosen), jobs)
        broken = [
            {
                "number": number,
                "path": str(ROOT / chosen[number].path),
                "text": spoil((ROOT / chosen[number].path).read_text(), chosen[number]),
                "tests": asked[number],
            }
            for number in mine
        ]
        plan, out = folder / f"plan.{job}.json", folder / f"verdicts.{job}"
        plan.write_text(json.dumps({"broken": broken, "out": str(out), "until": until}))
        out.touch()
        outs.append(out)
        files = sorted({test.partition("::")[0] for one in mine for test in asked[one]})
        if files:
            files = sorted({*files, *COMPANY})
            with (folder / f"log.{job}").open("w") as log:
                running.append(
                    subprocess.Popen(
                        [*PYTEST, *files],
                        cwd=ROOT, env={**os.environ, "MUTANTS": str(plan)},
                        stdout=log, stderr=subprocess.STDOUT,
                    )
                )  # fmt: skip
    said = [0] * jobs
    while True:
        alive = [one for one in running if one.poll() is None]
        for job, out in enumerate(outs):
            for line in out.read_text().splitlines()[said[job] :]:
                said[job] += 1
                number, who = json.loads(line)
                yield chosen[number], who
        if not alive:
            break
        time.sleep(0.5)
    if any(one.returncode for one in running):
        # What it did not come to has no verdict: silence must not be taken for «noticed».
        sys.exit(f"A judge broke off: see {folder.relative_to(ROOT)}/log.*")


def on_disk(mutant: Mutant, folder: Path, tests: Sequence[str]) -> str:
    """Who notices in a copy of the project: tests that start programs see a line broken there alone."""
    target, whole = folder / mutant.path, (ROOT / mutant.path).read_text()
    target.write_text(spoil(whole, mutant))
    try:
        done = pytest(folder, "-x", *sorted({test.partition("::")[0] for test in tests}))
    except subprocess.TimeoutExpired:
        return "the clock"  # a wait without end is noticed too
    finally:
        target.write_text(whole)
    named = re.search(r"^(?:FAILED|ERROR) (\S+?::\S+)", done.stdout, re.MULTILINE)
    if done.returncode == 0:
        return "nobody"
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
    until = time.time() + asked.seconds if asked.seconds else float("inf")
    found = reach(chosen, asked.jobs)
    before = {one.key: verdicts.get(one.key, ("", ""))[0] for one in chosen}
    tests = {n: found.nearest(one, before[one.key]) for n, one in enumerate(chosen)}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    survivors = []

    def tell(mutant: Mutant, who: str) -> None:
        verdicts[mutant.key] = (who, today)
        PAGE.write_text(page(dict(verdicts), every))  # a run that is cut short loses nothing
        print(f"{who:60}{mutant.path}: {mutant.find.strip()}", flush=True)

    unreached = [(chosen[n], "nobody") for n, asked_of in tests.items() if not asked_of]
    reached = [n for n, asked_of in tests.items() if asked_of]
    verdicts_of = judged(
        [chosen[n] for n in reached],
        {place: tests[n] for place, n in enumerate(reached)},
        asked.jobs,
        until,
    )
    for mutant, who in itertools.chain(unreached, verdicts_of):
        if who.startswith("the runner"):
            print(f"{who}: {mutant.path}: {mutant.find.strip()}", flush=True)
        elif who == "nobody" and not before[mutant.key].startswith("nobody can"):
            survivors.append(mutant)
        elif who != "nobody":
            tell(mutant, short(who))
    survived = 0
    folder = copy(0) if survivors else WORK
    for mutant in survivors:
        modules = tests[chosen.index(mutant)] or tests_of(mutant.path)
        who = on_disk(mutant, folder, modules)
        tell(mutant, short(who))
        survived += who == "nobody"
    print(f"{survived} survived; {PAGE.relative_to(ROOT)} is written")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())

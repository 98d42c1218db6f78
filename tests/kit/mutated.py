"""Lines of the product changed in memory: in the functions that stand, whoever holds them.

`make mutants` asks two things of a suite that is collected once: which tests reach a line (`Map`), and
who of them notices that it is broken (`Judge`, in a fork for each line). Neither writes into the project.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import dataclasses
import gc
import itertools
import json
import os
import select
import signal
import time
import types
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from django.db import connections

from kernel.kept import Kept
from tests.kit import database

LONG = 420  # s; a fork that waits without end is noticed too


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A program's code objects, nested ones too."""
    yield code
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            yield from _codes(one)


def put_in(path: Path, program: ast.Module | str) -> int:
    """Give every function of a file the code that another text of the file gives it; how many got
    another. Lines must stand where they stood: a function is known by its name and first line."""
    wanted = {
        (code.co_qualname, code.co_firstlineno): code
        for code in _codes(compile(program, str(path), "exec", dont_inherit=True))
    }
    changed = 0
    gc.unfreeze()  # frozen objects are in no list
    for one in gc.get_objects():
        if type(one) is types.FunctionType and one.__code__.co_filename == str(path):
            code = wanted.get((one.__code__.co_qualname, one.__code__.co_firstlineno))
            if code is not None and code.co_freevars == one.__code__.co_freevars:
                changed += code != one.__code__
                one.__code__ = code
    return changed


def _forget() -> None:
    """Statements composed by the code that stood before are composed anew."""
    for one in gc.get_objects():
        if type(one) is Kept:
            one._made.clear()


# ── who reaches a line ───────────────────────────────────────────────────────
class _Probes(ast.NodeTransformer):
    """Before each statement that holds one of the lines: tell that it is reached."""

    def __init__(self, lines: set[int]):
        self.lines = lines

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                setattr(node, name, list(self._probed(block)))
        return node

    def _probed(self, block: list[ast.stmt]) -> Iterator[ast.stmt]:
        for one in block:
            inner = [s for s in ast.walk(one) if isinstance(s, ast.stmt) and s is not one]
            within = {n for s in inner for n in range(s.lineno, (s.end_lineno or s.lineno) + 1)}
            own = set(range(one.lineno, (one.end_lineno or one.lineno) + 1)) - within
            for line in sorted(own & self.lines):
                probe = ast.parse(f"__reached__({line})").body[0]
                yield ast.copy_location(ast.fix_missing_locations(probe), one)
            yield one


def _in_lambdas(tree: ast.Module, lines: set[int]) -> None:
    """A line within a lambda is reached when the lambda is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            for line in sorted(lines & set(range(node.lineno, (node.end_lineno or 0) + 1))):
                told = ast.parse(f"(__reached__({line}), 0)[1]", mode="eval").body
                assert isinstance(told, ast.Subscript)
                assert isinstance(told.value, ast.Tuple)
                told.value.elts[1] = node.body
                node.body = told


class Map:
    """A plugin: which tests reach which lines, and how long each takes."""

    def __init__(self, lines: dict[str, list[int]], out: Path):
        self.lines, self.out = lines, out
        self.reached: dict[str, set[str]] = {}
        self.took: dict[str, float] = {}
        self.red: list[str] = []
        self.now = ""

    def pytest_collection_finish(self) -> None:
        for name, numbers in self.lines.items():
            path = Path(name)
            tree = ast.parse(path.read_text())
            _in_lambdas(tree, set(numbers))
            _Probes(set(numbers)).visit(tree)
            # One name for all files: the probe of a file tells by the file's own name.
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "__reached__":
                    node.args.append(ast.Constant(name))
            put_in(path, ast.fix_missing_locations(tree))
        builtins.__reached__ = self._reach  # type: ignore[attr-defined]

    def _reach(self, line: int, name: str) -> None:
        self.reached.setdefault(f"{name}:{line}", set()).add(self.now)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> object:
        self.now, began = item.nodeid, time.monotonic()
        told = yield
        self.took[item.nodeid] = round(time.monotonic() - began, 3)
        return told

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.red.append(report.nodeid)  # it notices nothing: it is red anyhow

    def pytest_sessionfinish(self) -> None:
        reached = {line: sorted(tests - {""}) for line, tests in self.reached.items()}
        told = {"reached": reached, "took": self.took, "red": self.red}
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        (self.out / f"map.{worker}.json").write_text(json.dumps(told))


# ── who notices ──────────────────────────────────────────────────────────────
@dataclasses.dataclass
class Broken:
    """A file's text with a line broken, and who may notice, the likeliest first."""

    number: int
    path: str
    text: str
    tests: list[str]


class Judge:
    """A plugin: instead of running what was collected, breaks line after line, each in a fork of this
    process, which has everything imported and the small world built."""

    def __init__(self, broken: list[Broken], out: Path, until: float):
        self.broken, self.out, self.until = broken, out, until

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        warm, other = _warm(session.items)
        runtestprotocol(warm, nextitem=other, log=False)  # the database of the session stays
        with self.out.open("a") as said:
            for one in self.broken:
                if time.time() > self.until:
                    break
                asked = [items[name] for name in one.tests if name in items]
                who = self._in_a_fork(one, asked, other)
                said.write(json.dumps([one.number, who]) + "\n")
                said.flush()
        return True

    def _in_a_fork(self, one: Broken, asked: list[pytest.Item], other: pytest.Item) -> str:
        connections.close_all()
        for clones in [held for held in gc.get_objects() if type(held) is database.Clones]:
            clones.clean.clear()  # whatever the fork before this one did to them
        read, write = os.pipe()
        fork = os.fork()
        if not fork:
            os.setpgid(0, 0)
            try:
                who = self._asked(one, asked, other)
            except BaseException as problem:  # a fork must not go on as its parent
                who = f"the runner: {problem!r}"
            os.write(write, who[:300].encode())
            os._exit(0)
        os.close(write)
        ready, _, _ = select.select([read], [], [], LONG)
        who = os.read(read, 4000).decode() if ready else "the clock"
        os.close(read)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(fork, signal.SIGKILL)
        os.waitpid(fork, 0)
        return who or "the crash"

    def _asked(self, one: Broken, asked: list[pytest.Item], other: pytest.Item) -> str:
        if not put_in(Path(one.path), one.text):
            return "the runner: the line stands in no function"
        _forget()
        for item, following in itertools.zip_longest(asked, asked[1:], fillvalue=other):
            if any(
                report.failed for report in runtestprotocol(item, nextitem=following, log=False)
            ):
                return item.nodeid
        return "nobody"


def _warm(items: Sequence[pytest.Item]) -> tuple[pytest.Item, pytest.Item]:
    """A test that needs the small world, and another one to follow it."""
    warm = next(one for one in items if "world" in getattr(one, "fixturenames", ()))
    return warm, next(one for one in items if one.path != warm.path)


def plugin(plan: Path) -> Map | Judge:
    """What a plan of `make mutants` asks of this session."""
    told = json.loads(plan.read_text())
    out = Path(told["out"])
    if "lines" in told:
        return Map(told["lines"], out)
    return Judge([Broken(**one) for one in told["broken"]], out, told["until"])

"""Fixtures of the whole suite: a cloned database, a browser, nothing from outside."""

import contextlib
import datetime
import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import time_machine
from django import test as django_test
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connection
from playwright.sync_api import BrowserContext, expect
from pytest_django.live_server_helper import LiveServer

from kernel import clock, frontend
from kernel.audit import events
from kernel.embedded.place import CannotStart
from kernel.ui import build
from registry.classifiers.selectors import classifiers
from signatures import pool
from signatures.selectors import trust
from tests import world as small_world
from tests.kit import chromium, database, mutated, templates
from tests.kit.accessibility import assert_accessible as axe_finds_nothing
from tests.kit.events import refusing_sentences
from tests.plans import country

# Playwright's synchronous API keeps an event loop in the test's own thread; Django would take
# every query beside it for a mistake.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Playwright's own Node wants libatomic, which a bare machine lacks; the project's Node does not.
with contextlib.suppress(frontend.BuildFailed):
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(frontend.node()))

# What a page must show is waited for, not timed: a busy machine is slow and still right.
PATIENCE = 120_000  # ms
expect.set_options(timeout=PATIENCE)

# The same examples each time, however long each takes: a run of the suite is a verdict on a change,
# not a lottery. New ones are drawn by `make test ARGS="--hypothesis-profile default …"`.
hypothesis.settings.register_profile(
    "suite", deadline=None, derandomize=True, database=None, print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)  # fmt: skip
hypothesis.settings.load_profile("suite")

# Static files come to the browser as on a server: by WhiteNoise, with its headers.
StaticFilesHandler._should_handle = lambda self, path: False  # type: ignore[method-assign]

_open: list[Any] = []


def pytest_configure(config: pytest.Config) -> None:
    """Start the cluster before anything, in each process: `make test` and a single test alike."""
    settings.TEMPLATES[0]["OPTIONS"]["bytecode_cache"] = templates.kept(settings.VAR)
    if config.option.collectonly or config.option.help:
        return
    running = database.cluster()
    try:
        running.__enter__()
    except CannotStart as refusal:
        pytest.exit(str(refusal), returncode=3)
    _open.append(running)
    if "MUTANTS" in os.environ:
        config.pluginmanager.register(mutated.plugin(Path(os.environ["MUTANTS"])))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the house rules, and let modules that open a browser begin first, then those that are
    slow: they take minutes, and one that began last would keep one worker busy alone."""
    for item in items:
        needs = {"db", "world", "transactional_db"} & set(getattr(item, "fixturenames", ()))
        if "architecture" in item.path.parts and not (
            needs or item.get_closest_marker("django_db")
        ):
            item.add_marker(pytest.mark.house)
    ranks: dict[Path, int] = {}
    for item in items:
        marks = [item.get_closest_marker(name) is not None for name in ("browser", "slow")]
        rank = marks.index(True) if any(marks) else len(marks)
        ranks[item.path] = min(rank, ranks.get(item.path, rank))
    items.sort(key=lambda item: ranks[item.path])


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the collector need not walk it each time."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave the cluster; the last process to leave stops it."""
    while _open:
        _open.pop().__exit__(None, None, None)


# ── the day ─────────────────────────────────────────────────────────────────
# A school year ends, a test does not: when the small world's year is over (or SUITE_DAY=2026-10-05
# asks for it), tests live on a day of that year at noon. A browser keeps the machine's clock and
# signs by it: beside one the instants stay, and legal days alone are of that year.
_MACHINES = clock.today()
_IN_THE_YEAR = datetime.date(2026, 9, 8) <= _MACHINES < datetime.date(2027, 6, 24)
SUITE_DAY = os.environ.get("SUITE_DAY", "" if _IN_THE_YEAR else "2026-11-30")
_day_of = clock.day_of


@contextlib.contextmanager
def _on_the_suites_day(*, browser: bool) -> Iterator[None]:
    if not SUITE_DAY:
        yield
        return
    day = datetime.date.fromisoformat(SUITE_DAY)
    if browser:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "day_of", lambda instant: _day_of(instant) - (_MACHINES - day))
            yield
    else:
        with time_machine.travel(clock.at(day, datetime.time(12)), tick=True):
            yield


@pytest.fixture(autouse=True)
def _the_suites_day(request: pytest.FixtureRequest) -> Iterator[None]:
    """See SUITE_DAY."""
    with _on_the_suites_day(browser=_in_a_browser(request.node)):
        yield


def _in_a_browser(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None


# ── the product ─────────────────────────────────────────────────────────────
@pytest.fixture(scope="session", autouse=True)
def _checkers_take_their_time() -> Iterator[None]:
    """The process that checks files is the last to be given a busy processor."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "SECONDS", 600.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def _events_say_no_sentences() -> Iterator[None]:
    """Every event recorded in any test holds codes and values, and people's own words alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "payload_of", refusing_sentences(events.payload_of))
        yield


# ── database ────────────────────────────────────────────────────────────────
_wanted = ""  # what the test at hand asks for
_ready: list[Callable[[], None]] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give the test the database it asks for: with a country, the small world, or empty."""
    global _wanted
    told = getattr(getattr(item, "callspec", None), "params", {})  # a value may be named as one
    names = set(getattr(item, "fixturenames", ())) - set(told)
    _wanted = next((content for content in ("country", "world") if content in names), "")
    for ready in _ready:
        ready()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Clones of the migrated template for this worker; gone when the session ends."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with django_db_blocker.unblock():
        clones = database.Clones(worker, {"world": small_world.make}, {"country": country.template})

    kept: dict[str, Any] = {}

    def ready() -> None:
        with django_db_blocker.unblock():
            with _on_the_suites_day(browser=False):
                clones.be(_wanted)
            trust.forget()
            # The product reads the dictionaries anew each minute: two statements more, in whichever
            # test the minute ends. Here they are read once, and each test begins with what was read.
            classifiers.forget()
            if _wanted not in kept:
                kept[_wanted] = (float("inf"), *classifiers._all())
            classifiers._kept[connection.settings_dict["NAME"]] = kept[_wanted]

    def a_new_clone(case: django_test.TransactionTestCase) -> None:
        # Django would TRUNCATE: that loses what migrations laid in, and the append-only tables
        # rightly refuse it.
        if not isinstance(case, django_test.TestCase):
            clones.spoiled()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(django_test.TransactionTestCase, "_fixture_teardown", a_new_clone)
        _ready.append(ready)
        ready()
        yield
    _ready.remove(ready)
    with django_db_blocker.unblock():
        clones.drop()


@pytest.fixture
def world(request: pytest.FixtureRequest) -> small_world.World:
    """The small world; what a test adds is committed when it talks to a live server or asks for it."""
    real = {"live_server", "transactional_db"} & set(request.fixturenames)
    request.getfixturevalue("transactional_db" if real else "db")
    return small_world.made()


# ── browser ─────────────────────────────────────────────────────────────────
@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Playwright drives the system's Chromium: its own download is not to be had everywhere."""
    build.build()  # the scripts of pages, as they are written now
    program = chromium.find()
    if program is None:
        pytest.fail(chromium.MISSING, pytrace=False)
    return {**browser_type_launch_args, "executable_path": str(program), "args": chromium.FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(
    browser_context_args: dict[str, Any], live_server: LiveServer
) -> dict[str, Any]:
    """A Ukrainian desktop; `page.goto("/")` means the live server."""
    return {
        **browser_context_args,
        "base_url": live_server.url,
        "locale": "uk-UA",
        "timezone_id": "Europe/Kyiv",
        "viewport": {"width": 1280, "height": 900},
    }


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    """A browser as patient in what it does as in what it expects."""
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture
def assert_accessible() -> Callable[..., None]:
    """`assert_accessible(page)` fails when axe-core finds a breach (tests/kit/accessibility.py)."""
    return axe_finds_nothing

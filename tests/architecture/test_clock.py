"""One clock of the country: kernel.clock makes days of instants and counts years, nothing else does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from celery.schedules import crontab

from aikom.celery import app
from kernel.clock import KYIV
from tests.architecture import sources

CLOCK = "kernel/clock.py"
# Calls by their last name, and who may make them besides the clock.
FORBIDDEN = {
    "localdate": "clock.today(), clock.day_of(instant)",
    "localtime": "clock.local(instant)",
    "make_aware": "clock.at(day, time)",
    "utcnow": "timezone.now()",
    "astimezone": "clock.local(instant)",
    "date": "clock.day_of(instant): the date of an instant in UTC is yesterday's after midnight",
}
MAY = {
    "kernel/tables/dates.py": "a time written with a zone in a file of somebody",
    "kernel/tables/book.py": "cells of a workbook have no zone",
    "signatures/der.py": "times of ASN.1 are of UTC",
    "signatures/exports.py": "times of ASiC are of UTC",
    "signatures/xades.py": "times of XAdES carry their zone",
    "signatures/management/commands/verify_signature.py": "a moment typed with its zone",
    "signatures/result.py": "times of answers to machines are of UTC",
}
# The machine's clock without a day: windows, ages of what is kept.
MACHINE = {"integrations/http/throttle.py": "a window of a minute"}
_SQL_DAY = re.compile(
    r"\b(current_date|localtimestamp|now\(\)\s*::|current_timestamp\s*::|clock_timestamp\(\)\s*::"
    r"|now\(\)|current_timestamp)(?!\w)",
    re.IGNORECASE,
)
SQL_INSTANT = {
    "aikom/demo/country_work.py": "when a made-up key was used, a form kept, a task ended: instants",
    "kernel/audit/functions.sql": "the month whose partition is made; the session there is of UTC",
    "registry/movements/facts/categories.py": "voided_at: an instant",
    "registry/movements/facts/contact.py": "voided_at: an instant",
    "registry/movements/enrol/effect.py": "created_at of many profiles at once: an instant",
}
# Browsers: a wrong clock there may not make a legal day.
BROWSER = {
    "kernel/ui/static/ui/js/backup.js": "how long a copy in this very browser is kept",
    "kernel/ui/static/ui/js/dom.js": "the time beside «Збережено», by the person's own clock",
    "kernel/ui/static/ui/js/offline.js": "how long pages in this very browser are not fetched anew",
    "kernel/ui/static/ui/js/send.js": "how long to wait before asking again",
    "signatures/browser/src/page/sign.js": "a certificate is told before the server refuses it",
    "signatures/browser/src/worker/idle.js": "how long a key stays open",
    "signatures/browser/src/worker/main.js": "the time a signer claims; the server judges it",
    "signatures/browser/src/worker/session.js": "the time a signer claims; the server judges it",
    "signatures/browser/src/worker/ticket.js": "a stale page is told before the server refuses it",
}
_BROWSERS_CLOCK = re.compile(r"new Date\(\)|Date\.now\(\)")


def test_days_are_made_of_instants_by_the_clock_alone():
    found = []
    for path, tree in sources.modules():
        if str(path) == CLOCK or str(path) in MAY or "demo" in path.parts:
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute) or node.attr not in FORBIDDEN:
                continue
            owner = getattr(node.value, "id", getattr(node.value, "attr", ""))
            if node.attr == "date" and owner in {"datetime", "forms"}:
                continue
            found.append(f"{path}:{node.lineno} {node.attr}: {FORBIDDEN[node.attr]}")
    assert not found, "\n".join(found)


def test_years_and_months_are_counted_by_the_clock_alone():
    """A year is 365 days or 366, the 29th of February has no fellow, and 18 years are not days."""
    found = []
    for path, tree in sources.modules():
        if str(path) == CLOCK or "demo" in path.parts:
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            words = {word.arg: word.value for word in node.keywords}
            if name == "replace" and {"year", "month", "day"} & set(words):
                found.append(f"{path}:{node.lineno} replace: clock.years_after")
            days = words.get("days")
            if name == "timedelta" and getattr(days, "value", 0) in {365, 366, 730}:
                found.append(f"{path}:{node.lineno} timedelta: clock.years_after")
    assert not found, "\n".join(found)


def test_the_machines_clock_tells_no_day():
    found = [
        f"{path}:{node.lineno}"
        for path, tree in sources.modules()
        if str(path) not in MACHINE
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "time"
        and getattr(node.value, "id", "") == "time"
    ]
    assert not found, found


def test_sql_asks_the_act_for_the_day():
    texts = [
        (path, node.lineno, node.value)
        for path, tree in sources.modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ] + [
        (path.relative_to(sources.ROOT), number, line)
        for room in sources.ROOMS
        for path in (sources.ROOT / room).rglob("*.sql")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if not line.lstrip().startswith("--")
    ]
    found = [
        f"{path}:{number}"
        for path, number, text in texts
        if str(path) not in SQL_INSTANT and _SQL_DAY.search(text) and "timezone.now()" not in text
    ]
    assert not found, f"aikom_today() in a command, a parameter in a read: {found}"


def test_no_job_is_due_in_the_hour_that_summer_time_skips_and_repeats():
    """On a Sunday of March there is no 03:20 in Kyiv, and on one of October there are two."""
    due = {
        name: job["schedule"]
        for name, job in app.conf.beat_schedule.items()
        if isinstance(job["schedule"], crontab) and len(job["schedule"].hour) < 24
    }
    assert len(due) > 3
    assert not [name for name, schedule in due.items() if 3 in schedule.hour]
    assert app.conf.timezone == str(KYIV)


def test_scripts_of_pages_take_no_day_of_the_browsers_clock():
    roots = ("kernel/ui/static/ui/js", "signatures/browser/src")
    found = {
        str(path.relative_to(sources.ROOT))
        for root in roots
        for path in sorted(Path(sources.ROOT / root).rglob("*.js"))
        if _BROWSERS_CLOCK.search(path.read_text(encoding="utf-8"))
    }
    assert found == set(BROWSER)

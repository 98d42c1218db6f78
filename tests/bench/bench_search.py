"""Search at national size: what each way of looking for a child or a school costs in the database.

Targets (issue: speed): a certificate ≤ 1 ms, a surname's beginning ≤ 5 ms, a misspelt name ≤ 30 ms.
Each figure is the median over many different people, the look-ups of one question in all; the row
is measured as the selector asks it, with the connection's round trips. `reference` is the target.
"""

from __future__ import annotations

import datetime
import random
import time
import uuid
from collections.abc import Callable, Iterator
from unittest import mock

from django.db import connection

from accounts import actors
from accounts.actors import Actor
from kernel import audit
from kernel.scoping import Scope
from kernel.text import beginnings, readings
from registry.cards.selectors import search
from registry.classifiers.selectors import territories
from registry.fields import finding
from registry.institutions import selectors as institution_selectors
from registry.models import Institution
from tests.bench import Result, bench, country

_SAMPLE = 200


def _actor(level: str) -> Actor:
    """Somebody who sees names at a level; `all` is the system, for the national figure."""
    if level == "all":
        return actors.system("вимірювання")
    column = {"institution": "institution_id"}.get(level, f"{level}_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM registry_institution WHERE {column} IS NOT NULL"
            " ORDER BY institution_id LIMIT 1 OFFSET 100"
        )
        node = cursor.fetchone()[0]
    role = {"institution": "HEAD", "oblast": "OBLAST_ADMIN", "raion": "RAION_ADMIN"}.get(
        level, "HROMADA_ADMIN"
    )
    return Actor(
        user_id=None,
        grant_id=None,
        role=role,
        unit_id=node,
        unit_path="",
        unit_name="",
        label="вимірювання",
        scope=Scope(level, (node,)),
    )


def _people(where: search._Where) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.42)")
        cursor.execute(
            "SELECT p.surname, p.given_name FROM registry_pupil p TABLESAMPLE SYSTEM (0.5)"
            f" WHERE {where.sql} ORDER BY random() LIMIT %s",
            [*where.params, _SAMPLE],
        )
        found = cursor.fetchall()
        if len(found) < 20:
            cursor.execute(
                f"SELECT p.surname, p.given_name FROM registry_pupil p WHERE {where.sql} LIMIT %s",
                [*where.params, _SAMPLE],
            )
            found = cursor.fetchall()
    return list(found)


def _median_ms(questions: list[str], ask: Callable[[str], object]) -> tuple[float, float]:
    """Median and 95th percentile of one question, each asked once after a warm-up round."""
    for question in questions[:20]:
        ask(question)
    taken = []
    for question in questions:
        began = time.perf_counter()
        ask(question)
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    return taken[len(taken) // 2], taken[int(len(taken) * 0.95)]


def _misspelt(word: str, chance: random.Random) -> str:
    """One slip of the finger: a letter lost, doubled, changed or two exchanged."""
    at = chance.randrange(1, len(word) - 1) if len(word) > 2 else 0
    slip = chance.choice("ldce")
    if slip == "l":
        return word[:at] + word[at + 1 :]
    if slip == "d":
        return word[:at] + word[at] + word[at:]
    if slip == "c":
        return word[:at] + chance.choice("аоеиіунтрс") + word[at + 1 :]
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def _likeness(where: search._Where, question: str) -> list[uuid.UUID]:
    """Children of the nearest names that anybody has."""
    tried = (search._in_ranges(where, names, 20) for names in finding.alike(question))
    return next((ids for ids in tried if ids), [])


@bench("search.pupils", unit="ms")
def pupils() -> Iterator[Result]:
    """A certificate, a beginning and a misspelt name, for a school, a hromada and the country."""
    country.use()
    chance = random.Random(7)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT series, number FROM registry_pupildocument TABLESAMPLE SYSTEM (0.05) LIMIT %s",
            [_SAMPLE],
        )
        papers = [f"{series} {number}" for series, number in cursor.fetchall()]
    for level in ("institution", "hromada", "all"):
        actor = _actor(level)
        where = search._where(actor)
        if where is None:
            continue
        people = _people(where)

        def number(question: str, where: search._Where = where) -> object:
            return search._by_number(where, finding.numbered(question) or finding.Numbered(), 20)

        def beginning(question: str, where: search._Where = where) -> object:
            return search._by_beginning(where, beginnings(question)[0], 20)

        def likeness(question: str, where: search._Where = where) -> object:
            return _likeness(where, question)

        slips = [f"{_misspelt(s, chance)} {_misspelt(g, chance)}" for s, g in people]
        for name, questions, ask, target in (
            ("certificate", papers, number, 1.0),
            ("surname_beginning", [s[:4] for s, _ in people], beginning, 5.0),
            ("misspelt_surname", [_misspelt(s, chance) for s, _ in people], likeness, 30.0),
            ("misspelt_full_name", slips, likeness, 30.0),
        ):
            median, late = _median_ms(questions, ask)
            yield Result(
                median, reference=target, n=len(questions), name=f"search.{name}.{level}.median"
            )
            yield Result(
                late, reference=target, n=len(questions), name=f"search.{name}.{level}.p95"
            )


@bench("search.recall", unit="share")
def recall() -> Iterator[Result]:
    """How many of those misspelt in both names are among the first twenty guesses."""
    country.use()
    chance = random.Random(11)
    for level in ("hromada", "all"):
        where = search._where(_actor(level))
        if where is None:
            continue
        people = _people(where)
        hits = 0
        for surname, given in people:
            ids = _likeness(where, f"{_misspelt(surname, chance)} {_misspelt(given, chance)}")
            hits += any(
                (one.full_name.split()[0], one.full_name.split()[1]) == (surname, given)
                for one in search._shown(ids)
            )
        yield Result(hits / len(people), n=len(people), name=f"search.recall.{level}")


@bench("search.institutions", unit="ms")
def institutions() -> Iterator[Result]:
    """A code and a name of an institution in the whole country."""
    country.use()
    actor = _actor("all")
    names = list(Institution.objects.order_by("uid").values_list("short_name", "edrpou")[:_SAMPLE])
    by_code = [code for _, code in names if code]
    for name, questions in (
        ("code", by_code),
        ("name", [" ".join(full.split()[:3]) for full, _ in names]),
    ):
        median, late = _median_ms(questions, lambda q: search.institutions(actor, q))
        yield Result(median, n=len(questions), name=f"search.institution_{name}.median")
        yield Result(late, n=len(questions), name=f"search.institution_{name}.p95")


@bench("search.suggestions", unit="ms")
def suggestions() -> Iterator[Result]:
    """One key of the header's box, as it is answered: each kind by itself, and all of it."""
    country.use()
    with mock.patch.object(audit, "looked_at"):  # the country is only read
        for level in ("institution", "hromada", "raion", "oblast", "all"):
            for kind, (questions, ask) in _asks(_actor(level)).items():
                median, late = _median_ms(questions, ask)
                name = f"search.{kind}.{level}"
                yield Result(median, reference=30.0, n=len(questions), name=f"{name}.median")
                yield Result(late, reference=30.0, n=len(questions), name=f"{name}.p95")


def _asks(actor: Actor) -> dict[str, tuple[list[str], Callable[[str], object]]]:
    """For each kind what is typed, and how it is asked."""
    today, n = datetime.date(2026, 11, 30), 4
    labels = [f"{grade}-{letter}" for grade in range(1, 12) for letter in "АБВГД"]
    where, country_wide = search._where(actor), search._where(_actor("all"))
    assert country_wide is not None
    names = [surname[:k].lower() for surname, _ in _people(country_wide) for k in (2, 4)]
    called = Institution.objects.order_by("uid").values_list("short_name", flat=True)[:99]
    schools = [" ".join(name.split()[:2]) for name in called]
    orders = [f"{number}-у" for number in range(40)]
    return {
        "pupils": (names, lambda q: where and search._pupils(where, readings(q), n)),
        "posts": (names, lambda q: search._posts(actor, readings(q), today, n)),
        "users": (names, lambda q: search._users(actor, q, n)),
        "classes": (labels, lambda q: search.classes(actor, readings(q), today, limit=n)),
        "orders": (orders, lambda q: search.orders(actor, readings(q), limit=n)),
        "institutions": (schools, lambda q: search.institutions(actor, q, limit=n)),
        "places": (names, lambda q: territories.beginning(readings(q), limit=n)),
        "all": (
            [*names, *labels, *schools],
            lambda q: search.everywhere(actor, q, today=today, limit=n),
        ),
    }


@bench("search.institution_list", unit="ms")
def institution_list() -> Iterator[Result]:
    """The list of institutions with its filters counted: hromada against the country."""
    country.use()
    reference = 0.0
    for level in ("hromada", "oblast", "all"):
        actor = _actor(level)
        median, _ = _median_ms(
            ["x"] * 15,
            lambda _, actor=actor: institution_selectors.listing(
                actor, institution_selectors.Filters()
            ),
        )
        reference = reference or median
        yield Result(median, reference=reference, n=15, name=f"search.institution_list.{level}")

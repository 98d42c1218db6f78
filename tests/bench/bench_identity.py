"""Identity: how well duplicates are found, and what the search costs at national size.

Seeded duplicates (issue 10): 100,000 invented people, two of a hundred entered twice, each fault as
often; recall ≥ 98 %, precision ≥ 99.5 %. The search on entry: ≤ 30 ms at 4,000,000 people.
"""

from __future__ import annotations

import dataclasses
import io
import os
import random
import statistics
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts import actors
from aikom.demo.management.commands import make_country
from kernel import audit
from kernel.db import command
from kernel.embedded import postgres
from registry.identity import alike
from registry.identity.events import DuplicatesSought
from registry.identity.services import seeking
from registry.models import ClassGroup, PossibleDuplicate
from tests.bench import Result, bench, country
from tests.registry.identity import seeded

PEOPLE = int(os.environ.get("BENCH_IDENTITY_PEOPLE", "100000"))
DATABASE = "aikom_identity_bench"
SEED = 20261130
ASKED = 200


@command
def _enter(*, actor: Any, made: list[seeded.Person]) -> None:
    group = ClassGroup.objects.order_by("pk").first()
    assert group is not None
    seeded.enter(made, group.pk, group.institution_id)
    audit.record(DuplicatesSought(children=len(made), found=0))


@bench("identity.duplicates", unit="% of seeded pairs found")
def duplicates() -> Iterator[Result]:
    """Recall ÷ 98, precision ÷ 99.5 (both ≥ 1), and the children a second of the night."""
    if "DATABASE_URL" not in os.environ:
        postgres.start(settings.VAR)
    address = postgres.url(settings.VAR, DATABASE)
    before = os.environ.get("COUNTRY_DATABASE_URL")
    os.environ["COUNTRY_DATABASE_URL"] = address
    try:
        call_command("make_country", pupils=1_500, stdout=io.StringIO())
        with make_country.default_database(address):
            yield from _measured()
    finally:
        os.environ.pop("COUNTRY_DATABASE_URL")
        if before is not None:
            os.environ["COUNTRY_DATABASE_URL"] = before
        with psycopg.connect(postgres.url(settings.VAR, "postgres"), autocommit=True) as db:
            db.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def _measured() -> Iterator[Result]:
    made, truth = seeded.people(PEOPLE, SEED)
    system = actors.system("вимірювання")
    _enter(actor=system, made=made)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM registry_tracedue WHERE child <> ALL(%s)", [[p.id for p in made]]
        )
        cursor.execute("VACUUM (ANALYZE)")
    began = time.perf_counter()
    while seeking.seek(actor=system, now=timezone.now()):
        pass
    seconds = time.perf_counter() - began
    known = {one.id for one in made}
    pairs = PossibleDuplicate.objects.values_list("one_id", "other_id")
    found = {frozenset(pair) for pair in pairs if known.issuperset(pair)}
    told = seeded.measured(found, truth)
    people = {one.id: one for one in made}
    for pair, why in [*told.missed.items(), *((pair, "wrong") for pair in told.wrong)]:
        sys.stderr.write(f"{why}: {[dataclasses.astuple(people[one])[1:] for one in pair]}\n")
    n = len(truth)
    yield Result(told.recall * 100, reference=98, n=n, name="identity.duplicates.recall")
    yield Result(
        told.precision * 100,
        "% of pairs found",
        reference=99.5,
        n=n,
        name="identity.duplicates.precision",
    )
    yield Result(
        len(made) / seconds, "children a second", n=len(made), name="identity.duplicates.night"
    )


def _asked(chance: random.Random) -> list[alike.Child]:
    """Children of the country as somebody types them once more, each with a fault."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.surname, p.given_name, p.patronymic, p.sex, p.born_on, g.surname, g.given_name,"
            " g.patronymic, g.phone FROM registry_pupil p TABLESAMPLE SYSTEM (1)"
            " JOIN registry_guardianship s ON s.pupil_id = p.id JOIN registry_guardian g ON g.id = s.guardian_id"
            " ORDER BY hashtext(p.id::text) LIMIT %s",
            [ASKED],
        )
        rows = cursor.fetchall()
    faults = list(seeded.FAULTS.values())
    asked = []
    for number, (surname, given, patronymic, sex, born, *mother) in enumerate(rows):
        person = seeded.Person(
            uuid.uuid4(), surname, given, patronymic, sex, born, "", "", tuple(mother[:3]), mother[3]  # type: ignore[arg-type]
        )  # fmt: skip
        typed = faults[number % len(faults)](chance, person)
        asked.append(
            alike.Child(
                typed.surname, typed.given_name, typed.patronymic, typed.born_on, typed.sex,
                relation="MOTHER", parent_surname=mother[0], parent_name=mother[1],
                parent_patronymic=mother[2], parent_phone=mother[3],
            )
        )  # fmt: skip
    return asked


@bench("identity.search", unit="ms")
def search() -> Iterator[Result]:
    """One child typed with a fault against the whole country: median and p95 ÷ 30 ms, and a table."""
    country.use()
    asked = _asked(random.Random(SEED))
    spent, hits = [], 0
    for child in asked[:20]:
        alike.find([(0, child)])
    for child in asked:
        began = time.perf_counter()
        hits += bool(alike.find([(0, child)]))
        spent.append((time.perf_counter() - began) * 1000)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_pupiltrace")
        people = cursor.fetchone()[0]
    yield Result(statistics.median(spent), reference=30, n=people, name="identity.search")
    spent.sort()
    yield Result(spent[len(spent) * 95 // 100], reference=30, n=people, name="identity.search.p95")
    yield Result(spent[-1], reference=30, n=people, name="identity.search.worst")
    yield Result(hits / len(asked) * 100, "% found", n=len(asked), name="identity.search.found")
    table = list(enumerate((asked * (1_000 // len(asked) + 1))[:1_000]))
    began = time.perf_counter()
    alike.find(table)
    yield Result(
        (time.perf_counter() - began) * 1000, reference=3_000, n=1_000, name="identity.search.table"
    )

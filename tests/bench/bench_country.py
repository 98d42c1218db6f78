"""How fast a country is made, against the bare COPY of the same rows without any index.

`make country` itself prints the figures of a whole one; they stand in docs/performance.md.
"""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Iterator

import psycopg
from django.conf import settings
from django.core.management import call_command

from aikom.demo import country_work
from kernel.embedded import postgres
from tests.bench import Result, bench

PUPILS = int(os.environ.get("BENCH_COUNTRY_PUPILS", "200000"))
DATABASE = "aikom_country_bench"
# `make country` of 4,000,000 pupils may take eight minutes.
EIGHT_MINUTES = 480.0
NATION = 4_000_000
# Steps that grow with pupils; migrations, classifiers, names and the tree cost the same.
GROWING = {
    "employees",
    "posts",
    "posts counted",
    "pupils",
    "papers, parents, categories, enrolments",
    *(name for name, *_ in country_work.steps()),
    "reports",
    "reports of authorities",
    "tallies",
    "log sealed",
    "indexes built",
    "statistics",
}
TABLES = [
    "registry_pupil",
    "registry_pupildocument",
    "registry_guardian",
    "registry_guardianship",
    "registry_pupiladdress",
    "registry_residencescope",
    "registry_pupilcategory",
    "registry_enrolment",
    "registry_classplacement",
    "registry_post",
    "registry_classgroup",
    *(model._meta.db_table for model in country_work.LOADED),
    "accounts_notice",
    "eis_ledger",
    "reports_reportcount",
    "reports_reportsum",
]


@bench("country.make", unit="s")
def make() -> Iterator[Result]:
    """A small country: seconds a whole one would take ÷ eight minutes; rows a second ÷ bare COPY."""
    if "DATABASE_URL" not in os.environ:
        postgres.start(settings.VAR)
    address = postgres.url(settings.VAR, DATABASE)
    before = os.environ.get("COUNTRY_DATABASE_URL")
    os.environ["COUNTRY_DATABASE_URL"] = address
    try:
        said = io.StringIO()
        call_command("make_country", pupils=PUPILS, stdout=said)
        steps = dict(re.findall(r"^(.+?): ([\d.]+) s", said.getvalue(), re.MULTILINE))
        seconds = sum(float(took) for name, took in steps.items() if name in GROWING)
        whole = sum(map(float, steps.values())) + seconds * (NATION / PUPILS - 1)
        yield Result(whole, reference=EIGHT_MINUTES, n=PUPILS)
        with psycopg.connect(address, autocommit=True) as db:
            rows, bare = _bare_copy(db)
        yield Result(
            rows / seconds, "rows per second", reference=rows / bare, n=rows, name="country.rows"
        )
    finally:
        os.environ.pop("COUNTRY_DATABASE_URL")
        if before is not None:
            os.environ["COUNTRY_DATABASE_URL"] = before
        with psycopg.connect(postgres.url(settings.VAR, "postgres"), autocommit=True) as db:
            db.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def _bare_copy(db: psycopg.Connection) -> tuple[int, float]:
    """Rows of the big tables and the seconds of a binary COPY of them without indexes or checks."""
    rows, seconds = 0, 0.0
    for table in TABLES:
        content = io.BytesIO()
        with (
            db.cursor() as cursor,
            cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT binary)") as copy,
        ):
            for block in copy:
                content.write(block)
        db.execute(f"CREATE TABLE bare AS SELECT * FROM {table} LIMIT 0")
        began = time.perf_counter()
        with db.cursor() as cursor:
            with cursor.copy("COPY bare FROM STDIN (FORMAT binary)") as copy:
                copy.write(content.getvalue())
            rows += cursor.rowcount
        seconds += time.perf_counter() - began
        db.execute("DROP TABLE bare")
    return rows, seconds

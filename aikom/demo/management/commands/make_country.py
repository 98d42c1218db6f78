"""`manage.py make_country --pupils 4000000`: a country to measure on, in a database of its own."""

from __future__ import annotations

import argparse
import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from psycopg import sql

from aikom.demo import country, country_plan
from aikom.settings import env
from kernel import clock
from kernel.embedded import postgres
from registry.models import Territory

# The comment on the database that says it may be dropped and made anew.
MARK = "aikom synthetic country"


class Command(BaseCommand):
    help = (
        "Makes a synthetic country in COUNTRY_DATABASE_URL, or in the database aikom_country of"
        " the embedded cluster. An earlier country there is dropped."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--pupils", type=int, default=country_plan.PUPILS)
        parser.add_argument("--seed", type=int, default=20260901)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SYNTHETIC_DATA:
            raise CommandError(
                "SYNTHETIC_DATA is off: a country of invented people is not for here"
            )
        pupils = options["pupils"]
        if pupils < 1:
            raise CommandError("--pupils: at least one")
        address = url()
        began = time.monotonic()
        recreate(address, f"{MARK}: being made")
        with default_database(address):
            call_command("migrate", interactive=False, verbosity=0)
            call_command("load_classifiers", verbosity=0, stdout=io.StringIO())
            self.tell(f"migrated, classifiers loaded: {time.monotonic() - began:.1f} s")
            planned_from = time.monotonic()
            plan = country_plan.make(_territories(), pupils=pupils, seed=options["seed"])
            self.tell(f"planned: {time.monotonic() - planned_from:.1f} s")
        making = country.Making(address, plan, seed=options["seed"], say=self.tell)
        making.run()
        with default_database(address):
            making.follow(clock.today())
        mark(address, f"{MARK}: {plan.pupils} pupils, seed {options['seed']}")
        self.tell(
            f"{len(plan.schools):,} institutions, {plan.pupils:,} pupils: "
            f"{time.monotonic() - began:.1f} s in all\nCOUNTRY_DATABASE_URL={address}"
        )

    def tell(self, text: str) -> None:
        """One line at once: the making takes minutes."""
        self.stdout.write(text)
        self.stdout.flush()


def url() -> str:
    """Where the country lives.

    Raises:
        CommandError: it is the very database that the product works with.
    """
    address = os.environ.get("COUNTRY_DATABASE_URL")
    if address is None:
        address = postgres.url(settings.VAR, "aikom_country")
    asked, own = env.database(address), settings.DATABASES["default"]
    if all(asked[key] == own[key] for key in ("HOST", "PORT", "NAME")):
        raise CommandError("COUNTRY_DATABASE_URL is the database of the product; name another")
    return address


def recreate(address: str, comment: str) -> None:
    """Drop an earlier country and make an empty database.

    Raises:
        CommandError: a database of that name exists and is not a country.
    """
    target = env.database(address)
    with _maintenance(address) as db:
        found = db.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [target["NAME"]],
        ).fetchone()
        if found is not None and not (found[0] or "").startswith(MARK):
            raise CommandError(
                f"The database {target['NAME']} exists and was not made by make_country: "
                "drop it yourself or name another in COUNTRY_DATABASE_URL"
            )
        name = sql.Identifier(target["NAME"])
        if found is not None:
            db.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
        db.execute(sql.SQL("CREATE DATABASE {}").format(name))
    mark(address, comment)


def mark(address: str, comment: str) -> None:
    """Say on the database what it holds."""
    name = sql.Identifier(env.database(address)["NAME"])
    with _maintenance(address) as db:
        db.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(comment)))


@contextmanager
def default_database(address: str) -> Iterator[None]:
    """Let Django's default connection be the country for a while (migrations, classifiers)."""
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(env.database(address))
    connection.settings_dict["OPTIONS"] = {"application_name": "aikom country"}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def _maintenance(address: str) -> psycopg.Connection:
    parts = env.database(address)
    return psycopg.connect(
        dbname="postgres",
        host=parts["HOST"] or None,
        port=parts["PORT"] or None,
        user=parts["USER"] or None,
        password=parts["PASSWORD"] or None,
        autocommit=True,
    )


def _territories() -> list[country_plan.Territory]:
    return [
        country_plan.Territory(row.code, row.parent_code, row.category, row.name)
        for row in Territory.objects.filter(valid_to=None)
    ]

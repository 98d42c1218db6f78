"""The country of `make country`, for measurements at national size."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from psycopg import sql
from psycopg.conninfo import make_conninfo

from aikom.settings import env
from kernel.embedded import postgres


def address() -> str:
    """Where the country lives: COUNTRY_DATABASE_URL, or `aikom_country` of the embedded cluster."""
    return os.environ.get("COUNTRY_DATABASE_URL") or postgres.url(settings.VAR, "aikom_country")


def use() -> str:
    """Point Django's default connection at the country; returns its address.

    Raises:
        RuntimeError: there is none yet, or other code made it; the message says what to run.
    """
    if "COUNTRY_DATABASE_URL" not in os.environ and "DATABASE_URL" not in os.environ:
        postgres.start(settings.VAR)
    _point(env.database(address()))
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM registry_institution")
            if not cursor.fetchone()[0]:
                raise RuntimeError("the country is empty")
    except Exception as error:
        raise RuntimeError(
            "No country to measure on: run `make country PUPILS=4000000` first"
        ) from error
    refuse_other(connections["default"])
    return address()


@contextmanager
def clone(name: str) -> Iterator[None]:
    """A copy of the country under a name, for measurements that change it; dropped afterwards.

    Raises:
        RuntimeError: as `use`.
    """
    source = use()
    parts = env.database(source)
    connections["default"].close()
    with psycopg.connect(make_conninfo(source, dbname="postgres"), autocommit=True) as server:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        server.execute(drop)
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(parts["NAME"])
            )
        )
        try:
            _point(parts | {"NAME": name})
            yield
        finally:
            connections["default"].close()
            server.execute(drop)


def refuse_other(database: BaseDatabaseWrapper) -> None:
    """See that a database has the migrations of this code, all of them and no other.

    Raises:
        RuntimeError: it has not; the message says which and what to run.
    """
    loader = MigrationLoader(database)
    ours, applied = loader.disk_migrations.keys(), loader.applied_migrations.keys()
    if differing := sorted(ours ^ applied):
        named = ", ".join(f"{app}.{name}" for app, name in differing[:3])
        raise RuntimeError(
            f"The country was made by other code ({len(differing)} migrations differ: {named}): run"
            " `make country PUPILS=4000000` anew"
        )


def _point(parts: dict[str, str]) -> None:
    connections["default"].close()
    connections.databases["default"].update(parts)
    options = connections.databases["default"]["OPTIONS"]
    connections.databases["default"]["OPTIONS"] = options | {"options": "-c statement_timeout=600s"}
    if hasattr(connections._connections, "default"):
        del connections["default"]

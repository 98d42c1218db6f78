"""The country of `make country`, for measurements at national size."""

from __future__ import annotations

import os

from django.conf import settings
from django.db import connections

from aikom.settings import env
from kernel.embedded import postgres


def address() -> str:
    """Where the country lives: COUNTRY_DATABASE_URL, or `aikom_country` of the embedded cluster."""
    return os.environ.get("COUNTRY_DATABASE_URL") or postgres.url(settings.VAR, "aikom_country")


def use() -> str:
    """Point Django's default connection at the country; returns its address.

    Raises:
        RuntimeError: there is none yet; the message says what to run.
    """
    if "COUNTRY_DATABASE_URL" not in os.environ and "DATABASE_URL" not in os.environ:
        postgres.start(settings.VAR)
    connections["default"].close()
    connections.databases["default"].update(env.database(address()))
    options = connections.databases["default"]["OPTIONS"]
    connections.databases["default"]["OPTIONS"] = options | {"options": "-c statement_timeout=600s"}
    if hasattr(connections._connections, "default"):
        del connections["default"]
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM registry_institution")
            if not cursor.fetchone()[0]:
                raise RuntimeError("the country is empty")
    except Exception as error:
        raise RuntimeError(
            "No country to measure on: run `make country PUPILS=4000000` first"
        ) from error
    return address()

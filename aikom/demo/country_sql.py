"""What the statements of a country are written with: ids by number, INSERT … SELECT with defaults."""

from __future__ import annotations

from django.db.models import Model
from psycopg import sql

from aikom.demo.copying import FIRST_MILLISECOND, with_defaults

# Kinds of ids (aikom.demo.copying.uid): who or what a number is of.
ANNOUNCEMENT, REQUEST, WAVE = 64, 65, 66  # apart from those below, which are numbered in turn
PUPIL, POST, EMPLOYEE, DRAFT, ORDER, SESSION, VERIFIED, KEY, MERGE, RUN, UPLOAD = range(1, 12)
LOAD, ATTESTATION, COURSE, EDUCATION, DEFERMENT, VACANCY = range(32, 38)
DRAW, APPLICATION = range(48, 50)
COVERED, LETTER = 80, 81
PARENT = 60
CERTIFICATES, CERTIFICATE, CERTIFICATES_SIGNED = range(72, 75)
MANDATE = 90


def uid_of(kind: int, n: str = "n") -> str:
    """SQL of the UUIDv7 that `aikom.demo.copying.uid` makes of a number."""
    return (
        f"(lpad(to_hex({FIRST_MILLISECOND} + ({n} >> 8)), 12, '0') || '7{kind:03x}80'"
        f" || lpad(to_hex({n} & 255), 2, '0') || lpad(to_hex({n}), 12, '0'))::uuid"
    )


def table_of(model: type[Model]) -> str:
    """The model's table."""
    return str(model._meta.db_table)


def insert(model: type[Model], columns: str, select: str, source: str) -> str:
    """INSERT … SELECT of what is drawn and of the model's own defaults for all other columns."""
    named, values = with_defaults(model, columns)
    constants = "".join(f", {sql.Literal(value).as_string(None)}" for value in values)
    listed = ", ".join(f'"{name}"' for name in named.split())
    return f"INSERT INTO {table_of(model)} ({listed}) SELECT {select}{constants} FROM {source}"

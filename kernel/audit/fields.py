"""Column types of PostgreSQL that Django does not name."""

from __future__ import annotations

from typing import Any

from django.db import models


class TransactionIdField(models.Field):  # type: ignore[type-arg]  # not subscriptable at run time
    """xid8: the id of a transaction, 64 bits, never reused within a cluster."""

    def db_type(self, connection: Any) -> str:
        """The type's name."""
        return "xid8"


class CurrentTransaction(models.Func):
    """pg_current_xact_id(): of the whole transaction, also inside a savepoint."""

    function = "pg_current_xact_id"
    template = "%(function)s()"
    output_field = TransactionIdField()


class NextItem(models.Func):
    """The next number of the log's items: events and changes share one sequence, so that their ids
    tell in which order a row was written."""

    template = "nextval('audit_item_id')"
    output_field = models.BigIntegerField()

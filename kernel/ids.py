"""Primary keys that are public: UUIDv7, made by the database unless the writer brings one."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Func


class UuidV7(Func):
    """PostgreSQL 18's uuidv7(): public identifiers that sort by time."""

    function = "uuidv7"
    output_field = models.UUIDField()


class Uuid7Field(models.UUIDField):  # type: ignore[type-arg]
    """A primary key by uuidv7(): sorts by time, safe to show."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("primary_key", True)
        kwargs.setdefault("db_default", UuidV7())
        kwargs.setdefault("editable", False)
        super().__init__(**kwargs)

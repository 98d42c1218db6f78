"""Primary keys that are public: UUIDv7, made by the database unless the writer brings one."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.models.units import UuidV7


class Uuid7Field(models.UUIDField):
    """A primary key by uuidv7(): sorts by time, safe to show."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("primary_key", True)
        kwargs.setdefault("db_default", UuidV7())
        kwargs.setdefault("editable", False)
        super().__init__(**kwargs)

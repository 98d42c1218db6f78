"""Triggers that keep history and refuse rewriting it; declared in a model's Meta.triggers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pgtrigger
from django.db import models


class History(pgtrigger.Trigger):
    """Keep every change of a row, linked to the act; refuse a change nobody answers for.

    The trigger is one line: `audit_keep` (kernel/audit/functions.sql) does the work, so the next
    change of history is one migration. An insert keeps no image (the row itself is the first
    version), an update or delete keeps the old one.

    resource: how the log calls these rows; unless told, the model's label ("registry.pupil").
    unit: the column naming the node whose view a row belongs to; '' when it belongs to none.
    ignore: derived columns. A change of these alone makes no version; when it takes the row from
        one node's view to another's, it leaves a mark without an image. Generated columns are
        derived by themselves.
    """

    def __init__(
        self, *, resource: str = "", unit: str = "", ignore: Sequence[str] = (), **kwargs: Any
    ):
        self.resource, self.unit, self.ignore = resource, unit, tuple(ignore)
        super().__init__(
            name="history",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            **kwargs,
        )

    def get_func(self, model: Any) -> str:
        pk = model._meta.pk.column
        generated = [
            str(field.column)
            for field in model._meta.local_fields
            if isinstance(field, models.GeneratedField)
        ]
        derived = sorted({*self.ignore, *generated})
        return f"""
            PERFORM audit_keep('{self.resource or model._meta.label_lower}', coalesce(NEW.{pk}, OLD.{pk})::text, '{self.unit}', '{{{",".join(derived)}}}', to_jsonb(OLD), to_jsonb(NEW));
            RETURN NULL;
        """


def append_only() -> pgtrigger.Protect:
    """Refuse UPDATE and DELETE: what happened stays as it was written."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)

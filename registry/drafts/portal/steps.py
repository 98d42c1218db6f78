"""The four steps from rows to a signed order, as the woven band shows them."""

from __future__ import annotations

from django.urls import reverse

from registry.drafts.models import Draft
from registry.process import kind


def steps(draft: Draft, now: str) -> list[dict[str, str]]:
    """Items of c.steps; `now` is table, check, order or sign."""
    first = "Вибір" if kind(draft.process).typed is None else "Таблиця"
    names = [("table", first), ("check", "Перевірка"), ("order", "Наказ"), ("sign", "Підпис")]
    if kind(draft.process).finish:
        names[2:] = [("order", kind(draft.process).finish_step)]
    at = [key for key, _ in names].index(now)
    url = reverse("draft_detail", args=[draft.process, draft.pk])
    return [
        {
            "label": label,
            "state": "done" if place < at else "now" if place == at else "later",
            "url": url if key == "check" else "",
        }
        for place, (key, label) in enumerate(names)
    ]

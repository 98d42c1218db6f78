"""The four steps of enrolment, as the woven band shows them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse


def steps(draft_id: Any, now: str) -> list[dict[str, str]]:
    """Items of <c-steps>; `now` is table, check, order or sign."""
    names = [("table", "Таблиця"), ("check", "Перевірка"), ("order", "Наказ"), ("sign", "Підпис")]
    at = [key for key, _ in names].index(now)
    return [
        {
            "label": label,
            "state": "done" if place < at else "now" if place == at else "later",
            "url": reverse("draft_detail", args=[draft_id]) if key == "check" and draft_id else "",
        }
        for place, (key, label) in enumerate(names)
    ]

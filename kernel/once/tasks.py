"""Background job of repeated requests."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from kernel.once import forgetting


@shared_task
def forget(**_ignored: Any) -> int:
    """Drop keys that nobody will repeat any more."""
    return forgetting.forget(timezone.now())

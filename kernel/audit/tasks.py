"""Background job of the journal of acts."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from kernel.audit import partitions, services


@shared_task
def seal(**_ignored: Any) -> None:
    """Seal what has been done since the last link."""
    services.seal()


@shared_task
def make_months(**_ignored: Any) -> None:
    """Make the log's partitions of the months to come."""
    partitions.make_ahead()

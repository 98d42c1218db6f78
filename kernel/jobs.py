"""Starting background jobs without depending on the broker's mood."""

from __future__ import annotations

from typing import Any

import structlog
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def start(task: Any, *args: Any) -> bool:
    """Hand a job to the broker; return whether it took it.

    Rows in PostgreSQL are the truth and the broker may be lost: every job that matters has a beat
    task that takes up what was asked for and not begun, so a silent broker delays and loses nothing.
    """
    try:
        task.apply_async(args, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("job_not_handed_over", task=task.name, error=str(error))
        return False
    return True

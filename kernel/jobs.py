"""Starting background jobs without depending on the broker's mood."""

from __future__ import annotations

import enum
from typing import Any

import structlog
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

# Counting that reads much: its own queue, so that further hosts may serve it alone and a day of
# counting never stands before a letter (docs/how-to/run-on-servers.md).
COUNTING = "counting"
USUAL_QUEUE = "celery"


class Priority(enum.IntEnum):
    """Which of those that wait is taken first: the least number. The broker keeps a list for each."""

    WAITED_FOR = 0  # a person looks at the bar of one institution
    USUAL = 3  # what nothing was said of
    LARGE = 6  # for an authority: minutes
    NIGHT = 9  # nobody waits


def start(task: Any, *args: Any, priority: Priority = Priority.USUAL) -> bool:
    """Hand a job to the broker; return whether it took it.

    Rows in PostgreSQL are the truth and the broker may be lost: every job that matters has a beat
    task that takes up what was asked for and not begun, so a silent broker delays and loses nothing.
    """
    try:
        task.apply_async(args, retry=False, priority=int(priority))
    except (OperationalError, OSError) as error:
        log.warning("job_not_handed_over", task=task.name, error=str(error))
        return False
    return True

"""Worker and beat say that they live: a key in the broker, renewed by a thread of each process.

A thread rather than a task: a worker whose pool is busy with a national report is alive, and a
task waiting behind it would make a load balancer stop a healthy site. The key goes away by itself.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

import redis
from celery import signals

from aikom import broker

EVERY = 3.0  # seconds between two beats
FORGOTTEN_AFTER = 15  # seconds: three beats may be lost
PROCESSES = ("worker", "beat")
logger = logging.getLogger(__name__)


def key(process: str) -> str:
    """The broker's key of one of PROCESSES."""
    return f"aikom:alive:{process}"


def alive(process: str) -> bool:
    """Whether a process of this kind spoke within the last FORGOTTEN_AFTER seconds.

    Raises:
        redis.RedisError: the broker itself does not answer.
    """
    return bool(broker.client().exists(key(process)))


def start(process: str) -> threading.Event:
    """Beat until the returned event is set; the first beat is written before this returns."""
    stopped = threading.Event()
    _beat_once(process)

    def beat() -> None:
        while not stopped.wait(EVERY):
            _beat_once(process)

    threading.Thread(target=beat, name=f"{process}-heartbeat", daemon=True).start()
    return stopped


def _beat_once(process: str) -> None:
    try:
        broker.client().set(key(process), 1, ex=FORGOTTEN_AFTER)
    except redis.RedisError as trouble:
        logger.warning("the broker did not take the heartbeat of %s: %s", process, trouble)


@signals.worker_ready.connect
def _worker_is_ready(**_: Any) -> None:
    start("worker")


@signals.beat_init.connect
def _beat_is_ready(**_: Any) -> None:
    start("beat")

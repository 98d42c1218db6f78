"""The process that sends: one turn takes what is due, threads wait for strangers, answers are kept.

An address has one message on the way at a time, for ten seconds at most. Those that failed or were slow the
last time share places of their own, so however many of them there are, and whatever they do, an address
that answers waits for none: each of the first kind is met by one thread for two seconds, or moves over.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from django.db import Error, close_old_connections

from accounts import actors
from integrations.eis.hooks import queue, sending, services
from integrations.eis.hooks.queue import Answer, Taken
from kernel.clock import moment
from kernel.errors import DomainError

PLACES = 24  # messages on the way at once, of each kind
PAUSE = 0.5  # seconds between two looks
SYSTEM = actors.system("сповіщення ОІС")
log = logging.getLogger(__name__)


class Sender:
    """Sends until told to stop."""

    def __init__(self, places: int = PLACES) -> None:
        self._places = places
        self._pools = {
            slow: ThreadPoolExecutor(
                places, thread_name_prefix=f"hooks-{'slow' if slow else 'good'}"
            )
            for slow in (False, True)
        }
        self._on_the_way: dict[Future[Answer], tuple[Taken, bool]] = {}

    def turn(self) -> int:
        """Send off what is due while there are places; how many messages."""
        begun = 0
        for slow, pool in self._pools.items():
            free = self._places - sum(kind == slow for _, kind in self._on_the_way.values())
            if free <= 0:
                continue
            for one in queue.claim(moment().now, limit=free, slow=slow):
                self._on_the_way[pool.submit(sending.send, one)] = one, slow
                begun += 1
        return begun

    def gather(self, seconds: float) -> int:
        """Keep answers that came within so many seconds; how many."""
        done, _ = wait(self._on_the_way, timeout=seconds, return_when=FIRST_COMPLETED)
        for future in done:
            taken, _slow = self._on_the_way.pop(future)
            kept(taken, _answer_of(future))
        return len(done)

    def run(self, stop: threading.Event) -> None:
        """Turn until told to stop; a database that is away is waited for. What is on the way when it
        ends is sent again by the next one."""
        while not stop.is_set():
            close_old_connections()
            try:
                begun = self.turn()
                got = self.gather(PAUSE) if self._on_the_way else 0
            except Error:
                log.exception("the queue of webhooks does not answer")
                stop.wait(PAUSE * 10)
                continue
            if not begun and not got and not self._on_the_way:
                stop.wait(PAUSE)
        self.close()

    def drain(self) -> int:
        """Send everything that is due now and wait for the answers; how many messages."""
        total = self.turn()
        while self._on_the_way:
            self.gather(60)
            total += self.turn()
        return total

    def close(self) -> None:
        """Let nobody in any more."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)


def _answer_of(future: Future[Any]) -> Answer:
    trouble = future.exception()
    if trouble is not None:  # a mistake of ours is no reason to stop telling the others
        log.error("a webhook was not sent", exc_info=trouble)
        return Answer(0, "Внутрішня помилка надсилання")
    return future.result()


def kept(taken: Taken, answer: Answer) -> None:
    """Keep an answer; an address that has failed for long, or says it is gone (410), is switched off."""
    now = moment().now
    standing = queue.settle(taken, answer, now)
    if standing is None or standing.failing_since is None:
        return
    if answer.status == services.GONE or now - standing.failing_since >= services.PATIENCE:
        try:
            services.disable(actor=SYSTEM, hook_id=taken.hook_id, why=answer.trouble, now=now)
        except DomainError:
            log.info("hook %s was removed meanwhile", taken.hook_id)

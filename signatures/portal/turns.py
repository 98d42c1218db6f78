"""Who may have a file checked now: the public page is work for the processor, open to everyone.
How many at once is the pool's matter (`signatures.pool`); here it is counted who asks.

Counted in the memory of one web process (as API keys are), so a server of two processes allows
twice as much; nothing is written anywhere.
"""

from __future__ import annotations

from time import time

from django.core.cache import cache

from kernel import turns
from signatures.errors import TooManyChecks
from signatures.portal.uploads import MEGABYTE

# One address may be a whole office behind one router.
CHECKS_A_MINUTE = 60
MEGABYTES_IN_TEN_MINUTES = 1000


def count(address: str | None, size: int) -> None:
    """Count a question of so many bytes.

    Raises:
        TooManyChecks: this address had its share; `seconds` says how long to wait.
    """
    network = turns.network(address)
    _count(f"checks:{network}", 1, CHECKS_A_MINUTE, 60)
    _count(f"megabytes:{network}", size // MEGABYTE, MEGABYTES_IN_TEN_MINUTES, 600)


def _count(what: str, amount: int, most: int, seconds: int) -> None:
    now = time()
    name = f"signatures:{what}:{int(now // seconds)}"
    cache.add(name, 0, seconds)
    if cache.incr(name, amount) > most:
        raise TooManyChecks(
            "З вашої адреси надійшло забагато файлів.", seconds=int(seconds - now % seconds) + 1
        )

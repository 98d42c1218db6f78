"""How often one may ask for what is dear: counted in the memory of one web process, so a server of
two allows twice as much; nothing is written anywhere."""

from __future__ import annotations

import ipaddress
from time import time

from django.core.cache import cache

from kernel.errors import DomainError


class TooOften(DomainError):
    """This caller had its share for now; `retry_after` says in how many seconds there is more."""

    code = "too_often"
    http_status = 429
    title = "Забагато разів за короткий час"
    retry_after = 60


def count(what: str, who: str, most: int, seconds: int) -> None:
    """Count one more of `what` for somebody.

    Raises:
        TooOften: more than `most` in this window of time.
    """
    now = time()
    name = f"turns:{what}:{who}:{int(now // seconds)}"
    cache.add(name, 0, seconds)
    if cache.incr(name) > most:
        refusal = TooOften()
        refusal.retry_after = int(seconds - now % seconds) + 1
        raise refusal


def network(address: str | None) -> str:
    """Who a stranger is counted as: the address; of IPv6 the /64, which one household or office has whole."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)

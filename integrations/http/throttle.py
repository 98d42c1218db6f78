"""How many calls one caller may make in a minute, and how it is told what is left of them.

Told as the draft of the IETF says (draft-ietf-httpapi-ratelimit-headers): `RateLimit-Policy` names each
quota with its size and window, `RateLimit` what is left of each and in how many seconds it begins anew.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Protocol

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW = 60  # seconds


@dataclasses.dataclass(frozen=True)
class Quota:
    """At most so many calls in a window by one caller, in one web process."""

    name: str
    caller: str
    most: int


@dataclasses.dataclass(frozen=True)
class Used:
    """A quota as this call left it."""

    quota: Quota
    left: int


class Limited(Protocol):
    """A view that says whose quotas a call is counted in, and keeps how they stand."""

    limits: Sequence[Used]

    def quotas(self, request: Request) -> Sequence[Quota]: ...


class CallerThrottle(BaseThrottle):
    """Counts a call in each quota of its caller, the narrowest first. What one refuses the wider ones are
    not asked: a key that asks too much takes nothing of the other keys of its operator."""

    def allow_request(self, request: Request, view: Limited) -> bool:  # type: ignore[override]
        window = int(time.time() // WINDOW)
        limits: list[Used] = []
        view.limits = limits
        for quota in view.quotas(request):
            name = f"calls:{quota.name}:{quota.caller}:{window}"
            cache.add(name, 0, 2 * WINDOW)
            used = cache.incr(name)
            limits.append(Used(quota, max(0, quota.most - used)))
            if used > quota.most:
                return False
        return True

    def wait(self) -> float:
        return _left_of_window()


def _left_of_window() -> float:
    return WINDOW - time.time() % WINDOW


def headers(limits: Sequence[Used]) -> dict[str, str]:
    """What a caller is told of its quotas; nothing of none."""
    if not limits:
        return {}
    seconds = max(1, int(_left_of_window()))
    return {
        "RateLimit-Policy": ", ".join(
            f'"{one.quota.name}";q={one.quota.most};w={WINDOW}' for one in limits
        ),
        "RateLimit": ", ".join(f'"{one.quota.name}";r={one.left};t={seconds}' for one in limits),
    }

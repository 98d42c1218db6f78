"""How many calls one caller may make in a minute."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle


class CallerThrottle(BaseThrottle):
    """At most `settings.EIS_CALLS_PER_MINUTE` calls a minute by one caller in one web process;
    `request.auth` names the caller."""

    def allow_request(self, request: Request, view: Any) -> bool:
        limit = getattr(settings, "EIS_CALLS_PER_MINUTE", 60_000)
        window = int(time.time() // 60)
        name = f"calls:{request.auth}:{window}"
        cache.add(name, 0, 120)
        return cache.incr(name) <= limit

    def wait(self) -> float:
        return 60 - time.time() % 60

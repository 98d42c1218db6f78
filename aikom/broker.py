"""The broker as plain Redis: heartbeats are written and read here, queues are Celery's."""

from __future__ import annotations

import functools

import redis
from django.conf import settings


@functools.cache
def client() -> redis.Redis:
    """A client of CELERY_BROKER_URL that gives up within two seconds."""
    address = settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://", 1)
    return redis.Redis.from_url(address, socket_timeout=2, socket_connect_timeout=2)

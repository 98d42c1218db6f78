"""/healthz: are the database, the broker, the worker, beat and spine there? For load balancers."""

from __future__ import annotations

from collections.abc import Callable

import redis
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from accounts.middleware import public
from aikom import broker, heartbeat
from kernel.audit import outbox


@public
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when every part answers; 503 naming those that do not. Asks nothing about people."""
    parts = {name: look() for name, look in PARTS.items()}
    failing = [name for name, trouble in parts.items() if trouble]
    body = {
        "status": "failing" if failing else "ok",
        "failing": failing,
        "parts": {name: trouble or "ok" for name, trouble in parts.items()},
    }
    response = JsonResponse(body, status=503 if failing else 200)
    response["Cache-Control"] = "no-store"
    return response


@public
def sandbox(request: HttpRequest) -> JsonResponse:
    """The same of the sandbox, which has a database alone."""
    trouble = _database()
    response = JsonResponse({"database": trouble or "ok"}, status=503 if trouble else 200)
    response["Cache-Control"] = "no-store"
    return response


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as trouble:
        connection.close()
        return f"does not answer ({type(trouble).__name__})"
    return ""


def _broker() -> str:
    try:
        broker.client().ping()
    except redis.RedisError as trouble:
        return f"does not answer ({type(trouble).__name__})"
    return ""


def _process(name: str) -> Callable[[], str]:
    def look() -> str:
        try:
            return "" if heartbeat.alive(name) else "no sign of life"
        except redis.RedisError:
            return "unknown: the broker does not answer"

    return look


def _spine() -> str:
    try:
        silent = outbox.silence()
    except Error:
        connection.close()
        return "unknown: the database does not answer"
    if silent is None or silent > SPINE_IS_SILENT_AFTER:
        return "no sign of life"
    return ""


SPINE_IS_SILENT_AFTER = 15.0  # seconds; the sequencer turns twice a second
PARTS: dict[str, Callable[[], str]] = {
    "database": _database,
    "broker": _broker,
    **{name: _process(name) for name in heartbeat.PROCESSES},
    "spine": _spine,
}

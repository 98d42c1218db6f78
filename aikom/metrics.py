"""/metrics: figures of this installation for Prometheus, behind a token.

Counts are kept in files that the web processes of one host share (prometheus_client's multiprocess
mode); the folder is set before prometheus_client is first imported, hence the order below.
"""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable

from django.conf import settings

_shared = os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.VAR / "metrics"))
os.makedirs(_shared, exist_ok=True)  # noqa: PTH103

import prometheus_client  # noqa: E402
import redis  # noqa: E402
from django.http import Http404, HttpRequest, HttpResponse  # noqa: E402
from prometheus_client import multiprocess  # noqa: E402
from prometheus_client.core import GaugeMetricFamily  # noqa: E402

from accounts.middleware import public  # noqa: E402
from aikom import broker, heartbeat  # noqa: E402
from kernel import jobs, replica  # noqa: E402
from kernel.audit import outbox  # noqa: E402

REQUESTS = prometheus_client.Histogram(
    "aikom_request_seconds",
    "Time from a request's arrival to its answer",
    ["method", "view", "status"],
    buckets=(0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)


# Lists of one queue, as the broker's transport names them by priority; the first has no suffix.
_STEPS = ["", *(f"\x06\x16{int(step)}" for step in jobs.Priority if step)]


class Measure:
    """Time every request by the name of its view (never by its path: paths name people)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        view = (match.view_name if match else "") or "none"
        REQUESTS.labels(request.method, view, response.status_code).observe(
            time.perf_counter() - began
        )
        return response


class Surroundings:
    """What is asked at the moment of reading: the queue's length, who lives."""

    def collect(self) -> list[GaugeMetricFamily]:
        """The gauges; none of the broker's when it does not answer."""
        try:
            waiting = {
                name: sum(broker.client().llen(f"{name}{step}") for step in _STEPS)
                for name in (jobs.USUAL_QUEUE, jobs.COUNTING)
            }
            living = {name: heartbeat.alive(name) for name in heartbeat.PROCESSES}
        except redis.RedisError:
            return [GaugeMetricFamily("aikom_broker_up", "Whether the broker answers", value=0)]
        queued = GaugeMetricFamily("aikom_queue_waiting", "Jobs nobody took yet", labels=["queue"])
        for name, many in waiting.items():
            queued.add_metric([name], many)
        alive = GaugeMetricFamily("aikom_alive", "Whether a process speaks", labels=["process"])
        for name, speaks in living.items():
            alive.add_metric([name], float(speaks))
        return [
            GaugeMetricFamily("aikom_broker_up", "Whether the broker answers", value=1),
            queued,
            alive,
        ]


class Replica:
    """How far the replica that figures are read from is behind."""

    def collect(self) -> list[GaugeMetricFamily]:
        """The gauge, where there is a replica; infinite when it does not answer."""
        if not replica.configured():
            return []
        state = replica.state()
        return [
            GaugeMetricFamily(
                "aikom_replica_behind_seconds",
                "How far the replica that figures are read from is behind",
                value=state.behind if state.answers else float("inf"),
            )
        ]


class Spine:
    """How far the log's sequencer and each of its consumers are behind."""

    def collect(self) -> list[GaugeMetricFamily]:
        """The gauges, by consumer."""
        behind = GaugeMetricFamily("aikom_spine_behind", "Items not yet told", labels=["consumer"])
        seconds = GaugeMetricFamily(
            "aikom_spine_lag_seconds", "Age of the first item not yet told", labels=["consumer"]
        )
        failures = GaugeMetricFamily(
            "aikom_spine_failures", "Failures in a row of one batch", labels=["consumer"]
        )
        for one in outbox.lags():
            behind.add_metric([one.name], one.behind)
            seconds.add_metric([one.name], one.seconds)
            failures.add_metric([one.name], one.failures)
        silent = outbox.silence()
        return [
            behind,
            seconds,
            failures,
            GaugeMetricFamily(
                "aikom_spine_silence_seconds",
                "Since the sequencer's last sign of life",
                value=float("inf") if silent is None else silent,
            ),
        ]


@public
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, to who shows the token of METRICS_TOKEN; otherwise there is no such page.

    Raises:
        Http404: no token is set, or another one was shown.
    """
    token = getattr(settings, "METRICS_TOKEN", "")
    shown = request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
        raise Http404
    registry = prometheus_client.CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    registry.register(Surroundings())
    registry.register(Spine())
    registry.register(Replica())
    return HttpResponse(
        prometheus_client.generate_latest(registry),
        content_type=prometheus_client.CONTENT_TYPE_LATEST,
        headers={"Cache-Control": "no-store"},
    )

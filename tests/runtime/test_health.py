"""/healthz and /metrics as a load balancer and a collector of figures see them."""

import pytest
from django.db import OperationalError, connection

from aikom import broker, heartbeat
from aikom.settings.env import VAR
from kernel.audit import outbox
from kernel.embedded import valkey
from tests.kit.waiting import until


@pytest.fixture
def own_broker(tmp_path, settings):
    """A broker of this test alone."""
    valkey.start(tmp_path)
    settings.CELERY_BROKER_URL = valkey.url(tmp_path)
    broker.client.cache_clear()
    yield broker.client()
    broker.client.cache_clear()
    valkey.wipe(tmp_path)


@pytest.fixture
def everybody_lives(own_broker, transactional_db):
    outbox.settle()
    beats = [heartbeat.start(process) for process in heartbeat.PROCESSES]
    yield own_broker
    for stopped in beats:
        stopped.set()


def test_when_all_parts_answer_it_says_so(client, everybody_lives):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "failing": [],
        "parts": {"database": "ok", "broker": "ok", "worker": "ok", "beat": "ok", "spine": "ok"},
    }
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("process", heartbeat.PROCESSES)
def test_a_silent_process_is_named(client, everybody_lives, process):
    everybody_lives.delete(heartbeat.key(process))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["failing"] == [process]


def test_a_sleeping_database_is_named(client, everybody_lives, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["failing"] == ["database", "spine"]
    assert "closed the connection" not in answer.text, "no inner words to strangers"


def test_a_lost_broker_is_named_with_those_it_hides(client, db, settings, tmp_path):
    settings.CELERY_BROKER_URL = valkey.url(tmp_path)
    broker.client.cache_clear()
    try:
        answer = client.get("/healthz")
    finally:
        broker.client.cache_clear()
    assert answer.status_code == 503
    assert answer.json()["failing"] == ["broker", "worker", "beat", "spine"]


def test_a_heartbeat_survives_a_broker_that_was_away(own_broker, monkeypatch):
    monkeypatch.setattr(heartbeat, "EVERY", 0.05)
    own_broker.config_set("maxmemory", "1")  # the broker refuses writes
    stopped = heartbeat.start("worker")
    assert not heartbeat.alive("worker")
    own_broker.config_set("maxmemory", "0")
    until(lambda: heartbeat.alive("worker"))
    stopped.set()
    assert 0 < own_broker.ttl(heartbeat.key("worker")) <= heartbeat.FORGOTTEN_AFTER


def test_without_a_token_there_are_no_figures(client, db, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_figures_go_to_who_shows_the_token(client, db, settings, everybody_lives):
    settings.METRICS_TOKEN = "figures"
    assert client.get("/metrics", headers={"authorization": "Bearer guess"}).status_code == 404
    settings.MIDDLEWARE = ["aikom.metrics.Measure", *settings.MIDDLEWARE]
    client.handler.load_middleware()
    client.get("/healthz")
    told = client.get("/metrics", headers={"authorization": "Bearer figures"}).text
    assert 'aikom_alive{process="worker"} 1.0' in told
    assert 'view="healthz"' in told
    for queue in ("celery", "counting"):
        assert f'aikom_queue_waiting{{queue="{queue}"}} 0.0' in told


def test_no_service_of_the_suite_is_the_demos(settings):
    """A test run must never write into a running demo."""
    assert f"{VAR}/test-" in settings.CELERY_BROKER_URL
    assert "test" in connection.settings_dict["NAME"] or "test" in connection.settings_dict["HOST"]

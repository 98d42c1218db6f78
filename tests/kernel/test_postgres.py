"""A kept connection is checked by its socket, and one that the server ended is opened anew."""

import pytest
from django.db import connection

from kernel.postgres import base
from kernel.statements import prepared

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(monkeypatch):
    """A connection of its own that was well a moment ago, at the beginning of a request."""
    monkeypatch.setattr(base, "LONG_SILENCE", 3_600.0)
    ours = connection.copy()
    ours.ensure_connection()
    ours.health_check_enabled, ours.health_check_done = True, False
    ours.close_if_health_check_failed()
    ours.health_check_done = False
    yield ours
    ours.close()


def test_a_connection_that_was_well_a_moment_ago_is_not_asked_by_a_statement(kept, monkeypatch):
    monkeypatch.setattr(kept, "is_usable", lambda: pytest.fail("the server was asked"))
    kept.close_if_health_check_failed()
    assert kept.connection is not None
    assert kept.health_check_done


def test_a_connection_that_was_silent_for_long_is_asked(kept, monkeypatch):
    monkeypatch.setattr(base, "LONG_SILENCE", 0.0)
    monkeypatch.setattr(kept, "is_usable", lambda: False)
    kept.close_if_health_check_failed()
    assert kept.connection is None


def test_a_connection_that_the_server_ended_is_opened_anew(kept):
    ended = kept.connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 60000)", [ended])
    with kept.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != ended


def test_a_connection_holds_more_prepared_statements_than_psycopg_would() -> None:
    with prepared(), connection.cursor() as cursor:
        for number in [*range(150)] * 3:
            cursor.execute(f"SELECT %s + {number}", [1])
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone()[0] >= 150

"""A kept connection is checked by its socket, one that the server ended is opened anew, and a statement
is asked by whoever asked it last."""

import pytest
from django.db import DataError, ProgrammingError, connection

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


def test_a_statement_is_asked_again_by_the_driver_s_cursor_that_learnt_it(kept):
    drivers = []
    for number in range(3):
        with kept.cursor() as cursor:
            cursor.execute("SELECT %s::int, %s::text", [number, "а"])
            drivers.append(cursor.cursor._driver)
            assert cursor.fetchall() == [(number, "а")]
    assert drivers[0] is drivers[1] is drivers[2]


def test_two_cursors_of_one_statement_read_rows_of_their_own(kept):
    asked = "SELECT n FROM generate_series(%s::int, 3) n"
    with kept.cursor() as first, kept.cursor() as second:
        first.execute(asked, [1])
        assert first.fetchone() == (1,)
        second.execute(asked, [2])
        assert second.fetchall() == [(2,), (3,)]
        assert first.fetchall() == [(2,), (3,)]


def test_what_rests_holds_no_rows(kept):
    with kept.cursor() as cursor:
        cursor.execute("SELECT repeat('а', 1000000)")
        driver = cursor.cursor._driver
    assert driver.pgresult is None
    assert driver._tx.pgresult is None
    with pytest.raises(ProgrammingError):
        cursor.fetchall()


def test_a_statement_is_read_by_what_it_answers_now(kept):
    """Columns may have other types when it comes again."""
    for made, value in (("1::int", 1), ("'1'::text", "1"), ("'[1]'::jsonb", "[1]")):
        with kept.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.changing")
            cursor.execute(f"CREATE TEMP TABLE changing AS SELECT {made} AS x")
            cursor.execute("SELECT x FROM changing")
            assert cursor.fetchone() == (value,)


def test_a_statement_that_failed_is_asked_again(kept):
    for divisor in (0, 1, 0, 2):
        with kept.cursor() as cursor:
            if not divisor:
                with pytest.raises(DataError):
                    cursor.execute("SELECT 4 / %s::int", [divisor])
            else:
                cursor.execute("SELECT 4 / %s::int", [divisor])
                assert cursor.fetchone() == (4 // divisor,)


def test_statements_asked_longest_ago_are_given_up(kept, monkeypatch):
    monkeypatch.setattr(base, "MOST_LEARNT", 3)
    for number in range(5):
        with kept.cursor() as cursor:
            cursor.execute(f"SELECT {number}")
    assert list(kept._resting) == ["SELECT 2", "SELECT 3", "SELECT 4"]

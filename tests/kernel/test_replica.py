"""Reading from a replica: a real streaming one, caught up, paused, too far behind, dead."""

from __future__ import annotations

import contextlib

import pytest
from django.conf import settings as own_settings
from django.db import connection, connections, transaction
from django.db.utils import ConnectionHandler

from aikom.settings import env
from kernel import replica
from kernel.embedded import postgres
from tests.kit.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    primary, copy = tmp_path_factory.mktemp("primary"), tmp_path_factory.mktemp("copy")
    postgres.start(primary)
    postgres.replicate(primary, copy)
    yield primary, copy
    postgres.wipe(copy)
    postgres.wipe(primary)


def entry(var):
    own = own_settings.DATABASES["default"]
    return {**own, **env.database(postgres.url(var, postgres.DATABASE)), "CONN_MAX_AGE": 0}


@pytest.fixture
def world(servers, settings, monkeypatch):
    """Statements of this test go to the small primary; its replica is the one configured."""
    primary, copy = servers
    monkeypatch.setattr(replica, "KNOWN_FOR", 0)
    monkeypatch.setattr(replica, "ANEW_AFTER", 0)
    settings.REPLICA = entry(copy)
    handler = ConnectionHandler({"default": entry(primary)})
    before, connections["default"] = connections["default"], handler["default"]
    told("CREATE TABLE IF NOT EXISTS seen (n int)")
    told("TRUNCATE seen")
    yield copy
    replica.forget()
    connections["default"].close()
    connections["default"] = before


def told(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def seen():
    """How many rows there are, and whether a replica says so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM seen), pg_is_in_recovery()")
        return cursor.fetchone()


def knows(many):
    return lambda: seen()[0] == many


def caught_up():
    until(lambda: replica.state().answers and replica.state().behind == 0)


def there(copy, sql):
    """Said to the replica itself."""
    handler = ConnectionHandler({"default": entry(copy)})
    with contextlib.closing(handler["default"]), handler["default"].cursor() as cursor:
        cursor.execute(sql)


def test_what_the_replica_knows_is_read_there_and_the_rest_from_the_primary(world, settings):
    told("INSERT INTO seen VALUES (1)")
    caught_up()
    assert replica.ask(seen, knows=knows(1)) == ((1, True), "")
    with transaction.atomic():
        assert replica.ask(seen, knows=knows(1)) == ((1, False), "")

    there(world, "SELECT pg_wal_replay_pause()")
    told("INSERT INTO seen VALUES (2)")
    assert replica.ask(seen, knows=knows(1)) == ((1, True), "")  # a figure that never changes
    assert replica.ask(seen, knows=knows(2)) == ((2, False), "")  # not there yet, and not awaited
    assert replica.state().behind > 0
    settings.REPORTS_REPLICA_LAG = 0
    (found, from_replica), words = replica.ask(seen, knows=knows(1))
    assert (found, from_replica) == (2, False)
    assert words.startswith("Копія бази для звітності відстає")

    there(world, "SELECT pg_wal_replay_resume()")
    caught_up()
    assert replica.ask(seen, knows=knows(2)) == ((2, True), "")


def test_one_that_falls_while_it_is_asked_or_is_not_there_leaves_reads_to_the_primary(world):
    told("INSERT INTO seen VALUES (1)")
    caught_up()

    def falls():
        found = seen()
        if found[1]:
            postgres.stop(world)
            return seen()
        return found

    assert replica.ask(falls, knows=knows(1)) == ((1, False), "")
    found, words = replica.ask(seen, knows=knows(1))
    assert found == (1, False)
    assert words == "Копія бази для звітності не відповідає: показано з основної бази."


def test_a_primary_is_never_taken_for_a_replica(world, servers, settings):
    settings.REPLICA = entry(servers[0])
    assert replica.state().answers is False
    settings.REPLICA = None
    assert replica.ask(seen, knows=lambda: True) == ((0, False), "")

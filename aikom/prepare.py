"""`python -m aikom.prepare`: bring the demo's database from whatever it is to ready.

Migrations run at every start, under a lock, so that two starts cannot migrate together. The demo
world is made once: a mark on the database says that it is whole, so that a world whose making was
interrupted is made again from nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import django
import psycopg
from psycopg import sql

from aikom.settings.env import OF_SANDBOX, VAR
from kernel.embedded import postgres

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aikom.settings.dev")
WHOLE = "aikom demo world: whole"


def main() -> int:
    """Migrate, fill when empty, collect the static files. 0 when the demo may start."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    migrate()
    if settings.SANDBOX:
        call_command("load_classifiers", verbosity=0)
        return 0
    if not world_is_whole():
        if has_rows():
            sys.stdout.write("The making of the demo world was interrupted; making it anew\n")
            empty()
            migrate()
        make_world()
    follow_with_sandbox()
    if "DEMO_ISEI_PORT" in os.environ:  # before whoever checks that the settings' files are there
        from aikom.demo import id_gov_ua

        id_gov_ua.key_files()
    if not Path(settings.STATIC_ROOT, "staticfiles.json").exists() or static_is_newer():
        call_command("collectstatic", interactive=False, verbosity=0)
    return 0


def migrate() -> None:
    """Apply what is missing, as the owner, and give the application's role its rights anew."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from kernel.audit import outbox, partitions, rights

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = '60s'")
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(hashtext('aikom migrate'))")
        try:
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if plan:
                with step(f"Applying {len(plan)} migrations"):
                    call_command("migrate", interactive=False, verbosity=0)
            partitions.make_ahead()
            rights.grant()
            outbox.adopt()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('aikom migrate'))")


def make_world() -> None:
    """Classifiers, then the invented people; then the mark that it is whole."""
    from django.core.management import call_command
    from django.db import connection

    with step("Loading the classifiers (КАТОТТГ and others)"):
        call_command("load_classifiers", verbosity=0)
    with step("Making the sandbox of systems (once)"):
        copy_for_sandbox()
    with step("Making the demo world (once)"):
        call_command("make_demo_world", verbosity=0)
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute("ANALYZE")
        cursor.execute(f"COMMENT ON DATABASE {name} IS '{WHOLE}'")


def copy_for_sandbox() -> None:
    """The sandbox's database as a copy of this one while it holds dictionaries alone."""
    from django.db import connection

    if "DATABASE_URL" in os.environ:
        return
    name = connection.settings_dict["NAME"]
    connection.close()
    with _maintenance() as server:
        names = [sql.Identifier(one) for one in (f"{name}{OF_SANDBOX}", name)]
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(names[0]))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(*names))


def follow_with_sandbox() -> None:
    """Bring the sandbox's database to the migrations of this one, in a process of its own."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    if "DATABASE_URL" in os.environ:
        return
    name = f"{connection.settings_dict['NAME']}{OF_SANDBOX}"
    with _maintenance() as server:
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    if known is not None:
        with psycopg.connect(postgres.url(VAR, name)) as there:
            found = there.execute("SELECT count(*) FROM django_migrations").fetchone()
        if found == (MigrationRecorder.Migration.objects.count(),):
            return
    with step("Bringing the sandbox of systems up to date"):
        subprocess.run(
            [sys.executable, "-m", "aikom.prepare"],
            env={**os.environ, "AIKOM_SANDBOX": "1"},
            check=True,
        )


def _maintenance() -> psycopg.Connection:
    return psycopg.connect(postgres.url(VAR, "postgres"), autocommit=True)


def world_is_whole() -> bool:
    """Whether the mark stands."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
            " WHERE datname = current_database()"
        )
        return bool(cursor.fetchone()[0] == WHOLE)


def has_rows() -> bool:
    """Whether anybody was already made."""
    from accounts.models import OrgUnit

    return OrgUnit.objects.exists()


def empty() -> None:
    """Drop everything in the demo's database.

    Raises:
        SystemExit: it is not the embedded one; a server's database is not ours to empty.
    """
    from django.db import connection

    if "DATABASE_URL" in os.environ:
        raise SystemExit(
            "The database of DATABASE_URL holds rows but no whole demo world: empty it yourself"
        )
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")


def static_is_newer() -> bool:
    """Whether a static file changed since they were collected."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders

    collected = Path(settings.STATIC_ROOT, "staticfiles.json").stat().st_mtime
    return any(
        Path(storage.path(name)).stat().st_mtime > collected
        for finder in get_finders()
        for name, storage in finder.list([])
    )


class step:  # noqa: N801 (reads as a word: with step("…"))
    """Say what is done, and how long it took."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        sys.stdout.write(f"{self.what} … ")
        sys.stdout.flush()
        self.began = time.monotonic()

    def __exit__(self, *failed: object) -> None:
        if failed[0] is None:
            sys.stdout.write(f"{time.monotonic() - self.began:.1f} s\n")
            sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

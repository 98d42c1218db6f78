"""`python -m aikom.prepare`: bring the demo's database from whatever it is to ready.

Migrations run at every start, under a lock, so that two starts cannot migrate together. The demo
world is made once: a mark on the database says that it is whole, so that a world whose making was
interrupted is made again from nothing.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aikom.settings.dev")
WHOLE = "aikom demo world: whole"


def main() -> int:
    """Migrate, fill when empty, collect the static files. 0 when the demo may start."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    migrate()
    if not world_is_whole():
        if has_rows():
            sys.stdout.write("The making of the demo world was interrupted; making it anew\n")
            empty()
            migrate()
        make_world()
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
    with step("Making the demo world (once)"):
        call_command("make_demo_world", verbosity=0)
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute("ANALYZE")
        cursor.execute(f"COMMENT ON DATABASE {name} IS '{WHOLE}'")


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

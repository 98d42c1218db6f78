"""What the application's own role may do in the database: everything but rewrite the log.

Migrations run as the owner of the tables; web, worker, beat and spine connect as `aikom_app`, which
owns nothing: it may INSERT into and SELECT from the log, and has no way to change or empty it, to
stop a trigger, or to lift a rule.
"""

from __future__ import annotations

from django.apps import apps
from django.db import connection
from psycopg import sql

ROLE = "aikom_app"


def log_tables() -> list[str]:
    """Tables that only grow: whatever declares `append_only()`."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if any(trigger.name == "append_only" for trigger in getattr(model._meta, "triggers", ()))
    )


def grant(role: str = ROLE) -> bool:
    """Give the role its rights on every table as they are now; False when there is no such role.

    The role itself is made with its password by whoever runs the server
    (docs/how-to/run-on-servers.md).
    """
    who = sql.Identifier(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role])
        if not cursor.fetchone()[0]:
            return False
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}",
            # Partitions made later are reached through their parents alone.
            "REVOKE ALL ON django_migrations FROM {}",
            "GRANT SELECT ON django_migrations TO {}",
        ):
            cursor.execute(sql.SQL(statement).format(who).as_string(cursor.connection))
        cursor.execute(
            """
            SELECT c.oid::regclass::text FROM pg_class c
            LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
            LEFT JOIN pg_class parent ON parent.oid = i.inhparent
            WHERE c.relname = ANY(%s) OR parent.relname = ANY(%s)
            """,
            [log_tables(), log_tables()],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}")
                .format(sql.SQL(table), who)
                .as_string(cursor.connection)
            )
    return True

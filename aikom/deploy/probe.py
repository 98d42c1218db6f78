"""`python -m aikom.deploy.probe web|worker|beat|spine|hooks`: a container's health, as an exit code.

`web` asks /healthz of this container and is content when database and broker answer: a sleeping
worker is the worker's illness. `worker` and `beat` look at the heartbeat in the broker, `spine` at the
sequencer's mark in the database, `hooks` at whether what is to be told waits there, without loading
Django.
"""

import http.client
import json
import os
import sys

import psycopg
import redis


def main() -> int:
    """0 healthy, 1 not (the reason on stderr), 2 asked wrongly."""
    what = sys.argv[1] if len(sys.argv) == 2 else ""
    if what == "web":
        trouble = web(os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip("."))
    elif what in {"worker", "beat"}:
        trouble = process(what)
    elif what == "spine":
        trouble = spine()
    elif what == "hooks":
        trouble = hooks()
    else:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    if trouble:
        sys.stderr.write(f"{what}: {trouble}\n")
    return 1 if trouble else 0


def web(host: str) -> str:
    """What is wrong with the web server of this container; empty when nothing."""
    asked = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=4)
    try:
        asked.request("GET", "/healthz", headers={"Host": host})
        failing = json.load(asked.getresponse())["failing"]
    except (OSError, ValueError, KeyError) as trouble:
        return f"/healthz does not answer ({trouble})"
    finally:
        asked.close()
    return ", ".join(part for part in failing if part in {"database", "broker"})


def process(name: str) -> str:
    """What is wrong with worker or beat; empty when it spoke lately."""
    address = os.environ["CELERY_BROKER_URL"].replace("redis+socket://", "unix://", 1)
    try:
        with redis.Redis.from_url(address, socket_timeout=3) as broker:
            return "" if broker.exists(f"aikom:alive:{name}") else "no sign of life"
    except redis.RedisError as trouble:
        return f"the broker does not answer ({trouble})"


def spine() -> str:
    """What is wrong with the sequencer of the log; empty when it turned lately, here or elsewhere."""
    try:
        with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=3) as database:
            row = database.execute(
                "SELECT touched_at > clock_timestamp() - interval '15 seconds' FROM audit_outbox"
            ).fetchone()
    except psycopg.Error as trouble:
        return f"the database does not answer ({trouble})"
    return "" if row and row[0] else "no sign of life"


# Addresses that failed or were slow wait for places of their own: they are the strangers' matter.
_WAITS = """
SELECT count(*) FROM eis_hook_queue q JOIN eis_hook h ON h.id = q.hook_id
WHERE NOT q.is_slow AND q.next_at < clock_timestamp() - interval '2 minutes'
  AND (q.leased_until IS NULL OR q.leased_until < clock_timestamp() - interval '2 minutes')
  AND h.removed_at IS NULL AND h.disabled_at IS NULL
  AND (EXISTS (SELECT FROM eis_hook_pending p
               WHERE p.hook_id = q.hook_id AND p.at < clock_timestamp() - interval '2 minutes')
    OR EXISTS (SELECT FROM eis_hook_message m WHERE m.hook_id = q.hook_id AND m.state = 'OPEN'
               AND m.made_at < clock_timestamp() - interval '2 minutes'))
"""


def hooks() -> str:
    """What is wrong with the sender of webhooks; empty when nothing waits that could be told."""
    try:
        with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=3) as database:
            row = database.execute(_WAITS).fetchone()
    except psycopg.Error as trouble:
        return f"the database does not answer ({trouble})"
    return f"{row[0]} addresses wait longer than two minutes" if row and row[0] else ""


if __name__ == "__main__":
    sys.exit(main())

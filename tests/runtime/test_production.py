"""Production settings: each unsafe wish is refused, and all of them at once."""

import json
import os
import subprocess
import sys

import pytest

SAFE = {
    "DJANGO_SETTINGS_MODULE": "aikom.settings.production",
    "SECRET_KEY": "mV4q8ZxP2kTn7RcW0yLf5HsJd9GbUe3oAiXpQvB1uNzKt6Y-wMhDrSgCjEaF",
    "ALLOWED_HOSTS": "aikom.example,.region.example",
    "DATABASE_URL": "postgresql://aikom:p%40ss@db.internal:5433/aikom",
    "CELERY_BROKER_URL": "redis://:word@broker.internal/0",
}
SHOW = (
    "import json, django; django.setup(); from django.conf import settings as s;"
    "print(json.dumps({n: getattr(s, n) for n in ('DEBUG', 'CSRF_TRUSTED_ORIGINS', 'DATABASES',"
    " 'SIGNATURES_TRUST_DEMO_AUTHORITY', 'SYNTHETIC_DATA', 'SECURE_HSTS_SECONDS')}, default=str))"
)


def start(tmp_path, *words, **environment):
    """Start Python under production settings with SAFE changed by `environment` (None removes)."""
    told = {
        "PATH": os.environ["PATH"],
        "AIKOM_VAR": str(tmp_path),
        **SAFE,
        **environment,
    }
    return subprocess.run(
        [sys.executable, *(words or ("-c", SHOW))],
        env={name: value for name, value in told.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )


def test_safe_settings_start_and_pass_djangos_own_deployment_check(tmp_path):
    done = start(
        tmp_path, "manage.py", "check", "--deploy", "--tag", "security", "--fail-level", "WARNING"
    )
    assert done.returncode == 0, done.stderr


def test_safe_settings_hold_what_they_promise(tmp_path):
    done = start(tmp_path)
    assert done.returncode == 0, done.stderr
    held = json.loads(done.stdout)
    assert held["DEBUG"] is False
    assert held["SIGNATURES_TRUST_DEMO_AUTHORITY"] is False
    assert held["SYNTHETIC_DATA"] is False
    assert held["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert held["CSRF_TRUSTED_ORIGINS"] == ["https://aikom.example", "https://*.region.example"]
    database = held["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"], database["PASSWORD"]) == (
        "db.internal",
        "5433",
        "p@ss",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is guessable"),
        ({"SECRET_KEY": "a" * 80}, "SECRET_KEY is guessable"),
        ({"SECRET_KEY": "dev-only-" + "not-a-secret-" * 4}, "SECRET_KEY is a default"),
        ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": "aikom.example,*"}, "ALLOWED_HOSTS=*"),
        ({"DATABASE_URL": None}, "DATABASE_URL is not set"),
        ({"CELERY_BROKER_URL": None}, "CELERY_BROKER_URL is not set"),
        ({"DEBUG": "1"}, "DEBUG is on"),
        ({"SIGNATURES_TRUST_DEMO_AUTHORITY": "yes"}, "SIGNATURES_TRUST_DEMO_AUTHORITY is on"),
        ({"SIGNATURES_TRUST_DEMO_AUTHORITY": "si"}, "expected 1/0"),
        ({"SYNTHETIC_DATA": "on"}, "SYNTHETIC_DATA is on"),
        ({"ISEI_CLIENT_ID": "aikom", "ISEI_ADDRESS": "http://id.gov.ua"}, "ISEI_ADDRESS is not"),
    ],
)
def test_an_unsafe_wish_is_refused_with_its_name(tmp_path, change, said):
    done = start(tmp_path, "-c", "import aikom.settings.production", **change)
    assert done.returncode != 0
    assert said in done.stderr
    assert "refuses to start" in done.stderr


def test_everything_wrong_is_told_at_once(tmp_path):
    done = start(
        tmp_path,
        "manage.py",
        "check",
        SECRET_KEY=None,
        ALLOWED_HOSTS=None,
        DATABASE_URL=None,
        DEBUG="true",
    )
    for said in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "DEBUG"):
        assert f"• {said}" in done.stderr


def test_logs_are_one_json_object_a_line(tmp_path):
    done = start(
        tmp_path,
        "-c",
        "import django, logging, structlog; django.setup();"
        "structlog.contextvars.bind_contextvars(request_id='r1');"
        "logging.getLogger('registry').warning('Їжак %s', 7);"
        "structlog.get_logger('kernel').info('sealed', events=3)",
    )
    first, second = [json.loads(line) for line in done.stderr.splitlines()]
    assert (first["event"], first["level"], first["request_id"]) == ("Їжак 7", "warning", "r1")
    assert (second["event"], second["events"], second["logger"]) == ("sealed", 3, "kernel")

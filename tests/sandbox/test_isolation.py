"""The sandbox and the register have nothing in common but the code."""

from __future__ import annotations

import subprocess
import sys
import uuid

import httpx
import pytest
from django.core import signing
from django.db import connection

from accounts import actors
from integrations.eis.models import EisSystem
from integrations.eis.services import systems
from integrations.sandbox import control
from tests.eis.kit import get, grant

pytestmark = pytest.mark.django_db(transaction=True)
SYSTEMS = {"Тихий": ["classes.write"]}


def _rows() -> dict[str, int]:
    """How many rows every table of the register has."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        found = {}
        for name in names:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")
            found[name] = cursor.fetchone()[0]
    return found


def test_what_is_done_in_the_sandbox_adds_no_row_to_the_register(given, sandbox):
    before = _rows()
    headers = {"Authorization": f"Bearer {given['Тихий'].key}"}
    for path in ("programme", "tasks/delta/begin"):
        assert httpx.post(f"{sandbox}/api/sandbox/{path}", headers=headers).is_success
    assert _rows() == before


def test_no_key_passes_from_one_to_the_other(client, world, given, sandbox):
    assert get(client, "institution", given["Тихий"].key).status_code == 401
    systems.register_known(actor=actors.system("тест"))
    theirs = grant(world, EisSystem.objects.get(name="Моя школа")).secret
    headers = {"Authorization": f"Bearer {theirs}"}
    assert httpx.get(f"{sandbox}/api/v1/institution", headers=headers).status_code == 401


def test_the_sandbox_has_no_portal(sandbox):
    for path in ("/", "/login/", "/operator/", "/eis/connected/", "/pupils/"):
        assert httpx.get(f"{sandbox}{path}").status_code == 404


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer x",
        "Bearer " + signing.dumps({"what": "schools"}, salt="another"),
        "Bearer " + signing.dumps({"what": "results", "system": str(uuid.uuid4())}, salt=control.SALT),
    ],
    ids=["nothing", "noise", "another purpose", "another question"],
)  # fmt: skip
def test_only_the_register_asks_for_a_school(sandbox, authorization):
    answer = httpx.post(
        f"{sandbox}/api/control/schools", json={}, headers={"Authorization": authorization}
    )
    assert answer.status_code == 404


def test_its_database_never_bears_the_registers_name():
    told = "import django; django.setup(); from django.conf import settings as s; print(s.DATABASES['default']['NAME'], s.ROOT_URLCONF)"
    names = []
    for flag in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", told],
            env={
                "PATH": "/usr/bin",
                "DJANGO_SETTINGS_MODULE": "aikom.settings.test",
                "DATABASE_URL": "postgresql://somebody@somewhere/register",
                "AIKOM_SANDBOX": flag,
            },
            capture_output=True,
            text=True,
            check=True,
        )
        names.append(done.stdout.split())
    assert names == [["register", "aikom.urls"], ["register_sandbox", "aikom.sandbox_urls"]]

"""Requests made from our own OpenAPI: what it calls valid is answered, what it does not is refused.

Schemathesis draws them, the same ones each time: the bounds of every parameter, header and field of
every call, and some at random. Every answer is one that the schema tells of: its status, content type
and body. Names of rows that a valid request may give are put in, so that it reaches what it is for.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation

from accounts import actors
from accounts.roles import WRITES
from integrations.eis.models import EisSystem
from integrations.eis.services import systems
from registry.groups.services import GroupRow, open_group
from tests import api_changes
from tests.eis.kit import get, grant
from tests.eis.test_writes import teacher_at
from tests.world import World

CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 37,
        "generation": {"max-examples": 4, "deterministic": True, "database": "none"},
        "phases": {"stateful": {"enabled": False}},
        "checks": {
            # A write that names no version has a status of its own (RFC 6585).
            "missing_required_header": {"expected-statuses": ["400", "428"]},
        },
    }
)
published = schemathesis.openapi.from_dict(api_changes.now(), config=CONFIG)
published.app = get_wsgi_application()


@dataclasses.dataclass(frozen=True)
class Caller:
    """A key for everything, and rows that are there."""

    secret: str
    teacher: str
    rows: dict[str, Any]  # by the resource in an address
    cursor: str


@pytest.fixture
def caller(world: World) -> Iterator[Caller]:
    """Connections stay as the test has them, as with Django's own client."""
    systems.register_known(actor=actors.system("тест"))
    system = EisSystem.objects.get(name="Моя школа")
    systems.declare_writes(
        actor=world.actor("admin"), system_uid=system.uid, seen=[], writes=list(WRITES)
    )
    sets = [
        "institution",
        "classes",
        "pupils",
        "staff",
        "enrolments",
        "quality",
        "absences",
        *WRITES,
    ]
    secret = grant(world, system, datasets=sets).secret
    class_ = world.classes["school1/5-А"]
    group = open_group(
        GroupRow("Англійська мова", "1 група", frozenset({class_.uid})),
        actor=world.actor("olena"),
        institution=world.institutions["school1"].uid,
    )
    cursor = get(Client(), "changes/start", secret).json()["cursor"]
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield Caller(
        secret,
        str(teacher_at(actor=actors.system("т"), world=world, at="school1").pk),
        {"classes": class_, "groups": group, "pupils": world.pupils["ivan"]},
        cursor,
    )
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


def there(case: schemathesis.Case, caller: Caller) -> None:
    """Name in a request rows that are there, wherever it is as the schema says."""
    assert case.meta is not None
    wrong = case.meta.is_negative_at
    row = caller.rows.get(case.operation.path.split("/")[3])
    if case.path_parameters and row is not None and not wrong(ParameterLocation.PATH):
        case.path_parameters = {
            name: str(getattr(row, "uid", row.pk)) for name in case.path_parameters
        }
    if "cursor" in (case.query or {}) and not wrong(ParameterLocation.QUERY):
        case.query = {**case.query, "cursor": caller.cursor}
    if not wrong(ParameterLocation.HEADER) or wrong(ParameterLocation.BODY):
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = str(uuid.uuid4())
        if "If-Match" in case.headers:
            row.refresh_from_db()
            case.headers["If-Match"] = f'"{row.version}"'
    if isinstance(case.body, dict) and not wrong(ParameterLocation.BODY):
        named = {"teacher_id": caller.teacher, "pupil_ids": [str(caller.rows["pupils"].pk)]}
        case.body = case.body | {
            name: value for name, value in named.items() if case.body.get(name)
        }
        if "url" in case.body:  # where a name may lead is no matter of a schema
            case.body = case.body | {"url": f"https://receiver.example/{uuid.uuid4()}"}


@published.parametrize()
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_call_answers_as_its_schema_says(case: schemathesis.Case, caller: Caller) -> None:
    there(case, caller)
    case.call_and_validate(headers={"Authorization": f"Bearer {caller.secret}"})

"""The sandbox in the portal: an operator takes it, the administrator drafts the conclusion from it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import Grant
from integrations.eis.models import EisSystem, RoadPaper
from integrations.eis.road.services import testing
from integrations.sandbox import control
from integrations.sandbox.errors import SandboxSilent
from integrations.sandbox.programme import PROGRAMME
from kernel.clock import moment
from signatures.selectors.sessions import files_of
from tests.eis.operators import admin_signed, described, filed, of, opened
from tests.world import sign_in

pytestmark = pytest.mark.django_db


def passage(*failed: str, ended: bool = True) -> dict[str, Any]:
    """A passage as the sandbox tells it."""
    tasks = [
        {
            "code": one.code,
            "title": one.title,
            "words": one.words,
            "state": "FAILED" if one.code in failed else "PASSED",
            "until": None,
            "given": {},
            "evidence": ["Не так." if one.code in failed else "Викликів 2."],
            "proposal": one.proposal,
        }
        for one in PROGRAMME
    ]
    return {
        "run": 7,
        "edition": 1,
        "started_at": "2026-11-30T10:00:00+00:00",
        "ended_at": "2026-11-30T10:05:00+00:00" if ended else None,
        "passed": not failed if ended else None,
        "tasks": tasks,
    }


@pytest.fixture
def tells(monkeypatch):
    """What the sandbox would tell."""

    def tell(*runs: dict[str, Any], silent: bool = False) -> None:
        def results(uid: uuid.UUID) -> dict[str, Any]:
            if silent:
                raise SandboxSilent("Пісочниця зараз не відповідає.")
            return {"school": "Пісочниця: ліцей" if runs else None, "runs": list(runs)}

        monkeypatch.setattr(control, "results", results)

    return tell


@pytest.fixture
def operator(client: Client, world: Any) -> Client:
    sign_in(client, Grant.objects.select_related("user", "unit").get(pk=opened().pk))
    return client


def test_an_operator_takes_a_school_and_sees_its_key_once(operator, tells, monkeypatch):
    system = described()
    tells()
    made = control.Access("https://sandbox.example", "Пісочниця: ліцей", "aikom_once")
    monkeypatch.setattr(control, "make", lambda one: made if one == system else None)
    page = f"/operator/{system.uid}/sandbox/"
    assert "Створити заклад і ключ" in operator.get(page).content.decode()
    answer = operator.post(page)
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert "aikom_once" in answer.content.decode()
    assert "aikom_once" not in operator.get(page).content.decode()


def test_another_operators_system_is_absent(world, tells):
    system = described()
    tells()
    other = Client()
    sign_in(other, Grant.objects.select_related("user", "unit").get(pk=opened("solomiya").pk))
    for method in (other.get, other.post):
        assert method(f"/operator/{system.uid}/sandbox/").status_code == 404


def test_a_silent_sandbox_is_said(operator, tells):
    system = described()
    tells(silent=True)
    answer = operator.get(f"/operator/{system.uid}/sandbox/")
    assert answer.status_code == 200
    assert "Пісочниця не відповідає" in answer.content.decode()


def _tested(world: Any) -> EisSystem:
    system = described()
    filed(system, "APPLICATION")
    testing.start(**of(system, world))
    testing.end(**of(system, world))
    system.refresh_from_db()
    return system


def test_the_administrator_drafts_a_negative_conclusion_and_signs_it(client, world, tells):
    system = _tested(world)
    tells(passage("lost", "unicode"))
    sign_in(client, world.grants["admin"])
    page = f"/eis/systems/{system.uid}/sandbox/"
    assert "Скласти проєкт висновку" in client.get(page).content.decode()
    answer = client.post(page, {"version": system.version})
    paper = RoadPaper.objects.get(system=system, kind="CONCLUSION")
    assert answer.headers["Location"] == f"/eis/papers/{paper.pk}/"
    assert paper.facts["positive"] is False
    assert [one["mismatch"] for one in paper.facts["findings"]] == [
        "Не спотворити імен. Не так.",
        "Повторити запис, на який не прийшла відповідь. Не так.",
    ]
    assert b'"run": 7' in bytes(files_of(paper.signing)[testing.PROTOCOL])
    assert client.get(f"/eis/papers/{paper.pk}/files/{testing.PROTOCOL}").status_code == 200
    admin_signed(world, paper, moment())
    system.refresh_from_db()
    assert system.state == "CONCLUSION_NEGATIVE"


def test_a_passed_programme_drafts_a_positive_one(client, world, tells):
    system = _tested(world)
    tells(passage(ended=False), passage())
    sign_in(client, world.grants["admin"])
    client.post(f"/eis/systems/{system.uid}/sandbox/", {"version": system.version})
    paper = RoadPaper.objects.get(system=system, kind="CONCLUSION")
    assert paper.facts["positive"] is True
    assert "Записати сто класів" in paper.facts["about"]


@pytest.mark.parametrize("case", ["not ended", "no passage", "stale"])
def test_no_conclusion_is_drafted_before_its_time(client, world, tells, case):
    system = _tested(world)
    tells(*([] if case == "no passage" else [passage(ended=case != "not ended")]))
    sign_in(client, world.grants["admin"])
    version = system.version - (case == "stale")
    answer = client.post(f"/eis/systems/{system.uid}/sandbox/", {"version": version})
    assert answer.status_code == 303
    assert not RoadPaper.objects.filter(system=system, kind="CONCLUSION").exists()

"""Two on the operator's road at one moment: each lock of it, and what the second is told."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.eis.models import EisSystem, Operator, RoadPaper, RoadStep, Trial
from integrations.eis.road.services import applications, operators, signing, steps, testing
from integrations.eis.road.services.applications import Description
from integrations.eis.states import Paper
from kernel.clock import moment
from tests.eis.operators import acting, cms, described, filed, laid, of
from tests.kit.racing import Held, beside
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def _says(name: str) -> Any:
    said = Description(name, "", "", ["DIARY"], [], "zoshyt@example.com", "")
    of_operator = {"actor": acting(), "system_uid": None, "version": 0, "moment": moment()}
    return lambda: applications.describe(said=said, **of_operator)


def test_two_first_systems_of_one_operator_leave_one_operator(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = _says("Зошит"), _says("Абетка")
    held = Held(operators.known)
    monkeypatch.setattr(operators, "known", held)
    assert beside(*jobs, held) == ["done", "done"]
    systems = EisSystem.objects.filter(name__in=["Зошит", "Абетка"])
    assert systems.count() == 2
    assert Operator.objects.filter(pk__in=systems.values("operator")).count() == 1


def test_of_a_test_begun_and_an_application_withdrawn_the_second_is_stale(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = described()
    filed(system, Paper.APPLICATION)
    told = of(system, world)
    held = Held(steps.held)
    monkeypatch.setattr(steps, "held", held)
    outcomes = beside(
        lambda: testing.start(**told),
        lambda: applications.withdraw(**(told | {"actor": acting()})),
        held,
    )
    assert outcomes == ["done", "stale_version"]
    assert Trial.objects.get(system=system).dropped_on is None
    assert EisSystem.objects.get(pk=system.pk).state == "TESTING"


def test_a_paper_signed_twice_at_once_begins_one_test(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = described()
    now = moment()
    paper = laid(system, Paper.APPLICATION, when=now)
    signature = cms(bytes(paper.signing.content), "oles", now.now)
    told = {"actor": acting(), "paper_id": paper.pk, "cms": signature, "moment": now}
    held = Held(applications.held_paper)
    monkeypatch.setattr(applications, "held_paper", held)
    outcomes = beside(lambda: signing.sign(**told), lambda: signing.sign(**told), held)
    assert outcomes == ["done", "done"]
    assert Trial.objects.filter(system=system).count() == 1
    assert RoadStep.objects.filter(system=system, step="submit").count() == 1


def test_of_two_papers_of_one_kind_prepared_at_once_one_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = described()
    version = EisSystem.objects.get(pk=system.pk).version
    told = {
        "actor": acting(),
        "system_uid": system.uid,
        "version": version,
        "kind": Paper.APPLICATION,
        "attached": [applications.Attached("ownership", b"%PDF-1.7 ")],
        "moment": moment(),
    }
    held = Held(applications.laid)
    monkeypatch.setattr(applications, "laid", held)
    outcomes = beside(
        lambda: applications.prepare(**told), lambda: applications.prepare(**told), held
    )
    assert outcomes == ["done", "done"]
    states = RoadPaper.objects.filter(system=system).order_by("pk").values_list("state", flat=True)
    assert list(states) == ["GIVEN_UP", "PREPARED"]

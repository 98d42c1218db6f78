"""A system's journal tells who is absent ten working days in a row, and reads what became of it."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

from accounts import actors
from accounts.roles import WRITES
from integrations.eis.models import EisSystem
from integrations.eis.services import systems
from kernel.audit.models import Look
from registry.coverage.models import CoverageCase
from tests.eis.kit import get, grant
from tests.eis.test_writes import problem, send
from tests.registry.coverage import kit
from tests.world import World

BOTH = ["absences", "absences.write"]
TEN = {"since": "2026-11-10", "until": "2026-11-23", "reason": "UNKNOWN"}


@pytest.fixture
def connected(world: World, time_machine) -> EisSystem:
    time_machine.move_to(kit.NOW.now, tick=True)
    systems.register_known(actor=actors.system("тест"))
    system = EisSystem.objects.get(name="Моя школа")
    systems.declare_writes(
        actor=world.actor("admin"), system_uid=system.uid, seen=[], writes=list(WRITES)
    )
    return EisSystem.objects.get(pk=system.pk)


def tell(client: Client, secret: str, *rows: object, query: str = "", **facts: object):
    return send(client, "POST", f"absences:bulk{query}", secret, {"items": rows}, **facts)


def of(world: World, name: str, **more: str) -> dict[str, str]:
    return {"pupil_id": str(world.pupils[name].pk), **TEN, **more}


def test_a_journal_opens_prolongs_and_explains_and_told_again_changes_nothing(
    client, world, connected
):
    secret = grant(world, connected, datasets=BOTH).secret
    rows = of(world, "oksana"), of(world, "ivan", until="2026-11-20")  # nine days: not yet
    before = tell(client, secret, *rows, query="?dry_run=true").json()
    assert [one["result"] for one in before["items"]] == ["new", "same"]
    assert not CoverageCase.objects.exists()
    told = tell(client, secret, *rows, key="one").json()
    assert [one["result"] for one in told["items"]] == ["new", "same"]
    again = tell(client, secret, *rows, key="one")
    assert (again.json(), again["Idempotency-Replayed"]) == (told, "true")
    assert [one["result"] for one in tell(client, secret, *rows, key="two").json()["items"]] == ["same"] * 2  # fmt: skip
    case = CoverageCase.objects.get()
    assert (str(case.pk), case.steps.count(), case.unit_id) == (
        told["items"][0]["id"], 1, world.units["chernivtsi"].pk,
    )  # fmt: skip
    longer = tell(client, secret, of(world, "oksana", until="2026-11-24"), key="three").json()
    assert longer["items"][0] == {"row": 0, "result": "changed", "id": str(case.pk), "version": 2}
    (listed,) = get(client, "absences", secret).json()["items"]
    assert (listed["until"], listed["state"], "reason" in listed) == ("2026-11-24", "RECORDED", False)  # fmt: skip
    assert Look.objects.filter(what="API: absences", subject_id=listed["pupil_id"]).exists()
    ill = of(world, "oksana", until="2026-11-24", reason="ILLNESS", ground="довідка № 3")
    assert tell(client, secret, ill, key="four").json()["counts"]["changed"] == 1
    (listed,) = get(client, "absences?state=CLOSED", secret).json()["items"]
    assert (listed["outcome"], listed["due_on"]) == ("EXPLAINED", None)
    assert get(client, "absences?state=RECORDED", secret).json()["items"] == []


def test_every_row_is_told_what_is_wrong_with_it_and_stops_no_other(client, world, connected):
    secret = grant(world, connected, datasets=BOTH).secret
    told = tell(
        client, secret,
        of(world, "marko"),  # of another school
        of(world, "ivan", since="2026-11-31", reason="ХВОРИЙ", class_id="1"),
        of(world, "ivan", until="2026-12-24"),
        of(world, "oksana", reason="ILLNESS"),
        of(world, "oksana"),
        "рядок",
    ).json()  # fmt: skip
    said = [[one["pointer"].rpartition("/")[2] for one in item.get("errors", ())] for item in told["items"]]  # fmt: skip
    assert said == [
        ["pupil_id"], ["class_id", "since", "reason"], ["pupil_id", "until"], ["ground"],
        ["pupil_id"], ["5"],
    ]  # fmt: skip
    assert (told["counts"]["refused"], CoverageCase.objects.count()) == (6, 0)


def test_neither_word_opens_the_other_and_the_community_s_children_are_never_told(
    client, world, connected
):
    reads = grant(world, connected, datasets=["absences"]).secret
    assert problem(tell(client, reads, of(world, "ivan"))) == (403, "dataset_not_granted")
    kit.nowhere(world)
    kit.recorded(world)
    assert get(client, "absences", reads).json()["items"] == []
    elsewhere = kit.absent(world)
    (listed,) = get(client, "absences", reads).json()["items"]
    assert listed["id"] == str(elsewhere.pk)
    other = grant(world, connected, "petro", "school2", datasets=["absences"]).secret
    assert get(client, "absences", other).json()["items"] == []
    writes = grant(world, connected, datasets=["absences.write"]).secret
    assert get(client, "absences", writes).status_code == 403
    assert datetime.date.fromisoformat(listed["since"]) == elsewhere.since

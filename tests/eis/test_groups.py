"""A system reads and writes groups of classes: once, by version, with an outcome for each row."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from accounts import actors
from integrations.eis.models import EisSystem, LedgerEntry
from integrations.eis.services import systems
from kernel import clock
from registry.groups import services
from registry.models import GroupPlacement, StudyGroup
from tests.eis.test_api import get, grant
from tests.eis.test_writes import problem, send
from tests.world import YEAR, World

BOTH = ["classes", "classes.write", "pupils"]
ENGLISH = "Англійська мова"


@pytest.fixture
def connected(world: World) -> EisSystem:
    systems.register_known(actor=actors.system("тест"))
    system = EisSystem.objects.get(name="Моя школа")
    systems.declare_writes(
        actor=world.actor("admin"), system_uid=system.uid, seen=[], writes=["classes.write"]
    )
    return EisSystem.objects.get(pk=system.pk)


def row(world: World, name: str, *pupils: str, **more: object) -> dict[str, object]:
    return {
        "class_ids": [str(world.classes["school1/5-А"].uid)],
        "subject": ENGLISH,
        "name": name,
        "pupil_ids": [str(world.pupils[key].pk) for key in pupils],
        **more,
    }


def post(client: Client, secret: str, *rows: object, query: str = "", **facts: object):
    return send(client, "POST", f"groups:bulk{query}", secret, {"items": rows}, **facts)


def test_a_system_splits_a_class_reads_the_groups_and_who_learns_there(client, world, connected):
    secret = grant(world, connected, datasets=BOTH).secret
    first, second = row(world, "1 група", "ivan"), row(world, "2 група")
    told = post(client, secret, first, second).json()
    assert told["counts"] == {"new": 2, "changed": 0, "same": 0, "refused": 0}
    group = told["items"][0]["id"]
    listed = get(client, "groups", secret).json()["items"]
    assert listed[0] == {
        "id": group,
        "school_year": YEAR,
        "subject": ENGLISH,
        "name": "1 група",
        "class_ids": first["class_ids"],
        "pupils": 1,
        "opened_on": clock.today().isoformat(),
        "version": 1,
    }
    one = get(client, f"groups/{group}", secret)
    assert (one.json(), one["ETag"]) == (listed[0], '"1"')
    here = get(client, f"groups?class={first['class_ids'][0]}", secret).json()["items"]
    assert [item["name"] for item in here] == ["1 група", "2 група"]
    other = world.classes["school1/5-Б"].uid
    assert get(client, f"groups?class={other}", secret).json()["items"] == []
    inside = get(client, f"pupils?group={group}", secret).json()["items"]
    assert [pupil["surname"] for pupil in inside] == ["Іваненко"]
    assert get(client, f"pupils?group={told['items'][1]['id']}", secret).json()["items"] == []


def test_a_dry_run_judges_and_writes_nothing(client, world, connected):
    secret = grant(world, connected, datasets=BOTH).secret
    rows = [
        row(world, "1 група", "ivan"),
        row(world, "2 група", "ivan"),
        row(world, "3 група", "marko"),
        {"subject": ENGLISH, "status": 1},
        row(world, "4 група", pupil_ids="усі"),
    ]
    dry = post(client, secret, *rows, query="?dry_run=true").json()
    assert dry["counts"] == {"new": 1, "changed": 0, "same": 0, "refused": 4}
    assert not StudyGroup.objects.exists()
    told = post(client, secret, *rows).json()
    assert told["counts"] == dry["counts"]
    assert {
        item["row"]: {(e["pointer"], e["code"]) for e in item["errors"]}
        for item in told["items"]
        if item["result"] == "refused"
    } == {
        1: {("#/items/1/pupil_ids", "other_group")},
        2: {("#/items/2/pupil_ids", "unknown_pupil")},
        3: {
            ("#/items/3/class_ids", "required"),
            ("#/items/3/name", "required"),
            ("#/items/3/status", "unknown_field"),
        },
        4: {("#/items/4/pupil_ids", "wrong_value")},
    }


def test_one_group_is_changed_by_its_version_and_once(client, world, connected):
    issued = grant(world, connected, datasets=BOTH)
    group = post(client, issued.secret, row(world, "1 група")).json()["items"][0]["id"]
    path, ivan = f"groups/{group}", str(world.pupils["ivan"].pk)
    body = {"pupil_ids": [ivan], "name": "Сильна"}
    first = send(client, "PATCH", path, issued.secret, body, key="k", match='"1"')
    assert (first.status_code, first["ETag"]) == (200, '"2"')
    assert (first.json()["name"], first.json()["pupils"]) == ("Сильна", 1)
    assert first.content == get(client, path, issued.secret).content
    again = send(client, "PATCH", path, issued.secret, body, key="k", match='"1"')
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    stale = send(client, "PATCH", path, issued.secret, {"pupil_ids": []}, match='"1"')
    assert problem(stale) == (412, "stale_version")
    assert problem(send(client, "PATCH", path, issued.secret, body))[0] == 428
    assert GroupPlacement.objects.count() == 1
    entry = LedgerEntry.objects.filter(method="PATCH").latest("pk")
    assert entry.dataset == "classes.write"


def test_a_key_that_only_reads_writes_no_group_and_sees_no_other_school(client, world, connected):
    writer = grant(world, connected, datasets=BOTH).secret
    group = post(client, writer, row(world, "1 група", "ivan")).json()["items"][0]["id"]
    reader = grant(world, connected, "petro", "school2", datasets=["classes", "pupils"]).secret
    assert get(client, "groups", reader).json()["items"] == []
    assert get(client, f"groups/{group}", reader).status_code == 404
    assert get(client, f"pupils?group={group}", reader).json()["items"] == []
    refused = send(client, "PATCH", f"groups/{group}", reader, {"name": "Ні"}, match='"1"')
    assert refused.status_code == 403
    assert post(client, reader, row(world, "1 група")).status_code == 403
    absent = send(client, "PATCH", f"groups/{uuid.uuid4()}", writer, {"name": "Ні"}, match='"1"')
    assert absent.status_code == 404


def test_a_closed_group_is_gone(client, world, connected):
    secret = grant(world, connected, datasets=BOTH).secret
    group = post(client, secret, row(world, "1 група")).json()["items"][0]["id"]
    services.close(actor=world.actor("olena"), uid=group, version=1)
    assert get(client, f"groups/{group}", secret).status_code == 410
    assert get(client, "groups", secret).json()["items"] == []
    later = send(client, "PATCH", f"groups/{group}", secret, {"name": "Ні"}, match='"2"')
    assert problem(later) == (409, "group_closed")

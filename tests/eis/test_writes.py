"""A system writes classes: once, only what was opened, beside whoever else writes them."""

from __future__ import annotations

import dataclasses
import json
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from accounts import actors
from accounts.roles import Dataset
from integrations.eis import rights
from integrations.eis.models import EisSystem, LedgerEntry
from integrations.eis.services import keys, systems
from kernel import clock
from kernel.audit.models import Act, EventRow
from kernel.db import command
from kernel.errors import Invalid
from kernel.once.models import Request
from registry.models import ClassGroup, Post
from tests.eis.test_api import get, grant
from tests.kit.acts import noted
from tests.kit.racing import together
from tests.world import YEAR, World, hire, sign_in

BOTH = ["classes", "classes.write"]


@pytest.fixture
def connected(world: World) -> EisSystem:
    systems.register_known(actor=actors.system("тест"))
    system = EisSystem.objects.get(name="Моя школа")
    systems.declare_writes(
        actor=world.actor("admin"), system_uid=system.uid, seen=[], writes=["classes.write"]
    )
    return EisSystem.objects.get(pk=system.pk)


@command
def teacher_at(*, actor: actors.Actor, world: World, at: str) -> Post:
    teacher = hire(world.institutions[at], "Класна")
    noted()
    return teacher


def send(
    client: Client,
    method: str,
    path: str,
    secret: str,
    body: object,
    *,
    key: str | None = "",
    match: str | None = None,
):
    headers = {"Authorization": f"Bearer {secret}"}
    if key is not None:
        headers["Idempotency-Key"] = key or str(uuid.uuid4())
    if match is not None:
        headers["If-Match"] = match
    content = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return client.generic(
        method, f"/api/v1/{path}", content, content_type="application/json", headers=headers
    )


def row(grade: int, letter: str, **more: object) -> dict[str, object]:
    return {"school_year": YEAR, "grade": grade, "letter": letter, **more}


def problem(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def test_a_system_names_the_class_teacher_and_the_key_answers_for_it(client, world, connected):
    issued = grant(world, connected, datasets=BOTH)
    teacher = teacher_at(actor=actors.system("т"), world=world, at="school1")
    group = world.classes["school1/5-А"]
    path = f"classes/{group.uid}"
    tag = get(client, path, issued.secret)["ETag"]
    answer = send(client, "PATCH", path, issued.secret, {"teacher_id": str(teacher.pk)}, match=tag)
    assert answer.status_code == 200
    assert answer.json()["teacher_id"] == str(teacher.pk)
    assert answer["ETag"] == '"2"' != tag
    assert answer.content == get(client, path, issued.secret).content
    event = EventRow.objects.select_related("act").get(code="registry.class.updated")
    assert (event.act.key_id, event.act.actor_label) == (str(issued.key.pk), "ОІС «Моя школа»")
    assert (event.act.command, event.act.user_id) == ("registry.classes.groups.update", None)
    entry = LedgerEntry.objects.get(method="PATCH")
    assert (entry.dataset, entry.status, entry.rows) == ("classes.write", 200, 1)


def test_the_same_key_again_changes_nothing_and_hears_the_same(client, world, connected):
    secret = grant(world, connected, datasets=BOTH).secret
    path = f"classes/{world.classes['school1/5-А'].uid}"
    first = send(client, "PATCH", path, secret, {"shift": 2}, key="k", match='"1"')
    send(client, "PATCH", path, secret, {"shift": 3}, match='"2"')
    again = send(client, "PATCH", path, secret, {"shift": 2}, key="k", match='"1"')
    assert (again.status_code, again.content, again["ETag"]) == (200, first.content, '"2"')
    assert again["Idempotency-Replayed"] == "true"
    assert ClassGroup.objects.get(uid=world.classes["school1/5-А"].uid).shift == 3
    other = send(client, "PATCH", path, secret, {"shift": 1}, key="k", match='"3"')
    assert problem(other) == (422, "idempotency_key_reused")


def test_a_stale_etag_is_refused_and_a_missing_one_asked_for(client, world, connected):
    secret = grant(world, connected, datasets=BOTH).secret
    path = f"classes/{world.classes['school1/5-А'].uid}"
    assert send(client, "PATCH", path, secret, {"shift": 2}, match='"1"').status_code == 200
    stale = send(client, "PATCH", path, secret, {"shift": 3}, match='"1"')
    assert problem(stale) == (412, "stale_version")
    missing = send(client, "PATCH", path, secret, {"shift": 3})
    assert problem(missing) == (428, "precondition_required")
    for odd in ("*", "2", 'W/"2"', '"²"', '"2", "3"', '"' + "9" * 50 + '"'):
        answer = client.generic(
            "PATCH",
            f"/api/v1/{path}",
            "{}",
            content_type="application/json",
            headers={
                "Authorization": f"Bearer {secret}",
                "Idempotency-Key": "x",
                "If-Match": odd.encode().decode("latin-1"),
            },
        )
        assert problem(answer) == (400, "bad_parameter"), odd
    no_key = send(client, "PATCH", path, secret, {"shift": 3}, key=None, match='"2"')
    assert problem(no_key) == (400, "idempotency_key_missing")


def test_what_may_be_written_is_operator_and_head_and_phase_together(
    client, world, connected, monkeypatch
):
    path = f"classes/{world.classes['school1/5-А'].uid}"
    other = EisSystem.objects.get(name="Нові знання")
    reader = grant(world, other, datasets=["classes"]).secret
    writer = grant(world, connected, datasets=BOTH).secret

    def ask(secret: str) -> tuple[int, str]:
        answer = send(client, "PATCH", path, secret, {}, match='"1"')
        return (200, "") if answer.status_code == 200 else problem(answer)

    assert ask(writer) == (200, "")
    assert ask(reader) == (403, "dataset_not_granted")
    with monkeypatch.context() as before_the_phase:
        before_the_phase.setattr(rights, "phases", tuple)
        assert ask(writer) == (403, "dataset_not_granted")
    systems.declare_writes(
        actor=world.actor("admin"), system_uid=connected.uid, seen=connected.writes, writes=[]
    )
    assert ask(writer) == (403, "dataset_not_granted")
    assert get(client, "classes", writer).status_code == 200
    systems.suspend_system(
        actor=world.actor("admin"),
        system_uid=connected.uid,
        ground="28.2",
        explanation="інцидент",
        on=clock.today(),
    )
    assert ask(writer) == (403, "system_not_connected")


def test_a_head_opens_no_writing_that_the_operator_did_not_declare(world, connected):
    systems.declare_writes(
        actor=world.actor("admin"), system_uid=connected.uid, seen=connected.writes, writes=[]
    )
    with pytest.raises(Invalid) as refusal:
        grant(world, connected, datasets=BOTH)
    assert [p.code for p in refusal.value.problems] == ["not_declared"]


def test_a_revoked_key_writes_nothing_from_the_next_request_on(client, world, connected):
    issued = grant(world, connected, datasets=BOTH)
    path = f"classes/{world.classes['school1/5-А'].uid}"
    keys.revoke_key(
        actor=world.actor("olena"), key_id=issued.key.pk, reason="кінець", now=timezone.now()
    )
    answer = send(client, "PATCH", path, issued.secret, {"shift": 2}, match='"1"')
    assert problem(answer) == (401, "key_unknown")
    assert ClassGroup.objects.get(uid=world.classes["school1/5-А"].uid).shift == 1


def test_another_school_s_class_reads_as_absent_byte_for_byte(client, world, connected):
    secret = grant(world, connected, datasets=BOTH).secret

    def body(uid: object) -> dict[str, object]:
        answer = send(client, "PATCH", f"classes/{uid}", secret, {"shift": 2}, match='"1"')
        assert answer.status_code == 404
        return {k: v for k, v in answer.json().items() if k != "instance"}

    assert body(world.classes["school2/5-А"].uid) == body(uuid.uuid4())


def test_another_school_s_teacher_reads_as_absent(client, world, connected):
    secret = grant(world, connected, datasets=BOTH).secret
    foreign = teacher_at(actor=actors.system("т"), world=world, at="school2")
    path = f"classes/{world.classes['school1/5-А'].uid}"
    told = []
    for teacher in (foreign.pk, uuid.uuid4()):
        answer = send(client, "PATCH", path, secret, {"teacher_id": str(teacher)}, match='"1"')
        assert answer.status_code == 422
        told.append(answer.json()["errors"])
    assert told[0] == told[1]


def test_a_thousand_classes_of_which_three_are_wrong(client, world, connected):
    """997 are opened; each of the three says what is wrong with it and where."""
    secret = grant(world, connected, datasets=BOTH).secret
    rows = [row(number % 12 + 1, f"Я{number}") for number in range(1_000)]
    rows[10] = row(5, "Х", shift=7)
    rows[500] = row(5, "Ц", teacher_id=str(uuid.uuid4()))
    rows[999] = {"grade": 1, "letter": "Ч", "status": "CLOSED"}
    dry = send(client, "POST", "classes:bulk?dry_run=true", secret, {"items": rows})
    assert dry.json()["counts"] == {"new": 997, "changed": 0, "same": 0, "refused": 3}
    before = ClassGroup.objects.count()
    answer = send(client, "POST", "classes:bulk", secret, {"items": rows})
    told = answer.json()
    assert (answer.status_code, told["counts"]) == (200, dry.json()["counts"])
    assert ClassGroup.objects.count() == before + 997
    refused = {item["row"]: item["errors"] for item in told["items"] if item["result"] == "refused"}
    assert {number: {e["pointer"] for e in errors} for number, errors in refused.items()} == {
        10: {"#/items/10/shift"},
        500: {"#/items/500/teacher_id"},
        999: {"#/items/999/school_year", "#/items/999/status"},
    }
    assert EventRow.objects.filter(code="registry.class.opened").count() == 997
    assert Act.objects.filter(command="registry.classes.merging.put_many").count() == 1
    again = send(client, "POST", "classes:bulk", secret, {"items": rows[:10]})
    assert again.json()["counts"] == {"new": 0, "changed": 0, "same": 10, "refused": 0}


def test_rows_that_stand_are_corrected_by_their_version(client, world, connected):
    secret = grant(world, connected, datasets=BOTH).secret
    answer = send(
        client,
        "POST",
        "classes:bulk",
        secret,
        {
            "items": [
                row(5, "А", shift=2, version=1),
                row(5, "Б", shift=2, version=4),
                row(5, "А", shift=3),
                row(5, "Б", form="EXTERNAL"),
                row(6, "А", version=1),
                row(7, "а", profile="математичний"),
            ]
        },
    ).json()
    assert [item["result"] for item in answer["items"]] == [
        "changed", "refused", "refused", "refused", "refused", "new",
    ]  # fmt: skip
    assert answer["items"][0]["version"] == 2
    assert [item["errors"][0]["code"] for item in answer["items"][1:5]] == [
        "stale_version", "class_twice", "kept", "stale_version",
    ]  # fmt: skip
    assert ClassGroup.objects.get(institution=world.institutions["school1"], grade=7).letter == "А"
    assert ClassGroup.objects.get(pk=world.classes["school2/5-А"].pk).shift == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("[]", 400),
        ("null", 400),
        ('{"items": {}}', 400),
        ('{"items": [], "more": 1}', 400),
        ('{"items": [NaN]}', 400),
        ('{"items": ["\\ud800"]}', 400),
        ("[" * 5_000, 400),
        (b"\xff\xfe", 400),
        (json.dumps({"items": [{}] * 1_001}), 422),
        ("9" * 3_000_000, 413),
    ],
)
def test_a_body_of_another_shape_is_told(client, world, connected, settings, body, status):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
    secret = grant(world, connected, datasets=BOTH).secret
    answer = send(client, "POST", "classes:bulk", secret, body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    "value",
    ["²", "٣", "\x00", "9" * 10_000, [1], {}, -1, 10**30, 1.5, True, None, "1", "👩‍🏫"],
    ids=repr,
)
@pytest.mark.parametrize(
    "name", ["grade", "letter", "school_year", "shift", "teacher_id", "profile"]
)
def test_an_odd_value_refuses_its_row_and_nothing_breaks(client, world, connected, name, value):
    secret = grant(world, connected, datasets=BOTH).secret
    body = {"items": [row(9, "Ю") | {name: value}, row(9, "Я")]}
    text = (
        json.dumps(body)
        if abs(value if type(value) is int else 0) < 2**63
        else json.dumps(body).replace(str(10**30), "1e30")
    )
    answer = send(client, "POST", "classes:bulk", secret, text)
    assert answer.status_code == 200
    results = [item["result"] for item in answer.json()["items"]]
    assert results[1] == "new"
    fine = {("teacher_id", None), ("letter", "²"), ("letter", "٣"), ("letter", "1"), ("letter", "👩‍🏫"),
            ("profile", "²"), ("profile", "٣"), ("profile", "1"), ("profile", "👩‍🏫")}  # fmt: skip
    expected = (
        "new" if isinstance(value, (str, type(None))) and (name, value) in fine else "refused"
    )
    assert results[0] == expected


@pytest.mark.parametrize("key", ["а б", "", " ", "k" * 201, "а\u0301"])
def test_an_odd_idempotency_key_is_told(client, world, connected, key):
    secret = grant(world, connected, datasets=BOTH).secret
    answer = client.generic(
        "POST",
        "/api/v1/classes:bulk",
        '{"items": []}',
        content_type="application/json",
        headers={
            "Authorization": f"Bearer {secret}",
            "Idempotency-Key": key.encode().decode("latin-1"),
        },
    )
    assert problem(answer) == (400, "bad_parameter")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_open_the_class_once(transactional_db, world):
    systems.register_known(actor=actors.system("тест"))
    system = EisSystem.objects.get(name="Моя школа")
    systems.declare_writes(
        actor=world.actor("admin"), system_uid=system.uid, seen=[], writes=["classes.write"]
    )
    secret = grant(world, system, datasets=BOTH).secret
    bodies: list[bytes] = []

    def ask() -> None:
        answer = send(Client(), "POST", "classes:bulk", secret, {"items": [row(8, "А")]}, key="one")
        bodies.append(answer.content)

    together(ask, ask)
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
    assert json.loads(bodies[0])["counts"]["new"] == 1
    assert ClassGroup.objects.filter(grade=8).count() == 1
    assert Request.objects.filter(key="one").count() == 1


def test_the_technical_administrator_says_what_a_system_writes(client, world, connected):
    sign_in(client, world.grants["admin"])
    path = f"/eis/systems/{connected.uid}/"
    assert Dataset.CLASSES_WRITE.label in client.get(path).content.decode()
    seen = {"seen": "classes.write"}
    assert client.post(path + "writes/", {"writes": []} | seen).status_code == 303
    stale = client.post(path + "writes/", {"writes": ["classes.write"]} | seen)
    assert stale.status_code == 412
    assert f"<td>{Dataset.CLASSES_WRITE.label}</td><td></td>" in stale.content.decode()
    connected.refresh_from_db()
    assert connected.writes == []
    assert "лише читає" in client.get(path).content.decode()
    assert client.post(path + "writes/", {"writes": ["pupils"]}).status_code == 422


def test_the_head_sees_which_systems_write(client, world, connected):
    grant(world, connected, datasets=BOTH)
    sign_in(client, world.grants["olena"])
    page = client.get("/eis/").content.decode()
    assert "Запис класів" in page


def test_a_key_is_an_actor_that_no_grant_s_policy_lets_on(world, connected):
    issued = grant(world, connected, datasets=[*BOTH, "pupils"])
    holder = keys_holder(issued.secret)
    assert holder.actor.role == "EIS"
    assert dataclasses.is_dataclass(holder.actor)
    assert holder.actor.scope.keys == (world.institutions["school1"].pk,)


def keys_holder(secret: str):
    from integrations.eis.selectors.keys import open_by_secret

    return open_by_secret(secret, clock.today())

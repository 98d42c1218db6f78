"""«ОІС і доступи» in the portal."""

from __future__ import annotations

import re
import uuid

import pytest

from accounts import actors
from integrations.eis.models import EisSystem, SchoolKey
from integrations.eis.services import systems
from kernel import clock
from tests.world import sign_in


@pytest.fixture
def connected(world):
    systems.register_known(actor=actors.system("тест"))
    return EisSystem.objects.get(name="Моя школа")


def form(world, system, **changes):
    today = clock.today()
    return {
        "form_id": str(uuid.uuid4()),
        "institution": str(world.institutions["school1"].uid),
        "system": str(system.uid),
        "datasets": ["pupils", "classes"],
        "valid_from": today.strftime("%d.%m.%Y"),
        "valid_to": today.replace(year=today.year + 1).strftime("%d.%m.%Y"),
    } | changes


def test_the_head_receives_the_key_once_and_it_works(client, world, connected):
    sign_in(client, world.grants["olena"])
    assert client.get("/eis/new/").status_code == 200
    answer = client.post("/eis/new/", form(world, connected))
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    secret = re.search(r"aikom_[\w-]{43}", answer.content.decode()).group()
    assert (
        client.get("/api/v1/pupils", headers={"Authorization": f"Bearer {secret}"}).status_code
        == 200
    )
    listed = client.get("/eis/").content.decode()
    assert "Моя школа" in listed
    assert secret not in listed


def test_a_double_click_issues_one_key(client, world, connected):
    sign_in(client, world.grants["olena"])
    sent = form(world, connected)
    assert client.post("/eis/new/", sent).status_code == 201
    again = client.post("/eis/new/", sent)
    assert again.status_code == 422
    assert "Ключ показується один раз" in again.content.decode()
    assert SchoolKey.objects.count() == 1


def test_mistakes_come_back_beside_their_fields_and_nothing_is_issued(client, world, connected):
    sign_in(client, world.grants["olena"])
    answer = client.post("/eis/new/", form(world, connected, valid_to="31.02.2027", datasets=[]))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Помилка: " in page
    assert SchoolKey.objects.count() == 0


def test_the_head_revokes_with_a_reason(client, world, connected):
    sign_in(client, world.grants["olena"])
    client.post("/eis/new/", form(world, connected))
    key = SchoolKey.objects.get()
    assert client.post(f"/eis/{key.pk}/revoke/", {"reason": ""}).status_code == 422
    assert client.post(f"/eis/{key.pk}/revoke/", {"reason": "Змінили журнал"}).status_code == 303
    key.refresh_from_db()
    assert key.revoke_reason == "Змінили журнал"
    assert "Відкликано" in client.get("/eis/").content.decode()


def test_another_head_finds_no_such_key(client, world, connected):
    sign_in(client, world.grants["olena"])
    client.post("/eis/new/", form(world, connected))
    key = SchoolKey.objects.get()
    sign_in(client, world.grants["petro"])
    for path in (f"/eis/{key.pk}/ledger/", f"/eis/{key.pk}/revoke/"):
        assert (
            client.get(path).status_code
            == client.get(path.replace(str(key.pk), str(uuid.uuid4()))).status_code
            == 404
        )


def test_the_ledger_shows_the_calls(client, world, connected):
    sign_in(client, world.grants["olena"])
    secret = re.search(
        r"aikom_[\w-]{43}", client.post("/eis/new/", form(world, connected)).content.decode()
    ).group()
    client.get("/api/v1/pupils?limit=1", headers={"Authorization": f"Bearer {secret}"})
    page = client.get(f"/eis/{SchoolKey.objects.get().pk}/ledger/").content.decode()
    assert "/api/v1/pupils?limit=1" in page


def test_authorities_see_but_do_not_grant(client, world, connected):
    sign_in(client, world.grants["bohdan"])
    assert client.get("/eis/").status_code == 200
    assert client.get("/eis/new/").status_code == 403


def test_the_technical_administrator_suspends_on_a_ground_and_restores(client, world, connected):
    sign_in(client, world.grants["admin"])
    page = f"/eis/systems/{connected.uid}/"
    assert client.post(page, {"ground": "29.1"}).status_code == 422
    assert client.post(page, {"ground": "28.2", "explanation": "інцидент"}).status_code == 303
    assert "Доступ зупинено" in client.get("/eis/systems/").content.decode()
    assert client.post(page, {"explanation": "усунено, акт № 5"}).status_code == 303
    sign_in(client, world.grants["olena"])
    assert client.get("/eis/systems/").status_code == 403


def test_the_description_of_the_api_is_open_to_all(client, world):
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert "/api/v1/pupils" in page.content.decode()

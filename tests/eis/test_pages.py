"""«ОІС і доступи» in the portal."""

from __future__ import annotations

import base64
import re
import uuid

import pytest

from accounts import actors
from integrations.eis.models import EisSystem, Mandate, SchoolKey
from integrations.eis.services import systems
from kernel import clock
from tests.eis.kit import grant, signature
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


def signed(client, world, system, **changes) -> str:
    """The address of a mandate that the head filled in, read and signed."""
    prepared = client.post("/eis/new/", form(world, system, **changes))
    assert prepared.status_code == 303, prepared.content.decode()
    page = prepared["Location"]
    assert "Підписати й надати доступ" in client.get(page).content.decode()
    cms = base64.b64encode(signature(Mandate.objects.get(pk=page.split("/")[-2]))).decode()
    assert client.post(f"{page}sign/", {"signature": cms}).status_code == 303
    return page


def key_of(client, page: str, **how) -> str:
    answer = client.post(f"{page}key/", {"form_id": str(uuid.uuid4()), "overlap": "24"} | how)
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    return re.search(r"aikom_[\w-]{43}", answer.content.decode()).group()


def test_the_head_signs_receives_the_key_once_and_it_works(client, world, connected):
    sign_in(client, world.grants["olena"])
    assert client.get("/eis/new/").status_code == 200
    page = signed(client, world, connected, opened=["pupils.sex"])
    assert client.get(f"{page}paper/").content.startswith(b"%PDF")
    assert "дата народження" in client.get(page).content.decode()
    secret = key_of(client, page)
    answer = client.get("/api/v1/pupils", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    assert "born_on" not in answer.json()["items"][0]
    for shown in ("/eis/", page):
        listed = client.get(shown).content.decode()
        assert "Моя школа" in listed
        assert secret not in listed
    again = client.get(f"/eis/new/?of={page.split('/')[-2]}").content.decode()
    assert re.search(r'value="pupils.sex"[^>]*checked', again)
    assert not re.search(r'value="pupils.birth"[^>]*checked', again)
    assert client.post(f"{page}sign/", {"signature": "зайве"}).status_code == 303


def test_a_signature_that_does_not_hold_is_told_and_opens_nothing(client, world, connected):
    sign_in(client, world.grants["olena"])
    page = client.post("/eis/new/", form(world, connected))["Location"]
    refused = client.post(f"{page}sign/", {"signature": "зайве"})
    assert refused.status_code == 422
    assert "Помилка: " in refused.content.decode()
    assert (
        client.post(f"{page}key/", {"form_id": str(uuid.uuid4()), "overlap": "0"}).status_code
        == 422
    )
    assert client.post(page).status_code == 303
    assert not SchoolKey.objects.exists()


def test_a_double_click_prepares_one_mandate_and_issues_one_key(client, world, connected):
    sign_in(client, world.grants["olena"])
    sent = form(world, connected)
    first, second = (client.post("/eis/new/", sent) for _ in range(2))
    assert first["Location"] == second["Location"]
    page = signed(client, world, connected)
    how = {"form_id": str(uuid.uuid4())}
    key_of(client, page, **how)
    again = client.post(f"{page}key/", how | {"overlap": "24"})
    assert again.status_code == 422
    assert "Ключ показується один раз" in again.content.decode()
    assert SchoolKey.objects.count() == 1


def test_mistakes_come_back_beside_their_fields_and_nothing_is_prepared(client, world, connected):
    sign_in(client, world.grants["olena"])
    answer = client.post("/eis/new/", form(world, connected, valid_to="31.02.2027", datasets=[]))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Помилка: " in page
    assert Mandate.objects.count() == 0


def test_the_head_stops_a_key_or_the_whole_access_with_a_reason(client, world, connected):
    sign_in(client, world.grants["olena"])
    page = signed(client, world, connected)
    key_of(client, page)
    key = SchoolKey.objects.get()
    assert client.post(f"/eis/{key.pk}/revoke/", {"reason": ""}).status_code == 422
    assert client.post(f"/eis/{key.pk}/revoke/", {"reason": "Загубили"}).status_code == 303
    secret = key_of(client, page)
    assert client.post(f"{page}revoke/", {"reason": ""}).status_code == 422
    assert client.post(f"{page}revoke/", {"reason": "Змінили журнал"}).status_code == 303
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/classes", headers=headers).status_code == 401
    assert sorted(SchoolKey.objects.values_list("revoke_reason", flat=True)) == [
        "Загубили",
        "Змінили журнал",
    ]
    assert "Відкликано" in client.get("/eis/").content.decode()


def test_another_head_finds_no_such_mandate_or_key(client, world, connected):
    key = grant(world, connected).key
    sign_in(client, world.grants["petro"])
    mandate = f"/eis/mandates/{key.mandate_id}/"
    for path in (
        f"/eis/{key.pk}/ledger/",
        f"/eis/{key.pk}/revoke/",
        mandate,
        *(f"{mandate}{part}/" for part in ("paper", "revoke", "key")),
    ):
        other = re.sub(r"[0-9a-f-]{36}", str(uuid.uuid4()), path)
        assert client.get(path).status_code == client.get(other).status_code == 404


def test_the_ledger_shows_the_calls(client, world, connected):
    made = grant(world, connected)
    sign_in(client, world.grants["olena"])
    client.get("/api/v1/pupils?limit=1", headers={"Authorization": f"Bearer {made.secret}"})
    page = client.get(f"/eis/{made.key.pk}/ledger/").content.decode()
    assert "/api/v1/pupils?limit=1" in page
    mandate = client.get(f"/eis/mandates/{made.key.mandate_id}/").content.decode()
    assert "ще не було" not in mandate


def test_authorities_see_but_do_not_grant(client, world, connected):
    sign_in(client, world.grants["bohdan"])
    assert client.get("/eis/").status_code == 200
    assert client.get("/eis/new/").status_code == 403


def test_the_technical_administrator_suspends_on_a_ground_and_restores(client, world, connected):
    sign_in(client, world.grants["admin"])
    page = f"/eis/systems/{connected.uid}/step/"
    version = {"version": "1"}
    wrong = client.post(f"{page}suspend/", version | {"ground": "29.1"})
    assert wrong.status_code == 422
    ground = {"ground": "28.2", "explanation": "інцидент"}
    assert client.post(f"{page}suspend/", version | ground).status_code == 303
    assert "Доступ зупинено" in client.get("/eis/systems/").content.decode()
    said = version | {"explanation": "усунено, акт № 5"}
    assert client.post(f"{page}restore/", said).status_code == 303
    sign_in(client, world.grants["olena"])
    assert client.get("/eis/systems/").status_code == 403


def test_the_description_of_the_api_is_open_to_all(client, world):
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert "/api/v1/pupils" in page.content.decode()

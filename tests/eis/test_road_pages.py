"""The operator's road in the portal: the cabinet, the administrator's steps, what everybody sees."""

from __future__ import annotations

import base64

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Grant
from integrations.eis.models import EisSystem, RoadPaper
from kernel.clock import moment
from signatures.demo.signing import sign_cms
from tests.eis.operators import (
    PDF,
    cms,
    connected,
    described,
    filed,
    opened,
    with_contract,
)
from tests.registry.kit import key_of
from tests.world import sign_in


@pytest.fixture
def operator(client, world):
    """A browser in the operator's cabinet."""
    sign_in(client, Grant.objects.select_related("user", "unit").get(pk=opened().pk))
    return client


def version() -> dict[str, str]:
    return {"version": str(EisSystem.objects.get(name="Зошит").version)}


def as_admin(client, world) -> None:
    sign_in(client, world.grants["admin"])


def as_operator(client) -> None:
    sign_in(client, Grant.objects.select_related("user", "unit").get(pk=opened().pk))


def step(client, name: str, **said) -> None:
    uid = EisSystem.objects.get(name="Зошит").uid
    page = f"/eis/systems/{uid}/step/{name}/"
    assert client.get(page).status_code == 200
    answer = client.post(page, version() | said)
    assert answer.status_code == 303, answer.content.decode()


def signed_page(client, page: str, made: bytes) -> None:
    assert "Підписати й" in client.get(page).content.decode()
    answer = client.post(f"{page}sign/", {"signature": base64.b64encode(made).decode()})
    assert answer.status_code == 303, answer.content.decode()


def operator_signs(client, page: str) -> None:
    paper = RoadPaper.objects.get(pk=page.split("/")[-2])
    signed_page(client, page, cms(bytes(paper.signing.content), "oles", moment().now))


def file() -> SimpleUploadedFile:
    return SimpleUploadedFile("право.pdf", PDF, "application/pdf")


def test_the_whole_road_is_walked_by_forms_alone(operator, client, world):
    with_contract(world)
    assert "ОІС ще немає" in operator.get("/operator/").content.decode()
    about = {"name": "Зошит", "email": "zoshyt@example.com", "version": "0"}
    wrong = operator.post("/operator/new/", about)
    assert (wrong.status_code, EisSystem.objects.count()) == (422, 0)
    made = operator.post("/operator/new/", about | {"functions": ["JOURNAL"]})
    assert made.status_code == 303, made.content.decode()
    own = made["Location"]
    assert "Подати заяву про підключення ОІС" in operator.get(own).content.decode()
    apply = f"{own}file/APPLICATION/"
    assert operator.post(apply, version()).status_code == 422
    page = operator.post(apply, version() | {"ownership": file()})["Location"]
    operator_signs(operator, page)
    assert operator.get(f"{page}files/dokument.pdf").content.startswith(b"%PDF")
    assert operator.get(f"{page}files/dodatok-1.pdf").content == PDF
    assert operator.get(f"{page}files/document.json").status_code == 404
    assert "Відкликати заяву" in operator.get(own).content.decode()

    as_admin(client, world)
    listed = client.get("/eis/systems/?order=due").content.decode()
    assert "Заявку подано" in listed
    step(client, "start")
    step(client, "end")
    uid = EisSystem.objects.get(name="Зошит").uid
    conclude = f"/eis/systems/{uid}/step/conclude/"
    half = client.post(conclude, version() | {"positive": "no", "mismatch_1": "Немає TLS"})
    assert half.status_code == 422
    assert "впишіть і невідповідність, і пропозицію" in half.content.decode()
    page = client.post(conclude, version() | {"positive": "yes"})["Location"]
    paper = RoadPaper.objects.get(kind="CONCLUSION")
    key, certificate = key_of("admin", world.units["ioa"].edrpou, moment().now)
    made = sign_cms(bytes(paper.signing.content), key, certificate, signing_time=moment().now)
    signed_page(client, page, made)

    as_operator(client)
    assert client.get(page).status_code == 200  # the conclusion is sent
    told = {
        "kind": "KSZI",
        "number": "22815",
        "issued_on": "01.09.2026",
        "valid_to": "01.09.2029",
        "paper": file(),
    }
    assert client.post(f"{own}attestation/", version() | told).status_code == 303

    as_admin(client, world)
    waits = EisSystem.objects.get(name="Зошит").attestations.get()
    assert client.get(f"/eis/attestations/{waits.pk}/").content == PDF
    step(client, "judge", attestation=waits.pk, verdict="yes")

    as_operator(client)
    join = client.get(f"{own}file/JOIN/").content.decode()
    assert "Оператор дотримується Положення." in join
    operator_signs(client, client.post(f"{own}file/JOIN/", version())["Location"])

    as_admin(client, world)
    step(client, "contract")
    assert "Зошит" not in client.get("/eis/connected/").content.decode()
    step(client, "publish")
    public = Client().get("/eis/connected/").content.decode()
    assert "Зошит" in public
    assert "Електронний класний журнал" in public
    assert client.get("/eis/connected/contract/1/").status_code == 200


def test_nobody_sees_another_operator_s_system_or_paper(operator, world):
    system = described("solomiya", name="Абетка")
    paper = filed(system, "APPLICATION", "solomiya")
    for page in (
        f"/operator/{system.uid}/",
        f"/operator/{system.uid}/about/",
        f"/operator/{system.uid}/file/APPLICATION/",
        f"/operator/{system.uid}/file/TRANSFER/",
        f"/operator/{system.uid}/attestation/",
        f"/eis/papers/{paper.pk}/",
        f"/eis/papers/{paper.pk}/files/dokument.pdf",
    ):
        assert operator.get(page).status_code == 404, page
    assert "Абетка" not in operator.get("/operator/").content.decode()
    assert operator.get("/operator/").status_code == 200
    assert operator.get("/").status_code == 302


def test_a_step_taken_meanwhile_is_told_and_not_taken_twice(client, world):
    system = described()
    filed(system, "APPLICATION")
    as_admin(client, world)
    page = f"/eis/systems/{system.uid}/step/start/"
    said = version()
    assert client.post(page, said).status_code == 303
    told = client.post(page, said)
    assert told.status_code == 422
    assert "Зараз цього кроку немає" in told.content.decode()
    again = client.get(page).content.decode()
    assert "Зараз цього кроку немає" in again
    assert client.get(f"/eis/systems/{system.uid}/step/nothing/").status_code == 404


def test_the_owner_approves_the_contract_and_the_administrator_only_proposes(client, world):
    as_admin(client, world)
    said = {"title": "Договір", "body": "Текст", "effective_on": f"{moment().today:%d.%m.%Y}"}
    assert client.post("/eis/texts/new/contract/", said).status_code == 303
    assert client.post("/eis/texts/new/nothing/", said).status_code == 404
    assert "Затвердити текст" not in client.get("/eis/texts/contract/1/").content.decode()
    assert client.post("/eis/texts/contract/1/", {"approval": "№ 1"}).status_code == 403
    assert client.get("/eis/connected/contract/1/").status_code == 404
    sign_in(client, world.grants["maria"])
    assert "чекає на затвердження" in client.get("/").content.decode()
    assert client.post("/eis/texts/contract/1/", {"approval": ""}).status_code == 422
    assert client.post("/eis/texts/contract/1/", {"approval": "№ 1"}).status_code == 303
    assert client.get("/eis/connected/contract/1/").status_code == 200


def test_the_administrator_disconnects_on_a_ground_by_the_form(client, world):
    system = connected(world)
    as_admin(client, world)
    page = f"/eis/systems/{system.uid}/step/disconnect/"
    assert client.post(page, version() | {"ground": "29.3"}).status_code == 422
    said = version() | {"ground": "29.3", "document": "№ 8 від 02.09.2026"}
    assert client.post(page, said).status_code == 303
    assert "№ 8 від 02.09.2026" in client.get(f"/eis/systems/{system.uid}/").content.decode()


def test_the_operators_door_says_what_it_opens(client, db):
    page = client.get("/login/?operator=1").content.decode()
    assert 'name="operator" value="1"' in page
    assert "Кабінет оператора ОІС" in page
    assert "operator=1" in client.get("/login/").content.decode()

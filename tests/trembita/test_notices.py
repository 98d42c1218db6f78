"""Signed notices of the children's register go through «Трембіта» by themselves: once each, whatever fails."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from accounts import actors
from integrations.trembita import checks
from kernel.audit.models import Act
from kernel.clock import Moment
from kernel.errors import NotAllowed
from registry.coverage import services
from registry.coverage.models import CoverageLetter
from registry.coverage.services import sending
from registry.tasks import send_notices
from signatures.api import verify_signature
from tests.kit.racing import together
from tests.registry.coverage import kit
from tests.trembita import server
from tests.trembita.server import Answer, SecurityServer, fault, told
from tests.world import World, sign_in

SYSTEM = actors.system("облік дітей: надсилання повідомлень")


@pytest.fixture
def bus(settings: Any) -> Iterator[SecurityServer]:
    made = SecurityServer()
    settings.TREMBITA_ADDRESS = made.address
    settings.TREMBITA_CLIENT = server.CLIENT
    settings.TREMBITA_PURPOSE = server.PURPOSE
    settings.TREMBITA_NOTICES = [f"SSD={server.SSD}", f"POLICE={server.POLICE}"]
    yield made
    made.close()


@pytest.fixture
def letter(world: World) -> CoverageLetter:
    kit.nowhere(world)
    return kit.signed(world, kit.recorded(world), "bohdan")


def later(**passed: float) -> Moment:
    return Moment(kit.NOW.now + datetime.timedelta(**passed), kit.NOW.today)


def sent(moment: Moment = kit.NOW) -> int:
    return services.send_unsent(actor=SYSTEM, moment=moment)


def numbers(letter: CoverageLetter) -> list[str]:
    return list(letter.deliveries.order_by("pk").values_list("number", flat=True))


def test_a_signed_notice_goes_to_each_addressee_once_with_its_proof(world, bus, letter, client):
    assert (sent(), sent()) == (2, 0)
    police, ssd = sorted(bus.taken.values(), key=lambda one: one["service"], reverse=True)
    assert (ssd["service"], police["service"]) == (server.SSD, server.POLICE)
    case = letter.rows.get().case
    message = ssd["message"]
    assert (ssd["subject"], message["children"][0]["case"]) == (str(case.pk), str(case.pk))
    assert (message["number"], message["kind"]) == (letter.number, "NOT_COVERED")
    proof = message["signature"]
    manifest, cms = proof["manifest"].encode(), base64.b64decode(proof["cms"])
    assert verify_signature(manifest, cms, purpose="order", at=kit.NOW.now).valid
    assert client.get(reverse("verify_document", args=[proof["code"]])).status_code == 200
    for one in letter.deliveries.all():
        kept = bus.taken[f"{letter.pk}/{one.recipient}"]
        assert (one.how, one.number, one.sent_on) == ("TREMBITA", kept["number"], kit.NOW.today)
        assert one.answer_by == datetime.date(2026, 12, 8)
    grounds = Act.objects.filter(ground__startswith="Запит ").values_list("ground", flat=True)
    assert sorted(grounds) == sorted(f"Запит {one}" for one in bus.queries)
    sign_in(client, world.grants["bohdan"])
    page = client.get(reverse("coverage_letter", args=[letter.pk])).content.decode()
    assert "через «Трембіту», автоматично" in page


def test_a_notice_whose_answer_was_lost_is_sent_again_and_registered_once(bus, letter):
    bus.lose_answers = 1
    assert sent() == 1
    assert len(bus.taken) == 2  # both are there, one answer never came
    assert sent(later(minutes=15)) == 1
    assert len(bus.taken) == 2
    assert len(set(bus.queries)) == len(bus.queries) == 3  # each try has an id of its own
    assert sorted(numbers(letter)) == sorted(one["number"] for one in bus.taken.values())


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(500, b"<html>500</html>"),
        fault(500, "Server.ServerProxy.NetworkError", "connect timed out"),
        fault(403, "Server.ServerProxy.AccessDenied", "Request is not allowed"),
        told(200, issue="інше", registrationNumber="1", registrationDate="2026-11-24"),
        told(200, registrationNumber=7),
        Answer(200, b"[]"),
        Answer(200, b"\xcf\xf0\xe8\xe2"),
        Answer(200, b"[" * 50_000),
        Answer(200, b" " * 200_000),
        Answer(200, b"", cut=True),
    ],
    ids=lambda one: f"{one.status}-{one.body[:24]!r}",
)
def test_an_answer_that_says_nothing_leaves_the_notice_unsent_and_people_may_tell(
    world, bus, letter, trouble
):
    bus.trouble = lambda message: trouble
    assert sent() == 0
    assert numbers(letter) == ["", ""]
    written = services.deliver(
        actor=world.actor("bohdan"), letter_id=letter.pk, recipient="SSD", version=1,
        values={"on": "24.11.2026", "how": "PAPER", "number": "5"}, moment=kit.NOW,
    )  # fmt: skip
    bus.trouble = None
    assert sent() == 1  # to the police alone
    written.refresh_from_db()
    assert (written.how, written.number) == ("PAPER", "5")


def test_without_a_purpose_or_an_address_nothing_leaves(bus, letter, settings):
    settings.TREMBITA_PURPOSE = ""
    assert sent() == 0
    assert bus.taken == {}
    assert [one.id for one in checks.configuration_is_whole()] == ["trembita.E003"]
    settings.TREMBITA_NOTICES = ["SSD=кудись", f"НІХТО={server.SSD}"]
    settings.TREMBITA_CLIENT = "ми"
    assert {one.id for one in checks.configuration_is_whole()} == {
        "trembita.E002", "trembita.E003", "trembita.E004",
    }  # fmt: skip
    settings.TREMBITA_ADDRESS, settings.TREMBITA_NOTICES = "", []
    assert (sent(), checks.configuration_is_whole()) == (0, [])


def test_an_unsigned_notice_does_not_go_and_nobody_but_the_system_sends(world, bus):
    kit.nowhere(world)
    kit.prepared(world, kit.recorded(world), "bohdan")
    assert sent() == 0
    with pytest.raises(NotAllowed):
        services.send_unsent(actor=world.actor("bohdan"), moment=kit.NOW)
    assert bus.queries == []


def test_a_way_that_is_broken_is_not_beaten_on(world, bus, monkeypatch, letter):
    bus.trouble = lambda message: fault(500, "Server.ServerProxy.NetworkError", "timed out")
    monkeypatch.setattr(sending, "MOST_FAULTS", 1)
    assert sent() == 0
    assert len(bus.queries) == 1


def test_when_a_notice_is_tried():
    signed = kit.NOW.now  # noon in Kyiv
    hour, day = datetime.timedelta(hours=1), datetime.timedelta(days=1)
    tried = [signed, signed + hour * 0.75, signed + 3 * hour, signed + 6 * day]
    rested = [signed + hour, signed + 3.5 * hour, signed + 4 * hour, signed + 7 * day]
    assert [sending.due(signed, one) for one in tried + rested] == [True] * 4 + [False] * 4


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_one_delivery(bus, letter, time_machine):
    time_machine.move_to(kit.NOW.now, tick=True)
    together(send_notices, send_notices)
    assert len(bus.taken) == 2
    versions = letter.deliveries.values_list("version", flat=True)
    assert list(versions) == [2, 2]
    assert json.dumps(numbers(letter)).count("01-15") == 2

"""One draw of several schools: an authority draws, each child gets one place by the order of its wishes,
anybody recomputes it, each school signs its part."""

from __future__ import annotations

import base64
import json

import pytest
from django.urls import reverse

from kernel.errors import Invalid, NotAllowed, NotFound
from registry.admission import services, verify_draw
from registry.admission.errors import DrawDecided, NotYet, PlacesNotSet
from registry.admission.models import Application, Intake
from registry.admission.services import draws
from signatures.demo.signing import sign_cms
from signatures.errors import WrongSigner
from signatures.models import SigningSession
from tests.registry.admission.kit import (
    JUNE,
    MAY,
    announced,
    applied,
    cells,
    places,
    states,
    together,
)
from tests.registry.admission.test_pages import signature
from tests.registry.kit import key_of
from tests.world import sign_in


@pytest.fixture
def two(world):
    """Two schools of one hromada with two places each."""
    places(world)
    places(world, "petro", "school2")


def drawn(world, draw, who="bohdan", value="48.1234"):
    services.freeze(actor=world.actor(who), draw_id=draw.pk, moment=JUNE)
    return services.hold(actor=world.actor(who), draw_id=draw.pk, public_value=value, moment=JUNE)


def test_each_child_gets_one_place_by_its_wishes_and_anybody_recomputes_it(world, two):
    draw = together(world)
    assert draw.unit_id == world.units["chernivtsi"].pk
    first = applied(world, [cells(n) for n in range(4)])
    second = applied(
        world,
        [cells(n, wish="2") for n in range(3)] + [cells(n) for n in (7, 8)],
        "petro",
        "school2",
    )
    draw = drawn(world, draw)
    result, inputs = json.loads(bytes(draw.result)), json.loads(bytes(draw.inputs))
    assert len(result["placed"]) == len({number for number, _ in result["placed"]}) == 4
    held = Application.objects.filter(state="PLACED").values_list("candidate", flat=True)
    assert len(held) == len({*held}) == 4
    # Whoever has the first wish waits for nothing; the others stand in the reserve of each school.
    placed = dict(result["placed"])
    wishes = {number: [place for place, _ in asked] for number, asked in inputs["applicants"]}
    for one, state in zip(first + second, states(first + second), strict=True):
        number, school = one.candidate.number, str(one.institution.uid)
        if placed.get(number) == school:
            assert state == "PLACED"
        elif number in placed and wishes[number].index(school) > wishes[number].index(
            placed[number]
        ):
            assert state == "SUPERSEDED"
        else:
            assert state == "RESERVE"
    files = draws.files(draw)
    assert not verify_draw.check(
        json.loads(files["protocol.json"]), files["inputs.json"], files["result.json"]
    )


@pytest.mark.parametrize(
    ("who", "schools", "refusal"),
    [
        ("bohdan", ("school1",), Invalid),
        ("bohdan", ("school1", "lviv_school"), NotFound),
        ("olena", ("school1", "school2"), NotAllowed),
        ("maria", ("school1", "school2"), NotAllowed),
    ],
)
def test_who_may_not_and_what_cannot_be_drawn_together_is_told(world, two, who, schools, refusal):
    with pytest.raises(refusal):
        together(world, schools, who=who)
    assert not Intake.objects.exclude(draw=None).exists()


def test_a_school_without_places_is_named(world):
    places(world)
    with pytest.raises(PlacesNotSet, match="гімназія № 2"):
        together(world)


def test_a_school_with_a_draw_of_its_own_is_named(world, two):
    with pytest.raises(Invalid):
        together(world, takes="?")
    announced(world)
    with pytest.raises(DrawDecided, match="ліцей № 1"):
        together(world)


def test_the_authority_and_each_school_walk_through_it(world, two, client, time_machine):
    time_machine.move_to(JUNE.now, tick=False)
    for who, opens in (("bohdan", 200), ("olena", 403), ("maria", 403)):
        sign_in(client, world.grants[who])
        assert client.get(reverse("draw_together")).status_code == opens
    draw = together(world)
    made = applied(world, [cells(n) for n in range(3)])
    with pytest.raises(NotYet):
        services.freeze(actor=world.actor("bohdan"), draw_id=draw.pk, moment=MAY)
    with pytest.raises(NotFound):
        services.freeze(actor=world.actor("olena"), draw_id=draw.pk, moment=JUNE)
    drawn(world, draw)
    assert sorted(states(made)) == ["PLACED", "PLACED", "RESERVE"]
    sign_in(client, world.grants["bohdan"])
    page = client.get(reverse("draw_detail", args=[draw.pk])).content.decode()
    assert "керівник своєї частини ще не підписав" in page
    assert made[0].surname not in page  # an authority sees numbers alone

    # The authority signs the whole by its own key and by no school's.
    draw = draws.find(world.actor("bohdan"), draw.pk)
    for edrpou, refused in (("59900062", True), (world.units["chernivtsi"].edrpou, False)):
        key, certificate = key_of("bohdan", edrpou, at=JUNE.now)
        cms = sign_cms(bytes(draw.signing.content), key, certificate, signing_time=JUNE.now)
        told = {"actor": world.actor("bohdan"), "draw_id": draw.pk, "cms": cms, "moment": JUNE}
        if refused:
            with pytest.raises(WrongSigner):
                services.sign(**told)
        else:
            assert services.sign(**told).state == "SIGNED"

    # The head signs the school's own line.
    school = world.institutions["school1"]
    sign_in(client, world.grants["olena"])
    part = reverse("draw_part", args=[school.uid])
    assert "Підготувати для мого підпису" in client.get(part).content.decode()
    assert client.post(part).status_code == 303
    intake = Intake.objects.get(institution=school)
    session = SigningSession.objects.get(pk=intake.signing_id)
    rows = draws.package_of(draws.find(world.actor("bohdan"), draw.pk), session, intake).rows
    assert len(rows) == 3
    assert client.post(part + "sign/", {"signature": "AAAA"}).status_code == 422
    services.sign_part(
        actor=world.actor("olena"),
        institution_id=school.pk,
        cms=base64.b64decode(signature(session)),
        moment=JUNE,
    )
    assert "Протокол закладу підписано" in client.get(part).content.decode()
    sign_in(client, world.grants["petro"])
    assert client.get(part).status_code in {403, 404}

"""Whose an institution is: every row of it follows, and nobody else's is touched or waits."""

from __future__ import annotations

import base64

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Grant
from kernel.errors import Invalid, NotAllowed, NotFound, StaleVersion
from registry.institutions.errors import NotPlaced
from registry.institutions.services import institutions, subordination
from registry.models import Institution, Order, Pupil
from tests.kit.racing import Held, beside
from tests.registry.institutions.test_units_move import left_behind
from tests.registry.kit import NOW, signature_of
from tests.registry.reorganisation.kit import TERMS, placed, placing, signed
from tests.world import World, sign_in


def sees(world: World, who: str) -> set[str]:
    cards = Institution.objects.visible_to(world.actor(who))
    keys = {card.pk: key for key, card in world.institutions.items()}
    return {keys[pk] for pk in cards.values_list("pk", flat=True)}


def versions() -> dict[tuple[str, str], str]:
    """Which version of each row of a placed table stands, by table and key."""
    found = {}
    with connection.cursor() as cursor:
        for table, key in (
            ("registry_pupil", "id"),
            ("registry_institution", "institution_id"),
            ("accounts_orgunit", "id"),
            ("accounts_grant", "id"),
        ):
            cursor.execute(f"SELECT {key}::text, xmin::text FROM {table}")
            found.update({(table, row): version for row, version in cursor.fetchall()})
    return found


def test_a_school_passes_to_another_authority_with_every_row_and_no_others(
    world: World, client, time_machine
):
    time_machine.move_to(NOW, tick=True)
    ivan, school = world.pupils["ivan"], world.institutions["school1"]
    sign_in(client, world.grants["iryna"])
    url = reverse("institution_place", args=[school.uid])
    shown = client.get(url, {"q": "Мамаїв"}).content.decode()
    assert "Відділ освіти Мамаївської" in shown
    assert "Учнів" in shown
    form = TERMS | {"under": str(world.units["hromada"].uid), "number": "", "version": "1"}
    assert client.post(url, form).status_code == 422
    formed = client.post(url, form | {"number": "77"})
    order = Order.objects.get(kind="subordinate")
    assert formed["Location"] == reverse("order_detail", args=[order.pk])
    assert client.get(url)["Location"] == formed["Location"]
    assert "school1" in sees(world, "bohdan")  # nothing before the signature
    signature = signature_of(order, "iryna", edrpou=world.grants["iryna"].unit.edrpou)
    before = versions()
    answer = client.post(
        reverse("order_sign", args=[order.pk]), {"signature": base64.b64encode(signature).decode()}
    )
    assert answer.status_code == 303, answer.content.decode()
    assert "school1" not in sees(world, "bohdan")
    assert "school1" in sees(world, "hanna")
    assert set(left_behind().values()) == {0}
    told = client.get(reverse("institution_detail", args=[school.uid])).content.decode()
    assert "Змінено підпорядкування" in told
    changed = {key for key, version in versions().items() if before.get(key) != version}
    mine = Pupil.objects.filter(institution=school.pk).values_list("pk", flat=True)
    people = Grant.objects.filter(unit=school.pk).values_list("pk", flat=True)
    assert changed == {
        *(("registry_pupil", str(pk)) for pk in mine),
        *(("accounts_grant", str(pk)) for pk in people),
        ("registry_institution", str(school.pk)),
        ("accounts_orgunit", str(school.pk)),
    }
    assert ivan.pk in set(mine)


def test_a_school_becomes_a_branch_and_stands_by_itself_again(world: World):
    placed(world, "iryna", "school2", "hub")
    card = Institution.objects.get(pk=world.institutions["school2"].pk)
    assert card.hub_id == world.institutions["hub"].pk
    assert "school2" in sees(world, "nina")
    placed(world, "iryna", "school2", "chernivtsi")
    card.refresh_from_db()
    assert card.hub_id is None
    assert "school2" not in sees(world, "nina")
    assert set(left_behind().values()) == {0}


@pytest.mark.parametrize(
    ("who", "key", "under", "changes", "refusal"),
    [
        ("olena", "school1", "hromada", {}, (NotAllowed, NotFound)),
        ("bohdan", "school1", "hromada", {}, NotFound),  # not above the new place
        ("taras", "school1", "lvivska", {}, NotFound),
        ("maria", "school1", "hromada", {}, NotAllowed),
        ("iryna", "school1", "chernivtsi", {}, NotPlaced),  # there already
        ("iryna", "hub", "branch", {}, NotPlaced),  # below itself
        ("iryna", "school1", "branch", {}, NotPlaced),  # a branch of a branch
        ("iryna", "hub", "school1", {}, NotPlaced),  # a hub with branches becomes none
        ("iryna", "school1", "hromada", {"version": 7}, StaleVersion),
        ("iryna", "school1", "hromada", {"number": " ", "issuer": ""}, Invalid),
        ("iryna", "school1", "hromada", {"issued_on": "23.11.2026"}, Invalid),
    ],
)
def test_what_is_refused(world: World, who, key, under, changes, refusal):
    with pytest.raises(refusal):
        placing(world, who, key, under, **changes)


@pytest.mark.django_db(transaction=True)
def test_others_work_while_a_school_moves(world: World, monkeypatch: pytest.MonkeyPatch):
    """The move stands before its commit; a neighbour of the same city saves its card meanwhile."""
    held = Held(subordination.hang)
    monkeypatch.setattr(subordination, "hang", held)
    waited: list[bool] = []
    petro, school = world.actor("petro"), world.institutions["school2"]
    order = placing(world, "iryna", "school1", "hromada")

    def neighbour() -> None:
        institutions.update({"address": "вул. Інша, 2"}, actor=petro, uid=school.uid, version=1)
        waited.append(held.go.is_set())

    outcomes = beside(lambda: signed(world, order, "iryna"), neighbour, held)
    assert outcomes == ["done", "done"]
    assert waited == [False]

"""Whose register by residence a child stands in, and who then sees the child that learns nowhere."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.services import units
from aikom.demo.synthetic import codes
from kernel.audit.models import EventRow
from kernel.db import command
from kernel.errors import NotAllowed, NotFound
from registry.models import Enrolment, Pupil, ResidenceScope
from registry.people import policies
from registry.people.selectors import lists, profile
from registry.people.selectors.filters import NOWHERE, Filters
from registry.people.services import residence, save_address
from tests.kit import acts
from tests.registry.kit import TODAY
from tests.world import sign_in

CITY, VILLAGE = "UA73060610010033137", "UA73060330010011111"
LVIV = "UA46060250010015970"  # no authority of this hromada is in the small world


def lives(world, child="ivan", code=CITY, *, kind="ACTUAL", version=0, country="UA", who="olena"):
    return save_address(
        actor=world.actor(who),
        pupil_id=world.pupils[child].pk,
        kind=kind,
        version=version,
        values={"country": country, "territory_code": code, "line": "вул. Нова, 1"},
    )


def learns_nowhere(world, child="ivan"):
    @command
    def leave(*, actor):
        acts.noted()
        Enrolment.objects.filter(pupil=world.pupils[child]).update(
            ends_on=datetime.date(2026, 10, 1)
        )

    leave(actor=world.actor("olena"))


@command
def wind_back(*, actor, days=10):
    """As if every scope had begun earlier."""
    acts.noted()
    for row in ResidenceScope.objects.filter(valid_to=None):
        row.valid_from -= datetime.timedelta(days=days)
        row.save()


def scopes(world, child="ivan"):
    rows = ResidenceScope.objects.filter(pupil=world.pupils[child]).order_by("valid_from")
    return [(row.unit_id, row.valid_to is None) for row in rows]


def home(world, child="ivan"):
    return Pupil.objects.get(pk=world.pupils[child].pk).residence_id


# ── the scope follows addresses ──────────────────────────────────────────────
def test_an_address_puts_the_child_into_the_register_of_its_hromada(world):
    lives(world)
    assert scopes(world) == [(world.units["chernivtsi"].id, True)]
    assert home(world) == world.units["chernivtsi"].id


def test_a_move_ends_one_scope_and_begins_another_and_tells_both(world):
    city, village = world.units["chernivtsi"].id, world.units["hromada"].id
    lives(world)
    wind_back(actor=world.actor("olena"))
    lives(world, code=VILLAGE, version=1)
    assert scopes(world) == [(city, False), (village, True)]
    told = EventRow.objects.get(code="registry.pupil.residence_moved")
    assert (told.unit_id, told.payload) == (village, {"left": city, "entered": village})


def test_two_moves_in_a_day_leave_one_scope(world):
    lives(world)
    lives(world, code=VILLAGE, version=1)
    assert scopes(world) == [(world.units["hromada"].id, True)]


def test_where_the_child_really_lives_goes_before_where_it_is_registered(world):
    lives(world, code=VILLAGE, kind="REGISTERED")
    assert home(world) == world.units["hromada"].id
    lives(world, code=CITY, kind="ACTUAL")
    assert home(world) == world.units["chernivtsi"].id


@pytest.mark.parametrize(("country", "code"), [("PL", ""), ("UA", LVIV), ("UA", "")])
def test_the_last_known_community_goes_on_asking(world, country, code):
    lives(world)
    lives(world, code=code, country=country, version=1)
    assert scopes(world) == [(world.units["chernivtsi"].id, True)]


def test_a_closed_record_is_opened_again_after_its_last_day(world):
    lives(world)

    @command
    def close_and_open(*, actor):
        residence.close([world.pupils["ivan"].pk])
        assert home(world) is None
        residence.settle([world.pupils["ivan"].pk])
        acts.noted()

    close_and_open(actor=world.actor("olena"))
    assert [is_open for _, is_open in scopes(world)] == [False, True]
    assert home(world) == world.units["chernivtsi"].id


def test_the_database_refuses_two_scopes_at_once(world):
    lives(world)

    @command
    def write(*, actor):
        with transaction.atomic():
            ResidenceScope.objects.create(
                pupil=world.pupils["ivan"], unit=world.units["hromada"], valid_from=TODAY
            )

    with pytest.raises(IntegrityError, match="residences_never_overlap"):
        write(actor=world.actor("olena"))


# ── who sees the child that learns nowhere ───────────────────────────────────
def seen(world, who):
    found = lists.listing(world.actor(who), Filters(learns=NOWHERE), today=TODAY)
    assert found.named
    return [line.surname for line in found.rows]


def test_the_authority_of_the_residence_sees_the_child_and_the_school_still_does(world):
    lives(world, code=VILLAGE)
    assert seen(world, "hanna") == []
    with pytest.raises(NotFound):
        profile.find(world.actor("hanna"), world.pupils["ivan"].pk)
    learns_nowhere(world)
    assert seen(world, "hanna") == ["Іваненко"]
    assert profile.find(world.actor("hanna"), world.pupils["ivan"].pk).surname == "Іваненко"
    assert profile.find(world.actor("olena"), world.pupils["ivan"].pk).surname == "Іваненко"
    assert seen(world, "bohdan") == []


def test_the_authority_sees_and_does_not_correct(world):
    lives(world, code=VILLAGE)
    learns_nowhere(world)
    with pytest.raises((NotAllowed, NotFound)):
        lives(world, version=1, who="hanna")


@pytest.mark.parametrize("who", ["maria", "olena", "petro", "dana", "admin"])
def test_nobody_else_keeps_a_register_by_residence(world, who):
    lives(world)
    learns_nowhere(world)
    with pytest.raises(NotAllowed):
        seen(world, who)
    with pytest.raises(NotAllowed):  # and takes none away as a file
        lists.may_take(world.actor(who), Filters(learns=NOWHERE))


def test_the_technical_administrator_is_told_why_no_register_is_open(world):
    refused = policies.see_residents.refusal(world.actor("admin"))
    assert refused is not None
    assert "Технічний адміністратор" in refused.detail


def test_an_oblast_sees_only_who_lives_under_itself(world):
    lives(world)
    learns_nowhere(world)
    assert seen(world, "iryna") == []


def test_grown_up_children_are_left_out(world):
    lives(world)
    learns_nowhere(world)

    @command
    def grow(*, actor):
        acts.noted()
        Pupil.objects.filter(pk=world.pupils["ivan"].pk).update(born_on=datetime.date(2000, 1, 1))

    assert seen(world, "bohdan") == ["Іваненко"]
    grow(actor=world.actor("olena"))
    assert seen(world, "bohdan") == []


def test_a_hromada_that_moves_takes_its_children_along(world):
    raion = world.units["raion"]
    lives(world, code=VILLAGE)
    learns_nowhere(world)
    other = units.create_unit(
        actor=world.actor("iryna"),
        unit=units.NewUnit(
            parent=world.units["chernivetska"].uid,
            kind="RAION",
            name="Відділ освіти Вижницької РВА",
            edrpou=codes.edrpou(777),
            territory_code="UA73020000000083085",
        ),
    )

    def children_of(node):
        within = ResidenceScope.objects.filter(valid_to=None, unit__raion_id=node.id)
        return list(within.values_list("pupil__surname", flat=True))

    assert (children_of(raion), children_of(other)) == (["Іваненко"], [])
    units.move_unit(
        actor=world.actor("iryna"),
        unit=world.units["hromada"].uid,
        parent=other.uid,
        ground="закон",
    )
    assert (children_of(raion), children_of(other)) == ([], ["Іваненко"])
    assert seen(world, "hanna") == ["Іваненко"]


def test_the_page_has_the_filter_and_costs_the_same_for_one_and_for_many(world, client):
    sign_in(client, world.grants["bohdan"])
    for child in ("ivan", "oksana"):
        lives(world, child)
    html = client.get("/pupils/").content.decode()
    assert "Живуть тут і ніде не навчаються" in html
    counts = []
    for child in ("ivan", "oksana"):
        learns_nowhere(world, child)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            html = client.get("/pupils/?learns=nowhere").content.decode()
        counts.append(len(asked))
    assert "Іваненко" in html
    assert "Ґудзь" in html
    assert "Сусіда" not in html
    assert counts[0] == counts[1]
    assert client.get("/pupils/?learns=nowhere&file=xlsx").status_code == 200
    told = EventRow.objects.get(code="registry.pupils.exported")
    assert (told.unit_id, told.payload) == (
        world.units["chernivtsi"].pk,
        {"filters": ["learns"], "rows": 2},
    )

"""Who issues an order, as its paper names the institution and its head."""

from __future__ import annotations

import datetime

import pytest

from accounts.models import Grant
from accounts.roles import GrantState, Role
from kernel.db import command
from registry.models import Institution, Territory
from registry.orders.errors import NoHead
from registry.orders.selectors.issuers import issuer_of
from tests.kit import acts
from tests.registry.kit import NOW


@command
def change(*, actor, institution, **changes):
    acts.noted()
    Institution.objects.filter(pk=institution.pk).update(**changes)


@command
def appoint(*, actor, who, unit, by):
    acts.noted()
    Grant.objects.create(
        user=who,
        unit=unit,
        role=Role.HEAD,
        state=GrantState.ACTIVE,
        given_by=by,
        position="Завідувач",
    )


@command
def retire(*, actor, grant):
    acts.noted()
    Grant.objects.filter(pk=grant.pk).update(state=GrantState.INACTIVE, ended_at=NOW)


def place(code, name, category="M", valid_to=None):
    Territory.objects.create(
        code=code,
        name=name,
        category=category,
        level=4,
        oblast_code="UA73",
        valid_from=datetime.date(2024, 1, 1) if valid_to is None else datetime.date(2020, 1, 1),
        valid_to=valid_to,
    )


def issuer(world, key):
    return issuer_of(Institution.objects.get(pk=world.units[key].pk))


def test_a_school_is_named_by_its_own_code_its_authority_and_its_head(world):
    found = issuer(world, "school1")
    olena = world.grants["olena"]
    assert (found.edrpou, found.head_id) == (olena.unit.edrpou, olena.user_id)
    assert found.head_name == olena.user.full_name
    assert found.head_position == "Керівник закладу"
    assert found.superior == olena.unit.parent.name


def test_the_managing_body_of_the_register_goes_before_the_tree(world):
    school = Institution.objects.get(pk=world.units["school1"].pk)
    change(actor=world.actor("olena"), institution=school, managing_body="Управління освіти")
    assert issuer(world, "school1").superior == "Управління освіти"


def test_a_branch_without_code_and_head_acts_under_its_hubs(world):
    found = issuer(world, "branch")
    assert (found.edrpou, found.head_id) == ("99000206", world.grants["nina"].user_id)


def test_a_branch_with_a_head_of_its_own_is_signed_for_by_that_head(world):
    dana = world.grants["dana"].user
    appoint(
        actor=world.actor("nina"), who=dana, unit=world.units["branch"], by=world.grants["nina"]
    )
    found = issuer(world, "branch")
    assert (found.head_id, found.head_position) == (dana.pk, "Завідувач")
    assert issuer(world, "hub").head_id == world.grants["nina"].user_id


def test_a_head_who_is_no_longer_one_signs_for_nobody(world):
    retire(actor=world.actor("nina"), grant=world.grants["nina"])
    with pytest.raises(NoHead):
        issuer(world, "branch")


def test_the_place_is_the_current_edition_of_the_city_district_before_the_city(world):
    school = Institution.objects.get(pk=world.units["school1"].pk)
    closed = datetime.date(2024, 1, 1)
    Territory.objects.filter(code=school.territory_code).delete()
    place(school.territory_code, "Стара назва", valid_to=closed)
    place(school.territory_code, "Чернівці")
    assert issuer(world, "school1").place == "м. Чернівці"
    place("UA73060610011111111", "Садгірський", category="B")
    change(actor=world.actor("olena"), institution=school, city_district_code="UA73060610011111111")
    assert issuer(world, "school1").place == "Садгірський"

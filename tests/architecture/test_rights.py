"""Every policy answers for every kind of actor; who sees names is one table, in Python and in SQL."""

from __future__ import annotations

import inspect

import pytest

from integrations.eis.policies import see_keys
from kernel.errors import NotAllowed
from kernel.policy import Policy
from registry.cards.selectors import search
from registry.institutions import policies as institution_policies
from registry.models import Institution, Post, Pupil
from registry.people import policies as pupil_policies
from tests import rights
from tests.registry.kit import TODAY
from tests.world import PEOPLE, World

FOUND = dict(rights.policies())


def test_the_policies_were_found():
    assert {"registry.people.keep", "accounts.give", "integrations.eis.grant_key"} <= set(FOUND)


@pytest.mark.parametrize("name", sorted(FOUND))
def test_a_policy_answers_for_every_kind_of_actor_and_raises_nothing_but_a_refusal(name):
    policy: Policy = FOUND[name]
    for actor in rights.kinds().values():
        for _, one in rights.entrusted(actor):
            for where in rights.PLACES:
                for status in ("ACTIVE", "SUSPENDED"):
                    asked = rights.arguments(policy, rights.place(one, where), status)
                    refusal = policy.refusal(one, **asked)
                    assert refusal is None or isinstance(refusal, NotAllowed)


@pytest.mark.parametrize("name", sorted(FOUND))
def test_who_stands_nowhere_is_refused_everything(name):
    kinds = rights.kinds()
    for nobody in rights.NOBODY:
        for where in rights.PLACES:
            unit = rights.place(kinds[nobody], where)
            assert not FOUND[name].allows(kinds[nobody], **rights.arguments(FOUND[name], unit)), (
                nobody,
                where,
            )


@pytest.mark.parametrize("name", ["keep", "sign_order"])
def test_a_suspended_school_prepares_and_signs_nothing(name):
    policy = getattr(pupil_policies, name)
    head = rights.kinds()["HEAD"]
    for status in ("SUSPENDED", "LIQUIDATED"):
        refusal = policy.refusal(head, **rights.arguments(policy, rights.SCHOOL, status))
        assert isinstance(refusal, pupil_policies.InstitutionSuspended)
    assert policy.allows(head, **rights.arguments(policy, rights.SCHOOL))


@pytest.mark.django_db
@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_names_are_visible_alike_in_python_and_in_sql(world: World, who):
    """Roles × institutions of the small world: the policy, the ORM and the search's own SQL."""
    actor = world.actor(who)
    named = {
        key
        for key, one in world.institutions.items()
        if _sees(pupil_policies.see_names, actor, one)
    }
    rows = Pupil.objects.filter(
        institution__in=pupil_policies.NAMES.narrow(Institution.objects.all(), actor)
    )
    narrowed = pupil_policies.NAMES.narrow(Pupil.objects.all(), actor, at="institution__")
    sought = {
        pupil.pk
        for pupil in world.pupils.values()
        for found in search.everywhere(actor, pupil.full_name, today=TODAY).pupils
        if found.id == pupil.pk
    }
    expected = {p.pk for p in world.pupils.values() if _key(world, p.institution_id) in named}
    assert set(rows.values_list("pk", flat=True)) == expected
    assert set(narrowed.values_list("pk", flat=True)) == expected
    assert sought == expected


@pytest.mark.django_db
@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_staff_is_visible_alike_in_python_and_in_sql(world: World, who):
    actor = world.actor(who)
    table = institution_policies.STAFF_NAMES
    in_sql = set(table.narrow(Institution.objects.all(), actor).values_list("pk", flat=True))
    for institution in world.institutions.values():
        allowed = _sees(institution_policies.see_staff_names, actor, institution)
        assert allowed == (institution.pk in in_sql)
    assert table.narrow(Post.objects.all(), actor, at="institution__").count() == 0


def test_keys_of_systems_are_seen_by_heads_and_authorities_only():
    allowed = {role for role, actor in rights.kinds().items() if see_keys.allows(actor)}
    assert not allowed & {"DEPUTY", "EIS", "SYSTEM", *rights.NOBODY}
    assert {"HEAD", "TECH_ADMIN", "HROMADA_ADMIN"} <= allowed


def _sees(policy: Policy, actor, institution: Institution) -> bool:
    assert len(inspect.signature(policy.rule).parameters) == 2
    return policy.allows(actor, institution)


def _key(world: World, institution_id: int | None) -> str:
    return next(key for key, one in world.institutions.items() if one.pk == institution_id)

"""A head opens data by signature: what was signed is what a key opens, and nothing of before stays."""

from __future__ import annotations

import dataclasses
import datetime
import random
import uuid

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts import actors
from accounts.roles import WRITES, Dataset
from accounts.services import grants
from integrations.eis import errors, fields, rights
from integrations.eis.models import EisSystem, Mandate, SchoolKey
from integrations.eis.selectors.keys import open_by_secret
from integrations.eis.services import keys, mandates, systems
from kernel import clock
from kernel.clock import moment
from kernel.db import command
from kernel.errors import Invalid
from signatures.errors import SignatureRefused, WrongSigner
from signatures.models import SigningSession
from signatures.selectors.sessions import files_of
from tests.eis.kit import get, grant, issued, mandated, prepared, signature
from tests.kit.acts import noted
from tests.world import World

READS = [one for one in Dataset.values if one not in WRITES]


@pytest.fixture
def connected(world: World) -> EisSystem:
    systems.register_known(actor=actors.system("тест"))
    return EisSystem.objects.get(name="Моя школа")


def sign(world: World, mandate: Mandate, cms: bytes, who: str = "olena") -> Mandate:
    return mandates.sign(actor=world.actor(who), mandate_id=mandate.pk, cms=cms, moment=moment())


def opens(secret: str) -> tuple[set[str], set[str]] | str:
    """What a secret opens now, or why not."""
    try:
        holder = open_by_secret(secret, clock.today())
    except errors.DomainError as refusal:
        return refusal.code
    return set(holder.actor.datasets), set(holder.fields)


def test_nothing_is_open_before_the_signature_of_the_head_s_own_key(world, connected):
    waits = prepared(world, connected)
    with pytest.raises(errors.MandateDecided):
        issued(world, waits)
    with pytest.raises(SignatureRefused):
        sign(world, waits, b"\x30\x00")
    with pytest.raises(WrongSigner):
        sign(world, waits, signature(waits, "petro"))
    with pytest.raises(WrongSigner):
        sign(world, waits, signature(waits, "olena", "99000130"))
    assert Mandate.objects.get().state == "PREPARED"
    signed = sign(world, waits, signature(waits))
    session = SigningSession.objects.get(pk=signed.signing_id)
    assert session.state == "SIGNED"
    assert files_of(session)[mandates.PAPER].startswith(b"%PDF")
    by_code = Client().get(reverse("verify_document", args=[session.code]))
    assert "Надання доступу освітній інформаційній системі" in by_code.content.decode()
    assert sign(world, waits, b"again").state == "SIGNED"
    assert opens(issued(world, signed).secret) == (
        {"institution", "classes", "pupils"},
        {one for one in fields.BY_CODE if one.startswith("pupils.")},
    )


def test_a_system_suspended_before_the_signature_gets_nothing(world, connected):
    waits = prepared(world, connected)
    systems.suspend_system(
        actor=world.actor("admin"),
        system_uid=connected.uid,
        ground="28.2",
        explanation="",
        on=clock.today(),
    )
    with pytest.raises(errors.SystemNotConnected):
        sign(world, waits, signature(waits))
    assert mandates.give_up(actor=world.actor("olena"), mandate_id=waits.pk).state == "GIVEN_UP"


def test_a_field_left_closed_is_in_no_answer_and_is_refused_by_name(client, world, connected):
    opened = ["pupils.patronymic", "pupils.sex", "pupils.form", "pupils.enrolled"]
    secret = grant(world, connected, opened=opened).secret
    row = get(client, "pupils", secret).json()["items"][0]
    assert "born_on" not in row
    assert {"surname", "patronymic", "class_id", "version"} <= set(row)
    one = get(client, f"pupils/{world.pupils['ivan'].pk}", secret)
    assert "born_on" not in one.json()
    refused = get(client, "pupils?fields=surname,born_on", secret)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/field_not_granted")
    assert get(client, "pupils?fields=surname", secret).status_code == 200


def test_a_key_is_changed_with_an_overlap_and_stopped_at_once(client, world, connected):
    mandate = mandated(world, connected)
    first = issued(world, mandate)
    second = issued(world, mandate, overlap=24)
    assert {get(client, "classes", one.secret).status_code for one in (first, second)} == {200}

    @command
    def a_day_later(*, actor):
        noted()
        SchoolKey.objects.filter(pk=first.key.pk).update(
            stops_at=moment().now - datetime.timedelta(seconds=1)
        )

    a_day_later(actor=actors.system("тест"))
    assert get(client, "classes", first.secret).status_code == 401
    third = issued(world, mandate)
    assert opens(second.secret) == "key_unknown"
    assert get(client, "classes", third.secret).status_code == 200
    with pytest.raises(errors.MandateDecided):
        issued(world, mandate, overlap=999)


def test_a_new_mandate_takes_the_place_of_the_old_and_its_keys(world, connected):
    wide = grant(world, connected, datasets=READS)
    narrow = mandated(world, connected, datasets=["classes"])
    assert opens(wide.secret) == ({"classes"}, set())
    before = Mandate.objects.get(pk=wide.key.mandate_id)
    assert (before.replaced_by_id, before.end_reason) == (narrow.pk, mandates.REPLACED)
    with pytest.raises(errors.MandateDecided):
        issued(world, before)
    with pytest.raises(Invalid):  # what works is not left without anything until then
        prepared(world, connected, valid_from=clock.today() + datetime.timedelta(days=3))


def test_keys_of_a_former_head_do_not_come_back_with_the_successor_s_mandate(world, connected):
    key = grant(world, connected)

    @command
    def of_a_former_head(*, actor):
        noted()
        petro = world.grants["petro"]
        former = type(petro).objects.create(
            user_id=petro.user_id,
            unit=world.units["school1"],
            role="HEAD",
            state="INACTIVE",
            given_by=world.grants["bohdan"],
            ended_at=moment().now,
        )
        Mandate.objects.update(granted_by=former)

    of_a_former_head(actor=actors.system("тест"))
    assert opens(key.secret) == "key_unknown"
    mandated(world, connected)
    assert opens(key.secret) == "key_unknown"
    assert SchoolKey.objects.get(pk=key.key.pk).revoke_reason == mandates.REPLACED


def test_the_database_keeps_one_mandate_of_a_system(world, connected):
    mandated(world, connected)

    @command
    def another(*, actor):
        noted()
        row = Mandate.objects.get()
        row.pk, row.signing = uuid.uuid4(), None
        row.save(force_insert=True)

    with pytest.raises(IntegrityError, match="one_mandate_of_a_system"):
        another(actor=actors.system("тест"))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_was_before_a_key_opens_exactly_what_the_chain_says_now(world, connected, seed):
    """Re-scoping leaves no residue: after any steps each key opens what a model that knows only the last
    word of the head, the operator, the phase and the administrator says, and no more."""
    dice = random.Random(seed)
    admin, head = world.actor("admin"), world.actor("olena")
    state = {"scope": None, "writes": set(), "works": True}
    made: dict[str, bool] = {}  # secret → whether it stands

    def scope():
        known = [*READS, *state["writes"]]
        sets = dice.sample(known, dice.randint(1, len(known)))
        groups = [one for one in fields.of(sets) if dice.random() < 0.5]
        if state["works"]:
            mandated(world, connected, datasets=sets, opened=groups)
            state["scope"] = (set(sets), set(groups))

    def issue():
        found = mandates.standing_for(world.institutions["school1"].pk, connected.pk)
        if found is not None:
            made.update(dict.fromkeys(made, False))
            made[issued(world, found).secret] = True

    def declare():
        current = EisSystem.objects.get(pk=connected.pk).writes
        state["writes"] = set(dice.choice([(), WRITES]))
        systems.declare_writes(
            actor=admin, system_uid=connected.uid, seen=current, writes=list(state["writes"])
        )

    def suspend():
        how = {"actor": admin, "system_uid": connected.uid, "on": clock.today()}
        if state["works"]:
            systems.suspend_system(**how, ground="28.2", explanation="")
        else:
            systems.restore_system(**how, explanation="усунено")
        state["works"] = not state["works"]

    def end():
        found = mandates.standing_for(world.institutions["school1"].pk, connected.pk)
        if found is not None:
            mandates.end(actor=head, mandate_id=found.pk, reason="досить", now=moment().now)
            state["scope"] = None
            made.update(dict.fromkeys(made, False))

    for step in [scope, issue, *dice.choices([scope, scope, issue, declare, suspend, end], k=12)]:
        step()
        for secret, stands in made.items():
            if not stands or state["scope"] is None:
                assert opens(secret) == "key_unknown", step.__name__
            elif not state["works"]:
                assert opens(secret) == "system_not_connected", step.__name__
            else:
                sets, groups = state["scope"]
                may = {one for one in sets if one not in WRITES or one in state["writes"]}
                assert opens(secret) == (may, groups), step.__name__


TODAY = datetime.date(2026, 11, 30)
CHAIN = rights.Chain(
    key_stands=True,
    granted_by_acting=True,
    mandate_stands=True,
    valid_from=TODAY,
    valid_to=TODAY + datetime.timedelta(days=1),
    granted=tuple(Dataset.values),
    declared=WRITES,
    system_state="CONNECTED",
    institution_open=True,
)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, None),
        ({"key_stands": False}, "key_unknown"),
        ({"granted_by_acting": False}, "key_unknown"),
        ({"mandate_stands": False}, "key_unknown"),
        ({"valid_from": TODAY + datetime.timedelta(days=1)}, "key_unknown"),
        ({"valid_to": TODAY}, "key_unknown"),
        ({"system_state": "SUSPENDED"}, "system_not_connected"),
        ({"system_state": "RETEST_PENDING"}, None),
        ({"institution_open": False}, "institution_access_suspended"),
    ],
)
def test_each_link_of_the_chain_closes_it_alone(change, refusal):
    chain = dataclasses.replace(CHAIN, **change)
    if refusal is None:
        assert set(rights.effective(chain, TODAY)) == set(Dataset.values)
        return
    with pytest.raises(errors.DomainError) as refused:
        rights.effective(chain, TODAY)
    assert refused.value.code == refusal


def test_writing_waits_for_its_phase_and_for_the_operator():
    before = datetime.date(2024, 12, 31)
    assert rights.written_on(before) == frozenset()
    assert rights.written_on(TODAY) == set(WRITES)
    assert set(rights.effective(CHAIN, TODAY, phase=())) == set(READS)
    assert set(rights.effective(dataclasses.replace(CHAIN, declared=()), TODAY)) == set(READS)
    with pytest.raises(errors.KeyUnknown):
        rights.effective(CHAIN, before)


def test_a_dismissed_head_opens_no_more(world, connected):
    key = grant(world, connected)
    grants.deactivate(
        actor=world.actor("bohdan"), grant=world.grants["olena"].uid, reason="звільнення"
    )
    assert opens(key.secret) == "key_unknown"
    assert keys.secret_hash(key.secret) == bytes(key.key.secret_sha256)

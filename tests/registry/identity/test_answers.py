"""Ids of merged profiles answer with the one that stands for them; closed ones are gone."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import actors
from integrations.eis.models import EisSystem
from integrations.eis.services import systems
from kernel.errors import Invalid, NotAllowed
from registry.cards.selectors import search
from registry.identity import matches
from registry.models import Pupil
from registry.people import services as people
from tests.eis.test_api import get, grant
from tests.registry.identity import kit
from tests.registry.identity.kit import MOMENT, a_second, merged, unmerged
from tests.world import World, sign_in


@pytest.fixture
def connected(world: World) -> EisSystem:
    systems.register_known(actor=actors.system("тест"))
    return EisSystem.objects.get(name="Моя школа")


def closed(world: World, pupil: Pupil, **facts: object) -> Pupil:
    told = {"reason": "DEATH", "closed_on": kit.TODAY, "ground": "свідоцтво"} | facts
    return people.close(actor=world.actor("olena"), pupil_id=pupil.pk, moment=MOMENT, **told)


# ── machines ─────────────────────────────────────────────────────────────────
def test_the_api_sends_from_a_merged_profile_to_the_retained_one(client, world, connected):
    ivan, other = world.pupils["ivan"], a_second(world)
    merge = merged(world, ivan, other)
    secret = grant(world, connected).secret
    answer = get(client, f"pupils/{other.pk}?fields=id", secret)
    assert answer.status_code == 308
    assert answer["Location"] == f"/api/v1/pupils/{ivan.pk}?fields=id"
    assert not answer.content
    followed = client.get(answer["Location"], headers={"Authorization": f"Bearer {secret}"})
    assert followed.json() == {"id": str(ivan.pk)}
    assert str(other.pk) not in get(client, "pupils", secret).content.decode()
    elsewhere = grant(world, connected, "petro", "school2").secret
    assert get(client, f"pupils/{other.pk}", elsewhere).status_code == 404
    unmerged(world, merge)
    assert get(client, f"pupils/{other.pk}", secret).status_code == 404


def test_the_api_says_that_a_closed_profile_is_gone_to_whom_it_was_open(client, world, connected):
    gone = a_second(world, at="school1")
    secret = grant(world, connected).secret
    assert get(client, f"pupils/{gone.pk}", secret).status_code == 404
    closed(world, gone)
    answer = get(client, f"pupils/{gone.pk}", secret)
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/gone")
    elsewhere = grant(world, connected, "petro", "school2").secret
    assert get(client, f"pupils/{gone.pk}", elsewhere).status_code == 404


# ── people ───────────────────────────────────────────────────────────────────
def test_pages_of_a_merged_profile_lead_to_the_retained_one(client: Client, world: World):
    ivan, other = world.pupils["ivan"], a_second(world)
    merged(world, ivan, other)
    sign_in(client, world.grants["olena"])
    for page in ("", "edit/", "documents/new/"):
        answer = client.get(f"/pupils/{other.pk}/{page}")
        assert (answer.status_code, answer["Location"]) == (302, f"/pupils/{ivan.pk}/{page}")
    refused = client.post(f"/pupils/{other.pk}/documents/new/", {})
    assert refused.status_code == 409
    assert "обʼєднано з іншим" in refused.content.decode()
    card = client.get(f"/pupils/{ivan.pk}/").content.decode()
    assert "Обʼєднано з іншим профілем дитини" in card
    assert "Чернівецька гімназія № 2" in card, "what the other profile went through"
    sign_in(client, world.grants["taras"])
    assert client.get(f"/pupils/{other.pk}/").status_code == 404


@pytest.mark.parametrize("who", ["olena", "bohdan", "hanna", "iryna", "maria"])
def test_lists_counts_and_search_leave_the_merged_profile_out(
    client: Client, world: World, who: str
):
    ivan, other = world.pupils["ivan"], a_second(world, surname="Двійнюк")
    merged(world, ivan, other)
    sign_in(client, world.grants[who])
    assert str(other.pk) not in client.get("/pupils/").content.decode()
    for text in ("Двійнюк", "900001"):
        found = client.get("/search/", {"q": text}).content.decode()
        assert str(other.pk) not in found
    if who == "olena":
        found = client.get("/search/", {"q": "900001"}).content.decode()
        assert str(ivan.pk) in found, "a document of the other profile is the child's"


# ── closing ──────────────────────────────────────────────────────────────────
def test_a_profile_is_closed_on_death_or_adulthood_of_who_learns_nowhere(world: World):
    left = a_second(world, at="school1")
    for facts, code in (
        ({"reason": "MAJORITY"}, "minor"),
        ({"reason": "BORED"}, "unknown"),
        ({"ground": " "}, "required"),
        ({"closed_on": kit.TODAY + datetime.timedelta(days=1)}, "in_future"),
    ):
        with pytest.raises(Invalid) as refusal:
            closed(world, left, **facts)
        assert [p.code for p in refusal.value.problems] == [code]
    with pytest.raises(Invalid) as refusal:
        closed(world, world.pupils["ivan"])
    assert [p.code for p in refusal.value.problems] == ["learns"]
    with pytest.raises(NotAllowed):
        people.close(
            actor=world.actor("bohdan"),
            pupil_id=left.pk,
            reason="DEATH",
            closed_on=kit.TODAY,
            ground="x",
            moment=MOMENT,
        )
    assert closed(world, left).closed_reason == "DEATH"
    with pytest.raises(Invalid):
        closed(world, left)
    people.reopen(
        actor=world.actor("olena"), pupil_id=left.pk, ground="помилка ДРАЦС", moment=MOMENT
    )
    left.refresh_from_db()
    assert (left.closed_on, left.closed_reason) == (None, "")
    grown = a_second(world, at="school1", number="3", born_on=datetime.date(2008, 11, 29))
    assert closed(world, grown, reason="MAJORITY").closed_reason == "MAJORITY"


def test_numbers_are_still_found_by_their_index(world: World):
    """The unique indexes leave merged profiles out, so whoever asks by number must say so too."""
    ada = a_second(world, rnokpp="7146711424", rnokpp_state="VALUE", unzr="20160301-00002")
    keys = matches.Keys(None, ada.rnokpp, ada.unzr, "", "", "", None)
    with CaptureQueriesContext(connection) as asked_for:
        assert {one.kind for one in matches.find([keys], kit.TODAY)[0]} == {"rnokpp", "unzr"}
        for text in (ada.rnokpp, ada.unzr):
            search.everywhere(world.actor("bohdan"), text, today=kit.TODAY)
    plans = []
    with connection.cursor() as cursor:
        # A table of seven rows is read as a whole, and the tree's index would do; ask whether the
        # number's index may be used at all.
        cursor.execute("SET LOCAL enable_seqscan = off; DROP INDEX pupil_hromada")
        for query in asked_for.captured_queries:
            if "rnokpp =" in query["sql"] or "unzr =" in query["sql"]:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plans.append("\n".join(row[0] for row in cursor.fetchall()))
    assert len(plans) == 3
    assert "one_pupil_per_rnokpp" in plans[0]
    assert "one_pupil_per_unzr" in plans[0]
    assert "one_pupil_per_rnokpp" in plans[1]
    assert "one_pupil_per_unzr" in plans[2]

"""What is so of a child from a day to a day: needs, meals, displacement, contact."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from kernel.errors import Invalid, NotAllowed, NotFound, StaleVersion
from registry.cards.portal import words
from registry.cards.selectors import pupil as cards
from registry.models import ContactState, Pupil, PupilCategory
from registry.people import policies
from registry.people import services as pupils
from registry.people.selectors import lists
from registry.people.selectors.filters import Filters
from registry.quality import facts
from tests.registry.kit import TODAY
from tests.world import sign_in

SEPTEMBER, OCTOBER = datetime.date(2026, 9, 1), datetime.date(2026, 10, 1)
NEEDS = {
    "code": "SEN",
    "level": "2-й рівень",
    "document": "ІРЦ-14",
    "issued_on": "20.08.2026",
    "starts_on": "01.09.2026",
}
LOST = {"status": "LOST_PUPIL", "starts_on": "01.09.2026", "attempts": "дзвінки 15.09, 22.09"}


@pytest.fixture
def common(world):
    return {
        "actor": world.actor("olena"),
        "pupil_id": world.pupils["ivan"].pk,
        "today": TODAY,
    }


def wrong(values, common, of=pupils.add_category):
    with pytest.raises(Invalid) as told:
        of(**common, values=values)
    return {(p.field, p.code) for p in told.value.problems}


@pytest.mark.parametrize(
    ("told", "wrongs"),
    [
        ({"level": "6"}, {("level", "required")}),
        ({"document": "", "issued_on": ""}, {("document", "required"), ("issued_on", "required")}),
        ({"level": "1", "document": "", "issued_on": ""}, set()),  # the school's own assessment
        ({"issued_on": "01.01.2030"}, {("issued_on", "future")}),
        ({"ends_on": "01.09.2026"}, {("ends_on", "before_start")}),
        ({"code": "FREE_MEALS", "document": ""}, {("document", "required")}),
        ({"code": "IDP", "document": "77"}, {("document", "shape")}),
        (
            {"code": "IDP", "document": "1234-5000123456", "origin_code": "Маріуполь"},
            {("origin_code", "shape")},
        ),
        (
            {"code": "IDP", "document": "12345000123456", "origin_code": "UA99999999999999999"},
            {("origin_code", "unknown")},
        ),
        ({"code": "ABROAD", "country": "UA"}, {("country", "here")}),
        ({"code": "ABROAD", "country": "Польща", "studies_there": "хто знає"},
         {("studies_there", "unknown")}),
        ({"code": "GOLD"}, {("code", "unknown")}),
    ],
)  # fmt: skip
def test_each_fact_asks_what_the_law_asks(common, told, wrongs):
    values = NEEDS | told
    if wrongs:
        assert wrong(values, common) == wrongs
    else:
        assert pupils.add_category(**common, values=values).level == 1


def test_another_level_from_a_day_leaves_the_past_as_it_was(common):
    first = pupils.add_category(**common, values=NEEDS)
    assert wrong(NEEDS | {"starts_on": "01.10.2026"}, common) == {("starts_on", "overlaps")}
    second = pupils.add_category(**common, values=NEEDS | {"level": "3", "starts_on": "01.10.2026"})
    first.refresh_from_db()
    assert (first.ends_on, second.starts_on) == (OCTOBER, OCTOBER)
    assert [first.lasts(SEPTEMBER), first.lasts(OCTOBER), second.lasts(OCTOBER)] == [
        True,
        False,
        True,
    ]


def test_what_never_was_is_voided_and_told_nowhere_but_in_history(common, world, client):
    row = pupils.add_category(
        **common, values=NEEDS | {"code": "IDP", "document": "12345000123456"}
    )
    given = {k: common[k] for k in ("actor", "pupil_id")} | {"category_id": row.pk}
    with pytest.raises(Invalid):
        pupils.void_category(**given, version=1, ground=" ")
    with pytest.raises(StaleVersion):
        pupils.void_category(**given, version=7, ground="не та дитина")
    sign_in(client, world.grants["olena"])
    page = reverse("pupil_category_void", args=[row.pupil_id, row.pk])
    assert client.post(page, {"version": 1, "ground": "не та дитина"}).status_code == 303
    with pytest.raises(NotFound):
        pupils.void_category(**given, version=2, ground="ще раз")
    assert PupilCategory.ever.filter(pk=row.pk).exclude(voided_at=None).exists()
    card = cards.card(common["actor"], row.pupil_id, today=TODAY, kinds=words.OF_PUPIL)
    assert card.categories == []
    line = next(one for one in words.timeline(card) if one.title.startswith("Вилучено помилкову"))
    assert line.who
    assert facts.of_pupils([row.pupil_id], TODAY)[row.pupil_id]["displaced"] is None
    assert pupils.add_category(
        **common, values=NEEDS | {"code": "IDP", "document": "12345000123456"}
    )


def test_contact_is_lost_and_restored_from_a_day_and_the_profile_shows_what_lasts(common, world):
    def status():
        return Pupil.objects.values_list("contact_status", flat=True).get(pk=common["pupil_id"])

    note = pupils.note_contact
    assert wrong(LOST | {"attempts": ""}, common, note) == {("attempts", "required")}
    assert wrong(LOST | {"actions": "цирк"}, common, note) == {("actions", "unknown")}
    assert wrong(LOST | {"status": "OK"}, common, note) == {("status", "unknown")}
    assert wrong(LOST | {"status": "RESTORED"}, common, note) == {("status", "not_lost")}
    assert wrong(LOST | {"starts_on": "01.01.2030"}, common, note) == {("starts_on", "future")}
    told = LOST | {"actions": "Служба у справах дітей; POLICE", "occupied": "так"}
    lost = note(**common, values=told)
    assert (lost.actions, lost.occupied, status()) == (["POLICE", "SSD"], True, "LOST_PUPIL")
    assert wrong(LOST, common, note) == {("starts_on", "before_last")}
    back = note(**common, values={"status": "RESTORED", "starts_on": "01.10.2026"})
    assert status() == "RESTORED"
    given = {k: common[k] for k in ("actor", "pupil_id")}
    with pytest.raises(NotFound):
        pupils.void_contact(**given, contact_id=lost.pk, version=1, ground="не останній")
    pupils.void_contact(**given, contact_id=back.pk, version=1, ground="помилка")
    assert status() == "LOST_PUPIL"
    lost.refresh_from_db()
    pupils.void_contact(**given, contact_id=lost.pk, version=lost.version, ground="помилка")
    assert status() == "OK"
    assert ContactState.ever.exclude(voided_at=None).count() == 2


def test_what_tells_of_health_is_open_to_the_childs_institution_alone(common, world, client):
    pupils.add_category(**common, values=NEEDS)
    pupils.add_category(**common, values=NEEDS | {"code": "LARGE_FAMILY"})
    school = world.institutions["school1"]
    for who, sees in (("olena", True), ("dana", True), ("bohdan", False)):
        actor = world.actor(who)
        assert policies.see_needs.allows(actor, school) is sees
        card = cards.card(actor, common["pupil_id"], today=TODAY, kinds=words.OF_PUPIL)
        assert len(card.categories) == 1 + sees
        assert len([one for one in words.timeline(card) if "категорію" in one.title]) == 1 + sees
        listed = lists.listing(actor, Filters(), today=TODAY).rows
        assert {len(one.categories) for one in listed if one.id == str(common["pupil_id"])} == {
            1 + sees
        }
        sign_in(client, world.grants[who])
        page = client.get(reverse("pupil_detail", args=[common["pupil_id"]])).content.decode()
        assert ("рівень підтримки" in page) is sees
    with pytest.raises(NotAllowed):
        pupils.add_category(**common | {"actor": world.actor("bohdan")}, values=NEEDS)


def test_facts_are_written_by_their_pages_and_stand_on_the_card(common, world, client):
    sign_in(client, world.grants["olena"])
    at = f"/pupils/{common['pupil_id']}/"
    said = {
        "facts/meals/new/": {"document": "малозабезпечена родина", "starts_on": "01.09.2026"},
        "facts/displaced/new/": {
            "document": "1234-5000123456",
            "issued_on": "20.08.2026",
            "starts_on": "20.08.2026",
        },
        "facts/abroad/new/": {"country": "PL", "starts_on": "01.10.2026", "studies_there": "так"},
        "contact/new/": LOST | {"actions": ["SSD"]},
    }
    for path, values in said.items():
        assert client.post(at + path, {"starts_on": ""}).status_code == 422
        assert client.post(at + path, values).status_code == 303, path
    assert client.get(at + "facts/gold/new/").status_code == 404
    html = client.get(at).content.decode()
    for word in ("малозабезпечена", "1234-5000123456 від 20.08.2026", "навчається й там", "ССД"):
        assert word in html


@pytest.fixture(autouse=True)
def _in_the_world(world):
    """Every test here stands in it, whatever else it asks for."""

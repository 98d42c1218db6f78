"""Cards of institutions: who may do what, what is refused, what history keeps."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable

import pytest

from accounts.models import OrgUnit
from kernel.errors import Invalid, NotAllowed, NotFound, StaleVersion
from registry.cards.portal import words
from registry.cards.selectors import timeline
from registry.classes import services as classes
from registry.classes.errors import ClassExists
from registry.classes.services import groups
from registry.institutions import policies, selectors
from registry.institutions.errors import CodeTaken, StatusStep, StillLearning
from registry.institutions.services import institutions
from registry.models import Institution
from tests.kit.racing import Held, beside
from tests.registry.reorganisation.kit import turned
from tests.world import YEAR, World

TODAY = datetime.date(2026, 11, 22)
CARD = {
    "full_name": "Мамаївська гімназія «Джерело» Мамаївської сільської ради",
    "short_name": "Гімназія «Джерело»",
    "kind": "ZZSO",
    "type": "GYMNASIUM",
    "ownership": "COMMUNAL",
    "territory_code": "UA73060370010090405",
    "edrpou": "99000011",
    "phone": "0372 55-55-55; (099) 000-00-01",
    "email": "dzherelo@example.com",
}


def create(world: World, who: str = "admin", under: str = "hromada", **changes):
    return institutions.create(
        {**CARD, **changes}, actor=world.actor(who), under=world.units[under].uid, today=TODAY
    )


# ── creating ────────────────────────────────────────────────────────────────
def test_the_technical_administrator_creates_a_card_with_its_node_under_the_authority(world: World):
    card = create(world)

    assert card.status == "DRAFT"
    assert card.phone == "+380372555555, +380990000001"
    assert card.hromada_id == world.units["hromada"].id
    assert card.unit.name == "Гімназія «Джерело»"
    assert card.unit.path.startswith(world.units["hromada"].path)
    assert [s.status for s in selectors.statuses(card)] == ["DRAFT"]


@pytest.mark.parametrize("who", ["maria", "iryna", "bohdan", "hanna", "olena", "dana"])
def test_nobody_else_creates_cards(world: World, who: str):
    with pytest.raises(NotAllowed):
        create(world, who)
    assert not Institution.objects.filter(short_name=CARD["short_name"]).exists()


def test_every_wrong_field_is_told_at_once(world: World):
    with pytest.raises(Invalid) as refused:
        create(
            world,
            full_name="",
            type="SCHOOL",
            edrpou="99000012",
            territory_code="UA73060370000059595",  # a hromada
            phone="дзвоніть",
            email="dzherelo(at)example",
            shifts="9",
            postal_code="123",
        )
    told = {problem.field for problem in refused.value.problems}
    assert told == {
        "full_name",
        "type",
        "edrpou",
        "territory_code",
        "phone",
        "email",
        "shifts",
        "postal_code",
    }


def test_a_card_is_not_put_under_an_institution_or_nowhere(world: World):
    with pytest.raises(NotFound):
        create(world, under="school1")
    with pytest.raises(NotFound):
        institutions.create(CARD, actor=world.actor("admin"), under="немає", today=TODAY)


def test_a_code_of_another_card_is_refused_beside_its_field(world: World):
    create(world, diso_id="12345")
    with pytest.raises(CodeTaken) as refused:
        create(world, diso_id="12345", short_name="Двійник")
    assert refused.value.field == "diso_id"


# ── branches ────────────────────────────────────────────────────────────────
def test_the_head_of_a_hub_creates_its_branch_which_stands_below_it(world: World):
    branch = institutions.create_branch(
        {**CARD, "short_name": "Лужанська філія", "edrpou": ""},
        actor=world.actor("nina"),
        hub=world.institutions["hub"].uid,
        today=TODAY,
    )
    assert branch.hub_id == world.institutions["hub"].pk
    assert branch.edrpou is None
    assert branch.unit.parent_id == world.units["hub"].id
    assert selectors.find(world.actor("nina"), branch.uid) == branch


def test_a_head_creates_no_branch_of_somebody_elses_hub(world: World):
    with pytest.raises(NotFound):
        institutions.create_branch(
            CARD, actor=world.actor("olena"), hub=world.institutions["hub"].uid, today=TODAY
        )
    with pytest.raises(NotAllowed):
        institutions.create_branch(
            CARD, actor=world.actor("hanna"), hub=world.institutions["hub"].uid, today=TODAY
        )


def test_a_branch_has_no_branches(world: World):
    with pytest.raises(Invalid):
        institutions.create_branch(
            CARD, actor=world.actor("admin"), hub=world.institutions["branch"].uid, today=TODAY
        )


# ── correcting ──────────────────────────────────────────────────────────────
def test_a_head_corrects_contacts_and_the_authority_confirms_anew(world: World):
    school = world.institutions["school1"]
    confirmed = institutions.confirm(
        actor=world.actor("bohdan"), uid=school.uid, version=1, today=TODAY
    )
    assert confirmed.is_confirmed

    changed = institutions.update(
        {"phone": "0372123456"}, actor=world.actor("olena"), uid=school.uid, version=2
    )
    assert changed.phone == "+380372123456"
    assert not changed.is_confirmed


@pytest.mark.parametrize(
    ("who", "field", "value"),
    [
        ("olena", "short_name", "Академія"),
        ("olena", "edrpou", "99000028"),
        ("bohdan", "edrpou", "99000028"),
        ("bohdan", "edebo_id", "777"),
        ("dana", "phone", "0372123456"),
        ("maria", "phone", "0372123456"),
    ],
)
def test_nobody_changes_a_field_they_do_not_answer_for(world: World, who, field, value):
    school = world.institutions["school1"]
    with pytest.raises(NotAllowed):
        institutions.update(
            {field: value}, actor=world.actor(who), uid=school.uid, version=school.version
        )
    assert getattr(Institution.objects.get(pk=school.pk), field) == getattr(school, field)


def test_the_same_value_sent_back_is_no_change_and_needs_no_right(world: World):
    school = world.institutions["school1"]
    same = institutions.update(
        {"short_name": school.short_name}, actor=world.actor("olena"), uid=school.uid, version=1
    )
    assert same.version == 1


def test_a_stale_form_is_refused_and_nothing_is_lost(world: World):
    school = world.institutions["school1"]
    institutions.update(
        {"address": "вул. Головна, 1"}, actor=world.actor("olena"), uid=school.uid, version=1
    )
    with pytest.raises(StaleVersion):
        institutions.update(
            {"address": "вул. Інша, 2"}, actor=world.actor("bohdan"), uid=school.uid, version=1
        )
    assert Institution.objects.get(pk=school.pk).address == "вул. Головна, 1"


def test_a_new_name_shows_on_the_node_too(world: World):
    school = world.institutions["school1"]
    institutions.update(
        {"short_name": "Ліцей № 1"}, actor=world.actor("bohdan"), uid=school.uid, version=1
    )
    assert OrgUnit.objects.get(pk=school.pk).name == "Ліцей № 1"


@pytest.mark.parametrize("who", ["taras", "hanna", "petro", "nina"])
def test_an_institution_out_of_reach_is_absent(world: World, who: str):
    with pytest.raises(NotFound):
        institutions.update(
            {"phone": ""}, actor=world.actor(who), uid=world.institutions["school1"].uid, version=1
        )


# ── states ──────────────────────────────────────────────────────────────────
def test_a_suspended_institution_is_entered_by_nobody_until_it_works_again(world: World):
    turned(world, "bohdan", "SUSPENDED")
    assert not OrgUnit.objects.get(pk=world.institutions["school2"].pk).is_active
    turned(world, "bohdan", "ACTIVE")
    assert OrgUnit.objects.get(pk=world.institutions["school2"].pk).is_active


@pytest.mark.parametrize("to", ["LIQUIDATED", "VERIFIED", "DRAFT", "НІЩО"])
def test_states_go_only_by_their_steps(world: World, to: str):
    with pytest.raises(StatusStep):
        turned(world, "bohdan", to)


@pytest.mark.parametrize("who", ["olena", "petro", "dana", "maria"])
def test_the_institution_itself_does_not_change_its_state(world: World, who: str):
    with pytest.raises((NotAllowed, NotFound)):
        turned(world, who, "SUSPENDED")


def test_an_order_from_the_future_and_without_a_number_is_told_at_once(world: World):
    with pytest.raises(Invalid) as refused:
        turned(world, "bohdan", "SUSPENDED", number=" ", issuer="", issued_on="25.11.2026")
    assert {p.field for p in refused.value.problems} == {"number", "issued_on", "issuer"}
    with pytest.raises(Invalid, match="раніша за дату документа"):
        turned(world, "bohdan", "SUSPENDED", effective_on="19.11.2026")


def test_an_institution_with_children_or_branches_is_not_closed(world: World):
    turned(world, "hanna", "REORGANISING", key="branch")
    with pytest.raises(StillLearning, match="навчаються діти"):
        turned(world, "hanna", "LIQUIDATED", key="branch")


def test_a_draft_becomes_verified_only_by_the_authority_that_saw_it(world: World):
    card = create(world)
    with pytest.raises(NotAllowed):
        institutions.confirm(actor=world.actor("admin"), uid=card.uid, version=1, today=TODAY)
    with pytest.raises(StaleVersion):
        institutions.confirm(actor=world.actor("hanna"), uid=card.uid, version=7, today=TODAY)
    done = institutions.confirm(actor=world.actor("hanna"), uid=card.uid, version=1, today=TODAY)
    assert (done.status, done.is_confirmed) == ("VERIFIED", True)


def test_who_did_what_stays_on_the_timeline(world: World):
    school = world.institutions["school1"]
    institutions.update(
        {"address": "вул. Головна, 1"}, actor=world.actor("olena"), uid=school.uid, version=1
    )
    deed = words.deeds(timeline.of_institution(school, words.OF_INSTITUTION), named=True)[0]
    assert deed.title == "Змінено дані картки"
    assert deed.detail == "адреса"
    assert deed.who.startswith("Шкільна О. В.")


# ── lists ───────────────────────────────────────────────────────────────────
def names(world: World, who: str, **filters) -> set[str]:
    listing = selectors.listing(world.actor(who), selectors.Filters(**filters))
    return {row.short_name for row in listing.page.rows}


def test_each_level_lists_its_own_and_not_its_siblings(world: World):
    city = {"Чернівецький ліцей № 1", "Чернівецька гімназія № 2"}
    village = {"Мамаївський опорний ліцей", "Стрілецька філія"}
    assert names(world, "olena") == {"Чернівецький ліцей № 1"}
    assert names(world, "bohdan") == city
    assert names(world, "hanna") == village
    assert names(world, "nina") == village  # a head sees the branches of the hub
    assert names(world, "iryna") == city | village
    assert names(world, "taras") == {"Львівський ліцей № 1"}
    assert names(world, "maria") == city | village | {"Львівський ліцей № 1"}


def test_a_filter_is_counted_under_the_other_filters_and_not_under_itself(world: World):
    listing = selectors.listing(world.actor("iryna"), selectors.Filters(is_rural="1"))
    assert listing.total == 2
    assert listing.facets["is_rural"] == {"0": 2, "1": 2}
    assert listing.facets["status"] == {"ACTIVE": 2}


def test_a_list_is_found_by_part_of_a_name_or_by_a_code(world: World):
    assert names(world, "iryna", q="гімназ") == {"Чернівецька гімназія № 2"}
    assert names(world, "iryna", q="99000130") == {"Чернівецька гімназія № 2"}
    assert names(world, "iryna", q="100% _") == set()


def test_pages_follow_one_another_without_loss(world: World):
    actor = world.actor("maria")
    first = selectors.listing(actor, selectors.Filters(), size=2).page
    second = selectors.listing(actor, selectors.Filters(), size=2, after=first.next).page
    third = selectors.listing(actor, selectors.Filters(), size=2, after=second.next).page
    shown = [row.short_name for page in (first, second, third) for row in page.rows]
    assert len(shown) == len(set(shown)) == 5
    assert third.next is None
    back = selectors.listing(actor, selectors.Filters(), size=2, before=third.previous).page
    assert [r.pk for r in back.rows] == [r.pk for r in second.rows]


# ── traps ───────────────────────────────────────────────────────────────────
def test_the_path_of_a_neighbour_whose_number_begins_alike_is_not_below(world: World):
    """«1.5.» is not above «1.50.7.»: the closing dot is what keeps them apart."""
    city = world.units["chernivtsi"]
    authority = dataclasses.replace(world.actor("bohdan"), unit_path="1.5.")
    school = Institution.objects.select_related("unit").get(pk=world.institutions["school1"].pk)
    school.unit.path = "1.50.7."
    for policy in (policies.confirm_card, policies.change_status, policies.edit_registry_fields):
        assert not policy.allows(authority, school)
    school.unit.path = "1.5.7."
    assert policies.confirm_card.allows(authority, school)
    assert city.path.endswith(".")


def test_a_class_opened_by_two_at_once_is_told_as_one_that_exists(world: World, monkeypatch):
    # Both have passed the check; the constraint decides, and it reads like the check.
    monkeypatch.setattr(groups, "_spec_problems", lambda *_: [])
    with pytest.raises(ClassExists):
        classes.open_many(
            [classes.ClassSpec(5, "А")],
            actor=world.actor("olena"),
            institution=world.institutions["school1"].uid,
            year=YEAR,
        )


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_once_do_not_overwrite_each_other(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """The row is locked before its version is compared: the second waits, then is stale."""
    school = world.institutions["school1"]
    held = Held(institutions.change, before=True)
    monkeypatch.setattr(institutions, "change", held)

    def save(who: str, address: str) -> Callable[[], object]:
        actor, values = world.actor(who), {"address": address}
        return lambda: institutions.update(values, actor=actor, uid=school.uid, version=1)

    outcomes = beside(save("olena", "вул. Перша, 1"), save("bohdan", "вул. Друга, 2"), held)
    assert outcomes == ["done", "stale_version"]
    assert Institution.objects.get(pk=school.pk).address == "вул. Перша, 1"

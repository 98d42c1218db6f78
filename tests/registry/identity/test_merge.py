"""Two profiles of one child become one, by two people, and two again without a byte lost."""

from __future__ import annotations

import dataclasses
import datetime

import pytest
from django.db import IntegrityError

from accounts import actors
from kernel.audit.models import EventRow
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound
from registry.enrolments.models import Enrolment
from registry.identity import services
from registry.identity.children import CHILDREN
from registry.identity.errors import (
    AskedByYourself,
    CannotMerge,
    CannotUnmerge,
    MergeDecided,
    MergesNoProfiles,
)
from registry.models import Pupil, PupilDocument
from registry.people.errors import ProfileMerged
from registry.people.selectors.reach import reached
from tests.kit.acts import noted
from tests.registry.identity import kit
from tests.registry.identity.kit import MOMENT, a_second, asked, merged, unmerged
from tests.world import World, enrol


@pytest.fixture
def ivan(world: World) -> Pupil:
    return world.pupils["ivan"]


def codes(refusal: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {problem.code for problem in refusal.value.problems}


@command
def change(*, actor: object, make: object) -> None:
    make()  # type: ignore[operator]
    noted()


def do(make: object) -> None:
    change(actor=actors.system("тест"), make=make)


def test_everything_of_the_second_profile_goes_to_the_one_that_stays(world: World, ivan: Pupil):
    other = a_second(world, rnokpp="3471200008", rnokpp_state="VALUE", patronymic="Петрович")
    merged(world, ivan, other)
    ivan.refresh_from_db()
    other.refresh_from_db()
    assert (other.merged_into_id, other.closed_reason, other.closed_on) == (
        ivan.pk,
        "MERGED",
        kit.TODAY,
    )
    assert (ivan.rnokpp, ivan.rnokpp_state, ivan.patronymic) == (
        "3471200008",
        "VALUE",
        "Петрович",
    )
    assert ivan.documents.filter(number="900001", is_primary=False).exists()
    assert ivan.documents.filter(is_primary=True).count() == 1
    assert ivan.addresses.get().line == "вул. Садова, 5"
    assert ivan.categories.get().code == "IDP"
    assert ivan.enrolments.count() == 2
    assert not other.documents.exists()
    assert not other.enrolments.exists()


def test_what_the_retained_one_has_alike_stays_where_it_was(world: World, ivan: Pupil):
    first = a_second(world, number="1")
    merged(world, ivan, first)
    second = a_second(
        world, number="2", starts_on=datetime.date(2024, 9, 1), ends_on=datetime.date(2025, 6, 1)
    )
    merged(world, ivan, second)
    assert ivan.addresses.count() == 1
    assert second.addresses.count() == 1
    assert second.categories.count() == 1
    assert ivan.documents.count() == 3


def test_periods_that_overlap_in_the_past_stay_counted_as_they_were(world: World, ivan: Pupil):
    until = datetime.date(2026, 10, 1)
    other = a_second(world, ends_on=until)
    merge = merged(world, ivan, other)
    assert other.enrolments.get().ends_on == until
    assert [row.pk for row in Enrolment.objects.filter(pupil=ivan)] == merge.moved["enrolments"]


def test_two_people_decide_and_whoever_asked_is_not_the_second(world: World, ivan: Pupil):
    asked_for = asked(world, ivan, a_second(world))
    with pytest.raises(AskedByYourself):
        services.confirm_merge(actor=world.actor("bohdan"), merge_id=asked_for.pk, moment=MOMENT)
    with pytest.raises(AskedByYourself):
        services.reject_merge(
            actor=world.actor("bohdan"), merge_id=asked_for.pk, reason="ні", moment=MOMENT
        )
    second = actors.of_grant(kit.colleague(world))
    services.confirm_merge(actor=second, merge_id=asked_for.pk, moment=MOMENT)
    with pytest.raises(MergeDecided):
        services.confirm_merge(actor=second, merge_id=asked_for.pk, moment=MOMENT)


def test_two_grants_of_one_person_are_one_person(world: World, ivan: Pupil):
    from accounts.models import Grant

    asked_for = asked(world, ivan, a_second(world))
    grant = kit.colleague(world, "chernivetska")
    do(lambda: Grant.objects.filter(pk=grant.pk).update(user=world.grants["bohdan"].user))
    grant.refresh_from_db()
    with pytest.raises(AskedByYourself):
        services.confirm_merge(actor=actors.of_grant(grant), merge_id=asked_for.pk, moment=MOMENT)


@pytest.mark.parametrize("who", ["olena", "maria", "admin"])
def test_only_an_authority_above_both_asks(world: World, ivan: Pupil, who: str):
    with pytest.raises(NotAllowed):
        asked(world, ivan, a_second(world, at="school1"), who)


def test_a_profile_of_another_authority_is_not_there(world: World, ivan: Pupil):
    other = a_second(world, at="lviv_school")
    with pytest.raises(NotFound):
        asked(world, ivan, other)
    asked_above = asked(world, ivan, a_second(world, at="hub", number="3"), "iryna")
    with pytest.raises(NotFound):
        services.confirm_merge(actor=world.actor("bohdan"), merge_id=asked_above.pk, moment=MOMENT)
    with pytest.raises(NotFound):
        services.confirm_merge(actor=world.actor("taras"), merge_id=asked_above.pk, moment=MOMENT)


def test_all_reasons_are_told_at_once(world: World, ivan: Pupil):
    do(
        lambda: Pupil.objects.filter(pk=ivan.pk).update(
            rnokpp="3471200009", rnokpp_state="VALUE", unzr="20160301-00001"
        )
    )
    other = a_second(
        world,
        ends_on=None,
        rnokpp="3471200008",
        rnokpp_state="VALUE",
        unzr="20160301-00002",
    )
    with pytest.raises(CannotMerge) as refusal:
        asked(world, ivan, other)
    assert codes(refusal) == {"both_study", "rnokpp_differs", "unzr_differs"}


def test_what_came_between_asking_and_deciding_is_asked_again(world: World, ivan: Pupil):
    other = a_second(world)
    asked_for = asked(world, ivan, other)
    do(lambda: enrol(other, world.classes["school2/5-А"], starts_on=datetime.date(2026, 11, 1)))
    with pytest.raises(CannotMerge) as refusal:
        services.confirm_merge(actor=world.actor("iryna"), merge_id=asked_for.pk, moment=MOMENT)
    assert codes(refusal) == {"both_study"}


def test_the_profile_under_which_the_child_learns_is_the_one_that_stays(world: World, ivan: Pupil):
    other = a_second(world, ends_on=datetime.date(2026, 10, 1))
    with pytest.raises(CannotMerge) as refusal:
        asked(world, other, ivan)
    assert codes(refusal) == {"retain_the_other"}


def test_a_relation_nobody_has_thought_of_stops_the_merge(world: World, ivan: Pupil):
    left_out = dict(CHILDREN.plan)
    del left_out["registry.pupildocument.pupil"]
    with pytest.raises(CannotMerge) as refusal:
        services.ask_merge(
            actor=world.actor("bohdan"), retained_id=ivan.pk, merged_id=a_second(world).pk,
            ground="свідоцтва", moment=MOMENT, kind=dataclasses.replace(CHILDREN, plan=left_out),
        )  # fmt: skip
    assert codes(refusal) == {"unlisted"}


def test_a_merged_profile_answers_with_the_one_that_stands_for_it(world: World, ivan: Pupil):
    other = a_second(world)
    merged(world, ivan, other)
    with pytest.raises(ProfileMerged) as told:
        reached(world.actor("olena"), other.pk)
    assert told.value.retained == ivan.pk
    with pytest.raises(NotFound):
        reached(world.actor("taras"), other.pk)


def test_the_database_itself_refuses_chains_itself_and_an_enrolment(world: World, ivan: Pupil):
    other, third = a_second(world), a_second(world, number="7")
    merged(world, ivan, other)
    for broken in (
        lambda: enrol(other, world.classes["school2/5-А"]),
        lambda: Pupil.objects.filter(pk=third.pk).update(
            merged_into=other, closed_on=kit.TODAY, closed_reason="MERGED"
        ),
        lambda: Pupil.objects.filter(pk=ivan.pk).update(
            merged_into=third, closed_on=kit.TODAY, closed_reason="MERGED"
        ),
        lambda: Pupil.objects.filter(pk=third.pk).update(
            merged_into=third, closed_on=kit.TODAY, closed_reason="MERGED"
        ),
        lambda: Pupil.objects.filter(pk=other.pk).update(closed_on=None, closed_reason=""),
        lambda: Pupil.objects.filter(pk=third.pk).update(closed_on=kit.TODAY),
    ):
        with pytest.raises(IntegrityError):
            do(broken)


def test_numbers_are_unique_among_profiles_that_stand(world: World, ivan: Pupil):
    other = a_second(world, rnokpp="3471200008", rnokpp_state="VALUE")
    merged(world, ivan, other)
    ivan.refresh_from_db()
    assert ivan.rnokpp == other.rnokpp == "3471200008"
    with pytest.raises(IntegrityError):
        a_second(world, number="8", rnokpp="3471200008", rnokpp_state="VALUE")


# ── and back ─────────────────────────────────────────────────────────────────
def test_unmerging_restores_every_byte(world: World, ivan: Pupil):
    other = a_second(
        world, rnokpp="3471200008", rnokpp_state="VALUE", unzr="20160301-00002", patronymic="П"
    )
    before = kit.everything()
    merge = merged(world, ivan, other)
    assert kit.everything() != before
    unmerged(world, merge)
    assert kit.everything() == before


def test_merges_on_merges_come_back_in_the_reverse_order(world: World, ivan: Pupil):
    first, second = (
        a_second(world, number="1"),
        a_second(
            world,
            number="2",
            starts_on=datetime.date(2024, 9, 1),
            ends_on=datetime.date(2025, 6, 1),
        ),
    )
    before = kit.everything()
    one = merged(world, first, second)
    other = merged(world, ivan, first)
    second.refresh_from_db()
    assert second.merged_into_id == ivan.pk
    with pytest.raises(CannotUnmerge) as refusal:
        unmerged(world, one)
    assert "merged_further" in codes(refusal)
    unmerged(world, other)
    unmerged(world, one)
    assert kit.everything() == before


def test_later_changes_that_make_it_impossible_are_all_told(world: World, ivan: Pupil):
    other = a_second(world, unzr="20160301-00002")
    merge = merged(world, ivan, other)

    def later() -> None:
        Pupil.objects.filter(pk=ivan.pk).update(unzr="20160301-00003")
        Pupil.objects.filter(pk=second.pk).update(unzr="20160301-00002")
        PupilDocument.objects.filter(number="900001").update(is_primary=False, pupil=second)
        Enrolment.objects.filter(pupil=ivan, ends_on=None).update(
            ends_on=datetime.date(2026, 11, 1)
        )
        enrol(ivan, world.classes["school2/5-А"], starts_on=datetime.date(2026, 11, 2))

    second = a_second(world, number="5")
    do(later)
    with pytest.raises(CannotUnmerge) as refusal:
        unmerged(world, merge)
    assert codes(refusal) == {"changed", "corrected", "enrolled_since", "number_taken"}


def test_a_child_withdrawn_since_goes_back_with_its_withdrawal(world: World, ivan: Pupil):
    other = a_second(world, at="school1", starts_on=datetime.date(2026, 9, 1), ends_on=None)
    left = a_second(world, number="6", starts_on=datetime.date(2024, 9, 1))
    merge = merged(world, left, other)
    day = datetime.date(2026, 11, 20)
    do(lambda: Enrolment.objects.filter(pupil=left, ends_on=None).update(ends_on=day))
    unmerged(world, merge)
    assert other.enrolments.get().ends_on == day


def test_what_happened_is_on_both_timelines(world: World, ivan: Pupil):
    other = a_second(world)
    unmerged(world, merged(world, ivan, other))
    told = EventRow.objects.filter(code__startswith="registry.pupil.", subject_id=str(other.pk))
    assert [row.code.rpartition(".")[2] for row in told.order_by("id")] == [
        "merge_asked",
        "merged",
        "unmerge_asked",
        "unmerged",
    ]
    kept = EventRow.objects.filter(code__startswith="registry.pupil.", subject_id=str(ivan.pk))
    assert [row.code.rpartition(".")[2] for row in kept.order_by("id")] == [
        "took_over",
        "gave_back",
    ]


def test_rejecting_needs_a_reason_and_frees_the_profile_for_another_request(
    world: World, ivan: Pupil
):
    other = a_second(world)
    asked_for = asked(world, ivan, other)
    with pytest.raises(CannotMerge) as refusal:
        asked(world, ivan, other)
    assert codes(refusal) == {"asked_already"}
    with pytest.raises(Invalid):
        services.reject_merge(
            actor=world.actor("iryna"), merge_id=asked_for.pk, reason=" ", moment=MOMENT
        )
    services.reject_merge(
        actor=world.actor("iryna"), merge_id=asked_for.pk, reason="брати", moment=MOMENT
    )
    assert asked(world, ivan, other).state == "ASKED"
    with pytest.raises(MergesNoProfiles):
        services.ask_merge(
            actor=world.actor("olena"),
            retained_id=ivan.pk,
            merged_id=a_second(world, at="school1", number="4").pk,
            ground="x",
            moment=MOMENT,
        )

"""Two profiles of one member of staff: found by night, merged by two people, taken back byte for byte."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from accounts import actors
from integrations.eis.models import EisSystem
from integrations.eis.services import systems
from kernel import clock
from kernel.errors import NotAllowed, NotFound
from registry.identity import merge as mechanism
from registry.identity import services
from registry.identity.errors import AskedByYourself, CannotMerge, CannotUnmerge
from registry.identity.models import EmployeeMerge, PossibleColleague
from registry.identity.services import doubts
from registry.identity.staff import STAFF
from registry.models import Employee, Post
from registry.staff import services as staff
from registry.tasks import seek_duplicates
from tests.eis.kit import get, grant
from tests.kit.racing import Held, beside
from tests.registry.identity import kit
from tests.registry.identity.kit import MOMENT
from tests.registry.identity.staff_kit import (
    CODE,
    CORRECTED,
    LEFT,
    OTHER,
    a_teacher,
    asked,
    confirmed,
    undone,
    write,
)
from tests.world import FIRST_DAY, World, hire, sign_in


@pytest.fixture
def two(world: World) -> tuple[Post, Post]:
    """One woman at school 1 now, and as somebody else at school 2 until June."""
    return a_teacher(world), a_teacher(
        world, "school2", starts_on=datetime.date(2020, 9, 1), ends_on=LEFT, rnokpp=CODE
    )


def codes(refusal: Any) -> set[str]:
    return {problem.code for problem in refusal.value.problems}


# ── finding ──────────────────────────────────────────────────────────────────
def test_the_night_finds_two_profiles_once_and_whoever_told_them_apart_is_asked_no_more(
    world: World, two: tuple[Post, Post]
):
    a_teacher(world, "hub", surname="Інакша", given_name="Дарина")
    seek_duplicates()
    pair = PossibleColleague.objects.get()
    assert {pair.one_id, pair.other_id} == {post.employee_id for post in two}
    assert {"surname_same", "given_same", "born_same"} <= set(pair.evidence)
    seek_duplicates()
    assert PossibleColleague.objects.count() == 1
    doubts.differ(
        actor=world.actor("bohdan"), pair_id=pair.pk, reason="тезки", moment=MOMENT, kind=STAFF
    )
    write(lambda: Employee.objects.filter(pk=pair.one_id).update(patronymic="Іванівна"))
    seek_duplicates()
    assert PossibleColleague.objects.get().state == "DIFFERENT"


def test_a_school_learns_that_a_profile_elsewhere_exists_and_nothing_of_it(
    world: World, two: tuple[Post, Post]
):
    seek_duplicates()
    pair = PossibleColleague.objects.get()
    seen = doubts.find(world.actor("olena"), pair.pk, STAFF)
    assert [one.pk for one in seen.seen] == [two[0].employee_id]
    assert (seen.evidence, seen.may_decide, seen.may_say) == ((), False, True)
    with pytest.raises(NotFound):
        doubts.find(world.actor("nina"), pair.pk, STAFF)
    with pytest.raises(NotAllowed):
        doubts.find(world.actor("dana"), pair.pk, STAFF)  # a deputy for pupils, not for staff
    assert doubts.waiting(world.actor("iryna"), STAFF) == 1
    assert doubts.waiting(world.actor("taras"), STAFF) == 0


# ── merging ──────────────────────────────────────────────────────────────────
def test_two_people_make_one_of_two_and_two_again_byte_for_byte(
    world: World, two: tuple[Post, Post]
):
    here, there = two
    before = kit.everything()
    merge = asked(world, here, there)
    with pytest.raises(AskedByYourself):
        services.confirm_merge(
            actor=world.actor("bohdan"), merge_id=merge.pk, moment=MOMENT, kind=STAFF
        )
    confirmed(world, merge)
    one = Employee.objects.get(pk=here.employee_id)
    assert (one.rnokpp, one.rnokpp_state) == (CODE, "VALUE")
    assert set(one.posts.values_list("pk", flat=True)) == {here.pk, there.pk}
    assert (one.attestations.count(), one.courses.count(), one.education.count()) == (2, 2, 1)
    assert Employee.objects.get(pk=there.employee_id).merged_into_id == one.pk
    undone(world, merge)
    assert kit.everything() == before


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"rnokpp": OTHER}, "rnokpp_differs"),
        ({"ends_on": None}, "both_work"),
        ({"ends_on": None, "is_main": False}, None),
    ],
)
def test_what_stands_in_the_way_is_told(world: World, facts: dict[str, Any], code: str | None):
    here = a_teacher(world, rnokpp=CODE)
    there = a_teacher(
        world, "school2", **{"starts_on": datetime.date(2020, 9, 1), "ends_on": LEFT, **facts}
    )
    if code is None:
        assert asked(world, here, there).state == "ASKED"
        return
    with pytest.raises(CannotMerge) as refusal:
        asked(world, here, there)
    assert codes(refusal) == {code}


def test_whoever_works_now_stays_and_two_main_posts_of_the_past_are_not_mixed(world: World):
    here = a_teacher(world, starts_on=datetime.date(2020, 9, 1))
    there = a_teacher(
        world, "school2", starts_on=datetime.date(2019, 9, 1), ends_on=LEFT, rnokpp=CODE
    )
    with pytest.raises(CannotMerge) as refusal:
        asked(world, there, here)
    assert codes(refusal) == {"retain_the_other"}
    confirmed(world, asked(world, here, there))
    there.refresh_from_db()
    assert there.employee_id != here.employee_id, "the second main post of one time stays"


def test_the_first_later_change_of_what_was_moved_stands_in_the_way_back(
    world: World, two: tuple[Post, Post]
):
    here, there = two
    merge = confirmed(world, asked(world, here, there))
    write(lambda: Employee.objects.filter(pk=here.employee_id).update(rnokpp=CORRECTED))
    write(lambda: hire(world.institutions["hub"], "", rnokpp=CORRECTED, is_main=False))
    with pytest.raises(CannotUnmerge) as refusal:
        undone(world, merge)
    assert codes(refusal) == {"corrected", "enrolled_since"}


def test_the_database_itself_refuses_chains_and_two_of_one_number(
    world: World, two: tuple[Post, Post]
):
    here, there = two
    third = a_teacher(world, "hub")
    confirmed(world, asked(world, here, there))
    for pk, into in ((third.employee_id, there.employee_id), (here.employee_id, third.employee_id)):
        with pytest.raises(IntegrityError, match="chain"):
            write(lambda pk=pk, into=into: Employee.objects.filter(pk=pk).update(merged_into=into))


# ── answering ────────────────────────────────────────────────────────────────
PERSON = {
    "surname": "Коваль", "given_name": "Ганна", "sex": "F", "born_on": "05.05.1980",
    "position": "TEACHER", "rate": "0,5", "starts_on": "01.12.2026", "is_main": "",
}  # fmt: skip


def hired(world: World, **told: str) -> Post:
    return staff.hire(
        actor=world.actor("nina"), institution_uid=world.institutions["hub"].uid,
        values=PERSON | told, ground="наказ № 1", today=clock.today(),
    )  # fmt: skip


def test_a_former_number_names_the_retained_one(world: World, two: tuple[Post, Post]):
    here, there = two
    former = "АА123456"
    write(lambda: Employee.objects.filter(pk=here.employee_id).update(passport="123456789"))
    write(lambda: Employee.objects.filter(pk=there.employee_id).update(passport=former))
    confirmed(world, asked(world, here, there))
    assert hired(world, passport=former, confirmed="on").employee_id == here.employee_id


def test_systems_hear_one_person_under_one_id(client: Client, world: World):
    here = a_teacher(world, starts_on=datetime.date(2020, 9, 1))
    there = a_teacher(world, "school2", starts_on=FIRST_DAY, is_main=False, rnokpp=CODE)
    systems.register_known(actor=actors.system("тест"))
    secret = grant(
        world,
        EisSystem.objects.get(name="Моя школа"),
        who="petro",
        at="school2",
        datasets=["institution", "staff"],
    ).secret
    told = lambda: get(client, "staff?fields=id,employee_id", secret).json()["items"]  # noqa: E731
    assert [one["employee_id"] for one in told()] == [str(there.employee_id)]
    confirmed(world, asked(world, here, there))
    assert [one["employee_id"] for one in told()] == [str(here.employee_id)]
    assert [one["id"] for one in told()] == [str(there.pk)]


@pytest.mark.django_db(transaction=True)
def test_whoever_is_hired_beside_a_merge_is_the_one_that_stands(
    world: World, two: tuple[Post, Post], monkeypatch: pytest.MonkeyPatch
):
    here, there = two
    merge = asked(world, here, there)
    held = Held(mechanism.move)
    monkeypatch.setattr(mechanism, "move", held)
    ends = beside(
        lambda: confirmed(world, merge), lambda: hired(world, rnokpp=CODE, confirmed="on"), held
    )
    assert ends == ["done", "done"]
    assert Post.objects.get(institution=world.units["hub"].id).employee_id == here.employee_id


@pytest.mark.django_db(transaction=True)
def test_whoever_is_being_hired_when_a_merge_comes_goes_with_the_others(
    world: World, two: tuple[Post, Post], monkeypatch: pytest.MonkeyPatch
):
    here, there = two
    merge = asked(world, here, there)
    held = Held(staff._known)  # known, and without the post yet
    monkeypatch.setattr(staff, "_known", held)
    ends = beside(
        lambda: hired(world, rnokpp=CODE, confirmed="on"), lambda: confirmed(world, merge), held
    )
    assert ends == ["done", "done"]
    assert Post.objects.get(institution=world.units["hub"].id).employee_id == here.employee_id


# ── pages ────────────────────────────────────────────────────────────────────
def test_a_pair_goes_from_the_queue_to_one_card_and_back(world: World, two: tuple[Post, Post]):
    here, there = two
    seek_duplicates()
    pair = PossibleColleague.objects.get()

    def as_(who: str) -> Client:
        client = Client()
        sign_in(client, world.grants[who])
        return client

    def page(client: Client, path: str) -> str:
        answer = client.get(path)
        assert answer.status_code == 200, path
        return answer.content.decode()

    bohdan, iryna = as_("bohdan"), as_("iryna")
    assert "можливий дублікат" in page(bohdan, "/")
    assert "Коваль Ганна" in page(bohdan, "/staff/duplicates/")
    shown = page(bohdan, f"/staff/duplicates/{pair.pk}/")
    assert "Вчитель, Чернівецький ліцей № 1" in shown
    assert "Це та сама людина" in shown
    assert "дитин" not in shown
    answer = bohdan.post(
        f"/staff/duplicates/{pair.pk}/same/",
        {"retained": str(here.employee_id), "ground": "паспорт"},
    )
    merge = EmployeeMerge.objects.get()
    assert answer["Location"] == f"/staff/merges/{merge.pk}/"
    assert "має інша особа" in page(bohdan, f"/staff/merges/{merge.pk}/")
    shown = page(iryna, f"/staff/merges/{merge.pk}/")
    assert "Посади" in shown
    assert "дитин" not in shown
    assert iryna.post(f"/staff/merges/{merge.pk}/confirm/").status_code == 303
    assert "Обʼєднано з іншим профілем працівника" in page(as_("olena"), f"/staff/{here.pk}/")
    assert "Обʼєднано" in page(iryna, "/staff/merges/?state=MERGED")
    iryna.post(f"/staff/merges/{merge.pk}/undo/", {"ground": "тезки"})
    assert bohdan.post(f"/staff/merges/{merge.pk}/undone/").status_code == 303
    there.refresh_from_db()
    assert there.employee.merged_into_id is None
    answer = bohdan.post(
        "/staff/merges/new/",
        {"retained": f"/staff/{here.pk}/", "merged": CODE, "ground": "диплом"},
    )
    assert answer.status_code == 303
    assert EmployeeMerge.objects.latest("id").merged_id == there.employee_id
    assert as_("olena").get("/staff/merges/").status_code == 403

"""The card of a member of staff: what is taught now, what is due, who may see the deferment."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from accounts import actors
from kernel.errors import Invalid
from registry.models import Attestation, Course, Deferment, Education, Employee, Load
from registry.staff import selectors
from tests.registry.kit import TODAY
from tests.registry.movements.test_staff import TAUGHT, drafted, ordered, written
from tests.registry.staff.test_pages import CODE, hire
from tests.world import hire as placed
from tests.world import sign_in

DAY = datetime.date


@pytest.fixture(autouse=True)
def in_november(time_machine):
    time_machine.move_to("2026-11-22 14:00:00+02:00", tick=True)


@pytest.fixture
def post(world):

    def change():
        post = placed(world.institutions["school1"], "Коваль")
        told = {"employee": post.employee, "origin": "MIGRATED"}
        Attestation.objects.create(
            kind="REGULAR", held_on=DAY(2022, 3, 25), category="FIRST", **told
        )
        for number, ended_on in enumerate((DAY(2021, 11, 22), DAY(2021, 11, 23), DAY(2026, 5, 1))):
            Course.objects.create(
                title="НУШ",
                provider="ІППО",
                hours=30,
                ended_on=ended_on,
                document=f"№ {number}",
                **told,
            )
        Deferment.objects.create(
            post=post, starts_on=DAY(2026, 1, 21), until=DAY(2027, 1, 20), origin="MIGRATED"
        )
        return post

    return written(change, actor=actors.system("тест"))


def text(answer):
    return answer.content.decode()


def test_the_card_sums_the_load_tells_what_is_due_and_what_happened(world, post, client):
    sign_in(client, world.grants["olena"])
    card = reverse("staff_detail", args=[post.pk])
    assert "Навантаження не внесено" in text(client.get(card))
    order = ordered(
        world.actor("olena"),
        drafted(world, world.actor("olena"), *TAUGHT[:2], day="20.11.2026"),
        "1-к",
        "20.11.2026",
    )
    page = text(client.get(card))
    assert "6,5 год на тиждень — це 0,36 ставки (18 год — ставка), а в посаді 1" in page
    assert "Чергова атестація — до 25.03.2027" in page
    # Courses of exactly five years ago count no more.
    assert "Бракує 90 год підвищення кваліфікації" in page
    assert "2 рядки з 20.11.2026" in page
    assert reverse("order_detail", args=[order.pk]) in page
    begun = client.post(reverse("load_of_post", args=[post.pk]))
    assert begun.status_code == 303
    assert "Юний математик" in text(client.get(begun["Location"]))


@pytest.mark.parametrize(("who", "told"), [("olena", True), ("bohdan", False)])
def test_a_deferment_is_shown_to_the_head_alone(world, post, client, who, told):
    sign_in(client, world.grants[who])
    page = text(client.get(reverse("staff_detail", args=[post.pk])))
    assert ("20.01.2027" in page) == told == ("Відстрочка" in page)


def test_of_deferments_that_end_soon_the_head_alone_is_told_at_home(world, post, client):
    sign_in(client, world.grants["olena"])
    home = client.get(reverse("home"))
    assert "Спливає відстрочка 1 працівника" in text(home)
    # The list of them with their days is the head's alone; a deputy's list is as without it.
    peak = f"{reverse('staff_list')}?due=defer"
    assert peak in home.content.decode()
    assert "Відстрочка до" in text(client.get(peak))
    for who in ("dana", "bohdan"):
        assert selectors.deferments_ending(world.actor(who), TODAY) is None
    # Prolonged, it ends soon no more.
    written(
        lambda: Deferment.objects.create(
            post=post, starts_on=TODAY, until=DAY(2027, 7, 1), origin="MIGRATED"
        ),
        actor=actors.system("тест"),
    )
    assert selectors.deferments_ending(world.actor("olena"), TODAY) is None


def test_the_present_load_of_a_school_begins_a_table(world, post, client):
    sign_in(client, world.grants["olena"])
    begun = client.post(reverse("load_current"))
    assert "Коваль Ганна" in text(client.get(begun["Location"]))
    assert Load.objects.count() == 0


def test_a_diploma_is_written_down_and_voided_with_its_history(world, post, client):
    sign_in(client, world.grants["olena"])
    form = reverse("staff_education_new", args=[post.pk])
    wrong = client.post(form, {"level": "", "graduated": "1983"})
    assert wrong.status_code == 422
    for told in ("Виберіть рівень освіти", "Вкажіть спеціальність", "рік випуску"):
        assert told in text(wrong)
    said = {"level": "MASTER", "speciality": "Математика", "place": "ЧНУ", "graduated": "2003"}
    card = reverse("staff_detail", args=[post.pk])
    assert client.post(form, said)["Location"] == card
    assert "Магістр" in text(client.get(card))
    row = Education.objects.get()
    void = reverse("staff_education_void", args=[post.pk, row.pk])
    assert client.post(void, {"ground": "не той працівник"})["Location"] == card
    assert "Магістр" not in text(client.get(card))
    assert client.post(void, {"ground": "ще раз"}).status_code == 404


def test_a_person_is_known_by_any_exact_number_and_two_people_are_told(world):
    here, there = world.institutions["school1"], world.institutions["school2"]
    first = hire(world, here, rnokpp=CODE, passport="ме 123456")
    again = hire(world, there, "petro", is_main="", passport="МЕ123456")
    assert again.employee_id == first.employee_id
    assert Employee.objects.get().passport == "МЕ123456"
    hire(world, there, "petro", surname="Інша", passport="123456789")
    with pytest.raises(Invalid) as told:
        hire(world, here, rnokpp=CODE, passport="123456789", confirmed="on")
    assert "several" in {one.code for one in told.value.problems}


def test_a_list_finds_who_is_due_and_says_how_many(world, post, client):
    def others():
        school = world.institutions["school1"]
        fresh = placed(school, "Свіжа", is_main=False)
        told = {"employee": fresh.employee, "origin": "MIGRATED"}
        Attestation.objects.create(
            kind="REGULAR", held_on=DAY(2025, 3, 25), category="FIRST", **told
        )
        Course.objects.create(
            title="НУШ",
            provider="ІППО",
            hours=150,
            ended_on=DAY(2026, 1, 1),
            document="№ 9",
            **told,
        )
        placed(school, "Секретар", position="SECRETARY")

    written(others, actor=actors.system("тест"))
    olena = world.actor("olena")
    ordered(olena, drafted(world, olena, TAUGHT[0], day="20.11.2026"), "1-к", "20.11.2026")
    found = {
        due: [
            one.employee.surname
            for one in selectors.listing(
                olena, selectors.StaffFilters(due=due), today=TODAY
            ).page.rows
        ]
        for due in selectors.DUE
    }
    assert found == {
        "attestation": ["Коваль"], "courses": ["Коваль"], "load": ["Свіжа"], "part": ["Свіжа"],
        "defer": ["Коваль"],
    }  # fmt: skip
    counts = selectors.listing(olena, selectors.StaffFilters(), today=TODAY).due
    assert counts == dict.fromkeys(selectors.DUE, 1)
    assert "defer" not in selectors.dues(world.actor("bohdan"))
    sign_in(client, world.grants["olena"])
    assert "Свіжа" not in text(client.get(reverse("staff_list") + "?due=attestation"))

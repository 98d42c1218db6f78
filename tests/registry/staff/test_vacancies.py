"""Vacancies: a school opens them, whoever is above reads them, hiring fills them."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from kernel.errors import Invalid, NotAllowed, NotFound, StaleVersion
from registry.models import Post, Vacancy
from registry.staff.errors import VacancyClosed
from registry.staff.vacancies import services
from tests.registry.kit import TODAY
from tests.registry.staff.test_pages import hire as hired
from tests.world import World, sign_in

pytestmark = pytest.mark.django_db
VALUES = {
    "position": "TEACHER",
    "rate": "1,5",
    "hours": "18",
    "reason": "LEFT",
    "opened_on": "01.09.2026",
    "until": "",
    "note": "",
}


@pytest.fixture(autouse=True)
def in_november(time_machine):
    time_machine.move_to("2026-11-22 14:00:00+02:00", tick=True)


@pytest.fixture
def school(world):
    return world.institutions["school1"]


def opened(world: World, school, who: str = "olena", **said: str) -> Vacancy:
    return services.open_vacancy(
        actor=world.actor(who), institution_uid=school.uid, values=VALUES | said, today=TODAY
    )


def test_hiring_takes_what_its_rate_takes_and_closes_the_rest_last(world, school):
    one = opened(world, school)
    first = hired(world, school, rate="1", vacancy_id=one.pk)
    one.refresh_from_db()
    assert (str(one.rate), one.closed_on) == ("0.50", None)
    second = hired(
        world,
        school,
        rate="0,5",
        is_main="",
        vacancy_id=one.pk,
        confirmed="on",
        starts_on="23.11.2026",
    )
    one.refresh_from_db()
    assert (one.closed_on, one.filled_by_id) == (datetime.date(2026, 11, 23), second.pk)
    assert first.pk != second.pk
    with pytest.raises(VacancyClosed):
        hired(world, school, is_main="", rate="0,25", vacancy_id=one.pk, confirmed="on")
    assert Post.objects.filter(institution=school).count() == 2  # nobody was half hired


def test_every_wrong_field_is_told_at_once(world, school):
    with pytest.raises(Invalid) as caught:
        opened(
            world, school, position="КОСМОНАВТ", rate="3", hours="-1", reason="", subject="???",
            opened_on="31.02.2026", until="завтра", note="х" * 301,
        )  # fmt: skip
    told = {one.field for one in caught.value.problems}
    assert told == {"position", "rate", "hours", "reason", "subject", "opened_on", "until", "note"}


def test_who_keeps_no_staff_there_writes_nothing(world, school):
    one = opened(world, school)
    for who in ("petro", "bohdan", "maria"):
        with pytest.raises((NotFound, NotAllowed)):
            opened(world, school, who)
        with pytest.raises((NotFound, NotAllowed)):
            services.withdraw_vacancy(
                actor=world.actor(who), vacancy_id=one.pk, version=1, today=TODAY
            )


def test_of_two_who_change_it_the_second_is_told_and_a_closed_one_stays(world, school):
    one, olena = opened(world, school), world.actor("olena")
    how = {"actor": olena, "vacancy_id": one.pk, "today": TODAY}
    services.change_vacancy(version=1, values=VALUES | {"rate": "0,5"}, **how)
    with pytest.raises(StaleVersion):
        services.change_vacancy(version=1, values=VALUES, **how)
    services.withdraw_vacancy(version=2, **how)
    with pytest.raises(VacancyClosed):
        services.change_vacancy(version=3, values=VALUES, **how)


def test_on_pages_from_a_post_that_ends_to_the_list_of_an_authority(client, world, school):
    post = hired(world, school)
    sign_in(client, world.grants["olena"])
    new = f"{reverse('vacancy_new')}?post={post.pk}"
    assert f'value="{post.position}" selected' in client.get(new).content.decode()
    form = {**VALUES, "form_id": "6b0d57a2-2a0b-4d0e-9c39-0b1ce0f7c001", "institution": school.uid}
    assert client.post(new, form | {"rate": "9"}).status_code == 422
    for _ in range(2):  # pressed twice it is opened once
        assert client.post(new, form)["Location"] == reverse("vacancy_list")
    one = Vacancy.objects.get()
    edit = reverse("vacancy_edit", args=[one.pk])
    hire = f"{reverse('staff_hire')}?vacancy={one.pk}"
    assert hire in client.get(edit).content.decode()
    assert f'value="{one.pk}"' in client.get(hire).content.decode()
    sign_in(client, world.grants["bohdan"])
    page = client.get(reverse("vacancy_list")).content.decode()
    assert school.short_name in page
    assert edit not in page
    sign_in(client, world.grants["petro"])
    assert school.short_name not in client.get(reverse("vacancy_list")).content.decode()
    assert client.get(edit).status_code == 404

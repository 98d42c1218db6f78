"""The ministry's analyst at the desk, in a browser: a question, its drawings, a kept one; phone, print."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts import actors
from kernel.db import command
from registry.models import Pupil
from reports.desk.services import slices
from tests.kit.acts import noted
from tests.reports import DAY, NOW
from tests.world import World, enrol, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def shot(page: Page, name: str) -> None:
    """Keep a picture when somebody asks for pictures: wide, as a phone has it, and as it prints."""
    if folder := os.environ.get("AIKOM_PICTURES"):
        page.set_viewport_size({"width": 1440, "height": 900})
        page.screenshot(path=Path(folder) / f"desk-{name}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})
        page.screenshot(path=Path(folder) / f"desk-{name}-390.png", full_page=True)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(media="print")
        page.screenshot(path=Path(folder) / f"desk-{name}-print.png", full_page=True)
        page.emulate_media(media="screen")


@command
def people(*, actor, world: World) -> None:
    """Enough children of every age that a pyramid has bars."""
    for number in range(144):
        born = DAY.replace(year=2009 + number % 12, day=1)
        pupil = Pupil.objects.create(
            surname="Дитина", given_name="Перша", sex="MF"[number // 12 % 2], born_on=born
        )
        enrol(pupil, world.classes["school1/5-А" if number % 3 else "school2/5-А"])
    noted()


def test_an_analyst_asks_draws_and_keeps(
    page: Page, client, world: World, live_server, assert_accessible
):
    people(actor=actors.system("тест"), world=world)
    for day in (DAY, DAY.replace(month=10, day=1)):
        slices.count_now(actor=world.actor("maria"), day=day, today=NOW.date(), now=NOW)
    sign_in(client, world.grants["maria"])
    visit = {"name": "aikom_session", "value": client.cookies["aikom_session"].value}
    page.context.add_cookies([{**visit, "url": live_server.url}])

    page.goto(reverse("desk"))
    expect(page.get_by_role("heading", name="Здобувачі освіти, осіб: області")).to_be_visible()
    expect(page.get_by_role("img", name="Карта: здобувачі освіти, осіб")).to_be_visible()
    assert_accessible(page)
    shot(page, "map")

    # By keyboard alone: the second drawing of the same builder.
    page.get_by_label("Рядки").focus()
    page.get_by_label("Рядки").select_option("age")
    page.get_by_label("Стовпці").select_option("sex")
    page.get_by_label("Стовпці").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Показати")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="Піраміда: здобувачі освіти, осіб")).to_be_visible()
    assert_accessible(page)
    shot(page, "pyramid")

    page.get_by_label("Рядки").select_option("time")
    page.get_by_label("Стовпці").select_option("")
    page.get_by_role("button", name="Показати").click()
    expect(page.get_by_role("img", name="Лінія: здобувачі освіти, осіб")).to_be_visible()
    shot(page, "line")

    page.get_by_label("Показник").select_option("first_graders")
    page.get_by_label("Рядки").select_option("grade")
    page.get_by_role("button", name="Показати").click()
    expect(page.get_by_role("alert")).to_contain_text("прогноз стосується одного класу")
    assert_accessible(page)

    page.goto(reverse("desk") + "?m=pupils&rows=grade")
    shot(page, "bars")
    page.set_viewport_size({"width": 390, "height": 844})
    assert_accessible(page)
    page.get_by_role("link", name="Зберегти запит").click()
    page.get_by_label("Назва запиту").fill("За класами")
    page.get_by_role("button", name="Зберегти").click()
    expect(page.get_by_text("Запит «За класами» збережено.")).to_be_visible()
    page.goto(reverse("desk_queries"))
    assert_accessible(page)
    page.get_by_role("link", name="За класами", exact=True).first.click()
    expect(page).to_have_url(f"{live_server.url}{reverse('desk')}?m=pupils&rows=grade")
    page.goto(reverse("desk_days"))
    assert_accessible(page)

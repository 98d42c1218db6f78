"""A head draws in a browser: the hash, applications, the draw, its public page checked, the order."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from kernel import clock
from registry.admission import calendar, verify_draw
from registry.admission.models import Draw
from tests.registry.admission.kit import cells
from tests.registry.movements.test_placing import opened
from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def shot(page: Page, name: str) -> None:
    """Keep pictures of a desktop and of a phone when somebody asks for pictures."""
    if folder := os.environ.get("AIKOM_PICTURES"):
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(folder) / f"admission-{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})


def test_a_draw_from_its_hash_to_the_order(
    page: Page, client, world: World, live_server, monkeypatch, assert_accessible
):
    # The days of admission lie around today; the applications close when the test says so.
    today, days_of = clock.today(), calendar.of
    open_until = [today]

    def around(year: int, **where: str) -> calendar.Calendar:
        closes = open_until[0]
        return dataclasses.replace(
            days_of(year, **where),
            opens=closes - datetime.timedelta(days=9),
            closes=closes,
            draw_by=today + datetime.timedelta(days=9),
            ends=today + datetime.timedelta(days=99),
        )

    monkeypatch.setattr(calendar, "of", around)
    opened(world, 1, "А", calendar.of(calendar.year_of(today)).school_year)
    sign_in(client, world.grants["olena"])
    page.context.add_cookies(
        [
            {
                "name": "aikom_session",
                "value": client.cookies["aikom_session"].value,
                "url": live_server.url,
            }
        ]
    )
    page.goto(reverse("admission"))
    page.get_by_label("Перших класів").fill("1")
    page.get_by_label("Місць у класі").fill("1")
    page.get_by_role("button", name="Зберегти місця").click()
    expect(page.get_by_text("Кількість місць збережено")).to_be_visible()

    # the hash
    page.get_by_label("Яке число візьмете").fill("курс євро НБУ на завтра, bank.gov.ua")
    assert_accessible(page)
    shot(page, "school")
    page.get_by_role("button", name="Оголосити жеребкування").click()
    expect(page.get_by_role("heading", name="Зафіксувати список")).to_be_visible()
    draw = Draw.objects.get()
    expect(page.get_by_text(draw.secret_sha256)).to_be_visible()

    # applications
    for number in (1, 2):
        page.goto(reverse("application_new", args=[world.institutions["school1"].uid]))
        row = cells(number)
        for name in ("surname", "given_name", "born_on", "document", "applicant"):
            page.locator(f"#{name}").fill(row[name])
        page.locator("#sex").select_option("Ж" if row["sex"] == "Ж" else "Ч")
        page.locator("#relation").select_option(index=1)
        if number == 1:
            assert_accessible(page)
            shot(page, "new")
        page.get_by_role("button", name="Зареєструвати заяву").click()
        expect(page.get_by_text("зареєстровано")).to_be_visible()
        page.get_by_label("Копія свідоцтва про народження").check()
        if number == 1:
            assert_accessible(page)
            shot(page, "application")
        page.get_by_role("button", name="Документи перевірено").click()
        expect(page.get_by_text("Заяву перевірено")).to_be_visible()
    page.goto(reverse("application_list", args=[world.institutions["school1"].uid]))
    assert_accessible(page)
    shot(page, "list")

    # the draw
    open_until[0] = today - datetime.timedelta(days=1)
    page.goto(reverse("draw_detail", args=[draw.pk]))
    page.get_by_role("button", name="Зафіксувати список").click()
    expect(page.get_by_role("heading", name="Провести жеребкування")).to_be_visible()
    page.locator("#id_public_value").fill("48,1234")
    page.get_by_role("button", name="Провести жеребкування").click()
    expect(page.get_by_role("heading", name="Підписати протокол")).to_be_visible()
    assert_accessible(page)
    shot(page, "draw")

    # anybody comes to the same, by what the public page gives
    page.get_by_role("link", name="Переглянути публічну сторінку").click()
    expect(page.get_by_text("Жеребкування проведено.")).to_be_visible()
    assert_accessible(page)
    shot(page, "public")
    files = []
    for name in ("protocol.json", "inputs.json", "result.json"):
        link = page.get_by_role("link", name=name).get_attribute("href")
        files.append(page.request.get(f"{live_server.url}{link}").body())
    assert verify_draw.check(json.loads(files[0]), files[1], files[2]) == []

    # the order, filled
    page.goto(reverse("admission"))
    page.get_by_role("button", name="Підготувати наказ про зарахування").click()
    expect(page.get_by_role("button", name="Далі: наказ на 1 учня")).to_be_visible()

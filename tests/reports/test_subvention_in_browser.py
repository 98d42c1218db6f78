"""A community tries in a browser what joining its schools would bring: steps, what-if, phone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from reports.services import subvention
from tests.reports import DAY, NOW, subvention_of
from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def shot(page: Page, name: str) -> None:
    """Keep a picture when somebody asks for pictures: wide, and as a phone has it."""
    if folder := os.environ.get("AIKOM_PICTURES"):
        page.screenshot(path=Path(folder) / f"subvention-{name}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})
        page.screenshot(path=Path(folder) / f"subvention-{name}-390.png", full_page=True)
        page.set_viewport_size({"width": 1366, "height": 900})


def test_a_community_sees_its_steps_and_what_joining_schools_would_bring(
    page: Page, client, world: World, live_server, assert_accessible
):
    subvention.say_places(
        actor=world.actor("maria"),
        text="02147345\t2,5\t60",
        since=DAY.replace(year=2025),
        source="тест",
        now=NOW,
    )
    subvention_of(world)
    sign_in(client, world.grants["bohdan"])
    visit = {"name": "aikom_session", "value": client.cookies["aikom_session"].value}
    page.context.add_cookies([{**visit, "url": live_server.url}])

    page.goto(reverse("subventions"))
    assert_accessible(page)
    expect(page.get_by_text("132\u202f870,09")).to_have_count(
        0
    )  # the country's sum is the ministry's
    shot(page, "list")
    page.get_by_role("link", name="Станом на 05.09.2026").click()
    expect(page.get_by_role("heading", name="Станом на 05.09.2026")).to_be_visible()
    assert_accessible(page)
    shot(page, "computation")
    page.get_by_role("link", name="Управління освіти Чернівецької").click()
    expect(page.get_by_role("heading", name="Розрахунок за кроками")).to_be_visible()
    assert_accessible(page)
    shot(page, "budget")

    page.get_by_label("Назва варіанта").fill("Один ліцей")
    page.get_by_label("Заклад 1").select_option("Чернівецька гімназія № 2")
    page.get_by_label("До якого закладу").first.select_option("Чернівецький ліцей № 1")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Розрахувати варіант").click()
    expect(page.get_by_text("Це варіант «що якщо».")).to_be_visible()
    expect(page.get_by_text("разом із: Чернівецький ліцей № 1")).to_be_visible()
    assert_accessible(page)
    shot(page, "what-if")
    page.get_by_role("link", name="відкрити", exact=True).click()
    expect(page.get_by_role("link", name="Один ліцей")).to_be_visible()

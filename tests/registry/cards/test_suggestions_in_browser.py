"""The box in the header while one types: a combobox walked by keyboard, on a phone, with answers that
come late or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def maria(world: World, context: BrowserContext, live_server: object, page: Page) -> Page:
    client = Client()
    sign_in(client, world.grants["maria"])
    name = settings.SESSION_COOKIE_NAME
    url = live_server.url  # type: ignore[attr-defined]
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
    return page


def test_suggestions_are_walked_by_keyboard_and_lead_to_the_thing(
    maria: Page, world: World, assert_accessible: Callable[..., None]
) -> None:
    maria.goto("/")
    maria.keyboard.press("/")
    box = maria.get_by_role("combobox", name="Пошук")
    expect(box).to_be_focused()
    maria.keyboard.type("usvyfp")  # «гімназ» in the other layout
    option = maria.get_by_role("option", name="Чернівецька гімназія № 2")
    expect(option).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    assert_accessible(maria)
    maria.keyboard.press("ArrowUp")
    last = maria.get_by_role("option", name="Показати всі результати")
    expect(last).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", last.get_attribute("id") or "")
    maria.keyboard.press("Escape")
    expect(option).to_be_hidden()
    expect(box).to_have_value("usvyfp")
    maria.keyboard.press("ArrowDown")
    expect(option).to_be_visible()
    maria.keyboard.press("ArrowDown")
    maria.keyboard.press("Enter")
    expect(maria).to_have_url(re.compile("/institutions/[0-9a-f-]+/$"))


def test_a_late_answer_to_what_is_no_longer_typed_is_dropped_and_enter_leads_to_the_page(
    maria: Page, world: World
) -> None:
    held: list[Route] = []

    def answer(route: Route) -> None:
        if "q=99000130" in route.request.url:
            route.continue_()
        else:
            held.append(route)

    maria.route("**/search/suggest/*", answer)
    maria.goto("/")
    box = maria.locator("#ak-q")
    box.focus()
    with maria.expect_request("**/search/suggest/*"):
        maria.keyboard.type("львівський")
    box.fill("99000130")
    expect(maria.get_by_role("option", name="Чернівецька гімназія № 2")).to_be_visible()
    for route in held:
        route.fulfill(body='<div role="option" data-ak-url="/">Запізніле</div>')
    maria.keyboard.press("Enter")
    expect(maria).to_have_url(re.compile(r"/search/\?q=99000130$"))
    expect(maria.get_by_role("link", name="Чернівецька гімназія № 2")).to_be_visible()
    expect(maria.get_by_text("Запізніле")).to_have_count(0)


def test_on_a_phone_the_page_of_the_search_suggests_too(maria: Page, world: World) -> None:
    maria.set_viewport_size({"width": 390, "height": 780})
    maria.goto(reverse("search"))
    maria.get_by_label("Що шукати").fill("гімназ")
    option = maria.get_by_role("option", name="Чернівецька гімназія № 2")
    expect(option).to_be_visible()
    assert (option.bounding_box() or {"height": 0})["height"] >= 44
    assert maria.evaluate("document.documentElement.scrollWidth") <= 390
    option.click()
    expect(maria).to_have_url(re.compile("/institutions/[0-9a-f-]+/$"))

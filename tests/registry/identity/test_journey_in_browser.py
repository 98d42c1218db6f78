"""Two profiles of one child, from the night's doubt to one card and back to two: a community asks, the
oblast decides, each in a browser of its own; the first browser is a phone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.conftest import PATIENCE
from tests.registry.identity import kit
from tests.ui.test_every_page import SMALL
from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_two_profiles_become_one_and_two_again(
    world: World,
    browser: Browser,
    live_server: LiveServer,
    assert_accessible: Callable[..., None],
) -> None:
    ivan = world.pupils["ivan"]
    other = kit.a_second(world, rnokpp="3471200008", rnokpp_state="VALUE")
    kit.doubt(world, ivan, other)
    before = kit.everything()
    seen = []

    def enters(who: str, width: int) -> Page:
        page = browser.new_page(
            base_url=live_server.url, viewport={"width": width, "height": 900}, locale="uk-UA"
        )
        page.set_default_timeout(PATIENCE)
        client = Client()
        sign_in(client, world.grants[who])
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        return page

    def looks(page: Page, name: str) -> None:
        """Accessible, as wide as its window, fit for a finger; a picture when somebody asks for it."""
        seen.append(name)
        if folder := os.environ.get("AIKOM_PICTURES"):
            picture = f"merge-{len(seen):02d}-{name}.png"
            page.screenshot(path=Path(folder) / picture, full_page=True)
        width = (page.viewport_size or {})["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert width > 390 or page.evaluate(SMALL) == [], name
        assert_accessible(page)

    # The community, on a phone: what the night found, two profiles side by side, a request.
    bohdan = enters("bohdan", 390)
    bohdan.goto("/")
    bohdan.get_by_role("link", name="1 можливий дублікат").click()
    looks(bohdan, "queue")
    bohdan.get_by_role("link", name="Іваненко Іван").first.click()
    expect(bohdan.get_by_role("heading", name="Два профілі поруч")).to_be_visible()
    looks(bohdan, "doubt")
    bohdan.get_by_role("button", name="Взяти на розгляд").click()
    bohdan.get_by_role("button", name="Попросити обʼєднати").click()
    expect(bohdan.get_by_role("alert").first).to_be_visible()  # no ground yet
    looks(bohdan, "no-ground")
    bohdan.get_by_role("radio", name="Чернівецький ліцей № 1").check()
    bohdan.get_by_label("Підстава").fill("свідоцтва про народження")
    bohdan.get_by_role("button", name="Попросити обʼєднати").click()
    expect(bohdan.get_by_text("Рішення ухвалює інша особа.").first).to_be_visible()
    looks(bohdan, "asked")
    assert bohdan.get_by_role("button", name="Обʼєднати", exact=True).count() == 0

    # The oblast: what waits, what goes where, the decision; the second number leads to the one card.
    iryna = enters("iryna", 1440)
    iryna.goto("/")
    iryna.get_by_role("link", name="1 обʼєднання чекає на рішення").click()
    looks(iryna, "merges")
    iryna.get_by_role("link", name="Іваненко Іван").first.click()
    looks(iryna, "plan")
    iryna.get_by_role("button", name="Обʼєднати", exact=True).click()
    expect(iryna.get_by_text("Профілі обʼєднано.")).to_be_visible()
    looks(iryna, "merged")
    bohdan.goto(reverse("pupil_detail", args=[other.pk]))
    expect(bohdan).to_have_url(live_server.url + reverse("pupil_detail", args=[ivan.pk]))
    expect(bohdan.get_by_text("3471200008").first).to_be_visible()
    looks(bohdan, "one-card")

    # It was a mistake: asked by one of the two, taken back by the other, byte for byte.
    iryna.get_by_label("Чому обʼєднання було помилковим").fill("різні діти: близькі родичі")
    iryna.get_by_role("button", name="Попросити скасувати").click()
    expect(iryna.get_by_text("Ви попросили скасувати це обʼєднання.")).to_be_visible()
    looks(iryna, "undo-asked")
    bohdan.goto("/")
    bohdan.get_by_role("link", name="1 обʼєднання чекає на рішення").click()
    bohdan.goto(f"{reverse('merge_list')}?state=UNDOING")
    bohdan.get_by_role("link", name="Іваненко Іван").first.click()
    looks(bohdan, "undo")
    bohdan.get_by_role("button", name="Скасувати обʼєднання").click()
    expect(bohdan.get_by_text("Обʼєднання скасовано").first).to_be_visible()
    looks(bohdan, "two-again")
    for one in (ivan, other):
        bohdan.goto(reverse("pupil_detail", args=[one.pk]))
        expect(bohdan).to_have_url(live_server.url + reverse("pupil_detail", args=[one.pk]))
    assert kit.everything() == before

"""The bell and the quality of data as people meet them: narrow and wide, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from kernel.audit import outbox
from registry.tasks import check_quality
from tests.accounts.test_notices import order_by
from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def olena(world: World, context: BrowserContext, live_server: object, page: Page) -> Page:
    order_by(world, "dana")
    outbox.drain()
    check_quality()
    client = Client()
    sign_in(client, world.grants["olena"])
    name = settings.SESSION_COOKIE_NAME
    url = live_server.url  # type: ignore[attr-defined]
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
    return page


@pytest.mark.parametrize("width", [390, 1440])
def test_the_pages_fit_and_are_accessible(
    olena: Page, world: World, width: int, assert_accessible: Callable[..., None]
) -> None:
    olena.set_viewport_size({"width": width, "height": 900})
    for address in (
        reverse("notices"),
        reverse("quality"),
        reverse("quality_rule", args=["representative.missing"]),
        reverse("pupil_detail", args=[world.pupils["ivan"].pk]),
    ):
        olena.goto(address)
        assert_accessible(olena)
        assert olena.evaluate("document.documentElement.scrollWidth") <= width


def test_a_notice_is_met_and_read_by_keyboard(olena: Page) -> None:
    olena.goto("/")
    bell = olena.get_by_role("link", name="Сповіщення: 1")
    bell.focus()
    olena.keyboard.press("Enter")
    expect(olena.get_by_role("heading", name="Наказ № 112-у чекає на ваш підпис")).to_be_visible()
    olena.get_by_role("button", name=re.compile("^Позначити прочитаним.*112-у")).focus()
    olena.keyboard.press("Enter")
    expect(olena.get_by_role("link", name="Сповіщення", exact=True)).to_be_visible()
    expect(olena.get_by_text("Нове", exact=True)).to_have_count(0)

"""The bar of chosen rows by a person's hands: three, all that match, none; two lines of a phone."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.actors import Actor
from kernel.db import command
from registry.models import Pupil
from registry.people.selectors import lists
from tests.kit.accessibility import assert_accessible
from tests.kit.acts import noted
from tests.world import World, enrol, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@command
def more(world: World, *, actor: Actor) -> None:
    """Five children where two were."""
    for name in ("Абетка", "Буряк", "Вовк"):
        pupil = Pupil.objects.create(
            surname=name, given_name="Ганна", sex="F", born_on=date(2016, 3, 1)
        )
        enrol(pupil, world.classes["school1/5-А"])
    noted()


def test_three_are_chosen_then_all_that_match_then_none(
    world: World,
    page: Page,
    context: BrowserContext,
    live_server: LiveServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more(world, actor=world.actor("admin"))
    monkeypatch.setitem(lists.listing.__kwdefaults__, "size", 4)
    client = Client()
    sign_in(client, world.grants["olena"])
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/pupils/")
    bar = page.locator("[data-ak-bulk]")
    expect(bar).to_be_hidden()
    values = page.locator(".ak-list td:nth-child(3)")
    says = "td => getComputedStyle(td, '::before').content"
    assert values.first.evaluate(says) == '"Клас"'  # the table said it once
    assert values.first.get_attribute("data-l") is None
    ticks = page.locator("[name=pick]")
    assert_accessible(page)
    for place in range(3):
        ticks.nth(place).focus()
        page.keyboard.press("Space")
    expect(bar.get_by_role("status")).to_have_text("Вибрано 3")
    # What one may do here: this is a school's head. Three lines of a phone, not five.
    assert bar.get_by_role("button").all_inner_texts()[1:] == [
        "Відрахувати…",
        "Інша послуга…",
        "Файл XLSX",
        "Файл CSV",
        "Друк",
    ]
    tops = {round(one.bounding_box()["y"]) // 20 for one in bar.locator(".ak-btn, .ak-link").all()}  # type: ignore[index]
    assert len(tops) <= 3
    assert bar.bounding_box()["height"] < 170  # type: ignore[index]
    bar.get_by_role("button", name="Зняти вибір").click()
    expect(bar).to_be_hidden()
    ticks.first.check()
    bar.get_by_role("link", name="Вибрати всі 5").click()
    expect(bar.get_by_role("status")).to_contain_text("Вибрано всі 5")
    expect(ticks.first).to_be_disabled()
    with page.expect_download() as taken:
        bar.get_by_role("button", name="Файл CSV").click()
    lines = taken.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + 5
    bar.get_by_role("link", name="Зняти вибір").click()
    expect(bar).to_be_hidden()
    expect(ticks.first).to_be_enabled()
    # Browsers whose sheets of styles cannot pass the words down are told them by the script.
    page.add_init_script("CSS.supports = () => false")
    page.reload()
    expect(values.first).to_have_attribute("data-l", "Клас")
    assert values.first.evaluate(says) == '"Клас"'

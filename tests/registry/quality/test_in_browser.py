"""A campaign as people live it: the ministry opens it, a school mends a child, the figures change."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from kernel import clock
from kernel.audit import outbox
from registry.tasks import check_quality
from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_ministry_opens_a_campaign_a_school_mends_a_child_and_the_figures_change(
    world: World,
    context: BrowserContext,
    live_server: object,
    page: Page,
    assert_accessible: Callable[..., None],
) -> None:
    def become(who: str, width: int) -> None:
        client = Client()
        sign_in(client, world.grants[who])
        name = settings.SESSION_COOKIE_NAME
        url = live_server.url  # type: ignore[attr-defined]
        context.clear_cookies()
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
        page.set_viewport_size({"width": width, "height": 900})

    def fits(width: int) -> None:
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    check_quality()
    outbox.drain()
    become("maria", 1366)
    page.goto(reverse("quality_campaigns"))
    page.get_by_role("link", name="Оголосити кампанію").click()
    page.get_by_role("button", name="Оголосити").click()  # nothing said yet
    expect(page.get_by_role("link", name="Назвіть кампанію.")).to_be_visible()
    fits(1366)
    page.get_by_label("Назва").fill("Актуалізація до 1 вересня")
    for required in ("Серія та номер", "Дата народження", "Внутрішнє"):
        page.get_by_role("checkbox", name=re.compile(f"^{required}")).uncheck()
    last = clock.today() + datetime.timedelta(days=10)
    page.get_by_label("До якого дня").fill(f"{last:%d.%m.%Y}")
    page.get_by_role("button", name="Оголосити").click()
    expect(page.get_by_role("heading", name="Актуалізація до 1 вересня", level=1)).to_be_visible()
    school = page.get_by_role("row", name=re.compile("Чернівецький ліцей № 1"))
    expect(school).to_contain_text("2")
    expect(school).to_contain_text("Шкільна Олена Василівна")
    fits(1366)
    campaign = page.url
    outbox.drain()

    become("olena", 390)
    page.goto("/")
    page.get_by_role("link", name=re.compile("Виправити.*Актуалізація")).click()
    expect(page.get_by_text("Лишилося виправити дані 2 учнів")).to_be_visible()
    fits(390)
    mine = page.url
    page.get_by_role("link", name=re.compile("Виправити.*Іваненко")).click()
    expect(page.locator("#id_surname")).to_be_focused()
    page.locator("#id_surname").fill("Іваненко")
    page.locator("#id_given_name").fill("Ольга")
    page.locator("#id_relation").select_option("MOTHER")
    page.locator("#id_phone").fill("+380671234567")
    page.locator("main form").get_by_role("button", name="Зберегти").click()
    expect(page).to_have_url(re.compile(r"/pupils/[0-9a-f-]+/(#.*)?$"))
    outbox.drain()
    page.goto(mine)
    expect(page.get_by_text("Лишилося виправити дані 1 учня")).to_be_visible()
    expect(page.get_by_text("Іваненко Іван")).to_have_count(0)

    become("maria", 1366)
    page.goto(campaign)
    expect(school.get_by_role("cell").nth(0)).to_have_text("1")
    page.get_by_role("button", name="Нагадати").click()
    expect(page.get_by_text(re.compile("Нагадали [0-9]+ заклад"))).to_be_visible()

"""A community records a child that learns nowhere, tells the children's service, and meets the door of
those who may be missing: in a browser, desktop and phone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from kernel.clock import moment
from registry.coverage import services
from registry.coverage.models import CoverageLetter
from tests.registry.coverage import kit
from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_a_child_that_learns_nowhere_to_an_answer(
    page: Page, client, world: World, live_server, assert_accessible
):
    cache.clear()
    kit.nowhere(world)
    sign_in(client, world.grants["bohdan"])
    value = client.cookies["aikom_session"].value
    page.context.add_cookies([{"name": "aikom_session", "value": value, "url": live_server.url}])

    def look(name: str) -> None:
        """Accessible; no wider than a phone; pictures when somebody asks for them."""
        assert_accessible(page)
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (name, wide)
            if folder := os.environ.get("AIKOM_PICTURES"):
                page.screenshot(path=Path(folder) / f"coverage-{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})

    page.goto(reverse("coverage"))
    page.get_by_role("button", name="Порахувати зараз").click()
    expect(page.get_by_text("Дітей шкільного віку живе")).to_be_visible()
    look("overview")
    page.get_by_role("link", name="Переглянути дітей громади").click()
    page.get_by_role("link", name="Не навчаються").click()
    expect(page.get_by_text("Іваненко Іван")).to_be_visible()
    look("children")

    page.get_by_role("link", name="Записати дитину").click()
    page.get_by_role("button", name="Записати", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Вкажіть серію й номер документа")
    look("new-refused")
    for name, words in (
        ("document", "X-ТЕ 000001"),
        ("born_on", "01.03.2016"),
        ("since", "01.10.2026"),
        ("ground", "акт обстеження № 1"),
    ):
        page.locator(f"#id_{name}").fill(words)
    page.get_by_role("button", name="Записати", exact=True).click()
    expect(page.get_by_role("heading", name="Іваненко Іван")).to_be_visible()
    page.get_by_text("Встановити причину").first.click()
    look("record")
    page.goto(reverse("coverage_table", args=["uncovered"]))
    page.locator("#id_cells").fill(
        "Документ\tДата народження\tЗ якого дня\tПідстава\nX-ТЕ 000001\t01.03.2016\t01.10.2026\t"
    )
    page.get_by_role("button", name="Перевірити").click()
    expect(page.get_by_text("Рядків із помилками: 1.")).to_be_visible()
    look("table")

    page.goto(reverse("coverage_cases", args=["uncovered"]))
    look("records")
    page.get_by_role("link", name="Іваненко Іван").click()
    page.get_by_role("button", name="Підготувати повідомлення").click()
    page.locator("#id_number").fill("01-12/7")
    look("letter-new")
    page.get_by_role("button", name="Далі: переглянути й підписати").click()
    expect(page.get_by_role("heading", name="Підпис", exact=True)).to_be_visible()
    look("letter")
    letter = CoverageLetter.objects.get()
    now = moment()
    cms = kit.signature(letter, "bohdan", now)
    services.sign(actor=world.actor("bohdan"), letter_id=letter.pk, cms=cms, moment=now)
    page.reload()
    page.locator("#id_SSD_how").select_option("SEV")
    page.get_by_role("button", name="Записати надсилання").first.click()
    page.locator("#id_SSD_answer").fill("Дитину відвідано, лист № 8")
    look("sent")
    page.get_by_role("button", name="Записати відповідь").click()
    expect(page.get_by_text("Дитину відвідано, лист № 8")).to_be_visible()
    page.goto(reverse("coverage_letters", args=["uncovered"]))
    look("letters")

    page.goto(reverse("coverage_cases", args=["missing"]))
    page.get_by_role("button", name="Відкрити список").click()
    expect(page.get_by_role("alert")).to_contain_text("Напишіть підставу")
    look("missing-door")
    page.locator("#id_ground").fill("доручення № 12 від 20.11.2026")
    page.get_by_role("button", name="Відкрити список").click()
    expect(page.get_by_role("heading", name="Потенційно зниклі діти")).to_be_visible()
    look("missing")

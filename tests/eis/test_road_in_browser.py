"""The road in a browser: an operator fills in and files, the administrator tests and concludes; every
page is walked through with axe, wide and as a phone has it. Signing itself has browser tests of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Grant
from integrations.eis.models import EisSystem, RoadPaper
from kernel.clock import moment
from tests.eis.operators import PDF, admin_signed, opened, signed, with_contract
from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_operator_files_and_the_administrator_concludes(
    page: Page, client, world: World, live_server, assert_accessible
):
    def work_as(grant: Grant) -> None:
        sign_in(client, grant)
        visit = {"name": "aikom_session", "value": client.cookies["aikom_session"].value}
        page.context.add_cookies([{**visit, "url": live_server.url}])

    def looked_at(name: str) -> None:
        assert_accessible(page)
        if folder := os.environ.get("AIKOM_PICTURES"):
            page.screenshot(path=Path(folder) / f"road-{name}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, f"{name}: the page is wider than a phone ({wide})"
        if folder:
            page.screenshot(path=Path(folder) / f"road-{name}-390.png", full_page=True)
        page.set_viewport_size({"width": 1366, "height": 900})

    with_contract(world)
    work_as(Grant.objects.select_related("user", "unit").get(pk=opened().pk))
    page.goto("/operator/")
    looked_at("cabinet")
    page.get_by_role("link", name="Додати ОІС").click()
    page.get_by_role("button", name="Зберегти").click()
    expect(page.get_by_role("alert")).to_be_visible()
    looked_at("described-wrong")
    page.get_by_label("Назва ОІС").fill("Зошит")
    page.get_by_label("Електронний класний журнал").check()
    page.get_by_label("Електронна адреса оператора").fill("zoshyt@example.com")
    page.get_by_role("button", name="Зберегти").click()
    expect(page.get_by_role("heading", name="Зошит")).to_be_visible()
    looked_at("draft")
    page.get_by_role("link", name="Подати заяву про підключення ОІС").click()
    page.get_by_label("Документ про право власності").set_input_files(
        {"name": "право.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    looked_at("application")
    page.get_by_role("button", name="Перейти до підпису").click()
    expect(page.get_by_role("heading", name="Заява про підключення ОІС")).to_be_visible()
    looked_at("to-sign")
    signed(RoadPaper.objects.get(), "oles", moment())

    work_as(world.grants["admin"])
    page.goto(f"/eis/systems/{EisSystem.objects.get().uid}/")
    looked_at("of-administrator")
    page.get_by_role("link", name="Розпочати тестування").click()
    looked_at("start")
    page.get_by_role("button", name="Розпочати тестування").click()
    page.get_by_role("link", name="Завершити тестування").click()
    page.get_by_role("button", name="Завершити тестування").click()
    page.get_by_role("link", name="Перейти до підпису").click()
    page.get_by_label("ОІС не відповідає технічним вимогам").check()
    page.get_by_label("Невідповідність 1").fill("Приймає сертифікат, строк якого минув")
    looked_at("conclusion")
    page.get_by_role("button", name="Перейти до підпису").click()
    expect(page.get_by_role("alert")).to_contain_text("пропозицію щодо усунення")
    page.get_by_label("Як усунути 1").fill("Перевіряти строк дії сертифіката")
    page.get_by_role("button", name="Перейти до підпису").click()
    expect(page.get_by_role("heading", name="Висновок за результатами тестування")).to_be_visible()
    looked_at("conclusion-to-sign")
    admin_signed(world, RoadPaper.objects.get(kind="CONCLUSION"), moment())

    work_as(Grant.objects.select_related("user", "unit").get(pk=opened().pk))
    page.goto("/operator/")
    page.get_by_role("link", name="Зошит").click()
    expect(page.get_by_text("Перевіряти строк дії сертифіката")).to_be_visible()
    looked_at("negative")
    page.goto("/eis/connected/")
    looked_at("public")

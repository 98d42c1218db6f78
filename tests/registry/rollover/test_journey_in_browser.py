"""A school goes on to the next year in a browser: the plan, one child who repeats, one signature."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from registry.classes.models import ClassGroup
from registry.models import Order
from registry.rollover import selectors
from signatures.demo import authority
from tests.registry.kit import MOMENT
from tests.registry.rollover.kit import NEXT, school
from tests.world import PEOPLE, World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "Пароль-Олени-1"


def shot(page: Page, name: str) -> None:
    """Keep a picture when somebody asks for pictures: wide, and as a phone has it."""
    if folder := os.environ.get("AIKOM_PICTURES"):
        page.screenshot(path=Path(folder) / f"rollover-{name}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})
        page.screenshot(path=Path(folder) / f"rollover-{name}-390.png", full_page=True)
        page.set_viewport_size({"width": 1366, "height": 900})


def test_a_school_goes_on_by_one_plan_and_one_signature(
    page: Page, client, world: World, live_server, assert_accessible, monkeypatch
):
    real = selectors.coming_year
    monkeypatch.setattr(selectors, "coming_year", lambda today: real(MOMENT.today))
    school(world, {"1-А": 3, "4-А": 2, "9-А": 2, "11-А": 2})
    sign_in(client, world.grants["olena"])
    visit = {"name": "aikom_session", "value": client.cookies["aikom_session"].value}
    page.context.add_cookies([{**visit, "url": live_server.url}])

    page.goto(reverse("rollover_own"))
    assert_accessible(page)
    shot(page, "own")
    page.get_by_role("button", name="Скласти план").click()
    expect(page.get_by_role("heading", name="План на 2027/2028 навчальний рік")).to_be_visible()
    assert_accessible(page)
    shot(page, "plan")

    # One child of 1-А repeats, at its parents' request.
    page.get_by_role("link", name="1-А").first.click()
    expect(page.get_by_role("heading", name="Клас 1-А: новий навчальний рік")).to_be_visible()
    assert_accessible(page)
    shot(page, "class")
    page.get_by_role("checkbox", name="Вибрати: Аласенко Іван").check()
    page.get_by_role("button", name="Вирішити окремо…").click()
    expect(page.get_by_role("heading", name="Рішення про 1 дитину")).to_be_visible()
    page.get_by_label("Залишити на повторний курс").check()
    page.get_by_label("Літера класу").fill("А")
    page.get_by_role("button", name="Зберегти рішення").click()
    expect(page.get_by_text("Вкажіть документ").first).to_be_visible()
    assert_accessible(page)
    shot(page, "decide")
    page.get_by_label("Документ або причина").fill("заява від 25.05.2027")
    page.get_by_role("button", name="Зберегти рішення").click()
    expect(page.get_by_text("Вирішено про 1 дитину")).to_be_visible()
    page.get_by_role("link", name="Усі діти з рішенням щодо кожної").click()
    expect(page.get_by_text("повторний курс, 1-А")).to_be_visible()
    assert_accessible(page)
    shot(page, "children")
    page.go_back()

    page.get_by_role("link", name="Далі: наказ").click()
    expect(page.get_by_role("heading", name="Наказ про новий навчальний рік")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Номер наказу").fill("77-п")
    page.get_by_label("Дата наказу").fill("20.11.2026")
    page.get_by_label("Перший день у нових класах").fill("01.09.2027")
    page.get_by_label("Дата відрахування випускників").fill("01.07.2027")
    page.get_by_label("Протокол засідання педагогічної ради").fill("№ 7 від 19.11.2026")
    shot(page, "order")
    page.get_by_role("button", name="Далі: переглянути наказ").click()
    expect(page.get_by_role("article", name="Наказ")).to_contain_text("повторний курс: 1-А")
    assert_accessible(page)
    shot(page, "paper")

    surname, name, patronymic, code = PEOPLE["olena"]
    _, key, _ = authority.issue_demo_key(
        full_name=f"{surname} {name} {patronymic}",
        surname=surname,
        given_name=f"{name} {patronymic}",
        rnokpp=code,
        edrpou="59900062",
        organisation="Чернівецький ліцей № 1",
        title="директорка",
        password=PASSWORD,
        at=timezone.now(),
    )
    page.get_by_label("Файл ключа").set_input_files(
        {"name": "olena.p12", "mimeType": "application/octet-stream", "buffer": key}
    )
    page.get_by_label("Пароль до ключа").fill(PASSWORD)
    page.get_by_role("button", name="Відкрити ключ").click()
    page.get_by_role("button", name="Підписати дані").click()
    expect(page.get_by_role("heading", name="Наказ № 77-п підписано")).to_be_visible()
    assert Order.objects.get().state == "EFFECTIVE"
    assert ClassGroup.objects.filter(school_year_id=NEXT).count() == 6
    page.goto(reverse("rollover_own"))
    expect(page.get_by_text("Наказ підписано.")).to_be_visible()
    assert_accessible(page)
    shot(page, "signed")

"""A child goes from one school to another in a browser: the receiving head's order, then the
sending head's answer on a phone; axe at both widths of every page."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from kernel import clock
from registry.models import Order, OrderTask
from signatures.demo import authority
from tests.registry.kit import CODES
from tests.registry.movements.test_enrolment_in_browser import PASSWORD, complaints, shot
from tests.world import PEOPLE, World, sign_in

__all__ = ["complaints"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE, PHONE = {"width": 1366, "height": 900}, {"width": 390, "height": 844}


def enters(page: Page, world: World, who: str, base: str) -> Client:
    """Another person sits down at the browser; the same visit without one."""
    client = Client()
    sign_in(client, world.grants[who])
    visit = {"name": "aikom_session", "value": client.cookies["aikom_session"].value}
    page.context.clear_cookies()
    page.context.add_cookies([{**visit, "url": base}])
    return client


def signs(page: Page, who: str) -> None:
    """The head's key file, its password, the signature."""
    surname, name, patronymic, code = PEOPLE[who]
    _, key, _ = authority.issue_demo_key(
        full_name=f"{surname} {name} {patronymic}", surname=surname,
        given_name=f"{name} {patronymic}", rnokpp=code, edrpou=CODES[who],
        organisation="Заклад освіти", title="керівник", password=PASSWORD, at=timezone.now(),
    )  # fmt: skip
    page.get_by_label("Файл ключа").set_input_files(
        {"name": f"{who}.p12", "mimeType": "application/octet-stream", "buffer": key}
    )
    page.get_by_label("Пароль до ключа").fill(PASSWORD)
    page.get_by_role("button", name="Відкрити ключ").click()
    page.get_by_role("button", name="Підписати дані").click()


def test_two_schools_and_one_child_between_them(
    page: Page, world: World, live_server, assert_accessible
):
    def sound(name: str) -> None:
        for width in (PHONE, WIDE):
            page.set_viewport_size(width)  # type: ignore[arg-type]
            assert_accessible(page)
        shot(page, name)

    today = f"{clock.today():%d.%m.%Y}"
    marko = world.pupils["marko"]

    # The receiving school names the child by its document; with a wrong date nobody is found.
    enters(page, world, "olena", live_server.url)
    page.goto(reverse("draft_start", args=["transfer"]))
    head = "Документ\tДата народження\tКлас\tЗаявник\tТип відносин з дитиною\tДата подання заяви"
    row = f"X-ТЕ 000003\t04.03.2016\t5-А\tСусіда Галина Петрівна\tмати\t{today}"
    page.get_by_label("Скопійовані рядки").fill(f"{head}\n{row}")
    page.get_by_role("button", name="Вставити").click()
    expect(page.get_by_role("heading", name="1 рядок треба виправити")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Дитини з таким документом")
    sound("transfer-nobody")
    page.locator("tr[data-ak-row] input[name=born_on]").first.fill("03.03.2016")
    page.keyboard.press("Tab")
    found = page.locator("tr[data-ak-row]").first
    expect(found.locator("input[name=pupil]")).to_have_value("Сусіда Марко")
    expect(found.locator("input[name=school]")).to_have_value("Чернівецька гімназія № 2, 5-А")
    sound("transfer-found")
    page.get_by_role("button", name="Далі: наказ на 1").click()
    page.get_by_label("Номер наказу").fill("15-у")
    page.get_by_label("Дата наказу").fill(today)
    page.get_by_label("Дата зарахування").fill(today)
    page.get_by_label("Ознака предʼявлення документу, що посвідчує особу").check()
    sound("transfer-terms")
    page.get_by_role("button", name="Далі: переглянути наказ").click()
    expect(page.get_by_role("article", name="Наказ")).to_contain_text("в порядку переведення")
    sound("transfer-paper")
    signs(page, "olena")
    expect(page.get_by_role("heading", name="Наказ № 15-у підписано")).to_be_visible()
    sound("transfer-signed")
    card = reverse("pupil_detail", args=[marko.pk])
    page.goto(card)
    expect(page.get_by_text("Зараховано до 5-А, Чернівецький ліцей № 1")).to_be_visible()
    expect(page.get_by_text("Вибуття з 5-А, Чернівецька гімназія № 2")).to_be_visible()
    sound("transfer-card")

    # The sending school is asked for its own order, and its head gives it on a phone.
    petro = enters(page, world, "petro", live_server.url)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(reverse("order_task_list"))
    expect(page.get_by_text("№ 15-у").first).to_be_visible()
    sound("transfer-asked")
    page.goto(reverse("order_task", args=[OrderTask.objects.get().pk]))
    expect(page.get_by_role("heading", name="Переведення за наказом № 15-у")).to_be_visible()
    sound("transfer-task")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.get_by_role("button", name="Підготувати наказ про відрахування").click()
    expect(page.locator("tr[data-ak-row] input[name=pupil]").first).to_have_value("Сусіда Марко")
    page.get_by_role("button", name="Далі: наказ на 1").click()
    page.get_by_label("Номер наказу").fill("8-в")
    page.get_by_role("button", name="Далі: переглянути наказ").click()
    expect(page.get_by_role("article", name="Наказ")).to_contain_text("Чернівецький ліцей № 1")
    sound("transfer-answer")
    signs(page, "petro")
    expect(page.get_by_role("heading", name="Наказ № 8-в підписано")).to_be_visible()
    sound("transfer-answered")
    assert (OrderTask.objects.get().state, Order.objects.filter(state="EFFECTIVE").count()) == (
        "DONE",
        2,
    )
    # The card is the other school's by now; the class it left says when and by which order.
    assert petro.get(card).status_code == 404
    page.goto(reverse("class_detail", args=[world.classes["school2/5-А"].uid]))
    expect(page.get_by_text("Вибуття").first).to_be_visible()
    expect(page.get_by_role("row", name="Сусіда Марко").first).to_contain_text("№ 15-у")
    sound("transfer-class")

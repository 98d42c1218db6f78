"""A head hires from a table in a browser: pasted, mended, ordered, signed; and by another order, never."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts import actors
from kernel import clock
from registry.classifiers.services import classifiers
from registry.models import Order, Post
from tests.journeys.test_september import key_of_olena
from tests.registry.kit import TODAY
from tests.registry.movements.test_enrolment_in_browser import (  # noqa: F401 - fixtures
    PASSWORD,
    complaints,
    olena,
    shot,
)
from tests.registry.movements.test_hire import CODE
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TABLE = f"""Прізвище	Імʼя	По батькові	Дата народження	Стать	РНОКПП	Паспорт	Посада	Ставка	Основна
Бондар	Ольга	Іванівна	14.03.1985	Ж	{CODE}		Вчитель	0,5	так
Лисенко	Іван	Петрович	31.02.1990	М		МЕ 123456	Бібліотекар	1	ні"""


def test_from_a_table_to_a_signed_order_and_back(
    page: Page,
    olena: World,  # noqa: F811
    assert_accessible,
):
    classifiers.load(actor=actors.system("довідники"), today=TODAY)
    key = key_of_olena()

    def signs(title: str) -> None:
        page.get_by_label("Файл ключа").set_input_files(
            {"name": "olena.p12", "mimeType": "application/octet-stream", "buffer": key}
        )
        page.get_by_label("Пароль до ключа").fill(PASSWORD)
        page.get_by_role("button", name="Відкрити ключ").click()
        page.get_by_role("button", name="Підписати дані").click()
        expect(page.get_by_role("heading", name=title)).to_be_visible()

    page.goto(reverse("draft_start", args=["hire"]))
    page.get_by_label("Скопійовані рядки").fill(TABLE)
    page.get_by_role("button", name="Вставити").click()
    expect(page.get_by_role("heading", name="1 рядок треба виправити")).to_be_visible()
    shot(page, "hire-grid")
    born = page.get_by_label("Дата народж., рядок 2").or_(
        page.get_by_label("Дата народження, рядок 2")
    )
    born.first.fill("02.02.1990")
    born.first.press("Enter")
    page.get_by_role("button", name="Далі: наказ на 2").click()
    page.get_by_label("Номер наказу").fill("12-к")
    page.get_by_role("button", name="Далі: переглянути наказ").click()
    expect(page.get_by_role("article", name="Наказ")).to_contain_text("Бондар Ольга Іванівна")
    assert_accessible(page)
    shot(page, "hire-paper")
    signs("Наказ № 12-к підписано")
    order = Order.objects.get(kind="hire")
    assert Post.objects.filter(opened_by=order, voided_by=None).count() == 2
    page.get_by_role("link", name=re.compile("Бондар")).first.click()
    expect(page.get_by_text("Прийнято на роботу").first).to_be_visible()
    assert_accessible(page)

    # It was a mistake: what would be undone is seen before the signature, and the posts never were.
    page.goto(reverse("draft_start", args=["annul"]))
    page.get_by_role("button", name="Далі: вибрати").click()
    page.get_by_label(re.compile("№ 12-к")).check()
    page.get_by_role("button", name="Додати до чернетки").click()
    expect(page.locator("tr[data-ak-row]")).to_have_count(2)
    page.locator("#draft-bar").get_by_role("button", name="Далі").click()
    page.get_by_label("Номер наказу").fill("13-к")
    page.get_by_label("Підстава").first.fill("Заяви відкликано")
    page.get_by_role("button", name="Далі: переглянути наказ").click()
    expect(page.get_by_role("article", name="Наказ")).to_contain_text("12-к")
    shot(page, "hire-counter")
    signs("Наказ № 13-к підписано")
    order.refresh_from_db()
    assert order.state == "ANNULLED"
    assert not Post.objects.filter(opened_by=order, voided_by=None).exists()
    page.goto(reverse("staff_list"))
    expect(page.get_by_text("Бондар")).to_have_count(0)
    assert clock.today() == order.effective_on

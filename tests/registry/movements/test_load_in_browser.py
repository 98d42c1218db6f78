"""A deputy's August in a browser: the load of forty teachers pasted, mended, ordered, signed."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts import actors
from registry.models import Load, Order
from signatures.demo import authority
from tests.registry.movements.test_enrolment_in_browser import (  # noqa: F401 - fixtures
    PASSWORD,
    complaints,
    olena,
    shot,
)
from tests.registry.movements.test_staff import written
from tests.world import PEOPLE, World, hire

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def names() -> list[str]:
    letters = "абвгдеєжзиіклмнопрстуфхцчшщюя"
    return [f"Коваль{letters[n % 20]}{letters[n // 20]}" for n in range(40)]


def test_the_load_of_forty_teachers_from_a_paste_to_one_signature(
    page: Page,
    olena: World,  # noqa: F811
    assert_accessible,
):
    school = olena.institutions["school1"]
    written(lambda: [hire(school, name) for name in names()], actor=actors.system("тест"))
    lines = ["Працівник\tТип\tПредмет\tКласи\tГодин на тиждень"]
    for n, name in enumerate(names()):
        taught = f"\tМатематика\t5-{'АБ'[n]}\t4,5" if n < 2 else f"гурток\tГурток {name}\t\t2"
        lines.append(f"{name} Ганна\t{taught}")
    lines[1] = lines[1].replace("Математика", "Математка")
    page.goto(reverse("draft_start", args=["load"]))
    page.get_by_label("Скопійовані рядки").fill("\n".join(lines))
    page.get_by_role("button", name="Вставити").click()
    expect(page.get_by_role("heading", name="1 рядок треба виправити")).to_be_visible()
    assert_accessible(page)
    shot(page, "load-grid")
    page.get_by_role("button", name="Поставити Математика").click()
    page.get_by_role("button", name="Далі: наказ на 40").click()
    page.get_by_label("Номер наказу").fill("45-к")
    page.get_by_role("button", name="Далі: переглянути наказ").click()
    expect(page.get_by_role("article", name="Наказ")).to_contain_text("педагогічне навантаження")
    assert_accessible(page)
    shot(page, "load-paper")
    surname, name, patronymic, code = PEOPLE["olena"]
    _, key, _ = authority.issue_demo_key(
        full_name=f"{surname} {name} {patronymic}", surname=surname,
        given_name=f"{name} {patronymic}", rnokpp=code, edrpou="59900062",
        organisation="Чернівецький ліцей № 1", title="директорка", password=PASSWORD,
        at=timezone.now(),
    )  # fmt: skip
    page.get_by_label("Файл ключа").set_input_files(
        {"name": "olena.p12", "mimeType": "application/octet-stream", "buffer": key}
    )
    page.get_by_label("Пароль до ключа").fill(PASSWORD)
    page.get_by_role("button", name="Відкрити ключ").click()
    page.get_by_role("button", name="Підписати дані").click()
    expect(page.get_by_role("heading", name="Наказ № 45-к підписано")).to_be_visible()
    order = Order.objects.get()
    assert Load.objects.filter(opened_by=order, voided_by=None).count() == 40
    # On a phone, from the row to the card of the teacher.
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="Ковальаа").first.click()
    expect(page.get_by_role("heading", name="Навантаження", exact=True)).to_be_visible()
    expect(page.get_by_text("4,5 год на тиждень").first).to_be_visible()
    assert_accessible(page)
    shot(page, "load-card-phone")

"""A head's whole job in a browser: paste thirty rows, mend them in place, form an order, sign it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from kernel.clock import moment
from registry.drafts import services as drafts
from registry.models import Draft, Enrolment, Order
from signatures.demo import authority
from tests.registry.drafts.test_drafts import numbered
from tests.world import PEOPLE, World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COLUMNS = (
    "surname", "given_name", "patronymic", "born_on", "sex", "document", "rnokpp", "class",
    "relation", "applicant", "phone",
)  # fmt: skip
HEADINGS = (
    "Прізвище", "Імʼя", "По батькові", "Дата народження", "Стать", "Серія і номер свідоцтва",
    "РНОКПП", "Клас", "Ким доводиться", "Заявник", "Телефон",
)  # fmt: skip
PASSWORD = "Пароль-Олени-1"


@pytest.fixture(autouse=True)
def complaints(page: Page):
    """The console must stay silent: no script error. (axe writes inline styles, which the policy
    blocks and tells; pages of ours hold none, as an architecture test says.)"""
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on(
        "console",
        lambda line: (
            told.append(line.text)
            if line.type == "error" and "409" not in line.text and "style-src" not in line.text
            else None
        ),
    )
    yield
    assert told == []


@pytest.fixture
def olena(page: Page, client, world: World, live_server) -> World:
    sign_in(client, world.grants["olena"])
    page.context.add_cookies(
        [
            {
                "name": "aikom_session",
                "value": client.cookies["aikom_session"].value,
                "url": live_server.url,
            }
        ]
    )
    return world


def shot(page: Page, name: str) -> None:
    """Keep a picture when somebody asks for pictures."""
    if folder := os.environ.get("AIKOM_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def table(rows) -> str:
    lines = ["\t".join(HEADINGS)]
    lines += ["\t".join(row.get(column, "") for column in COLUMNS) for row in rows]
    return "\n".join(lines)


def test_thirty_children_from_a_paste_to_one_signature(page: Page, olena: World, assert_accessible):
    rows = [numbered(n) for n in range(1, 31)]
    rows[3] |= {"document": "I-ТП 10443"}
    rows[7] |= {"surname": "Кoвaленко"}
    rows[12] |= {"born_on": "31.02.2016"}
    rows[20] |= {"surname": "Цыбуля"}
    page.goto(reverse("draft_start", args=["enrol"]))
    assert_accessible(page)
    shot(page, "start")
    page.get_by_label("Скопійовані рядки").fill(table(rows))
    page.get_by_role("button", name="Вставити").click()

    # every problem at once, beside its cell and in the summary
    expect(
        page.get_by_role("heading", name="3 рядки треба виправити, ще 1 перевірити")
    ).to_be_visible()
    assert_accessible(page)
    shot(page, "grid")

    # in place: one by a fix, one typed, one more fix, one confirmed
    page.get_by_role("button", name="Поставити I-ТП 010443").click()
    expect(page.locator("#draft-summary")).to_contain_text("2 рядки треба виправити")
    page.get_by_role("button", name="Поставити Коваленко").click()
    born = page.get_by_label("Дата народж., рядок 13")
    born.fill("29.02.2016")
    born.press("Enter")
    expect(page.get_by_role("heading", name="1 рядок треба перевірити")).to_be_visible()
    page.get_by_role("button", name="Усе правильно").click()
    expect(page.get_by_role("button", name="Далі: наказ на 30")).to_be_visible()
    expect(page.get_by_text("Чернетку збережено о")).to_be_visible()

    # what was typed outlives the page
    page.reload()
    expect(page.get_by_label("Дата народж., рядок 13")).to_have_value("29.02.2016")
    shot(page, "ready")
    page.get_by_role("button", name="Далі: наказ на 30").click()

    # the order
    expect(page.get_by_role("heading", name="Наказ про зарахування")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Номер наказу").fill("112-у")
    page.get_by_label("Заявники предʼявили документи").check()
    shot(page, "terms")
    page.get_by_role("button", name="Далі: переглянути наказ").click()
    expect(page.get_by_text("Ви підписуєте цей аркуш і всі його рядки разом")).to_be_visible()
    expect(page.get_by_role("article", name="Наказ")).to_be_visible()
    assert_accessible(page)
    shot(page, "paper")

    # one signature
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
    expect(page.get_by_role("heading", name="Наказ № 112-у підписано")).to_be_visible()
    expect(page.get_by_role("group", name="Відмітка про електронний підпис")).to_contain_text(
        "КЕП: ШКІЛЬНА О. В."
    )
    assert_accessible(page)
    shot(page, "signed")
    order = Order.objects.get()
    assert order.state == "EFFECTIVE"
    assert Enrolment.objects.filter(opened_by=order).count() == 30

    page.get_by_role("link", name=re.compile("Ковал")).first.click()
    expect(page.get_by_text("Наказ № 112-у").first).to_be_visible()


def test_two_windows_never_overwrite_each_other(page: Page, olena: World):
    draft = drafts.start(
        process="enrol",
        actor=olena.actor("olena"),
        institution_id=olena.units["school1"].id,
        rows=[numbered(1)],
        moment=moment(),
    )
    address = reverse("draft_detail", args=["enrol", draft.pk])
    page.goto(address)
    other = page.context.new_page()
    other.goto(address)
    other.get_by_label("Прізвище, рядок 1", exact=True).fill("Перший")
    other.keyboard.press("Tab")
    expect(other.get_by_text("Чернетку збережено о")).to_be_visible()
    expect(other.locator("tr[data-ak-row]")).not_to_have_attribute("data-ak-version", "1")
    mine = page.get_by_label("Прізвище, рядок 1", exact=True)
    mine.fill("Другий")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Рядок тим часом змінено в іншому вікні")).to_be_visible()
    page.get_by_role("button", name="Другий").click()  # one's own value is a press away
    expect(page.get_by_text("Рядок тим часом змінено")).not_to_be_visible()
    row = draft.rows.get()
    assert row.values["surname"] in {"Другий", "Перший"}
    expect(mine).to_have_value("Другий")


def test_a_block_pasted_into_the_grid_lands_in_its_cells(page: Page, olena: World):
    page.goto(reverse("draft_start", args=["enrol"]))
    page.get_by_role("button", name="Відкрити порожню таблицю").click()
    first = page.get_by_label("Прізвище, рядок 1", exact=True)
    first.click()
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        "\n".join("\t".join(numbered(n).get(c, "") for c in COLUMNS) for n in range(1, 13)),
    )
    expect(page.get_by_role("button", name="Далі: наказ на 12")).to_be_visible()
    assert Draft.objects.get().rows.filter(state="READY").count() == 12


def test_the_grid_is_cards_on_a_phone(page: Page, olena: World, assert_accessible):
    page.set_viewport_size({"width": 390, "height": 844})
    draft = drafts.start(
        process="enrol",
        actor=olena.actor("olena"),
        institution_id=olena.units["school1"].id,
        rows=[numbered(1), numbered(2, document="I-ТП 10443")],
        moment=moment(),
    )
    page.goto(reverse("draft_detail", args=["enrol", draft.pk]))
    expect(page.get_by_role("button", name="Поставити I-ТП 010443")).to_be_visible()
    # The bar at the bottom covers whatever has not been scrolled past it yet.
    assert_accessible(page, without=("target-size",))
    shot(page, "phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

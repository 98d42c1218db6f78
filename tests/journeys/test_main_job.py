"""The main job, once through, in a real browser with real keys (design.md §4): technical
administrator → oblast → city → head → class → 24 pupils from a table → one signed order → the
school's system reads by key → statistics with the rows behind a figure. axe on every page met."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from aikom.demo import keys as demo_keys
from kernel import clock
from registry.models import Enrolment, Order
from tests.conftest import PATIENCE

OKSANA = ("Прикарпатська", "Оксана", "Тарасівна", "7158900208", "new-oblast-admin")
VASYL = ("Покутський", "Василь", "Іванович", "7158900237", "new-city-admin")
LESIA = ("Молода", "Леся", "Петрівна", "7158900266", "new-head-kolomyia")

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def keys_folder(live_server: Any, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo world in small and its key files, in the database the live server reads."""
    folder = tmp_path_factory.mktemp("demo")
    settings.SIGNATURES_DEMO_DIR = folder
    call_command("make_demo_world", scale=0.02)
    return folder


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, browser: Browser, base: str, folder: Path, accessible: Callable[..., None]):
        self.page: Page = browser.new_page(
            base_url=base,
            reduced_motion="reduce",
            locale="uk-UA",
            viewport={"width": 1366, "height": 900},
        )
        self.page.set_default_timeout(PATIENCE)
        self.folder = folder
        self.accessible = accessible
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def opens(self, path: str) -> Page:
        self.page.goto(path)
        self.accessible(self.page)
        return self.page

    def presses(self, name: str, role: Any = "button") -> Page:
        # Links to instructions speak of what one presses, too: «Як відкликати…».
        begins = re.compile(rf"^\s*{re.escape(name)}", re.IGNORECASE)
        self.page.get_by_role(role, name=begins).first.click()
        self.page.wait_for_load_state()
        self.accessible(self.page)
        return self.page

    def goes_on(self) -> None:
        """To the order, by the bar under the table (a link past the table speaks of it too)."""
        self.page.locator("#draft-bar").get_by_role("button", name="Далі").click()

    def opens_key(self, key: str) -> None:
        self.page.set_input_files("[data-ak-key-file]", str(self.folder / f"{key}.p12"))
        self.page.fill("[data-ak-key-password]", demo_keys.PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("[data-ak-cert]")).to_be_visible()

    def signs_in(self, key: str) -> Person:
        self.opens("/login/")
        self.opens_key(key)
        self.accessible(self.page)
        self.page.locator("form[data-ak-sign] button[type=submit]").click()
        expect(self.page).to_have_title(re.compile("Доступні послуги"))
        self.accessible(self.page)
        return self

    def creates(self, path: str, seek: str, who: tuple[str, ...]) -> None:
        page = self.opens(path)
        page.fill("main input[name=q]", seek)
        page.locator("main").get_by_role("button", name="Знайти").click()
        page.locator(f"main a:has-text('{seek}')").first.click()
        for name, value in zip(
            ("surname", "given_name", "patronymic", "person_code"), who, strict=False
        ):
            page.fill(f"[name={name}]", value)
        page.fill("[name=email]", f"{who[4]}@example.com")
        self.presses("Далі")
        page.locator("button[name=confirm]").click()
        expect(page.get_by_text("Обліковий запис створено").first).to_be_visible()
        self.accessible(page)


def test_the_main_job_once_through(
    browser: Browser,
    live_server: Any,
    keys_folder: Path,
    assert_accessible: Callable[..., None],
    client: Any,
) -> None:
    def person() -> Person:
        return Person(browser, live_server.url, keys_folder, assert_accessible)

    # The cascade: each level creates the one below, and the new person enters by their own key.
    person().signs_in("tech-admin").creates("/users/new/administrator/", "Івано-Франків", OKSANA)
    person().signs_in(OKSANA[4]).creates("/users/new/administrator/", "Коломий", VASYL)
    person().signs_in(VASYL[4]).creates("/users/new/head/", "Коломийський ліцей", LESIA)
    head = person().signs_in(LESIA[4])
    page = head.page

    today = f"{clock.today():%d.%m.%Y}"
    yesterday = f"{clock.today() - datetime.timedelta(days=1):%d.%m.%Y}"
    began = f"{clock.today() - datetime.timedelta(days=7):%d.%m.%Y}"

    # A class.
    head.opens("/classes/")
    head.presses("Відкрити класи", "link")
    page.fill("[name=labels]", "1-А")
    head.presses("Відкрити класи")
    expect(page.get_by_text("Відкрито 1 клас: 1-А")).to_be_visible()

    # Twenty-four pupils from a table: every problem at once, corrected in place.
    head.opens("/services/enrol/start/")
    page.set_input_files("main input[type=file]", str(keys_folder / "pupils-1-A.xlsx"))
    head.presses("Завантажити")
    expect(page.get_by_text("3 рядки треба виправити")).to_be_visible()
    rows = page.locator("tr[data-ak-row]")
    expect(rows).to_have_count(24)
    rows.nth(6).locator("input[name=born_on]").fill("03.02.2020")
    page.keyboard.press("Tab")
    expect(page.get_by_text("2 рядки треба виправити")).to_be_visible()
    rows.nth(14).get_by_role("button", name=re.compile("Поставити|Замінити")).click()
    expect(page.get_by_text("1 рядок треба виправити")).to_be_visible()
    rows.nth(22).locator("input[name=document]").fill("X-МИ 000123")
    page.keyboard.press("Tab")
    expect(
        page.get_by_role("button", name="наказ на 24")
        .or_(page.get_by_role("link", name="наказ на 24"))
        .first
    ).to_be_visible()
    # What was typed outlives the browser: the draft is opened anew.
    address = page.url
    head.opens("/services/enrol/")
    head.opens(address)
    expect(rows.nth(6).locator("input[name=born_on]")).to_have_value("03.02.2020")

    # One order, one signature.
    head.goes_on()
    for name, value in {
        "number": "1-у",
        "issued_on": began,
        "effective_on": began,
        "ground": "Заяви батьків",
    }.items():
        page.fill(f"[name={name}]", value)
    page.check("[name=identity_shown]")
    head.presses("Далі")
    expect(page.get_by_text("Про зарахування учнів")).to_be_visible()
    assert (
        Enrolment.objects.filter(institution__short_name__contains="Коломийський ліцей").count()
        == 0
    )
    head.opens_key(LESIA[4])
    page.locator("form[data-ak-sign] button[type=submit]").dblclick()
    expect(page.get_by_text("24 із 24 учнів зараховано")).to_be_visible()
    assert_accessible(page)
    order = Order.objects.get(number="1-у")
    assert order.state == "EFFECTIVE"
    assert order.opened.count() == 24
    head.opens("/pupils/")
    page.locator(".ak-list tbody th a").first.click()
    expect(page.get_by_text("Наказ № 1-у").first).to_be_visible()
    assert_accessible(page)

    def signs() -> None:
        head.opens_key(LESIA[4])
        page.locator("form[data-ak-sign] button[type=submit]").click()
        # What the order would do is told before the signature too: the form goes once it is taken.
        expect(page.locator("form[data-ak-sign]")).to_have_count(0)

    # The head lets the school's system read by a signature; its key reads, and nothing once the
    # access is revoked.
    head.opens("/eis/new/")
    page.select_option(
        "[name=system]",
        label=page.locator("[name=system] option", has_text="Моя школа").inner_text(),
    )
    head.presses("Перейти до підпису")
    signs()
    head.presses("Видати ключ", "link")
    head.presses("Видати ключ")
    expect(page.get_by_text("Ключ показуємо лише зараз")).to_be_visible()
    secret = re.search(r"aikom_[\w-]{43}", page.content())
    assert secret is not None
    bearer = {"Authorization": f"Bearer {secret.group()}"}
    found = client.get("/api/v1/pupils?limit=500", headers=bearer).json()
    assert len(found["items"]) == 24
    head.presses("Повернутися до доступу", "link")
    head.presses("Відкликати доступ", "link")
    page.fill("[name=reason]", "Перевірка")
    head.presses("Відкликати доступ")
    assert client.get("/api/v1/pupils", headers=bearer).status_code == 401

    # Statistics, and the rows behind a figure.
    head.opens("/reports/")
    page.fill("[name=as_of]", today)
    head.presses("Сформувати")
    expect(page.get_by_text("Усі контрольні співвідношення виконано")).to_be_visible()
    page.locator("a[href*='row=1.12&column=1']").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("24")
    expect(page.locator("tbody tr")).to_have_count(24)
    assert_accessible(page)

    # One leaves: the ground and its document, one signature. Yesterday's figure stays.
    def pupils_on(day: str, count: str) -> None:
        head.opens("/reports/")
        page.fill("[name=as_of]", day)
        head.presses("Сформувати")
        page.locator("a[href*='row=1.12&column=1']").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(count)

    def terms(**values: str) -> None:
        for name, value in values.items():
            page.fill(f"[name={name}]", value)
        head.presses("Далі")

    head.opens("/services/withdraw/start/")
    head.presses("Далі: вибрати")
    page.locator("input[name=key]").first.check()
    head.presses("Додати до чернетки")
    child = page.locator("tr[data-ak-row]").first
    child.locator("input[name=reason]").fill("Виїзд за кордон на постійне проживання")
    child.locator("input[name=destination]").fill("Польща")
    child.locator("input[name=document]").fill(f"заява про вибуття від {yesterday}")
    page.keyboard.press("Tab")
    head.goes_on()
    assert_accessible(page)
    terms(number="2-у", issued_on=today, effective_on=today)
    expect(page.get_by_text("Про відрахування учнів")).to_be_visible()
    assert_accessible(page)
    signs()
    expect(page.get_by_text("1 із 1 учня відраховано")).to_be_visible()
    left = Order.objects.get(number="2-у").rows.get().pupil_id
    pupils_on(today, "23")
    pupils_on(yesterday, "24")
    head.opens(f"/pupils/{left}/")
    expect(page.get_by_text("Вибуття з 1-А").first).to_be_visible()

    # It was a mistake: the order is annulled by another, and the child learns on.
    head.opens("/services/annul/start/")
    head.presses("Далі: вибрати")
    page.get_by_label(re.compile("№ 2-у")).check()
    head.presses("Додати до чернетки")
    expect(page.locator("tr[data-ak-row]")).to_have_count(1)
    head.goes_on()
    terms(number="3-у", issued_on=today, effective_on=today, ground="Дитина не вибула")
    expect(page.get_by_text("Про скасування наказу")).to_be_visible()
    assert_accessible(page)
    signs()
    expect(page.get_by_text("скасовано щодо").first).to_be_visible()
    pupils_on(today, "24")
    pupils_on(yesterday, "24")
    head.opens(f"/pupils/{left}/")
    expect(page.get_by_text("Скасовано наказ № 2-у").first).to_be_visible()
    assert_accessible(page)
    assert not head.faults

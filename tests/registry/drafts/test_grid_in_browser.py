"""Typing in the table by keyboard while answers come late: nothing moves, nothing is lost."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from registry.drafts import services as drafts
from registry.models import Draft
from registry.process import kind
from tests.kit.waiting import LONG, until
from tests.registry.drafts.test_drafts import begin, numbered
from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COLUMNS = [column.name for column in kind("enrol").grid]


class Late:
    """The server's answers held back: for a moment, or until let go."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.gate = threading.Event()
        self.gate.set()
        self.asked = 0

    def __call__(self, command: Callable[..., Any]) -> Callable[..., Any]:
        def late(**words: Any) -> Any:
            self.asked += 1
            time.sleep(self.seconds)
            assert self.gate.wait(LONG)
            return command(**words)

        return late


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Iterator[Late]:
    slow = Late()
    for name in ("save_row", "paste", "apply_fix"):
        monkeypatch.setattr(drafts, name, slow(getattr(drafts, name)))
    yield slow
    slow.gate.set()


def signed_in(page: Page, world: World, who: str, live_server: LiveServer) -> Page:
    client = Client()
    sign_in(client, world.grants[who])
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    return page


@pytest.fixture
def olena(page: Page, world: World, live_server: LiveServer) -> Page:
    return signed_in(page, world, "olena", live_server)


def opened(page: Page, world: World, rows: list[dict[str, str]], query: str = "") -> Draft:
    draft = begin(world.actor("olena"), world, rows)
    page.goto(reverse("draft_detail", args=["enrol", draft.pk]) + query)
    return draft


def cell(page: Page, position: int, column: str) -> Locator:
    return page.locator(f"tr[data-ak-row]:has(th a:text-is('{position}'))").locator(
        f"[name={column}]"
    )


def here(page: Page) -> list[str]:
    """Number of the row and name of the cell that has the focus."""
    return page.evaluate(
        "() => { const e = document.activeElement;"
        " return [e.closest('tr')?.querySelector('th a')?.firstChild.textContent ?? '', e.name ?? e.tagName]; }"
    )


def settled(page: Page) -> None:
    """Nothing waits, nothing is on its way, and the page says so."""
    expect(page.locator("table[aria-busy]")).to_have_count(0)
    until(lambda: unsent(page) == 0)
    expect(page.locator("[data-ak-saved]")).to_contain_text(re.compile(r"збережено о \d\d:\d\d"))


def unsent(page: Page) -> int:
    """How many tables have a copy of unsent cells in this browser."""
    return page.evaluate("Object.keys(localStorage).filter(k => k.includes('grid:')).length")


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData('text/plain', text);
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})); }""",
        text,
    )


def test_ten_children_are_typed_by_keyboard_alone_while_answers_come_late(
    olena: Page, world: World, late: Late
) -> None:
    draft = opened(olena, world, [{} for _ in range(10)])
    children = [{"phone": ""} | numbered(n, applicant_rnokpp="") for n in range(1, 11)]
    late.seconds = 0.12  # a keystroke takes a few thousandths: every answer falls among others
    cell(olena, 1, "surname").focus()
    for position, child in enumerate(children, 1):
        for column in COLUMNS:
            assert here(olena) == [str(position), column]
            olena.keyboard.type(child.get(column, ""))
            olena.keyboard.press("Tab")
    settled(olena)
    typed = [row.values for row in draft.rows.order_by("position")]
    assert typed == [
        {name: child[name] for name in COLUMNS if child.get(name)} for child in children
    ]
    assert set(draft.rows.values_list("state", flat=True)) == {"READY"}
    assert late.asked >= 10  # each row by itself, most of them more than once
    olena.keyboard.press("Shift+Tab")
    olena.keyboard.press("Control+Enter")
    expect(olena.get_by_role("button", name="Далі: наказ на 10")).to_be_focused()


def test_a_cell_not_reached_yet_is_not_red_and_one_left_empty_is(olena: Page, world: World) -> None:
    opened(olena, world, [{}, {}])
    row = olena.locator("tr[data-ak-row]").first
    cell(olena, 1, "surname").focus()
    olena.keyboard.type("Василенко")
    olena.keyboard.press("Tab")
    expect(row).not_to_have_attribute("data-ak-version", "1")
    settled(olena)
    expect(row.locator("td.is-bad, [aria-invalid]")).to_have_count(0)
    expect(row.locator(".ak-cellmsg:visible, .ak-tag:visible")).to_have_count(0)
    olena.keyboard.press("Tab")  # the given name is passed by
    expect(row.locator("[aria-invalid]")).to_have_count(1)
    expect(cell(olena, 1, "given_name")).to_have_attribute("aria-invalid", "true")
    olena.keyboard.press("Enter")  # down, out of the row: all of it is told
    expect(cell(olena, 1, "born_on")).to_have_attribute("aria-invalid", "true")
    expect(row.locator(".ak-tag")).to_have_text("Виправити")
    assert here(olena) == ["2", "patronymic"]


def test_a_suggestion_is_taken_from_the_keyboard_and_stays_out_of_the_way_of_tab(
    olena: Page, world: World
) -> None:
    draft = opened(olena, world, [numbered(1, sex=""), numbered(2, surname="Цыбуля")])
    cell(olena, 1, "sex").focus()
    expect(olena.get_by_role("button", name="Поставити Ч")).to_be_visible()
    olena.keyboard.press("Tab")
    assert here(olena) == ["1", "document"]
    olena.keyboard.press("Shift+Tab")
    olena.keyboard.press("Alt+Enter")
    expect(cell(olena, 1, "sex")).to_have_value("Ч")
    olena.keyboard.press("F8")
    assert here(olena) == ["2", "surname"]
    olena.keyboard.press("Alt+ArrowDown")
    expect(olena.get_by_role("button", name="Усе правильно")).to_be_focused()
    olena.keyboard.press("Enter")
    expect(olena.get_by_role("button", name="Далі: наказ на 2")).to_be_visible()
    assert here(olena) == ["2", "surname"], "the button went, its cell has the focus"
    assert set(draft.rows.values_list("state", flat=True)) == {"READY"}


def test_a_late_block_takes_neither_the_focus_nor_what_is_typed_meanwhile(
    olena: Page, world: World, late: Late
) -> None:
    draft = opened(olena, world, [numbered(n, phone="", patronymic="") for n in range(1, 5)])
    late.gate.clear()
    cell(olena, 1, "phone").focus()
    paste(olena, "0671111111\r\n\r\n0673333333\r\n")
    expect(olena.locator("table[aria-busy=true]")).to_be_visible()
    cell(olena, 3, "patronymic").focus()
    olena.keyboard.type("Петрів")
    late.gate.set()
    expect(cell(olena, 3, "phone")).to_have_value("0673333333")
    assert here(olena) == ["3", "patronymic"]
    olena.keyboard.type("на")
    settled(olena)
    expect(cell(olena, 3, "patronymic")).to_have_value("Петрівна")
    rows = list(draft.rows.order_by("position"))
    assert [row.values.get("phone", "") for row in rows] == ["0671111111", "", "0673333333", ""]
    assert [row.values.get("patronymic", "") for row in rows] == ["", "", "Петрівна", ""]


def test_a_block_under_a_filter_fills_what_is_seen_and_a_longer_one_nothing(
    olena: Page, world: World
) -> None:
    rows = [numbered(n, phone="", **({"sex": ""} if n in {2, 5} else {})) for n in range(1, 6)]
    draft = opened(olena, world, rows, "?show=fix")
    cell(olena, 2, "phone").focus()
    paste(olena, "0671111111\n0672222222\n0673333333")
    expect(olena.get_by_text("видно лише 2")).to_be_visible()
    expect(olena.locator("[data-ak-saved]")).to_have_text("Не збережено")
    paste(olena, "0671111111\n0672222222")
    expect(cell(olena, 5, "phone")).to_have_value("0672222222")
    phones = [row.values.get("phone", "") for row in draft.rows.order_by("position")]
    assert phones == ["", "0671111111", "", "", "0672222222"]


def test_two_people_in_different_cells_of_one_row_are_both_saved(
    olena: Page, world: World, browser: Browser, live_server: LiveServer
) -> None:
    draft = opened(olena, world, [numbered(1)])
    context = browser.new_context(base_url=live_server.url, locale="uk-UA")
    dana = signed_in(context.new_page(), world, "dana", live_server)
    dana.goto(olena.url)
    cell(olena, 1, "surname").fill("Ґалаґан")
    settled(olena)
    cell(dana, 1, "phone").fill("0671111111")
    settled(dana)
    expect(cell(dana, 1, "surname")).to_have_value("Ґалаґан")  # told of the other's change
    context.close()
    values = draft.rows.get().values
    assert (values["surname"], values["phone"]) == ("Ґалаґан", "0671111111")


def test_chosen_cells_are_cut_filled_emptied_and_given_back(olena: Page, world: World) -> None:
    draft = opened(olena, world, [numbered(n, phone=f"060{n}") for n in range(1, 4)])

    def phones() -> list[str]:
        settled(olena)
        return [row.values.get("phone", "") for row in draft.rows.order_by("position")]

    cell(olena, 1, "phone").focus()
    olena.keyboard.press("Shift+ArrowDown")
    olena.keyboard.press("Delete")
    expect(cell(olena, 2, "phone")).to_have_value("")
    assert phones() == ["", "", "0603"]
    paste(olena, "0671111111")
    assert phones() == ["0671111111", "0671111111", "0603"]
    for _ in range(2):
        olena.keyboard.press("Control+z")
    expect(cell(olena, 2, "phone")).to_have_value("0602")
    assert phones() == ["0601", "0602", "0603"]


def test_a_letter_being_composed_is_not_sent_by_halves(
    olena: Page, world: World, late: Late
) -> None:
    draft = opened(olena, world, [{}])
    cell(olena, 1, "surname").focus()
    cdp = olena.context.new_cdp_session(olena)
    cdp.send("Input.imeSetComposition", {"text": "Ga", "selectionStart": 2, "selectionEnd": 2})
    assert unsent(olena) == 0
    cdp.send("Input.insertText", {"text": "Ґа"})
    settled(olena)
    assert draft.rows.get().values == {"surname": "Ґа"}
    assert late.asked == 1


@pytest.mark.parametrize(("width", "height", "rows"), [(1366, 657, 5), (1440, 900, 10)])
def test_the_table_comes_first(
    olena: Page, world: World, width: int, height: int, rows: int, assert_accessible: Any
) -> None:
    olena.set_viewport_size({"width": width, "height": height})
    opened(olena, world, [numbered(n) for n in range(1, 31)])
    seen = olena.evaluate(
        """() => { const bar = document.getElementById('draft-bar').getBoundingClientRect().top;
        return [...document.querySelectorAll('tr[data-ak-row]')].filter(row => row.getBoundingClientRect().bottom <= bar).length; }"""
    )
    assert seen >= rows
    olena.get_by_text("Клавіші", exact=True).click()
    expect(olena.get_by_text("із таблиці до кнопки «Далі»")).to_be_visible()
    assert_accessible(olena)

"""The visual layer in a real browser: accessible in every theme, by keyboard, and nothing typed is lost."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.kit.waiting import until
from tests.ui.sample_views import store

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.ui.urls"),
]


ALWAYS = 10**6  # times; until the test says otherwise


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    store.reset()
    yield
    store.reset()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser's console complained of: scripts, the content security policy."""
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda line: told.append(line.text) if line.type == "error" else None)
    return told


def caret(page: Page) -> list[Any]:
    return page.evaluate(
        "() => [document.activeElement.name, document.activeElement.closest('tr')?.dataset.akRow,"
        " document.activeElement.selectionStart]"
    )


def cell(page: Page, row: int, name: str) -> Any:
    return page.locator(f'tr[data-ak-row="{row}"] [name="{name}"]')


def saved(page: Page) -> None:
    expect(page.locator("[data-ak-saved]")).to_contain_text(re.compile(r"о \d\d:\d\d"))


# ── the gallery ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("look", ["light", "dark", "contrast"])
def test_every_component_is_accessible_and_fits(
    page: Page, context: BrowserContext, live_server: LiveServer, assert_accessible: Callable[..., None],
    complaints: list[str], width: int, look: str,
) -> None:  # fmt: skip
    cookie = {"name": "aikom_theme", "value": look, "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/ui/")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # A gallery repeats what a page has once: landmarks and the heading of a confirmation.
    assert_accessible(page, without=("landmark-unique", "page-has-heading-one"))
    assert complaints == []


def test_everything_that_can_be_pressed_on_a_phone_is_big_enough(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto("/ui/")
    small = page.evaluate(
        """() => [...document.querySelectorAll('.ak-btn, .ak-input, .ak-select, .ak-opt, .ak-chip, .ak-tabs a, .ak-pager a, .ak-facets a, .ak-menu summary, .ak-tree a, .ak-pills a')]
        .filter(e => e.offsetParent && !e.closest('.ak-drop') && e.getBoundingClientRect().height < 43.5)
        .map(e => e.outerHTML.slice(0, 120))"""
    )
    assert small == []


def test_the_keyboard_reaches_everything_and_the_focus_is_seen(page: Page) -> None:
    page.goto("/ui/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Перейти до вмісту")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    unseen = page.evaluate(
        """async () => {
          const bad = [];
          const all = [...document.querySelectorAll('main a[href], main button, main input, main select, main textarea, main summary, main [tabindex="0"]')];
          for (const e of all.filter(e => e.checkVisibility() && !e.disabled)) {
            e.focus({focusVisible: true});
            const ring = [e, e.closest('.ak-drop'), e.closest('label')].filter(Boolean)
              .some(x => { const s = getComputedStyle(x); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== 'none'; });
            if (document.activeElement !== e || !ring) bad.push(e.outerHTML.slice(0, 100));
          }
          return bad;
        }"""
    )
    assert unseen == []


def test_the_page_has_no_part_from_elsewhere(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/ui/")
    page.wait_for_load_state("networkidle")
    origin = page.evaluate("location.origin")
    assert [url for url in asked if not url.startswith((origin, "data:"))] == []


@pytest.mark.parametrize(
    "address", ["/account/", "/offline/", "/nothing/", "/test/refused/not-allowed/"]
)
@pytest.mark.parametrize("width", [390, 1440])
def test_pages_of_the_frame_are_accessible(
    page: Page, assert_accessible: Callable[..., None], address: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# ── forms ────────────────────────────────────────────────────────────────────
def test_errors_take_focus_and_lead_into_their_fields(page: Page) -> None:
    page.goto("/test/form/")
    page.get_by_role("button", name="Далі").click()
    summary = page.locator(".ak-summary")
    expect(summary).to_be_focused()
    expect(page).to_have_title("Помилка: Проба — АІКОМ")
    summary.get_by_role("link", name="Заповніть поле «Дата наказу»").click()
    expect(page.get_by_label("Дата наказу")).to_be_focused()
    page.keyboard.type("02092026")
    expect(page.get_by_label("Дата наказу")).to_have_value("02.09.2026")


def test_errors_take_focus_without_htmx_too(page: Page) -> None:
    page.route("**/htmx*.js", lambda route: route.abort())
    page.goto("/test/form/")
    page.get_by_role("button", name="Далі").click()
    expect(page.locator(".ak-summary")).to_be_focused()
    expect(page).to_have_title("Помилка: Проба — АІКОМ")


def pressed_twice(page: Page) -> list[str]:
    """Where a double click posts to, the answer coming after both presses."""
    sent: list[str] = []
    page.on("request", lambda one: one.method == "POST" and sent.append(urlsplit(one.url).path))
    store.go.clear()
    page.get_by_role("button", name="Далі").dblclick(no_wait_after=True)
    until(lambda: len(sent) >= 1 or page.wait_for_timeout(10))
    store.go.set()
    expect(page.get_by_text("Прийнято о")).to_be_visible()
    page.wait_for_timeout(300)  # one kept back until the answer would follow it
    assert store.sent == 1
    return sent


def test_a_double_click_sends_once(page: Page) -> None:
    page.goto("/test/draft/")
    assert pressed_twice(page) == ["/test/slow/"]


def test_a_double_click_sends_once_by_htmx_too(page: Page) -> None:
    page.goto("/test/htmx/")
    assert pressed_twice(page) == ["/test/slow/"]


def test_a_form_that_met_a_stale_token_is_offered_again_as_typed(
    page: Page, context: BrowserContext
) -> None:
    page.route("**/htmx*.js", lambda route: route.abort())
    page.goto("/test/form/")
    page.get_by_label("Номер наказу").fill("112-у")
    page.get_by_label("Другий").check()
    context.clear_cookies(name="csrftoken")
    page.get_by_role("button", name="Далі").click()
    expect(page.get_by_role("heading", name="Форма застаріла, дію не виконано")).to_be_visible()
    expect(page.get_by_text("Введене збережено в цьому браузері.")).to_be_visible()
    page.get_by_role("link", name="Повернутися назад").click()
    expect(page.get_by_text("Відновлено незбережене")).to_be_visible()
    expect(page.get_by_label("Номер наказу")).to_have_value("112-у")
    expect(page.get_by_label("Другий")).to_be_checked()
    page.get_by_label("Дата наказу").fill("02.09.2026")
    page.get_by_role("button", name="Далі").click()
    # The answer leads to a page open to all: the way in, where home sends a stranger, is an
    # interruption, and what was typed would stay kept whenever it was quicker than the next page.
    page.wait_for_url("**/test/list/")
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_rows_are_chosen_one_by_one_all_and_by_a_range(page: Page) -> None:
    page.goto("/test/list/")
    bar = page.locator("[data-ak-bulk]")
    expect(bar).to_be_hidden()
    page.get_by_label("Вибрати: 2").check()
    expect(bar).to_contain_text("Вибрано 1")
    page.get_by_label("Вибрати: 4").click(modifiers=["Shift"])
    expect(bar).to_contain_text("Вибрано 3")
    page.get_by_label("Вибрати всіх").check()
    expect(bar).to_contain_text("Вибрано 5")
    page.get_by_role("button", name="Зняти вибір").click()
    expect(bar).to_be_hidden()


# ── autosave ─────────────────────────────────────────────────────────────────
def test_a_draft_saves_itself_with_only_what_changed(page: Page) -> None:
    page.goto("/test/draft/")
    page.get_by_label("Прізвище").fill("Ґалаґан")
    expect(page.locator("[data-ak-saved]")).to_contain_text(
        re.compile(r"Чернетку збережено о \d\d:\d\d")
    )
    page.get_by_label("Імʼя").fill("Ніна")
    expect(page.locator('input[name="version"]')).to_have_value("3")
    sent = [
        {k: v for k, v in post.items() if k != "csrfmiddlewaretoken"} for post in store.draft_posts
    ]
    assert sent == [
        {"version": "1", "changed": "surname", "surname": "Ґалаґан"},
        {"version": "2", "changed": "given", "given": "Ніна"},
    ]


def test_a_form_pressed_while_it_saves_itself_is_sent_after_with_what_the_save_made(
    page: Page,
) -> None:
    page.goto("/test/draft/")
    store.go.clear()
    with page.expect_request("**/test/draft/save/"):
        page.get_by_label("Прізвище").fill("Ґалаґан")
    button = page.get_by_role("button", name="Далі")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    button.click()
    assert store.sent == 0, "sent beside the save, it would carry a version already gone"
    store.go.set()
    expect(page.get_by_text("Прийнято о")).to_be_visible()
    assert (store.sent, store.sent_version) == (1, "2")
    assert store.draft == {"surname": "Ґалаґан"}


def test_a_lost_network_is_said_and_the_draft_sends_itself_later(
    page: Page, context: BrowserContext
) -> None:
    page.goto("/test/draft/")
    context.set_offline(True)
    page.get_by_label("Прізвище").fill("Ґалаґан")
    banner = page.get_by_text("Звʼязок втрачено, введене не зникне.")
    expect(banner).to_be_visible()
    expect(page.locator("[data-ak-saved]")).to_contain_text("Без мережі")
    context.set_offline(False)
    expect(page.get_by_text("Звʼязок повернувся.")).to_be_visible()
    saved(page)
    assert store.draft == {"surname": "Ґалаґан"}
    expect(page.locator("#ak-net")).to_be_hidden()


def test_a_busy_server_is_asked_again_by_itself_and_nothing_is_lost(page: Page) -> None:
    page.goto("/test/draft/")
    store.busy = ALWAYS
    page.get_by_label("Прізвище").fill("Ґалаґан")
    line = page.locator("[data-ak-saved]")
    expect(line).to_contain_text("Сервер зайнятий, зберігаємо ще раз…")
    expect(page.locator("#ak-net")).to_be_hidden()
    page.get_by_label("Імʼя").fill("Ніна")
    store.busy = 0
    until(lambda: store.draft == {"surname": "Ґалаґан", "given": "Ніна"})
    saved(page)
    assert store.draft == {"surname": "Ґалаґан", "given": "Ніна"}
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_what_was_not_sent_is_there_after_the_browser_was_closed(
    page: Page, context: BrowserContext
) -> None:
    page.goto("/test/draft/")
    store.fail = 99
    page.get_by_label("Прізвище").fill("Ґалаґан")
    expect(page.locator("#ak-net")).to_be_visible()
    page.close()
    again = context.new_page()
    again.goto("/test/draft/")
    expect(again.get_by_text("Відновлено незбережене")).to_be_visible()
    expect(again.get_by_label("Прізвище")).to_have_value("Ґалаґан")
    store.fail = 0
    saved(again)
    assert store.draft == {"surname": "Ґалаґан"}
    assert again.evaluate("Object.keys(localStorage).length") == 0


def test_a_draft_changed_elsewhere_is_not_overwritten(page: Page) -> None:
    page.goto("/test/draft/")
    store.draft_version = 7
    store.draft = {"surname": "Інша"}
    page.get_by_label("Прізвище").fill("Моя")
    expect(page.locator("[data-ak-saved]")).to_contain_text("змінено в іншому вікні")
    assert store.draft == {"surname": "Інша"}
    page.reload()
    expect(page.get_by_label("Прізвище")).to_have_value("Інша")
    page.get_by_role("button", name="Повернути незбережене").click()
    expect(page.get_by_label("Прізвище")).to_have_value("Моя")
    saved(page)
    assert store.draft == {"surname": "Моя"}


def test_a_token_grown_stale_is_renewed_and_the_draft_is_saved(
    page: Page, context: BrowserContext
) -> None:
    page.goto("/test/draft/")
    context.clear_cookies(name="csrftoken")
    page.get_by_label("Прізвище").fill("Ґалаґан")
    saved(page)
    assert store.draft == {"surname": "Ґалаґан"}


def test_an_ended_session_is_said_and_what_was_typed_is_sent_after_signing_in(
    page: Page, context: BrowserContext
) -> None:
    page.goto("/test/draft/")
    store.closed = True
    page.get_by_label("Прізвище").fill("Ґалаґан")
    expect(page.locator("[data-ak-saved]")).to_contain_text("Сеанс завершився")
    expect(page.get_by_label("Прізвище")).to_have_value("Ґалаґан")
    store.closed = False
    page.get_by_label("Імʼя").fill("Ніна")
    saved(page)
    assert store.draft == {"surname": "Ґалаґан", "given": "Ніна"}


# ── the grid ─────────────────────────────────────────────────────────────────
def test_arrows_and_enter_walk_the_grid(page: Page) -> None:
    page.goto("/test/grid/")
    cell(page, 2, "surname").click()
    page.keyboard.press("Enter")
    assert caret(page)[:2] == ["surname", "3"]
    page.keyboard.press("ArrowDown")
    assert caret(page)[:2] == ["surname", "4"]
    page.keyboard.press("ArrowRight")
    assert caret(page)[:2] == ["given", "4"]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert caret(page)[:2] == ["surname", "3"]
    page.keyboard.press("Shift+Enter")
    assert caret(page)[:2] == ["surname", "2"]
    page.keyboard.press("Control+End")
    assert caret(page)[:2] == ["born", "5"]
    page.keyboard.press("F2")
    page.keyboard.press("ArrowLeft")
    assert caret(page) == ["born", "5", 9], "inside the text arrows move the caret"


def test_a_changed_cell_is_posted_and_its_row_comes_back_under_the_caret(page: Page) -> None:
    page.goto("/test/grid/")
    field = cell(page, 2, "surname")
    field.click()
    store.go.clear()  # what was half typed, on a slow machine, is answered when all is typed
    field.fill("")
    page.keyboard.type("коваль")
    page.keyboard.press("ArrowLeft")
    store.go.set()
    until(lambda: store.rows[0].values["surname"] == "Коваль")
    times = len(store.posts)
    row = page.locator('tr[data-ak-row="2"]')
    expect(row).to_have_attribute("data-ak-version", f"{times + 1}")
    saved(page)
    assert caret(page) == ["surname", "2", 5], "focus and caret stay while the row is renewed"
    assert store.posts[-1] == {"row": "2", "version": f"{times}", "surname": "коваль"}
    page.keyboard.press("Enter")
    expect(field).to_have_value("Коваль")


def test_what_is_typed_while_a_row_is_saved_is_kept_and_saved_next(page: Page) -> None:
    page.goto("/test/grid/")
    store.go.clear()
    field = cell(page, 2, "surname")
    with page.expect_request("**/test/grid/save/"):
        field.fill("Ко")
    field.press_sequentially("валь")
    store.go.set()
    expect(page.locator('tr[data-ak-row="2"]')).to_have_attribute("data-ak-version", "3")
    expect(field).to_have_value("Коваль")
    assert [post["surname"] for post in store.posts] == ["Ко", "Коваль"], (
        "the answer about «Ко» does not take back what came after"
    )
    assert store.rows[0].values["surname"] == "Коваль"
    assert [post["version"] for post in store.posts] == ["1", "2"]


def test_problems_are_walked_with_f8_and_mended_by_one_press(page: Page) -> None:
    page.goto("/test/grid/")
    expect(page.locator("#count")).to_have_text("1")
    page.keyboard.press("F8")
    assert caret(page)[:2] == ["born", "4"]
    page.get_by_role("button", name="поставити 29.02.2016").click()
    expect(page.locator("#count")).to_have_text("0")
    expect(page.locator('tr[data-ak-row="4"] .ak-cellmsg')).to_have_count(0)
    expect(cell(page, 4, "born")).to_be_focused()
    assert store.rows[2].values["born"] == "29.02.2016"


def test_ctrl_d_takes_the_value_above_and_ctrl_z_gives_it_back(page: Page) -> None:
    page.goto("/test/grid/")
    cell(page, 3, "given").click()
    page.keyboard.press("Control+d")
    expect(cell(page, 3, "given")).to_have_value("Іван")
    saved(page)
    page.keyboard.press("Control+z")
    expect(cell(page, 3, "given")).to_have_value("Дмитро")
    expect(page.locator('tr[data-ak-row="3"]')).to_have_attribute("data-ak-version", "3")
    assert store.rows[1].values["given"] == "Дмитро"
    page.keyboard.press("Control+y")
    expect(cell(page, 3, "given")).to_have_value("Іван")


def test_a_chosen_column_is_filled_down_at_once(page: Page) -> None:
    page.goto("/test/grid/")
    cell(page, 2, "given").click()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+d")
    for row in (3, 4, 5):
        expect(page.locator(f'tr[data-ak-row="{row}"]')).to_have_attribute("data-ak-version", "2")
    assert {row.values["given"] for row in store.rows} == {"Іван"}
    page.keyboard.press("Control+z")
    for row in (3, 4, 5):
        expect(page.locator(f'tr[data-ak-row="{row}"]')).to_have_attribute("data-ak-version", "3")
    assert [row.values["given"] for row in store.rows] == ["Іван", "Дмитро", "Олег", "Лілія"]


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData('text/plain', text);
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})); }""",
        text,
    )


def test_a_block_from_excel_is_pasted_at_once_and_makes_rows(page: Page) -> None:
    page.goto("/test/grid/")
    cell(page, 4, "surname").click()
    paste(
        page, "Левчук\tІрина\t01.02.2015\r\nСкиба\tОлег\t31.02.2016\r\nЩасна\tЮлія\t03.04.2015\r\n"
    )
    expect(cell(page, 6, "surname")).to_have_value("Щасна")
    expect(page.locator("#count")).to_have_text("1")
    expect(cell(page, 4, "surname")).to_be_focused()
    assert store.posts[-1]["cells"].count("\n") == 2
    assert (store.posts[-1]["start_row"], store.posts[-1]["start_column"]) == ("4", "surname")
    page.keyboard.press("Control+z")
    expect(cell(page, 5, "surname")).to_have_value("Ґудзь")


def test_somebody_elses_change_is_shown_and_ours_is_one_press_away(page: Page) -> None:
    page.goto("/test/grid/")
    store.rows[0].version = 5
    store.rows[0].values["surname"] = "Інша"
    cell(page, 2, "surname").fill("Моя")
    cell(page, 3, "surname").click()
    expect(page.get_by_text("Рядок тим часом змінено в іншому вікні")).to_be_visible()
    expect(cell(page, 2, "surname")).to_have_value("Інша")
    page.get_by_role("button", name="Моя").click()
    expect(page.locator('tr[data-ak-row="2"]')).to_have_attribute("data-ak-version", "6")
    assert store.rows[0].values["surname"] == "Моя"


def test_the_grid_survives_a_failing_server_and_a_lost_network(
    page: Page, context: BrowserContext
) -> None:
    page.goto("/test/grid/")
    store.fail = 1
    cell(page, 2, "surname").fill("Перша")
    cell(page, 3, "surname").fill("Друга")
    cell(page, 4, "surname").click()
    expect(page.locator("#ak-net")).to_be_visible()
    for row in (2, 3):
        renewed = page.locator(f'tr[data-ak-row="{row}"]')
        expect(renewed).to_have_attribute("data-ak-version", "2")
    assert [row.values["surname"] for row in store.rows[:2]] == ["Перша", "Друга"]
    saved(page)
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_the_grid_asks_a_busy_server_again_and_keeps_what_is_typed_meanwhile(page: Page) -> None:
    page.goto("/test/grid/")
    store.busy = ALWAYS
    cell(page, 2, "surname").fill("Перша")
    cell(page, 3, "surname").fill("Друга")
    expect(page.locator("[data-ak-saved]")).to_contain_text("Сервер зайнятий, зберігаємо ще раз…")
    kept = page.evaluate("Object.values(localStorage).join()")
    store.busy = 0
    assert "Перша" in kept
    assert "Друга" in kept
    expect(page.locator("#ak-net")).to_be_hidden()
    saved(page)
    expect(page.locator('tr[data-ak-row="3"]')).to_have_attribute("data-ak-version", "2")
    assert [row.values["surname"] for row in store.rows[:2]] == ["Перша", "Друга"]
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_a_block_pasted_to_a_busy_server_is_written_once(page: Page) -> None:
    page.goto("/test/grid/")
    store.busy = 1
    cell(page, 3, "given").click()
    paste(page, "Ніна\r\n\r\nОльга\r\n")
    expect(cell(page, 5, "given")).to_have_value("Ольга")
    expect(cell(page, 4, "given")).to_have_value("")
    assert [post["rows"] for post in store.posts] == ["3,4,5"]


def test_cells_not_sent_come_back_with_the_page(page: Page, context: BrowserContext) -> None:
    page.goto("/test/grid/")

    store.fail = 99
    cell(page, 2, "surname").fill("Моя")
    cell(page, 3, "surname").click()
    expect(page.locator("#ak-net")).to_be_visible()
    page.close(run_before_unload=False)
    store.fail = 0
    again = context.new_page()
    again.goto("/test/grid/")
    expect(cell(again, 2, "surname")).to_have_value("Моя")
    saved(again)
    assert store.rows[0].values["surname"] == "Моя"


def test_the_grid_is_accessible(page: Page, assert_accessible: Callable[..., None]) -> None:
    page.goto("/test/grid/")
    assert_accessible(page)

"""Every form that is posted keeps what is typed: F5, Back and a menu link lose nothing.

Pages are asked for with Django's test client within the test's own transaction, so that what one page
made for itself is gone before the next; the browser gets them as they are.
"""

from __future__ import annotations

import mimetypes
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests.architecture.matrix import Row
from tests.architecture.test_permission_matrix import ROWS
from tests.registry.drafts.test_drafts import begin, numbered
from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

# Forms that keep nothing: what opens a key or makes a signature, the gallery's samples; the grid saves
# by cells.
UNKEPT = "[data-ak-sign], [data-ak-token], [data-ak-sample], :has(table[data-ak-grid])"
FIELDS = f"""[...document.querySelectorAll('main form')].filter(form => form.method === 'post' && !form.matches('{UNKEPT}'))
  .flatMap((form, at) => [...form.elements].map(field => [at, field]))
  .filter(([, field]) => field.name && !['hidden', 'file', 'password', 'submit', 'button', 'fieldset'].includes(field.type)
    && !field.disabled && field.dataset.akPrivate === undefined && field.dataset.akPick === undefined)"""
TYPE = f"""() => {{ for (const [, field] of {FIELDS}) {{
  if (field.tagName === 'SELECT') field.selectedIndex = field.options.length - 1;
  else if (field.type === 'radio') field.checked = true;
  else if (field.type === 'checkbox') field.checked = !field.checked;
  else field.value = 'Написане ' + field.name;
  field.dispatchEvent(new Event('input', {{bubbles: true}})); }} }}"""
READ = f"""() => {FIELDS}.map(([at, field]) => [at, field.name, ['radio', 'checkbox'].includes(field.type) ? field.value + field.checked : field.value].join(' '))"""


class Visit:
    """A browser that gets pages asked for beforehand with one signed-in person's test client."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.client = Client()
        self.asked: dict[str, bytes] = {}
        asked = self.asked

        class Answer(BaseHTTPRequestHandler):
            """Pages and modules; what only makes pages beautiful is left out."""

            def do_GET(self) -> None:
                body, kind = asked.get(self.path), "text/html; charset=utf-8"
                kept = "no-store"
                if self.path.startswith(settings.STATIC_URL) and self.path.endswith(".js"):
                    found = finders.find(self.path.removeprefix(settings.STATIC_URL))
                    body = Path(found).read_bytes() if isinstance(found, str) else None
                    kind = mimetypes.guess_type(self.path)[0] or "application/octet-stream"
                    kept = "max-age=600"
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Cache-Control", kept)
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *told: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def leaves(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def asks(self, address: str) -> bytes:
        """The page of an address, to be given when the browser asks; empty when it is no page."""
        answer = self.client.get(address)
        self.asked[address] = answer.content if answer.status_code == 200 else b""
        return self.asked[address]

    def opens(self, address: str) -> Page:
        self.asks(address)
        return self.goes(address)

    def goes(self, address: str) -> Page:
        """The page that was asked for, in the browser."""
        self.page.goto(f"http://127.0.0.1:{self.server.server_port}{address}")
        return self.page


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    context = browser.new_context(locale="uk-UA")
    visit = Visit(context.new_page())
    yield visit
    context.close()
    visit.leaves()


def _forms() -> dict[str, tuple[Callable[[World], str], str]]:
    """Addresses that answer a GET with whoever may open them; of the matrix, and a row of a draft,
    which nobody opens before it was made."""

    def of(name: str, row: Row) -> Callable[[World], str]:
        return lambda world: (
            reverse(name, kwargs=row.args(world) if row.args else {}) + (row.query or "")
        )

    def of_a_row(world: World) -> str:
        row = begin(world.actor("olena"), world, [numbered(1)]).rows.get()
        return reverse("draft_row", args=["enrol", row.draft_id, row.id])

    found: dict[str, tuple[Callable[[World], str], str]] = {}
    for name, row in ROWS.items():
        if row.api or row.token or row.method != "GET":
            continue
        if opens := [who for who, met in row.expected().items() if met == "opens"]:
            found[name] = of(name, row), "olena" if "olena" in opens else opens[0]
    return found | {"draft_row": (of_a_row, "olena")}


def test_every_form_of_every_page_has_what_was_typed_when_one_is_back(
    world: World, visit: Visit
) -> None:
    kept, lost = set(), []
    nothing_done = transaction.savepoint()
    for name, (address_in, who) in sorted(_forms().items()):
        transaction.savepoint_rollback(nothing_done)  # what another row made for itself is gone
        nothing_done = transaction.savepoint()
        visit.client = Client()
        sign_in(visit.client, world.grants[who])
        address = address_in(world)
        if b'method="post"' not in visit.asks(address).partition(b"<main")[2]:
            continue
        page = visit.goes(address)
        untouched = page.evaluate(READ)
        if not untouched:
            continue
        page.evaluate(TYPE)
        typed = page.evaluate(READ)
        if typed == untouched:
            continue  # one choice, already chosen
        back = visit.opens(address)
        expect(back.locator("form[data-ak-outbox]:not([data-ak-restored])")).to_have_count(0)
        found = back.evaluate(READ)
        kept.add(name)
        if found != typed:
            missing = [one for one in typed if one not in found]
            lost.append(f"{name} {address}: {missing[:5]}")
        page.evaluate("localStorage.clear()")
    wanted = {"draft_one", "draft_row", "order_prepare", "pupil_edit", "institution_edit"}
    assert wanted <= kept, kept
    assert len(kept) > 20, kept
    assert not lost, "\n".join(lost)


def test_f5_back_and_a_menu_link_lose_nothing_of_the_form_of_one_child(
    world: World, visit: Visit
) -> None:
    sign_in(visit.client, world.grants["olena"])
    visit.asks("/classes/")
    page = visit.opens(reverse("draft_one"))
    page.get_by_label("Прізвище").fill("Ґалаґан")
    page.get_by_label("Громадянство").select_option(label="Польща")
    page.reload()
    expect(page.get_by_text("Відновлено незбережене")).to_be_visible()
    page.get_by_role("link", name="Класи", exact=True).first.click()
    page.go_back()
    expect(page.get_by_label("Прізвище")).to_have_value("Ґалаґан")
    page.get_by_role("link", name="Класи", exact=True).first.click()
    visit.opens(reverse("draft_one"))
    expect(page.get_by_label("Прізвище")).to_have_value("Ґалаґан")
    expect(page.get_by_label("Громадянство")).to_have_value("PL")
    # Another person at the same computer sees nothing of it.
    sign_in(visit.client, world.grants["dana"])
    visit.opens(reverse("draft_one"))
    expect(page.get_by_label("Прізвище")).to_have_value("")
    sign_in(visit.client, world.grants["olena"])
    visit.opens(reverse("draft_one"))
    page.get_by_role("button", name="Прибрати").click()
    expect(page.get_by_label("Прізвище")).to_have_value("")
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_what_somebody_changed_meanwhile_is_not_written_over_unasked(
    world: World, visit: Visit
) -> None:
    draft = begin(world.actor("olena"), world, [numbered(1)])
    row = draft.rows.get()
    sign_in(visit.client, world.grants["olena"])
    address = reverse("draft_row", args=["enrol", draft.pk, row.id])
    page = visit.opens(address)
    page.get_by_label("По батькові").fill("Моє")
    row.values["patronymic"] = "Чуже"
    row.save()
    visit.opens(address)
    expect(page.get_by_label("По батькові")).to_have_value("Чуже")
    page.get_by_role("button", name="Повернути незбережене").click()
    expect(page.get_by_label("По батькові")).to_have_value("Моє")

"""Every form that is posted keeps what is typed: F5, Back and a menu link lose nothing.

Pages come to the browser from Django's test client within the test's own transaction: no server, and
what one page made for itself is gone before the next.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route, expect

from tests.architecture.test_permission_matrix import ROWS
from tests.registry.drafts.test_drafts import begin, numbered
from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

# Forms that keep nothing, and why: what opens a key or makes a signature; the grid saves by cells.
UNKEPT = "[data-ak-sign], [data-ak-token], [data-ak-sign-out], :has(table[data-ak-grid])"
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
    """A browser whose every request one signed-in person's test client answers."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.client = Client()
        page.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        asked = urlsplit(route.request.url)
        if asked.path.startswith(settings.STATIC_URL):
            found = finders.find(asked.path.removeprefix(settings.STATIC_URL))
            kind = mimetypes.guess_type(asked.path)[0] or "application/octet-stream"
            if found and route.request.resource_type not in {"font", "image"}:
                route.fulfill(body=Path(found).read_bytes(), content_type=kind)
            else:
                route.fulfill(status=404)
            return
        answer = self.client.get(f"{asked.path}?{asked.query}" if asked.query else asked.path)
        route.fulfill(
            status=answer.status_code,
            body=answer.content,
            content_type=answer["Content-Type"],
        )

    def opens(self, address: str) -> Page:
        self.page.goto(f"http://aikom.test{address}")
        # The modules have run: the first thing they do is to look at what was kept.
        self.page.wait_for_load_state("load")
        return self.page


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    context = browser.new_context(locale="uk-UA")
    yield Visit(context.new_page())
    context.close()


def test_every_form_of_every_page_has_what_was_typed_when_one_is_back(
    world: World, visit: Visit
) -> None:
    kept, lost = set(), []
    nothing_done = transaction.savepoint()
    for name, row in sorted(ROWS.items()):
        transaction.savepoint_rollback(nothing_done)  # what another row made for itself is gone
        nothing_done = transaction.savepoint()
        if row.api or row.token or row.method != "GET":
            continue
        opens = [who for who, met in row.expected().items() if met == "opens"]
        if not opens:
            continue
        visit.client = Client()
        sign_in(visit.client, world.grants["olena" if "olena" in opens else opens[0]])
        address = reverse(name, kwargs=row.args(world) if row.args else {}) + (row.query or "")
        answer = visit.client.get(address)
        if (
            answer.status_code != 200
            or b'method="post"' not in answer.content.partition(b"<main")[2]
        ):
            continue
        page = visit.opens(address)
        untouched = page.evaluate(READ)
        if not untouched:
            continue
        page.evaluate(TYPE)
        typed = page.evaluate(READ)
        if typed == untouched:
            continue  # one choice, already chosen
        found = visit.opens(address).evaluate(READ)
        kept.add(name)
        if found != typed:
            missing = [one for one in typed if one not in found]
            lost.append(f"{name} {address}: {missing[:5]}")
        page.evaluate("localStorage.clear()")
    assert {"draft_one", "draft_row", "pupil_edit", "institution_edit", "person_new"} & kept
    assert len(kept) > 20, kept
    assert not lost, "\n".join(lost)


def test_f5_back_and_a_menu_link_lose_nothing_of_the_form_of_one_child(
    world: World, visit: Visit
) -> None:
    sign_in(visit.client, world.grants["olena"])
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

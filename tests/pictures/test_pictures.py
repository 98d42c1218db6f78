"""Every page looks as somebody has seen it look (issue: a warning 24 px wide and 1,201 px tall).

The matrix of addresses says who may open what; over the country of `tests/plans` each page is drawn
for the first of them at four widths, with what it says to an empty form, and compared with the
picture kept beside this file. `states.py` adds pages where something was made first.
`make pictures ACCEPT=1` keeps the pictures of today: look at them in var/pictures first.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route

from signatures.browser import build
from tests.architecture.matrix import rows
from tests.pictures import strip
from tests.pictures.states import STATES
from tests.plans.country import found
from tests.world import World, sign_in

# What Django's client gives: a response with more told of how it was made.
Answer = Any

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
# A form sent as a browser sends it, with nothing filled in.
EMPTY = {"csrfmiddlewaretoken": "nothing"}

ACCEPT = bool(os.environ.get("ACCEPT"))
KEPT = Path(__file__).parent / "kept"
SHOWN = Path(settings.VAR) / "pictures"  # whole, for a person to look at
HOST = "http://localhost"  # where a browser lets pages use keys
ROWS = {
    name: row
    for name, row in sorted(rows().items())
    if row.method == "GET" and not (row.api or row.token)
}
# The home page differs by who asks; the rest is drawn for the first who may open it.
FOR_ALL = {"home": ("olena", "bohdan", "iryna", "maria", "admin")}
REMEDY = "Look at them; `make pictures ACCEPT=1` keeps what is."
# Days, numbers and ids of this run are made alike, so that tomorrow's page is today's.
ALIKE = r"""() => {
  const months = /січ|лют|берез|квіт|трав|черв|лип|серп|верес|жовт|листопад|груд/giu;
  const alike = (text) => text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "0".repeat(36))
    .replace(/\b[0-9A-F]{8}\b/g, "0".repeat(8))
    .replace(/aikom_[\w-]{40,}/g, (key) => "aikom_" + "k".repeat(key.length - 6))
    .replace(months, "жовт").replace(/[0-9]/g, "0");
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) walk.currentNode.data = alike(walk.currentNode.data);
  for (const one of document.querySelectorAll("input:not([type=file]), textarea")) {
    if (one.value) one.value = alike(one.value);
  }
  return document.fonts.ready.then(() => true);
}"""


@pytest.fixture(scope="session")
def files() -> dict[str, tuple[bytes, str]]:
    """Static files by address, as the browser was given them before."""
    build.build()  # the sign-in page names the hashes of the built signing files
    return {}


class Window:
    """A browser that speaks to Django's test client: what a page asks for is answered within the
    test's own transaction, and nothing of it stays."""

    def __init__(self, page: Page, files: dict[str, tuple[bytes, str]]):
        self.page, self.files = page, files
        self.client = Client(HTTP_HOST="localhost")
        self.answer: Answer | None = None
        page.route("**/*", self._tell)

    def _tell(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if f"{url.scheme}://{url.netloc}" != HOST or route.request.method != "GET":
            route.abort()
            return
        path = url.path + (f"?{url.query}" if url.query else "")
        if route.request.is_navigation_request() and self.answer is not None:
            body, kind = self.answer.content, self.answer["Content-Type"]
        elif path in self.files:
            body, kind = self.files[path]
        else:
            answer = self.client.get(path)
            body, kind = _body(answer), answer.get("Content-Type", "")
            if path.startswith(settings.STATIC_URL):
                self.files[path] = (body, kind)
        route.fulfill(body=body, content_type=kind)

    def strip_of(
        self, path: str, answer: Answer, name: str, *, settled: bool = False
    ) -> strip.Image.Image:
        """Draw an answer at every width; `settled`: when two shots in succession are the same."""
        folder = SHOWN / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.answer = answer
        self.page.goto(HOST + path)
        self.page.evaluate(ALIKE)
        shots = []
        for width in strip.WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            shots.append(self._settled() if settled else self.shot())
            (folder / f"{width}.png").write_bytes(shots[-1])
        return strip.joined(shots)

    def shot(self) -> bytes:
        """The page as it stands, whole."""
        return self.page.screenshot(full_page=True, animations="disabled", caret="hide")

    def _settled(self) -> bytes:
        """A shot that the next one equals; the last of many where no two are equal."""
        last = self.shot()
        for _ in range(20):
            before, last = last, self.shot()
            if before == last:
                break
        return last


def _body(answer: Answer) -> bytes:
    if answer.streaming:
        return b"".join(answer.streaming_content)
    body: bytes = answer.content
    return body


@pytest.fixture
def window(browser: Browser, files: dict[str, tuple[bytes, str]]) -> Iterator[Window]:
    context = browser.new_context(
        locale="uk-UA", timezone_id="Europe/Kyiv", service_workers="block", reduced_motion="reduce"
    )
    context.set_default_timeout(120_000)
    yield Window(context.new_page(), files)
    context.close()


def _states(client: Client, path: str) -> Iterator[tuple[str, Answer]]:
    """The page, and the page with everything that an empty form is told."""
    answer = client.get(path)
    if answer.status_code != 200 or not _is_page(answer):
        return
    yield "", answer
    if b'method="post"' in answer.content:
        refused = client.post(path, EMPTY)
        if refused.status_code == 422 and _is_page(refused):
            yield "-refused", refused


def _is_page(answer: Answer) -> bool:
    html = answer.get("Content-Type", "").startswith("text/html")
    return bool(html and not answer.streaming and b"</html>" in answer.content)


@pytest.fixture
def country(db: None) -> World:
    return found()


@pytest.mark.parametrize("name", ROWS)
def test_a_page_looks_as_it_did(name: str, country: World, window: Window) -> None:
    row, told = ROWS[name], []
    path = reverse(name, kwargs=row.args(country) if row.args else {}) + row.query
    for who in FOR_ALL.get(name, row.opens.split()[:1]) or [""]:
        if who:
            sign_in(window.client, country.grants[who])
        for state, answer in _states(window.client, path):
            called = f"{name}{f'-{who}' if name in FOR_ALL else ''}{state}"
            told += _compared(window, path, answer, called)
    assert not told, "\n".join([*told, REMEDY])


@pytest.mark.parametrize("name", STATES)
def test_a_state_looks_as_it_did(name: str, country: World, window: Window) -> None:
    who, made = STATES[name]
    sign_in(window.client, country.grants[who])
    path, answer = made(country, window.client)
    if answer is None:
        answer = window.client.get(path)
        assert answer.status_code == 200, answer.content.decode()
    told = _compared(window, path, answer, name)
    assert not told, "\n".join([*told, REMEDY])


def _compared(window: Window, path: str, answer: Answer, called: str) -> list[str]:
    kept = KEPT / f"{called}.png"
    made = window.strip_of(path, answer, called)
    if wide := strip.wider(
        {at: (SHOWN / called / f"{at}.png").read_bytes() for at in strip.WIDTHS}
    ):
        return [f"{called} at {one.width} px: {one.said}" for one in wide]
    if kept.exists() and not strip.differences(kept, made):
        return []
    # On a busy machine a shot may catch a page half drawn: whatever differs is drawn anew.
    made = window.strip_of(path, answer, called, settled=True)
    if ACCEPT:
        if not kept.exists() or strip.differences(kept, made):
            made.save(kept, optimize=True)
        return []
    if not kept.exists():
        return [f"{called}: no picture is kept"]
    return [
        f"{called} at {one.width} px: {one.said} (var/pictures/{called}/{one.width}.png)"
        for one in strip.differences(kept, made)
    ]


def test_a_page_caught_half_drawn_is_as_it_was_and_another_page_is_told(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.KEPT", tmp_path)
    monkeypatch.setattr(f"{__name__}.SHOWN", tmp_path)
    monkeypatch.setattr(f"{__name__}.ACCEPT", False)

    def drawn(word: str) -> HttpResponse:
        return HttpResponse(
            f"<!doctype html><h1 style='height: 40em; background: {word}'>Клас</h1>"
        )

    window.strip_of("/", drawn("black"), "page").save(tmp_path / "page.png")
    shot, torn = window.shot, [drawn("white")]

    def half() -> bytes:
        if torn:
            window.page.set_content(torn.pop().content.decode())
        return shot()

    monkeypatch.setattr(window, "shot", half)
    assert _compared(window, "/", drawn("black"), "page") == []
    assert not torn
    assert len(_compared(window, "/", drawn("grey"), "page")) == len(strip.WIDTHS)
    (wide,) = _compared(window, "/", drawn("black; width: 1300px"), "page")[-1:]
    assert "at 1280 px: 1316 px wide" in wide or "1308 px wide" in wide


def test_no_picture_is_kept_of_a_page_that_is_gone() -> None:
    for kept in KEPT.glob("*.png"):
        known = kept.stem in STATES or kept.stem.removesuffix("-refused") in ROWS
        known |= kept.stem.partition("-")[0] in FOR_ALL
        if ACCEPT and not known:
            kept.unlink()
        assert ACCEPT or known, f"{kept.name}: no such page any more; `make pictures ACCEPT=1`"

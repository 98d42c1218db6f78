"""Every page a person can reach by links: accessible, as wide as its window, no part left undrawn."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from accounts.actors import Actor
from kernel.db import command
from registry.classifiers.selectors import classifiers
from registry.models import Pupil, PupilCategory
from tests.kit.acts import noted
from tests.world import FIRST_DAY, World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Addresses that answer with a file, a fragment or another service's page.
NOT_PAGES = {
    "api_schema",
    "report_xlsx",
    "report_progress",
    "campaign_progress",
    "campaign_container",
    "campaign_xlsx",
    "campaign_sign_data",
    "subvention_budget_file",
    "desk_file",
    "healthz",
    "metrics",
    "sign_out",
}
SHOTS = os.environ.get(
    "PAGE_SHOTS"
)  # a folder: keep a picture of every page for a person to look at


def name_of(path: str) -> str:
    """The URL's name: pages of one view are met once."""
    try:
        return resolve(path.split("?")[0]).url_name or ""
    except Resolver404:
        return ""


# What a finger misses on a phone: 44 px both ways, but for words within a sentence.
SMALL = r"""() => [...document.querySelectorAll('a, button, select, textarea, summary, input:not([type=hidden])')]
  .map(one => [one, (one.closest('label') || one).getBoundingClientRect()])
  .filter(([one, box]) => one.checkVisibility() && box.width > 1 && box.height > 1)
  .filter(([one]) => !one.closest('.ak-cardtable thead'))  // read aloud alone, where rows are cards
  .filter(([one]) => !(getComputedStyle(one).display === 'inline'
    && one.parentElement.textContent.trim().length > one.textContent.trim().length + 2))
  .filter(([one, box]) => box.height < 43.5 || box.width < 43.5)
  .map(([one, box]) => `${one.tagName.toLowerCase()}.${one.className} «${one.textContent.trim().slice(0, 40)}» ${Math.round(box.width)}×${Math.round(box.height)}`)"""


# A page is looked at as the first of these who reaches it; each starts at their own home page.
WHO = ["olena", "bohdan", "iryna", "admin", "maria"]
seen: set[str] = set()


@command
def long_words(world: World, *, actor: Actor) -> None:
    """A pupil whose row is as wide as rows get: the lists must still fit their window."""
    pupil = world.pupils["oksana"]
    Pupil.objects.filter(pk=pupil.pk).update(
        surname="Нечуй-Левицька-Переяславська", given_name="Домініка-Валентина"
    )
    for category in classifiers.items("pupil_category", FIRST_DAY)[:6]:
        PupilCategory.objects.create(pupil=pupil, code=category.code, starts_on=FIRST_DAY)
    noted()


@pytest.mark.parametrize("who", WHO)
def test_everything_within_reach_is_accessible_and_fits(
    who: str,
    world: World,
    page: Page,
    context: BrowserContext,
    live_server: LiveServer,
    assert_accessible: Callable[..., None],
) -> None:
    long_words(world, actor=world.actor("admin"))
    client = Client()
    sign_in(client, world.grants[who])
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda line: told.append(f"{page.url}: {line.text}") if line.type == "error" else None,
    )
    waiting, broken = ["/"], []
    while waiting:
        path = waiting.pop(0)
        answer = page.goto(path)
        assert answer is not None
        name = name_of(path)
        if answer.status != 200:
            broken.append(f"{path} ({name}): {answer.status}")
            continue
        html = page.content()
        if re.search(r"\{%|\{\{(?! form)", html):
            broken.append(f"{path} ({name}): a part is left undrawn")
        for width in (1440, 1280, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                broken.append(f"{path} ({name}): {wide} px wide in a window of {width}")
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{who}-{name}-{width}.png", full_page=True)
        small = page.evaluate(SMALL)  # the last width is a phone's
        broken += [f"{path} ({name}): {one} is small for a finger" for one in small]
        try:
            assert_accessible(page)
        except AssertionError as breach:
            broken.append(f"({name}) {breach}")
        for href in page.eval_on_selector_all(
            "a[href^='/']", "all => all.map(a => a.getAttribute('href'))"
        ):
            found = name_of(href)
            # The home page comes first for everyone and is not to be met again.
            if "." in href.rsplit("/", 1)[-1]:
                continue  # a file to be downloaded
            if found and found != "home" and found not in seen | NOT_PAGES:
                seen.add(found)
                waiting.append(href)
    assert not broken, "\n".join(broken)
    assert told == []
    assert "search" in seen
    assert "users" in seen or who != WHO[0]  # the ministry's analyst has none

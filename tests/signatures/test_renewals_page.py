"""«Довіра до підписів»: what is due, when, and what failed; for the technical administrator."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from signatures.demo.signing import sign_cms
from signatures.models import Preservation, SigningSession
from signatures.portal.renewals import WHY
from signatures.services.renewal import Failure
from tests.registry.kit import key_of
from tests.signatures.test_sessions import complete, prepare
from tests.world import World, sign_in

DAY = datetime.timedelta(days=1)
PAGE = "/signatures/renewals/"


def watched(until: datetime.timedelta, failure: str = "", attempts: int = 0) -> SigningSession:
    now = timezone.now()
    session = prepare(now)
    complete(session.pk, sign_cms(bytes(session.content), *key_of("olena"), signing_time=now), now)
    Preservation.objects.create(
        session=session, signed_at=now, protected_until=now + until, next_at=now + DAY,
        failure=failure, attempts=attempts,
    )  # fmt: skip
    return SigningSession.objects.get(pk=session.pk)


@pytest.mark.django_db(transaction=True)
def test_the_administrator_sees_what_is_due_and_what_failed(client: Client, world: World) -> None:
    sign_in(client, world.grants["admin"])
    assert "Немає чого продовжувати" in client.get(PAGE).content.decode()

    later, soon, over = watched(900 * DAY), watched(30 * DAY), watched(-DAY)
    broken = watched(500 * DAY, Failure.BROKEN, 3)
    text = client.get(PAGE).content.decode()

    assert later.code not in text
    shown = [one.code for one in (over, soon, broken)]
    assert sorted(shown, key=text.index) == shown
    assert WHY[Failure.BROKEN] in text
    assert "Спроб: 3." in text
    assert "Строк минув" in text


def test_every_failure_has_words() -> None:
    assert set(WHY) == set(Failure)


@pytest.mark.django_db(transaction=True)
def test_nobody_else_sees_it(client: Client, world: World) -> None:
    sign_in(client, world.grants["olena"])

    assert client.get(PAGE).status_code == 403
    assert reverse("signature_renewals") == PAGE


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_in_a_browser_it_is_accessible_and_fits_a_phone(
    page: Page, world: World, live_server: Any, client: Client, assert_accessible: Any
) -> None:
    watched(30 * DAY), watched(-DAY), watched(500 * DAY, Failure.SILENT, 3)
    sign_in(client, world.grants["admin"])
    value = client.cookies["aikom_session"].value
    page.context.add_cookies([{"name": "aikom_session", "value": value, "url": live_server.url}])
    page.goto(live_server.url + PAGE)
    expect(page.get_by_role("heading", name="Довіра до підписів")).to_be_visible()
    assert_accessible(page)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if folder := os.environ.get("AIKOM_PICTURES"):
            page.screenshot(path=Path(folder) / f"renewals-{width}.png", full_page=True)

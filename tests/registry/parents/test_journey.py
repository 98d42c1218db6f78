"""The parents' window on a phone, walked in a real browser: sees, asks, answers, reads the answer."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from kernel.clock import moment
from registry.models import ParentRequest
from registry.parents import services
from tests.registry.parents.kit import enter, parent, represents
from tests.ui.test_every_page import SMALL
from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _cookie(client: Client, context: BrowserContext, live_server: LiveServer) -> None:
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]


def test_a_parent_on_a_phone_asks_and_is_answered(
    world: World,
    page: Page,
    context: BrowserContext,
    live_server: LiveServer,
    assert_accessible: Callable[..., None],
) -> None:
    tie = represents(world)
    page.set_viewport_size({"width": 390, "height": 844})

    def looks_right() -> None:
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate(SMALL) == []

    _cookie(enter(Client(), parent()), context, live_server)
    page.goto("/")
    expect(page.get_by_role("heading", name="Мої діти", level=1)).to_be_visible()
    looks_right()
    page.get_by_role("link", name=re.compile("Відкрити картку.*Іван")).click()
    expect(page.get_by_role("heading", name="Іваненко Іван", level=1)).to_be_visible()
    looks_right()
    page.get_by_role("link", name="Переглянути, хто бачив дані").click()
    expect(page.get_by_role("heading", name="Хто переглядав дані", level=1)).to_be_visible()
    looks_right()

    page.goto(reverse("parent_ask", args=[tie.pupil_id]))
    page.get_by_role("button", name="Надіслати").click()
    expect(page.get_by_role("alert")).to_be_visible()
    looks_right()
    page.get_by_label("Що виправити").select_option("patronymic")
    page.get_by_label("Як має бути").fill("Петрович")
    page.get_by_label("Чому так").fill("Свідоцтво про народження")
    page.get_by_label("Документ (необовʼязково)").set_input_files(
        {"name": "свідоцтво.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    page.get_by_role("button", name="Надіслати").click()
    expect(page.get_by_text("Запит надіслано закладу.")).to_be_visible()
    looks_right()

    head = Client()
    sign_in(head, world.grants["olena"])
    one = ParentRequest.objects.get()
    told = {"version": one.version, "seen": "", "do": "accept"}
    assert head.post(reverse("parent_request", args=[one.pk]), told).status_code == 303
    page.goto(reverse("own_requests"))
    expect(page.get_by_text("Виправлено")).to_be_visible()
    looks_right()

    services.ask_parents(
        actor=world.actor("olena"),
        request_id=uuid.uuid4(),
        pupil_id=tie.pupil_id,
        field="my_phone",
        text="Який ваш телефон?",
        moment=moment(),
    )
    page.reload()
    page.get_by_role("link", name="Мій телефон: Іван").click()
    page.get_by_label("Ваша відповідь").fill("067 222-33-44")
    page.get_by_role("button", name="Відповісти").click()
    expect(page.get_by_text("Відповідь надіслано закладу.")).to_be_visible()

    page.goto(reverse("parent_place"))
    looks_right()
    page.goto(reverse("parent_applications"))
    looks_right()

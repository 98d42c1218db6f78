"""The second way in, in a real browser, to a provider on a real socket and back."""

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import UserSession
from accounts.roles import Way
from tests.isei.conftest import vouched
from tests.isei.provider import TroubledProvider
from tests.kit.waiting import LONG
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_there_and_back_by_keyboard_after_changing_ones_mind(
    page: Page, world: World, live_server: Any, sealed: TroubledProvider, assert_accessible: Any
) -> None:
    sealed.people["person"] = vouched("olena", key="person", edrpoucode="", note="без ЄДРПОУ")
    page.goto("/users/")
    second_way = page.get_by_role("link", name="Увійти через id.gov.ua", exact=True)
    assert_accessible(page)

    second_way.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_title("Навчальний id.gov.ua")
    assert_accessible(page)
    page.get_by_role("button", name="Скасувати вхід").focus()
    page.keyboard.press("Enter")

    # The refusal is in focus, and the way to try again is the next thing the keyboard reaches.
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Вхід через id.gov.ua скасовано")
    assert_accessible(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="ще раз")).to_be_focused()
    page.keyboard.press("Enter")

    page.get_by_role("button", name="без ЄДРПОУ").click()
    expect(page.get_by_role("heading", name="Мої діти")).to_be_visible()
    assert_accessible(page)
    page.goto(reverse("ui_account"))
    page.get_by_role("main").get_by_role("button", name="Вийти").click()
    expect(page.get_by_text("Ви вийшли з кабінету.")).to_be_visible()
    page.goto("/users/")
    second_way.click()

    page.get_by_role("button", name="Шкільна Олена").first.click()
    expect(page).to_have_url(re.compile("/users/$"))
    assert set(UserSession.objects.values_list("way", "as_parent")) == {
        (Way.ID_GOV_UA, True),
        (Way.ID_GOV_UA, False),
    }

    page.goto("/visits/")
    assert_accessible(page)
    page.goto(reverse("ui_account"))
    page.get_by_role("main").get_by_role("button", name="Вийти").click()
    expect(page.get_by_text("Ви вийшли з кабінету.")).to_be_visible()
    assert sealed.logged_out.wait(LONG)


@pytest.mark.parametrize("width", [320, 390])
def test_a_refusal_fits_a_telephone(
    page: Page,
    world: World,
    live_server: Any,
    plain: TroubledProvider,
    assert_accessible: Any,
    width: int,
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/login/isei/")
    page.get_by_role("button", name="Скасувати вхід").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.wait_for_load_state("load")  # fonts included: before them words are wider
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)

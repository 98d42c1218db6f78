"""The head has the week made: pages of what it rests on, the week that was found, by mouse and phone."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from journals.models import Slot
from tests.journals import kit
from tests.journals.test_journal_in_browser import shot
from tests.world import World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_week_is_asked_for_looked_at_and_saved(
    page: Page, client, world: World, live_server, assert_accessible
):
    school = kit.build(world)
    kit.say_hours(school, maths=7, language=6, other=6)
    sign_in(client, world.grants["olena"])
    visit = {"name": "aikom_session", "value": client.cookies["aikom_session"].value}
    page.context.add_cookies([{**visit, "url": live_server.url}])
    home = world.institutions["school1"]
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for name, args in (
            ("journal_plan", [home.uid]),
            ("journal_plan_rooms", [home.uid]),
            ("journal_plan_hours", [school.klass.uid]),
            ("journal_plan_limit", [school.teacher.pk]),
        ):
            page.goto(live_server.url + reverse(name, args=args))
            assert_accessible(page)
            shot(page, f"{name}-{width}")
    page.get_by_label("Понеділок, 1 зміна, урок 1").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Зберегти години").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Складання розкладу")
    page.get_by_role("button", name="Скласти розклад").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Складений розклад")
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.get_by_role("link", name="5-Б").click()
        assert_accessible(page)
        shot(page, f"found-{width}")
    page.get_by_role("button", name="Зберегти розклад").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Журнали й розклад")
    assert Slot.objects.exists()
    assert not Slot.objects.filter(post=school.teacher, weekday=1, no=1).exists()

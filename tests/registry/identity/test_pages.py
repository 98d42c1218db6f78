"""«Обʼєднання профілів дитини»: asked by one, decided by another, taken back; in the browser too."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from registry.identity.models import PupilMerge
from registry.models import Pupil
from tests.registry.identity import kit
from tests.registry.identity.kit import a_second, asked, merged
from tests.world import World, sign_in

SHOTS = os.environ.get("AIKOM_PICTURES")  # a folder: keep pictures for a person to look at


@pytest.fixture
def ivan(world: World) -> Pupil:
    return world.pupils["ivan"]


def as_(world: World, who: str) -> Client:
    client = Client()
    sign_in(client, world.grants[who])
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_one_asks_another_confirms_and_takes_it_back(world: World, ivan: Pupil):
    other = a_second(world, rnokpp="3471200008", rnokpp_state="VALUE")
    bohdan = as_(world, "bohdan")
    answer = bohdan.post(
        "/pupils/merges/new/",
        {"retained": "X-ТЕ 000001", "merged": "3471200008", "ground": "свідоцтва"},
    )
    merge = PupilMerge.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/pupils/merges/{merge.pk}/")
    assert (merge.retained_id, merge.merged_id) == (ivan.pk, other.pk)
    mine = page(bohdan, f"/pupils/merges/{merge.pk}/")
    assert "має інша особа" in mine
    assert "/confirm/" not in mine
    assert bohdan.post(f"/pupils/merges/{merge.pk}/confirm/").status_code == 403

    iryna = as_(world, "iryna")
    assert "1 обʼєднання чекає на рішення" in page(iryna, "/")
    assert "чекає на рішення" not in page(bohdan, "/")
    assert f"/pupils/merges/{merge.pk}/" in page(iryna, "/pupils/merges/?state=ASKED")
    shown = page(iryna, f"/pupils/merges/{merge.pk}/")
    for words in ("3471200008", "Зарахування", "Документи", "Чернівецька гімназія № 2"):
        assert words in shown
    assert iryna.post(f"/pupils/merges/{merge.pk}/confirm/").status_code == 303
    other.refresh_from_db()
    assert other.merged_into_id == ivan.pk

    shown = page(iryna, f"/pupils/merges/{merge.pk}/")
    assert "Попросити скасувати" in shown
    assert iryna.post(f"/pupils/merges/{merge.pk}/undo/", {"ground": " "}).status_code == 422
    answer = iryna.post(f"/pupils/merges/{merge.pk}/undo/", {"ground": "різні діти"})
    assert answer.status_code == 303
    mine = page(iryna, f"/pupils/merges/{merge.pk}/")
    assert "різні діти" in mine
    assert "/undone/" not in mine
    assert iryna.post(f"/pupils/merges/{merge.pk}/undone/").status_code == 403
    other.refresh_from_db()
    assert other.merged_into_id == ivan.pk
    assert "1 обʼєднання чекає на рішення" in page(bohdan, "/")
    assert bohdan.post(f"/pupils/merges/{merge.pk}/undone/").status_code == 303
    other.refresh_from_db()
    assert other.merged_into_id is None


def test_rejecting_needs_a_reason(world: World, ivan: Pupil):
    merge = asked(world, ivan, a_second(world))
    iryna = as_(world, "iryna")
    address = f"/pupils/merges/{merge.pk}/reject/"
    answer = iryna.post(address, {"reason": ""})
    assert answer.status_code == 422
    assert "Заповніть поле «Чому не обʼєднувати»" in answer.content.decode()
    assert iryna.post(address, {"reason": "брати"}).status_code == 303
    assert "брати" in page(iryna, f"/pupils/merges/{merge.pk}/")


def test_why_it_is_impossible_is_said_and_the_button_is_not_there(world: World, ivan: Pupil):
    merge = asked(world, ivan, a_second(world))
    other = merge.merged
    kit.again(world, other)
    iryna = as_(world, "iryna")
    shown = page(iryna, f"/pupils/merges/{merge.pk}/")
    assert "Обидва профілі зараз навчаються" in shown
    assert "/confirm/" not in shown
    answer = iryna.post(f"/pupils/merges/{merge.pk}/confirm/", follow=True)
    assert "Обидва профілі зараз навчаються" in answer.content.decode()
    merge.refresh_from_db()
    assert merge.state == "ASKED"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("№?", "Вкажіть документ"),
        ("3471200999", "у вашому підпорядкуванні немає"),
        ("X-ТЕ 000005", "у вашому підпорядкуванні немає"),
        ("01a2294c-06ff-750a-b2f5-85145df1a770", "у вашому підпорядкуванні немає"),
    ],
)
def test_a_profile_out_of_reach_and_an_absent_one_read_the_same(
    world: World, ivan: Pupil, text: str, words: str
):
    answer = as_(world, "bohdan").post(
        "/pupils/merges/new/", {"retained": str(ivan.pk), "merged": text, "ground": "x"}
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_pages_are_accessible_and_fit_a_phone(
    world: World,
    page: Page,
    context: BrowserContext,
    live_server: LiveServer,
    assert_accessible: Callable[..., None],
):
    ivan = world.pupils["ivan"]
    waits = asked(world, ivan, a_second(world, rnokpp="3471200008", rnokpp_state="VALUE"))
    left = a_second(world, number="8", surname="Нечуй-Левицька-Переяславська")
    done = merged(world, world.pupils["oksana"], left)
    client = Client()
    sign_in(client, world.grants["iryna"])
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}]
    )
    for name, path in (
        ("list", "/pupils/merges/"),
        ("new", "/pupils/merges/new/"),
        ("asked", f"/pupils/merges/{waits.pk}/"),
        ("done", f"/pupils/merges/{done.pk}/"),
    ):
        page.goto(path)
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
        assert_accessible(page)
    page.goto(f"/pupils/merges/{waits.pk}/")
    page.get_by_role("button", name="Обʼєднати", exact=True).click()
    page.get_by_text("Профілі обʼєднано.").wait_for()
    page.get_by_label("Чому обʼєднання було помилковим").fill("різні діти")
    page.get_by_role("button", name="Попросити скасувати").click()
    page.get_by_text("Ви попросили скасувати це обʼєднання.").wait_for()

"""«Групи» on the page of a class: a head creates a group, ticks pupils, closes it."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts import actors
from kernel import clock
from kernel.audit.models import Look
from kernel.db import command
from registry.groups import services
from registry.groups.services import GroupRow
from registry.models import Pupil, StudyGroup
from tests.kit import acts
from tests.world import World, enrol, sign_in

KLASS = "school1/5-А"


def opened(world: World, *pupils: str) -> StudyGroup:
    return services.open_group(
        GroupRow(
            "Англійська мова",
            "1 група",
            frozenset({world.classes[KLASS].uid}),
            frozenset(world.pupils[key].pk for key in pupils),
        ),
        actor=world.actor("olena"),
        institution=world.institutions["school1"].uid,
    )


def test_names_are_ticked_by_whoever_keeps_classes_and_sees_names(client, world):
    group = opened(world, "ivan")
    address = reverse("group_detail", args=[group.uid])
    seen = {}
    for who in ("olena", "bohdan", "maria"):
        sign_in(client, world.grants[who])
        text = client.get(address).content.decode()
        seen[who] = ("Іваненко" in text, 'name="pupils"' in text)
    assert seen == {"olena": (True, True), "bohdan": (True, False), "maria": (False, False)}
    assert Look.objects.filter(subject_id=str(world.pupils["ivan"].pk)).count() == 2
    sign_in(client, world.grants["petro"])
    assert client.get(address).status_code == 404
    sign_in(client, world.grants["bohdan"])
    assert client.post(address, {"name": "Ні", "version": 1}).status_code == 403


def test_an_old_page_is_told_and_overwrites_nothing(client, world):
    group = opened(world)
    address = reverse("group_detail", args=[group.uid])
    sign_in(client, world.grants["olena"])
    ivan = str(world.pupils["ivan"].pk)
    saved = client.post(address, {"name": "1 група", "pupils": [ivan], "version": 1})
    assert saved.status_code == 303
    stale = client.post(address, {"name": "1 група", "version": 1})
    assert stale.status_code == 412
    assert 'name="version" value="2"' in stale.content.decode()
    assert "<td></td><td>Іваненко" in stale.content.decode()
    closing = reverse("group_close", args=[group.uid])
    assert client.post(closing, {"version": 1}).status_code == 412
    assert client.post(closing, {"version": "x"}).status_code == 412


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [390, 1366])
def test_a_head_splits_a_class_in_a_browser(
    page: Page, client, world: World, live_server, assert_accessible, width
):
    @command
    def more(*, actor):
        acts.noted()
        for name in ("Перша", "Друга", "Третя"):
            pupil = Pupil.objects.create(
                surname=name, given_name="Дитина", sex="F", born_on="2016-05-05"
            )
            enrol(pupil, world.classes[KLASS])

    more(actor=actors.system("тест"))
    sign_in(client, world.grants["olena"])
    visit = {"name": "aikom_session", "value": client.cookies["aikom_session"].value}
    page.context.add_cookies([{**visit, "url": live_server.url}])
    page.set_viewport_size({"width": width, "height": 900})
    home = live_server.url + reverse("class_detail", args=[world.classes[KLASS].uid])

    page.goto(home)
    expect(page.get_by_text("Клас не поділено на групи.")).to_be_visible()
    assert_accessible(page)
    for name, ticked in (("1 група", ["Перша", "Друга"]), ("2 група", ["Третя"])):
        page.goto(home)
        page.get_by_role("link", name="Створити групу").click()
        assert_accessible(page)
        page.get_by_label("Предмет").fill("Англійська мова")
        page.get_by_label("Назва групи").fill(name)
        page.get_by_role("button", name="Створити групу").click()
        for surname in ticked:
            page.get_by_label(f"{surname} Дитина").check()
        assert_accessible(page)
        page.get_by_role("button", name="Зберегти").click()
        expect(page.get_by_text("збережено")).to_be_visible()
    # Whoever is in the other group is told so, and refused.
    page.get_by_label(re.compile("Перша Дитина.*зараз: 1 група")).check()
    page.get_by_role("button", name="Зберегти").click()
    expect(page.get_by_text("Уже в іншій групі з цього предмета").first).to_be_visible()
    assert_accessible(page)

    page.goto(home)
    table = page.get_by_role("table", name="Групи класу")
    expect(table).to_be_visible()
    expect(table.get_by_role("row")).to_have_count(3)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    table.get_by_role("link", name="2 група").click()
    page.get_by_role("link", name="Закрити групу").click()
    assert_accessible(page)
    page.get_by_role("button", name="Закрити").click()
    expect(page.get_by_role("link", name="1 група")).to_be_visible()
    expect(page.get_by_role("link", name="2 група")).to_have_count(0)
    closed = StudyGroup.objects.get(name="2 група")
    assert closed.closed_on == clock.today()

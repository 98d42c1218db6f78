"""A teacher at work: the class page by keyboard alone, a lesson on a phone, the head's week."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from journals.models import Column
from journals.selectors import books
from kernel import clock
from kernel.db import command
from registry.models import Pupil
from tests.journals import kit
from tests.journals.kit import row, save_week
from tests.kit.acts import noted
from tests.world import World, enrol, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = ("Василенко Максим", "Ґалаґан Матвій", "Ґудзь Ірина", "Данилюк Орест", "Демченко Марко")


def shot(page: Page, name: str) -> None:
    """Keep a picture when somebody asks for pictures."""
    if folder := os.environ.get("AIKOM_PICTURES"):
        page.screenshot(path=Path(folder) / f"journal-{name}.png")


@command
def _classmates(*, actor, world: World) -> None:
    for number, name in enumerate(NAMES):
        surname, given = name.split()
        born = datetime.date(2016, 4, 1 + number)
        pupil = Pupil.objects.create(surname=surname, given_name=given, sex="M", born_on=born)
        enrol(pupil, world.classes["school1/5-А"])
    noted()


def stands(column: Column) -> list[str]:
    found = {e: one.entry.text for (_, e), one in books.cells([column]).items()}
    return [found[enrolment] for enrolment in sorted(found)]


def test_a_teacher_keeps_the_class_page_by_keyboard_and_a_lesson_on_a_phone(
    page: Page, client, world: World, live_server, assert_accessible
):
    today = clock.today()
    school = kit.build(world)
    _classmates(actor=school.head, world=world)
    every = [row(school.maths, one, 1, room=school.rooms["14"]) for one in range(1, 6)]
    save_week(school, *every)
    lesson = Column.objects.filter(journal_id=school.maths.pk, day__lte=today).latest("day")
    sign_in(client, world.grants["olena"])
    visit = {"name": "aikom_session", "value": client.cookies["aikom_session"].value}
    page.context.add_cookies([{**visit, "url": live_server.url}])

    # ── the class page: letters, Enter, arrows, undo ──
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("journal", args=[school.maths.uid]))
    cell = page.get_by_label(f"Василенко Максим, {lesson.day:%d.%m}", exact=True)
    cell.focus()
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    page.keyboard.type("н")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("13")
    page.keyboard.press("Enter")
    expect(page.get_by_text("«13» не є оцінкою")).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.type("11")
    page.keyboard.press("Enter")
    expect(page.get_by_text("«13» не є оцінкою")).to_be_hidden()
    expect(page.get_by_text("Збережено о")).to_be_visible()
    assert_accessible(page)
    shot(page, "grid-1440")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(cell).to_have_value("8")
    page.set_viewport_size({"width": 390, "height": 844})
    assert_accessible(page)
    shot(page, "grid-390")

    # ── the lesson, on a phone ──
    page.goto(reverse("journal_lesson", args=[school.maths.uid, lesson.pk]))
    expect(page.get_by_text("Присутні 5 із 6")).to_be_visible()
    group = page.get_by_role("group", name="Данилюк Орест: присутність")
    group.get_by_role("radio", name="Хв через хворобу").click()
    expect(page.get_by_text("Присутні 4 із 6")).to_be_visible()
    page.get_by_label("Оцінка: Демченко Марко").fill("10")
    page.get_by_label("Тема уроку").fill("Лінійна функція")
    page.get_by_label("Домашнє завдання").fill("§ 14, № 14.5")
    expect(page.get_by_text("Збережено о")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert_accessible(page)
    shot(page, "lesson-390")
    page.get_by_role("button", name="Позначити проведеним").click()
    expect(page.get_by_text("Урок проведено")).to_be_visible()
    lesson = Column.objects.get(institution_id=lesson.institution_id, pk=lesson.pk)
    assert (lesson.topic, lesson.state) == ("Лінійна функція", "HELD")
    assert {"8", "н", "хв", "10"} <= set(stands(lesson))
    page.set_viewport_size({"width": 1440, "height": 900})
    shot(page, "lesson-1440")

    # ── the week of a class ──
    page.goto(reverse("journal_week", args=[school.klass.uid]))
    assert_accessible(page)
    shot(page, "week-1440")
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "week-390")
    home = world.institutions["school1"].uid
    for name, address in (
        ("year", reverse("journal_year", args=[home])),
        ("day", f"{reverse('journal_day', args=[home])}?on={lesson.day.isoformat()}"),
        ("school", reverse("journal_school", args=[home])),
        ("own", reverse("journals")),
    ):
        page.goto(address)
        shot(page, f"{name}-390")
        page.set_viewport_size({"width": 1440, "height": 900})
        assert_accessible(page)
        shot(page, f"{name}-1440")
        page.set_viewport_size({"width": 390, "height": 844})

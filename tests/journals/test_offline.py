"""What waited in a browser for the network: written once, never over another's words, told in words;
a lesson on a phone whose network is dropped twice."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Page, expect

from journals.models import Cell, Column
from journals.portal import book as pages
from journals.selectors import books
from journals.services import entries, lessons
from journals.services.lessons import LessonSpec
from journals.values import Entry
from kernel import clock
from kernel.clock import Moment
from registry.models import Enrolment
from tests.journals import kit
from tests.journals.kit import row, save_week
from tests.journals.test_entries import NOW, TODAY, save, stands
from tests.journals.test_journal_in_browser import shot
from tests.kit.waiting import until
from tests.world import World, sign_in

AUTO = {"HTTP_X_OUTBOX": "1", "HTTP_HX_REQUEST": "true"}


@pytest.fixture
def school(world: World) -> kit.School:
    made = kit.build(world)
    save_week(made, row(made.maths, 1, 1))
    return made


@pytest.fixture
def ivan(school: kit.School) -> int:
    return Enrolment.objects.get(pupil=school.world.pupils["ivan"]).pk


@pytest.fixture
def lesson(school: kit.School) -> Column:
    return Column.objects.get(journal_id=school.maths.pk, day=TODAY)


@pytest.fixture
def teacher(school: kit.School, client, monkeypatch: pytest.MonkeyPatch):
    sign_in(client, school.world.grants["olena"])
    monkeypatch.setattr(pages.clock, "moment", lambda: NOW)
    monkeypatch.setattr(pages.clock, "today", lambda: TODAY)
    return client


def sends(teacher, lesson: Column, school: kit.School, key: str, where: str = "entries", **fields):
    """A change as the browser sends it: each field with what it knew to stand there."""
    name = "journal_lesson_entries" if where == "entries" else "journal_lesson"
    body = {"form_id": key, "day": fields.pop("day", lesson.day.isoformat())}
    for field, (mine, base) in fields.items():
        body |= {field: mine, f"base_{field}": base}
    return teacher.post(reverse(name, args=[school.maths.uid, lesson.pk]), body, **AUTO)


@pytest.mark.django_db
def test_a_change_under_one_key_is_written_once_whatever_was_written_since(
    school, ivan, lesson, teacher
):
    mark = {f"m_{ivan}": ("8", ""), f"a_{ivan}": ("н", "")}
    answer = sends(teacher, lesson, school, "k1", **mark)
    assert answer.status_code == 200
    assert "Присутні 0 із 1" in answer.content.decode()
    assert stands(lesson) == {ivan: ("н 8", 1)}
    save(school, {(lesson.pk, ivan): Entry(value=9)})
    assert sends(teacher, lesson, school, "k1", **mark).status_code == 200
    assert stands(lesson) == {ivan: ("9", 2)}


@pytest.mark.django_db
def test_a_field_another_wrote_comes_back_with_what_stands_and_nothing_is_written(
    school, ivan, lesson, teacher
):
    save(school, {(lesson.pk, ivan): Entry(value=9)})
    mine = {f"m_{ivan}": ("8", ""), f"a_{ivan}": ("хв", "")}
    answer = sends(teacher, lesson, school, "k1", **mine)
    assert answer.status_code == 409
    assert answer.json() == {"theirs": {f"m_{ivan}": "9"}, "wrong": {}}
    assert stands(lesson) == {ivan: ("9", 1)}
    # The browser goes on with the rest, and with mine when a person said so, knowing theirs.
    assert sends(teacher, lesson, school, "k2", **{f"a_{ivan}": ("хв", "")}).status_code == 200
    assert sends(teacher, lesson, school, "k3", **{f"m_{ivan}": ("8", "9")}).status_code == 200
    assert stands(lesson) == {ivan: ("хв 8", 3)}


@pytest.mark.django_db
def test_what_is_no_mark_is_told_of_its_field_and_nothing_is_written(school, ivan, lesson, teacher):
    answer = sends(
        teacher, lesson, school, "k1", **{f"m_{ivan}": ("13", ""), "m_999999": ("8", "")}
    )
    assert answer.status_code == 422
    told = answer.json()["wrong"]
    assert told[f"m_{ivan}"].startswith("«13» не є оцінкою")
    assert told["m_999999"] == "Цього дня дитина в класі не навчалася."
    assert not stands(lesson)


@pytest.mark.django_db
def test_entries_of_a_lesson_that_was_moved_or_cancelled_wait_for_a_person(
    school, ivan, lesson, teacher
):
    spec = LessonSpec(TODAY - datetime.timedelta(days=3), 2, None, None, "PLANNED", "ROOM", "")

    def change(version: int, **more) -> None:
        lessons.change_lesson(
            LessonSpec(**{**spec.__dict__, **more}),
            actor=school.head,
            journal=school.maths.uid,
            lesson=lesson.pk,
            version=version,
            today=TODAY,
        )

    mark = {f"m_{ivan}": ("8", "")}
    change(1)
    answer = sends(teacher, lesson, school, "k1", **mark)
    assert answer.status_code == 422
    assert answer.json()["day"] == "2026-11-27"
    assert "Урок тим часом перенесли на 27.11.2026" in answer.json()["refused"]
    change(2, state="CANCELLED", reason="Тривога")
    answer = sends(teacher, lesson, school, "k2", day="2026-11-27", **mark)
    assert (answer.status_code, answer.json()["day"]) == (422, "")
    assert answer.json()["refused"] == "Урок скасовано: записів про нього немає."
    assert not Cell.objects.exists()
    change(3)
    assert sends(teacher, lesson, school, "k2", day="2026-11-27", **mark).status_code == 200


@pytest.mark.django_db
def test_topic_and_homework_merge_by_fields(school, lesson, teacher):
    entries.write_lesson(
        {"topic": "Дроби"},
        actor=school.head,
        journal=school.maths.uid,
        lesson=lesson.pk,
        version=1,
        moment=NOW,
    )
    both = {"topic": ("Рівняння", ""), "homework": ("№ 5", "")}
    answer = sends(teacher, lesson, school, "k1", "topic", **both)
    assert (answer.status_code, answer.json()["theirs"]) == (409, {"topic": "Дроби"})
    answer = sends(teacher, lesson, school, "k2", "topic", homework=("№ 5", ""), held=("1", ""))
    assert (answer.status_code, answer["X-Version"]) == (200, "3")
    bad = sends(teacher, lesson, school, "k3", "topic", due_on=("01.09.2026", ""))
    assert bad.json()["refused"]
    worse = sends(teacher, lesson, school, "k4", "topic", due_on=("вчора", ""))
    assert "due_on" in worse.json()["wrong"]
    lesson.refresh_from_db()
    assert (lesson.topic, lesson.homework, lesson.state) == ("Дроби", "№ 5", "HELD")


@pytest.mark.django_db
def test_the_worker_is_open_alone_under_journals_and_other_pages_start_none(school, client):
    worker = client.get(reverse("journal_worker"))
    assert worker["Content-Type"].startswith("text/javascript")
    assert worker["Cache-Control"] == "no-cache"
    assert client.get(reverse("journal_manifest")).json()["scope"] == "/journals/"
    sign_in(client, school.world.grants["olena"])
    policy = client.get(reverse("journals"))["Content-Security-Policy"]
    assert "worker-src 'self'" in policy
    assert "manifest-src 'self'" in policy
    assert "worker-src 'none'" in client.get(reverse("home"))["Content-Security-Policy"]


KILLED = """
import os, signal, sys, datetime, uuid
import django
django.setup()
from accounts import actors
from accounts.models import Grant
from journals.services import entries
from journals.values import Entry
from kernel.clock import Moment
from kernel.once import Once

wrote = entries._insert
def killed(*args):
    wrote(*args)
    os.kill(os.getpid(), signal.SIGKILL)
entries._insert = killed
grant, journal, column, enrolment = sys.argv[1:]
today = datetime.date(2026, 11, 30)
entries.save_entries(
    {(int(column), int(enrolment)): Entry(value=8)},
    actor=actors.of_grant(Grant.objects.select_related("user", "unit").get(pk=int(grant))),
    journal=uuid.UUID(journal), seen=0, once=Once("journals.lesson/k1", b"8"),
    moment=Moment(datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC), today),
)
"""


@pytest.mark.django_db(transaction=True)
def test_a_server_killed_in_the_middle_of_a_sync_has_written_nothing_and_the_repeat_writes_once(
    school, ivan, lesson, teacher
):
    at = connection.settings_dict
    numbers = [school.world.grants["olena"].pk, school.maths.uid, lesson.pk, ivan]
    run = subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, numbers)],
        env={
            **os.environ,
            "DATABASE_URL": f"postgresql://{at['USER']}@/{at['NAME']}?host={at['HOST']}",
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == -9, run.stderr[-2000:]
    assert not Cell.objects.exists()
    for _ in range(2):
        answer = sends(teacher, lesson, school, "k1", **{f"m_{ivan}": ("8", "")})
        assert answer.status_code == 200
    assert stands(lesson) == {ivan: ("8", 1)}


# ── a phone ──────────────────────────────────────────────────────────────────
def leave(page: Page) -> None:
    page.locator(".ak-menu summary").click()
    page.get_by_role("button", name="Вийти").click()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_lesson_on_a_phone_whose_network_is_dropped_twice_loses_nothing(
    page: Page, client, world: World, live_server, assert_accessible
):
    today = clock.today()
    school = kit.build(world)
    save_week(school, *(row(school.maths, one, 1) for one in range(1, 6)))
    lesson = Column.objects.filter(journal_id=school.maths.pk, day__lte=today).latest("day")
    ivan = Enrolment.objects.get(pupil=world.pupils["ivan"]).pk
    there = reverse("journal_lesson", args=[school.maths.uid, lesson.pk])
    sign_in(client, world.grants["olena"])
    context = page.context
    visit = {"name": "aikom_session", "value": client.cookies["aikom_session"].value}
    context.add_cookies([{**visit, "url": live_server.url}])

    def fresh(page: Page) -> Page:
        page.close()
        page = context.new_page()
        page.set_viewport_size({"width": 390, "height": 844})
        return page

    # The week lies in the browser; its clock is a day ahead, and nobody asks it.
    page.set_viewport_size({"width": 390, "height": 844})
    page.clock.set_system_time(clock.moment().now + datetime.timedelta(days=1))
    page.goto(reverse("journals"))
    page.wait_for_selector("html[data-ak-at-hand]", state="attached")
    page.goto(there)
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.wait_for_load_state("networkidle")

    # ── dropped once: typed, the page closed and opened without a network ──
    context.set_offline(True)
    mark = page.get_by_label("Оцінка:")
    mark.fill("8")
    page.get_by_label("Тема уроку").fill("Лінійна функція")
    expect(page.get_by_text("Немає звʼязку: 2 записи чекають у цьому пристрої")).to_be_visible()
    assert_accessible(page)
    shot(page, "offline-390")
    page = fresh(page)
    page.goto(there)
    mark = page.get_by_label("Оцінка:")
    expect(mark).to_have_value("8")
    expect(page.get_by_label("Тема уроку")).to_have_value("Лінійна функція")
    page.locator("label", has_text="Хв").first.click()
    expect(page.get_by_text("Немає звʼязку: 3 записи чекають у цьому пристрої")).to_be_visible()
    assert not Cell.objects.exists()
    context.set_offline(False)
    expect(page.get_by_text("Збережено о")).to_be_visible()
    expect(page.get_by_text("чекають у цьому пристрої")).to_be_hidden()
    until(lambda: stands(lesson).get(ivan, ("",))[0] == "хв 8")

    # ── dropped again: meanwhile another writes the same mark; a person decides ──
    context.set_offline(True)
    mark.fill("10")
    expect(page.get_by_text("Немає звʼязку: 1 запис чекає у цьому пристрої")).to_be_visible()
    page = fresh(page)
    now = Moment(datetime.datetime.now(datetime.UTC), today)
    save(school, {(lesson.pk, ivan): Entry(7, 2)}, now=now)
    context.set_offline(False)
    page.goto(reverse("journals"))
    expect(page.get_by_text("у вас «10», у журналі «7»")).to_be_visible()
    assert_accessible(page)
    shot(page, "conflict-390")
    page.get_by_role("button", name="Записати моє").click()
    expect(page.get_by_text("у вас «10», у журналі «7»")).to_be_hidden()
    expect(page.get_by_text("Збережено о")).to_be_visible()
    assert [one.entry.value for one in books.cells([lesson]).values()] == [10]
    lesson = Column.objects.get(institution_id=lesson.institution_id, pk=lesson.pk)
    assert lesson.topic == "Лінійна функція"

    # ── who leaves with entries that are not sent is told, may stay, and finds them on coming back ──
    page.goto(there)
    mark = page.get_by_label("Оцінка:")
    expect(mark).to_have_value("10")
    context.set_offline(True)
    mark.fill("11")
    leave(page)
    expect(page.get_by_text("Ще не надіслано: 1 запис журналу")).to_be_visible()
    expect(page.get_by_role("button", name="Лишитися")).to_be_focused()
    assert_accessible(page)
    shot(page, "unsent-390")
    page.get_by_role("button", name="Лишитися").click()
    expect(page.locator("#unsent")).to_have_count(0)
    context.set_offline(False)
    until(lambda: stands(lesson).get(ivan, ("",))[0] == "хв 11")

    # ── after signing out nothing is at hand ──
    assert page.evaluate("caches.keys()") != []
    leave(page)
    page.wait_for_function("caches.keys().then((all) => all.length === 0)")

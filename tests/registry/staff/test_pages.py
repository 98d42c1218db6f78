"""A head hires, corrects and dismisses; every mistake is told at once and nothing saved is lost."""

from __future__ import annotations

import datetime
import re

import pytest
from django.urls import reverse

from kernel.audit.models import Act, EventRow
from kernel.errors import Invalid, NotAllowed, NotFound, StaleVersion
from kernel.once import Once, Replayed
from registry.fields.numbers import rnokpp_check_digit
from registry.models import Employee, Post
from registry.staff import services
from registry.staff.errors import EmployeeNumberTaken, MainPostElsewhere
from tests.kit.racing import Held, beside, together
from tests.registry.kit import TODAY
from tests.registry.reorganisation.kit import turned
from tests.world import sign_in

_NINE = f"{(datetime.date(1980, 5, 5) - datetime.date(1899, 12, 31)).days:05d}0002"
CODE = f"{_NINE}{rnokpp_check_digit(_NINE)}"
SAID = {
    "surname": "Нова",
    "given_name": "Ганна",
    "patronymic": "Іванівна",
    "born_on": "05.05.1980",
    "sex": "F",
    "rnokpp": "",
    "position": "TEACHER",
    "is_main": "on",
    "rate": "0,75",
    "category": "",
    "starts_on": "02.11.2026",
}
GROUND = "наказ № 5-к від 30.10.2026"
HIRE = "/staff/new/"


@pytest.fixture(autouse=True)
def in_november(time_machine):
    time_machine.move_to("2026-11-22 14:00:00+02:00", tick=True)


@pytest.fixture
def school(world):
    return world.institutions["school1"]


REASON = "OWN_WISH"


def hire(world, school, who="olena", ground=GROUND, once=None, vacancy_id=None, **said):
    return services.hire(
        actor=world.actor(who),
        institution_uid=school.uid,
        values=SAID | said,
        ground=ground,
        today=TODAY,
        vacancy_id=vacancy_id,
        once=once,
    )


def correct(world, post, who="olena", versions=None, **said):
    return services.correct(
        actor=world.actor(who),
        post_id=post.pk,
        version=versions[0] if versions else post.version,
        employee_version=versions[1] if versions else post.employee.version,
        values=SAID | said,
        ground=GROUND,
        today=TODAY,
    )


def text(answer):
    return answer.content.decode()


def test_a_head_hires_corrects_and_dismisses_on_pages(world, school, client):
    sign_in(client, world.grants["olena"])
    assert HIRE in text(client.get(reverse("staff_list")))
    page = text(client.get(HIRE))
    form = {"form_id": re.search(r'name="form_id" value="([^"]+)"', page)[1]}
    form |= {"institution": str(school.uid)}
    wrong = text(
        client.post(HIRE, form | {"surname": "Nova", "rate": "3", "born_on": "31.02.1980"})
    )
    for told in ("латиницею", "Ставка — число", "31.02.1980 не існує", "Виберіть посаду", "Вкажіть підставу"):  # fmt: skip
        assert told in wrong
    sent = client.post(HIRE, form | SAID | {"ground": GROUND})
    post = Post.objects.get()
    card = reverse("staff_detail", args=[post.pk])
    assert sent["Location"] == card
    assert client.post(HIRE, form | SAID | {"ground": GROUND})["Location"] == card  # twice: once
    again = client.post(HIRE, form | SAID | {"surname": "Інша", "ground": GROUND})
    assert "вже надіслано з іншими відомостями" in text(again)
    assert Post.objects.count() == 1
    assert Act.objects.get(command="registry.staff.hire").ground == GROUND

    edit, dismiss = (reverse(name, args=[post.pk]) for name in ("staff_correct", "staff_dismiss"))
    shown = text(client.get(card))
    assert edit in shown
    assert dismiss in shown
    page = text(client.get(edit))
    read = {
        name: re.search(rf'name="{name}" value="(\d+)"', page)[1]
        for name in ("version", "employee_version")
    }
    mine = SAID | read | {"ground": GROUND, "rate": "1"}
    assert client.post(edit, mine)["Location"] == card
    stale = client.post(edit, mine | {"rate": "0,5"})
    assert stale.status_code == 412
    assert "<td>0,5</td><td>1</td>" in text(stale)
    done = client.post(
        dismiss, {"version": 2, "last_day": "30.11.2026", "ground": "наказ № 5-к", "reason": REASON}
    )
    assert done["Location"] == card
    assert "з 02.11.2026 по 30.11.2026" in text(client.get(card))
    codes = EventRow.objects.filter(subject_id=str(post.pk)).order_by("id")
    assert list(codes.values_list("code", flat=True)) == [
        f"registry.staff.{what}" for what in ("hired", "corrected", "dismissed")
    ]


def test_whoever_the_register_knows_by_the_number_is_the_same_person(world, school):
    first = hire(world, school, rnokpp=CODE)
    there = world.institutions["school2"]
    with pytest.raises(MainPostElsewhere):
        hire(world, there, "petro", rnokpp=CODE)
    with pytest.raises(Invalid) as doubt:
        hire(world, there, "petro", rnokpp=CODE, is_main="", surname="Заміжня")
    assert {p.code for p in doubt.value.problems} >= {"other_name", "confirm"}
    assert "Нова" not in str(doubt.value)  # a stranger's name is told to nobody
    second = hire(world, there, "petro", rnokpp=CODE, is_main="", surname="Заміжня", confirmed="on")
    assert first.employee_id == second.employee_id
    assert Employee.objects.get().surname == "Заміжня"


def test_a_number_of_another_is_not_taken_over_by_a_correction(world, school):
    hire(world, school, rnokpp=CODE)
    post = hire(world, school, surname="Друга")
    with pytest.raises(EmployeeNumberTaken):
        correct(world, post, surname="Друга", rnokpp=CODE)


@pytest.mark.parametrize(
    ("who", "refusal"), [("bohdan", NotAllowed), ("dana", NotAllowed), ("petro", NotFound)]
)
def test_only_who_keeps_the_staff_of_that_school_writes(world, school, who, refusal):
    with pytest.raises(refusal):
        hire(world, school, who)
    post = hire(world, school)
    with pytest.raises((NotFound, NotAllowed)):
        correct(world, post, who)
    with pytest.raises((NotFound, NotAllowed)):
        services.dismiss(
            actor=world.actor(who),
            post_id=post.pk,
            version=1,
            last_day=TODAY,
            ground="x",
            reason=REASON,
        )


def test_a_suspended_school_hires_nobody(world, school):
    turned(world, "bohdan", "SUSPENDED", key="school1")
    with pytest.raises(NotAllowed):
        hire(world, school)


def test_a_dismissal_before_the_first_day_is_refused(world, school):
    post = hire(world, school)
    with pytest.raises(Invalid):
        services.dismiss(
            actor=world.actor("olena"), post_id=post.pk, version=1, ground="заява", reason=REASON,
            last_day=post.starts_on.replace(day=1),
        )  # fmt: skip


@pytest.mark.parametrize("what", ["the post", "the person"])
def test_of_two_who_correct_at_once_the_second_is_told(transactional_db, monkeypatch, what):
    """A race that without the lock saves both, the first unseen by the second."""
    from tests.world import build

    world = build()
    here, there = (world.institutions[name] for name in ("school1", "school2"))
    post = hire(world, here, rnokpp=CODE)
    other = hire(world, there, "petro", rnokpp=CODE, is_main="")
    held = Held(services.change)
    monkeypatch.setattr(services, "change", held)
    second = (post, "olena") if what == "the post" else (other, "petro")
    said = {"rnokpp": CODE, "surname": "Заміжня"}
    came = beside(
        lambda: correct(world, post, versions=(1, 1), **said),
        lambda: correct(
            world, second[0], second[1], versions=(1, 1), **said | {"is_main": "", "rate": "1"}
        ),
        held,
    )
    assert came == ["done", StaleVersion.code]


def test_two_at_once_from_one_form_hire_once(transactional_db):
    from tests.world import build

    world = build()
    school, came = world.institutions["school1"], []

    def send():
        once = Once.of_form("staff", {"form_id": "1"}, pack=lambda post: str(post.pk))
        try:
            hire(world, school, once=once)
            came.append(once.outcome)
        except Replayed as again:
            came.append(again.outcome)

    assert together(send, send) == ["done", "done"]
    assert came == [str(Post.objects.get().pk)] * 2

"""Requests for support: who is asked, by when, what each side may do, and what is never lost."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from accounts import actors
from accounts.models import Notice
from accounts.notices import services as letters
from accounts.roles import UnitKind
from kernel import clock
from kernel.clock import Moment, moment
from kernel.errors import Invalid, NotAllowed, NotFound
from kernel.turns import TooOften
from registry.classifiers.working_days import calendar
from registry.support import notices, selectors, services
from registry.support.errors import (
    InstitutionAskedFor,
    InstitutionIsThere,
    NobodyToAsk,
    RequestClosed,
)
from registry.support.events import SupportAnswered, SupportAsked, SupportWritten
from registry.support.models import SupportMessage, SupportRequest
from tests.accounts.test_notices import tell
from tests.world import sign_in

SYSTEM = actors.system("перевірка")
FRIDAY = datetime.date(2026, 11, 27)
ASKED = {"kind": "QUESTION", "title": "Як  закрити клас", "text": "Не бачу кнопки.\r\n\r\nДе вона?"}


@pytest.fixture(autouse=True)
def turns_anew():
    cache.clear()


def on(day: datetime.date) -> Moment:
    return Moment(clock.at(day, datetime.time(12)), day)


def ask(world, who="olena", when=None, **changes):
    given = {"request_id": uuid.uuid4(), **ASKED, "moment": when or moment(), **changes}
    return services.ask(actor=world.actor(who), **given)


def answer(world, made, step, who="bohdan", when=None):
    return services.answer(
        actor=world.actor(who),
        request_id=made.pk,
        text="Ось так.",
        step=step,
        moment=when or moment(),
    )


def write(world, made, who="olena", when=None, text="Дякую, але ні."):
    return services.write_more(
        actor=world.actor(who), request_id=made.pk, text=text, moment=when or moment()
    )


def test_the_nearest_level_that_has_people_is_asked_and_some_kinds_go_to_the_administrator(world):
    assert ask(world).handler_id == world.units["chernivtsi"].pk
    assert ask(world, "dana").handler_id == world.units["chernivtsi"].pk
    # Above Bohdan stands a raion without people, and the oblast.
    assert ask(world, "bohdan").handler_id == world.units["chernivetska"].pk
    for kind, edrpou in (("PROPOSAL", ""), ("NEW_INSTITUTION", "38621185")):
        made = ask(world, "petro", kind=kind, edrpou=edrpou)
        assert made.handler.kind == UnitKind.TECH_ADMIN, kind
    with pytest.raises(NobodyToAsk):
        ask(world, "admin")


def test_terms_are_working_days(world):
    made = ask(world, when=on(FRIDAY), kind="FAULT")
    assert (made.answer_by, made.solve_by) == (
        datetime.date(2026, 11, 30),
        datetime.date(2026, 12, 2),
    )


def test_while_the_author_is_asked_the_clock_stands(world):
    made = ask(world, when=on(FRIDAY), kind="FAULT")
    answer(world, made, "ask_back", when=on(datetime.date(2026, 11, 30)))
    again = write(world, made, when=on(datetime.date(2026, 12, 2)))
    assert again.state == "IN_WORK"
    assert again.solve_by == datetime.date(2026, 12, 4)  # two working days later


def test_every_mistake_is_told_at_once_and_nothing_is_kept(world):
    with pytest.raises(Invalid) as no:
        ask(world, kind="NEW_INSTITUTION", title=" ", text="", edrpou="99000012")
    assert {one.field for one in no.value.problems} == {"title", "text", "edrpou"}
    with pytest.raises(Invalid):
        ask(world, kind="UNKNOWN")
    assert not SupportRequest.objects.exists()


def test_an_institution_is_asked_for_once_and_never_when_it_is_there(world):
    first = ask(world, "petro", kind="NEW_INSTITUTION", edrpou="38621185")
    with pytest.raises(InstitutionAskedFor) as no:
        ask(world, "olena", kind="NEW_INSTITUTION", edrpou="38621185")
    assert no.value.context["number"] == first.number
    here = world.institutions["school1"].edrpou
    with pytest.raises(InstitutionIsThere):
        ask(world, "olena", kind="NEW_INSTITUTION", edrpou=here)


def test_a_form_sent_twice_is_one_request_and_numbers_follow_each_other(world):
    key = uuid.uuid4()
    first, again = ask(world, request_id=key), ask(world, request_id=key, title="Інше")
    assert first == again
    assert SupportMessage.objects.count() == 1
    assert ask(world).number == first.number + 1


def test_nobody_asks_more_than_a_day_bears(world, monkeypatch):
    monkeypatch.setattr(services, "A_DAY", 2)
    ask(world)
    ask(world)
    with pytest.raises(TooOften):
        ask(world)
    ask(world, "petro")  # others are not kept waiting


def test_others_see_nothing_and_cannot_act(world):
    made = ask(world)
    for who in ("dana", "petro", "hanna", "iryna", "admin", "maria"):
        with pytest.raises((NotFound, NotAllowed)):
            selectors.view(world.actor(who), made.pk)
        with pytest.raises((NotFound, NotAllowed)):
            answer(world, made, "solve", who)
    with pytest.raises(NotFound):
        write(world, made, "bohdan")
    with pytest.raises(NotFound):
        answer(world, made, "solve", "olena")  # the author does not answer
    with pytest.raises(NotFound):
        services.close(actor=world.actor("bohdan"), request_id=made.pk, moment=moment())


def test_what_a_level_cannot_answer_goes_up_to_the_administrator_and_stays_readable(world):
    made = ask(world)
    bohdan, iryna = world.actor("bohdan"), world.actor("iryna")
    services.hand_up(actor=bohdan, request_id=made.pk, text="Не знаю", moment=moment())
    made.refresh_from_db()
    assert made.handler_id == world.units["chernivetska"].pk
    assert selectors.view(bohdan, made.pk).is_handler is False
    services.hand_up(actor=iryna, request_id=made.pk, text="І я", moment=moment())
    made.refresh_from_db()
    assert made.handler.kind == UnitKind.TECH_ADMIN
    with pytest.raises(RequestClosed):
        services.hand_up(
            actor=world.actor("admin"), request_id=made.pk, text="Далі", moment=moment()
        )
    texts = [one.text for one in selectors.view(world.actor("olena"), made.pk).messages]
    assert texts == ["Не бачу кнопки.\n\nДе вона?", "Не знаю", "І я"]


def test_solved_it_closes_by_its_author_or_by_time_and_opens_again_until_then(world):
    made = ask(world, when=on(FRIDAY))
    answer(world, made, "solve", when=on(FRIDAY))
    assert write(world, made, when=on(FRIDAY)).state == "IN_WORK"
    answer(world, made, "solve", when=on(FRIDAY))
    tenth = FRIDAY + datetime.timedelta(days=10)
    assert services.close_old(actor=SYSTEM, moment=on(tenth)) == 0
    assert services.close_old(actor=SYSTEM, moment=on(tenth + datetime.timedelta(days=1))) == 1
    assert services.close_old(actor=SYSTEM, moment=on(tenth + datetime.timedelta(days=2))) == 0
    with pytest.raises(RequestClosed):
        write(world, made)
    with pytest.raises(NotAllowed):
        services.close_old(actor=world.actor("admin"), moment=moment())
    other = ask(world)
    with pytest.raises(RequestClosed):
        services.close(actor=world.actor("olena"), request_id=other.pk, moment=moment())
    answer(world, other, "solve")
    for _ in range(2):
        closed = services.close(actor=world.actor("olena"), request_id=other.pk, moment=moment())
    assert closed.state == "CLOSED"


def test_the_office_and_the_author_are_told_and_not_after_it_is_answered(world):
    made = ask(world)
    tell(SupportAsked, made.pk, number=made.number, about=made.kind)
    waits = Notice.objects.filter(code=notices.TO_ANSWER, closed_at=None)
    assert [one.grant_id for one in waits.all()] == [world.grants["bohdan"].pk]
    answer(world, made, "ask_back")
    tell(SupportAnswered, made.pk, number=made.number, state="WAITING_USER")
    assert not waits.exists()
    mine = Notice.objects.filter(code=notices.ANSWERED, closed_at=None)
    assert [one.grant_id for one in mine.all()] == [world.grants["olena"].pk]
    write(world, made)
    tell(SupportWritten, made.pk, number=made.number)
    assert not mine.exists()
    assert waits.exists()


def test_pages_from_asking_to_the_end(world):
    olena, bohdan = Client(), Client()
    sign_in(olena, world.grants["olena"])
    sign_in(bohdan, world.grants["bohdan"])
    page = html.fromstring(olena.get(reverse("support_new"), {"page": "/pupils/"}).content)
    (key,) = page.xpath("//input[@name='id']/@value")
    assert "Сторінка: /pupils/" in page.xpath("string(//textarea)")
    refused = olena.post(reverse("support_new"), {"id": key, "kind": "QUESTION"})
    assert refused.status_code == 422
    sent = olena.post(reverse("support_new"), {"id": key, **ASKED}, follow=True).content.decode()
    assert "Як закрити клас" in sent
    here = reverse("support_request", args=[key])
    assert "1 звернення чекає на відповідь" in bohdan.get(reverse("home")).content.decode()
    empty = bohdan.post(reverse("support_answer", args=[key]), {"step": "solve"})
    assert empty.status_code == 422
    bohdan.post(reverse("support_answer", args=[key]), {"step": "solve", "text": "Ось тут."})
    assert "вирішено" in olena.get(reverse("home")).content.decode()
    shown = olena.get(here).content.decode()
    assert "Ось тут." in shown
    assert "Підтвердити: вирішено" in shown
    olena.post(reverse("support_close", args=[key]))
    assert "Закрито" in olena.get(here).content.decode()
    listed = olena.get(reverse("support"), {"state": "CLOSED"}).content.decode()
    assert "Як закрити клас" in listed
    assert "Як закрити клас" in bohdan.get(reverse("support"), {"box": "ours"}).content.decode()
    assert bohdan.get(reverse("support"), {"file": "xlsx", "box": "ours"}).status_code == 200


def test_who_does_not_find_the_school_asks_for_it_in_one_click(world):
    bohdan = Client()
    sign_in(bohdan, world.grants["bohdan"])
    page = html.fromstring(bohdan.get(reverse("user_new_head"), {"q": "38621185"}).content)
    (link,) = page.xpath("//a[contains(@href, 'NEW_INSTITUTION')]/@href")
    form = html.fromstring(bohdan.get(link).content)
    assert form.xpath("//input[@name='edrpou']/@value") == ["38621185"]
    assert form.xpath("//input[@name='kind'][@checked]/@value") == ["NEW_INSTITUTION"]


def test_a_school_not_found_is_made_and_whoever_asked_gets_a_letter_and_appoints_its_head(world):
    """S4, from the search that finds nothing to the new head's invitation."""
    code = "38621185"
    hanna, admin = Client(), Client()
    sign_in(hanna, world.grants["hanna"])
    sign_in(admin, world.grants["admin"])
    page = html.fromstring(hanna.get(reverse("user_new_head"), {"q": code}).content)
    (link,) = page.xpath("//a[contains(@href, 'NEW_INSTITUTION')]/@href")
    form = html.fromstring(hanna.get(link).content)
    key = form.xpath("//input[@name='id']/@value")[0]
    asked = {"id": key, "kind": "NEW_INSTITUTION", "edrpou": code, "title": "Нова школа", "text": "Її немає."}  # fmt: skip
    assert hanna.post(reverse("support_new"), asked).status_code == 303
    made = SupportRequest.objects.get(pk=key)
    assert made.handler.kind == UnitKind.TECH_ADMIN

    here = reverse("support_request", args=[key])
    to_card = html.fromstring(admin.get(here).content).xpath("//a[contains(@href, 'edrpou=')]/@href")  # fmt: skip
    card = html.fromstring(admin.get(to_card[0]).content)
    assert card.xpath("//input[@name='edrpou']/@value") == [code]
    fields = {
        "under": str(world.units["hromada"].uid), "full_name": "Нова гімназія", "short_name": "Нова гімназія",
        "kind": "ZZSO", "type": "GYMNASIUM", "ownership": "COMMUNAL", "edrpou": code,
        "territory_code": "UA73060370010090405", "shifts": "1",
    }  # fmt: skip
    assert admin.post(to_card[0], fields).status_code == 303
    assert "Картку вже створено: Нова гімназія" in admin.get(here).content.decode()
    admin.post(reverse("support_answer", args=[key]), {"step": "solve", "text": "Картку створено."})
    tell(SupportAnswered, made.pk, number=made.number, state="SOLVED")
    notice = Notice.objects.get(code=notices.ANSWERED)
    assert notice.grant_id == world.grants["hanna"].pk
    letters.send(actor=SYSTEM, notice_id=notice.pk, now=timezone.now())
    (letter,) = mail.outbox
    assert letter.to == ["hanna@example.com"]
    assert str(made.number) in letter.subject

    found = html.fromstring(hanna.get(reverse("user_new_head"), {"q": code}).content)
    (unit,) = found.xpath("//a[starts-with(@href, '?unit=')]/@href")
    person = {"surname": "Нова", "given_name": "Зоя", "patronymic": "", "person_code": "7146714023", "email": "z@example.com"}  # fmt: skip
    done = hanna.post(reverse("user_new_head"), person | {"unit": unit[6:], "confirm": "1"})
    assert done.status_code == 303
    assert hanna.post(reverse("support_close", args=[key])).status_code == 303
    assert SupportRequest.objects.get(pk=key).state == "CLOSED"


def test_the_working_calendar_counts_from_the_next_day():
    assert calendar().after(FRIDAY, 1) == datetime.date(2026, 11, 30)

"""Announcements go down the tree alone, are received once, and the sender sees who has read them."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from accounts.announcements import notices as kinds
from accounts.announcements import selectors, services
from accounts.announcements.errors import (
    AnnouncementWithdrawn,
    NobodyToTell,
    NotYoursToAnnounce,
    RemindedAlready,
)
from accounts.announcements.models import Announcement, Receipt
from accounts.events import AnnouncementReminded, AnnouncementSent
from accounts.events import AnnouncementWithdrawn as WithdrawnEvent
from accounts.models import Notice
from accounts.notices.tasks import remind as mail_notices
from kernel import clock
from kernel.clock import Moment, moment
from kernel.errors import Invalid, NotFound
from tests.accounts.test_notices import tell
from tests.world import sign_in

TOLD = {
    "unit": None,
    "roles": ["HEAD", "DEPUTY"],
    "title": "Нарада  керівників",
    "text": "Запрошуємо\r\n\r\nна  нараду.",
}


def send(world, who="bohdan", **changes):
    given = {"announcement_id": uuid.uuid4(), **TOLD, "moment": moment(), **changes}
    return services.announce(actor=world.actor(who), **given)


def heard(world, who):
    return [one.pk for one in selectors.received(world.actor(who)).rows]


def test_it_reaches_the_roles_below_and_nobody_beside_or_above(world):
    made = send(world)
    assert (made.title, made.text) == ("Нарада керівників", "Запрошуємо\n\nна нараду.")
    for who in ("olena", "dana", "petro"):
        assert heard(world, who) == [made.pk], who
    for who in ("bohdan", "hanna", "nina", "taras", "iryna", "maria", "admin"):
        assert heard(world, who) == [], who
    to_heads = send(world, roles=["HEAD"])
    assert to_heads.pk not in heard(world, "dana")
    assert heard(world, "olena") == [to_heads.pk, made.pk]  # the latest first


def test_nobody_tells_upwards_sideways_or_without_anybody_below(world):
    for who in ("dana", "maria"):
        with pytest.raises(NotYoursToAnnounce):
            send(world, who)
    with pytest.raises(Invalid) as no:
        send(world, "olena", roles=["HROMADA_ADMIN"])
    assert [one.field for one in no.value.problems] == ["roles"]
    with pytest.raises(NotFound):
        send(world, "bohdan", unit=world.units["chernivetska"].uid)
    with pytest.raises(NobodyToTell):
        send(world, "nina", roles=["DEPUTY"])


def test_every_mistake_is_told_at_once(world):
    yesterday = moment().today - datetime.timedelta(days=1)
    with pytest.raises(Invalid) as no:
        send(world, title=" ", text="", roles=[], due_on=yesterday)
    assert {one.field for one in no.value.problems} == {"title", "text", "roles", "due_on"}
    with pytest.raises(Invalid) as no:
        send(world, title="а" * 121, text="б" * 10_001)
    assert {one.field for one in no.value.problems} == {"title", "text"}
    assert not Announcement.objects.exists()


def test_a_form_sent_twice_is_one_announcement(world):
    key = uuid.uuid4()
    assert send(world, announcement_id=key) == send(world, announcement_id=key, title="Інше")
    assert Announcement.objects.get().title == "Нарада керівників"


def test_opening_it_is_a_receipt_and_confirming_is_another(world):
    made = send(world, asks=True)
    olena = world.actor("olena")
    assert [one.pk for one in selectors.unanswered(olena)] == [made.pk]
    for _ in range(2):
        services.read(actor=olena, announcement_id=made.pk, moment=moment())
    assert selectors.unanswered(olena)  # read, and asked to confirm
    for _ in range(2):
        services.confirm(actor=olena, announcement_id=made.pk, moment=moment())
    assert not selectors.unanswered(olena)
    assert sorted(Receipt.objects.values_list("kind", flat=True)) == ["CONFIRMED", "READ"]
    assert selectors.counts(made) == {"NONE": 2, "READ": 0, "CONFIRMED": 1}
    assert world.grants["olena"].pk not in selectors.waiting(made).values_list("pk", flat=True)
    for other in ("nina", "bohdan"):
        with pytest.raises(NotFound):
            services.confirm(actor=world.actor(other), announcement_id=made.pk, moment=moment())


def test_a_notice_and_a_letter_go_to_everybody_once(world):
    made = send(world, asks=True, due_on=moment().today)
    noon = clock.at(moment().today, datetime.time(12))
    for _ in range(2):
        tell(AnnouncementSent, made.pk, at=noon, readers=3, asks=True)
    told = Notice.objects.filter(code=kinds.CODE)
    who = {world.grants[name].pk for name in ("olena", "dana", "petro")}
    assert set(told.values_list("grant_id", flat=True)) == who
    services.read(actor=world.actor("olena"), announcement_id=made.pk, moment=moment())
    assert told.get(grant=world.grants["olena"]).read_at is not None
    told.update(due=timezone.now())
    mail_notices()
    assert {one.subject for one in mail.outbox} == {"АІКОМ: Оголошення: Нарада керівників"}
    assert len(mail.outbox) == 2  # who has read it gets no letter


@pytest.mark.parametrize(
    ("hour", "minute", "due"),
    [(20, 59, (0, 20, 59)), (21, 0, (1, 8, 0)), (6, 59, (0, 8, 0)), (7, 0, (0, 7, 0))],
)
def test_nobody_is_disturbed_at_night(hour, minute, due):
    day = datetime.date(2027, 3, 27)  # summer time begins in the night after it
    at = clock.at(day, datetime.time(hour, minute))
    later, hours, minutes = due
    wanted = clock.at(day + datetime.timedelta(days=later), datetime.time(hours, minutes))
    assert kinds.by_day(at) == wanted


def test_those_who_have_not_answered_are_reminded_once_a_day(world):
    sent = moment()
    made = send(world, asks=True, moment=sent)
    bohdan, later = world.actor("bohdan"), sent
    with pytest.raises(RemindedAlready):
        services.remind(actor=bohdan, announcement_id=made.pk, moment=sent)
    services.confirm(actor=world.actor("olena"), announcement_id=made.pk, moment=sent)
    reminders = Notice.objects.filter(code=kinds.AGAIN, read_at=None, closed_at=None)
    for _ in range(2):  # the second reminder is news as the first was
        now = later.now + datetime.timedelta(days=1)
        later = Moment(now, clock.day_of(now))
        assert services.remind(actor=bohdan, announcement_id=made.pk, moment=later) == 2
        assert not reminders.exists()
        tell(AnnouncementReminded, made.pk, at=later.now, waiting=2)
        told = {world.grants[name].pk for name in ("dana", "petro")}
        assert set(reminders.values_list("grant_id", flat=True)) == told
    with pytest.raises(NotFound):
        services.remind(actor=world.actor("iryna"), announcement_id=made.pk, moment=later)


def test_withdrawn_it_stays_readable_and_asks_nothing_more(world):
    made = send(world, asks=True)
    tell(AnnouncementSent, made.pk, readers=3, asks=True)
    bohdan, olena = world.actor("bohdan"), world.actor("olena")
    with pytest.raises(Invalid):
        services.withdraw(actor=bohdan, announcement_id=made.pk, why=" ", moment=moment())
    services.withdraw(actor=bohdan, announcement_id=made.pk, why="Не та дата", moment=moment())
    tell(WithdrawnEvent, made.pk, why="Не та дата")
    assert not Notice.objects.filter(closed_at=None).exists()
    assert not selectors.unanswered(olena)
    assert heard(world, "olena") == [made.pk]
    for again in (services.confirm, services.remind):
        who = olena if again is services.confirm else bohdan
        with pytest.raises(AnnouncementWithdrawn):
            again(actor=who, announcement_id=made.pk, moment=moment())


def test_pages_from_writing_to_the_last_confirmation(world):
    olena, bohdan = (Client(), Client())
    sign_in(olena, world.grants["olena"])
    sign_in(bohdan, world.grants["bohdan"])
    page = bohdan.get(reverse("announcement_new"))
    (key,) = html.fromstring(page.content).xpath("//input[@name='id']/@value")
    refused = bohdan.post(reverse("announcement_new"), {"id": key, "title": "Нарада"})
    assert refused.status_code == 422
    assert "Напишіть текст оголошення" in refused.content.decode()
    fields = {"id": key, **TOLD, "asks": "on", "unit": ""}
    sent = bohdan.post(reverse("announcement_new"), fields, follow=True)
    assert "Прочитати мають 3 людини" in sent.content.decode()
    here = reverse("announcement", args=[key])
    assert "Оголошення: Нарада керівників" in olena.get(reverse("home")).content.decode()
    assert "Підтвердити ознайомлення" in olena.get(here).content.decode()
    done = olena.post(reverse("announcement_confirm", args=[key]), follow=True)
    assert "Ознайомлено" in done.content.decode()
    assert "Нарада" not in olena.get(reverse("home")).content.decode()
    shown = bohdan.get(here).content.decode()
    assert "Підтвердили 1 із 3" in shown.replace("\xa0", " ")
    rest = html.fromstring(bohdan.get(here, {"state": "NONE"}).content)
    names = [row.text_content().strip() for row in rest.xpath("//tbody//th")]
    assert len(names) == 2
    assert not any(world.grants["olena"].user.surname in name for name in names)
    assert bohdan.get(here, {"file": "csv"}).status_code == 200
    assert "Хто прочитав" not in olena.get(here).content.decode()
    assert Client().get(here).status_code in {302, 303}

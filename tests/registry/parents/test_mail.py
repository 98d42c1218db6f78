"""Letters to parents: only to an address they confirmed, only about what they want, by day."""

from __future__ import annotations

import datetime
import re

import pytest
from django.core import mail as outbox
from django.urls import reverse
from django.utils import timezone

from accounts import actors
from accounts.errors import MailLinkSpent, OnlyParents
from accounts.models import Notice, PersonMail
from accounts.notices import selectors
from accounts.notices import services as notices
from accounts.services import mail
from kernel import clock
from kernel.clock import Moment, moment
from registry.parents.notices import LETTERS, REPRESENTS, REPRESENTS_NO_MORE
from registry.people.events import GuardianConfirmed, GuardianUnconfirmed
from tests.accounts.test_notices import tell
from tests.registry.parents.kit import STRANGER, enter, parent, represents
from tests.world import World

ADDRESS = "nadia@example.com"
SYSTEM = actors.system("тест")


def link() -> str:
    """The way to confirm, as the last letter says it."""
    assert mail.send_link(actor=SYSTEM, person_id=mail.due()[0], now=timezone.now())
    found = re.search(r"https?://[^/]+(/parents/mail/\S+)", str(outbox.outbox[-1].body))
    assert found
    return found[1]


def confirmed(world: World, tie) -> Notice:
    tell(
        GuardianConfirmed, tie.pupil_id, guardianship=tie.pk, guardian=tie.guardian_id,
        relation="MOTHER", name="Іваненко Надія",
    )  # fmt: skip
    return Notice.objects.get(code=REPRESENTS)


def noon(day: datetime.date) -> datetime.datetime:
    return clock.at(day, datetime.time(12))


def test_letters_come_to_a_confirmed_address_alone_and_of_what_is_wanted(world: World, client):
    who, tie = parent(), represents(world)
    enter(client, who)
    notice = confirmed(world, tie)
    later = noon(clock.today() + datetime.timedelta(days=1))
    page = reverse("parent_mail")
    assert client.post(page, {"act": "address", "address": "не пошта"}).status_code == 422
    assert client.post(page, {"act": "address", "address": ADDRESS}).status_code == 303
    assert selectors.to_mail(later) == []  # not confirmed: nothing but the link

    way = link()
    assert mail.due() == []  # once
    assert outbox.outbox[-1].to == [ADDRESS]
    assert PersonMail.objects.get().address == ""
    assert client.get(way).status_code == 200  # looking confirms nothing
    assert PersonMail.objects.get().address == ""
    assert client.post(way).status_code == 303
    assert PersonMail.objects.get().address == ADDRESS
    assert client.post(way).status_code == 422  # spent

    assert selectors.to_mail(later) == [notice.pk]
    assert selectors.to_mail(clock.at(later.date(), datetime.time(3))) == []  # by night
    unwanted = {"act": "letters", "wanted": [one for one in LETTERS if one != REPRESENTS]}
    assert client.post(page, unwanted).status_code == 303
    assert selectors.to_mail(later) == []
    assert client.post(page, {"act": "letters", "wanted": list(LETTERS)}).status_code == 303
    assert notices.send(actor=SYSTEM, notice_id=notice.pk, now=later)
    letter = str(outbox.outbox[-1].body)
    assert outbox.outbox[-1].to == [ADDRESS]
    assert page in letter
    assert not {"Іваненко", "Іван"} & set(re.findall(r"\w+", letter))  # of whom it never says

    tell(
        GuardianUnconfirmed, tie.pupil_id, guardianship=tie.pk, guardian=tie.guardian_id,
        relation="MOTHER", name="Іваненко Надія",
    )  # fmt: skip
    ended = Notice.objects.get(code=REPRESENTS_NO_MORE)
    assert Notice.objects.get(code=REPRESENTS).closed_at is not None
    assert selectors.to_mail(later) == [ended.pk]
    assert client.post(page, {"act": "stop"}).status_code == 303
    assert selectors.to_mail(later) == []


@pytest.mark.parametrize("what", ["late", "another's", "replaced", "forged"])
def test_a_link_that_is_not_the_last_of_this_person_confirms_nothing(world: World, what: str):
    who, now = parent(), moment()
    mail.leave_address(actor=who, address=ADDRESS, moment=now)
    token = link().rstrip("/").rpartition("/")[2]
    actor, when = who, moment()
    if what == "late":
        when = Moment(when.now + mail.LIFETIME, when.today)
    elif what == "another's":
        actor = parent(STRANGER, surname="Чужа")
    elif what == "replaced":
        mail.leave_address(actor=who, address="other@example.com", moment=moment())
    else:
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    with pytest.raises(MailLinkSpent):
        mail.confirm_address(actor=actor, token=token, moment=when)


def test_nobody_under_a_grant_leaves_an_address_for_letters_of_parents(world: World):
    with pytest.raises(OnlyParents):
        mail.leave_address(actor=world.actor("olena"), address=ADDRESS, moment=moment())

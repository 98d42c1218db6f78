"""Notices: who is told of what, until when, once by e-mail, and the successor after them."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actors
from accounts.events import VisitOpened
from accounts.models import Grant, UserSession
from accounts.notices import selectors, services
from accounts.notices.kinds import KINDS
from accounts.notices.models import Notice
from accounts.notices.tasks import remind
from accounts.roles import GrantState, Role, Way
from integrations.eis.events import MandateEnded, MandateSigned, SystemRestored, SystemSuspended
from integrations.eis.models import EisSystem, Mandate, Operator
from integrations.eis.notices import KINDS as EIS_KINDS
from integrations.eis.states import SystemState
from kernel import clock, counts
from kernel.audit import events, outbox
from kernel.audit.outbox import Settled
from kernel.clock import moment
from kernel.db import command
from kernel.errors import NotAllowed
from registry.drafts import services as drafts
from registry.models import Pupil, QualityFinding
from registry.orders import services as orders
from registry.orders.events import OrderGivenUp, OrderPrepared, OrderSigned
from registry.orders.notices import WAITS
from tests.kit.acts import noted
from tests.registry.fields.test_validation import GOOD
from tests.world import FIRST_DAY, sign_in

SYSTEM = actors.system("перевірка сповіщень")


def order_by(world, who):
    actor, now = world.actor(who), timezone.now()
    draft = drafts.start(
        process="enrol",
        moment=moment(),
        actor=actor,
        institution_id=world.institutions["school1"].pk,
        rows=[GOOD],
    )
    return orders.prepare(
        actor=actor,
        draft_id=draft.pk,
        fields={
            "number": "112-у",
            "issued_on": f"{clock.day_of(now):%d.%m.%Y}",
            "effective_on": f"{max(clock.day_of(now), FIRST_DAY):%d.%m.%Y}",
            "ground": "заяви",
            "identity_shown": "on",
        },
        moment=moment(),
    )


def tell(kind, subject, at=None, **fields):
    made = kind(subject=subject, **fields)
    told = events.type_of(made)
    settled = Settled(
        *(1, at or timezone.now(), 1, 1, "E", told.code, str(subject)),
        version=told.version,
        payload=events.payload_of(made),
    )
    services.FollowEvents().take([settled])


def prepared(order):
    tell(OrderPrepared, order.pk, number=order.number, rows=1)


SIGNED = (OrderSigned, {"rows": 1, "certificate": "00"})
GIVEN_UP = (OrderGivenUp, {})


@command
def write(*, actor, make):
    make()
    noted()


def _unread(actor, now):
    (number,) = counts.asked([selectors.unread(actor, now)])
    return number


def count(world, who):
    return _unread(world.actor(who), timezone.now())


def test_a_deputys_order_waits_for_the_head_and_for_nobody_else(world):
    order = order_by(world, "dana")
    prepared(order)
    prepared(order)
    assert {who: count(world, who) for who in world.grants if count(world, who)} == {"olena": 1}
    (line,) = selectors.listing(world.actor("olena"), timezone.now())
    assert line.title == "Наказ № 112-у чекає на ваш підпис"
    assert line.url == reverse("order_detail", args=[order.pk])


def test_a_head_is_not_told_of_an_order_prepared_by_herself(world):
    prepared(order_by(world, "olena"))
    assert not Notice.objects.exists()


@pytest.mark.parametrize(("kind", "fields"), [SIGNED, GIVEN_UP])
def test_a_signed_or_given_up_order_waits_no_more(world, kind, fields):
    order = order_by(world, "dana")
    prepared(order)
    tell(kind, order.pk, number=order.number, **fields)
    assert count(world, "olena") == 0
    remind()
    assert mail.outbox == []


def test_one_e_mail_a_notice_without_names_of_children(world):
    prepared(order_by(world, "dana"))
    remind()
    remind()
    (letter,) = mail.outbox
    assert letter.to == ["olena@example.com"]
    assert letter.subject == "АІКОМ: Наказ № 112-у чекає на ваш підпис"
    assert GOOD["surname"] not in letter.subject + letter.body
    assert reverse("notices") in letter.body


def test_a_suspended_head_gets_no_e_mail(world):
    prepared(order_by(world, "dana"))
    suspended = Grant.objects.filter(pk=world.grants["olena"].pk)
    write(actor=SYSTEM, make=lambda: suspended.update(state=GrantState.SUSPENDED))
    remind()
    assert mail.outbox == []


def test_a_mail_server_that_fails_is_asked_again(world, monkeypatch):
    prepared(order_by(world, "dana"))
    notice = Notice.objects.get()

    def silent(self, **_):
        raise OSError("no answer")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", silent)
    with pytest.raises(OSError, match="no answer"):
        services.send(actor=SYSTEM, notice_id=notice.pk, now=timezone.now())
    monkeypatch.undo()
    remind()
    assert len(mail.outbox) == 1


def test_the_successor_gets_what_the_former_head_left_unread(world):
    prepared(order_by(world, "dana"))
    olena = world.grants["olena"]

    def succeed():
        Grant.objects.filter(pk=olena.pk).update(state=GrantState.INACTIVE, ended_at=timezone.now())
        Grant.objects.create(
            user=world.grants["petro"].user,
            unit=olena.unit,
            role=Role.HEAD,
            state=GrantState.ACTIVE,
            given_by=world.grants["bohdan"],
        )

    write(actor=SYSTEM, make=succeed)
    remind()
    assert Notice.objects.get().grant.user == world.grants["petro"].user
    assert [letter.to for letter in mail.outbox] == [["petro@example.com"]]


def test_only_the_system_follows_sends_and_passes_on(world):
    olena = world.actor("olena")
    with pytest.raises(NotAllowed):
        services.follow(actor=olena, events=[])
    with pytest.raises(NotAllowed):
        services.send(actor=olena, notice_id=1, now=timezone.now())
    with pytest.raises(NotAllowed):
        services.pass_on(actor=olena)


def test_the_bell_counts_and_the_page_marks_read_without_a_script(world):
    prepared(order_by(world, "dana"))
    notice = Notice.objects.get()
    mine, other = Client(), Client()
    sign_in(mine, world.grants["olena"])
    sign_in(other, world.grants["petro"])
    page = mine.get(reverse("notices")).content.decode()
    assert "Сповіщення: 1" in page
    assert "112-у" not in other.get(reverse("notices")).content.decode()
    other.post(reverse("notice_read", args=[notice.pk]))
    assert count(world, "olena") == 1
    assert mine.post(reverse("notice_read", args=[notice.pk])).status_code == 303
    assert count(world, "olena") == 0
    assert "Сповіщення: 1" not in mine.get(reverse("notices")).content.decode()


def a_key(world, valid_to):
    system = EisSystem.objects.create(
        operator=Operator.objects.create(name="Оператор"), name="Щоденник",
        state_since=FIRST_DAY,
    )  # fmt: skip
    return Mandate.objects.create(
        id=uuid.uuid4(), institution=world.institutions["school1"], system=system,
        datasets=["pupils"], valid_from=FIRST_DAY, valid_to=valid_to, state="SIGNED",
        granted_by=world.grants["olena"], prepared_at=timezone.now(), signed_at=timezone.now(),
    )  # fmt: skip


def test_access_of_a_system_is_recalled_30_7_and_1_days_before_by_kyiv_days(world):
    granted = datetime.datetime(2026, 12, 10, 12, tzinfo=datetime.UTC)
    keys = []
    write(actor=SYSTEM, make=lambda: keys.append(a_key(world, datetime.date(2027, 1, 5))))
    key = keys[0]
    fields = {
        "system": "Щоденник",
        "institution": "Ліцей",
        "datasets": ("pupils",),
        "fields": (),
        "certificate": "1",
    }
    days = {"valid_from": key.valid_from, "valid_to": key.valid_to}
    tell(MandateSigned, key.pk, granted, **fields, **days)
    due = {n.code: clock.local(n.due) for n in Notice.objects.all()}
    assert {code: f"{at:%d.%m.%Y %H:%M}" for code, at in due.items()} == {
        "eis.key.runs_out_7": "29.12.2026 08:00",  # the thirtieth day before has passed
        "eis.key.runs_out_1": "04.01.2027 08:00",
    }
    olena = world.actor("olena")
    assert _unread(olena, granted) == 0
    assert _unread(olena, due["eis.key.runs_out_7"]) == 1
    tell(MandateEnded, key.pk, system="Щоденник", reason="", keys=1)
    assert _unread(olena, due["eis.key.runs_out_1"]) == 0


def stopped_keys(world, *, state=SystemState.SUSPENDED, **changes):
    """The system of a key of school1, which the technical administrator has suspended."""
    keys = []

    def make():
        keys.append(a_key(world, datetime.date(2099, 1, 1)))
        Mandate.objects.filter(pk=keys[0].pk).update(**changes)
        EisSystem.objects.update(state=state)

    write(actor=SYSTEM, make=make)
    return keys[0].system


SUSPENDED = {"name": "Щоденник", "before": "CONNECTED", "ground": "28.2", "explanation": ""}
RESTORED = {"name": "Щоденник", "explanation": "усунено"}


def test_a_head_whose_key_stopped_with_its_system_is_told_until_it_works_again(world):
    system = stopped_keys(world)
    tell(SystemSuspended, system.pk, **SUSPENDED)
    tell(SystemSuspended, system.pk, **SUSPENDED)
    assert {who: count(world, who) for who in world.grants if count(world, who)} == {"olena": 1}
    (line,) = selectors.listing(world.actor("olena"), timezone.now())
    assert line.title == "Доступ ОІС «Щоденник» зупинено"
    assert "обовʼязків щодо захисту інформації" in line.text
    tell(SystemRestored, system.pk, **RESTORED)
    assert count(world, "olena") == 0


def test_what_happens_again_is_told_again_and_a_replay_of_the_log_mails_nothing(world):
    system, first = stopped_keys(world), timezone.now() - datetime.timedelta(hours=1)
    log = [(SystemSuspended, SUSPENDED), (SystemRestored, RESTORED), (SystemSuspended, SUSPENDED)]

    def told():
        for minute, (kind, fields) in enumerate(log):
            tell(kind, system.pk, first + datetime.timedelta(minutes=minute), **fields)
            remind()
        return count(world, "olena"), len(mail.outbox)

    assert told() == (1, 2)
    assert told() == (1, 2)
    log.append((SystemRestored, RESTORED))
    assert told() == (0, 2)
    assert told() == (0, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"ended_at": datetime.datetime(2026, 9, 2, tzinfo=datetime.UTC)},
        {"valid_to": FIRST_DAY + datetime.timedelta(days=1)},
        {"state": SystemState.CONNECTED},
    ],
    ids=["revoked", "ran out", "works again"],
)
def test_a_head_whom_no_suspension_touches_is_not_told_of_it(world, changes):
    tell(SystemSuspended, stopped_keys(world, **changes).pk, **SUSPENDED)
    assert not Notice.objects.exists()


def came_in(world, who, serial, not_after, at, way=Way.SIGNATURE):
    grant = world.grants[who]
    visits = []
    write(
        actor=SYSTEM,
        make=lambda: visits.append(
            UserSession.objects.create(
                user=grant.user, grant=grant, session_key_sha256=b"0" * 32, way=way,
                certificate_sha256=b"1" * 32, certificate_serial=serial,
                certificate_not_after=not_after, edrpou="12345678", started_at=at,
            )
        ),
    )  # fmt: skip
    tell(VisitOpened, grant.user_id, at, way=way, certificate=serial, edrpou="", address=None)


def test_a_certificate_about_to_expire_is_recalled_until_another_one_comes(world):
    at = datetime.datetime(2026, 12, 10, 12, tzinfo=datetime.UTC)
    # 23:30 of the fifth in Kyiv, and already the sixth nowhere that matters.
    old = datetime.datetime(2027, 1, 5, 21, 30, tzinfo=datetime.UTC)
    came_in(world, "olena", "0A", old, at)
    came_in(world, "olena", "0A", old, at)
    due = {n.code: clock.local(n.due) for n in Notice.objects.all()}
    assert {code: f"{moment:%d.%m.%Y %H:%M}" for code, moment in due.items()} == {
        "accounts.certificate.runs_out_7": "29.12.2026 08:00",
        "accounts.certificate.runs_out_1": "04.01.2027 08:00",
    }
    olena, last = world.actor("olena"), due["accounts.certificate.runs_out_1"]
    assert _unread(olena, last) == 2
    (line, *_) = selectors.listing(olena, last)
    assert line.title == "Строк дії вашого сертифіката спливає завтра"
    assert "№ 0A чинний до 05.01.2027" in line.text
    came_in(world, "olena", "0B", old.replace(year=2028), at + datetime.timedelta(days=20))
    assert _unread(olena, last) == 0
    assert Notice.objects.filter(subject="0B", closed_at=None).count() == 3


def test_who_comes_through_the_provider_of_identity_is_not_told_of_a_term_nobody_knows(world):
    at = timezone.now()
    came_in(world, "olena", "0A", at + datetime.timedelta(hours=12), at, way=Way.ID_GOV_UA)
    assert not Notice.objects.exists()


NUMBERED = {"task_id", "school_id", "part_id", "number"}  # subjects kept by number, not by UUID


def test_every_kind_leads_to_a_page_that_is(world):
    assert set(KINDS) >= {WAITS, *(kind.code for kind in EIS_KINDS)}
    for kind in KINDS.values():
        subject = 1 if kind.url_kwarg in NUMBERED else uuid.uuid4()
        reverse(kind.url_name, kwargs={kind.url_kwarg: subject} if kind.url_kwarg else {})


@pytest.mark.django_db(transaction=True)
def test_the_log_tells_of_a_real_order_and_a_changed_child_is_checked_again(world):
    order = order_by(world, "dana")
    ivan = world.pupils["ivan"]
    write(
        actor=SYSTEM,
        make=lambda: Pupil.objects.filter(pk=ivan.pk).update(
            version=F("version") + 1, contact_status="LOST_PUPIL"
        ),
    )
    outbox.drain()
    assert Notice.objects.get().subject == str(order.pk)
    assert QualityFinding.objects.filter(pupil=ivan, rule="contact_status.lost").exists()

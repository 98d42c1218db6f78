"""Sending, reading, confirming, reminding, withdrawing."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection

from accounts.actors import Actor
from accounts.announcements import policies, selectors
from accounts.announcements.errors import (
    AnnouncementWithdrawn as Withdrawn,
)
from accounts.announcements.errors import (
    NobodyToTell,
    RemindedAlready,
)
from accounts.announcements.models import CONFIRMED, READ, Announcement
from accounts.announcements.notices import AGAIN as REMINDER
from accounts.announcements.notices import CODE
from accounts.events import (
    AnnouncementConfirmed,
    AnnouncementRead,
    AnnouncementReminded,
    AnnouncementSent,
    AnnouncementWithdrawn,
)
from accounts.models import Notice
from kernel import audit, clock
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, Problem
from kernel.scoping import grant_of
from kernel.text import clean, clean_lines, plural

LONGEST_TITLE = 120
LONGEST_TEXT = 10_000
AGAIN = datetime.timedelta(hours=20)


@command
def announce(
    *,
    actor: Actor,
    announcement_id: uuid.UUID,
    unit: uuid.UUID | None,
    roles: Sequence[str],
    title: str,
    text: str,
    asks: bool = False,
    due_on: datetime.date | None = None,
    moment: Moment,
) -> Announcement:
    """Tell everybody of these roles at a node and below it.

    announcement_id: made by the form, so that one sent twice is one. unit: a node within reach, or
    None for the whole reach.

    Raises:
        NotYoursToAnnounce: the actor has nobody below.
        Invalid: title, text, roles or day are wrong; every problem at once.
        NotFound: no such node within reach.
        NobodyToTell: nobody of these roles works there.
    """
    policies.announce.require(actor)
    before = Announcement.objects.filter(pk=announcement_id, sender_id=grant_of(actor)).first()
    if before is not None:
        audit.record(AnnouncementSent(subject=before.pk, readers=0, asks=before.asks))
        return before
    title, text = clean(title), clean_lines(text)
    if problems := _problems(actor, roles, title, text, due_on, moment):
        raise Invalid(problems)
    node = selectors.node(actor, unit)
    made = Announcement(
        id=announcement_id,
        unit=node,
        sender_id=grant_of(actor),
        sender_unit_id=actor.unit_id or 0,
        title=title,
        text=text,
        roles=sorted(set(roles)),
        asks=asks,
        due_on=due_on,
        sent_at=moment.now,
    )
    readers = selectors.readers(made).count()
    if not readers:
        raise NobodyToTell(
            "Людей із такими ролями там ще немає, або вони ще не входили. Оберіть інших адресатів."
        )
    made.save(force_insert=True)
    audit.record(
        AnnouncementSent(subject=made.pk, unit=made.sender_unit_id, readers=readers, asks=asks)
    )
    return made


def _problems(
    actor: Actor,
    roles: Sequence[str],
    title: str,
    text: str,
    due_on: datetime.date | None,
    moment: Moment,
) -> list[Problem]:
    found = []
    if not title:
        found.append(Problem("title", "required", "Напишіть, про що оголошення."))
    elif len(title) > LONGEST_TITLE:
        found.append(
            Problem(
                "title",
                "too_long",
                f"Скоротіть: можна {LONGEST_TITLE} {plural(LONGEST_TITLE, 'знак', 'знаки', 'знаків')}.",
            )
        )
    if not text:
        found.append(Problem("text", "required", "Напишіть текст оголошення."))
    elif len(text) > LONGEST_TEXT:
        words = plural(len(text), "знак", "знаки", "знаків")
        found.append(
            Problem("text", "too_long", f"У тексті {len(text)} {words}, а можна {LONGEST_TEXT}.")
        )
    if not roles:
        found.append(Problem("roles", "required", "Оберіть, кому надіслати."))
    elif set(roles) - set(policies.readers(actor)):
        found.append(Problem("roles", "not_below", "Надіслати можна лише тим, хто нижче за вас."))
    if due_on is not None and due_on < moment.today:
        found.append(Problem("due_on", "past", "Цей день уже минув."))
    return found


@command
def read(*, actor: Actor, announcement_id: Any, moment: Moment) -> None:
    """Note that the reader opened it; told twice, the first time stands.

    Raises:
        NotFound: not told to this reader.
    """
    found = selectors.told(actor, announcement_id)
    _receipt(found, actor, READ, moment)
    Notice.objects.filter(
        grant_id=grant_of(actor), code__in=(CODE, REMINDER), subject=str(found.pk), read_at=None
    ).update(read_at=moment.now)
    audit.record(AnnouncementRead(subject=found.pk, unit=actor.unit_id))


@command
def confirm(*, actor: Actor, announcement_id: Any, moment: Moment) -> Announcement:
    """«Ознайомлено»: the reader confirms; twice is once.

    Raises:
        NotFound: not told to this reader.
        AnnouncementWithdrawn: it holds no more.
    """
    found = selectors.told(actor, announcement_id)
    if found.withdrawn_at is not None:
        raise Withdrawn(f"Причина: {found.withdrawn_why}")
    _receipt(found, actor, READ, moment)
    _receipt(found, actor, CONFIRMED, moment)
    audit.record(AnnouncementConfirmed(subject=found.pk, unit=actor.unit_id))
    return found


@part_of_command
def _receipt(announcement: Announcement, actor: Actor, kind: str, moment: Moment) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO accounts_receipt (announcement_id, grant_id, kind, at)
            VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
            """,
            [announcement.pk, grant_of(actor), kind, moment.now],
        )


@command
def remind(*, actor: Actor, announcement_id: Any, moment: Moment) -> int:
    """Tell those who have not answered once more: a notice and a letter; to how many.

    Raises:
        NotFound: not sent by this level.
        AnnouncementWithdrawn: it holds no more.
        RemindedAlready: everybody has answered, or it was recalled within a day.
    """
    found = _locked(actor, announcement_id)
    if found.withdrawn_at is not None:
        raise Withdrawn(f"Причина: {found.withdrawn_why}")
    last = found.reminded_at or found.sent_at
    if moment.now - last < AGAIN:
        raise RemindedAlready(
            f"Востаннє про оголошення сповіщено {clock.local(last):%d.%m.%Y о %H:%M}. "
            "Нагадати можна раз на добу."
        )
    waiting = selectors.waiting(found).count()
    if not waiting:
        raise RemindedAlready("Усі вже відповіли.")
    # The former reminder is over, so that this one is news to the same people.
    Notice.objects.filter(code=REMINDER, subject=str(found.pk), closed_at=None).update(
        closed_at=last
    )
    found.reminded_at = moment.now
    found.save(update_fields=["reminded_at"])
    audit.record(AnnouncementReminded(subject=found.pk, unit=found.sender_unit_id, waiting=waiting))
    return waiting


@command
def withdraw(*, actor: Actor, announcement_id: Any, why: str, moment: Moment) -> Announcement:
    """What was announced holds no more: readers see it crossed out with the reason.

    Raises:
        NotFound: not sent by this level.
        Invalid: no reason is told.
        AnnouncementWithdrawn: it is withdrawn already.
    """
    found = _locked(actor, announcement_id)
    why = clean(why)
    if not why:
        raise Invalid([Problem("why", "required", "Напишіть, чому відкликаєте.")])
    if found.withdrawn_at is not None:
        raise Withdrawn(f"Причина: {found.withdrawn_why}")
    found.withdrawn_at, found.withdrawn_why = moment.now, why
    found.save(update_fields=["withdrawn_at", "withdrawn_why"])
    audit.record(AnnouncementWithdrawn(subject=found.pk, unit=found.sender_unit_id, why=why))
    return found


def _locked(actor: Actor, announcement_id: Any) -> Announcement:
    selectors.sent_by(actor, announcement_id)  # or it is hidden from the actor
    held: Announcement = Announcement.objects.select_for_update(no_key=True).get(pk=announcement_id)
    return held

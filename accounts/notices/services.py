"""Notices opened and closed by events, read by people, passed on to successors, sent by e-mail."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse

from accounts import actors
from accounts.actors import Actor
from accounts.events import (
    NoticeMailed,
    NoticeNotDue,
    NoticesFollowed,
    NoticesPassedOn,
    NoticesRead,
)
from accounts.notices import selectors
from accounts.notices.kinds import NOTICES, New
from accounts.notices.models import Notice
from accounts.notices.selectors import title_of
from accounts.roles import GrantState
from kernel import audit
from kernel.audit.outbox import Settled
from kernel.db import command
from kernel.errors import NotAllowed
from kernel.vocative import addressed


@command
def follow(*, actor: Actor, events: Sequence[Settled]) -> None:
    """Open and close what follows from events; told twice, nothing changes.

    Raises:
        NotAllowed: only the system follows the log.
    """
    if not actor.is_system:
        raise NotAllowed
    opened = closed = 0
    for event in events:  # in order: what a later one closes an earlier one opened
        happened = event.event
        follows = NOTICES[type(happened)]
        if follows.opens is not None:
            news = list(follows.opens(happened, event.at))
            if follows.instead:
                closed += _close_others(news, event.at)
            opened += _open(news, event.at)
        if follows.closes:
            about = follows.subjects(happened) if follows.subjects else [event.subject_id]
            closed += Notice.objects.filter(
                code__in=follows.closes, subject__in=list(about), closed_at=None
            ).update(closed_at=event.at)
    audit.record(NoticesFollowed(opened=opened, closed=closed))


def _close_others(news: Sequence[New], at: datetime.datetime) -> int:
    return sum(
        Notice.objects.filter(grant_id=grant_id, code=code, closed_at=None)
        .exclude(subject=subject)
        .update(closed_at=at)
        for grant_id, code, subject in {
            (one.grant_id, one.code, one.subject) for one in news if one.grant_id is not None
        }
    )


# A thing that was over and happens again (a system suspended a second time) is news: unread and not
# mailed. The same event told again finds its own instant and brings back only what a replay closed.
_OPEN = """
    INSERT INTO accounts_notice AS n ({whose}, code, subject, facts, due, created_at)
    SELECT x.whose, x.code, x.subject, x.facts, x.due, %s
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::jsonb[], %s::timestamptz[])
        AS x(whose, code, subject, facts, due)
    ON CONFLICT ({whose}, code, subject){where} DO UPDATE SET
        facts = excluded.facts, due = excluded.due, created_at = excluded.created_at,
        closed_at = NULL,
        read_at = CASE WHEN n.created_at = excluded.created_at THEN n.read_at END,
        mailed_at = CASE WHEN n.created_at = excluded.created_at THEN n.mailed_at END
    WHERE n.closed_at < excluded.created_at OR (%s AND n.created_at < excluded.created_at)
"""
_TO = {
    "grant_id": _OPEN.format(whose="grant_id", where=""),
    "person_id": _OPEN.format(whose="person_id", where=" WHERE person_id IS NOT NULL"),
}


def _open(news: Sequence[New], at: datetime.datetime) -> int:
    return sum(
        _put([one for one in news if one.again is again], whose, at, again=again)
        for again in {one.again for one in news}
        for whose in _TO
    )


def _put(news: Sequence[New], whose: str, at: datetime.datetime, *, again: bool) -> int:
    unique = {
        (key, one.code, one.subject): one
        for one in news
        if (key := getattr(one, whose)) is not None
    }
    if not unique:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _TO[whose],
            [
                at,
                [key for key, _, _ in unique],
                [code for _, code, _ in unique],
                [subject for _, _, subject in unique],
                [json.dumps(one.facts, ensure_ascii=False) for one in unique.values()],
                [one.due for one in unique.values()],
                again,
            ],
        )
        return cursor.rowcount


@command
def read(*, actor: Actor, notice_id: int | None, now: datetime.datetime) -> int:
    """Mark one's own notice, or all of them, as read; returns how many.

    Raises:
        NotAllowed: neither a grant nor somebody in the parents' window is acting.
    """
    whose = selectors.whose(actor)
    if whose is None:
        raise NotAllowed
    mine = Notice.objects.filter(**whose, read_at=None, due__lte=now)
    if notice_id is not None:
        mine = mine.filter(pk=notice_id)
    done: int = mine.update(read_at=now)
    audit.record(NoticesRead(notices=done))
    return done


@command
def pass_on(*, actor: Actor) -> int:
    """Give what a former holder has not read to whoever holds the same role there now.

    Raises:
        NotAllowed: only the system does this.
    """
    if not actor.is_system:
        raise NotAllowed
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE accounts_notice n SET grant_id = s.id, mailed_at = NULL
            FROM accounts_grant g JOIN accounts_grant s
                ON s.unit_id = g.unit_id AND s.role = g.role AND s.state = %s AND s.role = 'HEAD'
            WHERE g.id = n.grant_id AND g.state = %s AND n.read_at IS NULL AND n.closed_at IS NULL
              AND NOT EXISTS (SELECT FROM accounts_notice o WHERE o.grant_id = s.id
                              AND o.code = n.code AND o.subject = n.subject)
            """,
            [GrantState.ACTIVE, GrantState.INACTIVE],
        )
        passed = cursor.rowcount
    audit.record(NoticesPassedOn(notices=passed))
    return passed


@command
def send(*, actor: Actor, notice_id: int, now: datetime.datetime) -> bool:
    """Write one e-mail and mark it sent; False when it is not due any more.

    Locked while the mail server answers, so it is never sent twice; when the server fails nothing
    is marked and the next round tries again.

    Raises:
        NotAllowed: only the system sends.
    """
    if not actor.is_system:
        raise NotAllowed
    notice = (
        Notice.objects.select_related("grant__user", "grant__unit", "person__mail")
        .select_for_update(of=("self",), skip_locked=True)
        .filter(pk=notice_id, mailed_at=None, read_at=None, closed_at=None, due__lte=now)
        .filter(selectors.MAILED)
        .first()
    )
    if notice is None:
        audit.record(NoticeNotDue(subject=notice_id))
        return False
    grant = notice.grant
    title, user = title_of(notice), grant.user if grant is not None else notice.person
    assert user is not None  # noqa: S101 - one of the two: notice_is_of_somebody
    address = user.email if grant is not None else user.mail.address
    body = render_to_string(
        "accounts/mail/notice.txt",
        {
            "addressed": addressed(user.given_name, user.patronymic),
            "title": title,
            "person": user.full_name,
            "place": grant.unit.name if grant is not None else "Вікно батьків",
            "url": settings.SITE_ADDRESS + reverse("notices"),
            "stop_at": "" if grant else settings.SITE_ADDRESS + reverse("parent_mail"),
            "synthetic": settings.SYNTHETIC_DATA,
        },
    )
    EmailMessage(subject=f"АІКОМ: {title}", body=body, to=[address]).send()
    notice.mailed_at = now
    notice.save(update_fields=["mailed_at"])
    audit.record(
        NoticeMailed(subject=notice.pk, unit=grant.unit_id if grant else None, code=notice.code)
    )
    return True


class FollowEvents:
    """Consumer of the log of settled changes: events that rooms have something to tell of."""

    name = "accounts.notices"

    def take(self, batch: Sequence[Settled]) -> None:
        """Open and close what follows; safe to be told again."""
        known = [one for one in batch if type(one.event) in NOTICES]
        if known:
            follow(actor=actors.system("сповіщення"), events=known)

"""Reading one's notices: how many wait, the list, what is due to be mailed."""

from __future__ import annotations

import dataclasses
import datetime

from django.db.models import F, Q
from django.urls import reverse

from accounts.actors import Actor
from accounts.notices.kinds import KINDS
from accounts.notices.models import Notice
from accounts.roles import PARENT, GrantState
from kernel import clock
from kernel.counts import Count

SHOWN = 100


@dataclasses.dataclass(frozen=True)
class Line:
    """One notice as its page shows it."""

    id: int
    title: str
    text: str
    url: str
    due: datetime.datetime
    is_read: bool
    is_closed: bool


# Whom a letter may be written to: the holder of an acting grant, or a person who confirmed an address
# and wants letters of this kind.
MAILED = (Q(grant__state=GrantState.ACTIVE) & ~Q(grant__user__email="")) | Q(
    person__mail__isnull=False
) & ~Q(person__mail__address="") & ~Q(person__mail__muted__contains=[F("code")])
_BY_DAY = range(8, 21)  # hours of Kyiv at which people are written to in the parents' window


def whose(actor: Actor) -> dict[str, int] | None:
    """The filter of one's own notices: of the grant, or of the person in the parents' window."""
    if actor.grant_id is not None:
        return {"grant_id": actor.grant_id}
    if actor.role == PARENT and actor.user_id is not None:
        return {"person_id": actor.user_id}
    return None


def unread(actor: Actor, now: datetime.datetime) -> Count | None:
    """The count of notices that wait for the actor."""
    mine = whose(actor)
    if mine is None:
        return None
    ((column, key),) = mine.items()
    return Count(
        f"SELECT count(*) FROM accounts_notice"  # noqa: S608 - one of two names of our own
        f" WHERE {column} = %s AND read_at IS NULL AND closed_at IS NULL AND due <= %s",
        (key, now),
    )


def listing(actor: Actor, now: datetime.datetime) -> list[Line]:
    """The actor's latest notices, newest first; nobody else's."""
    mine = whose(actor)
    if mine is None:
        return []
    rows = Notice.objects.filter(**mine, due__lte=now).order_by("-due", "-id")
    return [_line(one) for one in rows[:SHOWN]]


def _line(notice: Notice) -> Line:
    kind = KINDS.get(notice.code)
    return Line(
        notice.pk,
        title_of(notice),
        kind.text.format_map(notice.facts) if kind else "",
        _url(notice),
        notice.due,
        notice.read_at is not None,
        notice.closed_at is not None,
    )


def _url(notice: Notice) -> str:
    kind = KINDS.get(notice.code)
    if kind is None:
        return ""
    kwargs = {kind.url_kwarg: notice.subject} if kind.url_kwarg else {}
    return reverse(kind.url_name, kwargs=kwargs)


def title_of(notice: Notice) -> str:
    """The title in the words of its kind."""
    kind = KINDS.get(notice.code)
    return kind.title.format_map(notice.facts) if kind else notice.code


def to_mail(now: datetime.datetime, *, limit: int = 100) -> list[int]:
    """Ids of notices whose e-mail is due; none for grants that are not active, none to parents by
    night."""
    rows = Notice.objects.filter(mailed_at=None, read_at=None, closed_at=None, due__lte=now)
    if clock.local(now).hour not in _BY_DAY:
        rows = rows.filter(person=None)
    return list(rows.filter(MAILED).order_by("due").values_list("id", flat=True)[:limit])


def anything_to_pass_on() -> bool:
    """Whether somebody's unread notices outlived their grant."""
    return Notice.objects.filter(
        read_at=None, closed_at=None, grant__state=GrantState.INACTIVE, grant__role="HEAD"
    ).exists()

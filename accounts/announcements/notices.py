"""What announcements tell people: the bell and a letter, not at night."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator

from accounts.announcements import selectors
from accounts.announcements.models import Announcement
from accounts.events import AnnouncementReminded, AnnouncementSent, AnnouncementWithdrawn
from accounts.notices.kinds import AT, Follows, Kind, New
from kernel import clock
from kernel.audit.events import Event

CODE = "accounts.announcement"
AGAIN = "accounts.announcement.again"
_NIGHT = datetime.time(21)
_MORNING = datetime.time(7)
KINDS = tuple(
    Kind(
        code=code,
        title=title,
        text="Від кого: {sender}. {asks}",
        url_name="announcement",
        url_kwarg="announcement_id",
    )
    for code, title in ((CODE, "Оголошення: {title}"), (AGAIN, "Нагадування: {title}"))
)


def by_day(at: datetime.datetime) -> datetime.datetime:
    """The same moment, or the next morning's eight o'clock in Kyiv when it falls into the night."""
    day, time = clock.day_of(at), clock.local(at).time()
    if time >= _NIGHT:
        return clock.at(day + datetime.timedelta(days=1), AT)
    return clock.at(day, AT) if time < _MORNING else at


def _facts(announcement: Announcement) -> dict[str, str]:
    asks = "Прочитайте."
    if announcement.asks:
        by = f" до {announcement.due_on:%d.%m.%Y}" if announcement.due_on else ""
        asks = f"Підтвердьте ознайомлення{by}."
    return {"title": announcement.title, "sender": announcement.sender_unit.name, "asks": asks}


def _of(subject: uuid.UUID) -> Announcement | None:
    rows = Announcement.objects.filter(pk=subject, withdrawn_at=None)
    return rows.select_related("unit", "sender_unit").first()


def _told(event: AnnouncementSent, at: datetime.datetime) -> Iterator[New]:
    """To everybody it is for."""
    if (found := _of(event.subject)) is not None:
        facts, due = _facts(found), by_day(at)
        for grant in selectors.readers(found).values_list("pk", flat=True):
            yield New(grant, CODE, str(found.pk), facts, due)


def _again(event: AnnouncementReminded, at: datetime.datetime) -> Iterator[New]:
    """To those who have not answered."""
    if (found := _of(event.subject)) is not None:
        facts, due = _facts(found), by_day(at)
        for grant in selectors.waiting(found).values_list("pk", flat=True):
            yield New(grant, AGAIN, str(found.pk), facts, due)


NOTICES: dict[type[Event], Follows] = {
    AnnouncementSent: Follows(opens=_told),
    AnnouncementReminded: Follows(opens=_again),
    AnnouncementWithdrawn: Follows(closes=(CODE, AGAIN)),
}

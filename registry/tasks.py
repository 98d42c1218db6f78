"""Background jobs of the register."""

from __future__ import annotations

import datetime
from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts import actors
from kernel import clock
from registry.coverage import services as coverage
from registry.coverage.consumer import follow_all
from registry.drafts.tasks import carry_on as work_on_draft
from registry.drafts.tasks import take_up as take_up_drafts
from registry.enrolments import selectors as turning
from registry.enrolments import services as enrolments
from registry.identity.children import CHILDREN
from registry.identity.services import seeking as identity
from registry.identity.staff import STAFF
from registry.quality import selectors as quality_reads
from registry.quality import services as quality
from registry.rollover.tasks import begin_plans, take_up
from registry.support import services as support
from registry.tallies import keeping

__all__ = [
    "begin_plans",
    "check_quality",
    "close_support",
    "keep_coverage",
    "keep_tallies",
    "send_notices",
    "take_up",
    "take_up_drafts",
    "turn_enrolments",
    "work_on_draft",
]

CATCH_UP = datetime.timedelta(days=7)  # nights a stopped worker may have missed


@shared_task(name="registry.tasks.turn_enrolments")
def turn_enrolments(day: str | None = None, **_ignored: Any) -> int:
    """Bring the pupils' rows up to the enrolments that begin or end today; how many were looked at."""
    today = datetime.date.fromisoformat(day) if day else clock.today()
    since = today - CATCH_UP
    actor = actors.system("переведення дня в обліку зарахувань")
    return sum(
        enrolments.turn(actor=actor, institution_id=institution_id, since=since, today=today)
        for institution_id in turning.institutions_with_turns(since, today)
    )


@shared_task(name="registry.tasks.check_quality")
def check_quality(**_ignored: Any) -> int:
    """Check the institutions not checked yet today; begun again, it goes on where it stopped."""
    now = timezone.now()
    today = clock.day_of(now)
    actor = actors.system("нічна перевірка якості даних")
    ids = quality_reads.due(today)
    found = sum(
        quality.check_institutions(
            actor=actor, ids=ids[start : start + quality.PORTION], now=now, today=today
        )
        for start in range(0, len(ids), quality.PORTION)
    )
    quality.keep_trend(actor=actor, month=clock.month_of(today))
    return found


@shared_task(name="registry.tasks.close_support")
def close_support(**_ignored: Any) -> int:
    """Close requests for support that nobody answered in time; how many."""
    return support.close_old(actor=actors.system("закриття звернень"), moment=clock.moment())


@shared_task(name="registry.tasks.keep_coverage")
def keep_coverage(**_ignored: Any) -> int:
    """The children's register by night: records follow the day, children who may be missing are
    sought, communities are counted. Begun again, it goes on; how many communities were counted."""
    actor, moment = actors.system("облік дітей"), clock.moment()
    follow_all(actor, moment)
    while len(coverage.seek_missing(actor=actor, moment=moment)) == coverage.SOUGHT:
        pass
    return coverage.count(actor=actor, units=None, moment=moment)


@shared_task(name="registry.tasks.send_notices")
def send_notices(**_ignored: Any) -> int:
    """Send signed notices of the children's register where a channel leads; how many went."""
    return coverage.send_unsent(
        actor=actors.system("облік дітей: надсилання повідомлень"), moment=clock.moment()
    )


@shared_task(name="registry.tasks.seek_duplicates")
def seek_duplicates(**_ignored: Any) -> int:
    """Compare every child and every member of staff whose data changed with the whole register, a
    portion a transaction; killed and begun again, it goes on from the last whole portion."""
    actor = actors.system("пошук можливих дублікатів")
    done = 0
    for kind in (CHILDREN, STAFF):
        identity.place(actor=actor, kind=kind)
        while portion := identity.seek(actor=actor, now=timezone.now(), kind=kind):
            done += portion
    return done


@shared_task(name="registry.tasks.keep_tallies")
def keep_tallies(**_ignored: Any) -> int:
    """Make the kept figures of every institution those of today; how many changed."""
    return keeping.keep_all(clock.today())

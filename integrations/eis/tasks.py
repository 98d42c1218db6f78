"""What the feed of changes does by itself each night."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from integrations.eis import feed


@shared_task(name="eis.feed_of_the_day", ignore_result=True)
def feed_of_the_day() -> int:
    """What the day alone changes (a post that ended, a group's count) is told, and items past their
    time are dropped; how many schools changed."""
    feed.forget(timezone.now())
    return feed.compare()

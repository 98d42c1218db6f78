"""What the room does by itself each day."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts import actors
from integrations.eis import feed
from integrations.eis.hooks import queue
from integrations.eis.road.services import daily
from kernel.clock import moment


@shared_task(name="eis.feed_of_the_day", ignore_result=True)
def feed_of_the_day() -> int:
    """What the day alone changes (a post that ended, a group's count) is told, and items past their
    time are dropped; how many schools changed."""
    feed.forget(timezone.now())
    queue.forget(timezone.now())
    return feed.compare()


@shared_task(name="eis.road_of_the_day", ignore_result=True)
def road_of_the_day() -> int:
    """Terms of operators' roads that passed, requirements whose day has come, attestations that ended;
    how many systems it touched."""
    return daily.of_the_day(actor=actors.system("шлях операторів ОІС"), moment=moment())

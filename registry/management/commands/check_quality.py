"""`manage.py check_quality`: check every institution's children against the packs of rules now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts import actors
from kernel import clock
from registry.institutions.models.institutions import Institution
from registry.quality import services


class Command(BaseCommand):
    help = "Check children against the rules of data quality"

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        actor = actors.system("перевірка якості даних")
        ids = list(Institution.objects.order_by("pk").values_list("pk", flat=True))
        today = clock.day_of(now)
        found = sum(
            services.check_institutions(
                actor=actor, ids=ids[start : start + services.PORTION], now=now, today=today
            )
            for start in range(0, len(ids), services.PORTION)
        )
        services.keep_trend(actor=actor, month=clock.month_of(today))
        print(f"Institutions: {len(ids)}, pupils with problems: {found}")

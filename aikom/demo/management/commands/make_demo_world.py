"""`manage.py make_demo_world`: Чернівецька область with invented people, once."""

from __future__ import annotations

import argparse
import datetime
import io
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import actors
from aikom.demo import campaign, desk, keys, world
from kernel import clock
from kernel.errors import DomainError
from reports.open import datasets
from reports.services import open as open_data

DAYS = (datetime.date(2026, 9, 5), datetime.date(2026, 10, 1), datetime.date(2026, 11, 1))


class Command(BaseCommand):
    help = "Fills an empty database with the demo world; a second run changes nothing."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--scale", type=float, default=1.0, help="size of classes, 1 is life-size (tests: 0.02)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SYNTHETIC_DATA:
            raise CommandError(
                "SYNTHETIC_DATA is off: invented people never enter a database of real ones"
            )
        if world.is_made():
            self.hand_out()
            self.stdout.write("Демонстраційний світ уже створено.")
            return
        call_command("load_classifiers", verbosity=0, stdout=io.StringIO())
        try:
            made = world.make(scale=options["scale"])
        except DomainError as refusal:
            raise CommandError(refusal.detail) from refusal
        keys.connect_systems()
        keys.confirm_parent()
        keys.walk_an_operator(clock.moment())
        for dataset in datasets.every():
            if dataset.monthly:
                open_data.publish_now(
                    actor=actors.system("демонстраційний світ"),
                    dataset=dataset.code,
                    now=timezone.now(),
                )
        campaign.make(clock.moment())
        today = clock.today()
        desk.make((day for day in DAYS if day <= today), today)
        self.hand_out()
        told = ", ".join(f"{name} {count:,}" for name, count in made.counts.items())
        self.stdout.write(f"Демонстраційний світ: {told}; {made.seconds:.1f} с")

    def hand_out(self) -> None:
        """Key files that are missing, so that a lost folder is filled again."""
        written = keys.hand_out(now=timezone.now())
        if written:
            self.stdout.write(f"Ключі й таблиці: {len(written)} файлів у {keys.folder()}")

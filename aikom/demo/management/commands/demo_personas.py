"""`manage.py demo_personas`: who lives in the demo world, with which keys."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aikom.demo import keys, world


class Command(BaseCommand):
    help = "Prints the invented people of the demo world, their key files and the password."

    def handle(self, *args: Any, **options: Any) -> None:
        if not world.is_made():
            raise CommandError("There is no demo world yet: manage.py make_demo_world")
        self.stdout.write(keys.readme())

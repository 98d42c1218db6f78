"""`manage.py load_classifiers`: part of set-up; changes nothing when all is as the files say."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts import actors
from kernel import clock
from registry.classifiers.services import classifiers, territories


class Command(BaseCommand):
    help = "Loads the carried dictionaries, school years and КАТОТТГ into the database."

    def handle(self, *args: Any, **options: Any) -> None:
        actor = actors.system("завантаження довідників")
        told_of = self.stdout.write if options["verbosity"] else _nothing
        if classifiers.differences():
            changes = classifiers.load(actor=actor, today=clock.today())
            told = ", ".join(f"{name} {count}" for name, count in changes.counts.items())
            told_of(f"Classifiers: {told}")
        else:
            told_of("Classifiers: up to date")
        path, edition = territories.carried_edition()
        content = path.read_bytes()
        if territories.is_loaded(content, edition):
            told_of(f"КАТОТТГ {edition}: up to date")
            return
        if territories.has_newer(edition):
            told_of(f"КАТОТТГ: a newer edition than {edition} is loaded; left as it is")
            return
        report = territories.import_edition(content, actor=actor, edition=edition)
        told = ", ".join(f"{name} {count}" for name, count in report.counts.items() if count)
        told_of(f"КАТОТТГ {edition}: {report.rows} objects; {told or 'nothing changed'}")


def _nothing(text: str) -> None:
    """Say nothing: `--verbosity 0`."""

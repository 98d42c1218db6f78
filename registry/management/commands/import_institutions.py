"""`manage.py import_institutions FILE`: the open register of ЄДЕБО."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import actors
from kernel import clock
from kernel.errors import DomainError, Invalid
from registry.institutions.services import institution_import

SHOWN = 100


class Command(BaseCommand):
    help = "Loads institutions from the open register of ЄДЕБО (JSON); see docs/how-to."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument(
            "--all-or-nothing", action="store_true", help="write nothing when some row is bad"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actor = actors.system("імпорт закладів з ЄДЕБО")
        try:
            content = options["file"].read_bytes()
            if options["dry_run"]:
                report = institution_import.preview(actor, content, clock.today())
            else:
                report = institution_import.take(
                    content,
                    actor=actor,
                    today=clock.today(),
                    all_or_nothing=options["all_or_nothing"],
                )
        except OSError as unreadable:
            raise CommandError(f"{options['file']}: {unreadable.strerror}") from unreadable
        except Invalid as refusal:
            for problem in refusal.problems:
                self.stderr.write(f"{problem.field}: {problem.detail}")
            raise CommandError(
                f"Nothing was written: {len(refusal.problems)} bad rows"
            ) from refusal
        except DomainError as refusal:
            raise CommandError(refusal.detail) from refusal
        for problem in [*report.bad, *report.notes]:
            self.stderr.write(f"{problem.field}: {problem.detail}")
        for title, lines in (
            ("new", report.new),
            ("changed", report.changed),
            ("closed", report.closed),
            ("absent from the file", report.absent),
        ):
            for line in lines[:SHOWN]:
                self.stdout.write(f"{title}: {line.name} {line.detail}".rstrip())
            if len(lines) > SHOWN:
                self.stdout.write(f"{title}: … and {len(lines) - SHOWN} more")
        told = ", ".join(f"{name} {count}" for name, count in report.counts.items())
        self.stdout.write(f"{'Would be' if options['dry_run'] else 'Done'}: {told}")

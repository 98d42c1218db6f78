"""`manage.py import_katottg [FILE] [--edition YYYY-MM-DD]`: a newer edition of КАТОТТГ."""

from __future__ import annotations

import argparse
import datetime
import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import actors
from kernel.errors import DomainError, Invalid
from registry.classifiers.services import territories

SHOWN = 200


class Command(BaseCommand):
    help = "Loads an edition of КАТОТТГ (CSV, CSV.gz, CSV.xz or the ministry's XLSX) and reports."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="the carried edition when not given")
        parser.add_argument(
            "--edition",
            type=datetime.date.fromisoformat,
            help="YYYY-MM-DD; by default the date in the file's name",
        )
        parser.add_argument(
            "--confirm-closing",
            action="store_true",
            help="yes, more than 5 %% of the objects are closed by this edition",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path, edition = _what(options["file"], options["edition"])
        try:
            report = territories.import_edition(
                path.read_bytes(),
                actor=actors.system("завантаження КАТОТТГ"),
                edition=edition,
                confirm_closing=options["confirm_closing"],
            )
        except Invalid as rejected:
            for problem in rejected.problems:
                self.stderr.write(f"{problem.field}: {problem.detail}")
            raise CommandError(f"{rejected.title} ({len(rejected.problems)})") from rejected
        except DomainError as refusal:
            raise CommandError(refusal.detail) from refusal
        except OSError as unreadable:
            raise CommandError(f"{path}: {unreadable.strerror}") from unreadable
        for change in report.changes[:SHOWN]:
            self.stdout.write(
                f"{change.code} {'+'.join(change.kinds)}: {change.before} → {change.after}"
            )
        if len(report.changes) > SHOWN:
            self.stdout.write(f"… and {len(report.changes) - SHOWN} more")
        told = ", ".join(f"{name} {count}" for name, count in report.counts.items())
        self.stdout.write(f"КАТОТТГ {edition}: {report.rows} objects; {told}")
        if report.left_institutions:
            self.stdout.write(
                f"{report.left_institutions} institutions stand on closed objects: correct their cards"
            )


def _what(file: Path | None, edition: datetime.date | None) -> tuple[Path, datetime.date]:
    if file is None:
        path, carried = territories.carried_edition()
        return path, edition or carried
    if edition is None:
        dated = re.search(r"\d{4}-\d{2}-\d{2}", file.name)
        if dated is None:
            raise CommandError("Say the edition: --edition YYYY-MM-DD (no date in the file's name)")
        edition = datetime.date.fromisoformat(dated[0])
    return file, edition

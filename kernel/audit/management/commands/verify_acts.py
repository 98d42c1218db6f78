from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.audit import services


class Command(BaseCommand):
    help = "Walk the chain of sealed acts and tell any later edit; exit 1 when it does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head",
            metavar="HEX",
            help="the digest kept elsewhere that must be in the chain's end",
        )

    def handle(self, *args: Any, head: str | None = None, **options: Any) -> None:
        found = services.verify()
        for one in found.breaks:
            self.stderr.write(f"items {one.first}-{one.last}: {one.what}")
        self.stdout.write(
            f"{found.links} links, {found.acts} acts sealed, {found.unsealed} waiting; "
            f"head {found.head.hex()}"
        )
        if head and head.lower() != found.head.hex():
            raise CommandError(f"The chain ends with {found.head.hex()}, not with {head}")
        if found.breaks:
            raise CommandError("The chain of acts does not hold")

"""Everything that proves one signed document, in one file that needs this installation no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.errors import NotFound
from signatures import exports
from signatures.selectors import sessions


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="the code printed on the document")
        parser.add_argument("file", type=Path, help="the ZIP to write; must not exist")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            session = sessions.by_code(options["code"])
        except NotFound as error:
            raise CommandError("Підписаного документа з таким кодом немає.") from error
        try:
            with options["file"].open("xb") as file:
                file.write(exports.offline_bundle(session))
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error

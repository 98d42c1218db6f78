from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actors
from accounts.services import grants, units
from accounts.services.people import Person
from kernel.errors import DomainError


class Command(BaseCommand):
    help = (
        "Make the two first nodes (owner, technical administrator) and invite the first "
        "technical administrator. Run again, it changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--owner", nargs=2, metavar=("NAME", "EDRPOU"), required=True)
        parser.add_argument("--technical", nargs=2, metavar=("NAME", "EDRPOU"), required=True)
        parser.add_argument("--surname", required=True)
        parser.add_argument("--given-name", required=True)
        parser.add_argument("--patronymic", default="")
        parser.add_argument("--person-code", required=True, help="РНОКПП of the certificate")
        parser.add_argument("--email", required=True, help="where the invitation goes")

    def handle(self, *args: Any, **options: Any) -> None:
        system = actors.system("встановлення")
        try:
            units.install(
                actor=system,
                owner=tuple(options["owner"]),
                technical_administrator=tuple(options["technical"]),
            )
            grant = grants.appoint_technical_administrator(
                actor=system,
                person=Person(
                    surname=options["surname"],
                    given_name=options["given_name"],
                    patronymic=options["patronymic"],
                    person_code=options["person_code"],
                    email=options["email"],
                ),
            )
        except DomainError as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(f"{grant.user.full_name}: {grant.role_label}, {grant.state}")

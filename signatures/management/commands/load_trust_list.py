"""Load the national trust list: show what changes, wait for a person's yes, keep the history."""

import getpass
import hmac
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import actors
from kernel.errors import DomainError
from signatures import trustlists
from signatures.certificates import Certificate
from signatures.selectors import trust as selector
from signatures.services import trust as service


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CACertificates.p7b or TL-UA.xml")
        parser.add_argument(
            "--sha256", help="what the publisher says the file's SHA-256 is (the .sha2 beside it)"
        )
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="SHA256",
            help="believe this root too; you checked its fingerprint with its owner",
        )
        parser.add_argument(
            "--accept",
            metavar="DIFFERENCE",
            help="accept exactly the difference of this digest without asking",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            candidate = trustlists.read_list(
                options["file"].read_bytes(), more_anchors=options["anchor"]
            )
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except trustlists.NotAList as error:
            raise CommandError(f"{options['file']}: {error}") from error
        expected = options["sha256"]
        if expected and not hmac.compare_digest(expected.lower(), candidate.sha256):
            raise CommandError(f"SHA-256 of the file is {candidate.sha256}, not {expected}")
        current = selector.trust_at(now)
        difference = trustlists.compare(candidate, current.anchors, current.intermediates)
        self.show(candidate, difference)
        if difference.nothing:
            self.stdout.write("Змін немає: цей список уже діє.")
            return
        if options["accept"] != difference.digest:
            if options["accept"]:
                raise CommandError(f"The difference is {difference.digest}; nothing was accepted")
            answer = input("Прийняти ці зміни? Введіть «так», щоб прийняти: ")
            if answer.strip().lower() not in ("так", "yes"):
                raise CommandError("Nothing was accepted")
        try:
            version = service.accept_list(
                actor=actors.system("trust list"),
                candidate=candidate,
                source=options["file"].name,
                accepted_by=getpass.getuser(),
                accepted_difference=difference.digest,
                now=now,
            )
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"Прийнято: список № {version.pk}, діє з {now:%d.%m.%Y %H:%M} UTC.")

    def show(self, candidate: trustlists.Candidate, difference: trustlists.Difference) -> None:
        write = self.stdout.write
        write(f"{candidate.format}, SHA-256 {candidate.sha256} {candidate.issued}".rstrip())
        if candidate.format == "ETSI-TL":
            write(
                "Підпис самого XML тут не перевіряється: звірте SHA-256 із сайтом ЦЗО (--sha256)."
            )
        for title, group in (
            ("Нові корені довіри", difference.anchors_added),
            ("Корені, яким більше не довіряємо", difference.anchors_removed),
            ("Нові сертифікати", difference.added),
            ("Вилучені сертифікати", difference.removed),
            ("Тестові корені, НЕ приймаються", candidate.test_roots),
            ("Невідомі корені, НЕ приймаються (--anchor)", candidate.unknown_roots),
        ):
            if group:
                write(f"{title}: {len(group)}")
                for certificate in group[:40]:
                    write("  " + line(certificate))
                if len(group) > 40:
                    write(f"  … і ще {len(group) - 40}")
        if candidate.rejected:
            write(f"Не ведуть до жодного кореня, пропущено: {candidate.rejected}")
        write(f"Відбиток змін: {difference.digest}")


def line(certificate: Certificate) -> str:
    """One certificate on one line."""
    info = certificate.info
    return (
        f"{info.fingerprint[:16]}… {info.common_name}, {info.key}, "
        f"{info.not_before:%d.%m.%Y}–{info.not_after:%d.%m.%Y}"
    )

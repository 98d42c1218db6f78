"""Load the national trust list: show what changes, wait for a person's yes, keep the history."""

import datetime
import getpass
import hashlib
import hmac
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import actors
from kernel import clock
from kernel.errors import DomainError
from signatures import trustlists
from signatures.certificates import Certificate
from signatures.selectors import trust as selector
from signatures.services import trust as service
from signatures.trust import TrustStore

YES = ("так", "yes")


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
            "--signer-sha256",
            metavar="SHA256",
            help="the certificate that signs the publisher's lists (TL-UA*.xml), checked with the "
            "publisher; needed the first time, then remembered with the accepted list",
        )
        parser.add_argument(
            "--services",
            type=Path,
            metavar="CAs.json",
            help="where providers find certificates by key; without it the addresses stay as they are",
        )
        parser.add_argument(
            "--accept",
            metavar="DIFFERENCE",
            help="accept exactly the difference of this digest without asking",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        current = selector.trust_at(now)
        candidate = self.read(options, current)
        difference = trustlists.compare(candidate, current)
        self.show(candidate, difference, now)
        if difference.nothing:
            self.stdout.write("Змін немає: цей список уже діє.")
            return
        signer = self.signer(candidate, options)
        if options["accept"] != difference.digest:
            if options["accept"]:
                raise CommandError(f"The difference is {difference.digest}; nothing was accepted")
            answer = input("Прийняти ці зміни? Введіть «так», щоб прийняти: ")
            if answer.strip().lower() not in YES:
                raise CommandError("Nothing was accepted")
        try:
            version = service.accept_list(
                actor=actors.system("trust list"),
                candidate=candidate,
                source=options["file"].name,
                accepted_by=getpass.getuser(),
                accepted_difference=difference.digest,
                accepted_signer=signer,
                now=now,
            )
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(
            f"Прийнято: список № {version.pk}, діє з {clock.local(now):%d.%m.%Y %H:%M}."
        )

    def read(self, options: dict[str, Any], current: TrustStore) -> trustlists.Candidate:
        """The list of the named file, with its companion's addresses.

        Raises:
            CommandError: unreadable, or not the file that was published.
        """
        data = content_of(options["file"])
        expected, actual = options["sha256"], hashlib.sha256(data).hexdigest()
        if expected and not hmac.compare_digest(expected.lower(), actual):
            raise CommandError(f"SHA-256 of the file is {actual}, not {expected}")
        try:
            candidate = trustlists.read_list(data, more_anchors=options["anchor"])
        except trustlists.NotAList as error:
            raise CommandError(f"{options['file']}: {error}") from error
        services = options["services"]
        if services is None:
            return replace(candidate, key_services=current.key_services)
        try:
            found = trustlists.read_key_services(content_of(services))
        except trustlists.NotAList as error:
            raise CommandError(f"{services}: {error}") from error
        return replace(candidate, key_services=found)

    def signer(self, candidate: trustlists.Candidate, options: dict[str, Any]) -> str:
        """The fingerprint of the list's signer, once the person knows it for the publisher's.

        Raises:
            CommandError: nobody vouched for it, or it is another than was named.
        """
        if candidate.signer is None:
            return ""
        found = candidate.signer.fingerprint
        named = (options["signer_sha256"] or "").lower().replace(":", "")
        if named:
            if not hmac.compare_digest(named, found):
                raise CommandError(f"The list is signed by {found}, not {named}")
            return found
        last = selector.last_signed()
        if last is None:
            raise CommandError(
                f"The list is signed by {line(candidate.signer)}. Compare {found} with its "
                "publisher by another channel, then give it as --signer-sha256"
            )
        if last.signer_sha256 != found:
            self.stdout.write(
                f"УВАГА: список підписав інший сертифікат, ніж досі.\n"
                f"  досі:   {last.signer_sha256}\n  тепер:  {found}"
            )
            if options["accept"]:
                raise CommandError("The signer changed: give --signer-sha256; nothing was accepted")
            answer = input("Ви звірили відбиток нового сертифіката з видавцем? Введіть «так»: ")
            if answer.strip().lower() not in YES:
                raise CommandError("Nothing was accepted")
        return found

    def show(
        self,
        candidate: trustlists.Candidate,
        difference: trustlists.Difference,
        now: datetime.datetime,
    ) -> None:
        write = self.stdout.write
        write(f"{candidate.format}, SHA-256 {candidate.sha256} {candidate.issued}".rstrip())
        if candidate.signer is not None:
            write(f"Підпис списку дійсний: {line(candidate.signer)}")
            write(f"SHA-256 сертифіката підписувача: {candidate.signer.fingerprint}")
        for warning in warnings(candidate, now):
            write(f"УВАГА: {warning}.")
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
        for title, urls in (
            ("Нові адреси пошуку сертифікатів", difference.services_added),
            ("Адреси пошуку, яких більше немає", difference.services_removed),
        ):
            if urls:
                write(f"{title}: {len(urls)}")
                for url in urls:
                    write(f"  {url}")
        if candidate.rejected:
            write(f"Не ведуть до жодного кореня, пропущено: {candidate.rejected}")
        write(f"Відбиток змін: {difference.digest}")


def content_of(path: Path) -> bytes:
    """The whole file.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error


def warnings(candidate: trustlists.Candidate, now: datetime.datetime) -> list[str]:
    """What speaks against a list whose signature holds: an old edition put in a new one's place."""
    found = []
    signer, last = candidate.signer, selector.last_signed()
    if signer is not None and not signer.not_before <= now <= signer.not_after:
        found.append("сертифікат підписувача списку зараз не діє")
    if candidate.until and candidate.until < f"{now:%Y-%m-%dT%H:%M:%SZ}":
        found.append(f"строк дії цього видання минув {candidate.until}")
    if signer is not None and last is not None and candidate.issued < last.issued:
        found.append(f"це видання старіше за прийняте раніше ({last.issued})")
    return found


def line(certificate: Certificate) -> str:
    """One certificate on one line."""
    info = certificate.info
    return (
        f"{info.fingerprint[:16]}… {info.common_name}, {info.key}, "
        f"{info.not_before:%d.%m.%Y}–{info.not_after:%d.%m.%Y}"
    )

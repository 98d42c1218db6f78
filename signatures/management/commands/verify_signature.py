"""Verify a signature, container, certificate, revocation list or OCSP answer from a file."""

import argparse
import datetime
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signatures import api, inspection, trustlists, work
from signatures.result import Overall, VerificationResult, malformed
from signatures.trust import Loaded, TrustStore, load_files

# The operator's own file and time: a national bundle asks for two thousand signatures.
OWN_TIMES = 20
_EXIT = {Overall.VALID: 0, Overall.INVALID: 1, Overall.INDETERMINATE: 2, Overall.MALFORMED: 3}


# Earlier there were no certificates; later, sums of moments leave the calendar.
_YEARS = range(1950, 9000)


def moment(text: str) -> datetime.datetime:
    """An ISO 8601 moment; without a zone it is UTC.

    Raises:
        ArgumentTypeError: something else, or no year of certificates.
    """
    message = f"{text!r}: expected ISO time such as 2026-11-22T09:00:00Z"
    try:
        value = datetime.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(message) from error
    if value.year not in _YEARS:
        raise argparse.ArgumentTypeError(message)
    return value.astimezone(datetime.UTC) if value.tzinfo else value.replace(tzinfo=datetime.UTC)


def speaks() -> bool:
    """Whether standard output can carry Ukrainian."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        "Підпис дійсний".encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True


@contextmanager
def quiet() -> Iterator[None]:
    """What the log of a server keeps about strange input is no part of the answer here."""
    log = logging.getLogger("signatures")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what to verify")
        parser.add_argument("--content", type=Path, help="the signed file, for detached signatures")
        parser.add_argument("--at", type=moment, help="judge as of this moment (default: now)")
        parser.add_argument(
            "--trust",
            type=Path,
            nargs="+",
            action="extend",
            default=[],
            metavar="FILE-OR-FOLDER",
            help="anchors to believe, instead of the stored trust list: certificates, or folders and "
            "bundles whose topmost authorities count (known test roots only when named alone)",
        )
        parser.add_argument(
            "--extra-certs",
            type=Path,
            nargs="+",
            action="extend",
            default=[],
            metavar="FILE-OR-FOLDER",
            help="further certificates (authorities, TSA, OCSP), bundles, lists and OCSP answers",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        from django.utils import timezone

        at = options["at"] or timezone.now()
        with quiet(), work.budget(OWN_TIMES):
            result = self.verify(options, at)
        if options["json"]:
            # The answer is in the object, whatever it is: the exit code says that there is one.
            self.stdout.write(json.dumps(result.as_json(), ensure_ascii=not speaks(), indent=1))
            return
        if not speaks():
            sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        self.stdout.write(plain(result))
        if result.overall is not Overall.VALID:
            raise SystemExit(_EXIT[result.overall])

    def verify(self, options: dict[str, Any], at: datetime.datetime) -> VerificationResult:
        try:
            data = inspection.open_file(options["file"])
            content = inspection.open_file(options["content"]) if options["content"] else None
            trust = self.trust(options, at)
        except OSError as error:
            if options["json"]:
                return malformed(f"cannot be read: {error.strerror or error}")
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        return inspection.verify_file(data, content, at=at, trust=trust)

    def trust(self, options: dict[str, Any], at: datetime.datetime) -> TrustStore:
        for path in [*options["trust"], *options["extra_certs"]]:
            path.stat()
        if options["trust"]:
            given = self.read(options["trust"])
            store = TrustStore(
                anchors=given.as_anchors(trustlists.is_test_root),
                intermediates=given.certificates,
                evidence=given.evidence,
                version="given",
            )
        else:
            store = api.stored_trust(at, database_optional=True)
        extra = self.read(options["extra_certs"])
        return store.with_more(extra.certificates, extra.evidence)

    def read(self, paths: list[Path]) -> Loaded:
        found = load_files(paths)
        for name in found.unread:
            self.stderr.write(f"left out, not a certificate, list or OCSP answer: {name}")
        return found


def plain(result: VerificationResult) -> str:
    """The answer in a few lines of Ukrainian."""
    lines = [f"{result.overall}: {result.explanation}"]
    if result.valid and not result.confirmed:
        lines[0] = f"{result.overall}: Підпис цілісний, чинність сертифіката не підтверджено."
    for signer in result.signers[:20]:
        certificate = signer.certificate
        if certificate is None:
            continue
        codes = [
            f"{label} {value}"
            for label, value in (("РНОКПП", certificate.rnokpp), ("ЄДРПОУ", certificate.edrpou))
            if value
        ]
        lines.append(
            f"  {signer.overall} {certificate.full_name} ({', '.join(codes) or 'без кодів'}), "
            f"сертифікат {certificate.serial}, видав {certificate.issuer_name}"
        )
    for label, names in (
        ("Підписано", result.covered),
        ("Не підписано", result.uncovered),
        ("Немає у файлі", result.missing),
    ):
        if names:
            lines.append(f"  {label}: {', '.join(names)}")
    if result.detail:
        lines.append(f"  {result.detail}")
    return "\n".join(lines)

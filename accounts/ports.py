"""What this room needs of others; `aikom/wiring.py` fills it when Django starts."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Protocol


@dataclasses.dataclass(frozen=True)
class SignedBy:
    """The answer about one signature, in the words sign-in needs.

    `valid` is the verifier's whole verdict for the purpose. When it is False, `reason` is its
    stable code, `explanation` its sentence for people, and `try_later` says that the certificate
    could not be checked now, which is nobody's fault.
    """

    valid: bool
    reason: str = ""
    explanation: str = ""
    try_later: bool = False
    # РНОКПП or passport number, ЄДРПОУ: as the certificate carries them, "" when absent.
    person_code: str = ""
    edrpou: str = ""
    full_name: str = ""
    certificate_serial: str = ""
    certificate_sha256: bytes = b""
    certificate_not_after: datetime.datetime | None = None


class SignatureVerifier(Protocol):
    """Judges a detached CMS signature over `content` at a moment; never raises for bad input."""

    def __call__(self, content: bytes, cms: bytes, *, at: datetime.datetime) -> SignedBy: ...


def _nobody(content: bytes, cms: bytes, *, at: datetime.datetime) -> SignedBy:
    raise RuntimeError("accounts.ports.verify_sign_in is not wired: see aikom/wiring.py")


verify_sign_in: SignatureVerifier = _nobody


class UnreadableTable(Exception):
    """The file is not a table we take; the text tells a person what to do."""


class TableReader(Protocol):
    """Cells of an uploaded XLSX or CSV, or of pasted text (then `name` is empty).

    Raises:
        UnreadableTable: not a table, too large, a bomb.
    """

    def __call__(self, name: str, content: bytes) -> list[list[str]]: ...


def _no_reader(name: str, content: bytes) -> list[list[str]]:
    raise RuntimeError("accounts.ports.read_table is not wired: see aikom/wiring.py")


read_table: TableReader = _no_reader

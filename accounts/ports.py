"""What this room needs of others; `aikom/wiring.py` fills it when Django starts."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from typing import Protocol

from django.http import HttpRequest

from accounts.errors import SignInRefused
from accounts.roles import Way


@dataclasses.dataclass(frozen=True, kw_only=True)
class Identified:
    """Whoever proved who they are, by either way in, in the words sign-in needs.

    `evidence` is what the journal of acts keeps about how it was proved; `farewell` is what the provider of
    identity wants back when the visit ends, and is kept no longer than the visit.
    """

    way: str = Way.SIGNATURE
    # РНОКПП or passport number, ЄДРПОУ: as the certificate carries them, "" when absent.
    person_code: str = ""
    edrpou: str = ""
    full_name: str = ""
    organisation: str = ""
    certificate_serial: str = ""
    certificate_sha256: bytes = b""
    # Until when the proof is good at most; None leaves it to the length of a working day.
    certificate_not_after: datetime.datetime | None = None
    evidence: dict[str, str | bool] = dataclasses.field(default_factory=dict)
    farewell: str = dataclasses.field(default="", repr=False)


@dataclasses.dataclass(frozen=True, kw_only=True)
class SignedBy(Identified):
    """The answer about one signature.

    `valid` is the verifier's whole verdict for the purpose. When it is False, `reason` is its
    stable code, `explanation` its sentence for people, and `try_later` says that the certificate
    could not be checked now, which is nobody's fault.
    """

    valid: bool
    reason: str = ""
    explanation: str = ""
    try_later: bool = False


class SignatureVerifier(Protocol):
    """Judges a detached CMS signature over `content` at a moment; never raises for bad input."""

    def __call__(self, content: bytes, cms: bytes, *, at: datetime.datetime) -> SignedBy: ...


def _nobody(content: bytes, cms: bytes, *, at: datetime.datetime) -> SignedBy:
    raise RuntimeError("accounts.ports.verify_sign_in is not wired: see aikom/wiring.py")


verify_sign_in: SignatureVerifier = _nobody


class ToSign(Protocol):
    """What the signing form of a page needs to have these bytes signed (`signatures.tickets`)."""

    def __call__(
        self, request: HttpRequest, content: bytes, *, now: datetime.datetime, title: str
    ) -> object: ...


def _no_ticket(
    request: HttpRequest, content: bytes, *, now: datetime.datetime, title: str
) -> object:
    raise RuntimeError("accounts.ports.to_sign is not wired: see aikom/wiring.py")


to_sign: ToSign = _no_ticket


class IdentityProvider(Protocol):
    """Another's page of signing in that tells us who came: id.gov.ua (постанова 1255 п.5(16)).

    `site` is the one address of ours that it sends people back to, "" when it knows them all.
    """

    @property
    def site(self) -> str: ...

    def address(self, *, state: str, back: str) -> str:
        """Where the browser goes to sign in; it returns to `back` with `state` and a code."""
        ...

    def identify(self, code: str, *, at: datetime.datetime) -> Identified:
        """Who brought this code, with both codes an officer needs.

        Raises:
            SignInRefused: the provider is silent, does not know the code, answers what cannot be
                read or trusted, or vouches in a way that opens no office.
        """
        ...

    def refusal(self, error: str, description: str) -> SignInRefused:
        """What a person is told when the provider sent them back with an error."""
        ...

    def sign_out(self, farewell: str) -> None:
        """Tell the provider that the visit is over; neither waits nor raises."""
        ...


def _one_way() -> IdentityProvider | None:
    return None


# The configured provider; None where there is one way in.
identity_provider: Callable[[], IdentityProvider | None] = _one_way

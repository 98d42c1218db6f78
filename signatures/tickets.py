"""Tickets: what the server lets an opened key sign, in one visit, of one person.

A page is only as honest as every script in it, so the worker that holds a key believes no page. It
signs bytes whose SHA-256 stands in a ticket of this installation, and a key kept open between pages
signs only after the person pressed a button in the confirmation frame (`portal.signing`), which
scripts of the page can neither read nor press: the button gives out the secret whose hash the
ticket carries.

Tickets are ECDSA P-256 over a name of their own and the fields, by a key derived from SECRET_KEY,
so every process has the same one. They are no electronic signatures and can pass for none: nothing
but a worker reads them, no certificate names the key, and the octets signed begin with `PREFIX`.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import functools
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest

from kernel.errors import NotFound

PREFIX = b"aikom.signing.ticket.1\x00"
LIFETIME = datetime.timedelta(hours=12)
_HALF = 32


@dataclass(frozen=True)
class ToSign:
    """What a page gives its signing form: the bytes and the ticket for them."""

    content: str  # base64
    ticket: str


def to_sign(
    request: HttpRequest,
    content: bytes,
    *,
    now: datetime.datetime,
    title: str,
    lines: Sequence[tuple[str, str]] = (),
    person: str = "",
    signer: str = "",
    organisations: Sequence[str] = (),
) -> ToSign:
    """Let the keys of this visit sign exactly these bytes.

    title, lines    what the confirmation frame shows of them
    person          the code (РНОКПП) of who must sign; without one the ticket is for a fresh key
                    only and no kept key ever takes it: that is the door
    signer          their name, told to whoever opens somebody else's key
    organisations   codes (ЄДРПОУ), one of which the certificate must name; empty is any
    """
    nonce = secrets.token_hex(16)
    fields = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "title": title,
        "lines": list(lines),
        "person": _person(nonce, person) if person else "",
        "signer": signer,
        "organisations": list(organisations),
        "visit": visit_of(request),
        "nonce": nonce,
        "confirm": hashlib.sha256(_secret(nonce).encode()).hexdigest() if person else "",
        "until": int((now + LIFETIME).timestamp()),
    }
    body = orjson.dumps(fields)
    der = _key().sign(PREFIX + body, ec.ECDSA(hashes.SHA256()))
    halves = b"".join(half.to_bytes(_HALF, "big") for half in decode_dss_signature(der))
    token = f"{_text(body)}.{_text(halves)}"
    return ToSign(base64.b64encode(content).decode(), token)


@dataclass(frozen=True)
class Asked:
    """A ticket read back: what the confirmation frame shows, and what its button gives out."""

    title: str
    lines: list[tuple[str, str]]
    signer: str
    digest: str
    secret: str


def read(token: str, *, visit: str, now: datetime.datetime) -> Asked:
    """A ticket of this visit that a kept key may be asked to honour.

    Raises:
        NotFound: not ours, of another visit, out of time, or of the door.
    """
    try:
        body, halves = (base64.b64decode(part, validate=True) for part in token.split("."))
        r, s = (int.from_bytes(half, "big") for half in (halves[:_HALF], halves[_HALF:]))
        _key().public_key().verify(
            encode_dss_signature(r, s), PREFIX + body, ec.ECDSA(hashes.SHA256())
        )
    except (ValueError, binascii.Error, InvalidSignature):
        raise NotFound from None
    fields: dict[str, Any] = orjson.loads(body)
    late = fields["until"] <= now.timestamp()
    if late or not fields["confirm"] or not hmac.compare_digest(fields["visit"], visit):
        raise NotFound
    return Asked(
        title=fields["title"],
        lines=[(term, value) for term, value in fields["lines"]],
        signer=fields["signer"],
        digest=fields["sha256"],
        secret=_secret(fields["nonce"]),
    )


def visit_of(request: HttpRequest) -> str:
    """This visit's mark in tickets: of its session, which it does not tell."""
    key = request.session.session_key or ""
    return hmac.digest(_derived("visit"), key.encode(), "sha256").hex()[:32]


def between_workers(request: HttpRequest) -> str:
    """The secret under which a key passes from one worker of this visit to another; without a
    session there is no visit, and none."""
    key = request.session.session_key
    return hmac.digest(_derived("between"), key.encode(), "sha256").hex() if key else ""


def public_key() -> str:
    """The key that workers check tickets with: base64 of the uncompressed point."""
    point = (
        _key()
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    return _text(point)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _person(nonce: str, code: str) -> str:
    """The code as a ticket carries it: not to be read over a shoulder or in a log."""
    return hashlib.sha256(f"{nonce}:{code}".encode()).hexdigest()


def _secret(nonce: str) -> str:
    return hmac.digest(_derived("secret"), nonce.encode(), "sha256").hex()


def _derived(purpose: str) -> bytes:
    return _derive(settings.SECRET_KEY, purpose)


@functools.cache
def _derive(secret_key: str, purpose: str) -> bytes:
    info = f"aikom.signing.{purpose}".encode()
    return HKDF(hashes.SHA256(), 48, None, info).derive(secret_key.encode())


def _key() -> ec.EllipticCurvePrivateKey:
    return _private_key(_derived("ticket"))


@functools.cache
def _private_key(seed: bytes) -> ec.EllipticCurvePrivateKey:
    # 48 octets over an order of 32: the remainder is even to 2⁻¹²⁸ (FIPS 186-5, A.2.1).
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return ec.derive_private_key(int.from_bytes(seed, "big") % (order - 1) + 1, ec.SECP256R1())

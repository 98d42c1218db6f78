"""Cloud keys: a service that signs with a person's key after they confirm it on their phone.

Spoken is the API of the Cloud Signature Consortium, version 2 (public, §11 of its specification):
`credentials/list`, `credentials/authorize` and `authorizeCheck` (the confirmation), then
`signatures/signDoc`, which gives a detached CAdES of the digest that was confirmed. Only services
that the operator named are asked, by `kernel.outside`; nothing they say is believed: the CMS goes
the way of every other (`services.sessions.verify`). docs/how-to/tokens-and-cloud-keys.md.
"""

from __future__ import annotations

import base64
import binascii
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from kernel.outside import Http, Silent
from signatures import der, oids
from signatures.algorithms import hashes
from signatures.certificates import Certificate, load

LIMIT = 512 * 1024
MAX_CREDENTIALS = 20
# Signature algorithms a credential may offer, the best first, with the hash each is made over.
ALGORITHMS = {
    "1.2.804.2.1.1.1.1.3.6.1.1": oids.KUPYNA256,  # ДСТУ 4145 with Kupyna
    "1.2.804.2.1.1.1.1.3.1.1": oids.GOST34311,  # ДСТУ 4145 with GOST 34.311
    "1.2.840.10045.4.3.2": oids.SHA256,  # ECDSA
    "1.2.840.113549.1.1.11": oids.SHA256,  # RSA
}


class BadConfiguration(ValueError):
    """The file of services cannot be used; the message says where and why."""


class NoAnswer(Exception):
    """The service is silent, or its answer cannot be used."""


class Declined(Exception):
    """The service said no, in the words of its protocol: the person declined, or we are wrong."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service as the operator described it."""

    code: str
    name: str
    address: str  # ends with /csc/v2/
    token: str
    client_id: str
    client_secret: str = field(repr=False)
    user: str = "TINUA-{rnokpp}"  # who a person is there (ETSI EN 319 412-1)
    authorities: str | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """A key of a person at a service: by which algorithm it signs, and its certificate."""

    id: str
    algorithm: str
    certificate: Certificate

    @property
    def hash_oid(self) -> str:
        return ALGORITHMS[self.algorithm]

    def digest(self, content: bytes) -> bytes:
        return hashes.digest(self.hash_oid, content)


# ── configuration ────────────────────────────────────────────────────────────
def services() -> dict[str, Service]:
    """The services by code; empty while none is configured.

    Raises:
        BadConfiguration: the file is absent or wrong.
    """
    if not settings.SIGNATURES_CLOUD:
        return {}
    path = Path(settings.SIGNATURES_CLOUD)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise BadConfiguration(f"{path}: {error.strerror}") from error


@lru_cache(maxsize=2)
def _read(path: Path, changed_at: int) -> dict[str, Service]:
    try:
        told = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"{path}: {error}") from error
    found = [_service(each) for each in told.get("service", ())]
    if not found or len({one.code for one in found}) != len(found):
        raise BadConfiguration(f"{path}: [[service]] tables with different codes are expected")
    return {one.code: one for one in found}


def _service(told: Mapping[str, Any]) -> Service:
    known = Service.__dataclass_fields__
    unknown = sorted(set(told) - set(known))
    if unknown:
        raise BadConfiguration(f"{unknown[0]}: no such word; known: {', '.join(known)}")
    given = {"token": str(told.get("address", "")) + "oauth2/token", **told}
    missing = [
        n for n in ("code", "name", "address", "client_id", "client_secret") if n not in given
    ]
    if missing:
        raise BadConfiguration(f"{told.get('code', '?')}: {missing[0]} is not set")
    for name in ("address", "token"):
        parts = urlsplit(str(given[name]))
        near = settings.SYNTHETIC_DATA and parts.hostname in {"localhost", "127.0.0.1"}
        if not parts.hostname or (parts.scheme != "https" and not near):
            raise BadConfiguration(f"{given['code']}: {name}: an https:// address is expected")
    if not str(given["address"]).endswith("/"):
        raise BadConfiguration(f"{given['code']}: address: ends with /")
    return Service(**given)


# ── the protocol ─────────────────────────────────────────────────────────────
class Client:
    """One conversation with a service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        places = {urlsplit(one) for one in (service.address, service.token)}
        self.http = Http(
            hosts=frozenset(one.netloc if one.port else str(one.hostname) for one in places),
            proxy=settings.SIGNATURES_EGRESS_PROXY or None,
            authorities=service.authorities,
        )
        self._token = ""

    def credentials(self, rnokpp: str) -> list[Credential]:
        """The keys of a person that can sign, by what their certificates say.

        Raises:
            NoAnswer, Declined: no usable answer, or no.
        """
        told = self._ask(
            "credentials/list",
            userID=self.service.user.format(rnokpp=rnokpp),
            credentialInfo=True,
            certificates="single",
            certInfo=False,
            authInfo=True,
            onlyValid=True,
        )
        infos = told.get("credentialInfos")
        if not isinstance(infos, list):
            raise NoAnswer("credentials/list gave no credentials")
        found = [_credential(info) for info in infos[:MAX_CREDENTIALS]]
        return [one for one in found if one is not None]

    def authorize(self, credential: Credential, digest: bytes, words: str) -> tuple[str, str]:
        """Ask the person to confirm exactly this digest: (what activates the key, "") when it is
        confirmed already, ("", the handle to ask by) while they are asked.

        Raises:
            NoAnswer, Declined: no usable answer, or no.
        """
        told = self._ask(
            "credentials/authorize",
            credentialID=credential.id,
            numSignatures=1,
            hashes=[base64.b64encode(digest).decode()],
            hashAlgorithmOID=credential.hash_oid,
            description=words[:500],
        )
        return _activation(told)

    def confirmed(self, handle: str) -> tuple[str, str]:
        """As `authorize`, a moment later.

        Raises:
            NoAnswer, Declined: no usable answer, or no.
        """
        return _activation(self._ask("credentials/authorizeCheck", handle=handle))

    def sign(self, credential_id: str, algorithm: str, digest: bytes, activation: str) -> bytes:
        """The detached CAdES over the digest that was confirmed.

        Raises:
            NoAnswer, Declined: no usable answer, or no.
        """
        told = self._ask(
            "signatures/signDoc",
            credentialID=credential_id,
            SAD=activation,
            documentDigests=[
                {
                    "hashes": [base64.b64encode(digest).decode()],
                    "hashAlgorithmOID": ALGORITHMS[algorithm],
                    "signature_format": "C",
                    "conformance_level": "Ades-B-B",
                    "signed_envelope_property": "Detached",
                    "signAlgo": algorithm,
                }
            ],
        )
        try:
            [signature] = list(told["SignatureObject"])
            return base64.b64decode(signature, validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise NoAnswer("signatures/signDoc gave no signature") from error

    def _ask(self, method: str, **question: Any) -> dict[str, Any]:
        if not self._token:
            self._token = self._service_token()
        url = self.service.address + method
        body, kind = json.dumps(question).encode(), "application/json"
        return self._exchange(url, body, kind, authorization=f"Bearer {self._token}")

    def _service_token(self) -> str:
        """Access for this installation (OAuth 2.0 client credentials), not yet to any key."""
        body = urlencode(
            {
                "grant_type": "client_credentials",
                "scope": "service",
                "client_id": self.service.client_id,
                "client_secret": self.service.client_secret,
            }
        ).encode()
        told = self._exchange(self.service.token, body, "application/x-www-form-urlencoded")
        token = told.get("access_token")
        if not isinstance(token, str) or not token.isprintable():
            raise NoAnswer("no access token")
        return token

    def _exchange(
        self, url: str, body: bytes, content_type: str, authorization: str = ""
    ) -> dict[str, Any]:
        try:
            raw = self.http.fetch(
                url,
                limit=LIMIT,
                body=body,
                content_type=content_type,
                authorization=authorization,
                statuses=frozenset({200, 202, 400, 401, 403}),
            )
            told = json.loads(raw)
        except (Silent, ValueError, RecursionError) as error:
            raise NoAnswer(str(error)) from error
        if not isinstance(told, dict):
            raise NoAnswer("the answer is no object")
        if "error" in told:
            raise Declined(str(told["error"])[:100])
        return told


def _activation(told: Mapping[str, Any]) -> tuple[str, str]:
    activation, handle = told.get("SAD") or "", told.get("handle") or ""
    if not isinstance(activation, str) or not isinstance(handle, str) or not (activation or handle):
        raise NoAnswer("neither confirmed nor asked")
    return activation, handle


def _credential(info: Any) -> Credential | None:
    """A credential that can be used here; None for what another method would open, or is broken."""
    try:
        if info["key"]["status"] != "enabled" or info["auth"]["mode"] != "explicit":
            return None
        if any(needed.get("type") for needed in info["auth"].get("objects") or ()):
            return None  # it wants a password from us; no page of ours asks for one
        offered = set(info["key"]["algo"])
        algorithm = next(one for one in ALGORITHMS if one in offered)
        certificate = load(base64.b64decode(info["cert"]["certificates"][0], validate=True))
        return Credential(str(info["credentialID"]), algorithm, certificate)
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        StopIteration,
        AttributeError,
        der.DerError,
    ):
        return None

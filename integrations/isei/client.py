"""The protocol of id.gov.ua over HTTP: three questions and one address.

Its specification is «Опис інформаційної взаємодії» (IDInfoProcessingD.pdf on id.gov.ua): OAuth 2.0
with a code and no PKCE; codes and secrets go in the body of a POST, out of everybody's logs.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import Any
from urllib.parse import quote, urlencode

import structlog

from integrations.isei import errors
from integrations.isei.conf import Configuration
from kernel.outside import Http, Silent
from signatures.certificates import Certificate

log = structlog.get_logger(__name__)

# What is asked about a person: everything, so that one answer decides and is kept as evidence.
FIELDS = (
    "issuer", "issuercn", "serial", "subject", "subjectcn", "locality", "state", "o", "ou",
    "title", "lastname", "middlename", "givenname", "email", "address", "phone", "dns",
    "edrpoucode", "drfocode", "unzr", "isqscd",
)  # fmt: skip
LIMIT = 256 * 1024
# id.gov.ua tells its refusals with these statuses too; the words are in the body.
_STATUSES = frozenset({200, 400, 401, 403})
_NOT_KNOWN = frozenset({"invalid_client", "unauthorized_client"})


@dataclasses.dataclass(frozen=True)
class Token:
    """What a code is exchanged for: whose data may be asked, and with what."""

    access_token: str = dataclasses.field(repr=False)
    user_id: str


@dataclasses.dataclass(frozen=True)
class Client:
    """Asks id.gov.ua on behalf of this installation."""

    configuration: Configuration

    def authorize(self, *, state: str, back: str) -> str:
        """The address a browser is sent to."""
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self.configuration.client_id,
                "auth_type": ",".join(self.configuration.auth_types),
                "state": state,
                "redirect_uri": back,
            }
        )
        return f"{self.configuration.address}/?{query}"

    def token(self, code: str) -> Token:
        """Exchange a one-time code.

        Raises:
            IseiCodeRefused: expired, used before, or not a code.
            IseiMisconfigured, IseiSilent, IseiUnreadable: as the names say.
        """
        answer = self._ask(
            "get-access-token",
            {
                "grant_type": "authorization_code",
                "client_id": self.configuration.client_id,
                "client_secret": self.configuration.client_secret,
                "code": code,
            },
        )
        if refused := refusal_of(answer):
            if refused[0] in _NOT_KNOWN:
                log.error("isei_does_not_know_us", error=refused[0])
                raise errors.IseiMisconfigured
            raise errors.IseiCodeRefused
        token, user = answer.get("access_token"), answer.get("user_id")
        if not isinstance(token, str) or not token or not isinstance(user, str | int):
            raise errors.IseiUnreadable
        return Token(token, str(user))

    def user_info(self, token: Token, certificate: Certificate | None) -> dict[str, Any]:
        """All it tells of the person, encrypted to `certificate` when there is one.

        Raises:
            IseiRefused: it will not tell.
            IseiSilent, IseiUnreadable: as the names say.
        """
        question = {
            "access_token": token.access_token,
            "user_id": token.user_id,
            "fields": ",".join(FIELDS),
        }
        if certificate is not None:
            # Encoded once here and once with the rest: id.gov.ua decodes this field twice.
            question["cert"] = quote(base64.b64encode(certificate.der).decode(), safe="")
        answer = self._ask("get-user-info", question)
        if refused := refusal_of(answer):
            raise errors.IseiRefused(words_of(*refused))
        return answer

    def log_out(self, token: Token) -> None:
        """End the person's visit there.

        Raises:
            IseiSilent, IseiUnreadable: nobody knows whether it did.
        """
        self._ask("get-user-logout", {"access_token": token.access_token, "user_id": token.user_id})

    @property
    def _http(self) -> Http:
        """The way to its host alone, within a person's patience."""
        return Http(
            hosts=frozenset({self.configuration.host}),
            proxy=self.configuration.proxy or None,
            authorities=self.configuration.tls_authorities or None,
            total_seconds=10.0,
        )

    def _ask(self, path: str, question: dict[str, str]) -> dict[str, Any]:
        address, form = f"{self.configuration.address}/{path}", urlencode(question)
        try:
            if self.configuration.method == "get":
                raw = self._http.fetch(f"{address}?{form}", limit=LIMIT, statuses=_STATUSES)
            else:
                raw = self._http.fetch(
                    address,
                    limit=LIMIT,
                    body=form.encode(),
                    content_type="application/x-www-form-urlencoded",
                    statuses=_STATUSES,
                )
        except Silent as silent:
            log.warning("isei_silent", reason=str(silent))
            raise errors.IseiSilent from silent
        try:
            answer = json.loads(raw)
        except (ValueError, RecursionError) as error:
            log.warning("isei_unreadable", path=path, reason="not JSON")
            raise errors.IseiUnreadable from error
        if not isinstance(answer, dict):
            log.warning("isei_unreadable", path=path, reason="not an object")
            raise errors.IseiUnreadable
        return answer


def refusal_of(answer: dict[str, Any]) -> tuple[str, str] | None:
    """The code and the words of a refusal, None when the answer is none."""
    error = answer.get("error")
    if error in (None, "", 0, False):
        return None
    return str(error), str(answer.get("error_description") or answer.get("message") or "")


def words_of(error: str, description: str) -> str | None:
    """A sentence with the words of id.gov.ua, made short and plain."""
    words = " ".join((description or error).split())[:300]
    return f"Пояснення id.gov.ua: «{words}»." if words else None

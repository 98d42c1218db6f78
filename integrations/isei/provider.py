"""`accounts.ports.IdentityProvider` by id.gov.ua."""

from __future__ import annotations

import dataclasses
import datetime

import structlog

from accounts.errors import SignInRefused
from accounts.ports import Identified
from accounts.roles import Way
from integrations.isei import answers, errors, tasks
from integrations.isei.client import Client, words_of
from integrations.isei.conf import AUTH_TYPES, OPENING_AUTH_TYPES, Configuration
from kernel import jobs
from signatures import api as signatures

log = structlog.get_logger(__name__)

_CANCELLED = {"access_denied", "cancelled", "canceled", "user_cancelled"}


@dataclasses.dataclass(frozen=True)
class Isei:
    """The second way in, of one configuration."""

    configuration: Configuration

    @property
    def site(self) -> str:
        """The address of ours that is registered at id.gov.ua."""
        return self.configuration.redirect_base

    def address(self, *, state: str, back: str) -> str:
        """Where the browser goes."""
        return self._client.authorize(state=state, back=back)

    def identify(self, code: str, *, at: datetime.datetime) -> Identified:
        """Who brought the code.

        Raises:
            IseiWayNotEnough: not by a qualified signature.
            IseiCodeRefused, IseiRefused, IseiSilent, IseiUnreadable, IseiMisconfigured: no answer.
        """
        token = self._client.token(code)
        try:
            reader = answers.Reader.of(self.configuration)
        except signatures.UnusableKeyFile as refusal:
            log.error("isei_misconfigured", reason=str(refusal))
            raise errors.IseiMisconfigured from refusal
        answer = reader.read(self._client.user_info(token, reader.certificate), at=at)
        if answer.auth_type not in OPENING_AUTH_TYPES:
            way = AUTH_TYPES.get(answer.auth_type)
            raise errors.IseiWayNotEnough(f"Ви підтвердили особу через {way}." if way else None)
        return Identified(
            way=Way.ID_GOV_UA,
            person_code=answer["drfocode"],
            edrpou=answer["edrpoucode"],
            full_name=answer.full_name,
            certificate_serial=answer["serial"],
            evidence=answer.evidence,
            farewell=f"{token.user_id} {token.access_token}",
        )

    def refusal(self, error: str, description: str) -> SignInRefused:
        """What a person is told when id.gov.ua sent them back with an error."""
        if error in _CANCELLED or not error:
            return errors.IseiCancelled()
        return errors.IseiRefused(words_of(error, description))

    def sign_out(self, farewell: str) -> None:
        """End the visit at id.gov.ua in the background."""
        jobs.start(tasks.log_out, farewell)

    @property
    def _client(self) -> Client:
        return Client(self.configuration)


def configured() -> Isei | None:
    """The second way in, when settings turn it on."""
    configuration = Configuration.current()
    return Isei(configuration) if configuration.on else None

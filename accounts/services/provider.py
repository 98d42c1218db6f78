"""Sign-in through id.gov.ua (постанова 1255 п.5(16); handbook J.4): there and back.

The browser leaves with a state: a one-time number sealed to this browser and this site. Whoever
comes back without it, in another browser, late or twice is refused before the provider is asked.
id.gov.ua knows no PKCE, so the state is all that ties its answer to whoever asked.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Callable

from django.core import signing

from accounts import errors, ports
from accounts.actors import Actor
from accounts.models import UserSession
from accounts.ports import Identified, IdentityProvider
from accounts.roles import Way
from accounts.services import entering

# A person may look for a key, a telephone and a password there.
LIFETIME = datetime.timedelta(minutes=15)
_SALT = "accounts.provider.state"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Returned(entering.Visitor):
    """What the browser brought back from the provider."""

    state: str
    code: str = ""
    error: str = ""
    description: str = ""


def offered() -> bool:
    """Whether this installation has the second way in."""
    return ports.identity_provider() is not None


def registered_site() -> str:
    """The address of this installation that the provider sends people back to, "" for any.

    Raises:
        SecondWayOff: there is one way in here.
    """
    return _provider().site


def leave(*, site: str, path: str, browser: str, at: datetime.datetime) -> str:
    """The provider's address to send this browser to, to return to `path` here; writes nothing.

    Raises:
        SecondWayOff: there is one way in here.
    """
    provider = _provider()
    body = f"{uuid.uuid4().hex}.{int(at.timestamp())}"
    state = _seal(site, browser).sign(body)
    return provider.address(state=state, back=(provider.site or site) + path)


def sign_in(
    returned: Returned, *, at: datetime.datetime, new_session: Callable[[str], str]
) -> UserSession:
    """Judge what came back and open a visit (see `entering.enter`). `new_session` is given what
    the provider wants to hear when the visit ends.

    Raises:
        SecondWayOff: there is one way in here.
        ReturnForeign, ReturnExpired, ReturnUsed: not what this browser asked for.
        SignInRefused: the provider's refusals, and whatever entering refuses.
    """
    provider = _provider()

    def prove(door: Actor) -> Identified:
        entering.take(
            actor=door,
            challenge=_unseal(returned, at),
            lifetime=LIFETIME,
            used=errors.ReturnUsed,
            at=at,
        )
        if not returned.code:
            raise provider.refusal(returned.error, returned.description)
        return provider.identify(returned.code, at=at)

    return entering.enter(
        returned,
        prove,
        way=Way.ID_GOV_UA,
        at=at,
        new_session=lambda who: new_session(who.farewell),
    )


def sign_out(farewell: str) -> None:
    """Tell the provider that the visit is over, when it asked to be told."""
    provider = ports.identity_provider() if farewell else None
    if provider is not None:
        provider.sign_out(farewell)


def _provider() -> IdentityProvider:
    provider = ports.identity_provider()
    if provider is None:
        raise errors.SecondWayOff
    return provider


def _seal(site: str, browser: str) -> signing.Signer:
    """A seal that only this site and this browser can verify, so the state need not name them."""
    return signing.Signer(salt=f"{_SALT}:{site}:{entering.browser_digest(browser).hex()}")


def _unseal(returned: Returned, at: datetime.datetime) -> uuid.UUID:
    if not returned.browser:
        raise errors.ReturnForeign
    try:
        number, moment = _seal(returned.site, returned.browser).unsign(returned.state).split(".")
    except signing.BadSignature:
        raise errors.ReturnForeign from None
    left_at = datetime.datetime.fromtimestamp(int(moment), datetime.UTC)
    if not left_at - datetime.timedelta(seconds=1) <= at <= left_at + LIFETIME:
        raise errors.ReturnExpired
    return uuid.UUID(hex=number)

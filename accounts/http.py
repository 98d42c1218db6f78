"""The request as every page of the house gets it: the middleware has said who acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from accounts.actors import Actor
    from accounts.models import UserSession


class HouseRequest(HttpRequest):
    """A request after `accounts.middleware`; only types know this class, Django makes its own.

    `actor` is who acts under a chosen grant: pages that are not open to all have one. A page open to
    all asks whether it is there.
    """

    actor: Actor
    user_session: UserSession
    farewell: str

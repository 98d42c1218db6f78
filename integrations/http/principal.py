"""Who calls an API: an actor like any other, found from what the request carries."""

from __future__ import annotations

from typing import Protocol

from rest_framework.request import Request

from accounts.actors import Actor


class Principal(Protocol):
    """What an authentication of a partner's API puts where DRF keeps its user."""

    @property
    def actor(self) -> Actor: ...

    @property
    def is_authenticated(self) -> bool: ...


def bearer(request: Request) -> str | None:
    """The secret of `Authorization: Bearer …`, or None."""
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return secret.strip() or None if scheme.lower() == "bearer" else None


def actor_of(request: Request) -> Actor:
    """The actor of an authenticated call."""
    principal: Principal = request.user  # type: ignore[assignment]
    return principal.actor

"""Who is this request: loads the actor of the session's grant; closes everything by default."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts import actors
from accounts.models import UserSession
from accounts.roles import GrantState


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Open a view to people who have not signed in. Everything else is closed."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


class ActorMiddleware:
    """Set `request.actor` (None for a stranger) and `request.user_session`.

    The grant's state is read with every request, so that НЕАКТИВНИЙ or a suspension ends the
    visit at the next click. Addresses under /api/ authenticate by key and are left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        request.user_session = None  # type: ignore[attr-defined]
        if not request.path.startswith("/api/"):
            self._load(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.path.startswith("/api/") or getattr(view, "is_public", False):
            return None
        if request.actor is not None:  # type: ignore[attr-defined]
            return None
        if request.user_session is not None:  # type: ignore[attr-defined]
            if getattr(view, "needs_no_grant", False):
                return None
            return redirect("choose_grant")
        to = (
            reverse("sign_in")
            + "?next="
            + quote(request.get_full_path() if request.method == "GET" else "/")
        )
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=401)
            response["HX-Redirect"] = to
            return response
        return redirect(to)

    def _load(self, request: HttpRequest) -> None:
        key = request.session.session_key
        if not key or "user_session_id" not in request.session:
            return
        visit = (
            UserSession.objects.select_related("grant__user", "grant__unit", "user")
            .filter(
                pk=request.session["user_session_id"],
                session_key_sha256=hashlib.sha256(key.encode()).digest(),
                ended_at=None,
            )
            .first()
        )
        if visit is None:
            return
        request.user_session = visit  # type: ignore[attr-defined]
        if (
            visit.grant is not None
            and visit.grant.state == GrantState.ACTIVE
            and visit.grant.unit.is_active
        ):
            request.actor = actors.of_grant(visit.grant)  # type: ignore[attr-defined]

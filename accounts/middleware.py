"""Who is this request: loads the actor of the session's grant; closes everything by default."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts import actors
from accounts.errors import OnlyOperators, OnlyParents
from accounts.roles import PARENT, GrantState, Role, Way
from accounts.sessions import SessionStore
from kernel.ui.views import session_expired

# Who works in a window of their own: how its pages are marked, and the first of them. All the other
# pages of the portal are as if they were not there.
WINDOWS: dict[str, tuple[str, str]] = {
    PARENT: ("is_for_parents", "parents"),
    Role.OPERATOR: ("is_for_operators", "operator"),
}
_OUTLIVED: dict[str, str] = {
    Way.SIGNATURE: "Строк дії сертифіката, яким ви увійшли, закінчився",
    Way.ID_GOV_UA: "Минуло дванадцять годин від входу через id.gov.ua",
}


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Open a view to people who have not signed in. Everything else is closed."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def needs_no_grant(view: Callable[..., Any]) -> Callable[..., Any]:
    """Open a view to a person who signed in and has not chosen a grant yet."""
    view.needs_no_grant = True  # type: ignore[attr-defined]
    return view


def parents_too(view: Callable[..., Any]) -> Callable[..., Any]:
    """Open a page of the cabinet to the parents' window as well; all others are closed to it."""
    view.is_for_parents = True  # type: ignore[attr-defined]
    return view


def for_parents(view: Callable[..., Any]) -> Callable[..., Any]:
    """A page of the parents' window: open to whoever chose it, closed to whoever acts under a grant.

    Raises:
        OnlyParents: a grant is acting.
    """

    @functools.wraps(view)
    def run(request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.actor.role != PARENT:
            raise OnlyParents
        return view(request, *args, **kwargs)

    return parents_too(run)


def operators_too(view: Callable[..., Any]) -> Callable[..., Any]:
    """Open a page to operators of school information systems as well; all others are closed to them."""
    view.is_for_operators = True  # type: ignore[attr-defined]
    return view


def for_operators(view: Callable[..., Any]) -> Callable[..., Any]:
    """A page of the operator's cabinet: open to whoever acts for an operator alone.

    Raises:
        OnlyOperators: anybody else is acting.
    """

    @functools.wraps(view)
    def run(request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.actor.role != Role.OPERATOR:
            raise OnlyOperators
        return view(request, *args, **kwargs)

    return operators_too(run)


class ActorMiddleware:
    """Set `request.actor` (None for a stranger) and `request.user_session`.

    The grant's state is read with every request, so that НЕАКТИВНИЙ or a suspension ends the
    visit at the next click. One query beside the session's own. Addresses under /api/
    authenticate by key and are left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        request.user_session = None  # type: ignore[attr-defined]
        # Why the last visit ended, for the sign-in page.
        request.farewell = ""  # type: ignore[attr-defined]
        if not request.path.startswith("/api/"):
            self._load(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.path.startswith("/api/") or getattr(view, "is_public", False):
            return None
        actor = request.actor  # type: ignore[attr-defined]
        if actor is not None:
            if actor.role not in WINDOWS or getattr(view, "needs_no_grant", False):
                return None
            mark, first = WINDOWS[actor.role]
            if getattr(view, mark, False):
                return None
            if request.resolver_match is not None and request.resolver_match.url_name == "home":
                return redirect(first)
            raise Http404
        if request.user_session is not None:  # type: ignore[attr-defined]
            if getattr(view, "needs_no_grant", False):
                return None
            return redirect("choose_grant")
        return self._ask_to_sign_in(request)

    def _ask_to_sign_in(self, request: HttpRequest) -> HttpResponse:
        """To the door and back. A form that was being sent stays in the browser's own copy."""
        if request.headers.get("HX-Request") == "true":
            if request.headers.get("X-Autosave"):
                return session_expired(request)
            seen = urlsplit(request.headers.get("HX-Current-URL", "/"))
            back = seen.path + (f"?{seen.query}" if seen.query else "")
            response = HttpResponse(status=401)
            response["HX-Redirect"] = f"{reverse('sign_in')}?next={quote(back)}"
            return response
        if request.method not in {"GET", "HEAD"}:
            return session_expired(request)
        return redirect(f"{reverse('sign_in')}?next={quote(request.get_full_path())}")

    def _load(self, request: HttpRequest) -> None:
        session: SessionStore = request.session  # type: ignore[assignment]
        visit = session.visit()
        if visit is None:
            return
        if visit.ended_at is not None:
            request.farewell = visit.ended_reason  # type: ignore[attr-defined]
            return
        if visit.certificate_not_after <= timezone.now():
            request.farewell = _OUTLIVED[visit.way]  # type: ignore[attr-defined]
            return
        request.user_session = visit  # type: ignore[attr-defined]
        if visit.as_parent:
            request.actor = actors.of_parent(visit.user)  # type: ignore[attr-defined]
            return
        grant = visit.grant
        if grant is not None and grant.state == GrantState.ACTIVE and grant.unit.is_active:
            request.actor = actors.of_grant(grant, visit.below)  # type: ignore[attr-defined]

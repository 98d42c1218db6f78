"""The door: sign-in by signature, choice of the grant, one's own visits, the way out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actors, errors, identifiers, ports
from accounts.actors import Actor
from accounts.http import HouseRequest
from accounts.middleware import needs_no_grant, public
from accounts.models import UserSession
from accounts.portal.devices import device_of
from accounts.roles import Role
from accounts.selectors import invitations as invitation_selectors
from accounts.selectors import visits, waves
from accounts.services import provider, signin
from kernel import clock
from kernel.db import writes_allowed
from kernel.errors import NotFound
from kernel.parameters import asked, flag, words
from kernel.ui import pages
from kernel.ui.views import refusal_page

BROWSER = "sign_in_browser"
GOING_TO = "sign_in_next"
FAREWELL = "sign_out_farewell"
OPERATORS = "/operator/"  # what an operator of systems may be asked for
PARENTS = "/parents/"  # what the parents' window may be asked for before signing in


@public
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HouseRequest) -> HttpResponse:
    """«Кабінет користувача»: a challenge to sign; its answer opens a visit."""
    back = _next(request)
    as_operator = request.POST.get("operator") == "1"
    if request.method == "GET":
        if request.actor is not None:
            return pages.see_other(request, back or "home")
        return _door(request, back=back, as_operator=asked(request, flag("operator"))["operator"])
    try:
        visit = signin.sign_in(
            signin.Answer(
                token=request.POST.get("challenge", ""),
                signature=pages.sent_bytes(request, "signature"),
                browser=request.session.get(BROWSER, ""),
                site=_site(request),
                address=address_of(request),
                device=device_of(request.headers.get("User-Agent", "")),
                as_operator=as_operator,
            ),
            at=timezone.now(),
            new_session=lambda: _rotate(request),
        )
    except errors.SignInRefused as refusal:
        return _door(request, back=back, refusal=refusal, as_operator=as_operator)
    return _inside(request, visit, back)


@public
@never_cache
@require_http_methods(["GET"])
def leave_for_provider(request: HouseRequest) -> HttpResponse:
    """«Увійти через id.gov.ua»: away with a state that only this browser can bring back.

    Whoever came by another name of this site goes to the registered one first: cookies do not
    cross names. They do so once, since a proxy may hide from us the name that they see.
    """
    back = request.session[GOING_TO] = _next(request)
    try:
        home = provider.registered_site()
        if home and home != _site(request) and not asked(request, flag("moved"))["moved"]:
            return redirect(f"{home}{request.path}?{urlencode({'moved': 1, 'next': back})}")
        address = provider.leave(
            site=_site(request),
            path=reverse("provider_back"),
            browser=_browser(request),
            at=timezone.now(),
        )
    except errors.SignInRefused as refusal:
        return _door(request, back=back, refusal=refusal)
    return redirect(address)


@public
@never_cache
@require_http_methods(["GET"])
def back_from_provider(request: HouseRequest) -> HttpResponse:
    """Back from id.gov.ua with a code or an error; a good code opens a visit."""
    back = request.session.get(GOING_TO, "")
    told = asked(
        request, *(words(name, 2_000) for name in ("state", "code", "error", "error_description"))
    )
    try:
        visit = provider.sign_in(
            provider.Returned(
                state=told["state"],
                code=told["code"],
                error=told["error"],
                description=told["error_description"],
                browser=request.session.get(BROWSER, ""),
                site=_site(request),
                address=address_of(request),
                device=device_of(request.headers.get("User-Agent", "")),
            ),
            at=timezone.now(),
            new_session=lambda farewell: _rotate(request, farewell),
        )
    except errors.SignInRefused as refusal:
        return _door(request, back=back, refusal=refusal, again=True)
    return _inside(request, visit, back)


def _inside(request: HouseRequest, visit: UserSession, back: str) -> HttpResponse:
    request.session["user_session_id"] = visit.pk
    if visit.as_parent:
        return pages.see_other(request, back if back.startswith(PARENTS) else "parents")
    if visit.grant is not None and visit.grant.role == Role.OPERATOR:
        return pages.see_other(request, back if back.startswith(OPERATORS) else "operator")
    if visit.grant_id is None:
        return pages.see_other(request, _with_next("choose_grant", back))
    return pages.see_other(request, back or "home")


def _browser(request: HouseRequest) -> str:
    """The secret value of this browser's session, made on the first need."""
    browser = request.session.get(BROWSER) or signin.new_browser_secret()
    request.session[BROWSER] = browser
    return str(browser)


def _door(
    request: HouseRequest,
    *,
    back: str,
    refusal: errors.SignInRefused | None = None,
    again: bool = False,
    as_operator: bool = False,
) -> HttpResponse:
    """The sign-in page, or the operators' door; with `again` the refusal offers the second way anew beside its words."""
    browser = _browser(request)
    now = timezone.now()
    asked = signin.ask(site=_site(request), browser=browser, at=now)
    return pages.page(
        request,
        "accounts/sign_in.html",
        {
            "challenge": asked.token,
            "to_sign": ports.to_sign(request, asked.content, now=now, title="Вхід до АІКОМ"),
            "next": back,
            "refusal": refusal,
            "farewell": request.farewell,
            "second_way": provider.offered() and not as_operator,
            "as_operator": as_operator,
            "again": again and provider.offered(),
        },
        status=refusal.http_status if refusal else 200,
    )


def _rotate(request: HouseRequest, farewell: str = "") -> str:
    """A new session with nothing of the old one: a session planted before is worth nothing."""
    with writes_allowed():  # one comes back from id.gov.ua by a GET
        request.session.flush()
        request.session.create()
    if farewell:
        request.session[FAREWELL] = farewell
    return str(request.session.session_key)


def _site(request: HouseRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def address_of(request: HouseRequest) -> str | None:
    """The visitor's address as the server sees it (behind a proxy the server restores it)."""
    return request.META.get("REMOTE_ADDR") or None


def _next(request: HouseRequest) -> str:
    """Where the person was going; only a path of this site."""
    to = str(request.POST.get("next") or asked(request, words("next", 2_000))["next"])
    safe = url_has_allowed_host_and_scheme(
        to, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return to if safe and to.startswith("/") else ""


def _with_next(url_name: str, back: str) -> str:
    address = reverse(url_name)
    return f"{address}?{urlencode({'next': back})}" if back else address


@public
@never_cache
@require_http_methods(["GET"])
def invitation(request: HouseRequest, token: str) -> HttpResponse:
    """What an invited person needs before the first sign-in."""
    try:
        invited = invitation_selectors.by_token(token, timezone.now())
    except errors.InvitationSpent as refusal:
        return refusal_page(
            request,
            status=refusal.http_status,
            title=refusal.title,
            steps=refusal.steps,
            action_url=reverse("sign_in"),
            action_label="Увійти",
        )
    return pages.page(
        request,
        "accounts/invitation.html",
        {
            "grant": invited.grant,
            "role": Role(invited.grant.role).label,
            "person_code": identifiers.masked(invited.grant.user.person_code),
            "edrpou": invitation_selectors.edrpou_of(invited.grant),
            "expires_at": invited.expires_at,
            "wave": waves.not_yet(invited.grant.unit, clock.today()),
        },
    )


@needs_no_grant
@require_POST
def sign_out(request: HouseRequest) -> HttpResponse:
    """End this visit."""
    visit = request.user_session
    signin.end_visits(actor=_person(request), reason="Вихід", at=timezone.now(), only=visit.uid)
    farewell = request.session.get(FAREWELL, "")
    request.session.flush()
    provider.sign_out(farewell)
    messages.success(request, "Ви вийшли з кабінету.")
    return pages.see_other(request, "sign_in")


@needs_no_grant
@never_cache
@require_http_methods(["GET", "POST"])
def choose_grant(request: HouseRequest) -> HttpResponse:
    """«Оберіть, від чийого імені працюєте»: among grants of the certificate's organisation."""
    person, visit, back = _person(request), request.user_session, _next(request)
    if request.method == "POST":
        if request.POST.get("window") == "parents":
            signin.choose_window(actor=person, visit_id=visit.pk)
            return pages.see_other(request, "parents")
        try:
            chosen = UUID(request.POST.get("grant", ""))
        except ValueError:
            raise NotFound from None
        signin.choose_grant(actor=person, visit_id=visit.pk, grant=chosen)
        return pages.see_other(request, back or "home")
    choices = visits.choices(person, visit)
    return pages.page(
        request,
        "accounts/choose_grant.html",
        {
            "choices": choices,
            "current": visit.grant_id,
            "as_parent": visit.as_parent,
            "next": back,
            "edrpou": visit.edrpou,
            "name": person.full_name,
        },
    )


@needs_no_grant
@never_cache
@require_http_methods(["GET", "POST"])
def my_visits(request: HouseRequest) -> HttpResponse:
    """One's own visits; end one of them, or all but this."""
    person, visit = _person(request), request.user_session
    if request.method == "POST":
        one = request.POST.get("visit", "")
        try:
            only = UUID(one) if one else None
        except ValueError:
            raise NotFound from None
        ended = signin.end_visits(
            actor=person,
            reason="Завершено з іншого пристрою",
            at=timezone.now(),
            only=only,
            but=None if only else visit.pk,
        )
        messages.success(request, "Сеанс завершено." if only else f"Завершено сеансів: {ended}.")
        return pages.see_other(request, "my_visits")
    shown = visits.mine(person)
    return pages.page(
        request,
        "accounts/my_visits.html",
        {
            "visits": shown,
            "this": visit.pk,
            "others": any(one.ended_at is None and one.pk != visit.pk for one in shown),
            "crumbs": [("Обліковий запис", reverse("ui_account"))],
        },
    )


def _person(request: HouseRequest) -> Actor:
    """The actor of the visit, or the person alone while no grant is chosen."""
    found: Any = request.actor
    return found or actors.of_person(request.user_session.user)

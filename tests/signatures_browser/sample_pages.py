"""A page with the signing form and a server behind it, for the browser tests."""

import base64
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import timezone

from kernel.db import writes_allowed
from kernel.ui import views
from signatures import tickets
from signatures.portal import signing
from signatures.trust import TrustStore
from signatures.verification import VerificationResult, verify_cms
from tests.ui.drawing import draw

CONTENT = "Наказ № 112-у\nПро зарахування учнів".encode()
FRAME = (
    '{% extends "ui/base.html" %}{% block title %}Підпис{% endblock %}'
    '{% block content %}<div class="ak-wrap--read ak-stack"><h1>Підпис</h1>BODY</div>{% endblock %}'
)
FORMS = {
    "order": '{% call c.signing_form(action="/test/sign/order/", to_sign=to_sign, button="Підписати дані") %}<input type="hidden" name="number" value="112-у">{% endcall %}',
    "login": '{{ c.signing_form(action="/test/sign/login/", to_sign=to_sign, fresh=true, button="Увійти до кабінету", note="Сервер отримує лише підписаний випадковий рядок.") }}',
    "employee": '{{ c.signing_form(action="/test/sign/employee/", to_sign=to_sign, employee=true) }}',
    "lookup": '{{ c.signing_form(action="/test/sign/lookup/", to_sign=to_sign, cert_url="/test/certificates/") }}',
    "address": '{{ c.signing_form(action="/test/sign/address/", content_url="/test/content/", to_sign=to_sign, detached="false") }}',
    "refused": '{{ c.signing_form(action="/test/sign/refused/", to_sign=to_sign, error="Підпис зроблено застарілим рядком. Підпишіть ще раз.") }}',
    "htmx": '<div id="place">{{ c.signing_form(action="/test/sign/htmx/", to_sign=to_sign, hx_post="/test/sign/htmx/", hx_target="#place", hx_swap="innerHTML") }}</div>',
}


@dataclass
class Store:
    """What the server was sent, and what it believes."""

    trust: TrustStore = field(default_factory=TrustStore)
    person: dict[str, Any] = field(default_factory=dict)  # who must sign, as tickets say it
    certificates: dict[str, bytes] = field(default_factory=dict)
    posts: list[dict[str, str]] = field(default_factory=list)
    results: list[VerificationResult] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


store = Store()


@views.open_to_all
def sign(request: HttpRequest, kind: str) -> HttpResponse:
    if request.method == "POST":
        store.bodies.append(request.body)
        store.posts.append(request.POST.dict())
        signature = base64.b64decode(request.POST["signature"])
        content = None if kind == "address" else CONTENT
        result = verify_cms(signature, content, at=timezone.now(), trust=store.trust)
        store.results.append(result)
        if kind == "htmx":
            return HttpResponse(f"<p>Прийнято: {result.overall}</p>")
        return HttpResponseRedirect(f"/test/signed/{len(store.results)}/", status=303)
    if not request.session.session_key:
        with writes_allowed():
            request.session.create()
    person = {} if kind == "login" else store.person
    ticket = tickets.to_sign(request, CONTENT, now=timezone.now(), title="Наказ № 112-у", **person)
    return HttpResponse(draw(FRAME.replace("BODY", FORMS[kind]), request, to_sign=ticket))


@views.open_to_all
def confirm(request: HttpRequest) -> HttpResponse:
    """The portal's own, without the sign-in that these pages do not have."""
    return signing.confirm(request)


@views.open_to_all
def visit(request: HttpRequest) -> HttpResponse:
    """Begin another visit."""
    with writes_allowed():
        request.session.flush()
        request.session.create()
    return HttpResponse("")


@views.open_to_all
def signed(request: HttpRequest, number: int) -> HttpResponse:
    body = '<p id="answer">{{ overall }}</p><a href="/test/sign/order/">Наступний наказ</a>'
    overall = store.results[number - 1].overall
    return HttpResponse(draw(FRAME.replace("BODY", body), request, overall=overall))


@views.open_to_all
def content(request: HttpRequest) -> HttpResponse:
    return HttpResponse(CONTENT, content_type="application/octet-stream")


@views.open_to_all
def certificates(request: HttpRequest) -> HttpResponse:
    store.bodies.append(request.body)
    asked = request.POST.getlist("keyid")
    found = [store.certificates[key] for key in asked if key in store.certificates]
    return JsonResponse({"certificates": [base64.b64encode(der).decode() for der in found]})

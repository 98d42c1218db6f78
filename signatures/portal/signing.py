"""Signing in the browser: where the worker's code comes from, and the frame in which a person
confirms what a key kept open between pages is about to sign."""

from __future__ import annotations

import functools
from pathlib import Path

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.middleware import public
from kernel.errors import NotFound
from signatures import tickets
from signatures.browser import assets
from signatures.browser.build import PROJECT

WORKER = "signatures/built/signer.worker.js"


@public
@never_cache
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The few lines that a signing worker begins with.

    They come from the application, like the page, and name the hash of the program, which the
    browser therefore compares before one line of it runs, wherever static files are served from;
    the key of tickets, so that no page can tell the worker another one; and to workers alone the
    secret of the visit under which a key passes between them. The worker's policy is this answer's
    own: it may fetch that program and nothing else.
    """
    sent = request.headers
    if sent.get("Service-Worker"):
        raise NotFound  # a service worker would stand between workers and the server
    told = {
        "program": static(WORKER),
        "integrity": assets.integrity("signer.worker.js"),
        "trust": tickets.public_key(),
    }
    # Browsers write these headers and no script does: what a script of a page fetches lacks it.
    if (sent.get("Sec-Fetch-Dest"), sent.get("Sec-Fetch-Site")) in _OF_WORKERS:
        told["between"] = tickets.between_workers(request)
    script = f"const told = {orjson.dumps(told).decode()};\n{_beginning()}"
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Content-Security-Policy"] = (
        f"default-src 'none'; script-src blob:; connect-src {request.get_host()}{static(WORKER)}"
    )
    return response


_OF_WORKERS = {("worker", "same-origin"), ("sharedworker", "same-origin")}


@functools.cache
def _beginning() -> str:
    return Path(PROJECT, "src", "start", "worker.js").read_text(encoding="utf-8")


@never_cache
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """The frame whose button lets a kept key sign one thing.

    `sandbox` gives the document an origin of its own, so no script of the portal can look into it
    or press in it; and it is given to frames alone, because a script could read what it fetched.
    Browsers write the two headers themselves and let no script do it.
    """
    sent = request.headers
    framed = (sent.get("Sec-Fetch-Dest"), sent.get("Sec-Fetch-Site")) == ("iframe", "same-origin")
    if not framed:
        raise NotFound
    asked = tickets.read(
        request.POST.get("ticket", ""), visit=tickets.visit_of(request), now=timezone.now()
    )
    response = render(request, "signatures/confirm.html", {"asked": asked})
    response["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"
    )
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response

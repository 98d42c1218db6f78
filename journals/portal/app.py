"""Journals as something to install: its manifest, and the worker that answers without a network.

Both say nothing of anybody, so they are open: a browser asks for them without a session too. The
worker stands under `/journals/` and so has no say about any other page.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.middleware import public

_View = TypeVar("_View", bound=Callable[..., HttpResponseBase])


def works_offline(view: _View) -> _View:
    """What a page that is kept for where there is no network may do more than others."""
    return csp_replace({"worker-src": ["'self'"], "manifest-src": ["'self'"]})(view)  # type: ignore[return-value, arg-type]


@functools.cache
def _worker() -> str:
    return (Path(__file__).with_name("worker.js")).read_text("utf-8")


@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The worker: pages that were put at hand, where the network brings none."""
    answer = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@public
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What the browser installs."""
    home = reverse("journals")
    told = {
        "name": "АІКОМ: мої журнали",
        "short_name": "Журнали",
        "lang": "uk",
        "id": home,
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": [{"src": static("ui/mark.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return JsonResponse(told, content_type="application/manifest+json")

"""Pages that may look for a signing agent on the person's computer, and no other pages."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse


def allow(response: HttpResponse) -> HttpResponse:
    """Let this one page ask the configured agents (`connect-src`); nothing while there are none."""
    if settings.SIGNATURES_AGENTS:
        response._csp_update = {"connect-src": list(settings.SIGNATURES_AGENTS)}  # type: ignore[attr-defined]
    return response

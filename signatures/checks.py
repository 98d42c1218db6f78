"""What must be right before the server starts."""

import re
from typing import Any

from django.conf import settings
from django.core import checks

from signatures import cloud
from signatures.backend import backend

_LOOPBACK = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")


@checks.register
def backend_loads(**_kwargs: Any) -> list[checks.CheckMessage]:
    """The configured signature backend exists."""
    try:
        backend()
    except (ImportError, TypeError, AttributeError) as error:
        return [checks.Error(f"SIGNATURES_BACKEND: {error}", id="signatures.E001")]
    return []


@checks.register
def agents_are_near(**_kwargs: Any) -> list[checks.CheckMessage]:
    """A signing agent lives on the person's own computer: an address elsewhere would get documents,
    and a place in the policy of our pages."""
    return [
        checks.Error(
            f"SIGNATURES_AGENTS: {address!r}: http(s)://localhost:PORT or 127.0.0.1 is expected, "
            "without a path",
            id="signatures.E002",
        )
        for address in settings.SIGNATURES_AGENTS
        if not _LOOPBACK.fullmatch(address)
    ]


@checks.register
def cloud_services_are_whole(**_kwargs: Any) -> list[checks.CheckMessage]:
    """The file of cloud services can be read and says enough."""
    try:
        cloud.services()
    except cloud.BadConfiguration as wrong:
        return [checks.Error(f"SIGNATURES_CLOUD: {wrong}", id="signatures.E003")]
    return []

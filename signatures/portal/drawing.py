"""What templates of signing are given: addresses and hashes of the built browser files."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from kernel.ui.engine import request_of_page
from signatures import cloud
from signatures.browser import assets


def signing_agents() -> str:
    """Addresses of signing agents on the person's own computer, divided by spaces; empty: none."""
    return " ".join(settings.SIGNATURES_AGENTS)


def ask_agents() -> str:
    """The same, and the policy of this one page that lets it ask exactly them."""
    _allow({"connect-src": ["'self'", *settings.SIGNATURES_AGENTS]})
    return signing_agents()


def cloud_services() -> list[cloud.Service]:
    """Services of cloud keys that a page may offer."""
    return list(cloud.services().values())


def signing_script(name: str = "sign.js") -> SafeString:
    """A page module, with the hash the browser checks before running it."""
    return _script(name, "")


def signing_confirmation() -> SafeString:
    """The script of the confirmation frame, whose origin is its own: hence `crossorigin`."""
    return _script("confirm.js", mark_safe(" crossorigin"))


def _allow(more: Mapping[str, Sequence[str]]) -> None:
    """Widen the policy of the page being drawn (`kernel.middleware.ContentPolicy`)."""
    request: Any = request_of_page()
    request.policy_more = {**getattr(request, "policy_more", {}), **more}


def _script(name: str, more: str) -> SafeString:
    return format_html(
        '<script type="module" src="{}" integrity="{}"{}></script>',
        static(f"signatures/built/{name}"),
        assets.integrity(name),
        more,
    )


def signing_worker() -> SafeString:
    """Attributes that tell the page module where its workers begin and where a person confirms;
    and the policy of the page that lets it use both (`kernel.middleware.ContentPolicy`).

    Workers of another release are other workers: the address names the program they run.
    """
    host = request_of_page().get_host()
    worker, confirm = reverse("signing_worker"), reverse("confirm_signing")
    _allow({"worker-src": [host + worker], "frame-src": [host + confirm]})
    version = assets.integrity("signer.worker.js").removeprefix("sha384-")[:12]
    return format_html(
        'data-ak-worker="{}?{}" data-ak-confirm="{}"', worker, urlencode({"v": version}), confirm
    )

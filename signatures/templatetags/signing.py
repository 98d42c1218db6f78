"""Template tags of the signing component: addresses and hashes of the built browser files."""

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from signatures import cloud
from signatures.browser import assets

register = template.Library()


@register.simple_tag
def signing_agents() -> str:
    """Addresses of signing agents that pages may ask, divided by spaces; empty: none."""
    return " ".join(settings.SIGNATURES_AGENTS)


@register.simple_tag
def cloud_services() -> list[cloud.Service]:
    """Services of cloud keys that a page may offer."""
    return list(cloud.services().values())


@register.simple_tag
def signing_script(name: str = "sign.js") -> SafeString:
    """A page module, with the hash the browser checks before running it."""
    return format_html(
        '<script type="module" src="{}" integrity="{}"></script>',
        static(f"signatures/built/{name}"),
        assets.integrity(name),
    )


@register.simple_tag
def signing_worker() -> SafeString:
    """Attributes that tell the page module where its worker is and what hash it must have.

    `new Worker()` takes no integrity, so the module fetches the file under this hash first.
    """
    return format_html(
        'data-ak-worker="{}" data-ak-worker-integrity="{}"',
        static("signatures/built/signer.worker.js"),
        assets.integrity("signer.worker.js"),
    )

"""Template tags of the signing component: addresses and hashes of the built browser files."""

from urllib.parse import urlencode

from django import template
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from signatures.browser import assets

register = template.Library()


@register.simple_tag
def signing_script() -> SafeString:
    """The page module, with the hash the browser checks before running it."""
    return _script("sign.js", "")


@register.simple_tag
def signing_confirmation() -> SafeString:
    """The script of the confirmation frame, whose origin is its own: hence `crossorigin`."""
    return _script("confirm.js", mark_safe(" crossorigin"))


def _script(name: str, more: str) -> SafeString:
    return format_html(
        '<script type="module" src="{}" integrity="{}"{}></script>',
        static(f"signatures/built/{name}"),
        assets.integrity(name),
        more,
    )


@register.simple_tag(takes_context=True)
def signing_worker(context: Context) -> SafeString:
    """Attributes that tell the page module where its workers begin and where a person confirms;
    and the policy of the page that lets it use both (`kernel.middleware.ContentPolicy`).

    Workers of another release are other workers: the address names the program they run.
    """
    request = context["request"]
    worker, confirm = reverse("signing_worker"), reverse("confirm_signing")
    host = request.get_host()
    request.policy_more = {"worker-src": [host + worker], "frame-src": [host + confirm]}
    version = assets.integrity("signer.worker.js").removeprefix("sha384-")[:12]
    return format_html(
        'data-ak-worker="{}?{}" data-ak-confirm="{}"', worker, urlencode({"v": version}), confirm
    )

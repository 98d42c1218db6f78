"""What every page's frame needs: sections, who is signed in, search, theme, the synthetic-data mark."""

import functools
import secrets
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from kernel.ui import help as texts
from kernel.ui import listing, menu
from kernel.ui.menu import address as address

THEME_COOKIE = "aikom_theme"
THEMES = {
    "auto": "Як у системі",
    "light": "Світла",
    "dark": "Темна",
    "contrast": "Висока контрастність",
}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Template variable `frame`, computed only when a template asks for it (fragments do not)."""
    return {"frame": _Frame(request)}


class _Frame(dict[str, Any]):
    """The frame, built when it is first asked of: a mapping and no stand-in for one, which templates
    would pass through for each of the eighty things they ask."""

    def __init__(self, request: HttpRequest):
        super().__init__()
        self._request = request

    def __missing__(self, name: str) -> Any:
        if self:
            raise KeyError(name)
        self.update(build(self._request))
        return self[name]


def reference(request: HttpRequest) -> str:
    """The number of this request that a person reads out to support: the end of its id in the log."""
    return str(getattr(request, "id", "") or secrets.token_hex(4))[-8:].upper()


def theme_of(request: HttpRequest) -> str:
    """The theme chosen in this browser; a cookie, so that the first byte is already right."""
    chosen = request.COOKIES.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"


def build(request: HttpRequest) -> dict[str, Any]:
    """Everything around the page's own content.

    A page that failed to find its actor (an error page raised early) still gets its frame.
    """
    actor = getattr(request, "actor", None)
    search = menu.registry.search
    guide = texts.of_page(request.resolver_match)
    carried = listing.carried(request)
    onwards = f"?{urlencode(carried)}" if carried else ""
    nav, bell = menu.nav_and_bell(actor, request.path, carried) if actor is not None else ([], None)
    return {
        "nav": nav,
        "carried": onwards,
        "lens": getattr(request, "lens", None),
        "narrowing": menu.registry.narrowing(request)
        if menu.registry.narrowing and getattr(request, "narrowable", False)
        else None,
        "identity": identity_of(request),
        "who": _whose(actor),  # whose unsent copies this browser keeps
        "search": {
            "url": address(search.url_name),
            "label": search.label,
            "placeholder": search.placeholder,
            "suggest_url": address(search.suggest_url_name) + onwards
            if search.suggest_url_name
            else "",
            "kept": list(carried.items()),
            "q": request.GET.get("q", "") if request.path == address(search.url_name) else "",
        }
        if search and search.visible(actor)
        else None,
        "bell": bell,
        "theme": theme_of(request),
        "source": f"{request.get_host()}{request.path}",  # told on what is printed
        "synthetic": settings.SYNTHETIC_DATA,
        "footer": [
            {"label": one.label, "url": url}
            for one in sorted(menu.registry.footer.values(), key=lambda one: one.order)
            if (url := address(one.url_name))
        ],
        "guide": guide,
        "onward": functools.partial(texts.onward, guide, actor) if guide else list,
        "reference": reference(request),
        "home_url": address("home"),
        "account_url": address("ui_account"),
        "sign_in_url": address("sign_in"),
        "sign_out_url": address("sign_out"),
        "gallery_url": address("ui_gallery"),
    }


def _whose(actor: Any) -> str:
    """Who acts, apart from all others of this browser: a grant, or a person under none."""
    if grant := getattr(actor, "grant_id", None):
        return str(grant)
    person = getattr(actor, "user_id", None)
    return f"person-{person}" if person else ""


def bare(request: HttpRequest) -> dict[str, Any]:
    """A frame that asks nobody anything: for pages told when something is broken."""
    return {
        "theme": theme_of(request),
        "synthetic": settings.SYNTHETIC_DATA,
        "footer": [],
        "onward": list,
        "home_url": address("home"),
    }


def identity_of(request: HttpRequest) -> menu.Identity | None:
    """Who is signed in, in the words of the app that owns sign-in."""
    if menu.registry.identity is None or getattr(request, "actor", None) is None:
        return None
    return menu.registry.identity(request)

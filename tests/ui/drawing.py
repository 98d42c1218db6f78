"""Templates written inside a test: compiled as the loader compiles files."""

import re
from typing import Any

from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory


def draw(markup: str, request: HttpRequest | None = None, **context: Any) -> str:
    """Render template text with components in it."""
    engine = engines.all()[0]
    return str(engine.from_string(markup).render(context, request or RequestFactory().get("/")))


def tight(markup: str) -> str:
    """Markup without the spaces between its tags, to compare what matters."""
    return re.sub(r">\s+<", "><", markup)

"""Templates written inside a test: compiled as the loader compiles files."""

import re
from typing import Any

from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler


def draw(markup: str, request: HttpRequest | None = None, **context: Any) -> str:
    """Render template text with components in it."""
    template = engines["django"].from_string(CottonCompiler().process(markup))
    return template.render(context, request or RequestFactory().get("/"))


def tight(markup: str) -> str:
    """Markup without the spaces between its tags, to compare what matters."""
    return re.sub(r">\s+<", "><", markup)

"""The page behind every problem's `type`: what the code means, for the engineer who received it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse

from kernel.errors import DomainError
from kernel.ui import pages

# Codes that come from the framework, in the same words as its answers.
FRAMEWORK = {
    "throttled": (429, "Забагато запитів; заголовок Retry-After каже, скільки секунд зачекати"),
    "method_not_allowed": (
        405,
        "Ця адреса не приймає такого методу; дозволені — у заголовку Allow",
    ),
    "not_acceptable": (406, "Відповідь у запитаному форматі неможлива; приймаємо application/json"),
    "unsupported_media_type": (
        415,
        "Тіло запиту в непідтримуваному форматі; надсилайте application/json",
    ),
    "parse_error": (400, "Тіло запиту не є правильним JSON"),
    "error": (500, "Помилка на нашому боці; повідомте номер запиту з поля instance"),
}


def refusals(base: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Every refusal the installation knows, in any room."""
    for refusal in base.__subclasses__():
        yield refusal
        yield from refusals(refusal)


def known() -> dict[str, tuple[int, str]]:
    """Code → HTTP status and title."""
    every: list[type[DomainError]] = [DomainError, *refusals()]
    found = {r.code: (r.http_status, str(r.title)) for r in every if not inspect.isabstract(r)}
    return FRAMEWORK | found


def problem(request: HttpRequest, code: str) -> HttpResponse:
    """Show what one code means."""
    if code not in known():
        raise Http404
    status, title = known()[code]
    return pages.page(
        request, "ui/problem.html", {"code": code, "status": status, "meaning": title}
    )


def problem_list(request: HttpRequest) -> HttpResponse:
    """Show every code."""
    rows = sorted((code, status, title) for code, (status, title) in known().items())
    return pages.page(request, "ui/problem_list.html", {"rows": rows})

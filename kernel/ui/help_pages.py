"""Pages of help: instructions and their search, questions and answers, whom to ask."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from kernel.errors import NotFound
from kernel.parameters import asked, matching, words
from kernel.ui import help as texts
from kernel.ui import pages
from kernel.ui.context import reference
from kernel.ui.views import open_to_all


@open_to_all
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every instruction of the actor's services; `q` seeks in them and in the questions."""
    actor = getattr(request, "actor", None)
    q = asked(request, words("q"))["q"] or ""
    guides, questions = texts.sought(q, actor) if q else ([], [])
    return pages.page(
        request,
        "ui/help/index.html",
        {
            "q": q,
            "found": guides,
            "questions": questions,
            "groups": [(title, group) for title, group in texts.groups_for(actor) if group],
        },
    )


@open_to_all
@require_GET
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """One instruction."""
    actor = getattr(request, "actor", None)
    shown = texts.guides().get(slug)
    if shown is None:
        raise NotFound
    onward = texts.onward(shown, actor)
    begin = shown.service if texts.open_to(actor, shown.service) else ""
    return pages.page(
        request,
        "ui/help/guide.html",
        {"guide": shown, "onward": onward, "begin": texts.address_of(begin) if begin else ""},
    )


@open_to_all
@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    """What people ask, with answers and their source."""
    groups: dict[str, list[texts.Question]] = {}
    for one in texts.questions():
        groups.setdefault(one.group, []).append(one)
    return pages.page(
        request,
        "ui/help/questions.html",
        {"groups": groups.items(), "sources": texts.sources(), "guides": texts.guides()},
    )


@open_to_all
@require_GET
def support(request: HttpRequest) -> HttpResponse:
    """Whom to ask, the nearest first; support last, with the number of the page one comes from."""
    given = asked(request, matching("ref", "номер звернення", "[0-9A-F]{8}"), words("page", 300))
    return pages.page(
        request,
        "ui/help/support.html",
        {
            "helpers": texts.helpers(getattr(request, "actor", None)),
            "reference": given["ref"] or reference(request),
            "page": given["page"] or "",
            "email": settings.SUPPORT_EMAIL,
            "phone": settings.SUPPORT_PHONE,
        },
    )

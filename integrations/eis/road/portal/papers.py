"""Papers of the road: read, signed, taken as files; the operator's and the administrator's alike."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import HouseRequest
from accounts.middleware import operators_too
from accounts.roles import Role
from integrations.eis.road import content, selectors
from integrations.eis.road.services import applications, operators, signing
from integrations.eis.states import Paper
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.ui import pages
from signatures import tickets
from signatures.selectors.sessions import files_of

_KINDS = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "json": "application/json",
}


@operators_too
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HouseRequest, paper_id: uuid.UUID) -> HttpResponse:
    """A paper: signed here while it waits. A POST puts it away unsigned."""
    if request.method == "POST":
        paper = applications.give_up(actor=request.actor, paper_id=paper_id)
        messages.success(request, "Документ не подано: підпису не було.")
        return _back(request, paper.system.uid)
    return _page(request, paper_id)


def _back(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    if request.actor.holds(Role.OPERATOR):
        return pages.see_other(request, "operator")
    return pages.see_other(request, "eis_system", uid)


def _page(
    request: HouseRequest, paper_id: uuid.UUID, refusal: DomainError | None = None
) -> HttpResponse:
    actor, now = request.actor, moment()
    paper = selectors.paper(actor, paper_id)
    waits, ticketed = paper.state == "PREPARED", None
    title = Paper(paper.kind).label
    if waits and paper.signing.user_id == actor.user_id:
        ticketed = tickets.to_sign(
            request,
            bytes(paper.signing.content),
            now=now.now,
            title=title,
            lines=[("ОІС", paper.system.name)],
            person=actor.person_code,
            signer=actor.full_name,
            organisations=operators.codes_to_sign(actor),
        )
    of_operator = actor.holds(Role.OPERATOR)
    home = ("ОІС", reverse("operator")) if of_operator else ("ОІС", reverse("eis_systems"))
    system = reverse("operator_system" if of_operator else "eis_system", args=[paper.system.uid])
    taking = of_operator and paper.kind == Paper.TRANSFER and not paper.settled_at
    return pages.page(
        request,
        "eis/paper.html",
        {
            "paper": paper,
            "title": title,
            "lists": [
                (name, items) for name, items in content.lists(paper.kind, paper.facts) if items
            ],
            "attached": paper.facts.get("attached", []),
            "waits": waits,
            "ticketed": ticketed,
            "refusal": refusal,
            "crumbs": [home] if taking else [home, (paper.system.name, system)],
        },
        status=refusal.http_status if refusal else 200,
    )


@operators_too
@require_POST
def sign(request: HouseRequest, paper_id: uuid.UUID) -> HttpResponse:
    """Take the signature of a paper."""
    cms = pages.sent_bytes(request, "signature")
    try:
        paper = signing.sign(actor=request.actor, paper_id=paper_id, cms=cms, moment=moment())
    except DomainError as refusal:
        pages.pass_on(refusal)
        return _page(request, paper_id, refusal)
    done = "надіслано" if paper.kind == Paper.CONCLUSION else "подано"
    messages.success(request, f"{Paper(paper.kind).label}: підписано й {done}.")
    return _back(request, paper.system.uid)


@operators_too
@require_GET
def file(request: HouseRequest, paper_id: uuid.UUID, name: str) -> HttpResponse:
    """The paper itself, or one of its attachments: the very file that is signed."""
    paper = selectors.paper(request.actor, paper_id)
    names = {content.PAPER, *(one["file"] for one in paper.facts.get("attached", []))}
    if name not in names:
        raise NotFound
    data = files_of(paper.signing)[name]
    kind = name.rpartition(".")[2]
    return pages.file_answer(bytes(data), f"{paper.system.name}, {name}", _KINDS[kind])


@operators_too
@require_GET
def attestation(request: HouseRequest, number: int) -> HttpResponse:
    """The copy of an attestation."""
    found = selectors.attestation(request.actor, number)
    return pages.file_answer(bytes(found.paper), found.paper_name, found.paper_type)

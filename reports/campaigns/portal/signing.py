"""Signing reports: the page of what is signed, a key file, a token, a cloud key, another program."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.ui import pages
from reports.campaigns import policies
from reports.campaigns.portal.views import SERVICE
from reports.campaigns.services import signing as services
from signatures import elsewhere, exports, tickets
from signatures.errors import SignatureRefused
from signatures.services import cloud


@require_GET
def page(request: HouseRequest, session_id: uuid.UUID) -> HttpResponse:
    """What waits for the head's signature, or was signed by it."""
    return _page(request, session_id)


def _page(
    request: HouseRequest,
    session_id: uuid.UUID,
    refusal: DomainError | None = None,
    way: str = "file",
) -> HttpResponse:
    actor = request.actor
    shown = services.to_sign(actor, session_id)
    first = shown.reports[0].part
    title = first.campaign.title
    ticketed = None
    waits = shown.session.state == "PREPARED"
    if waits and shown.session.user_id == actor.user_id and policies.sign.allows(actor, first):
        ticketed = tickets.to_sign(
            request,
            shown.package.manifest,
            now=moment().now,
            title=title,
            lines=[
                ("Станом на", f"{first.campaign.as_of:%d.%m.%Y}"),
                ("Звітів", str(len(shown.reports))),
            ],
            person=actor.person_code,
            signer=actor.full_name,
            organisations=services.organisations(shown.reports),
        )
    return pages.page(
        request,
        "reports/campaigns/sign.html",
        {
            "session": shown.session,
            "reports": shown.reports,
            "campaign": first.campaign,
            "part": first,
            "ticketed": ticketed,
            "waits": waits,
            "refusal": refusal,
            "way": way,
            "to_sign": f"{title}, підписані дані.xml",
            "crumbs": [
                (SERVICE, reverse("campaigns")),
                (title, reverse("campaign", args=[first.campaign_id])),
                (first.unit.name, reverse("campaign_part", args=[first.pk])),
            ],
        },
        status=refusal.http_status if refusal else 200,
    )


@require_POST
def signed_here(request: HouseRequest, session_id: uuid.UUID) -> HttpResponse:
    """Take the signature made on this page."""
    cms = pages.sent_bytes(request, "signature")
    return _taken(request, session_id, cms)


@require_POST
def signed_elsewhere(request: HouseRequest, session_id: uuid.UUID) -> HttpResponse:
    """Take the signature from a file that another program gave."""
    given = request.FILES.get("files")
    data_ = given.read(elsewhere.MAX_FILE + 1) if given else b""
    content = bytes(services.to_sign(request.actor, session_id).session.content)
    try:
        with elsewhere.request_budget():
            found = elsewhere.find(elsewhere.read(data_), {session_id: content})
    except DomainError as no:
        return _page(request, session_id, no, way="elsewhere")
    if found is None:
        other = SignatureRefused(
            "Підписано інший документ. Завантажте файл для підпису знову й підпишіть саме його.",
            field="files",
        )
        return _page(request, session_id, other, way="elsewhere")
    return _taken(request, session_id, found[1].signature, way="elsewhere")


def _taken(
    request: HouseRequest, session_id: uuid.UUID, cms: bytes, way: str = "file"
) -> HttpResponse:
    try:
        signed = services.sign(actor=request.actor, session_id=session_id, cms=cms, moment=moment())
    except DomainError as no:
        pages.pass_on(no)
        return _page(request, session_id, no, way)
    messages.success(request, "Звіт підписано й подано.")
    return pages.see_other(request, "campaign_part", signed[0].part_id)


@require_GET
def data(request: HouseRequest, session_id: uuid.UUID) -> HttpResponse:
    """The bytes to sign: the list of files."""
    shown = services.to_sign(request.actor, session_id)
    name = f"{shown.reports[0].part.campaign.title}, підписані дані.xml"
    return pages.file_answer(shown.package.manifest, name, "application/xml")


@require_GET
def container(request: HouseRequest, session_id: uuid.UUID) -> HttpResponse:
    """Figures, their signed list and its signature in one ASiC-E."""
    shown = services.to_sign(request.actor, session_id)
    if shown.session.state != "SIGNED":
        raise NotFound
    made = exports.container(shown.session, shown.package)
    name = f"{shown.reports[0].part.campaign.title}.{made.extension}"
    return pages.file_answer(made.data, name, made.content_type)


# ── a key in the cloud ───────────────────────────────────────────────────────
@require_POST
def cloud_ask(request: HouseRequest, session_id: uuid.UUID) -> HttpResponse:
    """Ask the head's cloud key; the page then waits for the confirmation on the phone."""
    shown = _mine(request, session_id)
    try:
        asked = cloud.ask(
            actor=request.actor,
            session_id=session_id,
            service=request.POST.get("service", ""),
            words=f"{shown.reports[0].part.campaign.title}, звітів: {len(shown.reports)}",
            now=moment().now,
        )
        return _next(request, session_id, asked)
    except DomainError as no:
        pages.pass_on(no)
        return _page(request, session_id, no, way="token")


@require_POST
def cloud_check(request: HouseRequest, session_id: uuid.UUID) -> HttpResponse:
    """Whether it is confirmed: the waiting goes on, or the reports are signed, or why not."""
    shown = _mine(request, session_id)
    if shown.session.state == "SIGNED":
        return pages.see_other(request, "campaign_sign", session_id)
    note = request.POST.get("note", "")
    try:
        asked = cloud.answer(actor=request.actor, session_id=session_id, note=note)
        if asked.signature is None and asked.note == note and pages.wants_fragment(request):
            return HttpResponse(status=204)  # nothing is new: the page stays as it is
        return _next(request, session_id, asked)
    except DomainError as no:
        pages.pass_on(no)
        return pages.page(
            request,
            "reports/campaigns/cloud.html",
            {"session_id": session_id, "refusal": no},
            partial="waiting",
            status=no.http_status,
        )


def _mine(request: HouseRequest, session_id: uuid.UUID) -> services.ToSign:
    shown = services.to_sign(request.actor, session_id)
    policies.sign.require(request.actor, shown.reports[0].part)
    return shown


def _next(request: HouseRequest, session_id: uuid.UUID, asked: cloud.Asked) -> HttpResponse:
    if asked.signature is None:
        return pages.page(
            request,
            "reports/campaigns/cloud.html",
            {"session_id": session_id, "asked": asked},
            partial="waiting",
        )
    return _taken(request, session_id, asked.signature, way="token")

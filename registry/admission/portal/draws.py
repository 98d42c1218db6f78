"""The draw: its page in public, its files, and the steps of the head."""

from __future__ import annotations

import base64
import binascii
import uuid

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import HouseRequest
from accounts.middleware import public
from kernel import clock
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.text import years
from kernel.ui import pages
from kernel.ui.files import CHUNK
from registry.admission import selectors, services
from registry.admission.models import Draw
from registry.admission.portal.forms import HoldForm
from registry.admission.services import draws
from registry.orders.services import organisations_of
from signatures import tickets

_TYPES = {"json": "application/json", "py": "text/x-python; charset=utf-8"}
SHOWN = CHUNK  # numbers of a line on the page; the file has them all


# ── in public ────────────────────────────────────────────────────────────────
@public
@never_cache
@require_GET
def draw_public(request: HttpRequest, draw_id: uuid.UUID) -> HttpResponse:
    """A draw as anybody may see and recompute it: numbers of applications, no names."""
    draw = selectors.public(draw_id)
    return pages.page(
        request,
        "registry/admission/draw_public.html",
        {
            "draw": draw,
            "facts": told(draw),
            "lines": selectors.lines(draw),
            "shown": SHOWN,
            "files": sorted(draws.files(draw)),
        },
    )


@public
@never_cache
@require_GET
def draw_file(request: HttpRequest, draw_id: uuid.UUID, name: str) -> HttpResponse:
    """A file of a draw, the very bytes that its protocol names."""
    found = draws.files(selectors.public(draw_id))
    if name not in found:
        raise NotFound
    return pages.file_answer(found[name], name, _TYPES[name.rpartition(".")[2]])


def told(draw: Draw) -> list[tuple[str, str]]:
    """What is known of a draw so far, in the order it became known."""

    def at(instant: object) -> str:
        return f"{clock.local(instant):%d.%m.%Y %H:%M}" if instant else ""  # type: ignore[arg-type]

    return [
        ("Проводить", draw.unit.name),
        ("Оголошено", at(draw.announced_at)),
        ("Відбиток таємниці (SHA-256)", draw.secret_sha256),
        ("Число, яке візьмуть", draw.takes),
        ("Список зафіксовано", at(draw.frozen_at)),
        ("Відбиток списку (SHA-256)", draw.inputs_sha256),
        ("Проведено", at(draw.drawn_at)),
        ("Число", draw.public_value),
        ("Таємниця", draw.secret),
        ("Зерно", draw.seed),
        ("Відбиток результату (SHA-256)", draw.result_sha256),
        ("Протокол підписано", at(draw.signed_at)),
    ]


# ── the head's steps ─────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HouseRequest, draw_id: uuid.UUID) -> HttpResponse:
    """The next step of the draw: freeze the list, hold the draw, sign the protocol."""
    actor = request.actor
    draw = draws.find(actor, draw_id)
    form = HoldForm()
    refusal: DomainError | None = None
    now = moment()
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if do == "freeze":
                services.freeze(actor=actor, draw_id=draw_id, moment=now)
            elif do == "again":
                services.prepare_again(actor=actor, draw_id=draw_id, moment=now)
            elif do == "hold":
                form = HoldForm(request.POST)
                if form.is_valid():
                    services.hold(
                        actor=actor,
                        draw_id=draw_id,
                        public_value=form.cleaned_data["public_value"],
                        moment=now,
                    )
            if not form.errors:
                return pages.see_other(request, "draw_detail", draw_id)
        except DomainError as no:
            pages.pass_on(no)
            if do == "hold":
                form.refuse(no)
            else:
                refusal = no
    return _page(request, draw, form, refusal)


def _page(
    request: HouseRequest, draw: Draw, form: HoldForm, refusal: DomainError | None
) -> HttpResponse:
    card = selectors.school_of(draw)
    session = draw.signing
    ticketed = None
    if draw.state == "DRAWN" and session is not None and session.user_id == request.actor.user_id:
        ticketed = tickets.to_sign(
            request,
            bytes(session.content),
            now=moment().now,
            title=f"Протокол жеребкування {years(draw.school_year_id)}",
            lines=[
                ("Заклад", draw.unit.name),
                ("Відбиток результату", draw.result_sha256),
            ],
            person=request.actor.person_code,
            signer=request.actor.full_name,
            organisations=organisations_of(card),
        )
    status = refusal.http_status if refusal else 422 if form.errors else 200
    return pages.page(
        request,
        "registry/admission/draw.html",
        {
            "draw": draw,
            "card": card,
            "facts": told(draw),
            "lines": selectors.lines(draw),
            "shown": SHOWN,
            "form": form,
            "refusal": refusal,
            "ticketed": ticketed,
        },
        status=status,
    )


@require_POST
def sign(request: HouseRequest, draw_id: uuid.UUID) -> HttpResponse:
    """Take the signature of the protocol."""
    try:
        cms = base64.b64decode(request.POST.get("signature", ""), validate=True)
    except (binascii.Error, ValueError):
        cms = b""
    try:
        services.sign(actor=request.actor, draw_id=draw_id, cms=cms, moment=moment())
    except DomainError as no:
        pages.pass_on(no)
        return _page(request, draws.find(request.actor, draw_id), HoldForm(), no)
    return pages.see_other(request, "draw_detail", draw_id)

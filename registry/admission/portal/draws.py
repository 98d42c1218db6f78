"""The draw: its page in public, its files, and the steps of the head."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
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
from registry.admission import calendar, policies, selectors, services
from registry.admission.models import Draw
from registry.admission.portal.forms import HoldForm, TogetherForm
from registry.admission.services import draws
from registry.institutions import selectors as institutions
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
                ("Заклад" if card else "Орган управління", draw.unit.name),
                ("Відбиток результату", draw.result_sha256),
            ],
            person=request.actor.person_code,
            signer=request.actor.full_name,
            organisations=draws.keys_of(draw),
        )
    status = refusal.http_status if refusal else 422 if form.errors else 200
    return pages.page(
        request,
        "registry/admission/draw.html",
        {
            "draw": draw,
            "card": card,
            "back": (
                reverse("admission_school", args=[card.uid])
                if card
                else reverse("admission_schools")
            ),
            "parts": [] if card else selectors.parts(draw),
            "tokens": _tokens(),
            "facts": told(draw),
            "lines": selectors.lines(draw),
            "shown": SHOWN,
            "form": form,
            "refusal": refusal,
            "ticketed": ticketed,
        },
        status=status,
    )


def _tokens() -> bool:
    """Whether keys that are no file may sign here."""
    return bool(settings.SIGNATURES_AGENTS)


@require_POST
def sign(request: HouseRequest, draw_id: uuid.UUID) -> HttpResponse:
    """Take the signature of the protocol."""
    cms = pages.sent_bytes(request, "signature")
    try:
        services.sign(actor=request.actor, draw_id=draw_id, cms=cms, moment=moment())
    except DomainError as no:
        pages.pass_on(no)
        return _page(request, draws.find(request.actor, draw_id), HoldForm(), no)
    return pages.see_other(request, "draw_detail", draw_id)


# ── several schools together ─────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
def together(request: HouseRequest) -> HttpResponse:
    """An authority announces one draw for several of its schools."""
    actor, now = request.actor, moment()
    year = calendar.of(calendar.year_of(now.today)).school_year
    policies.draw_together.require(actor)
    choices = [
        (one.institution_id, f"{one.institution.short_name} (місць: {one.places})")
        for one in selectors.undrawn(actor, year)
    ]
    form = TogetherForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            draw = services.announce_together(
                actor=actor,
                institution_ids=form.cleaned_data["schools"],
                takes=form.cleaned_data["takes"],
                moment=now,
            )
            messages.success(request, "Жеребкування оголошено: відбиток таємниці відкрито.")
            return pages.see_other(request, "draw_detail", draw.pk)
    return pages.form_page(
        request,
        "registry/admission/together.html",
        form,
        {"year": year, "choices": choices},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """A school's part of a draw of several: its line, and the head's signature."""
    actor, card = request.actor, institutions.find(request.actor, uid)
    if request.method == "POST":
        try:
            services.prepare_part(actor=actor, institution_id=card.pk, moment=moment())
        except DomainError as no:
            pages.pass_on(no)
            return _part_page(request, uid, no)
        return pages.see_other(request, "draw_part", uid)
    return _part_page(request, uid, None)


def _part_page(request: HouseRequest, uid: uuid.UUID, refusal: DomainError | None) -> HttpResponse:
    card = institutions.find(request.actor, uid)
    draw, own = draws.part_of(request.actor, card.pk)
    session = own.signing
    ticketed = None
    if own.signed_at is None and session is not None and session.user_id == request.actor.user_id:
        ticketed = tickets.to_sign(
            request,
            bytes(session.content),
            now=moment().now,
            title=f"Протокол жеребкування {years(draw.school_year_id)}",
            lines=[("Заклад", card.short_name), ("Відбиток результату", draw.result_sha256)],
            person=request.actor.person_code,
            signer=request.actor.full_name,
            organisations=draws.keys_of(draw, own),
        )
    return pages.page(
        request,
        "registry/admission/part.html",
        {
            "draw": draw,
            "own": own,
            "card": card,
            "facts": told(draw),
            "lines": [one for one in selectors.lines(draw) if one.name == card.short_name],
            "shown": SHOWN,
            "refusal": refusal,
            "ticketed": ticketed,
            "tokens": _tokens(),
        },
        status=refusal.http_status if refusal else 200,
    )


@require_POST
def part_sign(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Take the head's signature of the school's part."""
    card = institutions.find(request.actor, uid)
    try:
        services.sign_part(
            actor=request.actor,
            institution_id=card.pk,
            cms=pages.sent_bytes(request, "signature"),
            moment=moment(),
        )
    except DomainError as no:
        pages.pass_on(no)
        return _part_page(request, uid, no)
    return pages.see_other(request, "draw_part", uid)

"""Notices: made of chosen records, previewed, signed, sent, answered."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import HouseRequest
from kernel import clock
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.paging import every
from kernel.parameters import MARKS, asked
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import Address, Column, Listing, Name, Tag, order_of
from registry.coverage import policies, selectors, services
from registry.coverage.models import CoverageLetter
from registry.coverage.portal.forms import AnswerForm, LetterForm, SentForm
from registry.coverage.portal.records import CHUNK, crumbs, grounded, of_list
from registry.coverage.portal.words import SLUG_OF, kind_of
from registry.coverage.services import letters
from registry.coverage.states import MISSING
from registry.coverage.terms import terms
from signatures import tickets
from signatures.selectors.sessions import files_of

TITLE = "Повідомлення"
BY_ITSELF = {"TREMBITA": "через «Трембіту», автоматично"}


def _picked(request: HouseRequest) -> list[uuid.UUID]:
    found = []
    for one in dict.fromkeys(request.POST.getlist("pick")):
        try:
            found.append(uuid.UUID(one))
        except ValueError:
            continue
    return found


@grounded
@require_POST
def new(request: HouseRequest, slug: str) -> HttpResponseBase:
    """A notice about the chosen: its number and addressees, then the preview to be signed."""
    kind, actor, now = kind_of(slug), request.actor, moment()
    picked = _picked(request)
    chosen = selectors.chosen(actor, kind, picked, now)
    policies.keep.require(actor, kind)
    if not chosen:
        messages.warning(request, "Нічого не вибрано: позначте рядки списку.")
        return pages.see_other(request, "coverage_cases", slug)
    said = request.POST.get("do") == "prepare"
    form = LetterForm(
        request.POST if said else None,
        kind=kind,
        initial={"recipients": list(terms().by_kind[kind])},
    )
    if said and form.is_valid():
        data = form.cleaned_data
        with pages.refusable(form):
            made = services.prepare(
                actor=actor,
                kind=kind,
                case_ids=picked,
                number=data["number"],
                addressees={code: data[f"name_{code}"] for code in data["recipients"]},
                moment=now,
            )
            return pages.see_other(request, "coverage_letter", made.pk)
    return pages.form_page(
        request,
        "registry/coverage/letter_new.html",
        form,
        {"chosen": chosen, "slug": slug, "crumbs": crumbs(kind, of_list(kind))},
    )


def _state(one: Any) -> Tag:
    if one.state == "PREPARED":
        return Tag("Чекає на підпис", "heed")
    today = clock.today()
    unsent = [x for x in one.sent if x.sent_on is None]
    if unsent:
        late = one.send_by is not None and one.send_by < today
        return Tag("Не надіслано вчасно" if late else "Треба надіслати", "bad" if late else "heed")
    waits = [x for x in one.sent if x.answered_on is None]
    if waits:
        late = any(x.answer_by and x.answer_by < today for x in waits)
        return Tag("Немає відповіді" if late else "Чекаємо відповіді", "bad" if late else "note")
    return Tag("Отримано відповіді", "good")


_COLUMNS: list[Column[Any]] = [
    Column(
        "issued",
        "Повідомлення",
        lambda one: Name(
            f"№ {one.number} від {one.issued_on:%d.%m.%Y}",
            reverse("coverage_letter", args=[one.pk]),
        ),
        width=36,
    ),
    Column("many", "Дітей", lambda one: one.many, kind="num"),
    Column("to", "Кому", lambda one: [x.addressee for x in one.sent], width=50),
    Column("state", "Стан", _state, width=24),
]


@grounded
@require_http_methods(["GET", "HEAD"])
def letter_list(request: HouseRequest, slug: str) -> HttpResponseBase:
    """Notices of a kind, the newest first."""
    kind, actor, now = kind_of(slug), request.actor, moment()
    given = asked(request, order_of(selectors.LETTER_ORDERS, "-issued"), FILE)
    address = Address(request, ("order",))
    how: dict[str, Any] = {"moment": now, "order": given["order"]}
    shown = Listing(
        address,
        "Повідомлення про дітей",
        _COLUMNS,
        (),
        orders=selectors.LETTER_ORDERS,
        order=given["order"],
        most=0 if kind == MISSING else MOST,
    )
    if given["file"] and kind != MISSING:
        rows = every(lambda mark: selectors.letter_list(actor, kind, after=mark, size=CHUNK, **how))
        return files.answer(given["file"], shown, rows, actor=actor, now=now.now)
    found = selectors.letter_list(actor, kind, **how, **asked(request, *MARKS))
    return pages.page(
        request,
        "registry/coverage/letters.html",
        {
            "list": shown.at(found),
            "crumbs": crumbs(kind, of_list(kind)),
        },
    )


@grounded
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HouseRequest, letter_id: uuid.UUID) -> HttpResponseBase:
    """One notice: its rows, its signature, what became of it at each addressee."""
    actor, now = request.actor, moment()
    letter = selectors.letter(actor, letter_id, now)
    do, recipient = request.POST.get("do", ""), request.POST.get("recipient", "")
    bad: dict[tuple[str, str], Any] = {}
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            if do == "again":
                services.prepare_again(actor=actor, letter_id=letter_id, moment=now)
                return pages.see_other(request, "coverage_letter", letter_id)
            if do == "give_up":
                services.give_up(actor=actor, letter_id=letter_id, moment=now)
                messages.success(request, "Повідомлення відкладено без підпису.")
                return pages.see_other(request, "coverage_letters", SLUG_OF[letter.kind])
        except DomainError as no:
            pages.pass_on(no)
            refusal = no
        if do in {"send", "answer"}:
            form: Any = (SentForm if do == "send" else AnswerForm)(request.POST)
            bad[(do, recipient)] = form
            if form.is_valid():
                command = services.deliver if do == "send" else services.answered
                with pages.refusable(form):
                    command(
                        actor=actor,
                        letter_id=letter_id,
                        recipient=recipient,
                        version=form.cleaned_data["version"],
                        values=form.cleaned_data,
                        moment=now,
                    )
                    messages.success(request, "Записано.")
                    return pages.see_other(request, "coverage_letter", letter_id)
    return _page(request, letter, refusal, bad)


def _page(
    request: HouseRequest,
    letter: CoverageLetter,
    refusal: DomainError | None = None,
    bad: dict[tuple[str, str], Any] | None = None,
) -> HttpResponse:
    actor, now, bad = request.actor, moment(), bad or {}
    session = letter.signing
    ticketed = None
    may_sign = policies.sign.allows(actor, letter.kind)
    waits = letter.state == "PREPARED" and session is not None
    if waits and may_sign and session is not None and session.user_id == actor.user_id:
        ticketed = tickets.to_sign(
            request,
            bytes(session.content),
            now=now.now,
            title=f"{letters.TITLES[letter.kind]} № {letter.number}",
            lines=[
                ("Від", letter.institution.short_name if letter.institution else letter.unit.name)
            ],
            person=actor.person_code,
            signer=actor.full_name,
            organisations=letters.organisations(letter),
        )
    keeps = policies.keep.allows(actor, letter.kind)
    rows = [letters.shown(json.loads(one)) for one in selectors.seen(actor, letter, now)]
    deliveries = []
    for one in letter.deliveries.order_by("pk"):
        do = "answer" if one.sent_on else "send"
        form = bad.get((do, one.recipient))
        if form is None and keeps and letter.state == "SIGNED" and one.answered_on is None:
            initial = {"version": one.version, "on": f"{now.today:%d.%m.%Y}"}
            build: Any = AnswerForm if one.sent_on else SentForm
            form = build(initial=initial, auto_id=f"id_{one.recipient}_%s")
        how = BY_ITSELF.get(one.how) or terms().delivery.get(one.how, one.how)
        deliveries.append({"row": one, "do": do, "form": form, "how": how})
    wrong = next((form for form in bad.values() if form.errors), None)
    status = refusal.http_status if refusal else 422 if wrong is not None else 200
    return pages.page(
        request,
        "registry/coverage/letter.html",
        {
            "letter": letter,
            "title": letters.TITLES[letter.kind],
            "columns": letters.COLUMNS,
            "rows": rows,
            "deliveries": deliveries,
            "refusal": refusal,
            "wrong": wrong,
            "ticketed": ticketed,
            "may_sign": may_sign,
            "keeps": keeps,
            "waits": waits,
            "today": now.today,
            "crumbs": crumbs(
                letter.kind,
                of_list(letter.kind),
                (TITLE, reverse("coverage_letters", args=[SLUG_OF[letter.kind]])),
            ),
        },
        status=status,
    )


@grounded
@require_POST
def sign(request: HouseRequest, letter_id: uuid.UUID) -> HttpResponseBase:
    """Take the signature of a notice."""
    cms = pages.sent_bytes(request, "signature")
    try:
        services.sign(actor=request.actor, letter_id=letter_id, cms=cms, moment=moment())
    except DomainError as no:
        pages.pass_on(no)
        return _page(request, selectors.letter(request.actor, letter_id, moment()), no)
    messages.success(request, "Підписано. Надішліть повідомлення й запишіть, як і коли.")
    return pages.see_other(request, "coverage_letter", letter_id)


@grounded
@require_http_methods(["GET", "HEAD"])
def paper(request: HouseRequest, letter_id: uuid.UUID) -> HttpResponseBase:
    """The notice as PDF/A, the very file that is signed."""
    letter = selectors.letter(request.actor, letter_id, moment())
    if letter.signing is None:
        raise NotFound
    selectors.seen(request.actor, letter, moment())
    content = files_of(letter.signing)[letters.PAPER]
    return pages.file_answer(bytes(content), f"Повідомлення {letter.number}.pdf", "application/pdf")

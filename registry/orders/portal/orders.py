"""Pages of orders: terms, the paper made of the very bytes, the signature, the stamp."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import orjson
from django.conf import settings
from django.contrib import messages
from django.forms import BooleanField
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import HouseRequest
from kernel.batch import UNDER_WAY
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.paging import every
from kernel.parameters import MARKS, asked, code, flag, one_of
from kernel.tables import writing
from kernel.ui import files
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import (
    Address,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    narrowable,
    order_of,
    pager,
    seal,
    words,
)
from kernel.ui.pages import XLSX, file_answer, page, pass_on, see_other, sent_bytes
from registry.drafts import selectors as draft_reads
from registry.drafts import services as drafts
from registry.drafts.errors import StaleTerms
from registry.drafts.models import Draft
from registry.drafts.portal.running import begun, hand_over
from registry.drafts.portal.steps import steps
from registry.drafts.services.running import LONG
from registry.orders import services as orders
from registry.orders.errors import OfMany
from registry.orders.models import Order
from registry.orders.papers import order_pdf
from registry.orders.portal.forms import OrderForm
from registry.orders.selectors import orders as reads
from registry.process import kind
from signatures import exports, tickets
from signatures.api import MIME_E, rows_file

FIELDS = ("number", "issued_on", "effective_on", "ground")


_TAGS = {"EFFECTIVE": "good", "PREPARED": "heed", "ANNULLED": "bad", "GIVEN_UP": "off"}


def _columns(*, is_school: bool) -> list[Column[Order]]:
    def name(order: Order) -> Name:
        about = kind(order.kind).about
        return Name(f"№ {order.number}, {about}", reverse("order_detail", args=[order.pk]))

    def signer(order: Order) -> str:
        if order.signed_by and order.signed_at:
            return f"{order.signed_by.user.short_name}, {words(order.signed_at)}"
        return f"підготовлено: {order.prepared_by.user.short_name}"

    school = [
        Column[Order]("institution", "Заклад", lambda one: one.institution.short_name, width=30)
    ]
    return [
        Column("order", "Наказ", name, width=30),
        *([] if is_school else school),
        Column("issued", "Дата", lambda order: order.issued_on, kind="nw"),
        Column("rows", "Рядків", lambda order: order.rows_count, kind="num"),
        Column("effective", "Діє з", lambda order: order.effective_on, kind="nw"),
        Column("state", "Стан", lambda order: Tag(reads.STATES[order.state], _TAGS[order.state])),
        Column("signed", "Хто підписав", signer, width=40),
    ]


@narrowable
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HouseRequest) -> HttpResponseBase:
    """Orders within reach, latest first unless told otherwise. A POST is about the chosen ones."""
    actor = request.actor
    state = asked(request, one_of("state", reads.STATES))["state"]
    given = asked(request, order_of(reads.ORDERS, reads.LATEST), FILE, flag("all"))
    orders_by = reads.orders_of(actor)
    address = Address(request, ("state", "order"))
    order = address.in_order(given["order"], orders_by, reads.LATEST)
    found = reads.listing(actor, state, order=order, **asked(request, *MARKS))
    counts = reads.counts(actor)
    is_school = actor.scope.level == "institution"
    here = address.with_()
    shown = Listing(
        address,
        "Накази",
        _columns(is_school=is_school),
        found.rows,
        pager=pager(address, found),
        orders=orders_by,
        order=order,
        key=lambda one: str(one.pk),
        acts=files.acts(here),
        total=(counts[state] if state else sum(counts.values())) if counts else None,
        everything=seal(reads.keys(actor, state)) if given["all"] and counts else "",
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", list(reads.STATES.items()))]),
        clear=address.with_(state=""),
    )
    answer = files.asked_for(
        request,
        shown,
        lambda only: every(
            lambda mark: reads.listing(
                actor, state, order=order, after=mark, size=files.CHUNK, only=only
            )
        ),
        actor=actor,
        matching=lambda: reads.keys(actor, state),
    )
    pills = [
        {
            "label": label,
            "url": address.with_(state=key),
            "current": key == state,
            "count": counts.get(key) if key else sum(counts.values()) or None,
        }
        for key, label in {"": "Усі", **reads.STATES}.items()
    ]
    return answer or page(
        request,
        "registry/order_list.html",
        {
            "list": shown,
            "pills": pills,
            "is_school": is_school,
            "mine": bool(reads.waiting_for(actor)),
        },
    )


# ── preparing ────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: HouseRequest, process: str, draft_id: uuid.UUID) -> HttpResponse:
    """Number, date, ground, first day of study; then the order is formed."""
    actor = request.actor
    draft = draft_reads.find(actor, draft_id, process)
    if kind(process).finish:
        raise NotFound
    waiting = draft_reads.waiting_order(draft)
    if waiting is not None:
        return see_other(request, "order_detail", waiting.pk)
    if (run := draft_reads.unfinished(draft)) is not None:
        return see_other(request, "draft_run", run.pk)
    now = moment()
    ready = draft_reads.counts(draft)["READY"]
    if request.method == "POST":
        form = OrderForm(request.POST, process=kind(process))
        form.is_valid()
        expected = request.POST.get("expected", "")
        seen = _seen(request)
        try:
            asked_for: Any = {
                "actor": actor,
                "draft_id": draft_id,
                "fields": dict.fromkeys(_names(process), "") | typed_terms(request, process),
                "seen": seen,
                "moment": now,
                "expected": int(expected) if expected.isdigit() else None,
            }
            if ready > LONG:
                return begun(request, orders.prepare_later(**asked_for))
            order = orders.prepare(**asked_for)
            return see_other(request, "order_detail", order.pk)
        except StaleTerms as no:
            form.refuse(no)
            theirs = _in_words(form, no.context["theirs"], request)
            return prepare_page(request, draft, form, ready, theirs=theirs)
        except DomainError as no:
            pass_on(no)
            form.refuse(no)
        return prepare_page(request, draft, form, ready, seen=seen)
    form = OrderForm(
        initial=reads.suggested_fields(draft.institution, process, draft.terms, now.today),
        process=kind(process),
    )
    return prepare_page(request, draft, form, ready)


def prepare_page(
    request: HouseRequest,
    draft: Draft,
    form: OrderForm,
    ready: int,
    *,
    seen: drafts.Sight | None = None,
    theirs: Sequence[tuple[str, str, str]] = (),
) -> HttpResponse:
    """The terms of a draft's order, to be typed or mended. The form is sent to `order_prepare`.

    seen: what the form showed before, unless it shows the draft as it is now; `theirs`: what was
        saved meanwhile, beside what was typed.
    """
    status = 422 if form.is_bound and form.errors else 200
    return page(
        request,
        "registry/order_prepare.html",
        {
            "form": form,
            "draft": draft,
            "ready": ready,
            "remarks": kind(draft.process).remarks(draft, moment()),
            "seen": seen or drafts.Sight(draft.version, uuid.uuid4().hex[:12]),
            "meanwhile": theirs,
            "process": kind(draft.process),
            "steps": steps(draft, "order"),
            "may_sign": kind(draft.process).sign.allows(request.actor, draft.institution),
        },
        status=StaleTerms.http_status if theirs else status,
    )


def _seen(request: HouseRequest) -> drafts.Sight:
    """What the form showed; a form that lost it saw nothing."""
    given = request.POST.get("version", "")
    window = request.POST.get("window") or asked(request, code("window"))["window"]
    version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    return drafts.Sight(version, window[:12])


def _in_words(
    form: OrderForm, theirs: Mapping[str, str], request: HouseRequest
) -> list[tuple[str, str, str]]:
    """Terms that both wrote: the label, what was typed here, what was saved meanwhile."""

    def words(name: str, value: str) -> str:
        if isinstance(form.fields[name], BooleanField):
            return "так" if value else "ні"
        choices = dict(getattr(form.fields[name], "choices", ()))
        return str(choices.get(value, value))

    return [
        (str(form.fields[name].label), words(name, request.POST.get(name, "")), words(name, value))
        for name, value in theirs.items()
    ]


def typed_terms(request: HouseRequest, process: str) -> dict[str, str]:
    """The terms of an order that a form has brought, as typed."""
    return {name: request.POST[name] for name in _names(process) if name in request.POST}


def _names(process: str) -> tuple[str, ...]:
    return (*FIELDS, *(term.name for term in kind(process).term_fields))


@require_POST
def save_fields(request: HouseRequest, process: str, draft_id: uuid.UUID) -> HttpResponse:
    """Keep the terms as they are typed (autosave)."""
    now = moment()
    seen = _seen(request)
    draft = drafts.save_terms(
        actor=request.actor,
        draft_id=draft_id,
        seen=seen,
        fields=typed_terms(request, process),
        moment=now,
    )
    hand_over(draft)
    response = page(request, "registry/order_saved.html", {"now": now.now})
    if not seen.missed(draft):  # else this window does not show it yet
        response["X-Version"] = str(draft.version)
    return response


# ── the paper ────────────────────────────────────────────────────────────────
@require_GET
def detail(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """The order: waiting for the signature, or with its stamp."""
    return order_page(request, order_id)


def order_page(
    request: HouseRequest,
    order_id: uuid.UUID,
    refusal: DomainError | None = None,
    *,
    way: str = "file",
) -> HttpResponse:
    """The order's page, with the refusal of what was just tried at its top, and that way of
    signing open."""
    actor = request.actor
    shown = reads.view(actor, order_id)
    order = shown.order
    if order.state == "PREPARED" and order.rows_count > LONG and refusal is None:
        run = order.runs.filter(state__in=UNDER_WAY).first()
        if run is not None:
            return see_other(request, "draft_run", run.pk)
    process = kind(order.kind)
    refused = process.sign.refusal(actor, order.institution)
    left = (
        draft_reads.counts(order.draft)["all"] if order.draft and order.draft.state == "OPEN" else 0
    )
    return page(
        request,
        f"registry/order_{order.state.lower()}.html",
        {
            "shown": shown,
            "order": order,
            "process": process,
            "annulled_by": reads.annulled_by(order),
            "lines": shown.lines,
            "outcome": process.outcome(
                len(shown.rows), order.effective_on, done=order.state != "PREPARED"
            ),
            "document": shown.document,
            "remarks": process.remarks_of_order(shown.rows) if order.state == "PREPARED" else (),
            "ticketed": None if refused else _to_sign(request, shown),
            "to_sign": signed_name(order, shown.package.is_list),
            "refusal": refusal,
            "way": way,
            "tokens": bool(settings.SIGNATURES_AGENTS or settings.SIGNATURES_CLOUD),
            "others": len(reads.waiting_for(actor)) > 1,
            "why_not": refused.detail if refused else "",
            "may_prepare": process.keep.allows(actor, order.institution),
            "may_undo": bool(process.undo_page)
            and order.state == "EFFECTIVE"
            and process.undone_by.allows(actor, order.institution),
            "steps": steps(order.draft, "sign") if order.draft else [],
            "stamp": shown.stamp,
            "left": left,
            "check_at": _check_at(shown.session.code).rpartition("://")[2],
            "check_code": "-".join(wrap(shown.session.code, 4)),
            "root": f"{shown.package.root[:8]} … {shown.package.root[-8:]}",
        },
        status=refusal.http_status if refusal else 200,
    )


def _check_at(code: str) -> str:
    """Where anyone can check a signed document, as paper tells it."""
    return settings.SITE_ADDRESS + reverse("verify_document", args=[code])


def _to_sign(request: HouseRequest, shown: reads.OrderView) -> tickets.ToSign | None:
    """The signed bytes with the ticket for the key of the head who looks at them."""
    order, root = shown.order, shown.package.root
    if order.state != "PREPARED":
        return None
    return tickets.to_sign(
        request,
        shown.package.manifest,
        now=moment().now,
        title=f"Наказ № {shown.document['number']} від {order.issued_on:%d.%m.%Y}",
        lines=[
            ("Про що", shown.document["title"]),
            ("Заклад", shown.document["institution"]["name"]),
            ("Рядків", f"{len(shown.rows)}, відбиток списку {root[:8]} … {root[-8:]}"),
        ],
        person=request.actor.person_code,
        signer=shown.document["signer"]["name"],
        organisations=orders.signed_by(order, request.actor),
    )


@require_POST
def sign(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """Take the signature; the order becomes effective, or the page says why not."""
    cms = sent_bytes(request, "signature")
    try:
        return signed(request, order_id, cms)
    except DomainError as no:
        pass_on(no)
        return order_page(request, order_id, no)


def signed(request: HouseRequest, order_id: uuid.UUID, cms: bytes) -> HttpResponse:
    """Let the order take effect by this signature: at once, or by a worker when it has many rows.

    Raises:
        DomainError: as `orders.sign`.
    """
    asked_for: Any = {
        "actor": request.actor,
        "order_id": order_id,
        "cms": cms,
        "moment": moment(),
    }
    try:
        orders.sign(**asked_for, most=LONG)
    except OfMany:
        if (run := orders.sign_later(**asked_for)) is not None:
            return begun(request, run)
    return see_other(request, "order_detail", order_id)


@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """«Повернути на доопрацювання»: the order is given up, the table is open again."""
    actor = request.actor
    order = reads.find(actor, order_id)
    kind(order.kind).keep.require(actor, order.institution)
    if request.method != "POST":
        return page(request, "registry/order_cancel.html", {"order": order})
    orders.give_up(actor=actor, order_id=order_id)
    messages.success(
        request, f"Наказ № {order.number} повернуто на доопрацювання. Усі рядки на місці."
    )
    if order.draft_id:
        return see_other(request, "draft_detail", order.kind, order.draft_id)
    return see_other(request, kind(order.kind).page or "order_list")


# ── files ────────────────────────────────────────────────────────────────────
def _named(order: Order, what: str = "") -> str:
    """What a file of an order is called: «Наказ 112-у від 20.11.2026, рядки.jsonl»."""
    return f"Наказ {order.number} від {order.issued_on:%d.%m.%Y}{what}"


@require_GET
def manifest(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """The signed bytes themselves: the list of files, of early orders the head."""
    shown = reads.view(request.actor, order_id)
    return file_answer(
        shown.package.manifest,
        signed_name(shown.order, shown.package.is_list),
        "application/xml" if shown.package.is_list else "application/json",
    )


@require_GET
def signature(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """The detached CAdES signature of the signed bytes; of who signed them in another program and
    brought an ASiC-E or XAdES, that."""
    shown = reads.view(request.actor, order_id)
    if shown.session.signature is None:
        raise NotFound
    kept = bytes(shown.session.signature)
    name = signed_name(shown.order, shown.package.is_list)
    if exports.is_container(kept):
        return file_answer(kept, f"{name}.asice", MIME_E)
    if exports.is_xml(kept):
        return file_answer(kept, _named(shown.order, ", підпис.xml"), "application/xml")
    return file_answer(kept, f"{name}.p7s", "application/pkcs7-signature")


def signed_name(order: Order, is_list: bool = True) -> str:
    """What the file with the signed bytes of an order is called."""
    return _named(order, ", підписані дані.xml" if is_list else ", підписані дані.json")


@require_GET
def paper(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """The order as paper before signing: what the signature covers; early orders have none."""
    shown = reads.view(request.actor, order_id, taken="PDF наказу")
    if not shown.package.papers:
        raise NotFound
    (made,) = shown.package.papers.values()
    name = _named(shown.order, ", до підпису.pdf")
    return file_answer(made, name, "application/pdf", inline=True)


@require_GET
def pdf(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """The order as paper with the visible mark of its signature and a code to check it by."""
    shown = reads.view(request.actor, order_id, taken="PDF наказу")
    if shown.session.state != "SIGNED":
        raise NotFound
    address = _check_at(shown.session.code)
    name = _named(shown.order, ".pdf")
    return file_answer(order_pdf(shown, address), name, "application/pdf")


@require_GET
def container(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """The paper, the rows, the signed list of them and its signature in one ASiC-E."""
    shown = reads.view(request.actor, order_id, taken="контейнер наказу")
    if shown.session.state != "SIGNED":
        raise NotFound
    made = exports.container(shown.session, shown.package)
    name = _named(shown.order, f".{made.extension}")
    return file_answer(made.data, name, made.content_type)


@require_GET
def rows(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """All rows exactly as they went into the hash tree, one a line."""
    shown = reads.view(request.actor, order_id, taken="файл рядків наказу")
    name = _named(shown.order, ", рядки.jsonl")
    return file_answer(rows_file(shown.package.rows), name, "application/x-ndjson")


@require_GET
def row_proof(request: HouseRequest, order_id: uuid.UUID, number: int) -> HttpResponse:
    """One row with its proof, checkable offline (docs/how-to/verify-a-row.md)."""
    found = reads.proof(request.actor, order_id, number)
    shown = orjson.dumps(found, option=orjson.OPT_INDENT_2)
    order = reads.find(request.actor, order_id)
    return file_answer(shown, _named(order, f", рядок {number}.json"), "application/json")


@require_GET
def table(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """The list of the order as a workbook: what stands on the paper."""
    shown = reads.view(request.actor, order_id, taken="таблиця наказу")
    order, process = shown.order, kind(shown.order.kind)
    list_ = writing.Sheet(
        process.rows_are.title,
        [
            writing.Column("№", width=6),
            writing.Column("Прізвище, імʼя, по батькові", width=42),
            *(
                writing.Column(heading, width=13 if place < len(process.told) else 22)
                for place, (heading, _) in enumerate(process.columns_of_paper)
            ),
        ],
        [[row.no, row.full_name, *cells] for row, cells in shown.lines],
        above=(
            f"{shown.document['title']}. Наказ № {order.number} від {order.issued_on:%d.%m.%Y}",
            shown.document["institution"]["name"],
        ),
    )
    return file_answer(writing.workbook(list_), _named(order, ".xlsx"), XLSX)

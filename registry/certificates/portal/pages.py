"""Certificates of study: the school's register, a table on its way to a signature, one of them, and
the page where anybody checks a paper."""

from __future__ import annotations

import uuid
from textwrap import wrap

import orjson
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import HouseRequest
from accounts.middleware import public
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.paging import every
from kernel.parameters import MARKS, asked, flag, one_of, words
from kernel.text import plural
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.forms import Form
from kernel.ui.listing import (
    Address,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    order_of,
    pager,
    pills,
    seal,
)
from registry.certificates import papers, policies, selectors, services
from registry.certificates.models import StudyCertificate
from registry.certificates.process import PROCESS
from registry.certificates.states import VOIDED_FOR
from registry.drafts import selectors as draft_reads
from registry.drafts.models import Draft
from registry.drafts.portal.steps import steps
from registry.institutions import selectors as institutions
from registry.orders.services import organisations_of
from signatures import elsewhere, exports, tickets
from signatures.api import row_alone
from signatures.errors import SignatureRefused
from signatures.portal import answer

_TAGS = {"ISSUED": "good", "VOIDED": "bad", "PREPARED": "heed"}


def tag_of(one: StudyCertificate) -> Tag:
    """The state of a certificate in a word with a sign."""
    if one.state == "ISSUED" and one.valid_until and one.valid_until < moment().today:
        return Tag("Строк дії минув", "off")
    return Tag(selectors.STATES[one.state], _TAGS[one.state])


# ── the register ─────────────────────────────────────────────────────────────
_COLUMNS: list[Column[StudyCertificate]] = [
    Column(
        "number",
        "№ довідки",
        lambda one: Name(str(one.number), reverse("certificate_detail", args=[one.pk])),
        kind="nw",
        width=12,
    ),
    Column("issued", "Видано", lambda one: one.issued_on, kind="nw"),
    Column("name", "Кому", lambda one: one.full_name, width=40),
    Column("class", "Клас", lambda one: one.class_label, kind="nw", width=8),
    Column("recipient", "Для подання", lambda one: one.recipient or "за місцем вимоги", width=36),
    Column("until", "Дійсна до", lambda one: one.valid_until, kind="nw", empty="безстроково"),
    Column("state", "Стан", tag_of, width=20),
]


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HouseRequest) -> HttpResponseBase:
    """The register of certificates of the school, latest first; a POST is about the chosen ones."""
    actor = request.actor
    given = asked(
        request,
        words("q"),
        one_of("state", selectors.STATES),
        order_of(selectors.ORDERS, selectors.LATEST),
        FILE,
        flag("all"),
    )
    state, text, order = given["state"], given["q"], given["order"]
    address = Address(request, ("q", "state", "order"))

    def read(mark: str | None = None, **how: object) -> object:
        return selectors.register(actor, state, text, **{"after": mark, "order": order, **how})  # type: ignore[arg-type]

    found = selectors.register(actor, state, text, order=order, **asked(request, *MARKS))
    counts = selectors.counts(actor, text)
    here = address.with_()
    shown = Listing(
        address,
        "Журнал довідок про навчання",
        _COLUMNS,
        found.rows,
        pager=pager(address, found),
        orders=selectors.ORDERS,
        order=order,
        key=lambda one: str(one.pk),
        acts=files.acts(here),
        total=counts.get(state, 0) if state else sum(counts.values()),
        everything=seal(selectors.keys(actor, state, text)) if given["all"] else "",
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", list(selectors.STATES.items()))]),
        clear=address.with_(state="", q=""),
    )
    own = institutions.own(actor)
    answered = files.asked_for(
        request,
        shown,
        lambda only: every(
            lambda mark: read(mark, size=files.CHUNK, only=only, what="файл журналу довідок")  # type: ignore[return-value,arg-type]
        ),
        actor=actor,
        matching=lambda: selectors.keys(actor, state, text),
        of=own.short_name,
    )
    return answered or pages.page(
        request,
        "registry/certificates/register.html",
        {
            "list": shown,
            "q": text,
            "kept": [(name, value) for name, value in address.now.items() if name != "q"],
            "may_keep": policies.keep.allows(actor, own),
            "pills": pills(address, "state", {"": "Усі", **selectors.STATES}, state, counts),
        },
    )


# ── from a table to the signature ────────────────────────────────────────────
class TakeForm(Form):
    """The number that the first certificate of the table gets in the school's register."""

    first_number = forms.IntegerField(
        label="Номер першої довідки",
        min_value=1,
        max_value=services.MOST_NUMBER,
        help_text="За журналом довідок закладу; решта — за порядком",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HouseRequest, process: str, draft_id: uuid.UUID) -> HttpResponse:
    """The ready rows of a table and the numbers they get; the button draws the papers up."""
    if process != PROCESS.code:
        raise NotFound
    actor, now = request.actor, moment()
    draft = draft_reads.find(actor, draft_id, process)
    if (standing := selectors.issue_of(draft)) is not None:
        return pages.see_other(request, "certificate_issue", standing)
    first = selectors.next_number(draft.institution_id, now.today.year)
    form = TakeForm(request.POST or None, initial={"first_number": first})
    if request.method == "POST" and form.is_valid():
        expected = request.POST.get("expected", "")
        with pages.refusable(form):
            issue = services.prepare(
                actor=actor,
                draft_id=draft_id,
                first_number=form.cleaned_data["first_number"],
                expected=int(expected) if expected.isascii() and expected.isdigit() else None,
                moment=now,
            )
            return pages.see_other(request, "certificate_issue", issue.pk)
    return _take_page(request, draft, form)


def _take_page(request: HouseRequest, draft: Draft, form: TakeForm) -> HttpResponse:
    ready = draft_reads.counts(draft)["READY"]
    return pages.form_page(
        request,
        "registry/certificates/take.html",
        form,
        {
            "draft": draft,
            "process": PROCESS,
            "ready": ready,
            "today": moment().today,
            "steps": steps(draft, "order"),
        },
    )


@require_GET
def issue(request: HouseRequest, issue_id: uuid.UUID) -> HttpResponse:
    """Certificates that wait for the signature, or were issued by it."""
    return _issue_page(request, issue_id)


def _issue_page(
    request: HouseRequest,
    issue_id: uuid.UUID,
    refusal: DomainError | None = None,
    way: str = "file",
) -> HttpResponse:
    actor = request.actor
    shown = selectors.issue(actor, issue_id)
    issue_ = shown.issue
    refused = policies.sign.refusal(actor, issue_.institution)
    ticketed = None
    mine = shown.session.user_id == actor.user_id
    if issue_.state == "PREPARED" and refused is None and mine:
        ticketed = tickets.to_sign(
            request,
            shown.package.manifest,
            now=moment().now,
            title=f"{shown.document['title']} № {shown.document['number']}",
            lines=[
                ("Заклад", shown.document["institution"]["name"]),
                ("Довідок", str(len(shown.rows))),
            ],
            person=actor.person_code,
            signer=shown.document["signer"]["name"],
            organisations=organisations_of(issue_.institution),
        )
    return pages.page(
        request,
        f"registry/certificates/issue_{issue_.state.lower()}.html",
        {
            "issue": issue_,
            "shown": shown,
            "document": shown.document,
            "lines": [
                (row, papers.full_name(row), papers.day(row["born_on"]), one)
                for row, one in zip(shown.rows, shown.certificates, strict=True)
            ],
            "process": PROCESS,
            "ticketed": ticketed,
            "why_not": refused.detail if refused else "",
            "may_keep": policies.keep.allows(actor, issue_.institution),
            "refusal": refusal,
            "way": way,
            "to_sign": _signed_name(shown),
            "steps": steps(issue_.draft, "order") if issue_.draft else [],
        },
        status=refusal.http_status if refusal else 200,
    )


@require_POST
def sign(request: HouseRequest, issue_id: uuid.UUID) -> HttpResponse:
    """Take the signature made on this page; the certificates are issued, or the page says why not."""
    cms = pages.sent_bytes(request, "signature")
    return _taken(request, issue_id, cms)


@require_POST
def sign_file(request: HouseRequest, issue_id: uuid.UUID) -> HttpResponse:
    """Take the signature from a file that another program gave."""
    given = request.FILES.get("files")
    data = given.read(elsewhere.MAX_FILE + 1) if given else b""
    content = bytes(selectors.issue(request.actor, issue_id).session.content)
    try:
        with elsewhere.request_budget():
            found = elsewhere.find(elsewhere.read(data), {issue_id: content})
    except DomainError as no:
        return _issue_page(request, issue_id, no, way="elsewhere")
    if found is None:
        other = SignatureRefused(
            "Підписано інший документ. Завантажте файл для підпису знову й підпишіть саме його.",
            field="files",
        )
        return _issue_page(request, issue_id, other, way="elsewhere")
    return _taken(request, issue_id, found[1].signature, way="elsewhere")


def _taken(
    request: HouseRequest, issue_id: uuid.UUID, cms: bytes, way: str = "file"
) -> HttpResponse:
    try:
        services.sign(actor=request.actor, issue_id=issue_id, cms=cms, moment=moment())
    except DomainError as no:
        pages.pass_on(no)
        return _issue_page(request, issue_id, no, way)
    return pages.see_other(request, "certificate_issue", issue_id)


@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HouseRequest, issue_id: uuid.UUID) -> HttpResponse:
    """«Повернути до таблиці»: the papers are given up, the table is open again."""
    shown = selectors.issue(request.actor, issue_id)
    policies.keep.require(request.actor, shown.issue.institution)
    if request.method != "POST":
        return pages.page(
            request,
            "registry/certificates/give_up.html",
            {"issue": shown.issue, "document": shown.document},
        )
    services.give_up(actor=request.actor, issue_id=issue_id)
    messages.success(request, "Довідки повернуто до таблиці. Усі рядки на місці, номери вільні.")
    return pages.see_other(request, "draft_detail", PROCESS.code, shown.issue.draft_id)


def _signed_name(shown: selectors.Issue) -> str:
    return f"{_named(shown)}, підписані дані.xml"


def _named(shown: selectors.Issue) -> str:
    document = shown.document
    return f"{document['title']} {document['number']} від {shown.issue.issued_on:%d.%m.%Y}"


@require_GET
def issue_paper(request: HouseRequest, issue_id: uuid.UUID) -> HttpResponse:
    """All papers of an issue as they were shown for the signature."""
    shown = selectors.issue(request.actor, issue_id)
    (made,) = shown.package.papers.values()
    name = f"{_named(shown)}, до підпису.pdf"
    return pages.file_answer(made, name, "application/pdf", inline=True)


@require_GET
def issue_manifest(request: HouseRequest, issue_id: uuid.UUID) -> HttpResponse:
    """The bytes to sign: the list of files."""
    shown = selectors.issue(request.actor, issue_id)
    return pages.file_answer(shown.package.manifest, _signed_name(shown), "application/xml")


@require_GET
def issue_container(request: HouseRequest, issue_id: uuid.UUID) -> HttpResponse:
    """Papers, rows, their signed list and its signature in one ASiC-E: for the school's archive."""
    shown = selectors.issue(request.actor, issue_id)
    if shown.issue.state != "SIGNED":
        raise NotFound
    made = exports.container(shown.session, shown.package)
    return pages.file_answer(made.data, f"{_named(shown)}.{made.extension}", made.content_type)


# ── one of them ──────────────────────────────────────────────────────────────
def _check_at(code: str) -> str:
    return settings.SITE_ADDRESS + reverse("certificate_check", args=[code])


@require_GET
def detail(request: HouseRequest, certificate_id: uuid.UUID) -> HttpResponse:
    """One certificate: what it says, its files, whether it holds."""
    shown = selectors.certificate(request.actor, certificate_id)
    one = shown.certificate
    return pages.page(
        request,
        "registry/certificates/detail.html",
        {
            "one": one,
            "tag": tag_of(one),
            "facts": papers.facts(shown.document, shown.row),
            "signer": shown.issue.session.signer_name,
            "code": "-".join(wrap(one.code, 4)),
            "reason": VOIDED_FOR.get(one.void_reason, ""),
            "may_void": one.state == "ISSUED"
            and policies.sign.allows(request.actor, one.institution),
        },
    )


@require_GET
def pdf(request: HouseRequest, certificate_id: uuid.UUID) -> HttpResponse:
    """The paper with the visible mark of the signature and the code to check it by."""
    shown = _of_signed(request, certificate_id, "PDF довідки")
    one = shown.certificate
    made = papers.paper(shown.document, shown.row, shown.issue.session, _check_at(one.code))
    name = f"Довідка {one.number} від {one.issued_on:%d.%m.%Y}, {one.full_name}.pdf"
    return pages.file_answer(made, name, "application/pdf")


@require_GET
def proof(request: HouseRequest, certificate_id: uuid.UUID) -> HttpResponse:
    """The certificate alone with all that proves it, whatever else was signed beside it."""
    shown = _of_signed(request, certificate_id, "довідка з доказом")
    one = shown.certificate
    signature = exports.signature_file(shown.issue.session)
    made = row_alone(shown.issue.package, one.position - 1, signature)
    return pages.file_answer(
        orjson.dumps(made, option=orjson.OPT_INDENT_2),
        f"Довідка {one.number} від {one.issued_on:%d.%m.%Y}.json",
        "application/json",
    )


def _of_signed(request: HouseRequest, certificate_id: uuid.UUID, taken: str) -> selectors.Shown:
    shown = selectors.certificate(request.actor, certificate_id, taken=taken)
    if shown.issue.issue.state != "SIGNED":
        raise NotFound
    return shown


class VoidForm(Form):
    """Why a certificate holds no more."""

    reason = forms.ChoiceField(
        label="Причина",
        choices=list(VOIDED_FOR.items()),
        widget=forms.RadioSelect,
        help_text="Її побачить кожен, хто перевірить довідку",
    )
    note = forms.CharField(
        label="Пояснення для закладу",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Бачить лише заклад",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def void(request: HouseRequest, certificate_id: uuid.UUID) -> HttpResponse:
    """Void a certificate with a reason that whoever checks it is told."""
    actor = request.actor
    one = selectors.certificate(actor, certificate_id).certificate
    policies.sign.require(actor, one.institution)
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            services.void(
                actor=actor,
                certificate_id=certificate_id,
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                moment=moment(),
            )
            messages.success(request, f"Довідку № {one.number} анульовано.")
            return pages.see_other(request, "certificate_detail", certificate_id)
    return pages.form_page(request, "registry/certificates/void.html", form, {"one": one})


# ── in public ────────────────────────────────────────────────────────────────
@public
@never_cache
@require_GET
def check(request: HttpRequest, code: str) -> HttpResponse:
    """A certificate by the code printed on it: what the paper says, whether it holds, its signature
    judged now. What the register says today is not told."""
    now = timezone.now()
    found = selectors.check(code, now)
    one, session = found.shown.certificate, found.shown.issue.session
    response = pages.page(
        request,
        "registry/certificates/check.html",
        {
            "one": one,
            "holds": one.state == "ISSUED" and not found.is_over and found.result.valid,
            "is_over": found.is_over,
            "reason": VOIDED_FOR.get(one.void_reason, ""),
            "facts": papers.facts(found.shown.document, found.shown.row),
            "answer": answer.explain(found.result),
            "session": session,
            "serial": answer.spaced(session.certificate_serial),
            "code": "-".join(wrap(one.code, 4)),
            "now": now,
        },
    )
    response["X-Robots-Tag"] = "noindex"
    return response


def words_of(count: int) -> str:
    """«5 довідок»."""
    return f"{count} {plural(count, 'довідка', 'довідки', 'довідок')}"

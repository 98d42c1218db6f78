"""Applications of a school: the list, a new one, one of them with its receipt, many from a table."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import DomainError, Invalid, NotFound, StaleVersion
from kernel.paging import every
from kernel.parameters import MARKS, asked, flag, one_of
from kernel.text import plural, years
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import (
    Act,
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
from kernel.ui.listing import chosen as picked
from registry.admission import policies, selectors, services
from registry.admission.models import Application
from registry.admission.portal.forms import CheckForm, RefuseForm, WithdrawForm
from registry.admission.process import GROUNDS, PROCESS, words_of
from registry.admission.services.steps import days_of
from registry.admission.states import APPLICATION
from registry.drafts import selectors as draft_reads
from registry.drafts import services as drafts
from registry.drafts.portal.row_fields import fields, mistakes, typed
from registry.drafts.portal.steps import steps
from registry.institutions import selectors as institution_reads

TAGS = {
    "SUBMITTED": "heed",
    "CHECKED": "note",
    "RESERVE": "note",
    "PLACED": "good",
    "ENROLLED": "good",
    "SUPERSEDED": "off",
    "REFUSED": "bad",
    "WITHDRAWN": "off",
}
_BY = {"right": "без жеребкування", "draw": "за жеребкуванням", "reserve": "за чергою"}


def _tag(one: Application) -> Tag:
    return Tag(selectors.STATES[one.state], TAGS[one.state])


def _grounds(one: Application) -> list[str | Tag]:
    return [
        Tag(GROUNDS[code], "good") if code in one.grounds else GROUNDS[code]
        for code in GROUNDS
        if code in one.claims or code in one.grounds
    ]


_COLUMNS: list[Column[Application]] = [
    Column(
        "name",
        "Дитина",
        lambda one: Name(
            f"{one.surname} {one.given_name}",
            reverse("application_detail", args=[one.pk]),
            one.patronymic,
        ),
        width=36,
    ),
    Column("number", "Номер", lambda one: one.candidate.number, kind="nw"),
    Column("born", "Народження", lambda one: one.born_on, kind="nw"),
    Column("wish", "Бажання", lambda one: one.wish, kind="num"),
    Column("grounds", "Право", _grounds, width=40),
    Column("state", "Стан", _tag, width=22),
    Column("turn", "Черга", lambda one: one.turn, kind="num"),
    Column("submitted", "Подано", lambda one: one.submitted_at, kind="nw"),
]


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HouseRequest, uid: uuid.UUID) -> HttpResponseBase:
    """Applications of the year. A POST checks the chosen ones, or takes them out as a file."""
    actor = request.actor
    institution = institution_reads.find(actor, uid)
    policies.keep.require(actor, institution)
    now = moment()
    year = days_of(institution, now.today).school_year
    given = asked(
        request,
        one_of("state", selectors.STATES),
        order_of(selectors.ORDERS, "name"),
        FILE,
        flag("all"),
    )
    state, order = given["state"], given["order"]
    address = Address(request, ("state", "order"))
    if request.method == "POST" and request.POST.get("do") == "check":
        return _checked(request, uid, lambda: selectors.keys(institution, year, state))

    def read(mark: str | None = None, **how: Any) -> Any:
        return selectors.applications(
            actor, institution, year, state, **{"after": mark, "order": order, **how}
        )

    found = read(**asked(request, *MARKS))
    counts = selectors.counts(institution, year)
    here = address.with_()
    shown = Listing(
        address,
        f"Заяви до 1 класу {years(year)}",
        _COLUMNS,
        found.rows,
        pager=pager(address, found),
        orders=selectors.ORDERS,
        order=order,
        key=lambda one: str(one.pk),
        acts=[Act("Документи перевірено", here, value="check", kind="primary", icon="check")],
        total=counts.get(state, 0) if state else sum(counts.values()),
        everything=seal(selectors.keys(institution, year, state)) if given["all"] else "",
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", list(selectors.STATES.items()))]),
        clear=address.with_(state=""),
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK, what="файл зі списком заяв"))
        return files.answer(
            given["file"], shown, rows, actor=actor, now=now.now, of=institution.short_name
        )
    return pages.page(
        request,
        "registry/admission/applications.html",
        {
            "card": institution,
            "list": shown,
            "year": year,
            "pills": pills(address, "state", {"": "Усі", **selectors.STATES}, state, counts),
        },
    )


def _checked(request: HouseRequest, uid: uuid.UUID, matching: Any) -> HttpResponse:
    institution = institution_reads.find(request.actor, uid)
    try:
        count = services.check_many(
            actor=request.actor, institution_id=institution.pk, ids=picked(request, matching)
        )
    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, no.detail)
    else:
        many = plural(count, "заяву", "заяви", "заяв")
        messages.success(
            request, f"Перевірено {count} {many}: право підтверджено так, як названо в заявах."
        )
    return pages.see_other(
        request, f"{reverse('application_list', args=[uid])}?{request.META['QUERY_STRING']}"
    )


# ── a new one ────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """One application on one page; sent, it is registered, or leads to what must be mended."""
    actor = request.actor
    institution = institution_reads.find(actor, uid)
    policies.keep.require(actor, institution)
    now = moment()
    wrong: list[dict[str, Any]] = []
    if request.method == "POST":
        values = typed(PROCESS, request.POST.dict())
        if any(values.values()):
            draft = drafts.start(
                actor=actor,
                institution_id=institution.pk,
                process=PROCESS.code,
                title="Заява до 1 класу",
                rows=[values],
                moment=now,
            )
            try:
                (one,) = services.register(actor=actor, draft_id=draft.pk, moment=now)
            except DomainError as no:
                pages.pass_on(no)
                row = draft.rows.get()
                if row.state == "READY":
                    messages.warning(request, no.detail)
                to = reverse("draft_row", args=[PROCESS.code, draft.pk, row.pk])
                return pages.see_other(request, f"{to}?checked=1")
            messages.success(request, f"Заяву № {one.candidate.number} зареєстровано.")
            return pages.see_other(request, "application_detail", one.pk)
        wrong = [
            {
                "field": "surname",
                "level": "error",
                "code": "required",
                "detail": "Впишіть дані дитини й заявника.",
            }
        ]
    groups = fields(PROCESS, {}, wrong, {}, PROCESS.options(institution.pk, {}, now))
    days = days_of(institution, now.today)
    return pages.page(
        request,
        "registry/admission/new.html",
        {
            "card": institution,
            "groups": groups,
            "wrong": mistakes(PROCESS, wrong, groups),
            "days": days,
            "accepts": days.accepts(now.now),
        },
        status=422 if wrong else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HouseRequest, process: str, draft_id: uuid.UUID) -> HttpResponse:
    """What the ready rows of a table will become; the button does it."""
    if process != PROCESS.code:
        raise NotFound
    actor = request.actor
    draft = draft_reads.find(actor, draft_id, process)
    ready = draft_reads.counts(draft)["READY"]
    refusal: DomainError | None = None
    now = moment()
    if request.method == "POST":
        expected = request.POST.get("expected", "")
        try:
            made = services.register(
                actor=actor,
                draft_id=draft_id,
                moment=now,
                expected=int(expected) if expected.isascii() and expected.isdigit() else None,
            )
        except DomainError as no:
            pages.pass_on(no)
            refusal = no
        else:
            many = plural(len(made), "заяву", "заяви", "заяв")
            messages.success(request, f"Зареєстровано {len(made)} {many}.")
            return pages.see_other(request, "application_list", draft.institution.uid)
    days = days_of(draft.institution, now.today)
    return pages.page(
        request,
        "registry/admission/take.html",
        {
            "draft": draft,
            "process": PROCESS,
            "ready": ready,
            "days": days,
            "accepts": days.accepts(now.now),
            "refusal": refusal,
            "steps": steps(draft, "order"),
        },
        status=refusal.http_status if refusal else 200,
    )


# ── one of them ──────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD"])
def detail(request: HouseRequest, application_id: uuid.UUID) -> HttpResponse:
    """An application: its receipt, what it says, what may be done with it."""
    return _detail(request, application_id)


def _detail(
    request: HouseRequest,
    application_id: uuid.UUID,
    *,
    form: Any = None,
    status: int = 200,
) -> HttpResponse:
    now = moment()
    one = selectors.find(request.actor, application_id)
    evidence = selectors.evidence(one, now.today)
    may = APPLICATION[one.state]

    def bound(kind: Any, **options: Any) -> Any:
        return form if isinstance(form, kind) else kind(**options)

    initial = {
        "documents": one.documents,
        "grounds": one.grounds or [c for c in one.claims if c in evidence],
        "version": one.version,
    }
    columns = [column for column in PROCESS.columns if column.name not in {"wish", "claims"}]
    return pages.page(
        request,
        "registry/admission/application.html",
        {
            "one": one,
            "card": one.institution,
            "tag": {"kind": TAGS[one.state], "label": selectors.STATES[one.state]},
            "told": [
                (column.in_full or column.label, _value(column.name, one.values))
                for column in columns
                if one.values.get(column.name)
            ],
            "receipt": [
                ("Номер", one.candidate.number),
                ("Заклад", one.institution.full_name),
                ("Дитина", one.full_name),
                ("Яке це бажання", str(one.wish)),
                ("Заявник", one.values.get("applicant", "")),
                ("Хто подав", "батьки зі свого вікна" if one.parent_id else "заклад"),
                ("Назване право", "; ".join(GROUNDS[code] for code in one.claims) or "не названо"),
                ("Підтверджене право", "; ".join(GROUNDS[code] for code in one.grounds)),
                ("Документи", "; ".join(services.DOCUMENTS[code] for code in one.documents)),
                (
                    "Місце надано",
                    _BY.get(one.placed_by, "") if one.state in {"PLACED", "ENROLLED"} else "",
                ),
                ("Місце в черзі", str(one.turn) if one.state == "RESERVE" and one.turn else ""),
                ("Чому", one.reason),
            ],
            "others": selectors.other_wishes(one),
            "may": may,
            "may_check": "check" in may or one.state == "CHECKED",
            "check": bound(CheckForm, evidence=evidence, initial=initial),
            "refuse": bound(RefuseForm),
            "withdraw": bound(WithdrawForm),
            "wrong": form,
        },
        status=status,
    )


def _value(name: str, values: dict[str, str]) -> str:
    source = PROCESS.source
    code = source.codes[name](values[name]) if name in source.codes else values[name]
    said = dict(source.choices.get(name, ())).get(code or values[name], values[name])
    return str(said)


@require_POST
def decide(request: HouseRequest, application_id: uuid.UUID) -> HttpResponse:
    """«Перевірено», «Не розглядати», «Відкликати»."""
    one = selectors.find(request.actor, application_id)
    do = request.POST.get("do", "")
    common: dict[str, Any] = {"actor": request.actor, "application_id": application_id}
    form: Any
    act: Any
    if do == "check":
        evidence = selectors.evidence(one, moment().today)
        form = CheckForm(request.POST, evidence=evidence)
        act, told = services.check, "Заяву перевірено."
    elif do == "refuse":
        form, act, told = RefuseForm(request.POST), services.refuse, "Заяву не розглядатимуть."
    elif do == "withdraw":
        form, act, told = WithdrawForm(request.POST), services.withdraw, "Заяву відкликано."
    else:
        raise NotFound
    if form.is_valid():
        try:
            act(**common, **form.cleaned_data)
        except DomainError as no:
            pages.pass_on(no)
            form.refuse(no)
            status = StaleVersion.http_status if isinstance(no, StaleVersion) else 422
            return _detail(request, application_id, form=form, status=status)
        messages.success(request, told)
        return pages.see_other(request, "application_detail", application_id)
    return _detail(request, application_id, form=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HouseRequest, application_id: uuid.UUID) -> HttpResponse:
    """All fields of an application, to be corrected while it is not decided."""
    actor = request.actor
    one = selectors.find(actor, application_id)
    now = moment()
    wrong: list[dict[str, Any]] = []
    note = ""
    values = {**one.values, "wish": str(one.wish), "claims": words_of(one.claims)}
    status = 200
    if request.method == "POST":
        values |= typed(PROCESS, request.POST.dict())
        version = request.POST.get("version", "")
        try:
            services.change(
                actor=actor,
                application_id=application_id,
                values=values,
                version=int(version) if version.isascii() and version.isdigit() else 0,
                moment=now,
            )
        except Invalid as no:
            wrong = [
                {"field": p.field, "level": "error", "code": p.code, "detail": p.detail}
                for p in no.problems
            ]
            status = 422
        except DomainError as no:
            pages.pass_on(no)
            note, status = no.detail, no.http_status
        else:
            messages.success(request, "Заяву змінено: її треба перевірити знову.")
            return pages.see_other(request, "application_detail", application_id)
    groups = fields(PROCESS, values, wrong, {}, PROCESS.options(one.institution_id, {}, now))
    return pages.page(
        request,
        "registry/admission/change.html",
        {
            "one": one,
            "card": one.institution,
            "groups": groups,
            "wrong": mistakes(PROCESS, wrong, groups),
            "note": note,
        },
        status=status,
    )

"""Beginning a draft: the list of drafts, a file, a paste, blank rows, chosen rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked, one_of
from kernel.tables import reading
from kernel.tables.writing import Column, Sheet, workbook
from kernel.text import plural
from kernel.ui import files
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import (
    Act,
    Address,
    ChosenChanged,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    order_of,
    pager,
)
from kernel.ui.listing import Column as Shown
from kernel.ui.listing import chosen as picked
from kernel.ui.pages import XLSX, file_answer, page, pass_on, see_other
from registry.drafts import selectors as reads
from registry.drafts import services as drafts
from registry.drafts.models import Draft
from registry.drafts.portal.running import hand_over
from registry.institutions import selectors as institution_reads
from registry.people import policies
from registry.people.portal.choice import chosen_institution, first_of
from registry.people.portal.pupils import chosen_lines
from registry.process import kind, kinds

_SCHOOLS = "Наказ видає один заклад: виберіть учнів одного закладу."


class _Unfit(Exception):
    """The chosen pupils make no draft; the words say why."""


# A little over the limit of a file: the form's own fields travel with it.
MAX_BODY = reading.MAX_BYTES + 256 * 1024


_SHOWN = {
    "": ("Усі", reads.STANDING),
    "open": ("Можна продовжити", ("OPEN",)),
    "waiting": ("Чекають на підпис", ("ORDERED",)),
    "discarded": ("Вилучені", ("DISCARDED",)),
}


def _state(draft: Draft) -> Tag:
    if draft.state == "ORDERED":
        return Tag("Чекає на підпис", "heed")
    if draft.waiting:
        return Tag("Визначити стовпці", "heed")
    if draft.wrong:  # type: ignore[attr-defined]
        return Tag(f"Виправити {draft.wrong}", "bad")  # type: ignore[attr-defined]
    if draft.ready:  # type: ignore[attr-defined]
        return Tag(f"Готово {draft.ready}", "good")  # type: ignore[attr-defined]
    return Tag("Порожня")


def _title(draft: Draft) -> Name:
    page = "draft_columns" if draft.waiting else "draft_detail"
    closed = draft.state == "DISCARDED"
    url = "" if closed else reverse(page, args=[draft.process, draft.pk])
    return Name(draft.title, url, note=draft.source_name)


def _columns(*, one_school: bool) -> list[Shown[Draft]]:
    school = Shown[Draft](
        "institution", "Заклад", lambda draft: draft.institution.short_name, width=30
    )
    return [
        Shown("title", "Чернетка", _title, width=40),
        *([] if one_school else [school]),
        Shown("rows", "Рядків", lambda draft: draft.filled, kind="num"),  # type: ignore[attr-defined]
        Shown("state", "Стан", _state, width=20),
        Shown("author", "Хто почав", lambda draft: draft.author.user.short_name, width=24),
        Shown("updated", "Остання зміна", lambda draft: draft.updated_at, kind="nw"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HouseRequest, process: str) -> HttpResponseBase:
    """Drafts to continue, and the ways to begin. A POST takes the chosen discarded ones out again."""
    actor = request.actor
    chosen = kind(process)
    if chosen.page:
        return see_other(request, chosen.page)
    institution = institution_reads.own_or_none(actor)
    if institution is not None:
        chosen.keep.require(actor, institution)
    else:
        policies.list_pupils.require(actor)
    given = asked(request, one_of("show", _SHOWN), order_of(reads.ORDERS, reads.LATEST), FILE)
    address = Address(request, ("show", "order"))
    if request.method == "POST":
        return _restored(request, process)
    order, show = given["order"], given["show"]
    label, states = _SHOWN[show]

    def read(mark: str | None = None, **how: Any) -> Page[Draft]:
        return reads.listing(actor, process, states, **{"after": mark, "order": order, **how})

    found = read(**asked(request, *MARKS))
    counts = reads.numbers(actor, process)
    restore = Act("Відновити", address.with_(), value="restore", kind="primary", icon="undo")
    shown = Listing(
        address,
        f"{chosen.name}: чернетки",
        _columns(one_school=len(actor.scope.keys) == 1),
        found.rows,
        pager=pager(address, found),
        orders=reads.ORDERS,
        order=order,
        key=lambda draft: str(draft.pk),
        acts=[restore] if show == "discarded" else [],
        most=MOST,
        chips=chips(address, [Facet("show", "Показано", [(show, label)])]) if show else (),
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK))
        of = institution.short_name if institution else ""
        return files.answer(given["file"], shown, rows, actor=actor, now=moment().now, of=of)
    return page(
        request,
        "registry/draft_list.html",
        {
            "process": chosen,
            "typed": chosen.typed is not None,
            "list": shown,
            "pills": [
                {
                    "label": label,
                    "url": address.with_(show=key),
                    "count": sum(counts.get(state, 0) for state in those),
                    "current": key == show,
                }
                for key, (label, those) in _SHOWN.items()
            ],
            "begun": bool(counts),
            "may_start": institution is not None,
        },
    )


def _restored(request: HouseRequest, process: str) -> HttpResponse:
    keys = picked(request, list)
    for key in keys:
        drafts.restore(actor=request.actor, draft_id=key)
    if keys:
        many = plural(len(keys), "чернетку", "чернетки", "чернеток")
        messages.success(request, f"Відновлено {len(keys)} {many}.")
    else:
        messages.warning(request, "Нічого не вибрано: позначте рядки списку.")
    return see_other(request, "draft_list", process)


@csrf_exempt
def start(request: HouseRequest, process: str) -> HttpResponse:
    """Begin from a file, a paste or blank rows. A huge body is refused before it is read: the
    check of the CSRF token, which reads the body, comes after (`_start`)."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.method == "POST" and length.isdigit() and int(length) > MAX_BODY:
        refusal = reading.too_large(int(length))
        return _start_page(request, process, {"file": refusal.detail}, status=413)
    return _start(request, process)


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_protect
def _start(request: HouseRequest, process: str) -> HttpResponse:
    if kind(process).page:
        return see_other(request, kind(process).page)
    if kind(process).typed is None or request.POST.get("how") == "choose":
        return _begin_chosen(request, process)
    if request.method != "POST":
        return _start_page(request, process, {})
    actor = request.actor
    how = request.POST.get("how", "file")
    try:
        institution_id = chosen_institution(request, kind(process).keep)
        now = moment()
        if how == "paste":
            draft = drafts.start_from_paste(
                actor=actor,
                institution_id=institution_id,
                process=process,
                text=request.POST.get("cells", ""),
                moment=now,
            )
        elif how == "blank":
            draft = drafts.start(
                actor=actor, institution_id=institution_id, process=process, blank=10, moment=now
            )
        else:
            upload = request.FILES.get("file")
            if upload is None:
                return _start_page(
                    request, process, {"file": "Виберіть файл XLSX, XLS, ODS або CSV."}
                )
            if (size := upload.size or 0) > reading.MAX_BYTES:
                refusal = reading.too_large(size)
                return _start_page(request, process, {"file": refusal.detail}, status=413)
            draft = drafts.start_from_file(
                actor=actor,
                institution_id=institution_id,
                process=process,
                name=upload.name or "",
                content=upload.read(),
                moment=now,
            )
    except DomainError as no:
        pass_on(no)
        return _start_page(request, process, {no.field or "file": no.detail})
    hand_over(draft)
    return see_other(
        request, "draft_columns" if draft.waiting else "draft_detail", process, draft.pk
    )


def _begin_chosen(request: HouseRequest, process: str) -> HttpResponse:
    """A draft of chosen rows begins empty, and its first page is the list to choose from."""
    actor = request.actor
    institutions = institution_reads.own_with_branches(actor)
    chosen = kind(process)
    chosen.keep.require(actor, first_of(institutions))
    if request.method != "POST":
        named = [(i.uid, i.short_name) for i in institutions]
        return page(
            request, "registry/draft_begin.html", {"process": chosen, "institutions": named}
        )
    draft = drafts.start(
        actor=actor,
        institution_id=chosen_institution(request, chosen.keep),
        process=process,
        moment=moment(),
    )
    return see_other(request, "draft_choose", process, draft.pk)


@require_POST
def for_chosen(request: HouseRequest) -> HttpResponse:
    """Services for the pupils chosen in their list: each begins a draft with all of them."""
    policies.keep.require(
        request.actor, first_of(institution_reads.own_with_branches(request.actor))
    )
    query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
    services = [
        {
            "name": one.name,
            "icon": one.icon,
            "url": reverse("draft_start_chosen", args=[one.code]) + query,
        }
        for one in sorted(kinds().values(), key=lambda one: one.order)
        if one.chosen is not None and one.chosen.of_pupils
    ]
    fields = [
        (name, value)
        for name in ("pick", "all", "seen")
        for value in request.POST.getlist(name)[: reading.MAX_ROWS]
    ]
    return page(request, "registry/draft_for_chosen.html", {"services": services, "fields": fields})


@require_POST
def start_chosen(request: HouseRequest, process: str) -> HttpResponse:
    """Begin with the pupils chosen in the list of pupils, whose address travels in the query. They
    are read anew and frozen in the draft: what it holds is what the order will say."""
    actor, now = request.actor, moment()
    chosen = kind(process)
    if chosen.chosen is None:
        raise NotFound
    chosen.keep.require(actor, first_of(institution_reads.own_with_branches(actor)))
    query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
    back = reverse("pupil_list") + query
    try:
        lines = chosen_lines(request, reading.MAX_ROWS)
        at = {line.node for line in lines if line.node}
        if len(at) != 1:
            raise _Unfit(_SCHOOLS if at else "Нікого не вибрано: позначте рядки списку.")
        draft = drafts.start(
            actor=actor,
            institution_id=at.pop(),
            process=process,
            keys=[str(line.id) for line in lines],
            moment=now,
        )
    except (ChosenChanged, _Unfit) as no:
        messages.warning(request, str(no))
        return see_other(request, back)
    hand_over(draft)
    if draft.asked is not None:
        return see_other(request, "draft_detail", process, draft.pk)
    there = reads.counts(draft)["all"]
    left = len(lines) - there
    words = f"До чернетки внесено {there} {plural(there, 'учня', 'учнів', 'учнів')}."
    if left:
        words += f" Не внесено {left}: їх уже відраховують або вони тут не навчаються."
    messages.success(request, words)
    return see_other(request, "draft_detail", process, draft.pk)


def _start_page(
    request: HouseRequest, process: str, errors: Mapping[str, str], status: int | None = None
) -> HttpResponse:
    actor = request.actor
    institutions = institution_reads.own_with_branches(actor)
    chosen = kind(process)
    chosen.keep.require(actor, first_of(institutions))
    read = status != 413 and request.method == "POST"
    return page(
        request,
        "registry/draft_start.html",
        {
            "process": chosen,
            "errors": errors,
            "institutions": [(i.uid, i.short_name) for i in institutions],
            "chosen": request.POST.get("institution", "") if read else "",
            "cells": request.POST.get("cells", "") if read else "",
            "limit_rows": reading.MAX_ROWS,
            "limit_megabytes": reading.MAX_BYTES // 1024 // 1024,
        },
        status=status or (422 if errors else 200),
    )


@require_GET
def blank_table(request: HouseRequest, process: str) -> HttpResponse:
    """An XLSX with the headings we know, text cells (so that Excel keeps noughts) and one example."""
    if kind(process).typed is None:
        raise NotFound
    columns = [
        Column(column.label + (" *" if column.required else ""), width=20, note=column.hint)
        for column in kind(process).columns
    ]
    return file_answer(
        workbook(Sheet(kind(process).rows_are.title, columns)),
        f"{kind(process).name}, зразок.xlsx",
        XLSX,
    )

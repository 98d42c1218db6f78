"""Heads from a table: paste or upload, see every problem beside its cell, fix, create at once."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import policies
from accounts.actors import Actor
from accounts.http import HouseRequest
from accounts.portal import head_table
from accounts.portal.head_table import COLUMNS, Row
from accounts.portal.users import HEADS, crumbs
from accounts.services import grants
from kernel.errors import Invalid, Problem
from kernel.tables import reading
from kernel.tables.layout import Layout, NotMapped, chosen, pack, propose, unpack
from kernel.text import plural
from kernel.ui import pages, table_step


@never_cache
@require_http_methods(["GET", "POST"])
def new_heads(request: HouseRequest) -> HttpResponse:
    """«Створення облікових записів Керівників ЗО з таблиці»."""
    actor = request.actor
    policies.manage_users.require(actor)
    if request.method == "GET":
        return _ask(request)
    try:
        layout = unpack(request.POST["table"]) if request.POST.get("table") else None
        if "read" in request.POST:
            layout = propose(_book(request), head_table.HEADINGS)
            if not layout.sure:
                return _columns(request, layout, [])
            rows = head_table.read(layout)
        elif "columns" in request.POST and layout is not None:
            return _columns(request, layout, head_table.posted(request.POST.dict()))
        elif "do" in request.POST and layout is not None:
            mapped = _mapped(request, layout)
            if isinstance(mapped, HttpResponse):
                return mapped
            layout, rows = mapped
        else:
            rows = head_table.posted(request.POST.dict())
    except reading.UnreadableTable as refusal:
        return _ask(request, str(refusal))
    heads, problems = head_table.understood(actor, rows)
    problems = _all(actor, heads, problems)
    if "drop" in request.POST:
        bad = {_place(problem)[0] for problem in problems}
        rows = [row for number, row in enumerate(rows) if number not in bad]
        heads, problems = head_table.understood(actor, rows)
        problems = _all(actor, heads, problems)
    if not rows:
        return _ask(request, "Рядків не лишилося. Вставте таблицю ще раз.")
    if "confirm" in request.POST and not problems:
        try:
            made = grants.create_heads(actor=actor, rows=heads)
        except Invalid as refusal:
            problems = refusal.problems
        else:
            number = len(made)
            words = plural(number, "обліковий запис", "облікові записи", "облікових записів")
            messages.success(request, f"Створено {number} {words}. Запрошення надіслано.")
            return pages.see_other(request, "users")
    return _show(request, rows, problems, layout)


def _mapped(request: HouseRequest, layout: Layout) -> tuple[Layout, list[Row]] | HttpResponse:
    """What the step of sheets and columns says, or the step again."""
    rows = head_table.posted(request.POST.dict())
    other = table_step.other_sheets(request.POST, layout, head_table.HEADINGS)
    if other is not None:
        return _columns(request, other, rows, read_by=layout)
    choice = table_step.read(request.POST, layout)
    try:
        new = chosen(layout, choice, head_table.HEADINGS, head_table.LABELS)
    except NotMapped as no:
        return _columns(request, table_step.tried(layout, choice), rows, no.detail, read_by=layout)
    return new, head_table.read_again(rows, layout, new) if rows else head_table.read(new)


def _all(actor: Actor, heads: list[grants.HeadRow], problems: list[Problem]) -> list[Problem]:
    told = {problem.field for problem in problems}
    more = grants.head_problems(actor, heads)
    return problems + [problem for problem in more if problem.field not in told]


def _book(request: HouseRequest) -> reading.Book:
    upload = request.FILES.get("file")
    if upload is not None:
        if (size := upload.size or 0) > reading.MAX_BYTES:
            raise reading.too_large(size)
        return reading.read(upload.read())
    return reading.Book((reading.Sheet("", reading.read_pasted(request.POST.get("text", ""))),))


def _columns(
    request: HouseRequest,
    layout: Layout,
    rows: list[Row],
    error: str = "",
    *,
    read_by: Layout | None = None,
) -> HttpResponse:
    """The step of sheets and columns; rows corrected already travel with it, and the layout they
    were read by."""
    return pages.page(
        request,
        "accounts/heads_columns.html",
        {
            "title": HEADS,
            "step": table_step.context(layout, head_table.LABELS, error),
            "table": pack(read_by or layout),
            "rows": [
                (f"rows-{number}-{name}", value)
                for number, row in enumerate(rows)
                for name, value in row.items()
                if value
            ],
            "crumbs": crumbs(),
        },
        status=422 if error else 200,
    )


def _ask(request: HouseRequest, error: str = "") -> HttpResponse:
    return pages.page(
        request,
        "accounts/heads_ask.html",
        {
            "title": HEADS,
            "columns": list(COLUMNS.values()),
            "error": error,
            "text": request.POST.get("text", ""),
            "crumbs": crumbs(),
        },
        status=422 if error else 200,
    )


@dataclasses.dataclass
class Cell:
    """One input of the grid with what is wrong with it."""

    name: str
    label: str
    value: str
    problem: str


def _place(problem: Problem) -> tuple[int, str]:
    """Row and column of a problem of `rows.N.column`."""
    _, number, column = problem.field.split(".", 2)
    return int(number), column


def _show(
    request: HouseRequest, rows: list[Row], problems: list[Problem], layout: Layout | None
) -> HttpResponse:
    wrong: dict[tuple[int, str], str] = defaultdict(str)
    for problem in problems:
        wrong[_place(problem)] = f"{wrong[_place(problem)]} {problem.detail}".strip()
    lines: list[dict[str, Any]] = [
        {
            "number": number + 1,
            "line": (f"rows-{number}-line", row.get("line", "")),
            "cells": [
                Cell(
                    f"rows-{number}-{name}",
                    f"{label}, рядок {number + 1}",
                    row[name],
                    wrong.get((number, name), ""),
                )
                for name, label in COLUMNS.items()
            ],
        }
        for number, row in enumerate(rows)
    ]
    bad = len({number for number, _ in wrong})
    return pages.page(
        request,
        "accounts/heads_check.html",
        {
            "title": HEADS,
            "columns": list(COLUMNS.values()),
            "lines": lines,
            "problems": [
                (f"rows-{number}-{column}", number + 1, text)
                for (number, column), text in sorted(wrong.items())
            ],
            "bad": bad,
            "good": len(rows) - bad,
            "table": pack(layout) if layout is not None else "",
            "unread": layout.told(layout.rows(head_table.to_rows)) if layout is not None else "",
            "crumbs": crumbs(),
        },
        status=422 if problems else 200,
    )

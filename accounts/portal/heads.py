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
from kernel.text import plural
from kernel.ui import pages


@never_cache
@require_http_methods(["GET", "POST"])
def new_heads(request: HouseRequest) -> HttpResponse:
    """«Створення облікових записів Керівників ЗО з таблиці»."""
    actor = request.actor
    policies.manage_users.require(actor)
    if request.method == "GET":
        return _ask(request)
    if "read" in request.POST:
        try:
            rows = head_table.read(_cells(request))
        except reading.UnreadableTable as refusal:
            return _ask(request, str(refusal))
        if not rows:
            return _ask(request, "Вставте таблицю або додайте файл: поки що тут немає рядків.")
    else:
        rows = head_table.posted(request.POST.dict())
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
    return _show(request, rows, problems)


def _all(actor: Actor, heads: list[grants.HeadRow], problems: list[Problem]) -> list[Problem]:
    told = {problem.field for problem in problems}
    more = grants.head_problems(actor, heads)
    return problems + [problem for problem in more if problem.field not in told]


def _cells(request: HouseRequest) -> list[list[str]]:
    upload = request.FILES.get("file")
    if upload is not None:
        return reading.read(upload.read()).sheets[0].rows
    return reading.read_pasted(request.POST.get("text", ""))


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


def _show(request: HouseRequest, rows: list[Row], problems: list[Problem]) -> HttpResponse:
    wrong: dict[tuple[int, str], str] = defaultdict(str)
    for problem in problems:
        wrong[_place(problem)] = f"{wrong[_place(problem)]} {problem.detail}".strip()
    lines: list[dict[str, Any]] = [
        {
            "number": number + 1,
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
            "crumbs": crumbs(),
        },
        status=422 if problems else 200,
    )

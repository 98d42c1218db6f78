"""A list as a file, XLSX or CSV: the columns and rows of the page, exactly as filtered and sorted.

The sheet of data has one head and rows, for machines as for people; what it is, by which filters, when
and by whom stands on a second sheet, «Про вивантаження», and in the name of the file. Rows are read
and written a thousand at a time, so a hundred thousand take the memory of a few.
"""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kernel import clock, turns
from kernel.clock import moment
from kernel.errors import DomainError
from kernel.parameters import asked, one_of
from kernel.scoping import Actor
from kernel.tables import writing
from kernel.ui import helpers as ui
from kernel.ui import listing, pages

R = TypeVar("R")

MOST = 100_000  # rows of one file: Excel opens it, and writing takes seconds
CHUNK = 1_000  # rows read at a time
MOST_PRINTED = 1_000
FILES_IN_TEN_MINUTES = 30  # of one person
FILE = one_of("file", ["xlsx", "csv"])
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


class ListTooLong(DomainError):
    """More rows match than one file holds."""

    code = "list_too_long"
    http_status = 422
    title = "Список завеликий для одного файлу"


def acts(here: str) -> tuple[listing.Act, ...]:
    """What every list offers for its chosen rows; `asked_for` answers them, posted to `here`."""
    return (
        listing.Act("Файл XLSX", here, value="xlsx", icon="dl"),
        listing.Act("Файл CSV", here, value="csv", icon="dl"),
        listing.Act("Друк", here, value="print", icon="print"),
    )


def asked_for(
    request: HttpRequest,
    shown: listing.Listing[R],
    every: Callable[[list[str] | None], Iterable[R]],
    *,
    actor: Actor,
    matching: Callable[[], Sequence[Any]],
    of: str = "",
) -> HttpResponseBase | None:
    """What the links to files and the bar of acts of a list ask: a file of all rows, a file or a
    printed sheet of the chosen ones; None when the page itself is asked.

    every: all rows, or those of the keys given. matching: keys of all that match.

    Raises:
        ListTooLong, TooOften: as `answer`.
    """
    now = moment().now
    if request.method != "POST":
        kind = asked(request, FILE)["file"]
        return answer(kind, shown, every(None), actor=actor, now=now, of=of) if kind else None
    try:
        keys = listing.chosen(request, matching)
    except listing.ChosenChanged as changed:
        messages.warning(request, f"{changed.title}. {changed.detail}")
        return pages.see_other(request, shown.none_url)
    if not keys:
        messages.warning(request, "Нічого не вибрано: позначте рядки списку.")
        return pages.see_other(request, shown.none_url)
    kind = request.POST.get("do", "")
    if kind in _TYPES:
        return answer(kind, shown, every(keys), actor=actor, now=now, of=of)
    rows = list(itertools.islice(every(keys[:MOST_PRINTED]), MOST_PRINTED))
    return pages.page(
        request,
        "ui/sheet.html",
        {
            "list": dataclasses.replace(shown, rows=rows),
            "of": of,
            "back": shown.none_url,
            "left": max(0, len(keys) - MOST_PRINTED),
        },
    )


def answer(
    kind: str,
    shown: listing.Listing[R],
    rows: Iterable[R],
    *,
    actor: Actor,
    now: datetime.datetime,
    of: str = "",
) -> HttpResponseBase:
    """The list as a file to keep. `rows` are all of it; `of` is whose it is («Ліцей № 1»).

    Raises:
        ListTooLong: more rows than MOST.
        TooOften: this person took many files already.
    """
    turns.count("files", str(actor.user_id), FILES_IN_TEN_MINUTES, 600)
    parts = [part for column in shown.columns for part in _parts(column)]
    heads = [writing.Column(title, width=width) for title, width, _ in parts]
    counted = _Counted(_at_most(rows), parts)
    if kind == "csv":
        content = writing.delimited(heads, counted)
    else:
        content = writing.streamed(
            writing.Sheet(_sheet(shown.title), heads, counted, frozen_columns=1),
            # Its rows are made when it is written: after those above, so their number is known.
            writing.Sheet(
                "Про вивантаження",
                [writing.Column("Що", width=28), writing.Column("Значення", width=80, wrap=True)],
                _about(shown, counted, actor, now, of),
            ),
        )
    name = " ".join(part for part in (shown.title, of, f"{clock.local(now):%Y-%m-%d}") if part)
    return pages.stream_answer(content, f"{name}.{kind}", _TYPES[kind])


def _sheet(title: str) -> str:
    """A title as the name of a sheet: Excel takes 31 characters, and none of these."""
    return re.sub(r"[][:*?/\\]+", " ", title)[:31].strip(" '")


def _parts(column: listing.Column[Any]) -> list[tuple[str, int, Any]]:
    if column.apart:
        return [(title, column.width, cell) for title, cell in column.apart]
    return [(column.title, column.width, column.cell)]


def _at_most(rows: Iterable[R]) -> Iterator[R]:
    for number, row in enumerate(rows, start=1):
        if number > MOST:
            raise ListTooLong(
                f"За цими умовами рядків більше, ніж уміщає один файл: {ui.number(MOST)}. Звузьте список: виберіть "
                "громаду, заклад, паралель або інший фільтр і вивантажте частинами."
            )
        yield row


class _Counted:
    """Rows of the file, and how many were written."""

    def __init__(self, rows: Iterable[Any], parts: Sequence[tuple[str, int, Any]]):
        self.rows, self.parts, self.number = rows, parts, 0

    def __iter__(self) -> Iterator[list[writing.Value]]:
        for row in self.rows:
            self.number += 1
            yield [_value(cell(row)) for _, _, cell in self.parts]


def _value(cell: listing.Cell) -> writing.Value:
    """What a file holds: numbers and days as such, everything else in words."""
    if cell is None or isinstance(cell, writing.Plain):
        return cell
    return listing.words(cell)


def _about(
    shown: listing.Listing[Any], counted: _Counted, actor: Actor, now: datetime.datetime, of: str
) -> Iterator[tuple[str, writing.Value]]:
    yield "Список", shown.title
    if of:
        yield "Заклад чи орган", of
    for chip in shown.chips:
        yield f"Відібрано за: {chip['title'].lower()}", chip["label"]
    if not shown.chips:
        yield "Відібрано за", "без фільтрів"
    yield "Упорядковано за стовпцем", shown.sorted_by
    yield "Рядків", counted.number
    yield "Вивантажено", now
    yield "Хто вивантажив", actor.label
    yield "Застереження", "Файл може містити персональні дані: вивантаження записано в журнал."

"""The page where somebody says which sheets of a table are taken and what its columns are.

One template (ui/_table_step.html) and one reader of its form for every upload.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from kernel.tables import book
from kernel.tables.book import MAX_COLUMNS
from kernel.tables.headings import Headings, at
from kernel.tables.layout import Choice, Layout, propose
from kernel.text import plural

_SAMPLES = 3


def context(layout: Layout, labels: Mapping[str, str], error: str = "") -> dict[str, Any]:
    """What the template shows of a layout; `labels` are what a column may be, with words."""
    sheet = layout.sheets[layout.taken[0]]
    lines = [cells for _, cells in layout.lines()]
    hidden = [
        f"{book.rows_in_words([row + 1 for row in one.hidden_rows])}"
        + (f" аркуша «{one.name}»" if len(layout.sheets) > 1 else "")
        for number in layout.taken
        if (one := layout.sheets[number]).hidden_rows
    ]
    columns = []
    for place in range(layout.width):
        values = [cell for cells in lines if (cell := at(cells, place))]
        columns.append(
            {
                "name": f"c{place}",
                "heading": layout.heading(place),
                "number": place + 1,
                "sample": list(dict.fromkeys(values))[:_SAMPLES],
                "filled": len(values),
                "hidden": place in sheet.hidden_columns,
                "chosen": layout.columns[place] if place < len(layout.columns) else "",
            }
        )
    return {
        "error": error,
        "sheets": [
            (str(number), one.name, _filled(sum(map(bool, one.rows))))
            for number, one in enumerate(layout.sheets)
        ]
        if len(layout.sheets) > 1
        else [],
        "taken": [str(number) for number in layout.taken],
        "shown": ",".join(map(str, layout.taken)),
        "left": ", ".join(layout.left),
        "headings": [
            ("0", "Назв немає: дані з першого рядка"),
            *(
                (str(number), f"Рядок {number}: {', '.join(filter(None, row))[:80]}")
                for number, row in enumerate(sheet.rows[: book.HEADING_WITHIN], start=1)
                if any(row)
            ),
        ],
        "heading": str(layout.firsts[layout.taken[0]]),
        "hidden": ", ".join(hidden),
        "with_hidden": layout.with_hidden,
        "columns": columns,
        "options": list(labels.items()),
        "rows": len(lines),
    }


def read(post: QueryDict, layout: Layout) -> Choice:
    """What the form of the step says."""
    heading = _numbers([str(post.get("heading", ""))])
    return Choice(
        taken=tuple(_numbers(post.getlist("sheet"))) if len(layout.sheets) > 1 else (0,),
        heading=heading[0] if heading else 0,
        columns=tuple(
            str(post[f"c{place}"]) or None
            for place in range(MAX_COLUMNS + 1)
            if f"c{place}" in post
        ),
        with_hidden="hidden_asked" not in post or post.get("with_hidden") == "on",
    )


def other_sheets(post: QueryDict, layout: Layout, headings: Headings) -> Layout | None:
    """The layout of other sheets than the page showed columns of; None when they are the same and
    their columns are not asked for."""
    taken = sorted({one for one in _numbers(post.getlist("sheet")) if one < len(layout.sheets)})
    same = ",".join(map(str, taken)) == post.get("shown") and post.get("do") != "sheets"
    if len(layout.sheets) < 2 or not taken or same:
        return None
    return propose(book.Book(layout.sheets, layout.left), headings, taken)


def _filled(count: int) -> str:
    return f"{count} " + plural(count, "заповнений рядок", "заповнені рядки", "заповнених рядків")


def _numbers(texts: list[str]) -> list[int]:
    return [int(one) for one in texts if one.isascii() and one.isdigit() and len(one) < 6]


def tried(layout: Layout, choice: Choice) -> Layout:
    """A refused choice as the page shows it again: nothing that was picked is lost."""
    taken = tuple(one for one in choice.taken if one < len(layout.sheets)) or layout.taken
    return dataclasses.replace(
        layout, taken=taken, columns=choice.columns, with_hidden=choice.with_hidden
    )

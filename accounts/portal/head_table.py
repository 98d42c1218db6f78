"""A table of heads as people paste it: which column is what, and rows as the page posts them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from accounts.actors import Actor
from accounts.identifiers import bare
from accounts.selectors import units
from accounts.services.grants import HeadRow
from accounts.services.people import Person
from kernel.errors import Problem
from kernel.text import clean

COLUMNS = {
    "institution": "Заклад: ЄДРПОУ або назва",
    "surname": "Прізвище",
    "given_name": "Імʼя",
    "patronymic": "По батькові",
    "person_code": "РНОКПП",
    "email": "Електронна пошта",
    "ground": "Наказ про призначення",
}
# Words by which people head their columns; the first that fits.
_WORDS = {
    "institution": ("єдрпоу", "заклад", "школа", "ліцей", "гімназія"),
    "full_name": ("піб", "п.і.б", "прізвище, ім", "прізвище ім", "керівник"),
    "surname": ("прізвище",),
    "given_name": ("ім",),
    "patronymic": ("батькові",),
    "person_code": ("рнокпп", "іпн", "інн", "код особи", "податков"),
    "email": ("пошта", "mail", "пошти"),
    "ground": ("наказ", "підстава"),
}
_FIELD = re.compile(r"rows-(\d+)-(\w+)")

Row = dict[str, str]


def read(cells: Sequence[Sequence[str]]) -> list[Row]:
    """Rows of a table by its headings; without headings, in the order of COLUMNS."""
    lines = [[clean(cell) for cell in line] for line in cells]
    lines = [line for line in lines if any(line)]
    if not lines:
        return []
    head = [_column(cell) for cell in lines[0]]
    if sum(1 for name in head if name) >= 2:
        lines = lines[1:]
    else:
        head = list(COLUMNS)
    return [_row(dict(zip(head, line, strict=False))) for line in lines]


def _column(heading: str) -> str | None:
    text = heading.lower().replace("ʼ", "")
    return next(
        (name for name, words in _WORDS.items() if any(word in text for word in words)), None
    )


def _row(cells: Mapping[str | None, str]) -> Row:
    row = {name: cells.get(name, "") for name in COLUMNS}
    if full := cells.get("full_name"):
        parts = full.split(" ", 2)
        row["surname"], row["given_name"], row["patronymic"] = (*parts, "", "")[:3]
    return row


def posted(data: Mapping[str, str]) -> list[Row]:
    """Rows as the page posts them; rows left empty are gone."""
    rows: dict[int, Row] = {}
    for key, value in data.items():
        if (found := _FIELD.fullmatch(key)) and found[2] in COLUMNS:
            rows.setdefault(int(found[1]), dict.fromkeys(COLUMNS, ""))[found[2]] = clean(value)
    return [rows[number] for number in sorted(rows) if any(rows[number].values())]


def understood(actor: Actor, rows: Sequence[Row]) -> tuple[list[HeadRow], list[Problem]]:
    """Rows with their institutions found, and what could not be found and why. One query."""
    texts = [row["institution"] for row in rows]
    found = units.by_codes_and_names(actor, [bare(text) for text in texts], texts)
    heads: list[HeadRow] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows):
        text = row["institution"]
        fits = [node for node in found if text and (node.name == text or node.edrpou == bare(text))]
        if len(fits) > 1:
            names = "; ".join(node.name for node in fits[:4])
            problems.append(
                Problem(
                    f"rows.{number}.institution",
                    "several",
                    f"Цей код мають кілька закладів. Впишіть назву: {names}.",
                )
            )
        heads.append(
            HeadRow(
                institution=fits[0].uid if len(fits) == 1 else None,
                person=Person(
                    surname=row["surname"],
                    given_name=row["given_name"],
                    patronymic=row["patronymic"],
                    person_code=row["person_code"],
                    email=row["email"],
                ).normal(),
                ground=row["ground"],
            )
        )
    return heads, problems

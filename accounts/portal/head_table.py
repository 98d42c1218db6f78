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
from kernel.tables.cells import common, storable
from kernel.tables.headings import Headings
from kernel.tables.layout import Layout, followed
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
FULL_NAME = "full_name"
# What a column of a table may be: the page's own and the whole name, which is split on the way in.
LABELS = {**COLUMNS, FULL_NAME: "Прізвище, імʼя, по батькові разом"}
HEADINGS = Headings(
    words={
        "institution": f"{COLUMNS['institution']}|єдрпоу або назва|єдрпоу|код єдрпоу|єдрпоу закладу|"
        "заклад|назва закладу|заклад освіти|школа|ліцей|гімназія",
        FULL_NAME: "піб|п.і.б.|піб керівника|піб директора|керівник|директор|піб керівника закладу|"
        "прізвище імʼя по батькові|прізвище, імʼя, по батькові|прізвище та імʼя|керівник закладу",
        "surname": "прізвище|прізвище керівника",
        "given_name": "імʼя|імʼя керівника",
        "patronymic": "по батькові|по-батькові|побатькові",
        "person_code": "рнокпп|іпн|інн|рнокпп керівника|податковий номер|ідентифікаційний код",
        "email": "електронна пошта|пошта|e-mail|email|ел. пошта|електронна пошта керівника",
        "ground": f"{COLUMNS['ground']}|наказ|підстава|наказ про призначення керівника",
    },
    # Guesses, the most telling word first: «Електронна пошта закладу» is a mail, and whose is asked.
    hints=(
        ("email", ("пошт", "mail")),
        ("person_code", ("рнокпп", "іпн", "інн", "податков", "ідентифікац")),
        ("ground", ("наказ", "підстав", "призначен")),
        (FULL_NAME, ("піб", "п.і.б", "керівник", "директор")),
        ("surname", ("прізвищ",)),
        ("patronymic", ("батьков",)),
        ("institution", ("єдрпоу", "заклад", "школ", "ліце", "гімназі")),
        ("given_name", ("імʼя",)),
    ),
    shapes=(
        ("email", re.compile(r"\S+@\S+\.\S+")),
        ("institution", re.compile(r"\d{8}")),
        ("person_code", re.compile(r"\d{10}")),
        (FULL_NAME, re.compile(r"[\w’'ʼ-]+ [\w’'ʼ-]+ [\w’'ʼ-]+(?:ич|на)")),
    ),
    rivals=(frozenset({FULL_NAME, "surname"}), frozenset({FULL_NAME, "given_name"})),
    needed=(frozenset({"institution"}), frozenset({"surname", FULL_NAME})),
)
_FIELD = re.compile(r"rows-(\d{1,5})-(\w+)")
_LINE = "line"  # the line of the table a row was made of, when it was

Row = dict[str, str]


def to_rows(data: Sequence[Sequence[str]], columns: Sequence[str | None]) -> list[Row]:
    """Rows of a table by what its columns are; lines that say nothing there are left out."""
    rows = []
    for cells in data:
        row = dict.fromkeys(COLUMNS, "")
        full = ""
        for column, cell in zip(columns, cells, strict=False):
            if column == FULL_NAME:
                full = clean(cell)
            elif column:
                row[column] = clean(cell)
        if full:
            parts = dict(
                zip(("surname", "given_name", "patronymic"), full.split(" ", 2), strict=False)
            )
            row.update({name: row[name] or part for name, part in parts.items()})
        if any(row.values()):
            rows.append(row)
    return rows


def read(layout: Layout) -> list[Row]:
    """Rows of a table, each with its line.

    Raises:
        UnreadableTable: too many rows.
    """
    return [{**row, _LINE: str(line)} for line, row in layout.rows(to_rows).items()]


def read_again(rows: Sequence[Row], old: Layout, new: Layout) -> list[Row]:
    """Rows when the columns are said anew: what was typed since stays, rows dropped stay dropped.

    Raises:
        UnreadableTable: too many rows.
    """
    was, to = ({row[_LINE]: row for row in read(layout)} for layout in (old, new))
    made = {row.get(_LINE, "") for row in rows}
    kept = []
    for row in rows:
        line = row.get(_LINE, "")
        if line in was and line not in to and row == was[line]:
            continue
        kept.append({**row, **followed(row, was.get(line, {}), to.get(line, {})), _LINE: line})
    return kept + [row for line, row in to.items() if line not in was and line not in made]


def posted(data: Mapping[str, str]) -> list[Row]:
    """Rows as the page posts them; rows left empty are gone."""
    rows: dict[int, Row] = {}
    for key, value in data.items():
        if (found := _FIELD.fullmatch(key)) and found[2] in {*COLUMNS, _LINE}:
            rows.setdefault(int(found[1]), dict.fromkeys(COLUMNS, ""))[found[2]] = clean(
                storable(value)
            )
    return [rows[n] for n in sorted(rows) if any(rows[n][name] for name in COLUMNS)]


def understood(actor: Actor, rows: Sequence[Row]) -> tuple[list[HeadRow], list[Problem]]:
    """Rows with their institutions found, and what could not be found and why. One query."""
    texts = [row["institution"] for row in rows]
    found = units.by_codes_and_names(actor, [bare(text) for text in texts], texts)
    heads: list[HeadRow] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows):
        for name in COLUMNS:
            if found_in_cell := common(name, row[name]):
                field = f"rows.{number}.{name}"
                problems.append(Problem(field, found_in_cell.code, found_in_cell.detail))
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

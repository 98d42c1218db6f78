"""Which child of the institution a row is about: chosen from the list, or found by what was typed.

A table names a child by a number (РНОКПП, УНЗР, a document) or by the full name with the date of
birth; only the institution's own children are found, and whoever is two is nobody.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

from kernel.tables import dates
from kernel.tables.cells import tidy
from kernel.tables.findings import Problem, error
from kernel.tables.headings import Headings, at
from kernel.tables.reading import MAX_ROWS, Table, too_many
from kernel.text import sort_key
from registry.classes.models import ClassGroup
from registry.drafts.models import Draft, DraftRow
from registry.fields import finding
from registry.movements.enrol.headings import HEADINGS as OF_NEWCOMERS
from registry.people.models.pupils import Pupil, PupilDocument
from registry.process import Column, Typed

IDENTITY = frozenset({"pupil", "born_on", "identifier"})
COLUMNS = (
    Column("pupil", "Учень", required=True, hint="Прізвище, імʼя, по батькові", width="w8"),
    Column("born_on", "Дата народж.", in_full="Дата народження", hint="дд.мм.рррр", width="w3"),
    Column("class", "Клас", fixed=True, width="w7"),
    Column(
        "identifier",
        "РНОКПП, УНЗР або документ",
        in_grid=False,
        hint="Якщо є кілька дітей з таким імʼям і датою народження",
    ),
)
_OF_ONE = {
    name: OF_NEWCOMERS.words[name]
    for name in ("surname", "given_name", "patronymic", "born_on", "class")
} | {
    "pupil": OF_NEWCOMERS.words["full_name"],
    "identifier": "|".join(OF_NEWCOMERS.words[name] for name in ("rnokpp", "unzr", "document")),
}
_EXTRA = {"surname": "Прізвище", "given_name": "Імʼя", "patronymic": "По батькові"}


def table(columns: Sequence[Column], words: Mapping[str, str], places: frozenset[str]) -> Typed:
    """How a table about children is read: `words` are the headings of the kind's own columns."""
    named = {one.name: f"{words.get(one.name, '')}|{one.label}|{one.in_full}" for one in columns}
    own = {name: "|".join(filter(None, said.lower().split("|"))) for name, said in named.items()}
    return Typed(
        headings=Headings(
            words=_OF_ONE | own,
            needed=(frozenset({"pupil", "surname", "identifier"}),),
            rivals=(frozenset({"pupil", "surname"}), frozenset({"pupil", "given_name"})),
        ),
        extra=_EXTRA,
        to_rows=_rows,
        places=places,
        needed="Прізвище, імʼя та дата народження (або РНОКПП, УНЗР чи документ) і те, що "
        "записуєте: " + ", ".join(one.label.lower() for one in columns) + ".",
    )


def _rows(data: Table, columns: Sequence[str | None]) -> list[dict[str, str]]:
    rows = []
    for cells in data:
        raw = {
            column: value
            for position, column in enumerate(columns)
            if column and (value := at(cells, position))
        }
        parts = [raw.pop(name, "") for name in ("surname", "given_name", "patronymic")]
        if any(parts):
            raw["pupil"] = " ".join(filter(None, parts))
        raw.pop("class", None)  # where the child learns is known
        if raw:
            rows.append(raw)
    if len(rows) > MAX_ROWS:
        raise too_many()
    return rows


@dataclasses.dataclass(frozen=True, slots=True)
class Child:
    """A child who learns at the institution, with the label of its class."""

    pupil: Pupil
    class_label: str


@dataclasses.dataclass(frozen=True, slots=True)
class Children:
    """The children of the rows of a draft, and what is wrong with rows that name none."""

    of_row: Mapping[int, Child]
    wrong: Mapping[int, Problem]


_FIELDS = ("id", "surname", "given_name", "patronymic", "born_on", "rnokpp", "unzr", "sort_key")


def children_of(draft: Draft) -> Children:
    """Read whom the rows of a draft are about: one query for those chosen, three more for typed."""
    rows = list(draft.rows.only("id", "draft_id", "pupil_id", "values"))
    chosen = {row.id: row.pupil_id for row in rows if row.pupil_id}
    sought = [row for row in rows if not row.pupil_id and any(row.values.values())]
    here = Pupil.objects.filter(institution_id=draft.institution_id).only(
        *_FIELDS, "class_group_id"
    )
    found = {one.pk: one for one in (here if sought else here.filter(pk__in=set(chosen.values())))}
    labels = {
        group.pk: group.label
        for group in ClassGroup.objects.filter(institution_id=draft.institution_id)
    }
    matched, wrong = dict(chosen), {}
    if sought:
        book = _Book(list(found.values()), draft.institution_id)
        for row in sought:
            told = book.find(row)
            if isinstance(told, Problem):
                wrong[row.id] = told
            else:
                matched[row.id] = told
    of_row = {
        row_id: Child(found[pk], labels.get(found[pk].class_group_id or 0, ""))
        for row_id, pk in matched.items()
        if pk in found
    }
    return Children(of_row, wrong)


class _Book:
    """The children of an institution by everything that a table may call them."""

    def __init__(self, pupils: Sequence[Pupil], institution_id: int):
        self.by_number: dict[str, set[uuid.UUID]] = defaultdict(set)
        self.by_name: dict[str, list[Pupil]] = defaultdict(list)
        for one in pupils:
            for number in (one.rnokpp, one.unzr):
                if number:
                    self.by_number[number].add(one.pk)
            short = f"{one.surname} {one.given_name}"
            for name in {sort_key(short), sort_key(one.full_name)}:
                self.by_name[name].append(one)
        self.documents: dict[tuple[str, str], set[uuid.UUID]] = defaultdict(set)
        for pupil, series, number in PupilDocument.objects.filter(
            pupil__institution_id=institution_id
        ).values_list("pupil_id", "series", "number"):
            self.documents["", number].add(pupil)
            self.documents[series, number].add(pupil)

    def find(self, row: DraftRow) -> uuid.UUID | Problem:
        """The one child that a row names, or why it is none."""
        get = row.values.get
        if identifier := tidy(get("identifier", "")):
            return self._numbered(identifier)
        name = sort_key(tidy(get("pupil", "")))
        if not name:
            return error("pupil", "required", "Впишіть прізвище, імʼя та по батькові дитини.")
        namesakes = self.by_name.get(name, [])
        if not namesakes:
            return error("pupil", "not_here", "У закладі немає дитини з таким іменем.")
        read = dates.parse("born_on", get("born_on", ""), required=False)
        if read.value is None and read.problems:
            return read.problems[0]
        alone = dates.show(namesakes[0].born_on) if len(namesakes) == 1 else None
        if read.value is None:
            return error("born_on", "required", "Впишіть дату народження дитини.", alone)
        born = {one.pk for one in namesakes if one.born_on == read.value}
        if len(born) > 1:
            said = "Таких дітей у закладі кілька: впишіть РНОКПП, УНЗР або номер документа."
            return error("pupil", "several", said)
        if not born:
            said = "У дитини з таким іменем інша дата народження."
            return error("born_on", "other_date", said, alone)
        return born.pop()

    def _numbered(self, text: str) -> uuid.UUID | Problem:
        said = finding.numbered(text)
        found: set[uuid.UUID] = set()
        if said is not None:
            found = self.by_number.get(said.rnokpp or said.unzr, set()) or self.documents.get(
                (said.series, said.number), set()
            )
        if len(found) == 1:
            return next(iter(found))
        what = "У закладі немає дитини з таким номером." if not found else "Таких дітей кілька."
        return error("identifier", "not_here", what)


def day_of(text: str, otherwise: datetime.date) -> datetime.date:
    """A day as typed in the terms of the order, or the usual one."""
    return dates.parse("effective_on", text, required=False).value or otherwise

"""What people call the columns of a table of children taken over from other schools."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.tables.headings import Headings
from kernel.tables.reading import Table
from registry.movements.enrol import headings as enrol

_OURS = (
    *("document", "document_type", "born_on", "class", "form"),
    *("relation", "applicant", "applicant_rnokpp", "phone", "email"),
)
APPLIED_ON = "applied_on"
# A column that may be in a file besides those of the table; the name is for checking alone.
EXTRA = enrol.EXTRA | {
    "surname": "Прізвище",
    "given_name": "Імʼя",
    "patronymic": "По батькові",
}
_WORDS = enrol.HEADINGS.words
HEADINGS = Headings(
    words={
        **{name: _WORDS[name] for name in (*_OURS, *EXTRA)},
        APPLIED_ON: "дата подання заяви|дата заяви|заяву подано|заява від",
    },
    after=enrol.HEADINGS.after,
    shapes=tuple(
        (name, shape) for name, shape in enrol.HEADINGS.shapes if name in _OURS or name in EXTRA
    ),
    sheet_is="class",
    rivals=enrol.HEADINGS.rivals,
    needed=(frozenset({"document", enrol.NUMBER}), frozenset({"born_on"})),
)


def to_rows(data: Table, columns: Sequence[str | None]) -> list[dict[str, str]]:
    """Cells as rows: the parts of documents and classes joined as in enrolment, and the name."""
    rows = []
    for row in enrol.to_rows(data, columns):
        parts = [row.pop(part, "") for part in ("surname", "given_name", "patronymic")]
        if name := " ".join(part for part in parts if part):
            row["full_name"] = name
        rows.append(row)
    return rows

"""Children who apply, joined by what identifies them: document, РНОКПП, УНЗР (handbook D.2).

One child applies to many schools; each learns of the others only what a number of a wish tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from kernel.db import part_of_command
from kernel.errors import Invalid, Problem
from registry.admission.models import Application, Candidate
from registry.admission.states import STANDS
from registry.movements.enrol.rows import CleanRow


def document_of(clean: CleanRow) -> str:
    """The document as a key: type, series and number."""
    return f"{clean.document.type}|{clean.document.series}|{clean.document.number}"


def standing(rows: Sequence[CleanRow | None], institution_id: int, year: str) -> dict[int, str]:
    """Rows whose child has a standing application at the school, with its number; one query."""
    live = {place: clean for place, clean in enumerate(rows) if clean is not None}
    if not live:
        return {}
    found = Application.objects.filter(
        _same(list(live.values()), "candidate__"),
        institution_id=institution_id,
        candidate__school_year_id=year,
        state__in=STANDS,
    ).select_related("candidate")
    known = _by_keys([one.candidate for one in found])
    return {
        place: one.number
        for place, clean in live.items()
        if (one := next(iter(_of(clean, known)), None)) is not None
    }


@part_of_command
def joined(rows: Sequence[CleanRow], year: str) -> list[Candidate]:
    """The child of each row, new ones written; all are held until the command ends.

    Raises:
        Invalid: a document is of a child with another birth date, or its numbers are of two children.
    """
    known = _by_keys(Candidate.objects.filter(_same(rows), school_year_id=year))
    fresh = [clean for clean in rows if not _of(clean, known)]
    # In the order of the unique key, so that two schools at once wait and never lock each other out.
    Candidate.objects.bulk_create(
        [
            Candidate(
                school_year_id=year,
                document=document_of(clean),
                rnokpp=clean.rnokpp,
                unzr=clean.unzr,
                born_on=clean.born_on,
            )
            for clean in sorted(fresh, key=document_of)
        ],
        ignore_conflicts=True,
    )
    held = (
        Candidate.objects.filter(_same(rows), school_year_id=year)
        .select_for_update(no_key=True)
        .order_by("pk")
    )
    known = _by_keys(held)
    return [_one(clean, _of(clean, known)) for clean in rows]


def _one(clean: CleanRow, found: list[Candidate]) -> Candidate:
    if len(found) > 1:
        raise Invalid(
            [
                Problem(
                    "document",
                    "two_children",
                    f"{clean.full_name}: документ і номери належать двом дітям, які подали заяви. "
                    "Звірте їх з документами.",
                )
            ]
        )
    child = found[0]
    if child.born_on != clean.born_on:
        raise Invalid(
            [
                Problem(
                    "born_on",
                    "other_birth_date",
                    f"{clean.full_name}: за таким документом або номером уже подано заяву дитини з "
                    "іншою датою народження. Звірте дату й документ.",
                )
            ]
        )
    return child


def _same(rows: Sequence[CleanRow], of: str = "") -> Q:
    return (
        Q(**{f"{of}document__in": [document_of(one) for one in rows]})
        | Q(**{f"{of}rnokpp__in": [one.rnokpp for one in rows if one.rnokpp]})
        | Q(**{f"{of}unzr__in": [one.unzr for one in rows if one.unzr]})
    )


def _by_keys(children: Any) -> dict[tuple[str, str], Candidate]:
    known = {}
    for one in children:
        for kind in ("document", "rnokpp", "unzr"):
            if said := getattr(one, kind):
                known[kind, said] = one
    return known


def _of(clean: CleanRow, known: Mapping[tuple[str, str], Candidate]) -> list[Candidate]:
    said = (("document", document_of(clean)), ("rnokpp", clean.rnokpp), ("unzr", clean.unzr))
    found = {known[key].pk: known[key] for key in said if key in known}  # type: ignore[index]
    return list(found.values())

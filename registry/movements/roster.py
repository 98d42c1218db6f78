"""Pupils of an institution as lines to choose from: the source of movements that take children away
or move them on."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from registry.classes.frames import classes_of, first_day
from registry.classes.models import ClassGroup
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil
from registry.people.selectors.lists import sought
from registry.process import Candidate, Column, Picked, Wanted

# The first columns of a table of chosen pupils: filled when chosen, typed by nobody.
COLUMNS = (
    Column("pupil", "Учень", fixed=True, width="w8"),
    Column("born_on", "Дата народж.", fixed=True, in_full="Дата народження", width="w3"),
    Column("class", "Клас", fixed=True, width="w7"),
)


def lines(
    actor: Actor,
    institution: Institution,
    wanted: Wanted,
    moment: Moment,
    *,
    forms: Collection[str] | None = None,
) -> Sequence[Candidate]:
    """Pupils who learn at the institution, in alphabetical order; `wanted.group` is a class, `forms`
    those of education that alone are shown."""
    rows = Pupil.objects.visible_to(actor).filter(institution_id=institution.pk)
    if forms is not None:
        rows = rows.filter(form__in=forms)
    if wanted.group.isdigit():
        rows = rows.filter(class_group_id=int(wanted.group))
    if wanted.text:
        rows = sought(rows, wanted.text)
    found = list(rows.order_by("sort_key", "id"))
    labels = _labels(institution)
    audit.looked_at(actor, "registry.pupil", [one.pk for one in found], "вибір для наказу")
    return [
        Candidate(
            str(one.pk),
            one.full_name,
            (f"{one.born_on:%d.%m.%Y}", labels.get(one.class_group_id or 0, "")),
        )
        for one in found
    ]


HEADINGS = ("Учень", "Народження", "Клас")


def groups(institution: Institution, moment: Moment) -> Sequence[tuple[str, str]]:
    """The open classes of the school year."""
    _, year = first_day(None, moment.today)
    return [(str(ref.id), ref.label) for ref in classes_of(institution.pk, year).refs]


def pick(
    actor: Actor, institution: Institution, keys: Sequence[str], moment: Moment
) -> list[Picked]:
    """Rows of the pupils chosen; whoever does not learn here is left out."""
    ids = [one for key in keys if (one := _id(key)) is not None]
    rows = (
        Pupil.objects.visible_to(actor)
        .filter(institution_id=institution.pk, pk__in=ids)
        .order_by("sort_key", "id")
    )
    labels = _labels(institution)
    return [
        Picked(
            {
                "pupil": one.full_name,
                "born_on": f"{one.born_on:%d.%m.%Y}",
                "class": labels.get(one.class_group_id or 0, ""),
            },
            one.pk,
        )
        for one in rows
    ]


def _labels(institution: Institution) -> dict[int, str]:
    return {
        group.pk: str(group.grade) + (f"-{group.letter}" if group.letter else "")
        for group in ClassGroup.objects.filter(institution_id=institution.pk)
    }


def _id(key: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(key)
    except ValueError:
        return None

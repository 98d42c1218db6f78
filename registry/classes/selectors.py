"""Reading classes within the actor's reach."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef

from accounts.actors import Actor
from kernel.kept import Kept, found, key_of
from kernel.paging import Order
from kernel.text import alike, plural, sort_key
from registry.classes import ports
from registry.classes.models import ClassGroup
from registry.classifiers.models import SchoolYear
from registry.classifiers.selectors import classifiers
from registry.fields import labels
from registry.fields.labels import label
from registry.institutions.models.institutions import Institution
from registry.staff.models.posts import Post

# Закон 463-IX ст. 12 ч. 2: at least 5 in a class of a day school; 24 in grades of the New
# Ukrainian School, 30 in the others (handbook D.4).
FEWEST = 5
MOST_PRIMARY = 24
MOST = 30


@dataclasses.dataclass(frozen=True)
class ClassRow:
    """A class with the number of its pupils and a hint when the norm is broken."""

    group: ClassGroup
    pupils: int
    hint: str

    @property
    def label(self) -> str:
        """«5-А»."""
        return self.group.label


_FEW = "classes of one year at one school: some tens, sorted in memory"
# Columns that a year's classes are ordered by, and the key of each; equal ones by grade and letter.
_KEYS: dict[str, Callable[[ClassRow], Any]] = {
    "class": lambda row: (),
    "type": lambda row: row.group.type,
    "form": lambda row: row.group.form,
    "teacher": lambda row: row.group.teacher.sort_key if row.group.teacher else "",
    "pupils": lambda row: row.pupils,
}
ORDERS = {name: Order((name,), _FEW, few=True) for name in _KEYS}


def in_order(rows: Sequence[ClassRow], order: str) -> list[ClassRow]:
    """Classes of a year, which stand by grade and letter, by another column."""
    down = order.startswith("-")
    if order.removeprefix("-") == "class":
        return list(reversed(rows)) if down else list(rows)
    return sorted(rows, key=_KEYS[order.removeprefix("-")], reverse=down)


def find(actor: Actor, uid: uuid.UUID | str) -> ClassGroup:
    """One class with its institution, year and teacher.

    Raises:
        NotFound: absent or out of reach: the two read the same.
    """
    return found(_CARD.first(actor, key_of(ClassGroup, uid, "uid")))


_CARD = Kept[ClassGroup](
    lambda actor, uid: (
        ClassGroup.objects.visible_to(actor)
        .select_related("institution__unit", "school_year", "teacher__employee")
        .filter(uid=uid)
    )
)


def _of_year(*, closed: bool) -> Kept[ClassGroup]:
    return Kept(
        lambda actor, institution, year: (
            ClassGroup.objects.visible_to(actor)
            .filter(institution_id=institution, school_year_id=year, closed_on__isnull=not closed)
            .select_related("teacher__employee")
        )
    )


_STANDING, _CLOSED = _of_year(closed=False), _of_year(closed=True)


def of_year(
    actor: Actor, institution: Institution, year: SchoolYear | str, *, closed: bool = False
) -> list[ClassRow]:
    """Classes of an institution's year in their order (1-А, 1-Б, 2-А …); two queries."""
    code = year if isinstance(year, str) else year.code
    groups = (_CLOSED if closed else _STANDING).rows(actor, institution.unit_id, code)
    groups.sort(key=lambda group: (group.grade, sort_key(group.letter)))
    counted = ports.pupils_in([group.pk for group in groups])
    return [
        ClassRow(group, counted.get(group.pk, 0), hint(group, counted.get(group.pk, 0)))
        for group in groups
    ]


def choices(
    actor: Actor, institution: Institution, year: SchoolYear | str
) -> list[tuple[str, str]]:
    """`(uid, label)` of the open classes of a year, for a form field."""
    return [(str(row.group.uid), row.group.label) for row in of_year(actor, institution, year)]


def hint(group: ClassGroup, pupils: int) -> str:
    """What the norms say of a class of this size; '' when nothing. Never a refusal."""
    most = most_in(group)
    if 0 < pupils < FEWEST:
        return f"Менше ніж {FEWEST} учнів: клас не утворюють (ст. 12 Закону 463-IX)"
    if pupils > most:
        learn = plural(pupils, "учень", "учні", "учнів")
        return f"Понад норму: {pupils} {learn}, гранична наповнюваність {most}"
    return ""


def most_in(group: ClassGroup) -> int:
    """How many pupils may learn in a class: its own capacity, or the norm of its grade."""
    return group.capacity or (MOST_PRIMARY if group.grade <= 4 else MOST)


_NEAR = 2  # places left at which a class is spoken of


def filling(more: Mapping[int, int]) -> list[str]:
    """Classes that so many newcomers bring near their norm or past it, in words; two queries."""
    groups = ClassGroup.objects.in_bulk([pk for pk, count in more.items() if count])
    there = ports.pupils_in(list(groups)) if groups else {}
    said = []
    for group in sorted(groups.values(), key=lambda one: (one.grade, sort_key(one.letter))):
        now, most = there.get(group.pk, 0), most_in(group)
        then = now + more[group.pk]
        if then > most:
            fate = f"понад норму: {then} при граничній наповнюваності {most}"
        elif then >= most - _NEAR:
            fate = f"{then} із {most}" + ("" if then < most else ", клас буде заповнено")
        else:
            continue
        said.append(f"{group.label}: навчається {now}, додається {more[group.pk]} — {fate}")
    return said


@dataclasses.dataclass(frozen=True)
class Proposal:
    """A class of the next year made from one of this year: the same letter, one grade up."""

    source: ClassGroup
    grade: int
    letter: str
    exists: bool

    @property
    def label(self) -> str:
        """«6-А»."""
        return label(self.grade, self.letter)


def one_grade_up(
    actor: Actor, institution: Institution, source: SchoolYear, target: SchoolYear
) -> list[Proposal]:
    """What copying last year's classes would open; the last grade of the institution leaves."""
    item = classifiers.find("institution_type", institution.type)
    last = (item.attributes.get("grades") or [0, 12])[1] if item else 12
    there = {
        (row.group.grade, alike(row.group.letter)) for row in of_year(actor, institution, target)
    }
    return [
        Proposal(
            row.group,
            row.group.grade + 1,
            row.group.letter,
            (row.group.grade + 1, alike(row.group.letter)) in there,
        )
        for row in of_year(actor, institution, source)
        if row.group.grade + 1 <= last
    ]


def unopened(actor: Actor, year: SchoolYear) -> Institution | None:
    """The institution the actor heads or serves, when it works and has no class of a school year."""
    return _UNOPENED.first(actor, actor.unit_id or 0, year.pk)


_UNOPENED = Kept[Institution](
    lambda actor, unit, year: Institution.objects.visible_to(actor).filter(
        ~Exists(
            ClassGroup.objects.filter(
                institution_id=OuterRef("unit_id"), school_year_id=year, closed_on=None
            )
        ),
        unit_id=unit,
        status="ACTIVE",
    )
)


def led_from(post: Post) -> list[ClassGroup]:
    """Open classes led from a post."""
    return list(
        post.classes.filter(closed_on=None)
        .select_related("school_year")
        .order_by("school_year_id", *labels.ORDER)
    )

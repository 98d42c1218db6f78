"""What judging a table of classes must know: the school's classes, staff, and who learns where."""

from __future__ import annotations

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from kernel.text import alike
from registry.classes import ports
from registry.classes.models import ClassGroup, ClassPast
from registry.classifiers.models import SchoolYear
from registry.enrolments.models import ClassPlacement
from registry.fields.labels import Classes, ClassRef
from registry.movements.staff.matching import People
from registry.staff.models.posts import Post, lasting

if TYPE_CHECKING:
    import uuid

Name = tuple[int, str]  # parallel and letter as they are compared


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """The classes of the school year of the order's day, as the register has them."""

    day: datetime.date
    year: SchoolYear
    groups: Mapping[int, ClassGroup]  # those that are open
    classes: Classes
    names: Mapping[Name, Sequence[ClassGroup]]  # all of the year, closed ones too
    people: People
    leaders: Mapping[uuid.UUID, datetime.date]
    filled: Mapping[int, int]  # how many learn in each on the day or will
    touched: frozenset[int]  # changed on the day or later already
    learners: Mapping[int, Sequence[ClassPlacement]]  # of the classes whose children move

    def taken(
        self, name: Name, first_day: datetime.date, but: ClassGroup | None = None
    ) -> ClassGroup | None:
        """A class that has this name on a day or after it."""
        return next(
            (
                one
                for one in self.names.get(name, ())
                if one != but
                and (one.closed_on is None or one.closed_on > max(first_day, one.opened_on))
            ),
            None,
        )


def name_of(grade: int, letter: str) -> Name:
    """A class's name as it is compared: «5-B» is «5-В»."""
    return grade, alike(letter)


def frame_of(
    institution_id: int, day: datetime.date, year: SchoolYear, moved: Iterable[str]
) -> Frame:
    """Read it: six queries for a school of any size; `moved` are the classes, as typed, whose
    children are to be known."""
    names: dict[Name, list[ClassGroup]] = defaultdict(list)
    groups: dict[int, ClassGroup] = {}
    for group in ClassGroup.objects.filter(
        institution_id=institution_id, school_year=year
    ).select_related("teacher__employee"):
        names[name_of(group.grade, group.letter)].append(group)
        if group.closed_on is None:
            groups[group.pk] = group
    refs = [
        ClassRef(one.pk, one.grade, one.letter, one.form, one.language, one.shift)
        for one in groups.values()
    ]
    posts = (
        Post.objects.filter(lasting(day), institution_id=institution_id)
        .select_related("employee")
        .order_by("sort_key", "id")
    )
    people = People(posts)
    classes = Classes(refs, year.code)
    return Frame(
        day,
        year,
        groups,
        classes,
        names,
        people,
        {post.pk: post.ends_on or datetime.date.max for post in people.posts},
        ports.placed_in(list(groups), day),
        frozenset(
            ClassPast.objects.filter(of_id__in=groups, until__gte=day).values_list(
                "of_id", flat=True
            )
        ),
        learners_of(ref.id for text in moved if (ref := classes.exactly(text)) is not None),
    )


def learners_of(class_ids: Iterable[int]) -> dict[int, list[ClassPlacement]]:
    """Who learns in these classes with no last day set, in the order of a class's list."""
    ids = list(class_ids)
    found: dict[int, list[ClassPlacement]] = {pk: [] for pk in ids}
    places = ClassPlacement.objects.filter(
        class_group_id__in=ids,
        ends_on=None,
        voided_by=None,
        enrolment__ends_on=None,
        enrolment__voided_by=None,
        enrolment__kind="MAIN",
    ).select_related("enrolment__pupil")
    for place in (
        places.order_by("enrolment__pupil__sort_key", "enrolment__pupil_id") if ids else ()
    ):
        found[place.class_group_id].append(place)
    return found

"""Reading groups within the actor's reach; members by name only where names are open."""

from __future__ import annotations

import dataclasses
import datetime
import uuid

from django.db import connection

from accounts.actors import Actor
from kernel import audit
from kernel.text import sort_key
from registry.classes.models import ClassGroup
from registry.groups.models import StudyGroup
from registry.people import policies as pupil_policies

_COUNT = """
    SELECT group_id, count(*) FROM registry_group_learning
    WHERE group_id = ANY(%s) AND (ends_on IS NULL OR ends_on > %s) GROUP BY 1
"""
# Who learns in the group's classes now or is to come, in which group of its subject each is.
_CANDIDATES = """
    SELECT DISTINCT ON (p.sort_key, p.id) p.id, p.surname, p.given_name, p.patronymic,
           l.class_group_id, m.group_id, g.name
    FROM registry_groupclass c
    JOIN registry_learning l ON l.class_group_id = c.class_group_id
        AND (l.ends_on IS NULL OR l.ends_on > %(today)s)
    JOIN registry_pupil p ON p.id = l.pupil_id
    LEFT JOIN registry_group_learning m ON m.pupil_id = p.id
        AND (m.ends_on IS NULL OR m.ends_on > %(today)s)
        AND m.group_id IN (
            SELECT o.id FROM registry_studygroup o JOIN registry_groupclass oc ON oc.group_id = o.id
            WHERE uk_alike(o.subject) = uk_alike(%(subject)s) AND o.closed_on IS NULL
              AND oc.class_group_id = l.class_group_id)
    LEFT JOIN registry_studygroup g ON g.id = m.group_id
    WHERE c.group_id = %(group)s
    ORDER BY p.sort_key, p.id, l.starts_on
"""


@dataclasses.dataclass(frozen=True)
class GroupCount:
    """A group with its classes and the number of its members."""

    group: StudyGroup
    classes: list[ClassGroup]
    pupils: int


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A pupil of the group's classes: in this group, in another of the subject, or in none."""

    id: uuid.UUID
    full_name: str
    class_id: int
    is_member: bool
    elsewhere: str  # the name of the other group


def find(actor: Actor, uid: uuid.UUID | str) -> StudyGroup:
    """One group with its institution.

    Raises:
        NotFound: absent or out of reach: the two read the same.
    """
    rows = StudyGroup.objects.visible_to(actor).select_related("institution__unit")
    found: StudyGroup = rows.find(uid=uid)
    return found


def classes_of(group: StudyGroup) -> list[ClassGroup]:
    """Classes that a group takes its members from, in their order."""
    return sorted(group.classes.all(), key=lambda one: (one.grade, sort_key(one.letter)))


def of_class(actor: Actor, klass: ClassGroup, today: datetime.date) -> list[GroupCount]:
    """Standing groups of a class by subject and name; three queries."""
    groups = list(
        StudyGroup.objects.visible_to(actor)
        .filter(classes=klass.pk, closed_on=None)
        .prefetch_related("classes")
    )
    groups.sort(key=lambda one: (sort_key(one.subject), sort_key(one.name)))
    counted = _counted(groups, today)
    return [GroupCount(one, classes_of(one), counted.get(one.pk, 0)) for one in groups]


def size(group: StudyGroup, today: datetime.date) -> int:
    """How many learn in a group, those to come among them."""
    return _counted([group], today).get(group.pk, 0)


def candidates(actor: Actor, group: StudyGroup, today: datetime.date) -> list[Candidate]:
    """Pupils of the group's classes by name; the look is noted.

    Raises:
        NotAllowed: the actor sees no names there.
    """
    pupil_policies.see_names.require(actor, group.institution)
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, {"group": group.pk, "subject": group.subject, "today": today})
        rows = cursor.fetchall()
    found = [
        Candidate(
            pk,
            " ".join(part for part in names if part),
            class_id,
            group_id == group.pk,
            other if group_id is not None and group_id != group.pk else "",
        )
        for pk, *names, class_id, group_id, other in rows
    ]
    audit.looked_at(actor, "registry.pupil", [one.id for one in found], "склад групи")
    return found


def _counted(groups: list[StudyGroup], today: datetime.date) -> dict[int, int]:
    if not groups:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [[one.pk for one in groups], today])
        return dict(cursor.fetchall())

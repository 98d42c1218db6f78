"""Groups of classes: opened, filled, closed, one or many at once.

A group is known by its subject, name and classes. Its members are said whole: those who are not
named leave from today. Everything about groups of a class is written under a lock of the class, so
what was judged stays as it was judged.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from accounts.actors import Actor
from kernel import audit
from kernel.bulk import Outcome, Result
from kernel.db import command, violation
from kernel.errors import Invalid, Problem, StaleVersion
from kernel.once import Once
from kernel.text import alike, clean
from registry.classes.models import ClassGroup
from registry.classes.services.spec import kept_home
from registry.groups.errors import GroupIsClosed, GroupTaken
from registry.groups.events import GroupChanged, GroupClosed, GroupOpened
from registry.groups.models import GroupClass, StudyGroup
from registry.institutions import policies
from registry.institutions.models.institutions import Institution

MOST_AT_ONCE = 500
MOST_MEMBERS = 200
LONGEST = 100


@dataclasses.dataclass(frozen=True)
class GroupRow:
    """A group as it shall be. `pupils` are its members, None: as they are; `version` is the one the
    sender read, None does not ask. `problems` were found on the way here."""

    subject: str
    name: str
    classes: frozenset[uuid.UUID]
    pupils: frozenset[uuid.UUID] | None = None
    version: int | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def key(self) -> _Key:
        """Which group it is."""
        return _key(self.subject, self.name, self.classes)


_Key = tuple[str, str, frozenset[uuid.UUID]]


def _key(subject: str, name: str, classes: frozenset[uuid.UUID]) -> _Key:
    return alike(subject), alike(name), classes


@command
def open_group(row: GroupRow, *, actor: Actor, institution: uuid.UUID | str) -> StudyGroup:
    """Open a group from today, or from the first day of its year when that is to come.

    Raises:
        NotFound: no such institution within reach.
        NotAllowed: who does not keep its classes.
        InstitutionNotWorking: it is suspended or closed.
        Invalid: every problem; the group is there already.
        GroupTaken: somebody placed the same pupils at the same moment.
    """
    home = kept_home(actor, uid=institution)
    seen = _Seen(home, row.classes, audit.today(), lock=True)
    if row.key in seen.groups:
        raise Invalid([Problem("name", "group_exists", "Така група в цих класах уже є")])
    (judged,) = _judged([row], seen)
    if judged.outcome.problems:
        raise Invalid(list(judged.outcome.problems))
    _write([judged], seen)
    return judged.written


@command
def change(
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    uid: uuid.UUID | str,
    version: int,
    once: Once | None = None,
) -> StudyGroup:
    """Rename a group (`name`) or say its members from today on (`pupils`).

    Raises:
        NotFound: no such group within reach.
        NotAllowed: who does not keep the school's classes.
        GroupIsClosed: it was closed.
        StaleVersion: somebody saved the group after the actor read it.
        Invalid: every problem.
        GroupTaken: somebody placed the same pupils at the same moment.
    """
    group = _found(actor, uid)
    classes = frozenset(group.classes.values_list("uid", flat=True))
    seen = _Seen(group.institution, classes, audit.today(), lock=True)
    standing = [one for one in seen.groups.values() if one.pk == group.pk]
    if not standing:
        raise GroupIsClosed
    (group,) = standing
    _require_version(group, version)
    pupils = changes.get("pupils")
    row = GroupRow(
        group.subject,
        changes.get("name", group.name),
        classes,
        None if pupils is None else frozenset(pupils),
    )
    before = _key(group.subject, group.name, classes)
    if row.key != before:
        if row.key in seen.groups:
            raise Invalid([Problem("name", "group_exists", "Така група в цих класах уже є")])
        seen.groups[row.key] = seen.groups.pop(before)
    (judged,) = _judged([row], seen)
    if judged.outcome.problems:
        raise Invalid(list(judged.outcome.problems))
    _write([judged], seen)
    group.refresh_from_db()
    return group


@command
def close(*, actor: Actor, uid: uuid.UUID | str, version: int) -> StudyGroup:
    """Close a group from today on; who learned there stays in its past.

    Raises:
        NotFound, NotAllowed, GroupIsClosed, StaleVersion: as `change`.
    """
    group = StudyGroup.objects.select_for_update(no_key=True).get(pk=_found(actor, uid).pk)
    if group.closed_on is not None:
        raise GroupIsClosed
    _require_version(group, version)
    group.closed_on = max(audit.today(), group.opened_on)
    group.version += 1
    group.save(update_fields=["closed_on", "version"])
    _end(group.pk, group.closed_on)
    audit.record(
        GroupClosed(
            subject=group.uid,
            unit=group.institution_id,
            taught=group.subject,
            name=group.name,
            closed_on=group.closed_on,
        )
    )
    return group


@command
def put_many(
    rows: Sequence[GroupRow], *, actor: Actor, unit_id: int | None, once: Once | None = None
) -> list[Outcome]:
    """Open the groups that are not there and fill those that are; a wrong row stops no other.

    Raises:
        NotFound, NotAllowed, InstitutionNotWorking: as `open_group`.
        GroupTaken: somebody placed the same pupils at the same moment.
    """
    seen = _seen(rows, kept_home(actor, unit=unit_id), audit.today(), lock=True)
    judged = _judged(rows, seen)
    _write(judged, seen)
    return [one.outcome for one in judged]


def preview_many(
    rows: Sequence[GroupRow], *, actor: Actor, unit_id: int | None, today: datetime.date
) -> list[Outcome]:
    """What `put_many` would do; nothing is changed and nobody waits.

    Raises:
        NotFound, NotAllowed, InstitutionNotWorking: as `put_many`.
    """
    seen = _seen(rows, kept_home(actor, unit=unit_id), today, lock=False)
    return [one.outcome for one in _judged(rows, seen)]


# ── what stands ──────────────────────────────────────────────────────────────
def _found(actor: Actor, uid: uuid.UUID | str) -> StudyGroup:
    rows = StudyGroup.objects.visible_to(actor).select_related("institution__unit")
    group: StudyGroup = rows.find(uid=uid)
    policies.keep_classes.require(actor, group.institution)
    return group


def _require_version(group: StudyGroup, version: int) -> None:
    if group.version != version:
        raise StaleVersion("Групу вже змінили. Перегляньте нові дані й повторіть свою зміну")


def _seen(
    rows: Sequence[GroupRow], home: Institution, today: datetime.date, *, lock: bool
) -> _Seen:
    return _Seen(home, frozenset().union(*(row.classes for row in rows)), today, lock=lock)


class _Seen:
    """Classes of an institution with their standing groups and those who learn there: four queries
    however many there are. With `lock` the classes, then the groups
    are held, in the order of their ids."""

    def __init__(
        self, home: Institution, classes: Iterable[uuid.UUID], today: datetime.date, *, lock: bool
    ):
        self.home, self.today = home, today
        found = ClassGroup.objects.filter(institution=home, uid__in=classes, closed_on=None)
        found = found.order_by("pk").select_related("school_year")
        if lock:
            found = found.select_for_update(of=("self",), no_key=True)
        self.classes = {one.uid: one for one in found}
        ids = [one.pk for one in self.classes.values()]
        parts_here = GroupClass.objects.filter(class_group__in=ids)
        standing = StudyGroup.objects.filter(closed_on=None, pk__in=parts_here.values("group"))
        standing = standing.order_by("pk")
        if lock:
            standing = standing.select_for_update(no_key=True)
        groups = {one.pk: one for one in standing}
        parts: dict[int, set[uuid.UUID]] = {pk: set() for pk in groups}
        for group_id, uid in GroupClass.objects.filter(group_id__in=groups).values_list(
            "group_id", "class_group__uid"
        ):
            parts[group_id].add(uid)
        self.groups: dict[_Key, StudyGroup] = {
            _key(one.subject, one.name, frozenset(parts[one.pk])): one for one in groups.values()
        }
        # Who learns in these classes now or is to come: pupil → (class, place, first day there).
        self.learn: dict[uuid.UUID, tuple[int, int, datetime.date]] = {}
        # Members now and to come: group → pupil → the row of the place in the group.
        self.members: dict[int, dict[uuid.UUID, int]] = {pk: {} for pk in groups}
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT DISTINCT ON (pupil_id) pupil_id, class_group_id, placement_id, starts_on
                FROM registry_learning
                WHERE class_group_id = ANY(%s) AND (ends_on IS NULL OR ends_on > %s)
                ORDER BY pupil_id, starts_on
                """,
                [ids, today],
            )
            self.learn = {pupil: tuple(rest) for pupil, *rest in cursor.fetchall()}
            cursor.execute(
                """
                SELECT group_id, pupil_id, group_placement_id FROM registry_group_learning
                WHERE group_id = ANY(%s) AND (ends_on IS NULL OR ends_on > %s)
                """,
                [list(groups), today],
            )
            for group_id, pupil, row in cursor.fetchall():
                self.members[group_id][pupil] = row


# ── judging ──────────────────────────────────────────────────────────────────
@dataclasses.dataclass
class _Judged:
    """A row with its outcome, its group (a new one's once it is written), who comes and who goes."""

    row: GroupRow
    group: StudyGroup | None
    outcome: Outcome
    come: frozenset[uuid.UUID] = frozenset()
    go: frozenset[uuid.UUID] = frozenset()

    @property
    def written(self) -> StudyGroup:
        """The group as it stands in the database."""
        if self.group is None:
            raise RuntimeError("the group is not written yet")
        return self.group


def _judged(rows: Sequence[GroupRow], seen: _Seen) -> list[_Judged]:
    """Each row's outcome. A child that moves between two groups of one request is in both rows:
    so rows are judged together, and a refused one keeps its members from the others."""
    problems = [_row_problems(row, seen) for row in rows]
    met: set[_Key] = set()
    for row, found in zip(rows, problems, strict=True):
        if row.key in met:
            found.append(Problem("name", "group_twice", "Ця група вже є в запиті вище"))
        met.add(row.key)
    while conflicts := _conflicts(rows, problems, seen):
        for number, problem in conflicts:
            problems[number].append(problem)
    return [
        _judge(number, row, tuple(found), seen)
        for number, (row, found) in enumerate(zip(rows, problems, strict=True))
    ]


def _judge(number: int, row: GroupRow, problems: tuple[Problem, ...], seen: _Seen) -> _Judged:
    group = seen.groups.get(row.key)
    if problems:
        return _Judged(row, group, Outcome(number, "refused", problems=problems))
    now = frozenset(seen.members[group.pk]) if group else frozenset()
    wanted = now if row.pupils is None else row.pupils
    come, go = wanted - now, now - wanted
    result: Result = "new"
    if group is not None:
        result = "changed" if come or go or clean(row.name) != group.name else "same"
    outcome = Outcome(
        number, result, group.uid if group else None, group.version if group else None
    )
    return _Judged(row, group, outcome, come, go)


def _row_problems(row: GroupRow, seen: _Seen) -> list[Problem]:
    problems = list(row.problems)
    if problems:
        return problems
    for field, text, what in (
        ("subject", clean(row.subject), "предмет"),
        ("name", clean(row.name), "назву групи"),
    ):
        if not text:
            problems.append(Problem(field, "required", f"Вкажіть {what}"))
        elif len(text) > LONGEST:
            problems.append(Problem(field, "too_long", f"Скоротіть {what} до {LONGEST} знаків"))
    known = [seen.classes[uid] for uid in row.classes if uid in seen.classes]
    if not row.classes:
        problems.append(Problem("classes", "required", "Виберіть хоча б один клас"))
    elif len(known) < len(row.classes):
        problems.append(
            Problem("classes", "unknown_class", "Такого відкритого класу в закладі немає")
        )
    elif len({one.school_year_id for one in known}) > 1:
        problems.append(
            Problem("classes", "class_year", "Класи групи мають бути одного навчального року")
        )
    group = seen.groups.get(row.key)
    if row.version is not None and row.version != (group.version if group else None):
        problems.append(
            Problem(
                "version", StaleVersion.code, "Групу вже змінили або закрили; прочитайте її знову"
            )
        )
    if row.pupils is not None:
        inside = {one.pk for one in known}
        strangers = [p for p in row.pupils if seen.learn.get(p, (None,))[0] not in inside]
        if strangers:
            problems.append(
                Problem("pupils", "unknown_pupil", f"Не навчаються в цих класах: {len(strangers)}")
            )
        if len(row.pupils) > MOST_MEMBERS:
            problems.append(
                Problem("pupils", "too_many", f"У групі може бути до {MOST_MEMBERS} учнів")
            )
    return problems


def _conflicts(
    rows: Sequence[GroupRow], problems: Sequence[Sequence[Problem]], seen: _Seen
) -> list[tuple[int, Problem]]:
    """Rows that take a child who stays in another group of the subject."""
    said = {
        row.key
        for row, found in zip(rows, problems, strict=True)
        if not found and row.pupils is not None
    }
    taken = {
        (key[0], pupil): key
        for key, group in seen.groups.items()
        if key not in said
        for pupil in seen.members[group.pk]
    }
    conflicts = []
    for number, (row, found) in enumerate(zip(rows, problems, strict=True)):
        if found or row.pupils is None:
            continue
        key = row.key
        elsewhere = [p for p in row.pupils if taken.setdefault((key[0], p), key) != key]
        if elsewhere:
            text = f"Уже в іншій групі з цього предмета: {len(elsewhere)}"
            conflicts.append((number, Problem("pupils", "other_group", text)))
    return conflicts


# ── writing ──────────────────────────────────────────────────────────────────
def _write(judged: Sequence[_Judged], seen: _Seen) -> None:
    """Write what was judged, a fixed number of statements however many groups there are."""
    new = [one for one in judged if one.outcome.result == "new"]
    changed = [one for one in judged if one.outcome.result == "changed"]
    if not new and not changed:
        return
    with violation(
        ("one_group_of_a_subject", "group_within_the_class", "group_of_the_class"), GroupTaken
    ):
        _open(new, seen)
        _rename_and_count(changed)
        _leave([seen.members[one.written.pk][p] for one in changed for p in one.go], seen.today)
        _come([*new, *changed], seen)
    audit.record(*(_event(one, seen.home) for one in (*new, *changed)))


def _open(new: Sequence[_Judged], seen: _Seen) -> None:
    groups = []
    for one in new:
        year = next(seen.classes[uid].school_year for uid in one.row.classes)
        groups.append(
            StudyGroup(
                institution=seen.home,
                school_year=year,
                subject=clean(one.row.subject),
                name=clean(one.row.name),
                opened_on=max(seen.today, year.starts_on),
            )
        )
    for one, group in zip(new, StudyGroup.objects.bulk_create(groups), strict=True):
        one.group = group
        one.outcome = dataclasses.replace(one.outcome, id=group.uid, version=1)
    GroupClass.objects.bulk_create(
        GroupClass(group=one.written, class_group=seen.classes[uid])
        for one in new
        for uid in sorted(one.row.classes)
    )


def _rename_and_count(changed: Sequence[_Judged]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE registry_studygroup g SET name = s.name, version = g.version + 1
            FROM unnest(%s::int[], %s::text[]) AS s(id, name) WHERE g.id = s.id
            """,
            [[one.written.pk for one in changed], [clean(one.row.name) for one in changed]],
        )
    for one in changed:
        version = (one.outcome.version or 0) + 1
        one.outcome = dataclasses.replace(one.outcome, version=version)


def _leave(rows: Sequence[int], today: datetime.date) -> None:
    with connection.cursor() as cursor:
        # Whoever came today or is to come was never there.
        cursor.execute(
            """
            UPDATE registry_groupplacement SET
                is_void = starts_on >= %(today)s,
                ends_on = CASE WHEN starts_on < %(today)s THEN %(today)s ELSE ends_on END
            WHERE id = ANY(%(rows)s)
            """,
            {"today": today, "rows": list(rows)},
        )


def _end(group: int, day: datetime.date) -> None:
    # Its places end too, or they would stand in the way of the next group of the subject, should
    # an annulled order bring a child back to the class.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE registry_groupplacement m SET
                is_void = m.starts_on >= s.last,
                ends_on = CASE WHEN m.starts_on < s.last THEN s.last ELSE m.ends_on END
            FROM (
                SELECT x.id, least(%(day)s, p.ends_on, e.ends_on) AS last
                FROM registry_groupplacement x
                JOIN registry_classplacement p ON p.id = x.placement_id
                JOIN registry_enrolment e ON e.id = p.enrolment_id
                WHERE x.group_id = %(group)s AND NOT x.is_void
                  AND (x.ends_on IS NULL OR x.ends_on > %(day)s)
            ) s WHERE s.id = m.id
            """,
            {"day": day, "group": group},
        )


def _come(judged: Sequence[_Judged], seen: _Seen) -> None:
    places = [(one, *seen.learn[pupil][1:]) for one in judged for pupil in one.come]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO registry_groupplacement (group_id, placement_id, subject, starts_on, is_void)
            SELECT g.id, s.placement_id, g.subject, greatest(s.starts_on, g.opened_on, %s), false
            FROM unnest(%s::int[], %s::bigint[], %s::date[]) AS s(group_id, placement_id, starts_on)
            JOIN registry_studygroup g ON g.id = s.group_id
            """,
            [
                seen.today,
                [one.written.pk for one, _, _ in places],
                [placement for _, placement, _ in places],
                [first_day for _, _, first_day in places],
            ],
        )


def _event(one: _Judged, home: Institution) -> GroupOpened | GroupChanged:
    group = one.written
    common: dict[str, Any] = {
        "subject": group.uid,
        "unit": home.pk,
        "taught": group.subject,
        "placed": len(one.come),
    }
    if one.outcome.result == "new":
        return GroupOpened(
            **common,
            year=group.school_year_id,
            name=group.name,
            classes=tuple(sorted(one.row.classes)),
        )
    return GroupChanged(**common, name=clean(one.row.name), removed=len(one.go))

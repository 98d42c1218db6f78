"""What a signed order about classes does, and how it is taken back."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from kernel import past
from kernel.db import part_of_command, violation
from kernel.tables import dates
from kernel.text import clean, plural
from registry.classes import ports
from registry.classes.errors import ClassExists
from registry.classes.models import ClassGroup, ClassPast
from registry.classes.services.spec import led_from_within
from registry.classifiers.selectors import classifiers
from registry.enrolments.models import ClassPlacement
from registry.groups.models import GroupClass
from registry.movements.classes.frame import learners_of
from registry.movements.classes.signed import (
    CHANGE,
    OPEN,
    SPLIT,
    ClassRow,
    facts_now,
    label_of,
    spec_from,
)
from registry.movements.placing import effect as placing
from registry.orders.errors import EnrolledMeanwhile, NotAnnullable
from registry.orders.models import Order
from registry.orders.refusals import refusal_of
from registry.people.selectors.reach import standing_for
from registry.people.services.holding import hold
from registry.process import Conflict
from registry.staff.models.load import LoadClass
from registry.staff.models.posts import Post, lasting

_COLUMNS = ("grade", "letter", "form", "type", "language", "shift", "profile", "capacity")


def names_of(posts: Iterable[str | None]) -> dict[str, str]:
    """Names of those who hold these posts, by ids as text."""
    found = Post.objects.filter(pk__in=[one for one in posts if one]).select_related("employee")
    return {str(one.pk): one.employee.full_name for one in found}


@part_of_command
def _held(order: Order, rows: Sequence[ClassRow]) -> dict[uuid.UUID, ClassGroup]:
    """The classes that rows name, held until the order is in effect: whoever enrols into one of them
    waits, or is waited for."""
    uids = {uid for row in rows for uid in (row.uid, row.opens, row.into and row.into.uid) if uid}
    found = (
        ClassGroup.objects.filter(institution_id=order.institution_id, uid__in=uids)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    return {one.uid: one for one in found}


# ── before the signature ─────────────────────────────────────────────────────
@part_of_command
def conflicts(order: Order, rows: Sequence[ClassRow]) -> list[Conflict]:
    """Rows whose classes or children are no longer as they were signed."""
    groups = _held(order, rows)
    hold(one.pupil for row in rows for one in row.pupils)
    ids = [group.pk for group in groups.values()]
    list(
        ClassPlacement.objects.filter(class_group_id__in=ids, ends_on=None, voided_by=None)
        .select_related("enrolment")
        .order_by("enrolment_id")
        .select_for_update(of=("self", "enrolment"), no_key=True)
    )
    learners, filled = learners_of(ids), ports.placed_in(ids, order.effective_on)
    teachers = {row.now["teacher"] for row in rows if "teacher" in row.now}
    leading = Post.objects.filter(
        lasting(order.effective_on), institution_id=order.institution_id, pk__in=teachers
    )
    working = {str(one) for one in leading.values_list("pk", flat=True)}
    touched = set(
        ClassPast.objects.filter(of_id__in=ids, until__gte=order.effective_on).values_list(
            "of_id", flat=True
        )
    )
    freed = {label_of(row.was) for row in rows if row.goes}
    taken = {
        one.label
        for one in ClassGroup.objects.filter(
            institution_id=order.institution_id,
            school_year_id__in={row.year for row in rows},
            closed_on=None,
        )
    } - freed
    found = []
    for row in rows:
        group = groups.get(row.uid)
        into = groups.get(row.into.uid) if row.into else None
        if row.act == OPEN:
            what = ""
        elif group is None or group.is_closed:
            what = "клас уже закрито"
        elif row.act != SPLIT and facts_now(group) != row.was:
            what = "клас тим часом змінено"
        elif row.act == SPLIT and group.label != label_of(row.was):
            what = f"клас тепер {group.label}"
        elif row.act == CHANGE and group.pk in touched and _is_counted(row):
            what = "клас того дня або пізніше вже змінено"
        elif row.into and (into is None or into.is_closed or into.label != row.into.label):
            what = f"клас {row.into.label} закрито або перейменовано"
        else:
            what = _of_children(order, row, learners[group.pk], filled.get(group.pk, 0))
        if not what and row.opened and label_of(row.now) in taken:
            what = f"клас {label_of(row.now)} уже є"
        if not what and "teacher" in row.now and row.now["teacher"] not in working:
            what = "класний керівник уже не працює"
        if what:
            found.append(Conflict(row.no, f"клас {row.full_name}", what))
    return found


def _is_counted(row: ClassRow) -> bool:
    return any(row.was.get(one) != row.now.get(one) for one in ClassPast.facts())


def _of_children(order: Order, row: ClassRow, here: Sequence[ClassPlacement], filled: int) -> str:
    """What of the children is no longer as signed; empty when all is."""
    if row.goes and filled != len(row.pupils):
        return "склад класу тим часом змінився" if row.into else "у класі є учні"
    now = {place.enrolment.pupil_id: place for place in here}
    for one in row.pupils:
        place = now.get(one.pupil)
        if place is None:
            return f"{one.name} вже не навчається у цьому класі"
        if place.enrolment.pupil.full_name != one.name:
            return f"{one.name}: у профілі змінено імʼя"
        if max(place.starts_on, place.enrolment.starts_on) >= order.effective_on:
            return f"{one.name} у цьому класі лише з {dates.show(place.starts_on)}"
    return ""


# ── what the order writes ────────────────────────────────────────────────────
@part_of_command
def write(order: Order, rows: Sequence[ClassRow]) -> None:
    """Classes close first, so that their names are free; then the others change and open, then
    children move, all in one statement.

    Raises:
        DomainError: the register has moved on.
    """
    groups = _held(order, rows)
    day = order.effective_on
    with violation("one_class_of_a_name", ClassExists), led_from_within():
        for row in rows:
            if row.goes:
                _save(groups[row.uid], closed_on=max(day, groups[row.uid].opened_on))
        for row in rows:
            if row.act == CHANGE:
                _change(groups[row.uid], row, order)
        opened = ClassGroup.objects.bulk_create(
            ClassGroup(
                uid=row.opened,
                institution_id=order.institution_id,
                school_year_id=row.year,
                opened_on=max(day, classifiers.year(row.year).starts_on),
                **_columns(row.now),
            )
            for row in rows
            if row.opened
        )
    to = {one.uid: one.pk for one in (*groups.values(), *opened)}
    moves = [
        placing.Move(one.pupil, to[row.into.uid if row.into else row.opens or row.uid], one.form)
        for row in rows
        for one in row.pupils
    ]
    if moves and placing.place(order, moves) != len(moves):
        raise refusal_of(conflicts(order, rows)) or EnrolledMeanwhile(
            "Дані в реєстрі змінилися. Спробуйте підписати ще раз."
        )


def _columns(facts: Mapping[str, str]) -> dict[str, object]:
    spec = spec_from(facts)
    told = {name: getattr(spec, name) for name in _COLUMNS}
    return told | {"profile": clean(spec.profile), "teacher_id": spec.teacher}


def _save(group: ClassGroup, **values: object) -> None:
    for name, value in values.items():
        setattr(group, name, value)
    group.version += 1
    group.save(update_fields=[*values, "version"])


def _change(group: ClassGroup, row: ClassRow, order: Order) -> None:
    before, after = _columns(row.was), _columns(row.now)
    told = {name: value for name, value in after.items() if value != before[name]}
    past.change(ClassPast, group, told, since=order.effective_on, first_day=group.opened_on)
    _save(group, **told)


# ── taking it back ───────────────────────────────────────────────────────────
@part_of_command
def stands_on(order: Order, rows: Sequence[ClassRow]) -> list[Conflict]:
    """Rows that cannot be taken back: what others did to these classes and children since."""
    groups = _held(order, rows)
    who = standing_for(one.pupil for row in rows for one in row.pupils)
    hold(who.values())
    untouched = {
        place.enrolment.pupil_id
        for place in ClassPlacement.objects.filter(
            opened_by=order, ends_on=None, voided_by=None, enrolment__ends_on=None
        )
        .select_related("enrolment")
        .order_by("enrolment_id")
        .select_for_update(of=("self", "enrolment"), no_key=True)
    }
    opened = [groups[row.opened].pk for row in rows if row.opened and row.opened in groups]
    others = Counter(
        ClassPlacement.objects.filter(class_group_id__in=opened, voided_by=None)
        .exclude(opened_by=order)
        .values_list("class_group_id", flat=True)
    )
    loaded = LoadClass.objects.filter(class_group_id__in=opened, load__voided_by=None)
    grouped = GroupClass.objects.filter(class_group_id__in=opened, group__closed_on=None)
    used = {*loaded.values_list("class_group_id", flat=True)} | {
        *grouped.values_list("class_group_id", flat=True)
    }
    named = {
        (one.school_year_id, one.label)
        for one in ClassGroup.objects.filter(
            institution_id=order.institution_id, closed_on=None
        ).exclude(pk__in=opened)
    }
    later = set(
        ClassPast.objects.filter(of__in=groups.values(), until__gt=order.effective_on).values_list(
            "of_id", flat=True
        )
    )
    found = []
    for row in rows:
        what = ""
        if any(who[one.pupil] not in untouched for one in row.pupils):
            what = "когось із дітей після наказу переведено ще раз або відраховано"
        elif row.goes:
            group = groups.get(row.uid)
            if group is None or group.closed_on != max(order.effective_on, group.opened_on):
                what = "клас після наказу змінено"
            elif (row.year, group.label) in named:
                what = "відкрито інший клас з такою назвою"
        else:
            group = groups.get(row.opened or row.uid)
            if group is None or group.is_closed:
                what = "клас уже закрито"
            elif facts_now(group) != row.now or group.pk in later:
                what = "клас після наказу змінено ще раз"
            elif row.opened and (count := others[group.pk]):
                what = f"у класі вже {count} {plural(count, 'інша дитина', 'інші дитини', 'інших дітей')}"
            elif row.opened and group.pk in used:
                what = "для класу вже записано навантаження або групи"
        if what:
            found.append(Conflict(row.no, f"клас {row.full_name}", what))
    return found


@part_of_command
def put_back(order: Order, by: Order, rows: Sequence[ClassRow]) -> None:
    """Everything is as before: nothing is deleted but the note of what a class was on days before
    the order, which the class says itself again.

    Raises:
        NotAnnullable: the register has moved on.
    """
    groups = _held(order, rows)
    with violation("one_class_of_a_name", NotAnnullable), led_from_within():
        placing.put_back(order, by)
        for row in rows:
            if row.opened:
                group = groups[row.opened]
                _save(group, closed_on=group.opened_on)
        for row in rows:
            if row.goes:
                _save(groups[row.uid], closed_on=None)
            elif row.act == CHANGE:
                group = groups[row.uid]
                ClassPast.objects.filter(of=group, until=order.effective_on).delete()
                after, before = _columns(row.now), _columns(row.was)
                _save(group, **{name: was for name, was in before.items() if was != after[name]})

"""Classes of a school year: opened one or many at once, corrected, closed («Оновлення класів»)."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actors import Actor
from kernel import audit, past
from kernel.db import command, violation
from kernel.errors import Invalid, Problem, StaleVersion
from kernel.once import Once
from kernel.tables import dates
from kernel.text import alike, clean
from registry.classes import ports
from registry.classes.errors import ClassExists, ClassNotEmpty
from registry.classes.events import ClassClosed, ClassesOpened, ClassUpdated
from registry.classes.models import ClassGroup, ClassPast
from registry.classes.services.spec import (
    ClassSpec,
    field_problems,
    kept_home,
    leaders_of,
    led_from_within,
    spec_of,
)
from registry.classifiers.selectors import classifiers
from registry.institutions import policies
from registry.institutions.models.institutions import Institution

MOST_AT_ONCE = 200


@command
def open_many(
    specs: Sequence[ClassSpec],
    *,
    actor: Actor,
    institution: uuid.UUID | str,
    year: str,
    opened_on: datetime.date | None = None,
) -> list[ClassGroup]:
    """Open classes of a school year, from its first day unless told otherwise; all or none.

    Raises:
        NotFound: no such institution or year within reach.
        NotAllowed: neither the head nor a deputy entrusted with classes.
        InstitutionNotWorking: it is suspended or closed.
        Invalid: every problem of every class.
        ClassExists: somebody opened one of them at the same moment.
    """
    home = kept_home(actor, uid=institution)
    school_year = classifiers.year(year)
    opened_on = opened_on or school_year.starts_on
    problems = _spec_problems(specs, home, school_year.code, opened_on)
    if not school_year.starts_on <= opened_on < school_year.ends_on:
        first, end = dates.show(school_year.starts_on), dates.show(school_year.ends_on)
        problems.append(
            Problem("opened_on", "outside_year", f"Навчальний рік триває від {first} до {end}")
        )
    if problems:
        raise Invalid(problems)
    with violation("one_class_of_a_name", ClassExists), led_from_within():
        opened = ClassGroup.objects.bulk_create(
            ClassGroup(
                institution=home,
                school_year=school_year,
                grade=spec.grade,
                letter=spec.letter,
                form=spec.form,
                type=spec.type,
                language=spec.language,
                shift=spec.shift,
                profile=clean(spec.profile),
                capacity=spec.capacity,
                teacher_id=spec.teacher,
                opened_on=opened_on,
            )
            for spec in specs
        )
    audit.record(
        ClassesOpened(
            subject=home.uid,
            unit=home.unit_id,
            year=school_year.code,
            labels=tuple(spec.label for spec in specs),
        )
    )
    return list(opened)


@command
def update(
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    uid: uuid.UUID | str,
    version: int,
    since: datetime.date | None = None,
    once: Once | None = None,
) -> ClassGroup:
    """Change a class: letter, form, type, language, shift, profile, capacity, teacher.

    What forms count by is other from `since` on, today unless told; from the class's first day it
    was so from the beginning, as a mistake is corrected. The grade changes only while nobody learns
    there: a pupil's grade rests on orders.

    Raises:
        NotFound: no such class within reach.
        NotAllowed: neither the head nor a deputy entrusted with classes.
        StaleVersion: somebody saved the class after the actor read it.
        Invalid: every problem of every field.
        ClassNotEmpty: another grade for a class with pupils.
        ClassExists: the year has an open class of this name.
    """
    group = _locked(actor, uid)
    _require_version(group, version)
    wanted = dataclasses.replace(spec_of(group), **dict(changes))
    problems = field_problems(
        wanted,
        leaders_of(group.institution, [wanted.teacher], audit.today()),
        group.opened_on,
    )
    since = since or max(audit.today(), group.opened_on)
    problems += _since_problems(since, group, audit.today())
    if problems:
        raise Invalid(problems)
    if wanted.grade != group.grade and ports.placed_in([group.pk], audit.today()):
        raise ClassNotEmpty(
            "У класі є учні: паралель змінюється наказом про переведення", field="grade"
        )
    changed = [field for field in changes if getattr(spec_of(group), field) != changes[field]]
    if not changed:
        return group
    told = {field: getattr(wanted, field) for field in changed}
    past.change(ClassPast, group, told, since=since, first_day=group.opened_on)
    for field in changed:
        setattr(group, "teacher_id" if field == "teacher" else field, getattr(wanted, field))
    group.version += 1
    columns = ["teacher" if field == "teacher" else field for field in changed]
    with violation("one_class_of_a_name", lambda: ClassExists(field="letter")), led_from_within():
        group.save(update_fields=[*columns, "version"])
    audit.record(
        ClassUpdated(
            subject=group.uid,
            unit=group.institution_id,
            year=group.school_year_id,
            label=group.label,
            changed=tuple(sorted(changed)),
            since=since,
        )
    )
    return group


@command
def close_many(uids: Sequence[uuid.UUID | str], *, actor: Actor) -> list[ClassGroup]:
    """Close classes without pupils from today on, all or none; what was taught there stays.

    Raises:
        NotFound: one of them is absent or out of reach.
        NotAllowed: neither the head nor a deputy entrusted with classes.
        ClassNotEmpty: pupils learn in some; the text names them.
    """
    groups = [_locked(actor, uid) for uid in uids]
    full = ports.placed_in([group.pk for group in groups], audit.today())
    if full:
        named = ", ".join(f"{g.label} ({full[g.pk]})" for g in groups if g.pk in full)
        raise ClassNotEmpty(f"Спершу переведіть або відрахуйте учнів: {named}")
    for group in groups:
        if not group.is_closed:
            group.closed_on = max(audit.today(), group.opened_on)
            group.version += 1
            group.save(update_fields=["closed_on", "version"])
            audit.record(
                ClassClosed(
                    subject=group.uid,
                    unit=group.institution_id,
                    year=group.school_year_id,
                    label=group.label,
                )
            )
    return groups


def _spec_problems(
    specs: Sequence[ClassSpec], home: Institution, year: str, opened_on: datetime.date
) -> list[Problem]:
    if not specs:
        return [Problem("labels", "required", "Вкажіть хоча б один клас")]
    if len(specs) > MOST_AT_ONCE:
        return [Problem("labels", "too_many", f"За раз можна відкрити до {MOST_AT_ONCE} класів")]
    problems = []
    open_now = {
        (grade, alike(letter))
        for grade, letter in ClassGroup.objects.filter(
            institution=home, school_year_id=year, closed_on=None
        ).values_list("grade", "letter")
    }
    leaders = leaders_of(home, [spec.teacher for spec in specs], audit.today())
    seen: set[tuple[int, str]] = set()
    for spec in specs:
        name = (spec.grade, alike(spec.letter))
        if name in open_now:
            problems.append(Problem("labels", "class_exists", f"Клас {spec.label} уже є"))
        if name in seen:
            problems.append(Problem("labels", "class_twice", f"Клас {spec.label} названо двічі"))
        seen.add(name)
        problems.extend(field_problems(spec, leaders, opened_on))
    return list({(p.field, p.detail): p for p in problems}.values())


def _locked(actor: Actor, uid: uuid.UUID | str) -> ClassGroup:
    rows = ClassGroup.objects.visible_to(actor).select_related("institution__unit", "school_year")
    group: ClassGroup = rows.select_for_update(of=("self",), no_key=True).find(uid=uid)
    policies.keep_classes.require(actor, group.institution)
    return group


def _since_problems(since: datetime.date, group: ClassGroup, today: datetime.date) -> list[Problem]:
    if since < group.opened_on:
        opened = dates.show(group.opened_on)
        return [Problem("since", "before_class", f"Клас утворено {opened}: раніше його не було")]
    if since > max(today, group.opened_on):
        return [Problem("since", "future", "Цей день ще не настав: змініть клас того дня")]
    return []


def _require_version(group: ClassGroup, version: int) -> None:
    if group.version != version:
        raise StaleVersion("Клас уже змінили. Перегляньте нові дані й повторіть свою зміну")

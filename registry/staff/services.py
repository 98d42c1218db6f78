"""Hiring, correcting and dismissing the staff of an institution (handbook D.5).

A person is known by РНОКПП, exactly: hired again, anywhere, it is the same employee.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import operator
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q

from accounts.actors import Actor
from kernel import audit, past
from kernel.db import command, part_of_command, violation
from kernel.errors import Busy, NotFound, StaleVersion
from kernel.once import Once
from kernel.tables import dates
from kernel.tables.findings import Checked, warning
from registry.classifiers.selectors import classifiers
from registry.fields.reader import Reader
from registry.institutions import policies
from registry.institutions.models.institutions import Institution
from registry.staff import ports, reading
from registry.staff.errors import EmployeeNumberTaken, MainPostElsewhere
from registry.staff.events import StaffCorrected, StaffDismissed, StaffEducated, StaffHired
from registry.staff.models.careers import Education
from registry.staff.models.posts import Employee, Post, PostPast
from registry.staff.selectors import named
from registry.staff.vacancies import services as vacancies

OTHER_NAME = "За цим номером у реєстрі особа з іншим імʼям. Звірте номер та імʼя з документом."
SEVERAL = "РНОКПП, УНЗР і паспорт у реєстрі належать різним особам: звірте їх із документами."
# Whoever the person may be is told to nobody (handbook K).
NAMESAKE = (
    "У реєстрі вже є працівник із дуже схожими даними. Якщо це та сама особа, вкажіть РНОКПП, УНЗР "
    "або паспорт, за яким її знає реєстр; якщо інша, підтвердьте."
)
ONE_PERSON = ("one_employee_per_rnokpp", "one_employee_per_unzr", "one_employee_per_passport")
_DAY = datetime.timedelta(days=1)
_LONGEST_LINE = 300


@command
def hire(
    *,
    actor: Actor,
    institution_uid: uuid.UUID | str,
    values: Mapping[str, str],
    ground: str,
    today: datetime.date,
    vacancy_id: uuid.UUID | str | None = None,
    once: Once | None = None,
) -> Post:
    """Give a person a post; whoever the register knows by the РНОКПП is that person. A vacancy that
    the post takes is closed by it.

    Raises:
        NotFound, NotAllowed: not an institution whose staff the actor keeps.
        Invalid: every wrong field; a known number with another name until `confirmed`.
        MainPostElsewhere: the person has a main post in that time, here or anywhere.
        VacancyClosed: the place was filled meanwhile.
        Busy: somebody wrote the same number a moment ago; asked again, it is known.
    """
    institution: Institution = (
        Institution.objects.visible_to(actor).select_related("unit").find(uid=institution_uid)
    )
    policies.keep_staff.require(actor, institution)
    read = Reader({**values, "ground": ground})
    person, post = reading.person(read, today), _post(read, today)
    known = _known(read, person)
    if known is not None and not reading.same_name(known, person):
        read.keep(Checked(None, (warning("rnokpp", "other_name", OTHER_NAME),)))
    if known is None and not read.problems and ports.alike_to([person])[0]:
        read.keep(Checked(None, (warning("surname", "namesake", NAMESAKE),)))
    read.stop_if_wrong()
    if known is None:
        with violation(ONE_PERSON, Busy):
            employee = Employee.objects.create(**person)
    else:
        employee = known
        with violation(ONE_PERSON, Busy):
            change(employee, reading.told(known, person))
    hired = Post(employee=employee, institution=institution, **post)
    with _one_main_post():
        hired.save(force_insert=True)
    if vacancy_id is not None:
        vacancies.fill(actor, vacancy_id, hired)
    audit.record(
        StaffHired(
            subject=hired.pk,
            unit=institution.pk,
            employee=employee.pk,
            position=hired.position,
            is_main=hired.is_main,
            starts_on=hired.starts_on,
        )
    )
    return hired


@command
def correct(
    *,
    actor: Actor,
    post_id: uuid.UUID | str,
    version: int,
    employee_version: int,
    values: Mapping[str, str],
    ground: str,
    today: datetime.date,
) -> Post:
    """Change a post and the person who holds it; the person's data are the same in every school.

    Position, kind, rate and category are other from the day `since` on, today unless told; from the
    first day of work they were so from the beginning, as a mistake is corrected.

    Raises:
        NotFound, NotAllowed: not a post of an institution whose staff the actor keeps.
        StaleVersion: somebody saved the post, or the person, after the actor read it.
        Invalid: every wrong field; doubts until `confirmed`.
        EmployeeNumberTaken: the РНОКПП is another person's.
        MainPostElsewhere: the person has another main post in that time.
    """
    post = _held(actor, post_id, version)
    employee = Employee.objects.select_for_update(no_key=True).get(pk=post.employee_id)
    if employee.version != employee_version:
        raise StaleVersion
    read = Reader({**values, "ground": ground})
    person, told = reading.person(read, today), _post(read, today)
    if post.ends_on is not None and told["starts_on"] and told["starts_on"] >= post.ends_on:
        read.say("starts_on", "after_end", "Робота завершилася раніше цієї дати.")
    first_day = told["starts_on"] or post.starts_on
    since = read.keep(dates.parse("since", read.text("since"), required=False))
    if since and since > max(today, first_day):
        read.say("since", "future", "Цей день ще не настав: змініть посаду того дня.")
    read.stop_if_wrong()
    with (
        violation("one_employee_per_rnokpp", lambda: EmployeeNumberTaken(field="rnokpp")),
        violation("one_employee_per_unzr", lambda: EmployeeNumberTaken(field="unzr")),
        violation("one_employee_per_passport", lambda: EmployeeNumberTaken(field="passport")),
    ):
        changed = change(employee, person)
    since = since or max(today, first_day)
    other = {name: value for name, value in told.items() if getattr(post, name) != value}
    past.change(PostPast, post, other, since=since, first_day=first_day)
    with _one_main_post():
        changed += change(post, told)
    if changed:
        audit.record(
            StaffCorrected(
                subject=post.pk,
                unit=post.institution_id,
                employee=employee.pk,
                changed=changed,
                since=since,
            )
        )
    return post


@command
def dismiss(
    *,
    actor: Actor,
    post_id: uuid.UUID | str,
    version: int,
    last_day: datetime.date,
    reason: str,
    ground: str,
) -> Post:
    """End a post after its last day of work on a ground of the labour code (`reason`, a code of
    dismissal_ground); `ground` is the order. The person stays, and so does what they led.

    Raises:
        NotFound, NotAllowed: not a post of an institution whose staff the actor keeps.
        StaleVersion: somebody saved the post after the actor read it.
        Invalid: no such ground of the law, no order, or the day is before the first one.
    """
    post = _held(actor, post_id, version)
    read = Reader({"ground": ground})
    reading.ground(read)
    if reason not in dict(classifiers.choices("dismissal_ground", last_day)):
        read.say("reason", "required", "Виберіть підставу звільнення за законом.")
    if last_day < post.starts_on:
        read.say("last_day", "before_start", f"Працює з {dates.show(post.starts_on)}.")
    read.stop_if_wrong()
    with _one_main_post():
        change(post, {"ends_on": last_day + _DAY})
    audit.record(
        StaffDismissed(
            subject=post.pk,
            unit=post.institution_id,
            employee=post.employee_id,
            ends_on=last_day + _DAY,
            reason=reason,
        )
    )
    return post


@command
def add_education(
    *, actor: Actor, post_id: uuid.UUID | str, values: Mapping[str, str], today: datetime.date
) -> Education:
    """Write down a diploma of the holder of a post; it is the person's in every school.

    Raises:
        NotFound, NotAllowed: not a post of an institution whose staff the actor keeps.
        Invalid: every wrong field.
    """
    post = _kept(actor, post_id)
    read = Reader(values)
    level = read.text("level")
    if level not in dict(classifiers.choices("education_level", today)):
        read.say("level", "unknown", "Виберіть рівень освіти.")
    lines = {}
    for name, what, needed in (
        ("speciality", "спеціальність", True),
        ("place", "заклад, який видав диплом", True),
        ("diploma", "диплом", False),
    ):
        lines[name] = read.text(name).strip()
        if (needed and not lines[name]) or len(lines[name]) > _LONGEST_LINE:
            read.say(name, "required", f"Вкажіть {what}, до {_LONGEST_LINE} знаків.")
    year = read.text("graduated").strip()
    graduated = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else 0
    if not post.employee.born_on.year + 14 <= graduated <= today.year:
        read.say("graduated", "wrong", "Вкажіть рік випуску чотирма цифрами.")
    read.stop_if_wrong()
    made = Education.objects.create(
        employee_id=post.employee_id, level=level, graduated=graduated, **lines
    )
    audit.record(
        StaffEducated(
            subject=post.pk, unit=post.institution_id, employee=post.employee_id, diploma=made.pk
        )
    )
    return made


@command
def void_education(
    *, actor: Actor, post_id: uuid.UUID | str, education_id: uuid.UUID | str, ground: str
) -> None:
    """A diploma was written down by mistake; the row stays, voided.

    Raises:
        NotFound, NotAllowed: as `add_education`; absent, or voided before.
        Invalid: no ground.
    """
    post = _kept(actor, post_id)
    row = (
        Education.objects.select_for_update(no_key=True)
        .filter(pk=education_id, employee_id=post.employee_id, is_void=False)
        .first()
    )
    if row is None:
        raise NotFound
    read = Reader({"ground": ground})
    reading.ground(read)
    read.stop_if_wrong()
    row.is_void = True
    row.save(update_fields=["is_void"])
    audit.record(
        StaffEducated(
            subject=post.pk,
            unit=post.institution_id,
            employee=post.employee_id,
            diploma=row.pk,
            voided=True,
        )
    )


@part_of_command
def _kept(actor: Actor, post_id: uuid.UUID | str) -> Post:
    rows = named(actor).filter(voided_by=None)
    post: Post = rows.select_related("institution__unit", "employee").find(pk=post_id)
    policies.keep_staff.require(actor, post.institution)
    return post


@part_of_command
def _held(actor: Actor, post_id: uuid.UUID | str, version: int) -> Post:
    rows = named(actor).filter(voided_by=None).select_related("institution__unit")
    post: Post = rows.select_for_update(of=("self",), no_key=True).find(pk=post_id)
    policies.keep_staff.require(actor, post.institution)
    if post.version != version:
        raise StaleVersion
    return post


@part_of_command
def change(row: Employee | Post, fresh: Mapping[str, Any]) -> tuple[str, ...]:
    """Write what of a row in hand becomes other; the names of it."""
    changed = tuple(name for name, value in fresh.items() if getattr(row, name) != value)
    if changed:
        for name in changed:
            setattr(row, name, fresh[name])
        row.version += 1
        row.save(update_fields=[*changed, "version"])
    return changed


@contextlib.contextmanager
def _one_main_post() -> Iterator[None]:
    with violation("one_main_post_at_a_time", lambda: MainPostElsewhere(field="is_main")):
        yield


def _post(read: Reader, today: datetime.date) -> dict[str, Any]:
    told = reading.post(read, today)
    told["starts_on"] = read.keep(dates.parse("starts_on", read.text("starts_on")))
    reading.ground(read)
    return told


def _known(read: Reader, person: Mapping[str, Any]) -> Employee | None:
    """Whom the register knows by any of the exact numbers, held; two people are told."""
    told = [Q(**{name: person[name]}) for name in reading.NUMBERS if person[name]]
    if not told:
        return None
    rows = Employee.objects.select_for_update(no_key=True)
    named = list(rows.filter(functools.reduce(operator.or_, told)).order_by("pk"))
    # As they are once they are held: one merged meanwhile answers with the retained one.
    passed_on = {one.merged_into_id for one in named if one.merged_into_id} - {
        one.pk for one in named
    }
    named += rows.filter(pk__in=passed_on).order_by("pk")
    found = [one for one in named if one.merged_into_id is None]
    if len(found) > 1:
        read.say("rnokpp", "several", SEVERAL)
    return found[0] if found else None

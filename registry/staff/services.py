"""Hiring, correcting and dismissing the staff of an institution (handbook D.5).

A person is known by РНОКПП, exactly: hired again, anywhere, it is the same employee.
"""

from __future__ import annotations

import contextlib
import datetime
import decimal
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
from kernel.text import sort_key
from registry.classifiers.selectors import classifiers
from registry.fields import contacts, documents, names, numbers
from registry.fields.primitives import sex_of_patronymic
from registry.fields.reader import Reader
from registry.institutions import policies
from registry.institutions.models.institutions import Institution
from registry.staff.errors import EmployeeNumberTaken, MainPostElsewhere
from registry.staff.events import StaffCorrected, StaffDismissed, StaffEducated, StaffHired
from registry.staff.models.careers import Education
from registry.staff.models.posts import MOST_GRADE, MOST_RATE, Employee, Post, PostPast
from registry.staff.selectors import named
from registry.staff.vacancies import services as vacancies

_PERSON = (
    *("surname", "given_name", "patronymic", "born_on", "sex", "rnokpp", "rnokpp_state"),
    *("unzr", "passport", "teaching_since"),
)
_POST = ("position", "is_main", "rate", "category", "is_full", "grade", "starts_on")
_PASSPORTS = {"PASSPORT_BOOK", "ID_CARD"}
_OTHER = "За цим номером у реєстрі особа з іншим імʼям. Звірте номер та імʼя з документом."
_SEVERAL = "РНОКПП, УНЗР і паспорт у реєстрі належать різним особам: звірте їх із документами."
_ONE_PERSON = ("one_employee_per_rnokpp", "one_employee_per_unzr", "one_employee_per_passport")
_NUMBERS = ("rnokpp", "unzr", "passport")
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
    person, post = _person(read, today), _post(read, today)
    known = _known(read, person)
    if known is not None and not _same_name(known, person):
        read.keep(Checked(None, (warning("rnokpp", "other_name", _OTHER),)))
    read.stop_if_wrong()
    if known is None:
        with violation(_ONE_PERSON, Busy):
            employee = Employee.objects.create(**person)
    else:
        employee = known
        with violation(_ONE_PERSON, Busy):
            told = {name: person[name] or getattr(known, name) for name in _PERSON}
            if not person["rnokpp"]:  # known by another number: what is left out says nothing
                told |= {"rnokpp": known.rnokpp, "rnokpp_state": known.rnokpp_state}
            _change(employee, told)
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
    person, told = _person(read, today), _post(read, today)
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
        changed = _change(employee, person)
    since = since or max(today, first_day)
    other = {name: value for name, value in told.items() if getattr(post, name) != value}
    past.change(PostPast, post, other, since=since, first_day=first_day)
    with _one_main_post():
        changed += _change(post, told)
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
    _ground(read)
    if reason not in dict(classifiers.choices("dismissal_ground", last_day)):
        read.say("reason", "required", "Виберіть підставу звільнення за законом.")
    if last_day < post.starts_on:
        read.say("last_day", "before_start", f"Працює з {dates.show(post.starts_on)}.")
    read.stop_if_wrong()
    with _one_main_post():
        _change(post, {"ends_on": last_day + _DAY})
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
    _ground(read)
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
    post: Post = named(actor).select_related("institution__unit", "employee").find(pk=post_id)
    policies.keep_staff.require(actor, post.institution)
    return post


@part_of_command
def _held(actor: Actor, post_id: uuid.UUID | str, version: int) -> Post:
    rows = named(actor).select_related("institution__unit")
    post: Post = rows.select_for_update(of=("self",), no_key=True).find(pk=post_id)
    policies.keep_staff.require(actor, post.institution)
    if post.version != version:
        raise StaleVersion
    return post


@part_of_command
def _change(row: Employee | Post, fresh: Mapping[str, Any]) -> tuple[str, ...]:
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


def _person(read: Reader, today: datetime.date) -> dict[str, Any]:
    surname = read.keep(names.check("surname", read.text("surname"), required=True))
    given = read.keep(names.check("given_name", read.text("given_name"), required=True))
    patronymic = read.keep(names.check("patronymic", read.text("patronymic"), required=False))
    born_on = read.keep(dates.parse("born_on", read.text("born_on")))
    told = sex_of_patronymic(patronymic) if patronymic else None
    sex = read.keep(contacts.check_sex("sex", read.text("sex"), told_by_patronymic=told))
    if not sex and not any(one.field == "sex" for one in read.problems):
        read.say("sex", "required", "Вкажіть стать.")
    if born_on and born_on > today:
        read.say("born_on", "future", "Ця дата ще не настала.")
    number = read.keep(
        numbers.check_rnokpp("rnokpp", read.text("rnokpp"), born_on=born_on, sex=sex)
    ) or (None, "")
    unzr = read.keep(numbers.check_unzr("unzr", read.text("unzr"), born_on=born_on))
    since = read.keep(
        dates.parse("teaching_since", read.text("teaching_since"), required=False, today=today)
    )
    if since and (since > today or (born_on and since <= born_on)):
        read.say(
            "teaching_since", "wrong", "Стаж починається після народження і не пізніше за сьогодні."
        )
    return {
        "surname": surname,
        "given_name": given,
        "patronymic": patronymic or "",
        "born_on": born_on,
        "sex": sex,
        "rnokpp": number[0],
        "rnokpp_state": number[1],
        "unzr": unzr or None,
        "passport": _passport(read),
        "teaching_since": since,
    }


def _passport(read: Reader) -> str | None:
    """Series and number of the passport, or the number of the card, in one writing."""
    if not read.text("passport"):
        return None
    document = read.keep(documents.check("passport", read.text("passport"), kind=None))
    if document is None:
        return None
    if document.type not in _PASSPORTS:
        read.say(
            "passport",
            "type",
            "Тут потрібен паспорт: дві літери й шість цифр або девʼять цифр картки.",
        )
        return None
    return f"{document.series}{document.number}"


def _post(read: Reader, today: datetime.date) -> dict[str, Any]:
    position, category = read.text("position"), read.text("category")
    if position not in dict(classifiers.choices("position", today)):
        read.say("position", "unknown", "Виберіть посаду.")
    if category and category not in dict(classifiers.choices("staff_category", today)):
        read.say("category", "unknown", "Виберіть категорію зі списку.")
    rate = decimal.Decimal(0)
    with contextlib.suppress(decimal.InvalidOperation):
        rate = decimal.Decimal(read.text("rate").replace(",", ".") or "1")
    if not (0 < rate <= MOST_RATE) or rate != round(rate, 2):
        read.say("rate", "wrong", f"Ставка — число від 0,01 до {MOST_RATE}, як-от 0,5.")
    starts_on = read.keep(dates.parse("starts_on", read.text("starts_on")))
    said = read.text("grade").strip()
    grade = int(said) if said.isascii() and said.isdigit() and len(said) < 3 else 0
    if said and not 1 <= grade <= MOST_GRADE:
        read.say("grade", "wrong", f"Тарифний розряд — число від 1 до {MOST_GRADE}.")
    _ground(read)
    return {
        "position": position,
        "is_main": read.ticked("is_main"),
        "rate": rate,
        "category": category,
        "is_full": read.ticked("is_full"),
        "grade": grade or None,
        "starts_on": starts_on,
    }


def _ground(read: Reader) -> None:
    if not read.text("ground"):
        read.say("ground", "required", "Вкажіть підставу: наказ, його номер і дату.")


def _known(read: Reader, person: Mapping[str, Any]) -> Employee | None:
    """Whom the register knows by any of the exact numbers, held; two people are told."""
    told = [Q(**{name: person[name]}) for name in _NUMBERS if person[name]]
    if not told:
        return None
    rows = Employee.objects.select_for_update(no_key=True)
    found = list(rows.filter(functools.reduce(operator.or_, told)).order_by("pk"))
    if len(found) > 1:
        read.say("rnokpp", "several", _SEVERAL)
    return found[0] if found else None


def _same_name(known: Employee, said: Mapping[str, Any]) -> bool:
    return sort_key(f"{known.surname} {known.given_name}") == sort_key(
        f"{said['surname']} {said['given_name']}"
    )

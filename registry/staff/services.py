"""Hiring, correcting and dismissing the staff of an institution (handbook D.5).

A person is known by РНОКПП, exactly: hired again, anywhere, it is the same employee.
"""

from __future__ import annotations

import contextlib
import datetime
import decimal
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from accounts.actors import Actor
from kernel import audit, past
from kernel.db import command, part_of_command, violation
from kernel.errors import Busy, StaleVersion
from kernel.once import Once
from kernel.tables import dates
from kernel.tables.findings import Checked, warning
from kernel.text import sort_key
from registry.classifiers.selectors import classifiers
from registry.fields import contacts, names, numbers
from registry.fields.primitives import sex_of_patronymic
from registry.fields.reader import Reader
from registry.institutions import policies
from registry.institutions.models.institutions import Institution
from registry.staff.errors import EmployeeNumberTaken, MainPostElsewhere
from registry.staff.events import StaffCorrected, StaffDismissed, StaffHired
from registry.staff.models.posts import MOST_RATE, Employee, Post, PostPast
from registry.staff.selectors import named

_PERSON = ("surname", "given_name", "patronymic", "born_on", "sex", "rnokpp", "rnokpp_state")
_POST = ("position", "is_main", "rate", "category", "starts_on")
_OTHER = "За цим РНОКПП у реєстрі особа з іншим імʼям. Звірте номер та імʼя з документом."
_DAY = datetime.timedelta(days=1)


@command
def hire(
    *,
    actor: Actor,
    institution_uid: uuid.UUID | str,
    values: Mapping[str, str],
    ground: str,
    today: datetime.date,
    once: Once | None = None,
) -> Post:
    """Give a person a post; whoever the register knows by the РНОКПП is that person.

    Raises:
        NotFound, NotAllowed: not an institution whose staff the actor keeps.
        Invalid: every wrong field; a known number with another name until `confirmed`.
        MainPostElsewhere: the person has a main post in that time, here or anywhere.
        Busy: somebody wrote the same number a moment ago; asked again, it is known.
    """
    institution: Institution = (
        Institution.objects.visible_to(actor).select_related("unit").find(uid=institution_uid)
    )
    policies.keep_staff.require(actor, institution)
    read = Reader({**values, "ground": ground})
    person, post = _person(read, today), _post(read, today)
    known = (
        Employee.objects.select_for_update(no_key=True).filter(rnokpp=person["rnokpp"]).first()
        if person["rnokpp"]
        else None
    )
    if known is not None and not _same_name(known, person):
        read.keep(Checked(None, (warning("rnokpp", "other_name", _OTHER),)))
    read.stop_if_wrong()
    if known is None:
        with violation("one_employee_per_rnokpp", Busy):
            employee = Employee.objects.create(**person)
    else:
        employee = known
        _change(employee, {name: person[name] or getattr(known, name) for name in _PERSON})
    hired = Post(employee=employee, institution=institution, **post)
    with _one_main_post():
        hired.save(force_insert=True)
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
    with violation("one_employee_per_rnokpp", lambda: EmployeeNumberTaken(field="rnokpp")):
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
    ground: str,
) -> Post:
    """End a post after its last day of work. The person stays, and so does what they led.

    Raises:
        NotFound, NotAllowed: not a post of an institution whose staff the actor keeps.
        StaleVersion: somebody saved the post after the actor read it.
        Invalid: no ground, or the day is before the first one.
    """
    post = _held(actor, post_id, version)
    read = Reader({"ground": ground})
    _ground(read)
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
        )
    )
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
    return {
        "surname": surname,
        "given_name": given,
        "patronymic": patronymic or "",
        "born_on": born_on,
        "sex": sex,
        "rnokpp": number[0],
        "rnokpp_state": number[1],
    }


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
    _ground(read)
    return {
        "position": position,
        "is_main": read.ticked("is_main"),
        "rate": rate,
        "category": category,
        "starts_on": starts_on,
    }


def _ground(read: Reader) -> None:
    if not read.text("ground"):
        read.say("ground", "required", "Вкажіть підставу: наказ, його номер і дату.")


def _same_name(known: Employee, said: Mapping[str, Any]) -> bool:
    return sort_key(f"{known.surname} {known.given_name}") == sort_key(
        f"{said['surname']} {said['given_name']}"
    )

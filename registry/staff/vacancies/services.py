"""Opening, changing and closing vacancies; filling them by hiring."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from accounts.actors import Actor
from kernel import audit
from kernel.db import command, part_of_command
from kernel.errors import NotFound, StaleVersion
from kernel.once import Once
from kernel.tables import dates
from kernel.text import clean
from registry.classifiers.selectors import classifiers
from registry.fields.reader import Reader
from registry.institutions import policies
from registry.institutions.models.institutions import Institution
from registry.staff.errors import VacancyClosed
from registry.staff.events import VacancyChanged, VacancyClosedBy, VacancyOpened
from registry.staff.models.posts import MOST_RATE, Post
from registry.staff.models.vacancies import REASONS, Vacancy

MOST_HOURS = 60
MOST_NOTE = 300
_FIELDS = ("position", "subject", "rate", "hours", "reason", "opened_on", "until", "note")


@command
def open_vacancy(
    *,
    actor: Actor,
    institution_uid: uuid.UUID | str,
    values: Mapping[str, str],
    today: datetime.date,
    once: Once | None = None,
) -> Vacancy:
    """Say that a school has a place to fill.

    Raises:
        NotFound, NotAllowed: not an institution whose staff the actor keeps.
        Invalid: every wrong field.
    """
    institution: Institution = (
        Institution.objects.visible_to(actor).select_related("unit").find(uid=institution_uid)
    )
    policies.keep_staff.require(actor, institution)
    vacancy = Vacancy.objects.create(institution=institution, **_read(values, today))
    audit.record(
        VacancyOpened(
            subject=vacancy.pk,
            unit=institution.pk,
            position=vacancy.position,
            teaches=vacancy.subject,
            rate=str(vacancy.rate),
        )
    )
    return vacancy


@command
def change_vacancy(
    *,
    actor: Actor,
    vacancy_id: uuid.UUID | str,
    version: int,
    values: Mapping[str, str],
    today: datetime.date,
) -> Vacancy:
    """Change what an open vacancy says.

    Raises:
        NotFound, NotAllowed: not a vacancy of an institution whose staff the actor keeps.
        StaleVersion: somebody saved it after the actor read it.
        VacancyClosed: it is filled or withdrawn.
        Invalid: every wrong field.
    """
    vacancy = _held(actor, vacancy_id, version)
    fresh = _read(values, today)
    changed = tuple(name for name in _FIELDS if getattr(vacancy, name) != fresh[name])
    if changed:
        for name in changed:
            setattr(vacancy, name, fresh[name])
        vacancy.version += 1
        vacancy.save(update_fields=[*changed, "version"])
        audit.record(
            VacancyChanged(subject=vacancy.pk, unit=vacancy.institution_id, changed=changed)
        )
    else:
        audit.record(VacancyChanged(subject=vacancy.pk, unit=vacancy.institution_id, changed=()))
    return vacancy


@command
def withdraw_vacancy(
    *, actor: Actor, vacancy_id: uuid.UUID | str, version: int, today: datetime.date
) -> Vacancy:
    """Say that the place is not to be filled any more.

    Raises:
        as `change_vacancy`.
    """
    vacancy = _held(actor, vacancy_id, version)
    _close(vacancy, max(today, vacancy.opened_on), None)
    return vacancy


@part_of_command
def fill(actor: Actor, vacancy_id: uuid.UUID | str, post: Post) -> None:
    """A post takes the place: what its rate does not take stays open.

    Raises:
        NotFound: not a vacancy of the post's institution.
        VacancyClosed: it is filled or withdrawn already.
    """
    vacancy: Vacancy = (
        Vacancy.objects.visible_to(actor)
        .select_for_update(of=("self",), no_key=True)
        .find(pk=vacancy_id)
    )
    if vacancy.institution_id != post.institution_id:
        raise NotFound
    take(vacancy, post)


@part_of_command
def take(vacancy: Vacancy, post: Post) -> None:
    """`fill`, of a vacancy in hand.

    Raises:
        VacancyClosed: it is filled or withdrawn already.
    """
    if vacancy.closed_on is not None:
        raise VacancyClosed
    if post.rate >= vacancy.rate:
        _close(vacancy, max(post.starts_on, vacancy.opened_on), post)
    else:
        _leave(vacancy, vacancy.rate - post.rate)


@part_of_command
def give_back(vacancy: Vacancy, post: Post) -> None:
    """The post that took the place never was: the place is free again, as far as it is not closed
    otherwise."""
    if vacancy.filled_by_id == post.pk:
        vacancy.closed_on, vacancy.filled_by = None, None
        vacancy.version += 1
        vacancy.save(update_fields=["closed_on", "filled_by", "version"])
        audit.record(
            VacancyChanged(
                subject=vacancy.pk,
                unit=vacancy.institution_id,
                changed=("closed_on", "filled_by"),
            )
        )
    elif vacancy.closed_on is None:
        _leave(vacancy, vacancy.rate + post.rate)


@part_of_command
def _leave(vacancy: Vacancy, rate: Decimal) -> None:
    vacancy.rate = rate
    vacancy.version += 1
    vacancy.save(update_fields=["rate", "version"])
    audit.record(VacancyChanged(subject=vacancy.pk, unit=vacancy.institution_id, changed=("rate",)))


@part_of_command
def _close(vacancy: Vacancy, day: datetime.date, post: Post | None) -> None:
    vacancy.closed_on, vacancy.filled_by = day, post
    vacancy.version += 1
    vacancy.save(update_fields=["closed_on", "filled_by", "version"])
    audit.record(
        VacancyClosedBy(
            subject=vacancy.pk,
            unit=vacancy.institution_id,
            closed_on=day,
            post=post.pk if post is not None else None,
        )
    )


@part_of_command
def _held(actor: Actor, vacancy_id: uuid.UUID | str, version: int) -> Vacancy:
    vacancy: Vacancy = (
        Vacancy.objects.visible_to(actor)
        .select_related("institution__unit")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=vacancy_id)
    )
    policies.keep_staff.require(actor, vacancy.institution)
    if vacancy.version != version:
        raise StaleVersion
    if vacancy.closed_on is not None:
        raise VacancyClosed
    return vacancy


def _read(values: Mapping[str, str], today: datetime.date) -> dict[str, Any]:
    """The fields as typed, all mistakes at once."""
    read = Reader(values)
    position, subject, reason = (read.text(name) for name in ("position", "subject", "reason"))
    if position not in dict(classifiers.choices("position", today)):
        read.say("position", "unknown", "Виберіть посаду.")
    if subject and subject not in dict(classifiers.choices("subject", today)):
        read.say("subject", "unknown", "Виберіть предмет зі списку.")
    if reason not in REASONS:
        read.say("reason", "required", "Виберіть, чому місце вільне.")
    rate = _number(read, "rate", MOST_RATE, "Ставка")
    hours = _number(read, "hours", MOST_HOURS, "Години на тиждень")
    if rate is None:
        read.say("rate", "required", "Вкажіть ставку, як-от 1 або 0,5.")
    opened_on = read.keep(dates.parse("opened_on", read.text("opened_on")))
    until = read.keep(dates.parse("until", read.text("until"), required=False))
    if opened_on and until and until <= opened_on:
        read.say("until", "before_start", "Цей день має бути пізніше за перший.")
    note = clean(read.text("note").replace("\x00", ""))
    if len(note) > MOST_NOTE:
        read.say("note", "long", f"Не більше {MOST_NOTE} знаків.")
    read.stop_if_wrong()
    return {
        "position": position,
        "subject": subject,
        "rate": rate,
        "hours": hours,
        "reason": reason,
        "opened_on": opened_on,
        "until": until,
        "note": note,
    }


def _number(read: Reader, name: str, most: int, what: str) -> Decimal | None:
    said = read.text(name).replace(",", ".").strip()
    if not said:
        return None
    try:
        number = Decimal(said)
    except decimal.InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or not 0 < number <= most or number != round(number, 2):
        read.say(name, "wrong", f"{what} — число від 0,01 до {most}, як-от 0,5.")
        return Decimal(1)
    return number

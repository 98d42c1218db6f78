"""What ends with an institution: nothing of it is left open for whoever is not there any more."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence

from django.db.models import F, Value
from django.db.models.functions import Greatest

from accounts.services.grants import end_all
from kernel import audit
from kernel.db import part_of_command
from registry.classes.events import ClassClosed
from registry.classes.models import ClassGroup
from registry.drafts.models import Draft
from registry.institutions import ports
from registry.orders.events import OrderGivenUp, TaskCalledOff
from registry.orders.models import Order, OrderTask
from registry.staff.events import VacancyClosedBy
from registry.staff.models.vacancies import Vacancy
from signatures.services import sessions


@part_of_command
def close(
    institution_id: int, day: datetime.date, reason: str, order: uuid.UUID | None = None
) -> None:
    """Close the classes, set drafts aside, withdraw vacancies, give up orders that wait, call off what others ask of the
    institution, end its grants and the keys of its systems. `order` is the one that does so."""
    close_classes(
        list(
            ClassGroup.objects.filter(institution=institution_id, closed_on=None)
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)
        ),
        institution_id,
        day,
    )
    waiting = Order.objects.filter(institution=institution_id, state="PREPARED").exclude(pk=order)
    given_up = list(waiting.order_by("pk").select_for_update(of=("self",), no_key=True))
    for one in given_up:
        if one.signing_id:
            sessions.give_up(one.signing_id)
    waiting.update(state="GIVEN_UP")
    Draft.objects.filter(institution=institution_id, state__in=["OPEN", "ORDERED"]).update(
        state="DISCARDED"
    )
    tasks = list(
        OrderTask.objects.filter(for_institution=institution_id, state="OPEN")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    OrderTask.objects.filter(pk__in=[one.pk for one in tasks]).update(state="CALLED_OFF")
    audit.record(
        *(OrderGivenUp(subject=one.pk, unit=institution_id, number=one.number) for one in given_up),
        *(TaskCalledOff(subject=one.pk, unit=institution_id, order=one.order_id) for one in tasks),
    )
    _withdraw_vacancies(institution_id, day)
    end_all(institution_id, reason)
    ports.end_keys(institution_id, reason)


@part_of_command
def close_classes(groups: Sequence[ClassGroup], institution_id: int, day: datetime.date) -> None:
    """Close these classes, held by the caller, on the day."""
    ClassGroup.objects.filter(pk__in=[one.pk for one in groups]).update(
        closed_on=Greatest(F("opened_on"), Value(day)), version=F("version") + 1
    )
    audit.record(
        *(
            ClassClosed(
                subject=one.uid, unit=institution_id, year=one.school_year_id, label=one.label
            )
            for one in groups
        )
    )


@part_of_command
def _withdraw_vacancies(institution_id: int, day: datetime.date) -> None:
    rows = Vacancy.objects.filter(institution=institution_id, closed_on=None).order_by("pk")
    found = list(rows.select_for_update(of=("self",), no_key=True))
    Vacancy.objects.filter(pk__in=[one.pk for one in found]).update(
        closed_on=Greatest(F("opened_on"), Value(day)), version=F("version") + 1
    )
    audit.record(
        *(
            VacancyClosedBy(
                subject=one.pk,
                unit=institution_id,
                closed_on=max(one.opened_on, day),
                post=None,
            )
            for one in found
        )
    )

"""Giving places: by right before the draw, of a draw's line, and freed ones in turn.

One child one place: a child that gets a place it wished for more leaves the other, whoever of two
schools was quicker; the child's row is held first and a constraint stands behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command, violation
from registry.admission import policies
from registry.admission.calendar import Phase
from registry.admission.errors import ChildHasPlace, NotYet, TooManyByRight
from registry.admission.events import ApplicationPlaced, ApplicationSuperseded
from registry.admission.models import Application, Candidate, Intake
from registry.admission.services.steps import days_of, free, held, school
from registry.admission.states import HOLDS


@command
def by_right(*, actor: Actor, institution_id: Any, moment: Moment) -> list[Application]:
    """Give places without a draw: to all when there are enough, else to those with a confirmed right
    (handbook D.6: by 1 June).

    Raises:
        NotFound, NotAllowed: the actor is not the head.
        PlacesNotSet: the school has not said how many places it has.
        NotYet: applications are still accepted, or nobody's is checked.
        TooManyByRight: more have the right than there are places.
    """
    institution = school(actor, institution_id, policies.give_places)
    days = days_of(institution, moment.today)
    if days.phase(moment.now) in {Phase.BEFORE, Phase.OPEN}:
        raise NotYet(f"Місця надають після завершення прийому заяв, {days.closes:%d.%m.%Y}.")
    intake = held(institution, days.school_year)
    checked = list(_of(intake, "CHECKED").order_by("sort_key", "pk"))
    if not checked:
        raise NotYet("Перевірених заяв, які чекають на місце, немає.")
    places = free(intake)
    chosen = checked if len(checked) <= places else [one for one in checked if one.grounds]
    if len(chosen) > places:
        raise TooManyByRight(
            f"Дітей із підтвердженим правом: {len(chosen)}, вільних місць: {places}. Збільште "
            "кількість місць або проведіть жеребкування."
        )
    if not chosen:
        raise NotYet("Заяв більше, ніж місць, і права ні в кого немає: потрібне жеребкування.")
    return give(chosen, "right")


@command
def next_in_turn(*, actor: Actor, institution_id: Any, moment: Moment) -> list[Application]:
    """Give free places to those who wait: in the line of the draw, then later applications as they
    came.

    Raises:
        NotFound, NotAllowed, PlacesNotSet: as `by_right`.
        NotYet: there is no place, or nobody waits.
    """
    institution = school(actor, institution_id, policies.give_places)
    days = days_of(institution, moment.today)
    intake = held(institution, days.school_year)
    late = days.phase(moment.now) in {Phase.VACANCIES, Phase.OVER}
    given = fill(intake, late=late)
    if not given:
        raise NotYet("Вільних місць немає або ніхто на них не чекає.")
    return given


@part_of_command
def fill(intake: Intake, *, late: bool) -> list[Application]:
    """Fill the free places of an intake held by the caller, one after another: who turns out to have
    a nearer place leaves the turn to the next."""
    waiting = list(_of(intake, "RESERVE").order_by("turn", "submitted_at", "pk"))
    if late:
        waiting += _of(intake, "CHECKED").order_by("submitted_at", "pk")
    given: list[Application] = []
    places = free(intake)
    while len(given) < places and waiting:
        some, waiting = waiting[: places - len(given)], waiting[places - len(given) :]
        given += give(some, "reserve")
    return given


def _of(intake: Intake, state: str) -> Any:
    return Application.objects.filter(intake=intake, state=state).select_related("candidate")


@part_of_command
def give(applications: Sequence[Application], by: str) -> list[Application]:
    """Give each a place unless its child has a nearer one; those that got it.

    Holds the children in the order of their keys. A farther place is left, farther wishes stand no
    longer in any line.

    Raises:
        ChildHasPlace: what no lock should let through was stopped by the constraint.
    """
    children = sorted({one.candidate_id for one in applications})
    list(Candidate.objects.select_for_update(no_key=True).filter(pk__in=children).order_by("pk"))
    others: dict[int, list[Application]] = {}
    rows = Application.objects.filter(
        candidate__in=children, state__in=[*HOLDS, "SUBMITTED", "CHECKED", "RESERVE"]
    )
    for one in rows.select_related("candidate").order_by("candidate_id", "wish"):
        others.setdefault(one.candidate_id, []).append(one)
    left: list[Application] = []
    placed: list[Application] = []
    for one in applications:
        beside = [other for other in others.get(one.candidate_id, []) if other.pk != one.pk]
        now = next((o for o in others.get(one.candidate_id, []) if o.pk == one.pk), None)
        if now is None or now.state not in {"CHECKED", "RESERVE"}:
            continue  # withdrawn or decided meanwhile
        nearer = [o for o in beside if o.state in HOLDS and o.wish < one.wish]
        if nearer or any(o.state == "ENROLLED" for o in beside):
            left.append(one)
            continue
        left += [o for o in beside if o.wish > one.wish and o.state != "SUBMITTED"]
        placed.append(one)
    for one in left:
        one.state, one.version = "SUPERSEDED", one.version + 1
    for one in placed:
        one.state, one.placed_by, one.version = "PLACED", by, one.version + 1
    with violation("one_place_of_a_child", ChildHasPlace):
        _write(left)  # first, so that nobody holds two places even within the transaction
        _write(placed)
    audit.record(
        *(
            ApplicationSuperseded(
                subject=one.pk, unit=one.institution_id, number=one.candidate.number
            )
            for one in left
        ),
        *(
            ApplicationPlaced(
                subject=one.pk, unit=one.institution_id, number=one.candidate.number, by=by
            )
            for one in placed
        ),
    )
    return placed


@part_of_command
def _write(rows: Iterable[Application]) -> None:
    Application.objects.bulk_update(
        sorted(rows, key=lambda one: one.pk), ["state", "placed_by", "version"], batch_size=1000
    )


@part_of_command
def reopened(lost: Application) -> None:
    """A place was given up: farther wishes of the child stand in their lines again."""
    rows = Application.objects.filter(
        candidate=lost.candidate_id, state="SUPERSEDED", wish__gt=lost.wish
    )
    for one in rows.select_for_update(of=("self",)).order_by("pk"):
        one.state, one.version = "RESERVE", one.version + 1
        one.save(update_fields=["state", "version"])

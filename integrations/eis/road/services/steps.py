"""The one way a system moves: its row held, the step allowed, noted, told and with its term."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.db import connection

from accounts.actors import Actor
from accounts.roles import GrantState
from integrations.eis import errors
from integrations.eis.events import RoadMoved
from integrations.eis.models import (
    Attestation,
    EisSystem,
    RoadPaper,
    RoadStep,
    Transfer,
    Trial,
)
from integrations.eis.states import SAID, TRANSITIONS, SystemState
from kernel import audit
from kernel.db import part_of_command
from kernel.errors import NotAllowed, NotFound, StaleVersion
from registry.classifiers.working_days import term_ends


@part_of_command
def held(system_uid: uuid.UUID | str, version: int | None = None) -> EisSystem:
    """A system, held until the command ends.

    Raises:
        NotFound: no such system.
        StaleVersion: it moved after the actor read it.
    """
    try:
        found = (
            EisSystem.objects.select_related("operator")
            .select_for_update(of=("self",), no_key=True)
            .get(uid=system_uid)
        )
    except (EisSystem.DoesNotExist, ValueError):
        raise NotFound("Такої ОІС немає.") from None
    if version is not None and found.version != version:
        raise StaleVersion
    return found


def still_acting(actor: Actor) -> None:
    """The actor's grant as it is now, held: whoever lost it while the signature was verified signs
    nothing.

    Raises:
        NotAllowed: the grant is over.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM accounts_grant WHERE id = %s FOR SHARE", [actor.grant_id])
        found = cursor.fetchone()
    if found is None or found[0] != GrantState.ACTIVE:
        raise NotAllowed("Ваші повноваження припинено, підписати не можна.")


def leads_to(system: EisSystem, step: str) -> str:
    """The state that a step leads to from where the system stands.

    Raises:
        WrongTransition: not from there.
    """
    after = TRANSITIONS[system.state].get(step)
    if after is None:
        label = SystemState(system.state).label
        raise errors.WrongTransition(
            f"«{SAID[step].words}» неможливо: ОІС «{system.name}» у стані «{label}»."
        )
    return after


@part_of_command
def move(
    system: EisSystem, step: str, actor: Actor, on: datetime.date, *, to: str = "", **told: Any
) -> RoadStep:
    """Make a step: the state, its day, its ground, its term.

    to: another state than the step usually leads to.
    told: `ground`, `words`, `document`, `paper` as `RoadStep` has them.

    Raises:
        WrongTransition: the system's state lacks the step.
    """
    after = leads_to(system, step)
    before, system.state = system.state, to or after
    system.state_since = on
    system.state_ground = _ground(step, **told)
    return _noted(system, step, actor, on, before, **told)


@part_of_command
def note(system: EisSystem, step: str, actor: Actor, on: datetime.date, **told: Any) -> RoadStep:
    """A step after which the system stands where it stood."""
    return _noted(system, step, actor, on, system.state, **told)


def _ground(step: str, ground: str = "", words: str = "", **_: Any) -> str:
    clause = f"п. {ground}" if ground else SAID[step].clause
    return f"{clause}: {words}" if words else f"{clause}: {SAID[step].words.lower()}"


@part_of_command
def _noted(
    system: EisSystem,
    step: str,
    actor: Actor,
    on: datetime.date,
    before: str,
    *,
    ground: str = "",
    words: str = "",
    document: str = "",
    paper: RoadPaper | None = None,
) -> RoadStep:
    due = due_of(system)
    if due != system.due_on:
        system.due_on, system.late_told_on = due, None
    system.version += 1
    system.save()
    made = RoadStep.objects.create(
        system=system,
        at=audit.now(),
        on=on,
        step=step,
        before=before,
        after=system.state,
        clause=f"п. {ground}" if ground else SAID[step].clause,
        ground=ground,
        words=words,
        document=document,
        paper=paper,
        by_id=actor.grant_id,
    )
    audit.record(
        RoadMoved(
            subject=system.pk,
            uid=str(system.uid),
            name=system.name,
            step=step,
            before=before,
            after=system.state,
        )
    )
    return made


def due_of(system: EisSystem) -> datetime.date | None:
    """The nearest last day of what runs for a system: a test, a conclusion, a publication, the new
    operator's application."""
    days = []
    trial = open_trial(system)
    if trial is not None:
        days.append(trial.conclusion_due_on or trial.due_on)
    if system.state == SystemState.CONTRACTED:
        days.append(term_ends("eis_publication", system.state_since))
    running = open_transfer(system)
    if running is not None and running.application_id is None:
        days.append(running.due_on)
    return min(days, default=None)


def open_trial(system: EisSystem) -> Trial | None:
    """The test of a system that has no conclusion yet."""
    return (
        Trial.objects.filter(system=system, concluded_on=None, dropped_on=None)
        .select_related("application", "requirements")
        .first()
    )


def open_transfer(system: EisSystem) -> Transfer | None:
    """The passing on of a system that has not ended."""
    return Transfer.objects.filter(system=system, ended_on=None).first()


def attested(system: EisSystem, day: datetime.date) -> Attestation | None:
    """The attestation that holds on a day, the one that holds longest first."""
    rows = Attestation.objects.filter(system=system, accepted=True, valid_to__gte=day)
    return rows.order_by("-valid_to").first()


def working_state(system: EisSystem) -> str:
    """Where a system that works again stands: connected, or with a re-test that waits."""
    waits = open_trial(system)
    again = waits is not None and waits.reason != "ADDITIONAL"
    return SystemState.RETEST_PENDING if again else SystemState.CONNECTED

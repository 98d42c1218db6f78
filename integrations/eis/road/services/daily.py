"""What the day does by itself: terms that passed are told, a missed transfer disconnects, requirements
whose day has come order re-tests, attestations that ran out are told. Each is a command of its own."""

from __future__ import annotations

import uuid

from django.db.models import F, Q

from accounts.actors import Actor
from integrations.eis.events import (
    AttestationOver,
    NothingDue,
    RequirementsApplied,
    StepLate,
)
from integrations.eis.models import Attestation, EisSystem, Requirements, Transfer
from integrations.eis.road.services import applications, steps
from integrations.eis.services import systems
from integrations.eis.states import WORKING, SystemState, TrialReason
from kernel import audit
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import NotAllowed


def of_the_day(*, actor: Actor, moment: Moment) -> int:
    """Everything that the day asks for; how many systems it touched. Run twice, the second does
    nothing."""
    done = 0
    for number in list(
        Requirements.objects.filter(applied_at=None, effective_on__lte=moment.today)
        .order_by("number")
        .values_list("number", flat=True)
    ):
        done += apply_requirements(actor=actor, number=number, moment=moment)
    missed = Transfer.objects.filter(
        ended_on=None, application=None, due_on__lt=moment.today
    ).values_list("system__uid", flat=True)
    for uid in list(missed):
        done += systems.disconnect_untaken(actor=actor, system_uid=uid, moment=moment)
    for uid in list(_late(moment).values_list("uid", flat=True)):
        done += tell_late(actor=actor, system_uid=uid, moment=moment)
    over = EisSystem.objects.filter(
        state__in=WORKING, kszi_valid_to__lt=moment.today, attestations__accepted=True
    ).distinct()
    for uid in list(over.values_list("uid", flat=True)):
        done += tell_over(actor=actor, system_uid=uid, moment=moment)
    return done


def _late(moment: Moment):  # type: ignore[no-untyped-def]
    return EisSystem.objects.filter(due_on__lt=moment.today).filter(
        Q(late_told_on=None) | Q(late_told_on__lt=F("due_on"))
    )


def _by_itself(actor: Actor) -> None:
    if not actor.is_system:
        raise NotAllowed


@command
def tell_late(*, actor: Actor, system_uid: uuid.UUID, moment: Moment) -> int:
    """Tell both sides, once, that the term of a step has passed.

    Raises:
        NotAllowed: only the system does this.
        NotFound: no such system.
    """
    _by_itself(actor)
    system = steps.held(system_uid)
    if system.due_on is None or system.due_on >= moment.today or system.late_told_on is not None:
        audit.record(NothingDue())
        return 0
    late = system.due_on
    steps.note(system, "overdue", actor, moment.today, words=f"до {late:%d.%m.%Y}")
    system.late_told_on = moment.today
    system.save(update_fields=["late_told_on"])
    audit.record(
        StepLate(
            subject=system.pk,
            uid=str(system.uid),
            name=system.name,
            state=system.state,
            due_on=late,
        )
    )
    return 1


@command
def tell_over(*, actor: Actor, system_uid: uuid.UUID, moment: Moment) -> int:
    """Tell both sides, once, that the attestation of a connected system has run out.

    Raises:
        NotAllowed: only the system does this.
        NotFound: no such system.
    """
    _by_itself(actor)
    system = steps.held(system_uid)
    last = (
        Attestation.objects.filter(system=system, accepted=True)
        .order_by("-valid_to", "-pk")
        .first()
    )
    if last is None or last.valid_to >= moment.today or last.over_told_on is not None:
        audit.record(NothingDue())
        return 0
    last.over_told_on = moment.today
    last.save(update_fields=["over_told_on"])
    audit.record(
        AttestationOver(
            subject=system.pk, uid=str(system.uid), name=system.name, valid_to=last.valid_to
        )
    )
    return 1


@command
def apply_requirements(*, actor: Actor, number: int, moment: Moment) -> int:
    """The day of new requirements has come: whatever works or is suspended is to be tested again,
    without stopping (п.22, п.25). A re-test that runs already is by the new ones. How many systems.

    Raises:
        NotAllowed: only the system does this.
    """
    _by_itself(actor)
    found = Requirements.objects.select_for_update(no_key=True).get(number=number)
    if found.applied_at is not None or found.effective_on > moment.today:
        audit.record(NothingDue())
        return 0
    uids = EisSystem.objects.filter(state__in=[*WORKING, SystemState.SUSPENDED]).order_by("pk")
    count = 0
    for uid in list(uids.values_list("uid", flat=True)):
        system = steps.held(uid)
        trial = steps.open_trial(system)
        if trial is None:
            applications.opened_trial(
                system, TrialReason.REQUIREMENTS, moment.today, requirements=found
            )
        else:
            trial.requirements = found
            if trial.reason == TrialReason.ADDITIONAL:
                trial.reason = TrialReason.REQUIREMENTS
            trial.save(update_fields=["requirements", "reason"])
        how = steps.move if system.state == SystemState.CONNECTED else steps.note
        how(system, "retest", actor, moment.today, words=f"вимоги, редакція № {number}")
        count += 1
    found.applied_at = moment.now
    found.save(update_fields=["applied_at"])
    audit.record(RequirementsApplied(subject=number, systems=count))
    return count

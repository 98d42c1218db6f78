"""Concluding contracts and publishing what is connected (п.20–22, п.24)."""

from __future__ import annotations

import uuid

from accounts.actors import Actor
from integrations.eis import errors, policies
from integrations.eis.events import SystemPassedOn
from integrations.eis.models import Contract, ContractText, EisSystem, RoadPaper
from integrations.eis.road.services import applications, signing, steps
from integrations.eis.services import mandates
from integrations.eis.states import Paper, SystemState
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command

PASSED_ON = "ОІС має нового оператора: доступ надають йому знову"


@command
def conclude(*, actor: Actor, system_uid: uuid.UUID, version: int, moment: Moment) -> Contract:
    """Conclude the contract that the operator joined. For a system on its first road it is then to be
    published; for one that works, changed functions that waited for it hold from this day (п.22); for
    one that passes to another operator, that operator has it, and what heads opened to the former one
    ends: a head opens data to an operator (п.27).

    Raises:
        NotAllowed, NotFound, StaleVersion.
        WrongTransition: no application to join waits.
        NotAttested: no attestation of the system holds today.
    """
    policies.govern_systems.require(actor)
    system = steps.held(system_uid, version)
    paper = asked(system)
    if paper is None:
        raise errors.WrongTransition("Заяви про приєднання до договору немає.")
    if steps.attested(system, moment.today) is None:
        raise errors.NotAttested(
            "Договір укладають, коли захист ОІС підтверджено: прийміть чинний атестат."
        )
    Contract.objects.filter(system=system, ended_on=None).update(
        ended_on=moment.today, end_ground="Укладено новий договір"
    )
    text = ContractText.objects.get(number=paper.facts["text"])
    number = f"{system.pk}-{system.contracts.count() + 1}/{moment.today.year}"
    made = Contract.objects.create(
        system=system,
        operator=paper.operator,
        text=text,
        application=paper,
        number=number,
        concluded_on=moment.today,
    )
    signing.settle(paper)
    words = f"№ {number}, редакція тексту № {text.number}"
    if paper.kind == Paper.TRANSFER:
        _passed_on(system, paper, actor, moment, words)
    elif system.state == SystemState.JOIN_APPLIED:
        steps.move(system, "contract", actor, moment.today, paper=paper, words=words)
    else:
        steps.note(system, "contract", actor, moment.today, paper=paper, words=words)
        _functions_hold(system, actor, moment)
    return made


def asked(system: EisSystem) -> RoadPaper | None:
    """The signed application for a contract that none is concluded for yet."""
    rows = RoadPaper.objects.filter(
        system=system, kind__in=[Paper.JOIN, Paper.TRANSFER], state="SIGNED", settled_at=None
    )
    return rows.select_related("operator").order_by("-signed_at").first()


@part_of_command
def _functions_hold(system: EisSystem, actor: Actor, moment: Moment) -> None:
    trial = applications.unmade(system)
    if trial is not None and trial.application is not None:
        signing.new_functions(system, trial.application, actor, moment.today)
        signing.settle(trial.application)


@part_of_command
def _passed_on(
    system: EisSystem, paper: RoadPaper, actor: Actor, moment: Moment, words: str
) -> None:
    running = steps.open_transfer(system)
    if running is None or running.application_id != paper.pk:
        raise errors.WrongTransition("ОІС уже не переходить до цього оператора.")
    running.ended_on, running.outcome = moment.today, "DONE"
    running.save(update_fields=["ended_on", "outcome"])
    system.operator = paper.operator
    ended = mandates.end_of_system(system, PASSED_ON)
    steps.move(
        system,
        "pass_on",
        actor,
        moment.today,
        to=steps.working_state(system),
        paper=paper,
        words=words,
    )
    audit.record(
        SystemPassedOn(
            subject=system.pk, name=system.name, operator=paper.operator.name, mandates=ended
        )
    )


@command
def publish(*, actor: Actor, system_uid: uuid.UUID, version: int, moment: Moment) -> EisSystem:
    """Publish a system with its functions; it is connected from now on (п.21).

    Raises:
        NotAllowed, NotFound, StaleVersion.
        WrongTransition: its contract is not concluded.
    """
    policies.govern_systems.require(actor)
    system = steps.held(system_uid, version)
    steps.leads_to(system, "publish")
    system.published_on = moment.today
    steps.move(system, "publish", actor, moment.today)
    return system

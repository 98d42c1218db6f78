"""Reading the road: a cabinet's systems, a system with everything on its way, what is published."""

from __future__ import annotations

import dataclasses
import datetime
import uuid

from accounts.actors import Actor
from integrations.eis import policies
from integrations.eis.models import (
    Attestation,
    Contract,
    ContractText,
    EisSystem,
    Operator,
    Requirements,
    RoadPaper,
    RoadStep,
    Transfer,
    Trial,
)
from integrations.eis.road.services import applications, contracts, operators, steps
from integrations.eis.states import WORKING, Paper, SystemState
from kernel.clock import Moment
from kernel.errors import DomainError, NotFound
from kernel.text import alphabetically

LATEST = 100  # steps of a page
# What an operator may file, in the order of the road.
FILED = (Paper.APPLICATION, Paper.JOIN, Paper.FUNCTIONS, Paper.TRANSFER, Paper.LEAVE)


@dataclasses.dataclass(frozen=True)
class Cabinet:
    """What an operator's first page shows."""

    operator: Operator | None
    systems: list[EisSystem]
    taking: list[Transfer]  # systems that pass to this operator
    waiting: list[RoadPaper]


def cabinet(actor: Actor) -> Cabinet:
    """The actor's operator, its systems and what waits for its signature.

    Raises:
        NotAllowed: the actor is no operator.
    """
    policies.operate.require(actor)
    operator = operators.own(actor)
    systems = EisSystem.objects.filter(operator=operator) if operator else EisSystem.objects.none()
    taking = Transfer.objects.filter(ended_on=None, to_code=operators.code_of(actor))
    waiting = RoadPaper.objects.filter(state="PREPARED", prepared_by__unit_id=actor.unit_id)
    return Cabinet(
        operator,
        list(systems.order_by(alphabetically("name"), "pk")),
        list(taking.select_related("system__operator").order_by("due_on", "pk")),
        list(waiting.select_related("system").order_by("prepared_at")),
    )


@dataclasses.dataclass(frozen=True)
class Road:
    """One system with everything on its way."""

    system: EisSystem
    trial: Trial | None
    trials: list[Trial]
    transfer: Transfer | None
    contract: Contract | None
    asked: RoadPaper | None  # for a contract
    attestation: Attestation | None
    attestation_waits: Attestation | None
    papers: list[RoadPaper]
    steps: list[RoadStep]


def _road(system: EisSystem, today: datetime.date) -> Road:
    trials = list(
        Trial.objects.filter(system=system)
        .select_related("requirements", "conclusion")
        .order_by("-pk")[:LATEST]
    )
    papers = RoadPaper.objects.filter(system=system).exclude(state="GIVEN_UP")
    return Road(
        system=system,
        trial=steps.open_trial(system),
        trials=trials,
        transfer=steps.open_transfer(system),
        contract=Contract.objects.filter(system=system, ended_on=None)
        .select_related("text")
        .first(),
        asked=contracts.asked(system),
        attestation=steps.attested(system, today),
        attestation_waits=Attestation.objects.filter(system=system, accepted=None).first(),
        papers=list(papers.select_related("signing", "operator").order_by("-prepared_at")[:LATEST]),
        steps=list(
            RoadStep.objects.filter(system=system)
            .select_related("by__user", "by__unit", "paper")
            .order_by("-pk")[:LATEST]
        ),
    )


def of_administrator(actor: Actor, uid: uuid.UUID, today: datetime.date) -> Road:
    """A system as the technical administrator sees it.

    Raises:
        NotAllowed, NotFound.
    """
    policies.govern_systems.require(actor)
    system = EisSystem.objects.select_related("operator__unit").filter(uid=uid).first()
    if system is None:
        raise NotFound
    return _road(system, today)


def of_operator(actor: Actor, uid: uuid.UUID, today: datetime.date) -> Road:
    """A system as its operator sees it.

    Raises:
        NotAllowed: the actor is no operator.
        NotFound: another's.
    """
    policies.operate.require(actor)
    system = EisSystem.objects.select_related("operator").filter(uid=uid).first()
    if system is None:
        raise NotFound
    return _road(operators.mine(actor, system), today)


def to_take_over(actor: Actor, uid: uuid.UUID) -> EisSystem:
    """A system that passes to the actor's operator.

    Raises:
        NotAllowed: the actor is no operator.
        NotFound: it does not.
    """
    policies.operate.require(actor)
    running = (
        Transfer.objects.filter(system__uid=uid, ended_on=None, to_code=operators.code_of(actor))
        .select_related("system__operator")
        .first()
    )
    if running is None:
        raise NotFound
    return running.system


def to_file(
    actor: Actor, system: EisSystem, moment: Moment
) -> list[tuple[str, DomainError | None]]:
    """What the operator may file for a system now, and why not the rest."""
    kinds = [one for one in FILED if one != Paper.TRANSFER]
    return [(kind, applications.may(kind, system, actor, moment)) for kind in kinds]


def paper(actor: Actor, paper_id: uuid.UUID) -> RoadPaper:
    """A paper of the road: its operator's and the administrator's to see.

    Raises:
        NotFound: none such, or another operator's.
    """
    rows = RoadPaper.objects.select_related(
        "system__operator", "signing", "operator", "prepared_by"
    )
    found = rows.filter(pk=paper_id).first()
    if found is None:
        raise NotFound
    if policies.govern_systems.allows(actor):
        if found.state == "SIGNED" or found.prepared_by.unit_id == actor.unit_id:
            return found
        raise NotFound
    policies.operate.require(actor)
    own = operators.own(actor)
    theirs = found.prepared_by.unit_id == actor.unit_id
    of_system = own is not None and found.system.operator_id == own.pk
    conclusion = found.kind == Paper.CONCLUSION and found.state == "SIGNED"
    if theirs or (of_system and conclusion):
        return found
    raise NotFound


def attestation(actor: Actor, number: int) -> Attestation:
    """An attestation with its paper: its operator's and the administrator's to see.

    Raises:
        NotFound: none such, or another operator's.
    """
    found = Attestation.objects.select_related("system").filter(pk=number).first()
    if found is None:
        raise NotFound
    if not policies.govern_systems.allows(actor):
        policies.operate.require(actor)
        operators.mine(actor, found.system)
    return found


# ── what everybody sees ──────────────────────────────────────────────────────
def published() -> list[EisSystem]:
    """Connected systems with what they do (п.21), by name."""
    rows = EisSystem.objects.filter(published_on__isnull=False, state__in=WORKING)
    return list(rows.select_related("operator").order_by(alphabetically("name"), "pk"))


def published_texts(today: datetime.date) -> tuple[list[ContractText], list[Requirements]]:
    """Approved versions of the contract and published requirements, the latest first."""
    texts = ContractText.objects.filter(approved_at__isnull=False).order_by("-number")
    return list(texts), list(Requirements.objects.order_by("-number"))


def published_contract(number: int) -> ContractText:
    """An approved version of the contract.

    Raises:
        NotFound: none, or not approved.
    """
    found = ContractText.objects.filter(number=number, approved_at__isnull=False).first()
    if found is None:
        raise NotFound
    return found


def published_requirements(number: int) -> Requirements:
    """A version of the requirements.

    Raises:
        NotFound: none.
    """
    found = Requirements.objects.filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def all_texts(actor: Actor) -> tuple[list[ContractText], list[Requirements]]:
    """Every version, drafts among them.

    Raises:
        NotAllowed: the actor neither governs systems nor acts for the owner.
    """
    policies.see_contracts.require(actor)
    return list(ContractText.objects.order_by("-number")), list(
        Requirements.objects.order_by("-number")
    )


def contract_text(actor: Actor, number: int) -> ContractText:
    """One version, a draft too.

    Raises:
        NotAllowed, NotFound.
    """
    policies.see_contracts.require(actor)
    found = ContractText.objects.filter(number=number).first()
    if found is None:
        raise NotFound
    return found


# ── what waits ───────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Waiting:
    """What waits for the technical administrator on the roads of all systems."""

    asked: list[EisSystem]  # applications, tests, contracts, publications
    late: list[EisSystem]
    attestations: int


_MINE = (
    SystemState.SUBMITTED,
    SystemState.TESTING,
    SystemState.TEST_DONE,
    SystemState.JOIN_APPLIED,
    SystemState.CONTRACTED,
    SystemState.RETEST_PENDING,
)


def waiting(actor: Actor, today: datetime.date) -> Waiting:
    """What waits for the administrator; empty for others. Two statements."""
    if not policies.govern_systems.allows(actor):
        return Waiting([], [], 0)
    rows = list(EisSystem.objects.filter(state__in=_MINE).order_by("due_on", "pk")[:LATEST])
    late = [one for one in rows if one.due_on is not None and one.due_on < today]
    return Waiting(rows, late, Attestation.objects.filter(accepted=None).count())


def to_approve(actor: Actor) -> int:
    """How many versions of the contract wait for the owner."""
    if not policies.approve_contract.allows(actor):
        return 0
    return ContractText.objects.filter(approved_at=None).count()

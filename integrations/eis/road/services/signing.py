"""Signing a paper of the road, and what follows from its signature at once."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable

from accounts.actors import Actor
from integrations.eis import errors, policies
from integrations.eis.events import PaperSigned
from integrations.eis.models import EisSystem, RoadPaper, Trial
from integrations.eis.road.services import applications, operators, steps
from integrations.eis.states import Paper, SystemState, TrialReason
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import NotFound
from kernel.scoping import person_of
from signatures.errors import AlreadySigned, WrongSigner
from signatures.services import sessions


def _owned(actor: Actor, paper_id: uuid.UUID) -> RoadPaper:
    found = RoadPaper.objects.filter(pk=paper_id, prepared_by__unit_id=actor.unit_id).first()
    if found is None or actor.unit_id is None:
        raise NotFound
    rule = policies.govern_systems if found.kind == Paper.CONCLUSION else policies.operate
    rule.require(actor)
    return found


def sign(*, actor: Actor, paper_id: uuid.UUID, cms: bytes, moment: Moment) -> RoadPaper:
    """File an application, or send a conclusion, by signing exactly the bytes shown; in two phases, as
    an order is. Signed again it stays as it is.

    Raises:
        NotFound, NotAllowed: not the actor's office's paper.
        PaperDecided: it was put away, or prepared for another person.
        StaleVersion, NotOnTheRoad, WrongTransition: the system moved meanwhile.
        SignatureRefused, WrongSigner, SigningExpired: the signature does not hold.
    """
    paper = _owned(actor, paper_id)
    if paper.state == "SIGNED":
        return paper
    if paper.state != "PREPARED":
        raise errors.PaperDecided
    try:
        verified = sessions.verify(
            paper.signing_id, cms, actor=actor, now=moment.now, rnokpp=actor.person_code
        )
    except AlreadySigned:  # by the same click a moment ago
        paper.refresh_from_db()
        return paper
    return _signed(actor=actor, paper_id=paper.pk, verified_id=verified.pk, moment=moment)


@command
def _signed(
    *, actor: Actor, paper_id: uuid.UUID, verified_id: uuid.UUID, moment: Moment
) -> RoadPaper:
    """The second phase: everything is as it was shown, and what is asked for begins.

    Raises:
        as `sign`.
    """
    system_uid = _owned(actor, paper_id).system.uid
    system = steps.held(system_uid)  # in the order of every command: the system first
    paper = applications.held_paper(actor, paper_id)
    steps.still_acting(actor)
    if paper.state == "SIGNED":
        return paper
    session = sessions.locked(paper.signing_id)
    if paper.state != "PREPARED" or session.user_id != person_of(actor):
        raise errors.PaperDecided
    paper.system = system
    if paper.kind != Paper.CONCLUSION and (
        refusal := applications.may(paper.kind, system, actor, moment)
    ):
        raise refusal
    signer = sessions.complete(session, verified_id, now=moment.now, rnokpp=actor.person_code)
    codes = operators.codes_to_sign(actor)
    named = "" if signer.edrpou == signer.rnokpp else signer.edrpou or ""
    if named not in (codes or [""]):
        raise WrongSigner(
            "Ключ видано для іншої організації. Підпишіть ключем тієї, від імені якої працюєте.",
            field="signature",
        )
    paper.state, paper.signed_at = "SIGNED", moment.now
    paper.save(update_fields=["state", "signed_at"])
    audit.record(
        PaperSigned(
            subject=paper.pk,
            kind=paper.kind,
            system=system.name,
            system_uid=str(system.uid),
            certificate=signer.serial,
        )
    )
    _EFFECTS[paper.kind](paper, actor, moment)
    return paper


@part_of_command
def _applied(paper: RoadPaper, actor: Actor, moment: Moment) -> None:
    system = paper.system
    if (
        system.state == SystemState.RETEST_PENDING
    ):  # once more, after a negative conclusion (п.19, п.22)
        last = Trial.objects.filter(system=system).order_by("-pk").first()
        applications.opened_trial(
            system,
            TrialReason.REQUIREMENTS,
            moment.today,
            paper,
            requirements=last.requirements if last else None,
        )
        steps.note(system, "submit", actor, moment.today, paper=paper)
        return
    applications.opened_trial(system, TrialReason.FIRST, moment.today, paper)
    steps.move(system, "submit", actor, moment.today, paper=paper)


@part_of_command
def _functions(paper: RoadPaper, actor: Actor, moment: Moment) -> None:
    applications.opened_trial(paper.system, TrialReason.FUNCTIONS, moment.today, paper)
    steps.note(paper.system, "functions", actor, moment.today, paper=paper)
    steps.move(paper.system, "retest", actor, moment.today, paper=paper)


@part_of_command
def _joined(paper: RoadPaper, actor: Actor, moment: Moment) -> None:
    how = steps.move if paper.system.state == SystemState.CONCLUSION_POSITIVE else steps.note
    how(paper.system, "join", actor, moment.today, paper=paper)


@part_of_command
def _takes_over(paper: RoadPaper, actor: Actor, moment: Moment) -> None:
    running = steps.open_transfer(paper.system)
    assert running is not None  # noqa: S101 - `may` refused it
    running.application = paper
    running.save(update_fields=["application"])
    steps.note(paper.system, "transfer_applied", actor, moment.today, paper=paper)


@part_of_command
def _leaves(paper: RoadPaper, actor: Actor, moment: Moment) -> None:
    steps.note(paper.system, "leave", actor, moment.today, paper=paper)


@part_of_command
def _concluded(paper: RoadPaper, actor: Actor, moment: Moment) -> None:
    """The conclusion is sent: what was tested holds, or the operator mends it (п.18, п.19, п.22)."""
    system, facts = paper.system, paper.facts
    trial = steps.open_trial(system)
    if trial is None or trial.pk != facts["trial"] or trial.ended_on is None:
        raise errors.WrongTransition("Це тестування вже має висновок.")
    trial.positive, trial.findings = facts["positive"], facts["findings"]
    trial.needs_contract, trial.conclusion = facts["needs_contract"], paper
    trial.concluded_on = moment.today
    trial.save()
    if trial.reason == TrialReason.FIRST:
        _first_concluded(trial, paper, actor, moment.today)
    else:
        _again_concluded(trial, paper, actor, moment)


@part_of_command
def _first_concluded(trial: Trial, paper: RoadPaper, actor: Actor, today: datetime.date) -> None:
    system = paper.system
    if not trial.positive:
        step = "conclude_negative"
    elif steps.attested(system, today) is None:
        step = "conclude_unattested"
    else:
        step = "conclude_positive"
    steps.move(system, step, actor, today, paper=paper)
    if trial.application is not None:
        settle(trial.application)


@part_of_command
def _again_concluded(trial: Trial, paper: RoadPaper, actor: Actor, moment: Moment) -> None:
    system, application = paper.system, trial.application
    step = "conclude_positive" if trial.positive else "conclude_negative"
    steps.note(system, step, actor, moment.today, paper=paper)
    if trial.reason == TrialReason.FUNCTIONS and application is not None:
        if trial.positive and not trial.needs_contract:
            new_functions(system, application, actor, moment.today)
        if not (trial.positive and trial.needs_contract):
            settle(application)
    # п.22: changed functions that do not fit simply do not come; requirements that are not met wait.
    settled = trial.positive or trial.reason == TrialReason.FUNCTIONS
    if system.state == SystemState.RETEST_PENDING and settled:
        steps.move(system, "retested", actor, moment.today, paper=paper)


@part_of_command
def new_functions(
    system: EisSystem, application: RoadPaper, actor: Actor, today: datetime.date
) -> None:
    """What was asked for and tested holds from now on (п.22)."""
    system.functions = application.facts["functions"]
    system.writes = application.facts["writes"]
    steps.note(system, "functions_apply", actor, today, paper=application)


@part_of_command
def settle(paper: RoadPaper) -> None:
    paper.settled_at = audit.now()
    paper.save(update_fields=["settled_at"])


_EFFECTS: dict[str, Callable[[RoadPaper, Actor, Moment], None]] = {
    Paper.APPLICATION: _applied,
    Paper.FUNCTIONS: _functions,
    Paper.JOIN: _joined,
    Paper.TRANSFER: _takes_over,
    Paper.LEAVE: _leaves,
    Paper.CONCLUSION: _concluded,
}

"""What the technical administrator does about tests: begins, ends, concludes, orders more (п.18–23)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from accounts.actors import Actor
from integrations.eis import errors, policies
from integrations.eis.models import EisSystem, RoadPaper, Trial
from integrations.eis.road.services import applications, steps
from integrations.eis.states import WORKING, Paper, SystemState, TrialReason
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, Problem
from kernel.tables.cells import storable
from kernel.text import clean, clean_lines
from registry.classifiers.working_days import term_ends

LONGEST = 2_000
MOST = 100  # findings of one conclusion
PROTOCOL = "protokol.json"


@part_of_command
def _tested(actor: Actor, system_uid: uuid.UUID, version: int) -> tuple[EisSystem, Trial]:
    policies.govern_systems.require(actor)
    system = steps.held(system_uid, version)
    trial = steps.open_trial(system)
    if trial is None:
        raise errors.WrongTransition(f"ОІС «{system.name}» зараз не тестують.")
    return system, trial


@command
def start(*, actor: Actor, system_uid: uuid.UUID, version: int, moment: Moment) -> Trial:
    """Begin the test that was asked for.

    Raises:
        NotAllowed, NotFound, StaleVersion.
        WrongTransition: nothing is to be tested, or the test has begun.
    """
    system, trial = _tested(actor, system_uid, version)
    if trial.started_on is not None:
        raise errors.WrongTransition("Тестування вже розпочато.")
    trial.started_on = moment.today
    trial.save(update_fields=["started_on"])
    _step(system, trial, "start_test", actor, moment)
    return trial


@command
def end(*, actor: Actor, system_uid: uuid.UUID, version: int, moment: Moment) -> Trial:
    """End the test; its conclusion is due in three working days (п.18).

    Raises:
        NotAllowed, NotFound, StaleVersion.
        WrongTransition: no test runs.
    """
    system, trial = _tested(actor, system_uid, version)
    if trial.started_on is None or trial.ended_on is not None:
        raise errors.WrongTransition("Завершити можна лише розпочате тестування.")
    trial.ended_on = moment.today
    trial.conclusion_due_on = term_ends("eis_conclusion", moment.today)
    trial.save(update_fields=["ended_on", "conclusion_due_on"])
    _step(system, trial, "end_test", actor, moment)
    return trial


@part_of_command
def _step(system: EisSystem, trial: Trial, step: str, actor: Actor, moment: Moment) -> None:
    """The first test is the system's state; another one runs beside it (п.22)."""
    how = steps.move if trial.reason == TrialReason.FIRST else steps.note
    how(system, step, actor, moment.today)


@command
def conclude(
    *,
    actor: Actor,
    system_uid: uuid.UUID,
    version: int,
    positive: bool,
    findings: Sequence[tuple[str, str]],
    needs_contract: bool = False,
    about: str = "",
    protocol: bytes = b"",
    moment: Moment,
) -> RoadPaper:
    """Lay the conclusion of an ended test before the administrator to be signed; it is sent by the
    signature. A negative one says what does not fit and how to mend it (п.19).

    findings: mismatch and proposal of each.
    protocol: what the test programme saw, to be signed with the conclusion.

    Raises:
        NotAllowed, NotFound, StaleVersion.
        WrongTransition: the test has not ended.
        Invalid: a negative conclusion without mismatches, a mismatch without a proposal, a positive one
            with mismatches; every problem at once.
    """
    system, trial = _tested(actor, system_uid, version)
    if trial.ended_on is None:
        raise errors.WrongTransition("Спершу завершіть тестування.")
    told = [(clean(storable(one)), clean(storable(two))) for one, two in findings]
    told = [pair for pair in told if any(pair)]
    if problems := _problems(positive, told):
        raise Invalid(problems)
    facts = {
        "trial": trial.pk,
        "reason": trial.reason,
        "since": trial.since.isoformat(),
        "ended_on": trial.ended_on.isoformat(),
        "positive": positive,
        "needs_contract": needs_contract and positive and trial.reason == TrialReason.FUNCTIONS,
        "findings": [{"mismatch": one, "proposal": two} for one, two in told],
        "about": clean_lines(storable(about)),
    }
    files = {}
    if protocol:
        files[PROTOCOL] = protocol
        facts["attached"] = [{"name": "Протокол тестової програми", "file": PROTOCOL}]
    return applications.laid(actor, system, Paper.CONCLUSION, facts, moment, files)


def _problems(positive: bool, told: Sequence[tuple[str, str]]) -> list[Problem]:
    problems = []
    if not positive and not told:
        problems.append(
            Problem("findings", "required", "Опишіть невідповідності та як їх усунути (п. 19).")
        )
    if positive and told:
        problems.append(
            Problem(
                "positive", "findings", "Є невідповідності: висновок негативний, або приберіть їх."
            )
        )
    for number, (mismatch, proposal) in enumerate(told, 1):
        if not mismatch or not proposal:
            problems.append(
                Problem(
                    "findings",
                    "half",
                    f"Рядок {number}: впишіть і невідповідність, і пропозицію щодо усунення.",
                )
            )
        if len(mismatch) > LONGEST or len(proposal) > LONGEST:
            problems.append(
                Problem("findings", "too_long", f"Рядок {number}: скоротіть до {LONGEST} знаків.")
            )
    if len(told) > MOST:
        problems.append(Problem("findings", "too_many", f"Щонайбільше {MOST} невідповідностей."))
    return problems


@command
def order_more(
    *, actor: Actor, system_uid: uuid.UUID, version: int, ground: str, moment: Moment
) -> Trial:
    """Order an additional test of a system that works or is suspended; nothing stops by it (п.23).

    Raises:
        NotAllowed, NotFound, StaleVersion.
        WrongTransition: the system is not connected, or a test runs already.
        Invalid: no ground is told.
    """
    policies.govern_systems.require(actor)
    system = steps.held(system_uid, version)
    if system.state not in (*WORKING, SystemState.SUSPENDED):
        raise errors.WrongTransition("Додатково тестують лише підключену ОІС (п. 23).")
    if steps.open_trial(system) is not None:
        raise errors.WrongTransition("Тестування вже триває.")
    ground = clean_lines(storable(ground))
    if not ground:
        raise Invalid([Problem("ground", "required", "Поясніть, чому потрібне тестування.")])
    trial = applications.opened_trial(system, TrialReason.ADDITIONAL, moment.today)
    steps.note(system, "additional", actor, moment.today, words=ground)
    return trial

"""The register of systems: taking in the known ones, suspending and restoring (п.28–30)."""

from __future__ import annotations

import datetime
import tomllib
import uuid
from collections.abc import Collection
from pathlib import Path

from accounts import identifiers
from accounts.actors import Actor
from accounts.roles import WRITES
from integrations.eis import errors, policies
from integrations.eis.bell import wake
from integrations.eis.events import (
    NothingDue,
    NothingNew,
    SystemDisconnected,
    SystemRegistered,
    SystemRestored,
    SystemSuspended,
    WritesDeclared,
)
from integrations.eis.models import Contract, EisSystem, Operator, RoadPaper, Transfer, Trial
from integrations.eis.road.services import steps
from integrations.eis.services import mandates
from integrations.eis.states import (
    BY_DOCUMENT,
    DISCONNECTION_GROUNDS,
    MISSED_TRANSFER,
    SUSPENSION_GROUNDS,
    WORKING,
    Paper,
    SystemState,
)
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command, violation
from kernel.errors import Invalid, NotAllowed, Problem, StaleVersion
from kernel.tables.cells import storable
from kernel.text import clean, clean_lines
from registry.classifiers.working_days import term_ends
from signatures.services import sessions

PERSON = 10  # digits of a sole trader's code

KNOWN = Path(__file__).resolve().parents[1] / "data" / "systems_2024_05.toml"


@command
def register_known(*, actor: Actor) -> int:
    """Take in the systems that the ministry's letters and the government's acts name, each in its state
    of that day and with its source. Systems already in the register are left as they are. Returns how many
    were added.

    Raises:
        NotAllowed: the actor does not govern systems.
    """
    policies.govern_systems.require(actor)
    listed = tomllib.loads(KNOWN.read_text(encoding="utf-8"))
    added = 0
    for row in listed["systems"]:
        if EisSystem.objects.filter(name=row["name"]).exists():
            continue
        operator, _ = Operator.objects.get_or_create(name=row["operator"])
        system = EisSystem.objects.create(
            operator=operator,
            name=row["name"],
            state=row["state"],
            state_since=row.get("as_of", listed["as_of"]),
            state_ground=row.get("source", listed["source"]),
            source=row.get("source", listed["source"]),
            functions=row.get("functions", []),
            site=row.get("site", ""),
            is_mriya=row.get("is_mriya", False),
            published_on=row.get("as_of", listed["as_of"]) if row["state"] in WORKING else None,
        )
        audit.record(SystemRegistered(subject=system.pk, name=system.name, state=system.state))
        added += 1
    if not added:
        audit.record(NothingNew())
    return added


@command
def suspend_system(
    *,
    actor: Actor,
    system_uid: uuid.UUID | str,
    ground: str,
    explanation: str,
    document: str = "",
    on: datetime.date,
) -> EisSystem:
    """Suspend a system on one of the grounds of п.28; all its keys stop at once.

    document: number and date of another body's document, where the ground is its to establish.

    Raises:
        NotAllowed: the actor does not govern systems.
        NotFound: no such system.
        Invalid: the ground is not one of п.28, or another body's document is not named.
        WrongTransition: the system is not working.
    """
    policies.govern_systems.require(actor)
    if ground not in SUSPENSION_GROUNDS:
        raise Invalid([Problem("ground", "unknown", "Виберіть підставу з пункту 28 Положення.")])
    document = _document(ground, document)
    system = steps.held(system_uid)
    if system.state not in WORKING:
        raise errors.WrongTransition(
            f"ОІС «{system.name}» не підключена, тому зупиняти немає чого."
        )
    before = system.state
    words = f"{SUSPENSION_GROUNDS[ground]}. {explanation}".strip()
    steps.move(system, "suspend", actor, on, ground=ground, words=words, document=document)
    wake(None)
    audit.record(
        SystemSuspended(
            subject=system.pk,
            name=system.name,
            before=before,
            ground=ground,
            explanation=explanation.strip(),
        )
    )
    return system


@command
def declare_writes(
    *, actor: Actor, system_uid: uuid.UUID | str, seen: Collection[str], writes: list[str]
) -> EisSystem:
    """Say which data the operator's system was declared and tested to write (п.18, handbook H.4).

    A head may open no other; what is taken back stops at the keys' next request. `seen` is what the
    actor read: the whole list is written, so it is its own version.

    Raises:
        NotAllowed: the actor does not govern systems.
        NotFound: no such system.
        Invalid: not among the data that systems may write at all.
        StaleVersion: somebody declared otherwise after the actor read it.
    """
    policies.govern_systems.require(actor)
    if set(writes) - set(WRITES):
        raise Invalid(
            [Problem("writes", "unknown", "Виберіть із переліку того, що ОІС записують.")]
        )
    system = steps.held(system_uid)
    if set(system.writes) != set(seen):
        raise StaleVersion
    if sorted(set(writes)) != system.writes:
        before, system.writes = system.writes, sorted(set(writes))
        system.save(update_fields=["writes"])
        audit.record(
            WritesDeclared(
                subject=system.pk,
                name=system.name,
                before=tuple(before),
                writes=tuple(system.writes),
            )
        )
    return system


@command
def restore_system(
    *, actor: Actor, system_uid: uuid.UUID | str, explanation: str, on: datetime.date
) -> EisSystem:
    """Restore a suspended system when the violations are removed (п.30).

    Raises:
        NotAllowed: the actor does not govern systems.
        NotFound: no such system.
        Invalid: nothing says how the violations were removed.
        WrongTransition: the system is not suspended.
        NotAttested: the attestation of its protection has run out meanwhile.
    """
    policies.govern_systems.require(actor)
    if not explanation.strip():
        raise Invalid(
            [
                Problem(
                    "explanation",
                    "required",
                    "Опишіть, чим підтверджено усунення порушень (п. 30).",
                )
            ]
        )
    system = steps.held(system_uid)
    if system.state != SystemState.SUSPENDED:
        raise errors.WrongTransition(f"Доступ ОІС «{system.name}» не зупинено.")
    known = system.kszi_valid_to
    if known is not None and known < on:
        raise errors.NotAttested(
            f"Атестат захисту інформації діяв до {known:%d.%m.%Y}. Спершу прийміть чинний."
        )
    to = SystemState.TRANSFER_PENDING if steps.open_transfer(system) else ""
    steps.move(
        system,
        "restore",
        actor,
        on,
        to=to or steps.working_state(system),
        words=explanation.strip(),
    )
    wake(None)
    audit.record(
        SystemRestored(subject=system.pk, name=system.name, explanation=explanation.strip())
    )
    return system


@command
def disconnect_system(
    *,
    actor: Actor,
    system_uid: uuid.UUID | str,
    version: int,
    ground: str,
    explanation: str,
    document: str = "",
    moment: Moment,
) -> EisSystem:
    """Take a system off the database on a ground of п.29: its contract and every mandate end, its keys
    stop at once. Back it comes by a new application only.

    Raises:
        NotAllowed: the actor does not govern systems.
        NotFound: no such system.
        StaleVersion: it moved after the actor read it.
        Invalid: the ground is not one of п.29; no application asks for it (29.1); the document of
            another body is not named (29.3).
        WrongTransition: the system is not connected.
    """
    policies.govern_systems.require(actor)
    if ground not in DISCONNECTION_GROUNDS:
        raise Invalid([Problem("ground", "unknown", "Виберіть підставу з пункту 29 Положення.")])
    document = _document(ground, document)
    system = steps.held(system_uid, version)
    steps.leads_to(system, "disconnect")
    asked = RoadPaper.objects.filter(
        system=system, kind=Paper.LEAVE, state="SIGNED", settled_at=None
    ).first()
    if ground == "29.1" and asked is None:
        raise Invalid(
            [Problem("ground", "no_application", "Оператор не подавав заяви про відключення.")]
        )
    words = f"{DISCONNECTION_GROUNDS[ground]}. {explanation}".strip()
    _disconnected(system, actor, moment, ground, words, document=document, paper=asked)
    return system


@command
def disconnect_untaken(*, actor: Actor, system_uid: uuid.UUID, moment: Moment) -> int:
    """Disconnect a system whose new operator did not apply in ten working days (п.24); 1, or 0 when it
    applied meanwhile.

    Raises:
        NotAllowed: only the system does this.
        NotFound: no such system.
    """
    if not actor.is_system:
        raise NotAllowed
    system = steps.held(system_uid)
    running = steps.open_transfer(system)
    if running is None or running.application_id is not None or running.due_on >= moment.today:
        audit.record(NothingDue())
        return 0
    running.ended_on, running.outcome = moment.today, "MISSED"
    running.save(update_fields=["ended_on", "outcome"])
    words = f"новий оператор не звернувся до {running.due_on:%d.%m.%Y}"
    _disconnected(system, actor, moment, MISSED_TRANSFER, words)
    return 1


@part_of_command
def _disconnected(
    system: EisSystem,
    actor: Actor,
    moment: Moment,
    ground: str,
    words: str,
    *,
    document: str = "",
    paper: RoadPaper | None = None,
) -> None:
    Trial.objects.filter(system=system, concluded_on=None, dropped_on=None).update(
        dropped_on=moment.today
    )
    Transfer.objects.filter(system=system, ended_on=None).update(
        ended_on=moment.today, outcome="DROPPED"
    )
    Contract.objects.filter(system=system, ended_on=None).update(
        ended_on=moment.today, end_ground=f"п. {ground}"
    )
    # Whatever was asked for and not done yet is over with the connection.
    RoadPaper.objects.filter(system=system, state="SIGNED", settled_at=None).update(
        settled_at=moment.now
    )
    for waiting in RoadPaper.objects.filter(system=system, state="PREPARED"):
        sessions.give_up(waiting.signing_id)
        waiting.state = "GIVEN_UP"
        waiting.save(update_fields=["state"])
    ended = mandates.end_of_system(system, f"ОІС відключено: п. {ground}")
    system.published_on = None
    steps.move(
        system,
        "disconnect",
        actor,
        moment.today,
        ground=ground,
        words=words,
        document=document,
        paper=paper,
    )
    audit.record(
        SystemDisconnected(subject=system.pk, name=system.name, ground=ground, mandates=ended)
    )


@command
def transfer_system(
    *,
    actor: Actor,
    system_uid: uuid.UUID | str,
    version: int,
    to_code: str,
    to_name: str,
    transferred_on: datetime.date,
    ground: str,
    moment: Moment,
) -> Transfer:
    """Note that a system passes to another operator, who has ten working days to apply; it works
    meanwhile (п.24).

    Raises:
        NotAllowed: the actor does not govern systems.
        NotFound: no such system.
        StaleVersion: it moved after the actor read it.
        WrongTransition: the system is not connected, or passes on already.
        Invalid: a code, a name, a day or the ground is wrong; all told at once.
    """
    policies.govern_systems.require(actor)
    system = steps.held(system_uid, version)
    steps.leads_to(system, "transfer")
    code, name = identifiers.bare(to_code), clean(storable(to_name))
    ground = clean_lines(storable(ground))
    problems = _code_problems("to_code", code)
    if code and code == system.operator.code:
        problems.append(Problem("to_code", "same", "Це код нинішнього оператора."))
    if not name:
        problems.append(Problem("to_name", "required", "Впишіть назву нового оператора."))
    if transferred_on > moment.today:
        problems.append(Problem("transferred_on", "ahead", "Цей день ще не настав."))
    due = term_ends("eis_transfer", transferred_on)
    if transferred_on <= moment.today > due:
        problems.append(
            Problem(
                "transferred_on",
                "over",
                f"Строк звернення нового оператора минув {due:%d.%m.%Y}: відключіть ОІС (п. 24).",
            )
        )
    if not ground:
        problems.append(Problem("ground", "required", "Вкажіть документ про передання права."))
    if problems:
        raise Invalid(problems)
    made = Transfer.objects.create(
        system=system,
        to_code=code,
        to_name=name,
        transferred_on=transferred_on,
        due_on=due,
        ground=ground,
    )
    steps.move(system, "transfer", actor, moment.today, words=f"{name}, {ground}")
    return made


@command
def name_operator(
    *, actor: Actor, system_uid: uuid.UUID | str, version: int, code: str, name: str, moment: Moment
) -> EisSystem:
    """Say by which code the operator of a known system is known, so that its own key opens the cabinet
    of it.

    Raises:
        NotAllowed: the actor does not govern systems.
        NotFound: no such system.
        StaleVersion: it moved after the actor read it.
        WrongTransition: the operator came in already: another one takes the system over (п.24).
        Invalid: the code or the name is wrong.
        OperatorCodeTaken: another operator has the name.
    """
    policies.govern_systems.require(actor)
    system = steps.held(system_uid, version)
    if system.operator.unit_id is not None:
        raise errors.WrongTransition(
            "Оператор уже має кабінет. Іншому оператору ОІС передають за пунктом 24."
        )
    code, name = identifiers.bare(code), clean(storable(name))
    problems = _code_problems("code", code)
    if not name:
        problems.append(Problem("name", "required", "Впишіть назву оператора."))
    if problems:
        raise Invalid(problems)
    operator = Operator.objects.filter(code=code).first()
    if operator is not None and operator.pk != system.operator_id:
        system.operator = operator
    else:
        operator = system.operator
        operator.code, operator.name = code, name
        with violation("eis_operator_name_key", lambda: errors.OperatorCodeTaken(field="name")):
            operator.save(update_fields=["code", "name"])
    steps.note(system, "operator_named", actor, moment.today, words=operator.name)
    return system


def _code_problems(field: str, code: str) -> list[Problem]:
    told = (
        identifiers.person_code_problem(code)
        if len(code) == PERSON
        else identifiers.edrpou_problem(code)
    )
    return [Problem(field, "bad_code", told)] if told else []


def _document(ground: str, document: str) -> str:
    document = clean(storable(document))
    if ground in BY_DOCUMENT and not document:
        raise Invalid(
            [
                Problem(
                    "document",
                    "required",
                    f"Вкажіть номер і дату: {BY_DOCUMENT[ground]} (п. {ground}).",
                )
            ]
        )
    return document

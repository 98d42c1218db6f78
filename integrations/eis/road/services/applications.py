"""What an operator does: describes its system, prepares and withdraws applications (п.18–24, п.29)."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from uuid_utils.compat import uuid7

from accounts.actors import Actor
from accounts.roles import WRITES
from integrations.eis import errors, policies
from integrations.eis.events import PaperGivenUp, PaperPrepared, SystemDescribed
from integrations.eis.models import Contract, EisSystem, RoadPaper, Trial
from integrations.eis.road import content
from integrations.eis.road.services import operators, steps, texts
from integrations.eis.states import (
    TRANSITIONS,
    WORKING,
    Function,
    Paper,
    SystemState,
)
from kernel import audit, turns
from kernel.clock import Moment
from kernel.db import command, part_of_command, violation
from kernel.errors import DomainError, Invalid, NotFound, Problem
from kernel.scoping import grant_of, person_of
from kernel.tables.cells import storable
from kernel.text import clean, clean_lines
from registry.classifiers.working_days import term_ends
from signatures.services import sessions

PURPOSE = "eis.road"
LONGEST = 4_000
MOST_BYTES = 3 * 1024 * 1024
A_DAY = 10  # new systems of one operator
FILES = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG": "png"}
NAMES = {
    "ownership": "Документ про право на ОІС",
    "description": "Опис ОІС та її захисту",
    "other": "Інший документ",
}


@dataclasses.dataclass(frozen=True)
class Description:
    """What an operator says of its system."""

    name: str
    site: str
    about: str
    functions: Sequence[str]
    writes: Sequence[str]
    email: str
    phone: str


@dataclasses.dataclass(frozen=True)
class Attached:
    """A file beside an application: what it is (`NAMES`) and its bytes."""

    what: str
    content: bytes


# ── describing ───────────────────────────────────────────────────────────────
@command
def describe(
    *,
    actor: Actor,
    system_uid: uuid.UUID | None,
    version: int,
    said: Description,
    moment: Moment,
) -> EisSystem:
    """Say what a system is and does, before an application of it; with no id a new one is begun.

    Raises:
        NotAllowed: the actor is no operator.
        NotFound: not the actor's system.
        StaleVersion: it was changed meanwhile.
        WrongTransition: an application is under way, or the system works: its functions change by an
            application (п.22).
        Invalid: what was typed is wrong; every problem at once.
        SystemNameTaken: another system bears the name.
        TooOften: too many begun today.
    """
    policies.operate.require(actor)
    if problems := _problems(said):
        raise Invalid(problems)
    operator = operators.known(actor)
    if system_uid is None:
        turns.count("eis_systems", str(operator.pk), A_DAY, 86_400)
        system = EisSystem(operator=operator, state=SystemState.DRAFT, state_since=moment.today)
    else:
        system = operators.mine(actor, steps.held(system_uid, version))
        steps.leads_to(system, "submit")
    operator.email, operator.phone = clean(said.email), clean(said.phone)
    operator.save(update_fields=["email", "phone"])
    system.name, system.site = clean(storable(said.name)), clean(said.site)
    system.about = clean_lines(storable(said.about))
    system.functions = [one for one in Function.values if one in said.functions]
    system.writes = [one for one in WRITES if one in said.writes]
    system.version += 1
    with violation("eis_eissystem_name_key", lambda: errors.SystemNameTaken(field="name")):
        system.save()
    system.refresh_from_db()
    audit.record(SystemDescribed(subject=system.pk, name=system.name))
    return system


def _problems(said: Description) -> list[Problem]:
    problems = []
    if not clean(said.name):
        problems.append(Problem("name", "required", "Впишіть назву ОІС."))
    if clean(said.site):
        try:
            URLValidator(schemes=["https", "http"])(clean(said.site))
        except ValidationError:
            problems.append(Problem("site", "bad_site", "Впишіть адресу повністю: https://…"))
    if len(said.about) > LONGEST:
        problems.append(Problem("about", "too_long", f"Скоротіть опис до {LONGEST} знаків."))
    if not said.functions or set(said.functions) - set(Function.values):
        problems.append(Problem("functions", "required", "Позначте, що робить ОІС."))
    if set(said.writes) - set(WRITES):
        problems.append(Problem("writes", "unknown", "Виберіть із переліку того, що записують."))
    try:
        validate_email(clean(said.email))
    except ValidationError:
        problems.append(Problem("email", "bad_email", "Впишіть адресу для листування."))
    return problems


# ── what may be asked for ────────────────────────────────────────────────────
def _submits(system: EisSystem, actor: Actor, moment: Moment) -> None:
    waits = steps.open_trial(system)
    again = system.state == SystemState.RETEST_PENDING and waits is None
    if "submit" not in TRANSITIONS[system.state] and not again:
        raise errors.NotOnTheRoad("Заяву про підключення вже подано.")
    if not system.functions:
        raise errors.NotOnTheRoad("Спершу заповніть відомості про ОІС.")


def _changes(system: EisSystem, actor: Actor, moment: Moment) -> None:
    if system.state != SystemState.CONNECTED:
        raise errors.NotOnTheRoad("Функції змінюють у підключеної ОІС.")
    if steps.open_trial(system) is not None:
        raise errors.NotOnTheRoad("Тестування вже триває: дочекайтеся висновку.")
    if _unsettled(system, Paper.JOIN) or unmade(system) is not None:
        raise errors.NotOnTheRoad("Спершу укладіть договір щодо попередніх змін.")


def _joins(system: EisSystem, actor: Actor, moment: Moment) -> None:
    if _unsettled(system, Paper.JOIN):
        raise errors.NotOnTheRoad("Заяву про приєднання вже подано.")
    text = texts.in_force(moment.today)
    first = system.state == SystemState.CONCLUSION_POSITIVE
    standing = Contract.objects.filter(system=system, ended_on=None).select_related("text").first()
    newer = standing is not None and standing.text.number < text.number
    unbound = standing is None and system.state in WORKING
    if not (first or (system.state in WORKING and (unmade(system) or newer or unbound))):
        raise errors.NotOnTheRoad("До договору приєднуються після позитивного висновку (п. 20).")
    if first and steps.attested(system, moment.today) is None:
        raise errors.NotAttested(
            "Подайте чинний атестат КСЗІ або авторизацію з безпеки: без нього договору не укладають."
        )


def _takes_over(system: EisSystem, actor: Actor, moment: Moment) -> None:
    running = steps.open_transfer(system)
    if running is None or running.to_code != operators.code_of(actor):
        raise NotFound("Такої ОІС немає.")
    if running.application_id is not None:
        raise errors.NotOnTheRoad("Заяву вже подано.")
    if moment.today > running.due_on:
        raise errors.NotOnTheRoad("Десять робочих днів минули (п. 24).")
    texts.in_force(moment.today)


def _leaves(system: EisSystem, actor: Actor, moment: Moment) -> None:
    if system.state not in (*WORKING, SystemState.SUSPENDED):
        raise errors.NotOnTheRoad("ОІС не підключена.")
    if _unsettled(system, Paper.LEAVE):
        raise errors.NotOnTheRoad("Заяву про відключення вже подано.")


def _unsettled(system: EisSystem, kind: str) -> RoadPaper | None:
    return RoadPaper.objects.filter(
        system=system, kind=kind, state="SIGNED", settled_at=None
    ).first()


def unmade(system: EisSystem) -> Trial | None:
    """The positive re-test whose changes wait for a contract (п.22)."""
    rows = Trial.objects.filter(
        system=system, positive=True, needs_contract=True, application__settled_at=None
    )
    return rows.exclude(application=None).select_related("application").order_by("-pk").first()


MAY: Mapping[str, Callable[[EisSystem, Actor, Moment], None]] = {
    Paper.APPLICATION: _submits,
    Paper.FUNCTIONS: _changes,
    Paper.JOIN: _joins,
    Paper.TRANSFER: _takes_over,
    Paper.LEAVE: _leaves,
}


def may(kind: str, system: EisSystem, actor: Actor, moment: Moment) -> DomainError | None:
    """Why an operator cannot file a paper now; None when it can."""
    try:
        if kind != Paper.TRANSFER:
            operators.mine(actor, system)
        MAY[kind](system, actor, moment)
    except DomainError as refusal:
        return refusal
    return None


# ── preparing ────────────────────────────────────────────────────────────────
@command
def prepare(
    *,
    actor: Actor,
    system_uid: uuid.UUID,
    version: int,
    kind: str,
    about: str = "",
    functions: Sequence[str] = (),
    writes: Sequence[str] = (),
    attached: Sequence[Attached] = (),
    moment: Moment,
) -> RoadPaper:
    """Freeze an application for the operator's signature; one of its kind that waits is put away.

    Raises:
        NotAllowed: the actor is no operator.
        NotFound: not the actor's system, nor one that passes to the actor.
        StaleVersion: the system moved meanwhile.
        NotOnTheRoad, NotAttested, NoContractText: it cannot be asked for now.
        Invalid: what was typed or attached is wrong; every problem at once.
    """
    policies.operate.require(actor)
    system = steps.held(system_uid, version)
    if refusal := may(kind, system, actor, moment):
        raise refusal
    operator = operators.known(actor)
    about = clean_lines(storable(about))
    if problems := _wrong(kind, about, functions, writes, attached):
        raise Invalid(problems)
    facts: dict[str, Any] = {"about": about}
    if kind == Paper.APPLICATION:
        facts |= {
            "functions": system.functions,
            "writes": system.writes,
            "requirements": texts.requirements_in_force(moment.today),
        }
    elif kind == Paper.FUNCTIONS:
        facts |= {
            "functions": [one for one in Function.values if one in functions],
            "writes": [one for one in WRITES if one in writes],
        }
    elif kind in {Paper.JOIN, Paper.TRANSFER}:
        facts["text"] = texts.in_force(moment.today).number
    if kind == Paper.TRANSFER:
        running = steps.open_transfer(system)
        assert running is not None  # noqa: S101 - `may` refused it
        facts["transferred_on"] = running.transferred_on.isoformat()
    files = {
        f"dodatok-{number}.{_format(one.content)}": one.content
        for number, one in enumerate(attached, 1)
    }
    facts["attached"] = [
        {"file": file, "name": NAMES[one.what]} for file, one in zip(files, attached, strict=True)
    ]
    return laid(actor, system, kind, facts, moment, files, operator=operator)


def _wrong(
    kind: str,
    about: str,
    functions: Sequence[str],
    writes: Sequence[str],
    attached: Sequence[Attached],
) -> list[Problem]:
    problems = []
    if len(about) > LONGEST:
        problems.append(Problem("about", "too_long", f"Скоротіть до {LONGEST} знаків."))
    if kind == Paper.FUNCTIONS:
        if not functions or set(functions) - set(Function.values):
            problems.append(Problem("functions", "required", "Позначте, що робитиме ОІС."))
        if set(writes) - set(WRITES):
            problems.append(Problem("writes", "unknown", "Виберіть із переліку."))
        if not about:
            problems.append(Problem("about", "required", "Опишіть, що змінюється."))
    if kind in {Paper.APPLICATION, Paper.TRANSFER} and not any(
        one.what == "ownership" for one in attached
    ):
        problems.append(
            Problem(
                "ownership", "required", "Додайте документ про право власності чи користування."
            )
        )
    for one in attached:
        if len(one.content) > MOST_BYTES:
            problems.append(Problem(one.what, "too_large", "Файл завеликий: можна до 3 МБ."))
        elif not _format(one.content):
            problems.append(Problem(one.what, "bad_file", "Додайте PDF, JPEG або PNG."))
    return problems


def _format(data: bytes) -> str:
    return next((name for begins, name in FILES.items() if data.startswith(begins)), "")


@part_of_command
def laid(
    actor: Actor,
    system: EisSystem,
    kind: str,
    facts: dict[str, Any],
    moment: Moment,
    files: Mapping[str, bytes],
    *,
    operator: Any = None,
) -> RoadPaper:
    """A paper before whoever signs it; what of its kind waited before is put away."""
    operator = operator or system.operator
    for old in RoadPaper.objects.filter(system=system, kind=kind, state="PREPARED"):
        _put_away(old)
    package = content.frozen(kind, system, operator, facts, actor, moment.now, files)
    session = sessions.prepare(
        user_id=person_of(actor),
        purpose=PURPOSE,
        content=package.manifest,
        now=moment.now,
        files=package.kept,
    )
    paper = RoadPaper.objects.create(
        id=uuid7(),
        system=system,
        operator=operator,
        kind=kind,
        facts=facts,
        signing=session,
        prepared_by_id=grant_of(actor),
        prepared_at=moment.now,
    )
    audit.record(PaperPrepared(subject=paper.pk, kind=kind, system=system.name))
    return paper


@part_of_command
def _put_away(paper: RoadPaper) -> None:
    sessions.give_up(paper.signing_id)
    paper.state = "GIVEN_UP"
    paper.save(update_fields=["state"])
    audit.record(PaperGivenUp(subject=paper.pk, kind=paper.kind, system=paper.system.name))


@command
def give_up(*, actor: Actor, paper_id: uuid.UUID) -> RoadPaper:
    """Put a paper away unsigned.

    Raises:
        NotFound: none such, or another's.
        PaperDecided: it is signed.
    """
    paper = held_paper(actor, paper_id)
    if paper.state == "SIGNED":
        raise errors.PaperDecided
    if paper.state == "PREPARED":
        _put_away(paper)
    return paper


def held_paper(actor: Actor, paper_id: uuid.UUID) -> RoadPaper:
    """A paper that the actor prepared, held.

    Raises:
        NotFound: none such, or prepared by another office.
    """
    found: RoadPaper | None = (
        RoadPaper.objects.select_related("system__operator", "signing")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=paper_id, prepared_by__unit_id=actor.unit_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


# ── withdrawing, attesting ───────────────────────────────────────────────────
@command
def withdraw(*, actor: Actor, system_uid: uuid.UUID, version: int, moment: Moment) -> EisSystem:
    """Take an application back before its test began.

    Raises:
        NotFound, NotAllowed: not the actor's.
        StaleVersion: the system moved meanwhile.
        WrongTransition: the test has begun.
    """
    policies.operate.require(actor)
    system = operators.mine(actor, steps.held(system_uid, version))
    steps.leads_to(system, "withdraw")
    Trial.objects.filter(system=system, concluded_on=None, dropped_on=None).update(
        dropped_on=moment.today
    )
    steps.move(system, "withdraw", actor, moment.today)
    return system


def opened_trial(
    system: EisSystem, reason: str, since: Any, application: RoadPaper | None = None, **more: Any
) -> Trial:
    """A test whose term runs from a day."""
    return Trial.objects.create(
        system=system,
        reason=reason,
        application=application,
        since=since,
        due_on=term_ends("eis_test", since),
        **more,
    )

"""Records: opened one by one or by a table, led along the steps of the law, and kept true by the log.

record           children who learn nowhere, are absent or may be missing: one act, all or none
step             establish a reason, close, open what was closed by mistake
follow           what the register says since: enrolled, moved, dead, of age, merged
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.models import OrgUnit
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command, violation
from kernel.errors import DomainError, Invalid, NotFound, Problem, StaleVersion
from kernel.scoping import grant_of
from kernel.tables import dates
from kernel.tables.cells import storable
from kernel.text import clean
from registry.coverage import policies, selectors
from registry.coverage.errors import CaseDecided, CaseStands, KeepsNoRegister
from registry.coverage.events import (
    CaseClosed,
    CaseMoved,
    CaseOpened,
    CaseStepped,
    MissingEntered,
)
from registry.coverage.models import CoverageCase, CoverageStep, MissingVisit
from registry.coverage.services.rows import MOST, Child, judge
from registry.coverage.states import ABSENT, CASE, MISSING, NOT_COVERED, OPEN
from registry.coverage.terms import EXPLAINED, terms
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil, PupilDocument
from registry.people.services import addresses

SHORTEST_GROUND = 10
_STANDS = "one_open_case_of_a_kind"


# ── recording ────────────────────────────────────────────────────────────────
@command
def record(
    *,
    actor: Actor,
    kind: str,
    unit: OrgUnit | None,
    rows: Sequence[Mapping[str, str]],
    moment: Moment,
) -> list[CoverageCase]:
    """Record children, all of them or none; the rows are judged again as they stand now.

    unit: the community that records; None where the school does.

    Raises:
        NotAllowed, NotFound: the actor does not keep such records there.
        Invalid: every problem, its field «row.column» from 1.
        CaseStands: another authority recorded one of them in the same moment.
    """
    policies.keep.require(actor, kind)
    if unit is not None:
        unit = selectors.community(actor, str(unit.uid))
    if (unit is None) != (kind == ABSENT):
        raise KeepsNoRegister
    if not rows:
        raise Invalid([Problem("", "empty", "Немає жодного рядка.")])
    if len(rows) > MOST:
        raise Invalid([Problem("", "many", f"За один раз — до {MOST} рядків.")])
    judged = judge(actor, kind, unit, rows, moment)
    wrong = [
        Problem(f"{row.no}.{one.field}", one.code, one.detail)
        for row in judged
        for one in row.problems
    ]
    if wrong:
        raise Invalid(wrong)
    children = [row.child for row in judged if row.child]
    with violation((_STANDS, "one_pupil_per_document"), _taken_meanwhile):
        return [
            opened(actor, kind, unit, child, pupil, moment)
            for child, pupil in _profiles(kind, children)
        ]


def _taken_meanwhile() -> DomainError:
    return CaseStands("Цю дитину щойно записав інший орган. Перевірте рядки ще раз.")


@part_of_command
def _profiles(kind: str, children: Sequence[Child]) -> list[tuple[Child, Pupil]]:
    """Each child's profile, held, so that an order that enrols it waits; new ones are made.

    Raises:
        Invalid: a child was enrolled, or its profile closed, since it was judged.
    """
    known = sorted({child.pupil.pk for child in children if child.pupil})
    held = {
        one.pk: one
        for one in Pupil.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=known)
        .order_by("pk")
    }
    found = []
    lives = []
    for no, child in enumerate(children, start=1):
        pupil = held[child.pupil.pk] if child.pupil else _begun(child)
        if (kind == NOT_COVERED and pupil.institution_id is not None) or pupil.closed_on:
            raise Invalid(
                [Problem(f"{no}.", "learns", "Дитину щойно зараховано або профіль закрито.")]
            )
        if child.territory or child.line:
            lives.append(addresses.Lives(pupil.pk, "ACTUAL", "UA", child.territory, child.line))
        found.append((child, pupil))
    addresses.write(lives)
    return found


@part_of_command
def _begun(child: Child) -> Pupil:
    pupil = Pupil.objects.create(
        surname=child.surname,
        given_name=child.given_name,
        patronymic=child.patronymic,
        sex=child.sex,
        born_on=child.born_on,
    )
    if child.document is not None:
        PupilDocument.objects.create(
            pupil=pupil,
            type=child.document.type,
            series=child.document.series,
            number=child.document.number,
            is_primary=True,
        )
    return pupil


@part_of_command
def opened(
    actor: Actor, kind: str, unit: OrgUnit | None, child: Child, pupil: Pupil, moment: Moment
) -> CoverageCase:
    """A new record of a child that the caller holds, with its first step and its event."""
    school = pupil.institution if kind == ABSENT else None
    keeps = unit.pk if unit is not None else _authority_of(school)
    if kind == MISSING:
        school = pupil.institution or _last_school(pupil)
    explained = kind == ABSENT and child.reason in EXPLAINED
    made = CoverageCase(
        kind=kind,
        pupil=pupil,
        unit_id=keeps,
        institution=school,
        reason=child.reason,
        since=child.since,
        until=child.until,
        opened_on=moment.today,
        due_on=terms().due(kind, "RECORDED", moment.today),
    )
    if explained:  # nobody is told of a child who is ill: the record only remembers
        made.state, made.outcome = "CLOSED", "EXPLAINED"
        made.closed_on, made.due_on = moment.today, None
    made.save(force_insert=True)
    noted(made, actor, "record", child.since, child.ground, moment)
    if explained or made.due_on is None:
        audit.record(CaseClosed(subject=made.pk, unit=keeps, kind=kind, outcome=made.outcome))
    else:
        audit.record(
            CaseOpened(
                subject=made.pk, unit=keeps, kind=kind, reason=made.reason, due_on=made.due_on
            )
        )
    return made


def _authority_of(school: Institution | None) -> int:
    if school is None or school.unit.parent_id is None:
        raise NotFound
    parent = OrgUnit.objects.get(pk=school.unit.parent_id)
    # A branch stands under its hub: the authority is the hub's.
    while parent.kind == "INSTITUTION" and parent.parent_id is not None:
        parent = OrgUnit.objects.get(pk=parent.parent_id)
    return parent.pk


def _last_school(pupil: Pupil) -> Institution | None:
    last = pupil.enrolments.order_by("-starts_on").values_list("institution_id", flat=True).first()
    return Institution.objects.filter(pk=last).first()


@part_of_command
def noted(
    case: CoverageCase,
    actor: Actor,
    step: str,
    on: datetime.date,
    ground: str,
    moment: Moment,
) -> None:
    """A step of a record, as its page tells it."""
    CoverageStep.objects.create(
        case=case,
        step=step,
        state=case.state,
        on=on,
        reason=case.outcome or case.reason,
        ground=ground,
        grant_id=actor.grant_id,
        at=moment.now,
    )


# ── steps ────────────────────────────────────────────────────────────────────
@command
def step(
    *,
    actor: Actor,
    case_id: Any,
    do: str,
    version: int,
    values: Mapping[str, str],
    moment: Moment,
) -> CoverageCase:
    """Establish why (`establish`), close with an outcome (`close`), or open what was closed by
    mistake (`reopen`): from a day, on a ground.

    Raises:
        NotFound, NotAllowed, GroundWanted: not a record the actor keeps.
        StaleVersion: somebody did something about it after the actor read it.
        CaseDecided: it is past this step.
        CaseStands: opened again, while another record of the child stands.
        Invalid: every wrong field.
    """
    case = selectors.case(actor, case_id, moment, held=True)
    policies.keep.require(actor, case.kind)
    if case.version != version:
        raise StaleVersion
    if do not in {"establish", "close", "reopen"} or do not in CASE[case.state]:
        raise CaseDecided
    read = dates.parse("on", storable(values.get("on", "")), today=moment.today)
    problems = [Problem(one.field, one.code, one.detail) for one in read.problems]
    on = read.value
    if on and (on > moment.today or on < case.since):
        said = "Дата має бути не пізніше за сьогодні й не раніше за початок запису."
        problems.append(Problem("on", "range", said))
    ground = clean(storable(values.get("ground", "")))
    if not ground:
        problems.append(
            Problem("ground", "required", "Вкажіть підставу: документ, його дату й номер.")
        )
    reason, outcome = values.get("reason", ""), values.get("outcome", "")
    if do == "establish" and reason not in terms().reasons[case.kind]:
        problems.append(Problem("reason", "unknown", "Виберіть причину зі списку."))
    if do == "close" and outcome not in terms().outcomes[case.kind]:
        problems.append(Problem("outcome", "unknown", "Виберіть, чим завершено."))
    if problems or on is None:
        raise Invalid(problems)
    if do == "close":
        close(case, actor, outcome, on, ground, moment)
        return case
    if do == "establish":
        case.reason = reason
    case.outcome, case.closed_on = "", None
    case.state = CASE[case.state][do]
    case.due_on = terms().due(case.kind, case.state, moment.today)
    case.version += 1
    with violation(_STANDS, lambda: CaseStands("Дитину вже записано знову.")):
        case.save()
    noted(case, actor, do, on, ground, moment)
    told(case, do)
    return case


@part_of_command
def close(
    case: CoverageCase, actor: Actor, outcome: str, on: datetime.date, ground: str, moment: Moment
) -> None:
    """End a record, held by the caller, with an outcome."""
    case.state, case.outcome, case.closed_on, case.due_on = "CLOSED", outcome, on, None
    case.version += 1
    case.save()
    noted(case, actor, "close", on, ground, moment)
    audit.record(CaseClosed(subject=case.pk, unit=case.unit_id, kind=case.kind, outcome=outcome))


@part_of_command
def lead(cases: Sequence[CoverageCase], actor: Actor, do: str, ground: str, moment: Moment) -> None:
    """Records that a notice or its answer leads on; those that are past it stay as they are."""
    for case in cases:
        if do not in CASE[case.state]:
            continue
        case.state = CASE[case.state][do]
        case.due_on = terms().due(case.kind, case.state, moment.today)
        case.version += 1
        case.save(update_fields=["state", "due_on", "version"])
        noted(case, actor, do, moment.today, ground, moment)
        told(case, do)


@part_of_command
def told(case: CoverageCase, do: str) -> None:
    """The event of a step, with the term that it began."""
    if case.due_on is not None:
        audit.record(
            CaseStepped(
                subject=case.pk,
                unit=case.unit_id,
                kind=case.kind,
                step=do,
                state=case.state,
                due_on=case.due_on,
            )
        )


# ── what the register says since ─────────────────────────────────────────────
@command
def follow(*, actor: Actor, pupils: Sequence[uuid.UUID], moment: Moment) -> int:
    """Bring open records of these children to what the register says; how many changed. Asked again,
    nothing changes.

    Raises:
        NotAllowed: only the system does this.
    """
    policies.follow.require(actor)
    changed = 0
    # The child first, as everywhere; then its records.
    held = {
        one.pk: one
        for one in Pupil.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=pupils)
        .order_by("pk")
    }
    rows = (
        CoverageCase.objects.select_for_update(of=("self",), no_key=True)
        .filter(pupil__in=list(held), state__in=OPEN)
        .order_by("pk")
    )
    for case in rows:
        child = held[case.pupil_id]
        outcome = next((code for code, says in _ENDS if says(case, child, moment.today)), "")
        if outcome:
            code = "STUDYING" if (case.kind, outcome) == (MISSING, "ENROLLED") else outcome
            close(case, actor, code, moment.today, "Відомості реєстру", moment)
        elif case.kind != ABSENT and child.residence_id not in {None, case.unit_id}:
            left, case.unit_id = case.unit_id, child.residence_id
            case.version += 1
            case.save(update_fields=["unit", "version"])
            noted(case, actor, "move", moment.today, "Зміна місця проживання", moment)
            # The office it left is told no longer; the one it came to, as of a new record.
            audit.record(
                CaseMoved(subject=case.pk, unit=case.unit_id, kind=case.kind, left=left),
                CaseOpened(
                    subject=case.pk,
                    unit=case.unit_id,
                    kind=case.kind,
                    reason=case.reason,
                    due_on=case.due_on or moment.today,
                ),
            )
        else:
            continue
        changed += 1
    return changed


def _adult(child: Pupil, today: datetime.date) -> bool:
    return child.born_on <= terms().births(today)[0]


_ENDS: tuple[tuple[str, Callable[[CoverageCase, Pupil, datetime.date], bool]], ...] = (
    ("DUPLICATE", lambda case, child, today: child.merged_into_id is not None),
    ("DEATH", lambda case, child, today: child.closed_reason == "DEATH"),
    (
        "MAJORITY",
        lambda case, child, today: child.closed_reason == "MAJORITY" or _adult(child, today),
    ),
    (
        "LEFT",
        lambda case, child, today: (
            case.kind == ABSENT and child.institution_id != case.institution_id
        ),
    ),
    (
        "ENROLLED",
        lambda case, child, today: (
            case.kind != ABSENT
            and child.institution_id is not None
            and child.enrolled_on is not None
            and child.enrolled_on <= today
            # Whoever may be missing may be so while enrolled: only a later enrolment tells otherwise.
            and (case.kind == NOT_COVERED or child.enrolled_on > case.since)
        ),
    ),
)


def to_follow(pupils: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Those of these children who have an open record."""
    rows: QuerySet[Any] = CoverageCase.objects.filter(pupil__in=pupils, state__in=OPEN)
    return sorted(set(rows.values_list("pupil_id", flat=True)))


# ── children who may be missing ──────────────────────────────────────────────
@command
def enter_missing(*, actor: Actor, ground: str, moment: Moment) -> MissingVisit:
    """Say on what ground one looks at children who may be missing; it lasts half an hour.

    Raises:
        NotFound: the actor may not know of them.
        Invalid: no ground, or too short a one.
    """
    if not selectors.sees_missing(actor) or actor.is_system:
        raise NotFound
    said = clean(storable(ground))
    if len(said) < SHORTEST_GROUND:
        raise Invalid(
            [
                Problem(
                    "ground",
                    "required",
                    "Напишіть підставу: чому переглядаєте список, доручення, його дату й номер.",
                )
            ]
        )
    made = MissingVisit.objects.create(grant_id=grant_of(actor), ground=said[:500], at=moment.now)
    audit.record(MissingEntered(subject=made.pk, unit=actor.unit_id, ground=made.ground))
    return made


__all__ = [
    "enter_missing",
    "follow",
    "lead",
    "record",
    "step",
    "to_follow",
]

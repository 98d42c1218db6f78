"""Commands of the subvention: parameters of the formula, territories of budgets, computations."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal

from accounts.actors import Actor
from accounts.models import OrgUnit
from kernel import audit
from kernel.db import command
from kernel.errors import Invalid, Problem
from kernel.scoping import grant_of
from reports import errors, events, policies
from reports.models import (
    BudgetPlace,
    ReportRun,
    Subvention,
    SubventionLine,
    SubventionParameters,
    SubventionSchool,
)
from reports.selectors import subvention as reads
from reports.subvention import formula, parameters, places

How = Literal["close", "branch"]


@dataclasses.dataclass(frozen=True)
class Supposed:
    """A what-if of one budget: its own РНК instead, institutions that give their pupils to others
    (`close`) or are judged together with a hub (`branch`)."""

    size: Fraction | None = None
    moves: tuple[tuple[int, int, How], ...] = ()

    def kept(self) -> dict[str, Any]:
        """As it is kept with the computation."""
        return {
            "size": None if self.size is None else str(places.decimal(self.size)),
            "moves": [list(move) for move in self.moves],
        }


@command
def add_parameters(
    *,
    actor: Actor,
    title: str,
    act: str,
    since: datetime.date,
    values: Mapping[str, str],
    now: datetime.datetime,
) -> SubventionParameters:
    """Add a set of parameters that holds from a day on; the sets before it stay.

    Raises:
        NotAllowed: only the ministry's analyst keeps them.
        Invalid: numbers or lines of tables that cannot be read, every one with its place.
    """
    policies.keep_parameters.require(actor)
    parameters.read(values)
    kept = {name: str(values.get(name, "")) for name in (*parameters.NUMBERS, *parameters.TABLES)}
    made = SubventionParameters.objects.create(
        title=title,
        act=act,
        since=since,
        values=kept,
        created_by_id=grant_of(actor),
        created_at=now,
    )
    audit.record(events.ParametersAdded(subject=made.pk, since=since))
    return made


@command
def say_places(
    *,
    actor: Actor,
    text: str,
    since: datetime.date,
    source: str,
    now: datetime.datetime,
) -> int:
    """Say of many budgets their area, rural share and own РНК from a day on: rows copied from a table.

    Returns how many budgets were told; all of them or none.

    Raises:
        NotAllowed: only the ministry's analyst says it.
        Invalid: every row that cannot be taken, with its number and why.
    """
    policies.keep_parameters.require(actor)
    told = places.read(text)
    made = BudgetPlace.objects.bulk_create(
        BudgetPlace(
            unit_id=row.unit,
            since=since,
            area=row.area,
            rural=row.rural,
            size=row.size,
            source=source,
            created_by_id=grant_of(actor),
            created_at=now,
        )
        for row in told
    )
    for one in made:
        audit.record(events.PlaceSaid(subject=one.unit_id, unit=one.unit_id, since=since))
    return len(made)


@command
def compute(
    *,
    actor: Actor,
    run_id: uuid.UUID | str,
    parameters_id: uuid.UUID | str,
    day: datetime.date,
    title: str = "",
    now: datetime.datetime,
) -> Subvention:
    """Compute the subvention of every budget under a generated contingent's node, and keep it.

    day: which share, thresholds and territories hold.

    Raises:
        NotFound: the contingent or the parameters are not there for the actor.
        NotAllowed: the actor does not compute for this node.
        RunNotDone: the contingent is still being counted.
        RunPutAway: it was a night past its time.
    """
    run = reads.contingent(actor, run_id)
    policies.compute_subvention.require(actor, run.unit)
    if run.state != "DONE":
        raise errors.RunNotDone
    # Held, so that a night is not put away beneath the sums.
    if not ReportRun.objects.select_for_update().filter(pk=run.pk, put_away_at=None).exists():
        raise errors.RunPutAway
    kept = reads.parameters_set(actor, parameters_id)
    given = parameters.read(kept.values)
    counted = reads.counted(run)
    grounds = reads.places_on(counted.budgets, day)
    named = title.strip() or f"Станом на {run.as_of:%d.%m.%Y}"
    return _keep(
        actor=actor,
        run=run,
        kept=kept,
        unit=run.unit,
        day=day,
        title=named,
        reckoned={
            unit: (members, formula.reckon(members, grounds[unit], given, day), grounds[unit])
            for unit, members in counted.budgets.items()
        },
        others=counted.others,
        now=now,
    )


@command
def suppose(
    *,
    actor: Actor,
    base_id: uuid.UUID | str,
    unit_uid: uuid.UUID | str,
    title: str,
    what: Supposed,
    now: datetime.datetime,
) -> Subvention:
    """Compute one budget again as if: another РНК, institutions closed into others or made branches.

    Raises:
        NotFound: no such computation or budget for the actor.
        NotAllowed: the actor does not compute for this budget.
        Invalid: an institution that is not of this budget, moved into itself or twice, or nothing
            supposed at all.
    """
    base = reads.find(actor, base_id)
    line = reads.line(actor, base, unit_uid)
    policies.compute_subvention.require(actor, line.unit)
    schools = {one.institution_id: reads.as_counted(one) for one in line.schools.all()}
    _require_sense(schools, what)
    ground = places.of_steps(line.steps)
    if what.size is not None:
        ground = dataclasses.replace(ground, size=what.size)
    members, joined = _moved(schools, what)
    given = parameters.read(base.parameters.values)
    return _keep(
        actor=actor,
        run=base.run,
        kept=base.parameters,
        unit=line.unit,
        day=base.day,
        title=title.strip() or "Що якщо",
        reckoned={
            line.unit_id: (members, formula.reckon(members, ground, given, base.day), ground)
        },
        others={one.institution_id: one.others for one in line.schools.all()},
        base=base,
        scenario=what.kept(),
        joined=joined,
        now=now,
    )


def _require_sense(schools: Mapping[int, formula.School], what: Supposed) -> None:
    problems = []
    if what.size is None and not what.moves:
        problems.append(
            Problem("size", "nothing", "Змініть РНК або виберіть, що станеться із закладом")
        )
    if what.size is not None and not what.size:
        problems.append(Problem("size", "zero", "РНК не може бути нулем"))
    sources = [source for source, _, _ in what.moves]
    for source, target, _ in what.moves:
        if source not in schools or target not in schools:
            problems.append(Problem("moves", "stranger", "Заклад не належить до цього бюджету"))
        elif source == target:
            problems.append(Problem("moves", "itself", "Заклад не можна приєднати до нього самого"))
        elif target in sources:
            problems.append(
                Problem("moves", "chain", "Заклад, до якого приєднують, сам приєднують до іншого")
            )
    if len(set(sources)) < len(sources):
        problems.append(Problem("moves", "twice", "Заклад вибрано двічі"))
    if problems:
        raise Invalid(problems)


def _moved(
    schools: Mapping[int, formula.School], what: Supposed
) -> tuple[list[formula.School], dict[int, int]]:
    """Institutions as supposed, and whom each that gave its pupils away gave them to."""
    now, joined = dict(schools), {}
    for source, target, how in what.moves:
        if how == "branch":
            now[source] = dataclasses.replace(now[source], with_=target)
            continue
        gone, taken = now[source], now[target]
        grades = dict(taken.pupils)
        for grade, n in gone.pupils.items():
            grades[grade] = grades.get(grade, 0) + n
        now[target] = dataclasses.replace(taken, pupils=grades)
        now[source] = dataclasses.replace(gone, pupils={})
        joined[source] = target
    return list(now.values()), joined


def _keep(
    *,
    actor: Actor,
    run: ReportRun,
    kept: SubventionParameters,
    unit: OrgUnit,
    day: datetime.date,
    title: str,
    reckoned: Mapping[int, tuple[Sequence[formula.School], formula.Reckoned, formula.Place]],
    others: Mapping[int, Any],
    now: datetime.datetime,
    base: Subvention | None = None,
    scenario: dict[str, Any] | None = None,
    joined: Mapping[int, int] | None = None,
) -> Subvention:
    sums = [one.amount for _, one, _ in reckoned.values()]
    made = Subvention.objects.create(
        title=title,
        run=run,
        parameters=kept,
        unit=unit,
        day=day,
        base=base,
        scenario=scenario or {},
        pupils=sum(one.pupils for _, one, _ in reckoned.values()),
        amount=sum(one or 0 for one in sums),
        unreckoned=sum(one is None for one in sums),
        created_by_id=grant_of(actor),
        created_at=now,
    )
    lines = SubventionLine.objects.bulk_create(
        SubventionLine(
            subvention=made,
            unit_id=budget,
            pupils=one.pupils,
            amount=one.amount,
            steps=places.steps(one, ground),
        )
        for budget, (_, one, ground) in reckoned.items()
    )
    SubventionSchool.objects.bulk_create(
        [
            SubventionSchool(
                line=line,
                institution_id=school.id,
                type=school.type,
                grades={str(grade): n for grade, n in sorted(school.pupils.items())},
                others=others.get(school.id, {}),
                fewest=part.fewest,
                counted=part.counted,
                joined_id=(joined or {}).get(school.id) or school.with_,
                amount=part.amount,
            )
            for line in lines
            for school, part in zip(
                reckoned[line.unit_id][0], reckoned[line.unit_id][1].schools, strict=True
            )
        ],
        batch_size=2_000,
    )
    audit.record(events.SubventionComputed(subject=made.pk, unit=unit.pk, day=day))
    return made

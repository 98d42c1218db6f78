"""Reading the subvention: computations within reach, their budgets and schools, contingents."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.selectors import placements
from kernel.errors import NotFound
from kernel.kept import key_of
from kernel.paging import Order, Page, keyset, ordered
from kernel.text import alphabetically
from registry.models import Institution
from reports import policies
from reports.models import (
    BudgetPlace,
    ReportCount,
    ReportRun,
    Subvention,
    SubventionLine,
    SubventionParameters,
    SubventionSchool,
)
from reports.selectors import figures
from reports.subvention import formula
from reports.subvention.places import BUDGETS

FORM = "SUBV-1"
GROUP_I, OTHERS = 1, {"II": 2, "evening": 3, "evening_class": 4, "distance": 5, "individual": 6}
# Types that teach special groups whatever the class (handbook G.1, group II).
SPECIAL = ("SPECIAL", "NRC")
PAGE = 50
LINES = 100
_KEPT = "a computation's budgets: 1,500 at most, by their computation"
ORDERS = {"made": Order(("id",), "subvention_by_unit", few=True)}
LATEST = "-made"
LINE_ORDERS = {
    "unit": Order(("unit_of", "id"), _KEPT, {"unit_of": alphabetically("unit__name")}, few=True),
    "pupils": Order(("pupils", "id"), _KEPT, few=True),
    "amount": Order(("amount", "id"), _KEPT, few=True),
}
BY_NAME = "unit"


def computations(actor: Actor) -> QuerySet[Subvention]:
    """Those that hold a budget of the actor's node or below, the newest first.

    Raises:
        NotAllowed: the actor reads no sums.
    """
    policies.see_subvention.require(actor)
    above = [*placements.ancestors(actor.unit_path)]
    mine = Q(unit__path__startswith=actor.unit_path) | Q(unit__in=above)
    rows = Subvention.objects.select_related("unit", "run", "parameters", "created_by__user")
    return rows.filter(mine).order_by("-id")


def listing(
    actor: Actor,
    *,
    order: str = LATEST,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[Subvention]:
    """A page of computations that are no what-if of another."""
    rows, fields = ordered(computations(actor).filter(base=None), ORDERS, order, LATEST)
    return keyset(rows, order=fields, size=size, after=after, before=before)


def find(actor: Actor, subvention_id: Any) -> Subvention:
    """One computation.

    Raises:
        NotFound: none such within reach.
        NotAllowed: the actor reads no sums.
    """
    found = computations(actor).filter(pk=key_of(Subvention, subvention_id)).first()
    if found is None:
        raise NotFound
    return found


def _reached(actor: Actor, of: Subvention) -> QuerySet[SubventionLine]:
    rows = SubventionLine.objects.filter(subvention=of).select_related("unit")
    return rows.filter(unit__path__startswith=actor.unit_path)


def lines(
    actor: Actor,
    of: Subvention,
    *,
    order: str = BY_NAME,
    after: str | None = None,
    before: str | None = None,
    size: int = LINES,
) -> Page[SubventionLine]:
    """A page of a computation's budgets within reach."""
    rows, fields = ordered(_reached(actor, of), LINE_ORDERS, order, BY_NAME)
    return keyset(rows, order=fields, size=size, after=after, before=before)


def line(actor: Actor, of: Subvention, unit_uid: Any) -> SubventionLine:
    """One budget of a computation.

    Raises:
        NotFound: not of it, or not within reach.
    """
    try:
        uid = uuid.UUID(str(unit_uid))
    except ValueError:
        raise NotFound from None
    found = _reached(actor, of).filter(unit__uid=uid).first()
    if found is None:
        raise NotFound
    return found


def schools(of_line: SubventionLine) -> list[SubventionSchool]:
    """Institutions of a budget in Ukrainian order; those that gave their pupils away are last."""
    rows = of_line.schools.select_related("institution", "joined")  # type: ignore[attr-defined]
    return list(rows.order_by("institution__sort_key", "id"))


def scenarios(actor: Actor, of: Subvention, unit: OrgUnit) -> list[Subvention]:
    """What-ifs of a budget, the newest first."""
    return list(computations(actor).filter(base=of, unit=unit)[:20])


@dataclasses.dataclass(frozen=True)
class Change:
    """A budget in two computations: pupils, sums, and its part when the first total is shared anew."""

    unit: OrgUnit
    pupils: tuple[int | None, int | None]
    amounts: tuple[int | None, int | None]
    shared: int | None

    @property
    def difference(self) -> int | None:
        """What sharing anew adds to the budget, in kopiykas."""
        if self.shared is None or self.amounts[0] is None:
            return None
        return self.shared - self.amounts[0]


def changes(actor: Actor, before: Subvention, after: Subvention) -> list[Change]:
    """Budgets of two computations side by side, with the first total redistributed by the second.

    The total is shared over the budgets that both have sums for; others keep what they had.
    """
    old = {one.unit_id: one for one in SubventionLine.objects.filter(subvention=before)}
    new = {one.unit_id: one for one in SubventionLine.objects.filter(subvention=after)}
    both = {
        key: (old[key].amount, new[key].amount)
        for key in old.keys() & new.keys()
        if old[key].amount is not None and new[key].amount is not None
    }
    shared = formula.redistributed(
        {key: first or 0 for key, (first, _) in sorted(both.items())},
        {key: second or 0 for key, (_, second) in sorted(both.items())},
    )
    # The parts are of the whole country's sum, whoever looks: only then what is shown is narrowed.
    units = OrgUnit.objects.filter(
        pk__in=old.keys() | new.keys(), path__startswith=actor.unit_path
    ).order_by(alphabetically("name"), "id")

    def of(rows: Mapping[int, SubventionLine], key: int, name: str) -> int | None:
        found = rows.get(key)
        return None if found is None else getattr(found, name)

    return [
        Change(
            unit,
            (of(old, unit.pk, "pupils"), of(new, unit.pk, "pupils")),
            (of(old, unit.pk, "amount"), of(new, unit.pk, "amount")),
            shared.get(unit.pk),
        )
        for unit in units
    ]


def comparable(actor: Actor, of: Subvention) -> list[Subvention]:
    """Computations that this one may be compared with: of the same node, no what-ifs."""
    rows = computations(actor).filter(base=None, unit=of.unit).exclude(pk=of.pk)
    return list(rows[:50])


# ── what a computation is given ──────────────────────────────────────────────────────────────────
def contingents(actor: Actor) -> list[ReportRun]:
    """Generated contingents of the actor's node or above that may be computed from."""
    rows = figures.runs(actor).filter(form=FORM, state="DONE", put_away_at=None)
    return [run for run in rows[:50] if actor.stands_above(run.unit.path)]


def contingent(actor: Actor, run_id: Any) -> ReportRun:
    """One of them.

    Raises:
        NotFound: none such, or it is another form's.
    """
    found = figures.run(actor, key_of(ReportRun, run_id))
    if found.form != FORM or not actor.stands_above(found.unit.path):
        raise NotFound
    return found


def parameter_sets(actor: Actor) -> list[SubventionParameters]:
    """Every set, the latest first.

    Raises:
        NotAllowed: the actor reads no sums.
    """
    policies.see_subvention.require(actor)
    return list(
        SubventionParameters.objects.select_related("created_by__user").order_by("-since", "-id")
    )


def parameters_set(actor: Actor, parameters_id: Any) -> SubventionParameters:
    """One set.

    Raises:
        NotFound: none such.
        NotAllowed: the actor reads no sums.
    """
    policies.see_subvention.require(actor)
    key = key_of(SubventionParameters, parameters_id)
    found = SubventionParameters.objects.filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def places(actor: Actor) -> tuple[int, int]:
    """Of how many budgets the territory is said, of how many active ones."""
    policies.see_subvention.require(actor)
    within = OrgUnit.objects.filter(
        kind__in=BUDGETS, is_active=True, path__startswith=actor.unit_path
    )
    told = BudgetPlace.objects.filter(unit__in=within).values("unit").distinct().count()
    return told, within.count()


@dataclasses.dataclass(frozen=True)
class Counted:
    """A contingent: institutions by the budget they belonged to on its day, and by institution the
    pupils of the groups that are counted and not reckoned."""

    budgets: dict[int, list[formula.School]]
    others: dict[int, dict[str, int]]


def counted(run: ReportRun) -> Counted:
    """What a contingent counted. Three statements.

    Pupils of special institutions are of group II whatever their class.
    """
    rows: dict[int, dict[int, list[int]]] = {}
    for institution, key, counts in ReportCount.objects.filter(run=run).values_list(
        "institution_id", "key", "counts"
    ):
        rows.setdefault(institution, {})[int(key)] = counts
    cards = Institution.objects.filter(pk__in=rows).values_list("pk", "type", "hub_id")
    budgets = _budgets(run.as_of, list(rows))
    found = Counted({}, {})
    for pk, kind, hub in cards.order_by("pk"):
        if pk not in budgets:
            continue
        grades = {grade: counts[GROUP_I] for grade, counts in rows[pk].items() if counts[GROUP_I]}
        others = {
            name: sum(counts[place] for counts in rows[pk].values())
            for name, place in OTHERS.items()
        }
        if kind in SPECIAL:
            others["II"] += sum(grades.values())
            grades = {}
        found.budgets.setdefault(budgets[pk], []).append(formula.School(pk, kind, grades, hub))
        found.others[pk] = {name: n for name, n in others.items() if n}
    return found


def _budgets(day: datetime.date, institutions: list[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT i.id, coalesce(i.hromada_id, i.raion_id, i.oblast_id)
            FROM accounts_unit_on(%s) i WHERE i.id = ANY(%s)
              AND coalesce(i.hromada_id, i.raion_id, i.oblast_id) IS NOT NULL
            """,
            [day, institutions],
        )
        return dict(cursor.fetchall())


def places_on(budgets: Iterable[int], day: datetime.date) -> dict[int, formula.Place]:
    """The territory of each budget as said by a day; an empty one where nobody said it."""
    rows = (
        BudgetPlace.objects.filter(unit__in=list(budgets), since__lte=day)
        .order_by("unit", "-since", "-id")
        .distinct("unit")
    )
    told = {
        one.unit_id: formula.Place(
            Fraction(one.area),
            Fraction(one.rural),
            None if one.size is None else Fraction(one.size),
        )
        for one in rows
    }
    return {unit: told.get(unit, formula.Place(None, None)) for unit in budgets}


def as_counted(one: SubventionSchool) -> formula.School:
    """An institution of a kept computation as the formula takes it."""
    grades = {int(grade): n for grade, n in one.grades.items()}
    return formula.School(one.institution_id, one.type, grades, one.joined_id)

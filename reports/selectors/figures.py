"""Reading generated forms: runs, figures of a node, what stands under them, whether controls hold."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from accounts.selectors import placements
from kernel import clock
from kernel.errors import NotFound
from kernel.paging import Order, Page, keyset, offered, ordered
from kernel.text import alphabetically
from registry.models import Institution, SchoolYear
from registry.parents.ports import Recipient
from reports import definition, errors, keeping, policies
from reports.models import ReportCount, ReportRun, ReportSum
from reports.vocabulary import SOURCES

ByKey = Mapping[str, Sequence[int]]  # counts of every measure by key of the axis


@dataclasses.dataclass(frozen=True)
class Figures:
    """A form's cells for one node: values by row, in the order of the columns.

    None where the register cannot fill the cell; sums are whole hundredths.
    """

    form: definition.Form
    values: list[list[int | None]]

    def cell(self, row: str, column: str) -> int | None:
        """One value by the codes of its row and column."""
        rows, columns = ([line.code for line in self.form.lines(s)] for s in ("rows", "columns"))
        return self.values[rows.index(row)][columns.index(column)]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted at all."""
        return not any(value for values in self.values for value in values)


@dataclasses.dataclass(frozen=True)
class Violation:
    """A control relation that does not hold, or cannot be checked, in words."""

    title: str
    where: str


@dataclasses.dataclass(frozen=True)
class Child:
    """A node under another with its headline figures and the value of the cell asked for."""

    unit: OrgUnit
    own: bool
    headlines: list[int]
    value: int


def runs(actor: Actor) -> Any:
    """Runs that hold figures of the actor's node or of those below: newest first.

    A run holds the figures of those that stood under its node on its day.
    """
    reach = Q()
    if len(placements.ancestors(actor.unit_path)) > 1 and actor.role != "TECH_ADMIN":
        # By their ids: through a join with the tree the index of runs by node would serve nobody.
        below = OrgUnit.objects.filter(path__startswith=actor.unit_path).values_list(
            "pk", flat=True
        )
        reach = Q(unit__in=list(below))
        for since, until, path in placements.stood_at(actor):
            days = Q(as_of__gte=since) if since else Q()
            days &= Q(as_of__lt=until) if until else Q()
            reach |= days & Q(unit__in=placements.ancestors(path))
    return (
        ReportRun.objects.filter(reach)
        .select_related("unit", "edition", "requested_by__user")
        .order_by("-created_at")
    )


RUNS = 50  # of a page
_FEW = "reports of one institution: tens a year, sorted as they are found"
ORDERS = {
    # Ids grow with time.
    "asked": Order(("id",), "reports_reportrun_pkey"),
    "form": Order(("form", "id"), _FEW, few=True),
    "unit": Order(("unit_of", "id"), _FEW, {"unit_of": alphabetically("unit__name")}, few=True),
    "as_of": Order(("as_of", "id"), _FEW, few=True),
    "state": Order(("state", "id"), _FEW, few=True),
}
LATEST = "-asked"


def orders_of(actor: Actor) -> dict[str, Order]:
    """The orders that the list of runs is given: more than by time where it is of one institution."""
    return offered(ORDERS, few=actor.scope.level == "institution")


def listing(
    actor: Actor,
    form: str = "",
    *,
    narrowed: bool = False,
    order: str = LATEST,
    after: str | None = None,
    before: str | None = None,
    size: int = RUNS,
) -> Page[ReportRun]:
    """A page of runs, of one form if it is named, the latest first unless told otherwise.

    narrowed: the actor looks at a part of the reach: only runs for nodes of it.

    Raises:
        BadCursor: the page mark was damaged.
    """
    rows = runs(actor).filter(put_away_at=None)
    if narrowed:
        rows = rows.filter(unit__in=OrgUnit.objects.visible_to(actor))
        if actor.scope.kind:
            rows = rows.filter(unit__institution__type=actor.scope.kind)
    if form:
        rows = rows.filter(form=form)
    rows, fields = ordered(rows, orders_of(actor), order, LATEST)
    return keyset(rows, order=fields, size=size, after=after, before=before)


def counts(actor: Actor) -> dict[str, int]:
    """How many runs there are of each form; for one institution only."""
    if actor.scope.level != "institution":
        return {}
    return dict(
        runs(actor).filter(put_away_at=None).order_by().values_list("form").annotate(Count("pk"))
    )


def run(actor: Actor, run_id: uuid.UUID | str) -> ReportRun:
    """One run.

    Raises:
        NotFound: none such that touches the actor's node.
        RunPutAway: it was a night, and its time is over.
    """
    found: ReportRun | None = runs(actor).filter(pk=run_id).first()
    if found is None:
        raise NotFound
    if found.put_away_at:
        raise errors.RunPutAway(keeping.told(found.as_of))
    return found


def node(actor: Actor, of_run: ReportRun, unit_uid: uuid.UUID | str | None) -> OrgUnit:
    """The node whose figures are asked for: by default the run's own, or the actor's if lower.

    Raises:
        NotFound: not under the run, or not within the actor's reach: the two read the same.
        NotAllowed: the actor reads no figures at all.
    """
    if unit_uid is None:
        above = actor.stands_above(of_run.unit.path)
        unit = of_run.unit if above else OrgUnit.objects.filter(pk=actor.unit_id or 0).first()
    else:
        try:
            unit = OrgUnit.objects.filter(uid=uuid.UUID(str(unit_uid))).first()
        except ValueError:
            raise NotFound from None
    if unit is None:
        raise NotFound
    # Who left since is a part of the sums of those above it then: they go on reading that part.
    reader = (
        unit
        if actor.stands_above(unit.path)
        else OrgUnit.objects.filter(pk=actor.unit_id or 0).first()
    )
    if reader is None:
        raise NotFound
    stood = placements.paths_on(of_run.as_of, unit, of_run.unit, reader)
    if not all(stood[unit.pk].startswith(stood[top.pk]) for top in (of_run.unit, reader)):
        raise NotFound
    policies.read_figures.require(actor, reader)
    return unit


def figures(of_run: ReportRun, unit: OrgUnit, *, own: bool = False) -> Figures:
    """The form's cells for a node (two queries at most, whatever the size below).

    An institution's figures are its own; a run made for a hub also has the sum with its branches,
    shown unless `own`.

    Raises:
        RunNotDone: still being generated.
    """
    if of_run.state != "DONE":
        raise errors.RunNotDone
    form = form_of(of_run)
    if unit.kind == UnitKind.INSTITUTION and (own or unit.pk != of_run.unit_id):
        found = ReportCount.objects.filter(run=of_run, institution_id=unit.pk)
    else:
        found = ReportSum.objects.filter(run=of_run, unit_id=unit.pk)  # type: ignore[assignment]
    return cells(form, dict(found.values_list("key", "counts")))


def is_done(run_id: uuid.UUID) -> bool:
    """Whether a run is counted to its end; its figures were committed with that."""
    return ReportRun.objects.filter(pk=run_id, state="DONE").exists()


def is_nightly(run_id: uuid.UUID | str) -> bool:
    """Whether a run is one of the country's nights, counted to its end."""
    return ReportRun.objects.filter(pk=run_id, purpose="NIGHTLY", state="DONE").exists()


def form_of(of_run: ReportRun) -> definition.Form:
    """The form as it was when the run was asked for."""
    return definition.kept(of_run.edition.text)


def cells(form: definition.Form, by_key: ByKey) -> Figures:
    """Counts by key laid out as the form's rows and columns."""
    measures = list(enumerate(form.measures))
    across = [
        [
            None if axis.absent or line.absent else _summed(by_key, axis, place)
            for axis in form.axis_lines
        ]
        for place, line in measures
    ]
    if form.axis.on == "rows":
        return Figures(form, [list(values) for values in zip(*across, strict=True)])
    return Figures(form, across)


def _summed(by_key: ByKey, axis: definition.Line, place: int) -> int:
    return sum(counts[place] for key, counts in by_key.items() if not axis.at or key in axis.at)


def children(of_run: ReportRun, unit: OrgUnit, row: str = "", column: str = "") -> list[Child]:
    """Nodes right under a node (and the hub itself, beside its branches) with their headlines and
    their figure of one cell, by default of the first headline. They are those of the run's day. Four queries."""
    form = form_of(of_run)
    spoken = [form.crossing(each.row, each.column) for each in form.headlines]
    asked = form.crossing(row, column) if row else spoken[0]
    places = [(form.measures.index(line), axis) for line, axis in (*spoken, asked)]
    units = list(
        placements.children_on(of_run.as_of, unit).order_by("kind", alphabetically("name"), "id")
    )
    institutions = [u.pk for u in units if u.kind == UnitKind.INSTITUTION]
    if units and unit.kind == UnitKind.INSTITUTION:
        institutions.append(unit.pk)
    rows: dict[int, dict[str, list[int]]] = {}
    for pk, key, counts in ReportSum.objects.filter(
        run=of_run, unit_id__in=[u.pk for u in units if u.kind != UnitKind.INSTITUTION]
    ).values_list("unit_id", "key", "counts"):
        rows.setdefault(pk, {})[key] = counts
    for pk, key, counts in ReportCount.objects.filter(
        run=of_run, institution_id__in=institutions
    ).values_list("institution_id", "key", "counts"):
        rows.setdefault(pk, {})[key] = counts

    def child(found: OrgUnit, *, own: bool) -> Child:
        values = [_summed(rows.get(found.pk, {}), axis, place) for place, axis in places]
        return Child(found, own, values[:-1], values[-1])

    first = [child(unit, own=True)] if units and unit.kind == UnitKind.INSTITUTION else []
    return first + [child(found, own=False) for found in units]


def violations(found: Figures) -> list[Violation]:
    """Control relations that do not hold, every one of them (handbook F.3)."""
    form, broken = found.form, []
    for side, other, word in (("rows", "columns", "графа"), ("columns", "rows", "рядок")):
        lines = form.lines(side)  # type: ignore[arg-type]
        across = form.lines(other)  # type: ignore[arg-type]
        for at, line in enumerate(across):
            values = {
                one.code: found.values[n][at] if side == "rows" else found.values[at][n]
                for n, one in enumerate(lines)
            }
            where = f"{word} {line.code}"
            for one in lines:
                part, whole = values[one.code], values.get(one.part_of)
                if part is not None and whole is not None and part > whole:
                    what = "Рядок" if side == "rows" else "Графа"
                    broken.append(
                        Violation(f"{what} {one.code} не може бути більше за {one.part_of}", where)
                    )
            broken += [
                Violation(control.title, where)
                for control in form.controls
                if control.among == side and _breaks(control, values)
            ]
    return broken


def violations_between(found: Mapping[str, Figures]) -> list[Violation]:
    """Relations between sections, by the codes of their forms, that do not hold; those of forms that
    are not there, or of cells that the register cannot fill, are not asked."""
    broken = []
    for control in definition.between():
        (code, row, column), (other, other_row, other_column) = control.one, control.other
        if code not in found or other not in found:
            continue
        try:
            columns = [one.code for one in found[code].form.columns] if column == "*" else [column]
            pairs = [
                (
                    found[code].cell(row, one),
                    found[other].cell(other_row, one if other_column == "*" else other_column),
                    one,
                )
                for one in columns
            ]
        except ValueError:  # of an edition that had no such line
            continue
        broken += [
            Violation(control.title, f"графа {one}")
            for value, against, one in pairs
            if value is not None
            and against is not None
            and (value != against if control.equals else value > against)
        ]
    return broken


def _breaks(control: definition.Control, values: Mapping[str, int | None]) -> bool:
    known = {code: value for code in control.named if (value := values[code]) is not None}
    if len(known) < len(set(control.named)):
        return False
    total = sum(known[code] for code in control.sum)
    if control.equals and total != known[control.equals]:
        return True
    if control.at_most and total > known[control.at_most]:
        return True
    if control.if_positive:
        base = known[control.if_positive] - sum(known[code] for code in control.less)
        return base > 0 and known[control.then_positive] <= 0
    return False


def unchecked(form: definition.Form) -> list[definition.Control]:
    """Controls that speak of lines the register cannot fill."""
    absent = {
        side: {line.code for line in form.lines(side) if line.absent}  # type: ignore[arg-type]
        for side in ("rows", "columns")
    }
    return [c for c in form.controls if absent[c.among] & set(c.named)]


def next_day(of_run: ReportRun, unit: OrgUnit) -> datetime.date | None:
    """The first day after the run's on which something it counts begins under a node: why an empty
    form is empty, when it was asked for too early a day."""
    institutions = Institution.objects.filter(unit__in=placements.below_on(of_run.as_of, unit))
    ids = list(institutions.values_list("pk", flat=True))
    days = []
    with connection.cursor() as cursor:
        for source in form_of(of_run).sources:
            cursor.execute(SOURCES[source].next_day, {"day": of_run.as_of, "ids": ids})
            days.append(cursor.fetchone()[0])
    return min((day for day in days if day is not None), default=None)


def last_day(today: datetime.date) -> datetime.date:
    """The latest day figures can be asked for: today, or the last one of the last school year."""
    years = SchoolYear.objects.filter(starts_on__lte=today).order_by("-starts_on")
    year = years.first()
    return today if year is None or today < year.ends_on else year.ends_on - datetime.timedelta(1)


def days_ahead(today: datetime.date) -> list[datetime.date]:
    """Between two school years, the first week of the one to come: what is ordered for it already
    can be counted ahead. In a school year none: nothing is counted that has not been."""
    years = SchoolYear.objects
    if years.filter(starts_on__lte=today, ends_on__gt=today).exists():
        return []
    coming = years.filter(starts_on__gt=today).order_by("starts_on").first()
    return [coming.starts_on + datetime.timedelta(n) for n in range(7)] if coming else []


def is_ahead(of_run: ReportRun) -> bool:
    """Whether it was counted before its day came."""
    return of_run.as_of > clock.day_of(of_run.created_at)


def crumbs(of_run: ReportRun, unit: OrgUnit, actor: Actor) -> list[OrgUnit]:
    """Nodes from the run's down to this one that the actor may open."""
    stood = placements.paths_on(of_run.as_of, unit, of_run.unit)
    ids = placements.ancestors(stood[unit.pk].removeprefix(stood[of_run.unit_id]))
    found = OrgUnit.objects.filter(pk__in=[of_run.unit_id, *ids]).order_by("depth")
    return [each for each in found if actor.stands_above(each.path) or each.pk == unit.pk]


MADE = 10


def made_of(institution_id: int, today: datetime.date) -> list[Recipient]:
    """Forms of which a school's profiles were a part, its own and of those above, each as it was made
    last, for parents of its children: forms hold counts and no names."""
    path = OrgUnit.objects.filter(pk=institution_id).values_list("path", flat=True).first() or ""
    nodes = [int(part) for part in path.split(".") if part]
    runs = (
        ReportRun.objects.filter(unit_id__in=nodes, state="DONE", as_of__lte=today)
        .select_related("unit", "edition")
        # One line a form: the country is counted every night, and ten nights told of nothing else.
        .order_by("unit_id", "form", "-created_at")
        .distinct("unit_id", "form")
    )
    return [
        Recipient(
            definition.kept(run.edition.text).name, run.unit.name, ["лише кількості"], run.as_of
        )
        for run in sorted(runs, key=lambda one: one.created_at, reverse=True)[:MADE]
    ]

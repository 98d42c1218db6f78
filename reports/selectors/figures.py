"""Reading generated forms: runs, figures of a node, what stands under them, the rows behind a cell."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from django.db import connection
from django.db.models import Q

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel import audit
from kernel.errors import NotFound
from registry.models import ClassGroup, Institution, Pupil
from registry.people import policies as pupil_policies
from reports import definition, errors, policies
from reports.models import ReportCount, ReportRun, ReportSum

# Rows of one cell shown on a page; more are walked by narrowing to a class or by the file.
MOST_ROWS = 500


@dataclasses.dataclass(frozen=True)
class Figures:
    """A form's cells for one node: values by row, in the order of the columns."""

    form: definition.Form
    values: list[list[int]]

    def cell(self, row: str, column: str) -> int:
        """One value by the codes of its row and column."""
        codes = [c.code for c in self.form.columns]
        return self.values[self.form.position(row)][codes.index(column)]


@dataclasses.dataclass(frozen=True)
class Violation:
    """A control relation that does not hold, in words."""

    title: str
    where: str


@dataclasses.dataclass(frozen=True)
class Child:
    """A node under another with its main figures."""

    unit: OrgUnit
    own: bool
    classes: int
    pupils: int
    value: int


def runs(actor: Actor) -> Any:
    """Runs that hold figures of the actor's node or of those below: newest first."""
    above = Q(unit__path__in=_ancestors(actor.unit_path))
    below = Q(unit__path__startswith=actor.unit_path)
    if actor.role == "TECH_ADMIN":
        above = Q()
        below = Q()
    return (
        ReportRun.objects.filter(above | below)
        .select_related("unit", "requested_by__user")
        .order_by("-created_at")
    )


def run(actor: Actor, run_id: uuid.UUID | str) -> ReportRun:
    """One run.

    Raises:
        NotFound: none such that touches the actor's node.
    """
    found = runs(actor).filter(pk=run_id).first()
    if found is None:
        raise NotFound
    return found  # type: ignore[no-any-return]


def node(actor: Actor, of_run: ReportRun, unit_uid: uuid.UUID | str | None) -> OrgUnit:
    """The node whose figures are asked for: by default the run's own, or the actor's if lower.

    Raises:
        NotFound: not under the run, or not within the actor's reach: the two read the same.
        NotAllowed: the actor reads no figures at all.
    """
    if unit_uid is None:
        path = of_run.unit.path if actor.stands_above(of_run.unit.path) else actor.unit_path
        unit = OrgUnit.objects.filter(path=path).first()
    else:
        unit = OrgUnit.objects.filter(uid=unit_uid).first()
    if (
        unit is None
        or not unit.path.startswith(of_run.unit.path)
        or not actor.stands_above(unit.path)
    ):
        raise NotFound
    policies.read_figures.require(actor, unit)
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
    form = definition.load(of_run.form)
    if unit.kind == UnitKind.INSTITUTION and (own or unit.pk != of_run.unit_id):
        found = ReportCount.objects.filter(run=of_run, institution_id=unit.pk)
    else:
        found = ReportSum.objects.filter(run=of_run, unit_id=unit.pk)  # type: ignore[assignment]
    return _cells(form, dict(found.values_list("grade", "counts")))


def _cells(form: definition.Form, by_grade: dict[int, list[int]]) -> Figures:
    values = []
    for position in range(len(form.rows)):
        total = sum(counts[position] for counts in by_grade.values())
        values.append(
            [
                total
                if column.grade is None
                else (by_grade[column.grade][position] if column.grade in by_grade else 0)
                for column in form.columns
            ]
        )
    return Figures(form, values)


def children(of_run: ReportRun, unit: OrgUnit, row: str = "1.12", column: str = "1") -> list[Child]:
    """Nodes right under a node (and the hub itself, beside its branches) with their figures of one
    cell and the totals of classes and pupils. Three queries."""
    form = definition.load(of_run.form)
    grade = form.column(column).grade
    units = list(OrgUnit.objects.filter(parent=unit).order_by("kind", "name"))
    institutions = [u.pk for u in units if u.kind == UnitKind.INSTITUTION]
    if units and unit.kind == UnitKind.INSTITUTION:
        institutions.append(unit.pk)
    rows: dict[int, list[tuple[int, list[int]]]] = {}
    for key, at, counts in ReportSum.objects.filter(
        run=of_run, unit_id__in=[u.pk for u in units if u.kind != UnitKind.INSTITUTION]
    ).values_list("unit_id", "grade", "counts"):
        rows.setdefault(key, []).append((at, counts))
    for key, at, counts in ReportCount.objects.filter(
        run=of_run, institution_id__in=institutions
    ).values_list("institution_id", "grade", "counts"):
        rows.setdefault(key, []).append((at, counts))
    position, classes, pupils = form.position(row), form.position("1.1"), form.position("1.12")

    def child(found: OrgUnit, *, own: bool) -> Child:
        grades = rows.get(found.pk, [])
        return Child(
            found,
            own,
            sum(counts[classes] for _, counts in grades),
            sum(counts[pupils] for _, counts in grades),
            sum(counts[position] for at, counts in grades if grade is None or at == grade),
        )

    first = [child(unit, own=True)] if units and unit.kind == UnitKind.INSTITUTION else []
    return first + [child(found, own=False) for found in units]


def violations(found: Figures) -> list[Violation]:
    """Control relations that do not hold, every one of them (handbook F.3)."""
    form, broken = found.form, []
    for position, row in enumerate(form.rows):
        if row.part_of is None:
            continue
        whole = found.values[form.position(row.part_of)]
        broken += [
            Violation(
                f"Рядок {row.code} не може бути більшим за {row.part_of}", f"графа {column.code}"
            )
            for column, part, limit in zip(form.columns, found.values[position], whole, strict=True)
            if part > limit
        ]
    for control in form.controls:
        for at, column in enumerate(form.columns):
            value = lambda code, at=at: found.values[form.position(code)][at]  # noqa: E731
            if control.sum and sum(value(code) for code in control.sum) != value(control.equals):
                broken.append(Violation(control.title, f"графа {column.code}"))
            if control.if_positive:
                base = value(control.if_positive) - sum(value(code) for code in control.less)
                if base > 0 and value(control.then_positive) <= 0:
                    broken.append(Violation(control.title, f"графа {column.code}"))
    return broken


@dataclasses.dataclass(frozen=True)
class Behind:
    """The rows behind a cell of one institution, as the register has them now for that day."""

    pupils: list[Pupil]
    classes: list[ClassGroup]
    named: bool
    total: int


def behind(
    actor: Actor, of_run: ReportRun, unit: OrgUnit, row_code: str, column_code: str
) -> Behind:
    """The rows behind one cell of an institution; looking at named pupils is noted.

    Counted anew for the same day: when a profile was corrected since, `total` differs from the
    figure and the page says so.

    Raises:
        NotFound: the node is not an institution, or no such cell.
    """
    form = definition.load(of_run.form)
    try:
        row, column = form.row(row_code), form.column(column_code)
    except KeyError:
        raise NotFound from None
    institution = (
        Institution.objects.visible_to(actor).select_related("unit").filter(pk=unit.pk).first()
    )
    if institution is None:
        raise NotFound
    sql, params = definition.behind_sql(form, row, column)
    with connection.cursor() as cursor:
        cursor.execute(
            sql, params | {"first": unit.pk, "last": unit.pk, "ids": None, "day": of_run.as_of}
        )
        ids = [found[0] for found in cursor.fetchall()]
    if row.counts == "classes":
        groups = (
            ClassGroup.objects.filter(pk__in=ids)
            .select_related("teacher")
            .order_by("grade", "letter", "pk")
        )
        return Behind([], list(groups), named=True, total=len(ids))
    named = pupil_policies.see_names.allows(actor, institution)
    pupils = list(
        Pupil.objects.filter(pk__in=ids).order_by("sort_key" if named else "pk", "pk")[:MOST_ROWS]
    )
    if named:
        audit.looked_at(
            actor,
            "registry.pupil",
            [p.pk for p in pupils],
            f"звіт {form.code}, клітинка {form.key(row, column)}",
        )
    return Behind(pupils, [], named=named, total=len(ids))


def class_labels(pupils: list[Pupil]) -> dict[int, str]:
    """Labels of the pupils' present classes, in one query."""
    groups = ClassGroup.objects.filter(
        pk__in={p.class_group_id for p in pupils if p.class_group_id}
    )
    return {group.pk: group.label for group in groups}


def crumbs(of_run: ReportRun, unit: OrgUnit, actor: Actor) -> list[OrgUnit]:
    """Nodes from the run's down to this one that the actor may open."""
    paths = [
        p for p in _ancestors(unit.path) if p.startswith(of_run.unit.path) and actor.stands_above(p)
    ]
    return list(OrgUnit.objects.filter(path__in=paths).order_by("depth"))


def _ancestors(path: str) -> list[str]:
    parts = path.rstrip(".").split(".")
    return [".".join(parts[: i + 1]) + "." for i in range(len(parts))] if path else []


def stale(older_than: Any) -> list[uuid.UUID]:
    """Runs under way that no worker has touched since: for the job that takes them up again."""
    return list(
        ReportRun.objects.filter(
            state__in=["QUEUED", "RUNNING"], touched_at__lt=older_than
        ).values_list("pk", flat=True)
    )

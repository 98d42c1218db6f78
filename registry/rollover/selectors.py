"""Reading plans of the coming year, and how far the schools of an authority are."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, Count, OuterRef, Q, Subquery, Value, When

from accounts.actors import Actor
from kernel import audit
from kernel.kept import Kept
from kernel.paging import Order, Page, keyset, ordered
from registry.classes.frames import year_for
from registry.classes.models import ClassGroup
from registry.classifiers.errors import NoSchoolYear
from registry.classifiers.models import SchoolYear
from registry.classifiers.selectors import classifiers
from registry.fields.labels import label_sql
from registry.institutions.models.institutions import Institution
from registry.rollover import policies
from registry.rollover.models import PlannedChild, PlannedClass, RolloverCall, RolloverPlan
from registry.rollover.plan import Child, Class, Decided, Facts, Own, Plan, compute
from registry.rollover.states import STATES

PAGE = 50


def coming_year(today: datetime.date) -> SchoolYear:
    """The school year that is prepared: after the one that lasts, or the first to begin.

    Raises:
        NoSchoolYear: the classifier does not reach it.
    """
    year = year_for(today)
    if year.starts_on > today:
        return year
    coming = classifiers.next_year(year)
    if coming is None:
        raise NoSchoolYear("У довіднику ще немає наступного навчального року.")
    return coming


def year_before(year: SchoolYear) -> SchoolYear:
    """The school year before a year.

    Raises:
        NoSchoolYear: the classifier begins with it.
    """
    earlier = [one for one in classifiers.years() if one.starts_on < year.starts_on]
    if not earlier:
        raise NoSchoolYear("У довіднику немає попереднього навчального року.")
    return earlier[-1]


# ── one plan ─────────────────────────────────────────────────────────────────
def find(actor: Actor, plan_id: Any) -> RolloverPlan:
    """A plan with its institution, years and order, for who keeps the institution's pupils.

    Raises:
        NotFound: absent or out of reach.
        NotAllowed: the actor keeps no pupils there.
    """
    plan: RolloverPlan = (
        RolloverPlan.objects.visible_to(actor)
        .select_related("institution__unit", "institution__hub", "from_year", "to_year", "order")
        .find(pk=plan_id)
    )
    policies.keep.require(actor, plan.institution)
    return plan


def of_institution(
    actor: Actor, institution: Institution, to_year: SchoolYear
) -> RolloverPlan | None:
    """The plan of an institution for a year, if anybody began it."""
    rows = RolloverPlan.objects.visible_to(actor).select_related("order")
    found: RolloverPlan | None = rows.filter(institution=institution, to_year=to_year).first()
    return found


_CHILDREN = f"""
    WITH waiting AS MATERIALIZED (
        SELECT r.pupil_id, min(o.number) AS number
        FROM registry_order o JOIN registry_orderrow r ON r.order_id = o.id
        WHERE o.institution_id = %(institution)s AND o.state = 'PREPARED' AND o.kind <> 'rollover'
          AND r.pupil_id IS NOT NULL
        GROUP BY r.pupil_id
    )
    SELECT p.id, p.surname, p.given_name, p.patronymic, p.born_on, c.id, {label_sql("c")},
           c.school_year_id, t.form, t.starts_on, coalesce(w.number, '')
    FROM registry_enrolment e
    JOIN registry_classplacement t ON t.enrolment_id = e.id AND t.ends_on IS NULL
        AND t.voided_by_id IS NULL
    JOIN registry_classgroup c ON c.id = t.class_group_id
    JOIN registry_pupil p ON p.id = e.pupil_id
    LEFT JOIN waiting w ON w.pupil_id = p.id
    WHERE e.institution_id = %(institution)s AND e.kind = 'MAIN' AND e.ends_on IS NULL
      AND e.voided_by_id IS NULL
    ORDER BY c.grade, uk_sort_key(c.letter) COLLATE "C", p.sort_key, p.id
"""  # noqa: S608 - words of ours


def children_of(institution_id: int) -> list[Child]:
    """Every child who learns at an institution with no day of leaving set, with its last place."""
    with connection.cursor() as cursor:
        cursor.execute(_CHILDREN, {"institution": institution_id})
        return [Child(*row) for row in cursor.fetchall()]


def _classes_of(institution_id: int, *years: str) -> dict[str, list[Class]]:
    found: dict[str, list[Class]] = {year: [] for year in years}
    groups = ClassGroup.objects.filter(
        institution_id=institution_id, school_year_id__in=years, closed_on=None
    ).select_related("teacher__employee")
    for group in groups:
        found[group.school_year_id].append(class_of(group))
    return found


def class_of(group: ClassGroup | PlannedClass) -> Class:
    """A class, or what is planned of one, as plans speak of it."""
    post = group.teacher
    is_class = isinstance(group, ClassGroup)
    return Class(
        group.grade,
        group.letter,
        group.form,
        group.type,
        group.language,
        group.shift,
        group.profile,
        group.capacity,
        group.teacher_id,
        post.employee.full_name if post else "",
        post.ends_on if post else None,
        group.pk if is_class else 0,
        group.uid if isinstance(group, ClassGroup) else None,
    )


def facts_of(plan: RolloverPlan, today: datetime.date) -> Facts:
    """What the register and the plan's decisions say now; four queries whatever the school."""
    institution = plan.institution
    classes = _classes_of(institution.pk, plan.from_year_id, plan.to_year_id)
    item = classifiers.find("institution_type", institution.type)
    decided, own = [], {}
    if plan.pk is not None:
        decided = [
            Decided(row.pk, row.source_id, row.act, class_of(row), row.version)
            for row in plan.classes.select_related("teacher__employee").order_by("pk")
        ]
        own = {
            row.pupil_id: Own(row.act, row.letter, row.reason, row.document, row.pupil.full_name)
            for row in plan.children.select_related("pupil").order_by("pk")
        }
    return Facts(
        year=plan.from_year_id,
        to_year=plan.to_year_id,
        first_day=plan.to_year.starts_on,
        today=today,
        last_grade=(item.attributes.get("grades") or [0, 12])[1] if item else 12,
        classes=classes[plan.from_year_id],
        there=classes[plan.to_year_id],
        children=children_of(institution.pk),
        decided=decided,
        exceptions=own,
    )


def plan_of(plan: RolloverPlan, today: datetime.date) -> Plan:
    """The plan as it comes out now."""
    return compute(facts_of(plan, today))


def looked(actor: Actor, children: Iterable[Child], what: str = "план переведення") -> None:
    """Note that these children were shown by name."""
    audit.looked_at(actor, "registry.pupil", [one.id for one in children], what)


def decision(plan: RolloverPlan, class_id: int) -> PlannedClass | None:
    """What a person decided of a class of this year."""
    return plan.classes.filter(source_id=class_id).first()


def decided_child(plan: RolloverPlan, pupil_id: uuid.UUID) -> PlannedChild | None:
    """What a person decided of a child."""
    return plan.children.filter(pupil_id=pupil_id).first()


# ── schools of an authority ──────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class School:
    """An institution with how far its passage is."""

    card: Institution
    state: str
    summary: Mapping[str, int]
    plan_id: uuid.UUID | None


_FEW = "14,000 rows in the country, read for the states anyhow"
ORDERS = {
    "name": Order(("sort_key", "unit_id"), "inst_country inst_oblast inst_raion inst_hromada"),
    "state": Order(("state_of", "sort_key", "unit_id"), _FEW),
}


def _stated(actor: Actor, year: SchoolYear, today: datetime.date) -> Any:
    plans = RolloverPlan.objects.filter(institution=OuterRef("pk"), to_year=year)
    rows = Institution.objects.visible_to(actor)
    return rows.exclude(status__in=("LIQUIDATED",)).annotate(
        plan_pk=Subquery(plans.values("pk")[:1]),
        plan_summary=Subquery(plans.values("summary")[:1]),
        order_state=Subquery(plans.values("order__state")[:1]),
        order_day=Subquery(plans.values("order__effective_on")[:1]),
        state_of=Case(
            When(plan_pk=None, then=Value("absent")),
            When(order_state="PREPARED", then=Value("waiting")),
            When(order_state="EFFECTIVE", order_day__lte=today, then=Value("in_effect")),
            When(order_state="EFFECTIVE", then=Value("signed")),
            default=Value("draft"),
            output_field=CharField(),
        ),
    )


def schools(
    actor: Actor,
    year: SchoolYear,
    today: datetime.date,
    state: str = "",
    *,
    order: str = "name",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    only: Iterable[str] | None = None,
) -> Page[School]:
    """A page of the institutions in reach with their states.

    Raises:
        NotAllowed: the actor is no authority.
        BadCursor: the page mark was damaged.
    """
    policies.see_schools.require(actor)
    rows = _stated(actor, year, today)
    if state:
        rows = rows.filter(state_of=state)
    if only is not None:
        rows = rows.filter(uid__in=list(only))
    rows, fields = ordered(rows, ORDERS, order, "name")
    page: Page[Any] = keyset(rows, order=fields, size=size, after=after, before=before)
    return Page(
        [School(row, row.state_of, row.plan_summary or {}, row.plan_pk) for row in page.rows],
        page.next,
        page.previous,
    )


def school_keys(
    actor: Actor, year: SchoolYear, today: datetime.date, state: str = ""
) -> list[uuid.UUID]:
    """Public ids of every institution that matches.

    Raises:
        NotAllowed: the actor is no authority.
    """
    policies.see_schools.require(actor)
    rows = _stated(actor, year, today)
    return list((rows.filter(state_of=state) if state else rows).values_list("uid", flat=True))


def states(actor: Actor, year: SchoolYear, today: datetime.date) -> dict[str, int]:
    """How many institutions in reach are in each state."""
    schools = Institution.objects.visible_to(actor).exclude(status="LIQUIDATED").count()
    plans = RolloverPlan.objects.visible_to(actor).filter(to_year=year)
    counted = (
        plans.exclude(institution__status="LIQUIDATED")
        .annotate(begun=Q(order__effective_on__lte=today))
        .order_by()
        .values_list("order__state", "begun")
        .annotate(Count("pk"))
    )
    found = dict.fromkeys(STATES, 0) | {"absent": schools}
    for order_state, begun, number in counted:
        state = {"PREPARED": "waiting", "EFFECTIVE": "signed"}.get(order_state, "draft")
        found["in_effect" if state == "signed" and begun else state] += number
        found["absent"] -= number
    return found


def last_call(actor: Actor, year: SchoolYear) -> RolloverCall | None:
    """The latest wish of the actor's authority that plans be begun, done or under way."""
    rows = RolloverCall.objects.filter(unit_id=actor.unit_id, to_year=year)
    return rows.order_by("-id").first()


def without_plan(unit_path: str, year: SchoolYear, after: int, limit: int) -> list[int]:
    """Institutions under a node that have no plan yet, by rising id, beyond one of them."""
    planned = RolloverPlan.objects.filter(institution=OuterRef("pk"), to_year=year)
    rows = Institution.objects.filter(unit__path__startswith=unit_path, pk__gt=after)
    rows = rows.exclude(status__in=("SUSPENDED", "LIQUIDATED"))
    rows = rows.annotate(plan=Subquery(planned.values("pk")[:1])).filter(plan=None)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


_OPEN_PLANS = Kept[RolloverPlan](
    lambda actor: (
        RolloverPlan.objects.visible_to(actor)
        .filter(Q(order=None) | Q(order__state__in=["GIVEN_UP", "ANNULLED"]))
        .order_by("-updated_at")[:2]
    )
)


def open_plans(actor: Actor) -> list[RolloverPlan]:
    """Plans that can be continued at the actor's own institutions; none for authorities."""
    return _OPEN_PLANS.rows(actor) if actor.scope.level == "institution" else []

"""Reading the children's register: children of a community, records, notices, counts.

`cases` is the one way to records: a kind that the actor may not see is not there.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.db.models import Sum as Added
from django.db.models.functions import Coalesce

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import Role, UnitKind
from kernel import audit, clock
from kernel.clock import Moment
from kernel.errors import NotFound
from kernel.kept import Kept, key_of
from kernel.paging import Order, Page, keyset, ordered
from kernel.policy import Right
from kernel.text import sort_key
from registry.coverage import policies
from registry.coverage.errors import GroundWanted
from registry.coverage.models import (
    CoverageCase,
    CoverageLetter,
    CoverageMonth,
    LetterCase,
    LetterDelivery,
    MissingVisit,
)
from registry.coverage.states import ABSENT, MISSING, OPEN
from registry.coverage.terms import terms
from registry.people.models.pupils import Pupil

PAGE = 100
VISIT = datetime.timedelta(minutes=30)  # how long a ground told on entry lasts
MONTHS = 12
_FEW = "open records of one community or school: hundreds"
_LATEST = datetime.date(9999, 12, 31)
CASE_ORDERS = {
    "due": Order(("due", "id"), _FEW, {"due": Coalesce("due_on", Value(_LATEST))}, few=True),
    "name": Order(("pupil__sort_key", "id"), _FEW, few=True),
    "since": Order(("since", "id"), _FEW, few=True),
}
CHILD_ORDERS = {"name": Order(("sort_key", "id"), "pupil_resident")}
LETTER_ORDERS = {"issued": Order(("issued_on", "id"), _FEW, few=True)}
_COMMUNITIES = (UnitKind.HROMADA, UnitKind.CITY, UnitKind.CITY_DISTRICT, UnitKind.OBLAST)
SHOW = {
    "": "Усі",
    "learns": "Навчаються",
    "nowhere": "Не навчаються",
}


# ── communities ──────────────────────────────────────────────────────────────
def communities(actor: Actor) -> QuerySet[OrgUnit]:
    """Nodes within reach whose registers hold children by residence.

    Raises:
        NotAllowed: not whoever sees counts.
    """
    policies.see_counts.require(actor)
    found: QuerySet[OrgUnit] = OrgUnit.objects.visible_to(actor).filter(
        kind__in=_COMMUNITIES, is_active=True
    )
    return found


def kept_by(actor: Actor) -> list[OrgUnit]:
    """Communities whose children the actor sees by name.

    Raises:
        NotAllowed: none.
    """
    policies.see_children.require(actor)
    rows = policies.COMMUNITIES.narrow(OrgUnit.objects.all(), actor)
    # Of oblasts only the cities that stand for one keep a register of their own.
    one = ~Q(kind=UnitKind.OBLAST) | Q(territory_code__regex=r"^UA8[05]")
    return list(rows.filter(one, kind__in=_COMMUNITIES, is_active=True).order_by("name"))


def sees_missing(actor: Actor) -> bool:
    """Whether children who may be missing are there at all for this actor."""
    if not policies.see_missing.allows(actor):
        return False
    return not actor.holds(Role.OBLAST_ADMIN) or bool(kept_by(actor))


def community(actor: Actor, uid: str = "") -> OrgUnit:
    """One of them: the one asked for, else the actor's own.

    Raises:
        NotAllowed, NotFound: the actor keeps none, or not this one.
    """
    there = kept_by(actor)
    own = [one for one in there if one.pk == actor.unit_id] or there
    found = [one for one in there if str(one.uid) == uid] if uid else own
    if not found:
        raise NotFound
    return found[0]


# ── children of a community ──────────────────────────────────────────────────
def children(
    actor: Actor,
    unit: OrgUnit,
    show: str,
    *,
    today: datetime.date,
    order: str = "name",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[Any]:
    """Children of school age who live in a community, with where each learns; each look is noted.

    Raises:
        NotAllowed: the actor keeps no register.
    """
    policies.see_children.require(actor)
    born_after, born_by = terms().births(today)
    rows: QuerySet[Pupil] = Pupil.objects.filter(
        residence=unit, closed_on=None, born_on__gt=born_after, born_on__lte=born_by
    )
    if show:
        rows = rows.filter(institution__isnull=show == "nowhere")
    rows, fields = ordered(rows.select_related("institution"), CHILD_ORDERS, order, "name")
    found = keyset(rows, order=fields, size=size, after=after, before=before)
    audit.looked_at(actor, "registry.pupil", [one.pk for one in found.rows], "облік дітей громади")
    stand = dict(
        CoverageCase.objects.filter(
            pupil__in=[one.pk for one in found.rows], state__in=OPEN, kind="NOT_COVERED"
        ).values_list("pupil_id", "pk")
    )
    for one in found.rows:
        one.case_id = stand.get(one.pk)
        one.is_near = one.institution is None or one.institution.is_within(actor.scope)
    return found


def who_is_there(pupil_id: Any) -> Pupil:
    """A child by id, for those who have it from a record within reach."""
    return Pupil.objects.select_related("institution", "residence").get(pk=pupil_id)


# ── records ──────────────────────────────────────────────────────────────────
def visit(actor: Actor, now: datetime.datetime) -> MissingVisit | None:
    """The ground on which the actor looks at those who may be missing, while it lasts."""
    rows = MissingVisit.objects.filter(grant=actor.grant_id, at__gt=now - VISIT)
    return rows.order_by("-at").first()


def cases(actor: Actor, kind: str, moment: Moment) -> QuerySet[CoverageCase]:
    """Records of a kind within reach.

    Raises:
        NotFound: those who may be missing, and the actor may not know of them.
        GroundWanted: they are there, and no ground was told within the last half hour.
        NotAllowed: another kind that is not the actor's.
    """
    if kind not in policies.CASES:
        raise NotFound
    if kind == MISSING:
        if not sees_missing(actor):
            raise NotFound
        if not actor.is_system and visit(actor, moment.now) is None:
            raise GroundWanted
    policies.see_cases.require(actor, kind)
    rows: QuerySet[CoverageCase] = policies.CASES[kind].narrow(CoverageCase.objects.all(), actor)
    return rows.filter(kind=kind)


def case(actor: Actor, case_id: Any, moment: Moment, *, held: bool = False) -> CoverageCase:
    """One record with its child; `held` locks it.

    Raises:
        NotFound: absent, or not for the actor.
        GroundWanted: of a child who may be missing, and no ground was told.
    """
    key = key_of(CoverageCase, case_id)
    kind = CoverageCase.objects.filter(pk=key).values_list("kind", flat=True).first()
    if kind is None or policies.CASES[kind].right(actor) is None:
        raise NotFound
    if kind == MISSING:
        # Asked of the row before the ground: whoever may not see it is not asked for one.
        rows = policies.CASES[kind].narrow(CoverageCase.objects.filter(pk=key), actor)
        if not rows.exists():
            raise NotFound
    rows = cases(actor, kind, moment).filter(pk=key)
    if held:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("pupil", "unit", "institution").first()
    if found is None:
        raise NotFound
    return found


def listing(
    actor: Actor,
    kind: str,
    state: str,
    *,
    moment: Moment,
    order: str = "due",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    only: Collection[uuid.UUID] | None = None,
) -> Page[CoverageCase]:
    """A page of records; each look at a child is noted, of those who may be missing with its ground.

    Raises:
        as `cases`.
    """
    rows, fields = ordered(_narrowed(actor, kind, state, moment), CASE_ORDERS, order, "due")
    if only is not None:
        rows = rows.filter(pk__in=only)
    rows = rows.select_related("pupil", "unit", "institution")
    found = keyset(rows, order=fields, size=size, after=after, before=before)
    _noted(actor, [one.pupil_id for one in found.rows], kind, moment)
    return found


def absent_until(pupils: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[datetime.date, bool]]:
    """For the port of journals: to which day absences of children are known to the register, and
    whether that record stands; one query."""
    found: dict[uuid.UUID, tuple[datetime.date, bool]] = {}
    rows = CoverageCase.objects.filter(kind=ABSENT, pupil__in=pupils).values_list(
        "pupil_id", "state", "since", "until", "closed_on"
    )
    for pupil, state, since, until, closed_on in rows:
        last = max(until or since, closed_on or since)
        day, stands = found.get(pupil, (last, False))
        found[pupil] = (max(day, last), stands or state in OPEN)
    return found


def _narrowed(actor: Actor, kind: str, state: str, moment: Moment) -> QuerySet[CoverageCase]:
    rows = cases(actor, kind, moment)
    if state == "late":
        return rows.filter(due_on__lt=moment.today)
    if state in {"", "open"}:
        return rows.filter(state__in=OPEN)
    return rows.filter(state=state)


def counts(actor: Actor, kind: str, moment: Moment) -> dict[str, int]:
    """How many records are in each state, open, overdue."""
    rows = cases(actor, kind, moment).order_by()
    by_state = dict(rows.values_list("state").annotate(Count("pk")))
    late = rows.filter(due_on__lt=moment.today).count()
    return {
        **by_state,
        "open": sum(many for state, many in by_state.items() if state in OPEN),
        "late": late,
    }


def _noted(actor: Actor, pupils: Sequence[uuid.UUID], kind: str, moment: Moment) -> None:
    what = f"облік дітей: {kind.lower()}"
    if kind == MISSING and (told := visit(actor, moment.now)) is not None:
        what = f"потенційно зниклі, підстава: {told.ground}"
    audit.looked_at(actor, "registry.pupil", pupils, what)


@dataclasses.dataclass(frozen=True)
class View:
    """One record as its page shows it."""

    case: CoverageCase
    steps: Sequence[Any]
    letters: Sequence[LetterCase]
    may_keep: bool
    may_sign: bool
    days: int | None  # of an absence


def view(actor: Actor, case_id: Any, moment: Moment) -> View:
    """One record with everything done about it; the look is noted.

    Raises:
        as `case`.
    """
    found = case(actor, case_id, moment)
    _noted(actor, [found.pupil_id], found.kind, moment)
    return View(
        found,
        list(found.steps.select_related("grant__user", "grant__unit").order_by("pk")),
        list(found.letters.select_related("letter").order_by("pk")),
        policies.keep.allows(actor, found.kind),
        policies.sign.allows(actor, found.kind),
        terms().missed(found.since, found.until) if found.kind == ABSENT and found.until else None,
    )


# ── notices ──────────────────────────────────────────────────────────────────
def letters(actor: Actor, kind: str, moment: Moment) -> QuerySet[CoverageLetter]:
    """Notices of a kind of record within reach.

    Raises:
        as `cases`.
    """
    cases(actor, kind, moment)
    rows: QuerySet[CoverageLetter] = policies.CASES[kind].narrow(
        CoverageLetter.objects.all(), actor
    )
    return rows.filter(kind=kind).exclude(state="GIVEN_UP")


def letter(actor: Actor, letter_id: Any, moment: Moment, *, held: bool = False) -> CoverageLetter:
    """One notice; `held` locks it.

    Raises:
        NotFound: absent, or not for the actor.
        GroundWanted: about children who may be missing, and no ground was told.
    """
    key = key_of(CoverageLetter, letter_id)
    kind = CoverageLetter.objects.filter(pk=key).values_list("kind", flat=True).first()
    if kind is None or policies.CASES[kind].right(actor) is None:
        raise NotFound
    rows = policies.CASES[kind].narrow(CoverageLetter.objects.filter(pk=key), actor)
    if not rows.exists():
        raise NotFound
    cases(actor, kind, moment)
    if held:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found: CoverageLetter = rows.select_related("unit", "institution__hub", "signing").get()
    return found


def unsent(actor: Actor, recipients: Collection[str]) -> list[LetterDelivery]:
    """Signed notices that did not go to these addressees, the oldest first; of the system.

    Raises:
        NotAllowed: only the system asks.
    """
    policies.follow.require(actor)
    rows = LetterDelivery.objects.filter(
        sent_on=None, recipient__in=list(recipients), letter__state="SIGNED"
    )
    return list(
        rows.select_related("letter__unit", "letter__institution", "letter__signing").order_by("pk")
    )


def letter_list(
    actor: Actor,
    kind: str,
    *,
    moment: Moment,
    order: str = "-issued",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[CoverageLetter]:
    """A page of notices, the newest first.

    Raises:
        as `cases`.
    """
    rows, fields = ordered(letters(actor, kind, moment), LETTER_ORDERS, order, "-issued")
    found = keyset(
        rows.annotate(many=Count("rows")), order=fields, size=size, after=after, before=before
    )
    sent: dict[Any, list[LetterDelivery]] = {}
    for one in LetterDelivery.objects.filter(letter__in=[x.pk for x in found.rows]).order_by("pk"):
        sent.setdefault(one.letter_id, []).append(one)
    for row in found.rows:
        row.sent = sent.get(row.pk, [])
    return found


def seen(actor: Actor, letter_: CoverageLetter, moment: Moment) -> list[bytes]:
    """The rows of a notice for a page or a file: the look at each child is noted."""
    pupils = letter_.rows.values_list("case__pupil_id", flat=True)
    _noted(actor, list(pupils), letter_.kind, moment)
    return rows_of(letter_)


def chosen(
    actor: Actor, kind: str, ids: Collection[uuid.UUID], moment: Moment
) -> list[CoverageCase]:
    """Records chosen for a notice, with their children; each look is noted.

    Raises:
        as `cases`.
    """
    rows = cases(actor, kind, moment).filter(pk__in=list(ids)).select_related("pupil")
    found = list(rows.order_by("pupil__sort_key", "pk"))
    _noted(actor, [one.pupil_id for one in found], kind, moment)
    return found


def rows_of(letter_: CoverageLetter) -> list[bytes]:
    """The rows of a notice, the very bytes that are signed."""
    return [
        bytes(one) for one in letter_.rows.order_by("position").values_list("content", flat=True)
    ]


# ── counts ───────────────────────────────────────────────────────────────────
_SUMMED = (
    *("children", "learning", "elsewhere", "here", "unplaced"),
    *("recorded", "absent", "overdue"),
)


@dataclasses.dataclass(frozen=True)
class Sum:
    """Figures of several communities together."""

    children: int = 0
    learning: int = 0
    elsewhere: int = 0
    here: int = 0
    unplaced: int = 0
    recorded: int = 0
    absent: int = 0
    overdue: int = 0

    @property
    def nowhere(self) -> int:
        """Children who learn nowhere."""
        return self.children - self.learning


@dataclasses.dataclass(frozen=True)
class Line:
    """A community or an oblast, its figures, and when they were counted."""

    unit: OrgUnit
    sum: Sum
    counted_at: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Overview:
    """Communities within reach as last counted (for the whole country by oblast), their sum, and the
    sum of each month before."""

    rows: Sequence[Line]
    total: Sum
    forms: Counter[str]
    reasons: Counter[str]
    trend: Sequence[tuple[datetime.date, int, int]]  # month, learn, do not


def _sum(rows: Sequence[CoverageMonth]) -> Sum:
    return Sum(**{name: sum(getattr(one, name) for one in rows) for name in _SUMMED})


def _lines(rows: Sequence[CoverageMonth], *, by_oblast: bool) -> list[Line]:
    if not by_oblast:
        return [Line(one.unit, _sum([one]), one.counted_at) for one in rows]
    of: dict[int, list[CoverageMonth]] = {}
    for one in rows:
        of.setdefault(one.unit.oblast_id or one.unit_id, []).append(one)
    units = OrgUnit.objects.in_bulk(list(of))
    return [
        Line(units[key], _sum(those), max(one.counted_at for one in those))
        for key, those in sorted(of.items(), key=lambda item: sort_key(units[item[0]].name))
    ]


def overview(actor: Actor, today: datetime.date) -> Overview:
    """What the page of counts shows; nothing in it tells of children who may be missing.

    Raises:
        NotAllowed: not whoever sees counts.
    """
    units = communities(actor)
    since = clock.months_after(clock.month_of(today), -MONTHS)
    every: QuerySet[CoverageMonth] = CoverageMonth.objects.visible_to(actor).filter(
        month__gt=since, unit__is_active=True
    )
    trend = list(
        every.order_by("month")
        .values_list("month")
        .annotate(learn=Added("learning"), all=Added("children"))
        .values_list("month", "learn", "all")
    )
    newest = trend[-1][0] if trend else None
    counted = every.filter(month=newest) if newest else every.none()
    rows = list(counted.filter(unit__in=units).select_related("unit").order_by("unit__name"))
    forms: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for one in rows:
        forms.update(one.forms)
        reasons.update(one.reasons)
    total = _sum(rows)
    return Overview(
        _lines(rows, by_oblast=actor.scope.level == "all"),
        total,
        forms,
        reasons,
        [(month, learn, all_ - learn) for month, learn, all_ in trend],
    )


def waiting(actor: Actor, kind: str, today: datetime.date) -> tuple[int, int]:
    """Open records of a kind that the actor keeps, and how many are late; never of the missing."""
    if kind == MISSING or not policies.keep.allows(actor, kind):
        return 0, 0
    right = policies.CASES[kind].right(actor)
    found = right and _waiting(kind, right).first(actor, actor.unit_id or 0, today)
    return found or (0, 0)


@functools.cache
def _waiting(kind: str, right: Right) -> Kept[tuple[int, int]]:
    """As `Visibility.narrow` gives them; no row where there are none."""
    return Kept(
        lambda actor, unit, today: (
            CoverageCase.objects.visible_to(actor)
            .filter(kind=kind, state__in=OPEN, **({"unit_id": unit} if right.direct else {}))
            .order_by()
            .values("kind")
            .annotate(n=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
            .values_list("n", "late")
        )
    )

"""How whole the data are: indicators within reach, their months, campaigns and who is behind."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Collate

from accounts.actors import Actor
from accounts.models import Grant, OrgUnit
from accounts.roles import GrantState, Role
from kernel import audit, clock
from kernel.errors import NotFound
from kernel.kept import Kept
from kernel.paging import Order, Page, keyset, ordered
from kernel.text import sort_key
from registry.fields.rules import judge
from registry.fields.rules.pack import Indicator, current
from registry.institutions.models.institutions import Institution
from registry.people import policies as people
from registry.people.models.pupils import Pupil
from registry.quality import facts, policies
from registry.quality.models import (
    CampaignSchool,
    QualityCampaign,
    QualityFinding,
    QualityMonth,
    QualityTrend,
)
from registry.quality.services import campaigns
from registry.tallies import selectors as tallies
from registry.tallies.concerns import INDICATOR
from registry.tallies.models import Tally

PAGE = 50
MONTHS = 12
_BELOW = {"all": "oblast", "oblast": "hromada", "raion": "hromada"}


@dataclasses.dataclass(frozen=True)
class Standing:
    """An indicator: of how many children it is in order."""

    indicator: Indicator
    pupils: int
    broken: int

    @property
    def right(self) -> int:
        """Children who break none of its rules."""
        return max(self.pupils - self.broken, 0)


def indicator_of(code: str) -> Indicator:
    """An indicator of the pack.

    Raises:
        NotFound: none such.
    """
    found = next((one for one in current().indicators if one.code == code), None)
    if found is None:
        raise NotFound
    return found


def completeness(actor: Actor, institution: Institution | None = None) -> list[Standing]:
    """Every indicator within reach, or at one institution of it; the required ones first.

    Raises:
        NotAllowed: the actor's role sees no pupils.
    """
    policies.see.require(actor)
    pack = current()
    if institution is None and actor.scope.level != "institution":
        told = tallies.totals(actor)
        pupils = told.get("pupils", tallies.NONE).n
        broken = {
            code.removeprefix(INDICATOR): one.n
            for code, one in told.items()
            if code.startswith(INDICATOR)
        }
    else:
        found = QualityFinding.objects.visible_to(actor)
        there = Pupil.objects.visible_to(actor)
        if institution is not None:
            found, there = (
                found.filter(institution=institution),
                there.filter(institution=institution),
            )
        pupils = there.count()
        children: dict[str, set[uuid.UUID]] = defaultdict(set)
        of = {rule.code: rule.indicator for rule in pack.rules}
        for rule, pupil_id in found.values_list("rule", "pupil_id"):
            if rule in of:
                children[of[rule]].add(pupil_id)
        broken = {code: len(ids) for code, ids in children.items()}
    return [Standing(one, pupils, broken.get(one.code, 0)) for one in pack.indicators]


def months(
    actor: Actor, institution: Institution | None, code: str, today: datetime.date
) -> list[tuple[datetime.date, int, int]]:
    """Of each month of the last year that was checked: the month, pupils, and children who broke the
    indicator as its last check found.

    Raises:
        NotAllowed: the actor's role sees no pupils.
    """
    policies.see.require(actor)
    first = clock.months_after(clock.month_of(today), 1 - MONTHS)
    summed = institution is None and actor.scope.level in {"all", "oblast"}
    rows = (QualityTrend if summed else QualityMonth).objects.visible_to(actor)
    if institution is not None:
        rows = rows.filter(institution=institution)
    pupils: Counter[datetime.date] = Counter()
    broken: Counter[datetime.date] = Counter()
    for month, there, told in rows.filter(month__gte=first, pupils__gt=0).values_list(
        "month", "pupils", "indicators"
    ):
        pupils[month] += there
        broken[month] += told.get(code, 0)
    return [(month, pupils[month], broken[month]) for month in sorted(pupils)]


# ── whom to call ─────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Behind:
    """An institution with something to mend, and its head: a public official."""

    institution: Institution
    head: Grant | None
    n: int
    of: int = 0
    row: Any = None


def heads(institutions: Sequence[Institution]) -> dict[int, Grant]:
    """The acting head of each of these; of a branch without one, the hub's."""
    nodes = {node for one in institutions for node in (one.pk, one.hub_id) if node}
    there = {
        grant.unit_id: grant
        for grant in Grant.objects.filter(
            unit_id__in=nodes, role=Role.HEAD, state=GrantState.ACTIVE
        ).select_related("user")
    }
    told = {one.pk: there.get(one.pk) or there.get(one.hub_id or 0) for one in institutions}
    return {pk: grant for pk, grant in told.items() if grant is not None}


_FEW = "institutions of one reach: 14,000 in the country at most, sorted as they are found"
INDICATOR_ORDERS = {
    "n": tallies.ORDERS["n"],
    "name": tallies.ORDERS["name"],
}


def behind(
    actor: Actor,
    indicator: Indicator,
    *,
    order: str = "-n",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[Behind]:
    """Institutions where children break an indicator, those with most first unless told otherwise.

    Raises:
        NotAllowed: the actor's role sees no pupils.
        BadCursor: the page mark was damaged.
    """
    policies.see.require(actor)
    rows = Tally.objects.visible_to(actor).filter(code=INDICATOR + indicator.code)
    rows, fields = ordered(rows.select_related("institution__unit"), INDICATOR_ORDERS, order, "-n")
    page = keyset(rows, order=fields, size=size, after=after, before=before)
    head_of = heads([row.institution for row in page.rows])
    return Page(
        [Behind(row.institution, head_of.get(row.institution_id), row.n) for row in page.rows],
        page.next,
        page.previous,
    )


# ── campaigns ────────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a campaign is within reach."""

    schools: int = 0
    mended: int = 0
    at_start: int = 0
    to_mend: int = 0

    @property
    def behind(self) -> int:
        """Institutions that have something to mend."""
        return self.schools - self.mended


@dataclasses.dataclass(frozen=True)
class Seen:
    """A campaign with its progress within reach."""

    campaign: QualityCampaign
    progress: Progress


_SUMS = {
    "schools": Count("pk"),
    "mended": Count("pk", filter=Q(to_mend=0)),
    "at_start": Sum("at_start"),
    "to_mend": Sum("to_mend"),
}
_TENS = "campaigns of one reach: tens a year, sorted in memory"
_CAMPAIGN_KEYS: dict[str, Any] = {
    "title": lambda one: sort_key(one.campaign.title),
    "due": lambda one: one.campaign.due_on,
    "left": lambda one: one.progress.to_mend,
}
CAMPAIGN_ORDERS = {name: Order((name,), _TENS, few=True) for name in _CAMPAIGN_KEYS}


def seen(actor: Actor, state: str = "", order: str = "-due") -> list[Seen]:
    """Campaigns that institutions of the reach take part in, the latest to end first.

    Raises:
        NotAllowed: the actor's role sees no pupils.
    """
    policies.see.require(actor)
    rows = campaigns.reached(actor).select_related("unit")
    if state:
        rows = rows.filter(state=state)
    sums = {
        row.pop("campaign_id"): Progress(**row)
        for row in CampaignSchool.objects.visible_to(actor)
        .filter(campaign__in=rows)
        .order_by()
        .values("campaign_id")
        .annotate(**_SUMS)
    }
    return sorted(
        (Seen(one, sums.get(one.pk, Progress())) for one in rows),
        key=_CAMPAIGN_KEYS[order.removeprefix("-")],
        reverse=order.startswith("-"),
    )


def campaign(actor: Actor, campaign_id: uuid.UUID) -> Seen:
    """A campaign with its progress within reach.

    Raises:
        NotAllowed: the actor's role sees no pupils.
        NotFound: no institution of the reach takes part in it.
    """
    policies.see.require(actor)
    found = campaigns.reached(actor).select_related("unit").filter(pk=campaign_id).first()
    if found is None:
        raise NotFound
    there = CampaignSchool.objects.visible_to(actor).filter(campaign=found)
    return Seen(found, Progress(**{key: n or 0 for key, n in there.aggregate(**_SUMS).items()}))


def by_place(actor: Actor, one: QualityCampaign) -> list[tuple[OrgUnit | None, Progress]]:
    """Progress by part of the reach, those with most to mend first."""
    level = _BELOW.get(actor.scope.level)
    if level is None:
        return []
    rows = list(
        CampaignSchool.objects.visible_to(actor)
        .filter(campaign=one)
        .order_by()
        .values(node=F(f"institution__{level}_id"))
        .annotate(**_SUMS)
    )
    nodes = OrgUnit.objects.in_bulk([row["node"] for row in rows if row["node"]])
    told = [(nodes.get(row.pop("node") or 0), Progress(**row)) for row in rows]
    return sorted(told, key=lambda row: (-row[1].to_mend, sort_key(row[0].name) if row[0] else ""))


SCHOOL_ORDERS = {
    "n": Order(("to_mend", "id"), _FEW),
    "name": Order(("name_of", "id"), _FEW, {"name_of": Collate("institution__sort_key", "C")}),
    "start": Order(("at_start", "id"), _FEW),
}
BEHIND, MENDED = "behind", "mended"


def schools(
    actor: Actor,
    one: QualityCampaign,
    which: str = "",
    *,
    order: str = "-n",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[Behind]:
    """Institutions of a campaign within reach, those with most to mend first.

    Raises:
        BadCursor: the page mark was damaged.
    """
    rows = CampaignSchool.objects.visible_to(actor).filter(campaign=one)
    if which:
        rows = rows.filter(to_mend__gt=0) if which == BEHIND else rows.filter(to_mend=0)
    rows, fields = ordered(rows.select_related("institution__unit"), SCHOOL_ORDERS, order, "-n")
    page = keyset(rows, order=fields, size=size, after=after, before=before)
    head_of = heads([row.institution for row in page.rows])
    return Page(
        [
            Behind(row.institution, head_of.get(row.institution_id), row.to_mend, row.at_start, row)
            for row in page.rows
        ],
        page.next,
        page.previous,
    )


def school(actor: Actor, school_id: int) -> CampaignSchool:
    """An institution's part in a campaign.

    Raises:
        NotAllowed: the actor's role sees no pupils.
        NotFound: out of reach.
    """
    policies.see.require(actor)
    found: CampaignSchool = (
        CampaignSchool.objects.visible_to(actor)
        .select_related("campaign__unit", "institution__unit")
        .find(pk=school_id)
    )
    return found


_SCHOOLS_OWN = "findings of one school: some hundreds, sorted as they are found"
FINDING_ORDERS = {
    "name": Order(("name_of", "id"), _SCHOOLS_OWN, {"name_of": F("pupil__sort_key")}),
    "rule": Order(("rule", "name_of", "id"), _SCHOOLS_OWN, {"name_of": F("pupil__sort_key")}),
}


@dataclasses.dataclass(frozen=True)
class ToMend:
    """A child and what is wrong with one of its fields; no words: mended a moment ago."""

    pupil: Pupil
    title: str
    text: str
    url: str


def findings(one: CampaignSchool, indicator: str = "") -> Any:
    """What is to be mended at an institution in a campaign."""
    pack = current()
    rules = [
        rule.code
        for rule in pack.rules
        if rule.code in one.campaign.rules and indicator in ("", rule.indicator)
    ]
    return QualityFinding.objects.filter(institution_id=one.institution_id, rule__in=rules)


def by_rule(one: CampaignSchool) -> dict[str, int]:
    """How many children break each rule of the campaign at an institution."""
    return dict(findings(one).values_list("rule").annotate(n=Count("pk")).order_by())


def to_mend(
    actor: Actor,
    one: CampaignSchool,
    today: datetime.date,
    indicator: str = "",
    *,
    order: str = "name",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    what: str = "якість даних",
) -> Page[ToMend]:
    """A page of what is to be mended at an institution, with the words for each; the look is noted.

    Raises:
        NotAllowed: the actor sees no names there.
        BadCursor: the page mark was damaged.
    """
    people.see_names.require(actor, one.institution)
    rows = findings(one, indicator).filter(pupil__in=Pupil.objects.visible_to(actor))
    rows, fields = ordered(rows.select_related("pupil"), FINDING_ORDERS, order, "name")
    page = keyset(rows, order=fields, size=size, after=after, before=before)
    ids = [row.pupil_id for row in page.rows]
    audit.looked_at(actor, "registry.pupil", ids, what)
    words = {
        (pk, problem.key.replace(":", ".")): problem.detail
        for pk, told in facts.of_pupils(ids, today).items()
        for problem in judge(told)
    }
    rules = {rule.code: rule for rule in current().rules}
    shown = [
        ToMend(
            row.pupil,
            rules[row.rule].title,
            words.get((row.pupil_id, row.rule), ""),
            rules[row.rule].fix_url.replace("{pupil}", str(row.pupil_id)),
        )
        for row in page.rows
    ]
    return Page(shown, page.next, page.previous)


_FIRST = Kept[CampaignSchool](
    lambda actor: (
        CampaignSchool.objects.visible_to(actor)
        .filter(campaign__state="OPEN", to_mend__gt=0)
        .select_related("campaign", "institution")
        .order_by("campaign__due_on", "pk")[:5]
    )
)


def to_mend_first(actor: Actor) -> list[CampaignSchool]:
    """Campaigns in which something within reach is left to mend, the soonest due first."""
    return _FIRST.rows(actor)

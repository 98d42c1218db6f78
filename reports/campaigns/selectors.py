"""Reading campaigns: which there are, how they go, a part with its figures, who is late."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

import kernel.lookups  # noqa: F401 - registers `among`
from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import Role, UnitKind
from accounts.selectors import placements
from kernel.errors import NotFound
from kernel.kept import Kept
from kernel.paging import Order, Page, keyset, ordered
from kernel.text import alphabetically
from registry.models import Institution, InstitutionStatus
from reports import definition
from reports.campaigns import policies, states
from reports.campaigns.models import (
    CampaignForm,
    CampaignGathering,
    CampaignPart,
    CampaignReport,
    CampaignSum,
    FormCampaign,
)
from reports.models import ReportCount, ReportRun
from reports.selectors import figures

CAMPAIGNS = {
    "PLANNED": "Заплановано",
    "OPEN": "Триває",
    "CLOSED": "Завершено",
    "WITHDRAWN": "Скасовано",
}
REPORTS = {
    "GENERATED": "Не сходяться контролі",
    "CHECKED": "Чекає підпису",
    "SIGNED": "Підписано",
    "RETURNED": "Повернуто",
    "ACCEPTED": "Прийнято",
}
SUMMARIES = {
    "COLLECTING": "Збирає звіти",
    "CONSOLIDATED": "Зведено",
    "RETURNED": "Повернуто",
    "ACCEPTED": "Прийнято",
}
MADE = ("CONSOLIDATED", "ACCEPTED")  # states of a summary that has its sums
PAGE = 50


def table_of(part: CampaignPart) -> states.Table:
    """Which table of states a part moves by."""
    return states.REPORT if part.is_school else states.SUMMARY


# ── campaigns ────────────────────────────────────────────────────────────────
def mine(actor: Actor) -> Q:
    """Parts that the actor's reach has: the school's own and its branches', or what stood below."""
    if actor.holds(Role.TECH_ADMIN, Role.ANALYST) or actor.is_system:
        return Q()
    if actor.scope.level == "institution":
        return Q(unit_id__in=actor.scope.keys, is_school=True)
    return Q(above__contains=[actor.unit_id or 0])


def campaigns(actor: Actor) -> QuerySet[FormCampaign]:
    """Campaigns in which the reach takes part, and those that the actor's node announced.

    Raises:
        NotAllowed: the actor sees none.
    """
    if not actor.is_system:
        policies.see.require(actor)
    found = FormCampaign.objects.select_related("unit", "territory")
    if actor.holds(Role.TECH_ADMIN, Role.ANALYST) or actor.is_system:
        return found
    there = CampaignPart.objects.filter(mine(actor), campaign=OuterRef("pk"))
    return found.filter(Exists(there) | Q(unit_id=actor.unit_id))


ORDERS = {
    "title": Order(("title", "id"), "campaigns of the country: tens a year", few=True),
    "as_of": Order(("as_of", "id"), "campaigns of the country: tens a year", few=True),
    "due": Order(("due_school", "id"), "campaigns of the country: tens a year", few=True),
    "made": Order(("id",), "reports_formcampaign_pkey"),
    "state": Order(("state", "id"), "campaigns of the country: tens a year", few=True),
}
LATEST = "-made"


def listing(
    actor: Actor,
    *,
    order: str = LATEST,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[FormCampaign]:
    """A page of campaigns, the latest first.

    Raises:
        NotAllowed: the actor sees none.
        BadCursor: the page mark was damaged.
    """
    rows, fields = ordered(campaigns(actor), ORDERS, order, LATEST)
    return keyset(rows, order=fields, size=size, after=after, before=before)


def campaign(actor: Actor, campaign_id: uuid.UUID | str) -> FormCampaign:
    """One campaign.

    Raises:
        NotAllowed: the actor sees none.
        NotFound: none such in reach.
    """
    found = campaigns(actor).filter(pk=campaign_id).first()
    if found is None:
        raise NotFound
    return found


def schools_on(found: FormCampaign) -> QuerySet[Institution]:
    """Schools that stood under the campaign's territory on its day: general education, not drafts, not
    those that had ended by then."""
    last = (
        InstitutionStatus.objects.filter(institution=OuterRef("pk"), since__lte=found.as_of)
        .order_by("-since", "-pk")
        .values("status")[:1]
    )
    return (
        Institution.objects.filter(
            unit__in=placements.below_on(found.as_of, found.territory), kind="ZZSO"
        )
        .exclude(status="DRAFT")
        .annotate(status_then=Coalesce(Subquery(last), Value("", TextField())))
        .exclude(status_then="LIQUIDATED")
    )


def gathering(found: FormCampaign) -> CampaignGathering | None:
    """The latest generating of a campaign's reports."""
    return found.gatherings.order_by("-pk").first()


def sections(found: FormCampaign) -> list[CampaignForm]:
    """The forms of a campaign in their order."""
    return list(found.forms.select_related("edition").order_by("position"))


def form_of(section: CampaignForm) -> definition.Form:
    """A section as it was when the campaign was announced."""
    return definition.kept(section.edition.text)


def to_open(today: datetime.date) -> list[uuid.UUID]:
    """Planned campaigns whose day has come and whose reports nobody has begun to generate."""
    planned = FormCampaign.objects.filter(state="PLANNED", opens_on__lte=today)
    return list(planned.exclude(gatherings__isnull=False).values_list("pk", flat=True))


def open_ones() -> list[uuid.UUID]:
    """Campaigns that go on."""
    return list(FormCampaign.objects.filter(state="OPEN").values_list("pk", flat=True))


def territories(actor: Actor) -> list[OrgUnit]:
    """Nodes that the actor may announce a campaign for: the own, and for the ministry each oblast."""
    own = list(OrgUnit.objects.filter(pk=actor.unit_id or 0))
    if not actor.holds(Role.ANALYST):
        return own
    oblasts = OrgUnit.objects.filter(parent_id=actor.unit_id, kind=UnitKind.OBLAST, is_active=True)
    return own + list(oblasts.order_by(alphabetically("name"), "pk"))


# ── how it goes ──────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Row:
    """A node right below, with how many schools it has in each state."""

    part: CampaignPart
    counts: Mapping[str, int]

    @property
    def schools(self) -> int:
        """All of its schools."""
        return sum(self.counts.values())

    def of(self, *these: str) -> int:
        """Schools in these states."""
        return sum(self.counts.get(one, 0) for one in these)

    @property
    def done(self) -> int:
        """Signed or accepted."""
        return self.of("SIGNED", "ACCEPTED")


def top(actor: Actor, found: FormCampaign) -> CampaignPart | None:
    """Where the actor's look begins: the own summary, or the campaign's; None for a school's people
    and while nothing is generated."""
    parts = CampaignPart.objects.filter(campaign=found, is_school=False).select_related("unit")
    if actor.scope.level == "institution":
        return None
    own = parts.filter(unit_id=actor.unit_id).first()
    return own or parts.filter(mine(actor), parent=None).first()


def level(actor: Actor, found: FormCampaign, unit_uid: uuid.UUID) -> CampaignPart:
    """The summary of a node of a campaign.

    Raises:
        NotFound: none such in reach.
    """
    parts = CampaignPart.objects.filter(mine(actor), campaign=found, is_school=False)
    one = parts.select_related("unit").filter(unit__uid=unit_uid).first()
    if one is None:
        raise NotFound
    return one


def counts(found: FormCampaign, unit_id: int) -> dict[str, int]:
    """How many schools below a node are in each state."""
    return dict(
        CampaignPart.objects.filter(campaign=found, is_school=True, above__contains=[unit_id])
        .values_list("state")
        .annotate(Count("pk"))
    )


def below(part: CampaignPart) -> list[Row]:
    """The nodes right below a summary, authorities first, with the states of their schools."""
    children = list(
        part.children.select_related("unit").order_by(
            "is_school", alphabetically("unit__name"), "pk"
        )
    )
    depth = len(part.above)
    found: dict[int, dict[str, int]] = {}
    for node, state, many in (
        CampaignPart.objects.filter(
            campaign_id=part.campaign_id, is_school=True, above__contains=[part.unit_id]
        )
        .annotate(child=F(f"above__{depth}"))
        .values_list("child", "state")
        .annotate(Count("pk"))
    ):
        found.setdefault(node, {})[state] = many
    return [Row(one, found.get(one.unit_id, {})) for one in children]


@dataclasses.dataclass(frozen=True)
class Tile:
    """An oblast on the map: its code of КАТОТТГ, name, share done."""

    code: str
    row: Row


def oblasts(part: CampaignPart) -> list[Tile]:
    """The oblasts below a summary, for the map."""
    return [
        Tile((row.part.unit.territory_code or "")[:4], row)
        for row in below(part)
        if row.part.unit.kind == UnitKind.OBLAST
    ]


_SCHOOLS = "schools of a campaign below one authority, up to thousands, sorted as they are found"
SCHOOL_ORDERS = {
    "school": Order(("name", "id"), _SCHOOLS, {"name": alphabetically("unit__name")}, few=True),
    "state": Order(("state", "id"), _SCHOOLS, few=True),
    "headline": Order(("headline", "id"), _SCHOOLS, few=True),
    "broken": Order(("broken", "id"), _SCHOOLS, few=True),
    "moved": Order(("moved_at", "id"), _SCHOOLS, few=True),
}


def schools(
    actor: Actor,
    found: FormCampaign,
    unit_id: int | None,
    state: str = "",
    *,
    order: str = "school",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[CampaignPart]:
    """A page of schools of a campaign within reach, below a node, in a state."""
    rows = CampaignPart.objects.filter(mine(actor), campaign=found, is_school=True).select_related(
        "unit", "parent__unit"
    )
    if unit_id is not None:
        rows = rows.filter(above__contains=[unit_id])
    if state:
        rows = rows.filter(state=state)
    rows, fields = ordered(rows, SCHOOL_ORDERS, order, "school")
    return keyset(rows, order=fields, size=size, after=after, before=before)


def late(actor: Actor, found: FormCampaign, today: datetime.date) -> QuerySet[CampaignPart]:
    """Parts within reach that have not done what their last day asked: schools to sign, the nearest
    authorities and oblasts to summarise."""
    rows = CampaignPart.objects.filter(mine(actor), campaign=found)
    with_school = Exists(CampaignPart.objects.filter(parent=OuterRef("pk"), is_school=True))
    waits = Q(pk__in=[])
    if found.due_school < today:
        waits |= Q(is_school=True, state__in=states.WITH_THE_HEAD)
    collecting = Q(is_school=False, state__in=["COLLECTING", "RETURNED"], parent__isnull=False)
    if found.due_local < today:
        waits |= collecting & Q(with_school)
    if found.due_oblast < today:
        waits |= collecting
    return rows.filter(waits)


# ── a part ───────────────────────────────────────────────────────────────────
_PART = Kept[CampaignPart](
    lambda pk: CampaignPart.objects.filter(pk=pk).select_related(
        "campaign__unit", "unit", "parent__unit", "moved_by__user"
    )
)
_REPORT = Kept[CampaignReport](
    lambda part, number: CampaignReport.objects.filter(part=part, number=number).select_related(
        "part__campaign", "part__unit", "signing"
    )
)
_LARGEST = 2**63 - 1  # of a key


def is_mine(actor: Actor, of_part: CampaignPart) -> bool:
    """Whether a part is of those that `mine` says: asked of rows that are there."""
    if actor.holds(Role.TECH_ADMIN, Role.ANALYST) or actor.is_system:
        return True
    if actor.scope.level == "institution":
        return of_part.is_school and of_part.unit_id in actor.scope.keys
    return actor.unit_id in of_part.above


def part(actor: Actor, part_id: int) -> CampaignPart:
    """One part.

    Raises:
        NotAllowed: the actor sees no campaigns.
        NotFound: none such in reach.
    """
    policies.see.require(actor)
    found = _PART.first(part_id) if part_id <= _LARGEST else None
    if found is None or not is_mine(actor, found):
        raise NotFound
    return found


def report(of_part: CampaignPart, number: int | None = None) -> CampaignReport:
    """A version of a school's report, by default the current one.

    Raises:
        NotFound: no such version.
    """
    found = _REPORT.first(of_part.pk, number or of_part.number)
    if found is None:
        raise NotFound
    return found


def signed_summary(of_part: CampaignPart) -> CampaignReport | None:
    """The signature of a summary as it stands now, if its level has signed it."""
    found = _REPORT.first(of_part.pk, of_part.number)
    return found if found is not None and found.signed_at is not None else None


def versions(of_part: CampaignPart) -> list[CampaignReport]:
    """Every version, the latest first."""
    return list(of_part.reports.select_related("made_by__user").order_by("-number"))


def splits(of_part: CampaignPart) -> list[str]:
    """What a summary is split by: urban, rural, then types, as many as there are."""
    kinds = [one for one in of_part.places if one not in {"", "URBAN", "RURAL"}]
    return [one for one in ("URBAN", "RURAL") if one in of_part.places] + sorted(kinds)


def of_summary(of_part: CampaignPart, section: CampaignForm, split: str = "") -> figures.Figures:
    """A section of a summary laid out."""
    found = CampaignSum.objects.filter(part=of_part, form=section.form, split=split)
    return figures.cells(form_of(section), dict(found.values_list("key", "counts")))


def whole_summary(of_part: CampaignPart) -> dict[tuple[str, str], figures.Figures]:
    """Every section of a summary laid out, whole ("") and for each split, in their order. Two queries."""
    laid = sections(of_part.campaign)
    counts: dict[tuple[str, str], dict[str, Sequence[int]]] = {}
    for form, split, key, counted in CampaignSum.objects.filter(part=of_part).values_list(
        "form", "split", "key", "counts"
    ):
        counts.setdefault((form, split), {})[key] = counted
    return {
        (section.form, split): figures.cells(
            form_of(section), counts.get((section.form, split), {})
        )
        for split in ("", *splits(of_part))
        for section in laid
    }


def of_report(
    of_report: CampaignReport, section: CampaignForm
) -> tuple[ReportRun, figures.Figures]:
    """A section of a version of a school's report, and the run that counted it."""
    run = ReportRun.objects.select_related("edition", "unit").get(pk=of_report.runs[section.form])
    found = ReportCount.objects.filter(run=run, institution_id=of_report.part.unit_id)
    return run, figures.cells(form_of(section), dict(found.values_list("key", "counts")))


def cell_parts(
    of_part: CampaignPart, section: CampaignForm, row: str, column: str, split: str = ""
) -> list[tuple[CampaignPart, int]]:
    """What a cell of a summary is made of: the parts right below with their values, none of nought."""
    form = form_of(section)
    children = list(of_part.children.select_related("unit", "campaign").order_by("is_school", "pk"))
    by_key: dict[int, dict[str, Sequence[int]]] = {}
    for pk, key, counted in CampaignSum.objects.filter(
        part__parent=of_part, form=section.form, split=split
    ).values_list("part_id", "key", "counts"):
        by_key.setdefault(pk, {})[key] = counted
    current = {
        one.part.unit_id: (one.part_id, one.runs[section.form])
        for one in CampaignReport.objects.filter(
            part__parent=of_part, part__is_school=True, number=F("part__number")
        ).select_related("part")
        if not split or split in _splits_of(one.part)
    }
    for run, institution, key, counted in ReportCount.objects.filter(
        run_id__in={run for _, run in current.values()}, institution_id__in=list(current)
    ).values_list("run_id", "institution_id", "key", "counts"):
        pk, own = current[institution]
        if str(run) == own:
            by_key.setdefault(pk, {})[key] = counted
    values = [
        (one, figures.cells(form, by_key.get(one.pk, {})).cell(row, column) or 0)
        for one in children
    ]
    return sorted(((one, value) for one, value in values if value), key=lambda each: -each[1])


def _splits_of(of_part: CampaignPart) -> set[str]:
    return {"RURAL" if of_part.is_rural else "URBAN", of_part.type}


# ── what waits ───────────────────────────────────────────────────────────────
_OF_SCHOOL = Kept[CampaignPart](
    lambda nodes: (
        CampaignPart.objects.filter(unit_id__among=nodes)
        .filter(is_school=True, state__in=states.WITH_THE_HEAD, campaign__state="OPEN")
        .select_related("campaign", "unit")
        .order_by("campaign__due_school", "pk")[:20]
    ),
    prepared=False,
)


def waiting_of_school(actor: Actor) -> list[CampaignPart]:
    """Reports of the actor's school and its branches that wait for it."""
    return _OF_SCHOOL.rows(list(actor.scope.keys))


@dataclasses.dataclass(frozen=True)
class Waiting:
    """A summary of the actor's own: what is to be accepted below it, and whether all of it is."""

    part: CampaignPart
    ready: int
    left: int


_OF_LEVEL = Kept[CampaignPart](
    lambda node: (
        CampaignPart.objects.filter(unit_id=node, is_school=False)
        .filter(state__in=["COLLECTING", "RETURNED"], campaign__state="OPEN")
        .select_related("campaign")
        .order_by("campaign__due_local", "pk")[:20]
    )
)


def waiting_of_level(actor: Actor) -> Iterable[Waiting]:
    """Summaries that the actor's node has to make, with what waits below each."""
    own = _OF_LEVEL.rows(actor.unit_id or 0)
    if not own:
        return []
    below = {
        one["parent"]: one
        for one in CampaignPart.objects.filter(parent__in=own)
        .values("parent")
        .annotate(
            ready=Count("pk", filter=Q(state__in=["SIGNED", "CONSOLIDATED"])),
            left=Count("pk", filter=~Q(state="ACCEPTED")),
        )
    }
    return [
        Waiting(one, below[one.pk]["ready"], below[one.pk]["left"])
        for one in own
        if one.pk in below
    ]


def is_as_seen(of_part: CampaignPart) -> bool:
    """Whether a part stands as it was read: its sums were committed with its version."""
    return CampaignPart.objects.filter(pk=of_part.pk, version=of_part.version).exists()


def crumbs(actor: Actor, of_part: CampaignPart) -> list[CampaignPart]:
    """Summaries above a part that the actor may open, from the top."""
    if actor.scope.level == "institution":
        return []
    found = CampaignPart.objects.filter(
        mine(actor), campaign_id=of_part.campaign_id, unit_id__in=of_part.above[:-1]
    ).select_related("unit")
    order = {unit: place for place, unit in enumerate(of_part.above)}
    return sorted(found, key=lambda one: order[one.unit_id])

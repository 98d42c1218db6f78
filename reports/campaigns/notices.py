"""What campaigns tell: heads of reports that wait and come back, levels above of summaries returned,
everybody late of being late."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from accounts.models import Grant
from accounts.notices.kinds import AHEAD, Follows, Kind, New, reminders
from accounts.roles import GrantState, Role
from kernel.audit.events import Event
from kernel.tables.dates import show
from reports.campaigns import states
from reports.campaigns.events import (
    CampaignClosed,
    CampaignOpened,
    CampaignProlonged,
    CampaignReminded,
    CampaignWithdrawn,
    PartConsolidated,
    PartReturned,
    PartSettled,
    ReportGenerated,
    ReportSigned,
)
from reports.campaigns.models import CampaignPart

_URL = {"url_name": "campaign_part", "url_kwarg": "part_id"}
OPENED, RETURNED, LATE = (
    "reports.part.opened",
    "reports.part.came_back",
    "reports.part.late",
)
ENDS = tuple(
    Kind(
        code=f"reports.part.ends_{days}",
        title=f"Строк подання звіту спливає {words}",
        text="{campaign}: підпишіть до {due}. {unit}.",
        **_URL,
    )
    for days, words in AHEAD.items()
)
KINDS = (
    Kind(
        code=OPENED,
        title="Підпишіть звіт до {due}",
        text="{campaign}: звіт сформовано за даними реєстру. {unit}.",
        **_URL,
    ),
    Kind(
        code=RETURNED,
        title="Звіт повернуто на доопрацювання",
        text="{campaign}. {unit}. Зауваження — на сторінці звіту.",
        **_URL,
    ),
    Kind(
        code=LATE,
        title="Строк подання звіту минув {due}",
        text="{campaign}. {unit}. Завершіть свою частину.",
        **_URL,
    ),
    *ENDS,
)
_ALL = tuple(kind.code for kind in KINDS)
_LEVELS = (
    Role.ANALYST,
    Role.OBLAST_ADMIN,
    Role.RAION_ADMIN,
    Role.HROMADA_ADMIN,
    Role.DISTRICT_ADMIN,
)


def _opened(event: CampaignOpened, at: datetime.datetime) -> Iterator[New]:
    for part, grants in _parts(campaign_id=event.subject, **_WITH_HEADS):
        for grant in grants:
            yield New(grant, OPENED, str(part.pk), _facts(part), at)
            yield from _ends(part, grant, at)


def _prolonged(event: CampaignProlonged, at: datetime.datetime) -> Iterator[New]:
    for part, grants in _parts(campaign_id=event.subject, **_WITH_HEADS):
        for grant in grants:
            yield from _ends(part, grant, at)


_WITH_HEADS: dict[str, Any] = {"is_school": True, "state__in": states.WITH_THE_HEAD}


def _ends(part: CampaignPart, grant: int, at: datetime.datetime) -> Iterator[New]:
    for days, due in reminders(part.campaign.due_school, at):
        code = f"reports.part.ends_{days}"
        yield New(grant, code, str(part.pk), _facts(part), due, again=True)


def _returned(event: PartReturned, at: datetime.datetime) -> Iterator[New]:
    for part, grants in _parts(pk=event.subject, state="RETURNED"):
        for grant in grants:
            yield New(grant, RETURNED, str(part.pk), _facts(part), at, again=True)


def _reminded(event: CampaignReminded, at: datetime.datetime) -> Iterator[New]:
    for part, grants in _parts(campaign_id=event.subject, reminder=event.number):
        for grant in grants:
            yield New(grant, LATE, str(part.pk), _facts(part), at, again=True)


def _facts(part: CampaignPart) -> dict[str, str]:
    campaign = part.campaign
    due = campaign.due_oblast
    if part.is_school:
        due = campaign.due_school
    elif part.children.filter(is_school=True).exists():
        due = campaign.due_local
    return {
        "campaign": campaign.title,
        "due": show(due),
        "unit": part.unit.name,
    }


def _parts(**only: Any) -> Iterator[tuple[CampaignPart, list[int]]]:
    """Parts of open campaigns with the grants that answer for them: the head's (the hub's, of a branch
    without its own), or those of the authority."""
    parts = list(
        CampaignPart.objects.filter(campaign__state="OPEN", **only).select_related(
            "campaign", "unit__institution"
        )
    )
    hubs = {
        one.unit_id: one.unit.institution.hub_id
        for one in parts
        if one.is_school and one.unit.institution.hub_id
    }
    nodes = {one.unit_id for one in parts} | set(hubs.values())
    grants: dict[int, list[int]] = {}
    for unit, grant in Grant.objects.filter(
        unit_id__in=nodes, role__in=[Role.HEAD, *_LEVELS], state=GrantState.ACTIVE
    ).values_list("unit_id", "pk"):
        grants.setdefault(unit, []).append(grant)
    for one in parts:
        yield one, grants.get(one.unit_id) or grants.get(hubs.get(one.unit_id, 0), [])


def _of_campaign(event: Any) -> Iterable[str]:
    ids = CampaignPart.objects.filter(campaign_id=event.subject).values_list("pk", flat=True)
    return map(str, ids)


NOTICES: dict[type[Event], Follows] = {
    CampaignOpened: Follows(opens=_opened),
    CampaignProlonged: Follows(opens=_prolonged),
    CampaignReminded: Follows(opens=_reminded),
    PartReturned: Follows(opens=_returned),
    ReportGenerated: Follows(closes=(RETURNED,)),
    ReportSigned: Follows(closes=_ALL),
    PartSettled: Follows(closes=_ALL),
    PartConsolidated: Follows(closes=_ALL),
    CampaignClosed: Follows(closes=_ALL, subjects=_of_campaign),
    CampaignWithdrawn: Follows(closes=_ALL, subjects=_of_campaign),
}

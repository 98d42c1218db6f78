"""What campaigns tell heads: announced, a week and a day before the last day, and when reminded."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from accounts.models import Grant
from accounts.notices.kinds import AHEAD, Follows, Kind, New, reminders
from accounts.roles import GrantState, Role
from kernel.audit.events import Event
from kernel.tables.dates import show
from registry.quality.events import (
    CampaignAnnounced,
    CampaignClosed,
    CampaignProlonged,
    CampaignReminded,
    CampaignSchoolMended,
)
from registry.quality.models import CampaignSchool

_URL = {"url_name": "quality_campaign_school", "url_kwarg": "school_id"}
ANNOUNCED, REMINDED = "registry.campaign.announced", "registry.campaign.reminded"
_LEFT = "Учнів, чиї дані треба виправити: {to_mend}. Кампанію оголошено: {unit}."
ENDS = tuple(
    Kind(
        code=f"registry.campaign.ends_{days}",
        title=f"Строк виправлення даних спливає {words}",
        text="{campaign}: до {due_on}. " + _LEFT,
        **_URL,
    )
    for days, words in AHEAD.items()
)
KINDS = (
    Kind(
        code=ANNOUNCED,
        title="Виправте дані учнів до {due_on}",
        text="{campaign}. " + _LEFT,
        **_URL,
    ),
    Kind(
        code=REMINDED,
        title="Нагадуємо: виправте дані учнів до {due_on}",
        text="{campaign}. " + _LEFT,
        **_URL,
    ),
    *ENDS,
)
_ALL = tuple(kind.code for kind in KINDS)


def _announced(event: CampaignAnnounced, at: datetime.datetime) -> Iterator[New]:
    for school, head, facts in _behind(event.subject):
        yield New(head, ANNOUNCED, str(school.pk), facts, at)
        yield from _ends(school, head, facts, at)


def _prolonged(event: CampaignProlonged, at: datetime.datetime) -> Iterator[New]:
    for school, head, facts in _behind(event.subject):
        yield from _ends(school, head, facts, at)


def _reminded(event: CampaignReminded, at: datetime.datetime) -> Iterator[New]:
    for school, head, facts in _behind(event.subject, reminder=event.number):
        yield New(head, REMINDED, str(school.pk), facts, at, again=True)


def _ends(school: Any, head: int, facts: dict[str, Any], at: datetime.datetime) -> Iterator[New]:
    for days, due in reminders(school.campaign.due_on, at):
        code = f"registry.campaign.ends_{days}"
        yield New(head, code, str(school.pk), facts, due, again=True)


def _behind(campaign_id: Any, **only: int) -> Iterator[tuple[Any, int, dict[str, Any]]]:
    """Institutions of an open campaign with something to mend, each with the grant of its head."""
    schools = list(
        CampaignSchool.objects.filter(
            campaign_id=campaign_id, campaign__state="OPEN", to_mend__gt=0, **only
        ).select_related("campaign__unit", "institution")
    )
    nodes = {node for one in schools for node in (one.institution_id, one.institution.hub_id)}
    heads = dict(
        Grant.objects.filter(
            unit_id__in=nodes - {None}, role=Role.HEAD, state=GrantState.ACTIVE
        ).values_list("unit_id", "pk")
    )
    for one in schools:
        # A branch without a head of its own is the hub's head's.
        head = heads.get(one.institution_id) or heads.get(one.institution.hub_id)
        if head is not None:
            facts = {
                "campaign": one.campaign.title,
                "due_on": show(one.campaign.due_on),
                "to_mend": one.to_mend,
                "unit": one.campaign.unit.name,
            }
            yield one, head, facts


def _schools(event: CampaignClosed) -> Iterable[str]:
    ids = CampaignSchool.objects.filter(campaign_id=event.subject).values_list("pk", flat=True)
    return map(str, ids)


NOTICES: dict[type[Event], Follows] = {
    CampaignAnnounced: Follows(opens=_announced),
    CampaignProlonged: Follows(opens=_prolonged),
    CampaignReminded: Follows(opens=_reminded),
    CampaignSchoolMended: Follows(closes=_ALL),
    CampaignClosed: Follows(closes=_ALL, subjects=_schools),
}

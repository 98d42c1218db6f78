"""What happens to checks of children's data, and to campaigns to mend them."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, event
from registry.institutions.events import InstitutionUid

Rechecks = Annotated[str, Subject("registry.quality")]
CampaignId = Annotated[uuid.UUID, Subject("registry.quality_campaign")]
CampaignSchoolId = Annotated[int, Subject("registry.campaign_school")]


@event("registry.quality.checked", version=1)
class QualityChecked(Event, frozen=True, kw_only=True):
    """Every child of an institution was asked every rule of the pack."""

    subject: InstitutionUid
    pack: str
    pupils: int
    with_problems: int


@event("registry.quality.rechecked", version=1)
class QualityRechecked(Event, frozen=True, kw_only=True):
    """Children whose data changed were asked the rules again."""

    subject: Rechecks = ""
    pupils: int
    with_problems: int


@event("registry.quality.summed", version=1)
class QualitySummed(Event, frozen=True, kw_only=True):
    """What the checks of a month found was added up by oblast."""

    subject: Rechecks = ""
    month: datetime.date


@event("registry.quality_campaign.announced", version=1)
class CampaignAnnounced(Event, frozen=True, kw_only=True):
    """Institutions are asked to mend data of some indicators by a day."""

    subject: CampaignId
    indicators: list[str]
    due_on: datetime.date
    schools: int


@event("registry.quality_campaign.prolonged", version=1)
class CampaignProlonged(Event, frozen=True, kw_only=True):
    """A campaign has another last day."""

    subject: CampaignId
    due_on: datetime.date


@event("registry.quality_campaign.reminded", version=1)
class CampaignReminded(Event, frozen=True, kw_only=True):
    """Heads of institutions that have not mended everything are reminded."""

    subject: CampaignId
    number: int
    schools: int


@event("registry.quality_campaign.closed", version=1)
class CampaignClosed(Event, frozen=True, kw_only=True):
    """A campaign is over; its numbers stand still."""

    subject: CampaignId
    mended: int
    schools: int


@event("registry.campaign_school.mended", version=1)
class CampaignSchoolMended(Event, frozen=True, kw_only=True):
    """An institution has nothing more to mend in a campaign."""

    subject: CampaignSchoolId
    campaign: uuid.UUID

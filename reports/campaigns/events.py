"""What happens in campaigns of reporting."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel import batch
from kernel.audit.events import Event, Subject, Words, event

CampaignId = Annotated[uuid.UUID, Subject("reports.campaign")]
GatheringId = Annotated[uuid.UUID, Subject("reports.gathering")]
PartId = Annotated[int, Subject("reports.part")]

GATHERING = batch.told_of("reports.gathering", GatheringId)


@event("reports.campaign.announced", version=1)
class CampaignAnnounced(Event, frozen=True, kw_only=True):
    """A campaign is planned; reports are generated on its day."""

    subject: CampaignId
    forms: tuple[str, ...]
    as_of: datetime.date
    opens_on: datetime.date


@event("reports.campaign.gathering", version=1)
class CampaignGathered(Event, frozen=True, kw_only=True):
    """Generating its reports is asked for: at the opening, or of schools that appeared since."""

    subject: CampaignId


@event("reports.campaign.opened", version=1)
class CampaignOpened(Event, frozen=True, kw_only=True):
    """Reports of all schools are generated and wait for their heads."""

    subject: CampaignId
    schools: int


@event("reports.campaign.prolonged", version=1)
class CampaignProlonged(Event, frozen=True, kw_only=True):
    """Its last days are later."""

    subject: CampaignId
    due_school: datetime.date
    due_local: datetime.date
    due_oblast: datetime.date


@event("reports.campaign.reminded", version=1)
class CampaignReminded(Event, frozen=True, kw_only=True):
    """Those who are late were reminded; `number` tells them apart from those reminded before."""

    subject: CampaignId
    number: int
    parts: int


@event("reports.campaign.closed", version=1)
class CampaignClosed(Event, frozen=True, kw_only=True):
    """The last summary is taken: nothing in the campaign moves any more."""

    subject: CampaignId
    schools: int


@event("reports.campaign.withdrawn", version=1)
class CampaignWithdrawn(Event, frozen=True, kw_only=True):
    """It was given up; nobody is asked for anything."""

    subject: CampaignId
    why: Words


@event("reports.part.generated", version=1)
class ReportGenerated(Event, frozen=True, kw_only=True):
    """A school's report was generated anew: another version, unsigned."""

    subject: PartId
    number: int
    broken: int


@event("reports.part.explained", version=1)
class ReportExplained(Event, frozen=True, kw_only=True):
    """The school said why a control does not hold; the words are signed with the report."""

    subject: PartId


@event("reports.part.prepared", version=1)
class ReportPrepared(Event, frozen=True, kw_only=True):
    """Its bytes are frozen for the head to sign."""

    subject: PartId
    number: int


@event("reports.part.signed", version=1)
class ReportSigned(Event, frozen=True, kw_only=True):
    """The head signed it."""

    subject: PartId
    number: int
    certificate: str


@event("reports.part.accepted", version=1)
class PartAccepted(Event, frozen=True, kw_only=True):
    """A level above took it."""

    subject: PartId
    number: int


@event("reports.part.returned", version=1)
class PartReturned(Event, frozen=True, kw_only=True):
    """A level above sent it back; why stands in the part."""

    subject: PartId
    number: int


@event("reports.part.settled", version=1)
class PartSettled(Event, frozen=True, kw_only=True):
    """The report of a school that is no more was taken unsigned, on a ground."""

    subject: PartId
    number: int


@event("reports.part.consolidated", version=1)
class PartConsolidated(Event, frozen=True, kw_only=True):
    """A summary of accepted reports was made and went up."""

    subject: PartId
    number: int


@event("reports.part.reopened", version=1)
class PartReopened(Event, frozen=True, kw_only=True):
    """Something inside was returned: the summary holds no more."""

    subject: PartId

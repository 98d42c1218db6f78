"""Rows of a campaign, held while a command moves them.

Locks go upwards: a part, then those above it. So a summary made while something inside is returned
is either made before, and reopened by the return, or sees what was returned.
"""

from __future__ import annotations

import uuid
from typing import Any

from accounts.actors import Actor
from kernel.db import part_of_command
from kernel.errors import NotFound, StaleVersion
from kernel.kept import Kept
from kernel.kept import found as found_row
from reports.campaigns import policies, selectors, states
from reports.campaigns.errors import CampaignMoved, PartMoved
from reports.campaigns.models import CampaignPart, FormCampaign

_HELD = Kept[CampaignPart](
    lambda pk: (
        CampaignPart.objects.select_for_update(of=("self",), no_key=True)
        .select_related("campaign", "unit")
        .filter(pk=pk)
    )
)
_OPEN = Kept[tuple[str]](
    lambda pk: FormCampaign.objects.filter(pk=pk, state="OPEN").values_list("state")
)


@part_of_command
def campaign(campaign_id: uuid.UUID | str, step: str = "") -> FormCampaign:
    """A campaign, held; in a state that `step` may leave.

    Raises:
        NotFound: none such.
        CampaignMoved: it is in another state.
    """
    found = (
        FormCampaign.objects.select_for_update(of=("self",), no_key=True)
        .select_related("unit", "territory")
        .filter(pk=campaign_id)
        .first()
    )
    if found is None:
        raise NotFound
    if step and step not in states.CAMPAIGN[found.state]:
        raise CampaignMoved
    return found


@part_of_command
def led(actor: Actor, campaign_id: uuid.UUID | str, step: str = "") -> FormCampaign:
    """The same, for whoever leads it."""
    selectors.campaign(actor, campaign_id)
    found = campaign(campaign_id, step)
    policies.lead.require(actor, found.unit)
    return found


@part_of_command
def part(
    actor: Actor, part_id: int, step: str, policy: Any, *, version: int | None
) -> CampaignPart:
    """A part within reach, held, of an open campaign, in a state that `step` may leave.

    Raises:
        NotFound, NotAllowed: not in reach, or not this actor's to move.
        StaleVersion: somebody moved it after the actor looked.
        PartMoved, CampaignMoved: it is in another state.
    """
    policy.require(actor, selectors.part(actor, part_id))
    found = found_row(_HELD.first(part_id))
    if version is not None and found.version != version:
        raise StaleVersion
    if step not in selectors.table_of(found)[found.state]:
        raise PartMoved
    _require_open(found)
    return found


def _require_open(found: CampaignPart) -> None:
    """Asked after the locks: a campaign closed meanwhile moves no more."""
    if _OPEN.first(found.campaign_id) is None:
        raise CampaignMoved("Збір звітності ще не відкрито або вже завершено.")


@part_of_command
def above(found: CampaignPart) -> list[CampaignPart]:
    """Summaries above a part, held, the nearest first; the campaign is asked again after.

    Raises:
        CampaignMoved: it was closed meanwhile.
    """
    ids = [one for one in reversed(found.above) if one != found.unit_id]
    held = [
        CampaignPart.objects.select_for_update(of=("self",), no_key=True).get(
            campaign_id=found.campaign_id, unit_id=one
        )
        for one in ids
    ]
    _require_open(found)
    return held

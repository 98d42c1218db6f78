"""What a school does with its report: generates it anew, explains."""

from __future__ import annotations

import datetime

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, Problem
from kernel.kept import update
from kernel.scoping import grant_of
from kernel.tables.cells import storable
from kernel.text import clean
from reports.campaigns import policies, selectors, states
from reports.campaigns.events import (
    ReportExplained,
    ReportGenerated,
)
from reports.campaigns.models import CampaignPart, CampaignReport
from reports.campaigns.services import held
from reports.campaigns.services.gathering import judge
from reports.services import runs
from signatures.services import sessions

LONGEST = 1000


@command
def generate(*, actor: Actor, part_id: int, version: int, moment: Moment) -> CampaignPart:
    """Count a school's report again as of the same day: another version, known as of now, unsigned.

    Raises:
        NotFound, NotAllowed: not in reach, or not the actor's school.
        StaleVersion, PartMoved, CampaignMoved: as `held.part`.
    """
    part = held.part(actor, part_id, "generate", policies.prepare, version=version)
    before = selectors.report(part)
    if before.signing_id is not None and before.signed_at is None:
        sessions.give_up(before.signing_id)
    made = {
        section.form: runs.counted(
            section.edition,
            part.unit,
            part.campaign.as_of,
            grant_id=actor.grant_id,
            now=moment.now,
        )
        for section in part.campaign.forms.select_related("edition").order_by("position")
    }
    judged = judge(made, None, part.unit_id)
    part.number += 1
    part.headline, part.broken = judged.headline, len(judged.broken)
    part.comment = ""
    CampaignReport.objects.create(
        part=part,
        number=part.number,
        runs={form: str(run.pk) for form, run in made.items()},
        broken=judged.broken,
        made_at=moment.now,
        made_by_id=grant_of(actor),
    )
    state = states.REPORT[part.state]["generate"]
    moved(part, state if judged.broken else states.REPORT[state]["check"], actor, moment.now)
    part.save(update_fields=["number", "headline", "broken", "comment"])
    audit.record(
        ReportGenerated(subject=part.pk, unit=part.unit_id, number=part.number, broken=part.broken)
    )
    return part


@part_of_command
def moved(part: CampaignPart, state: str, actor: Actor, now: datetime.datetime) -> None:
    """A part, held, comes to a state by an actor."""
    part.state, part.moved_at = state, now
    part.moved_by_id = actor.grant_id
    part.version += 1
    update(part, "state", "moved_at", "moved_by", "version")


@command
def explain(*, actor: Actor, part_id: int, version: int, text: str, moment: Moment) -> CampaignPart:
    """Say why a control does not hold though the data are right; the words are signed with the report.

    Raises:
        NotFound, NotAllowed: not in reach, or not the actor's school.
        Invalid: nothing is said.
        StaleVersion, PartMoved, CampaignMoved: as `held.part`.
    """
    part = held.part(actor, part_id, "explain", policies.prepare, version=version)
    text = clean(storable(text))
    if not text or len(text) > LONGEST:
        raise Invalid([Problem("text", "required", f"Поясніть, до {LONGEST} знаків.")])
    report = selectors.report(part)
    report.explanation = text
    report.save(update_fields=["explanation"])
    moved(part, states.REPORT[part.state]["explain"], actor, moment.now)
    audit.record(ReportExplained(subject=part.pk, unit=part.unit_id))
    return part

"""A campaign of the small world: announced, generated, signed."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from accounts import actors
from kernel import batch
from kernel.clock import Moment
from kernel.errors import DomainError
from reports.campaigns.models import CampaignPart, FormCampaign
from reports.campaigns.selectors import gathering as latest
from reports.campaigns.services import gathering, leading, levels, school, signing
from signatures.demo.signing import sign_cms
from signatures.models import SigningSession
from tests.registry.kit import key_of
from tests.reports import DAY
from tests.world import World

MOMENT = Moment(datetime.datetime(2026, 9, 7, 9, tzinfo=datetime.UTC), datetime.date(2026, 9, 7))
DUES = (datetime.date(2026, 9, 10), datetime.date(2026, 9, 16), datetime.date(2026, 9, 23))
CODES = {"olena": "59900062", "petro": "99000130", "nina": "99000206", "bohdan": "02147345"}
SYSTEM = actors.system("тест")


def announced(world: World, who: str = "maria", unit: str = "mon", **more: Any) -> FormCampaign:
    """A campaign of both sections that the small world's registry fills."""
    return leading.announce(
        actor=world.actor(who),
        **{
            "title": "ЗНЗ-1 на 5 вересня",
            "forms": ["ZNZ1-1", "ZNZ1-5"],
            "territory_uid": world.units[unit].uid,
            "as_of": DAY,
            "opens_on": DAY,
            "dues": DUES,
            "moment": MOMENT,
            **more,
        },
    )


def gathered(campaign: FormCampaign, moment: Moment = MOMENT) -> FormCampaign:
    """Its reports, generated to the end."""
    run = latest(campaign)
    assert run is not None
    batch.carry_on(gathering.WORK, run.pk, actor=SYSTEM, clock=lambda: moment.now)
    run.refresh_from_db()
    assert run.state == "DONE", run.failure
    return FormCampaign.objects.get(pk=campaign.pk)


def opened(world: World, unit: str = "mon", **more: Any) -> FormCampaign:
    """A campaign whose reports wait for heads."""
    return gathered(announced(world, unit=unit, **more))


def part_of(campaign: FormCampaign, world: World, unit: str) -> CampaignPart:
    """The part of a node."""
    return CampaignPart.objects.get(campaign=campaign, unit_id=world.units[unit].pk)


def signature(session_id: uuid.UUID, who: str, edrpou: str = "", moment: Moment = MOMENT) -> bytes:
    """What a head's browser sends."""
    key, certificate = key_of(who, edrpou or CODES[who], at=moment.now)
    session = SigningSession.objects.get(pk=session_id)
    return sign_cms(bytes(session.content), key, certificate, signing_time=moment.now)


def sign(world: World, part: CampaignPart, who: str, moment: Moment = MOMENT) -> CampaignPart:
    """A part prepared and signed by its head."""
    actor = world.actor(who)
    session = signing.prepare(actor=actor, part_id=part.pk, moment=moment)
    signing.sign(
        actor=actor, session_id=session, cms=signature(session, who, moment=moment), moment=moment
    )
    part.refresh_from_db()
    return part


def accept(world: World, part: CampaignPart, who: str) -> CampaignPart:
    """A part taken by a level."""
    part.refresh_from_db()
    return levels.accept(
        actor=world.actor(who), part_id=part.pk, version=part.version, moment=MOMENT
    )


def consolidate(world: World, part: CampaignPart, who: str) -> CampaignPart:
    """A level's summary."""
    part.refresh_from_db()
    return levels.consolidate(
        actor=world.actor(who), part_id=part.pk, version=part.version, moment=MOMENT
    )


def refusal(call: Any, *args: Any, **values: Any) -> str:
    """The code of the refusal that a command answers with; "" when it does not refuse."""
    try:
        call(*args, **values)
    except DomainError as no:
        return no.code
    return ""


def matrix_part(world: World) -> CampaignPart:
    """A school's part with two versions, made once."""
    found = CampaignPart.objects.filter(unit_id=world.units["school1"].pk).first()
    if found is None:
        found = part_of(opened(world, unit="chernivtsi"), world, "school1")
        school.generate(
            actor=world.actor("olena"), part_id=found.pk, version=found.version, moment=MOMENT
        )
        found.refresh_from_db()
    return found

"""The September campaign of ЗНЗ-1 over the demo oblast, half way: most heads have not signed yet, a few
reports are taken by the authorities above, one came back with a comment."""

from __future__ import annotations

from typing import Any

from accounts import actors
from accounts.models import Grant, OrgUnit
from accounts.roles import Role
from aikom.demo import world
from aikom.demo.personas import PERSONAS
from kernel import batch, clock
from kernel.clock import Moment
from reports.campaigns.models import CampaignPart, FormCampaign
from reports.campaigns.services import gathering, leading, levels, signing
from signatures.demo.authority import stored
from signatures.demo.signing import sign_cms
from signatures.models import SigningSession

FORMS = ("ZNZ1-1", "ZNZ1-2", "ZNZ1-5")  # each takes its part of a start of forty seconds
SIGNED, TAKEN = 9, 5  # reports that heads have signed, and how many of them were taken
COMMENT = "Звірте кількість учнів, які навчаються за сімейною формою."
_TAKE = (Role.HROMADA_ADMIN, Role.RAION_ADMIN, Role.OBLAST_ADMIN)


def make(moment: Moment) -> FormCampaign:
    """Announce the campaign as the ministry's analyst does, generate the reports, let some move."""
    analyst = Grant.objects.select_related("user", "unit").get(role=Role.ANALYST, state="ACTIVE")
    as_of = min(leading.first_day(moment.today), moment.today)
    days = leading.usual_days(moment.today)
    last = clock.years_after(as_of, 1)
    campaign = leading.announce(
        actor=actors.of_grant(analyst),
        title=f"ЗНЗ-1 станом на {as_of:%d.%m.%Y}",
        forms=FORMS,
        territory_uid=OrgUnit.objects.get(pk=world.nodes()["oblast"]).uid,
        as_of=as_of,
        opens_on=min(moment.today, last),
        dues=[min(days[name], last) for name in leading.DUES],
        moment=moment,
    )
    for run in campaign.gatherings.all():
        batch.carry_on(
            gathering.WORK, run.pk, actor=actors.system("збір звітності"), clock=lambda: moment.now
        )
    _move(campaign, moment)
    campaign.refresh_from_db()
    return campaign


def _move(campaign: FormCampaign, moment: Moment) -> None:
    """Heads of some schools sign; the authorities above them take most and return one."""
    nodes = world.nodes()
    # What newcomers sign is left to whoever plays them.
    newcomers = {nodes[held.unit] for one in PERSONAS for held in one.holdings}
    held = Grant.objects.filter(state="ACTIVE").select_related("user", "unit").order_by("-pk")
    heads = {one.unit_id: one for one in held if one.role == Role.HEAD}
    authorities = {one.unit_id: one for one in held if one.role in _TAKE}
    ready = CampaignPart.objects.filter(
        campaign=campaign, is_school=True, state="CHECKED", is_hub=False, is_branch=False
    ).exclude(unit_id__in=newcomers)
    for number, part in enumerate(
        ready.filter(unit_id__in=heads).order_by("parent", "pk")[:SIGNED]
    ):
        _sign(heads[part.unit_id], part, moment)
        if number > TAKEN:
            continue
        part.refresh_from_db()
        above = next(authorities[one] for one in reversed(part.above) if one in authorities)
        step: dict[str, Any] = {
            "actor": actors.of_grant(above),
            "part_id": part.pk,
            "version": part.version,
            "moment": moment,
        }
        if number < TAKEN:
            levels.accept(**step)
        else:
            levels.send_back(**step, comment=COMMENT)


def _sign(head: Grant, part: CampaignPart, moment: Moment) -> None:
    """A head signs, by a key made for this once."""
    actor = actors.of_grant(head)
    session = signing.prepare(actor=actor, part_id=part.pk, moment=moment)
    key, certificate = stored().issue_person(
        full_name=actor.full_name,
        rnokpp=head.user.person_code,
        edrpou=head.unit.edrpou or "",
        organisation=head.unit.name,
        title=head.position,
        at=moment.now,
    )
    content = bytes(SigningSession.objects.get(pk=session).content)
    cms = sign_cms(content, key, certificate, signing_time=moment.now)
    signing.sign(actor=actor, session_id=session, cms=cms, moment=moment)

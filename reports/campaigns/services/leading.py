"""Announcing a campaign and leading it to its end."""

from __future__ import annotations

import datetime
import itertools
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import F

from accounts.actors import Actor
from accounts.models import OrgUnit
from kernel import audit, clock
from kernel.clock import Moment
from kernel.db import command, part_of_command, violation
from kernel.errors import Invalid, NotFound, Problem, StaleVersion
from kernel.scoping import grant_of
from kernel.tables.cells import storable
from kernel.tables.dates import show
from kernel.text import clean
from registry.models import SchoolYear
from reports import definition
from reports.campaigns import policies, selectors, states
from reports.campaigns.errors import CampaignMoved, NobodyLate, NotAllAccepted
from reports.campaigns.events import (
    CampaignAnnounced,
    CampaignClosed,
    CampaignGathered,
    CampaignProlonged,
    CampaignReminded,
    CampaignWithdrawn,
)
from reports.campaigns.models import CampaignForm, CampaignGathering, CampaignPart, FormCampaign
from reports.campaigns.services import held
from reports.services import runs

LONGEST_TITLE, LONGEST_WHY = 120, 500
DUES = ("due_school", "due_local", "due_oblast")


@command
def announce(
    *,
    actor: Actor,
    title: str,
    forms: Sequence[str],
    territory_uid: uuid.UUID | str,
    as_of: datetime.date | None,
    opens_on: datetime.date | None,
    dues: Sequence[datetime.date | None],
    moment: Moment,
) -> FormCampaign:
    """Plan a campaign for the schools under a node; on its day their reports are generated.

    dues: the last days of schools, of the authorities right above them, of oblasts.

    Raises:
        NotAllowed, NotFound: not the actor's to announce, or not for that node.
        Invalid: every input that is wrong.
    """
    policies.announce.require(actor)
    assert actor.unit_id is not None  # noqa: S101 - the policy asks for a person at a node
    territory = OrgUnit.objects.filter(uid=territory_uid).first()
    if territory is None or not actor.stands_above(territory.path):
        raise NotFound
    title = clean(storable(title))
    problems = _title_problems(title)
    known = [code for code in definition.codes() if code in forms]
    if not known or len(known) < len(set(forms)):
        problems.append(Problem("forms", "unknown", "Виберіть форми звітності зі списку."))
    problems += _day_problems(as_of, opens_on, dues)
    if problems or as_of is None or opens_on is None:
        raise Invalid(problems)
    campaign = FormCampaign.objects.create(
        title=title,
        unit_id=actor.unit_id,
        territory=territory,
        as_of=as_of,
        opens_on=opens_on,
        **dict(zip(DUES, dues, strict=True)),
        created_by_id=grant_of(actor),
        created_at=moment.now,
    )
    CampaignForm.objects.bulk_create(
        CampaignForm(campaign=campaign, position=n, form=code, edition=runs.edition_of(code, as_of))
        for n, code in enumerate(known)
    )
    audit.record(
        CampaignAnnounced(
            subject=campaign.pk,
            unit=campaign.unit_id,
            forms=tuple(known),
            as_of=as_of,
            opens_on=opens_on,
        )
    )
    if opens_on <= moment.today:
        _asked_to_gather(campaign, moment.now)
    return campaign


def _title_problems(title: str) -> list[Problem]:
    if title and len(title) <= LONGEST_TITLE:
        return []
    return [Problem("title", "required", f"Назва — від 1 до {LONGEST_TITLE} знаків.")]


def _day_problems(
    as_of: datetime.date | None,
    opens_on: datetime.date | None,
    dues: Sequence[datetime.date | None],
) -> list[Problem]:
    """Days are there and in their order: of the figures, of the opening, of each level."""
    days = dict(zip(("as_of", "opens_on", *DUES), (as_of, opens_on, *dues), strict=True))
    problems = [
        Problem(name, "required", "Вкажіть дату.") for name, day in days.items() if day is None
    ]
    there = [(name, day) for name, day in days.items() if day is not None]
    for (_, before), (name, day) in itertools.pairwise(there):
        if day < before:
            said = f"Не раніше за {show(before)}: строки йдуть один за одним."
            problems.append(Problem(name, "order", said))
    if as_of is not None:
        year = SchoolYear.objects.filter(starts_on__lte=as_of, ends_on__gt=as_of).exists()
        if not year:
            problems.append(
                Problem("as_of", "range", "Ця дата не належить до жодного навчального року.")
            )
        problems += [
            Problem(name, "range", "Збір триває не довше року від своєї дати.")
            for name, day in there
            if day > clock.years_after(as_of, 1)
        ]
    return problems


@part_of_command
def _asked_to_gather(campaign: FormCampaign, now: datetime.datetime) -> CampaignGathering:
    with violation(
        "one_gathering_under_way", lambda: CampaignMoved("Звіти вже формуються, дочекайтеся.")
    ):
        made = CampaignGathering.objects.create(
            campaign=campaign,
            total=selectors.schools_on(campaign).count(),
            created_at=now,
            touched_at=now,
        )
    audit.record(CampaignGathered(subject=campaign.pk, unit=campaign.unit_id))
    return made


@command
def begin(*, actor: Actor, campaign_id: uuid.UUID, moment: Moment) -> CampaignGathering | None:
    """Generate the reports of a planned campaign whose day has come; nothing when that is done.

    Raises:
        NotFound: none such.
        CampaignMoved: they are being generated.
    """
    campaign = held.campaign(campaign_id)
    if campaign.state != "PLANNED" or campaign.opens_on > moment.today:
        return None
    return _asked_to_gather(campaign, moment.now)


@command
def gather_again(*, actor: Actor, campaign_id: uuid.UUID, moment: Moment) -> CampaignGathering:
    """Add schools that entered the register since and stood there on the campaign's day.

    Raises:
        NotFound, NotAllowed: not the actor's campaign.
        CampaignMoved: it is not open, or reports are being generated.
    """
    campaign = held.led(actor, campaign_id, "close")
    return _asked_to_gather(campaign, moment.now)


@command
def prolong(
    *,
    actor: Actor,
    campaign_id: uuid.UUID,
    version: int,
    title: str,
    dues: Sequence[datetime.date | None],
) -> FormCampaign:
    """Say later last days, or another title. Forms and the day of the figures never change: what
    heads have signed would be something else; another campaign asks for other figures.

    Raises:
        NotFound, NotAllowed: not the actor's campaign.
        CampaignMoved: it has ended.
        StaleVersion: somebody changed it after the actor looked.
        Invalid: every input that is wrong.
    """
    campaign = held.led(actor, campaign_id, "withdraw")
    if campaign.version != version:
        raise StaleVersion
    title = clean(storable(title))
    problems = _title_problems(title) + _day_problems(campaign.as_of, campaign.opens_on, dues)
    for name, day in zip(DUES, dues, strict=True):
        now = getattr(campaign, name)
        if campaign.state == "OPEN" and day is not None and day < now:
            said = f"Оголошений строк — {show(now)}: його можна лише продовжити."
            problems.append(Problem(name, "sooner", said))
    if problems:
        raise Invalid(problems)
    campaign.title = title
    campaign.version += 1
    for name, day in zip(DUES, dues, strict=True):
        setattr(campaign, name, day)
    campaign.save(update_fields=["title", "version", *DUES])
    audit.record(
        CampaignProlonged(
            subject=campaign.pk,
            unit=campaign.unit_id,
            due_school=campaign.due_school,
            due_local=campaign.due_local,
            due_oblast=campaign.due_oblast,
        )
    )
    return campaign


@command
def close(*, actor: Actor, campaign_id: uuid.UUID, moment: Moment) -> FormCampaign:
    """Take the last summary: the campaign is over and nothing in it moves.

    Raises:
        NotFound, NotAllowed: not the actor's campaign.
        CampaignMoved: it is not open.
        NotAllAccepted: its own summary is not made.
    """
    selectors.campaign(actor, campaign_id)
    # The part first: locks go upwards, and a return waits for it.
    top = (
        CampaignPart.objects.select_for_update(of=("self",), no_key=True)
        .filter(campaign_id=campaign_id, parent=None)
        .first()
    )
    campaign = held.led(actor, campaign_id, "close")
    if top is None or top.state != "CONSOLIDATED":
        raise NotAllAccepted("Спершу сформуйте зведений звіт усієї території.")
    _end(campaign, "close", actor, moment.now)
    schools = CampaignPart.objects.filter(campaign=campaign, is_school=True).count()
    audit.record(CampaignClosed(subject=campaign.pk, unit=campaign.unit_id, schools=schools))
    return campaign


@command
def withdraw(*, actor: Actor, campaign_id: uuid.UUID, why: str, moment: Moment) -> FormCampaign:
    """Give a campaign up; what was signed stays signed, nobody is asked for more.

    Raises:
        NotFound, NotAllowed: not the actor's campaign.
        CampaignMoved: it has ended.
        Invalid: no reason.
    """
    campaign = held.led(actor, campaign_id, "withdraw")
    campaign.ended_why = clean(storable(why))[:LONGEST_WHY]
    if not campaign.ended_why:
        raise Invalid([Problem("why", "required", "Напишіть, чому збір скасовано.")])
    CampaignGathering.objects.filter(campaign=campaign, state__in=["QUEUED", "RUNNING"]).update(
        state="CANCELLED", finished_at=moment.now
    )
    _end(campaign, "withdraw", actor, moment.now)
    audit.record(
        CampaignWithdrawn(subject=campaign.pk, unit=campaign.unit_id, why=campaign.ended_why)
    )
    return campaign


@part_of_command
def _end(campaign: FormCampaign, step: str, actor: Actor, now: datetime.datetime) -> None:
    campaign.state = states.CAMPAIGN[campaign.state][step]
    campaign.ended_by_id, campaign.ended_at = grant_of(actor), now
    campaign.version += 1
    campaign.save(update_fields=["state", "ended_by", "ended_at", "ended_why", "version"])


@command
def remind(*, actor: Actor, campaign_id: uuid.UUID, moment: Moment) -> int:
    """Remind those within reach whose last day has passed; each at most once a day.

    The system does so every day; a level above, whenever it wishes.

    Raises:
        NotFound: no such campaign within reach.
        CampaignMoved: it is not open.
        NobodyLate: nobody is late, or all were reminded today.
    """
    seen = selectors.campaign(actor, campaign_id)
    if not actor.is_system and actor.scope.level == "institution":
        policies.announce.require(actor)
    campaign = held.campaign(seen.pk, "close")
    late = list(
        selectors.late(actor, campaign, moment.today)
        .exclude(reminded_on=moment.today)
        .values_list("pk", flat=True)
    )
    if not late:
        raise NobodyLate
    number = campaign.reminders + 1
    CampaignPart.objects.filter(pk__in=late).update(reminder=number, reminded_on=moment.today)
    FormCampaign.objects.filter(pk=campaign.pk).update(reminders=F("reminders") + 1)
    audit.record(
        CampaignReminded(subject=campaign.pk, unit=campaign.unit_id, number=number, parts=len(late))
    )
    return len(late)


def usual_days(as_of: datetime.date) -> dict[str, datetime.date]:
    """Days that a campaign usually has (handbook F.1: school by 10 September): terms in working days
    of the calendar as it is under martial law."""
    from registry.classifiers.working_days import calendar

    days: dict[str, Any] = {"as_of": as_of, "opens_on": as_of}
    last = as_of
    for name, working in zip(DUES, (4, 4, 5), strict=True):
        last = calendar().after(last, working)
        days[name] = last
    return days


def first_day(today: datetime.date) -> datetime.date:
    """The day the form asks for in the school year that is: 5 September."""
    year = SchoolYear.objects.filter(starts_on__lte=today).order_by("-starts_on").first()
    start = year.starts_on if year else clock.month_of(today)
    return clock.month_of(start) + datetime.timedelta(days=4)

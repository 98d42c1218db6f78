"""Campaigns to mend data by a day: announced, reminded of, prolonged and closed from above; what is
left to mend follows the findings by itself."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import F

from accounts.actors import Actor
from accounts.models import Grant
from kernel import audit, clock
from kernel.db import command, part_of_command
from kernel.errors import Invalid, NotFound, Problem
from kernel.scoping import grant_of
from kernel.tables.cells import storable
from kernel.tables.dates import show
from registry.fields.rules.pack import current
from registry.institutions.models.institutions import Institution
from registry.quality import policies
from registry.quality.errors import CampaignOver, NobodyToRemind
from registry.quality.events import (
    CampaignAnnounced,
    CampaignClosed,
    CampaignProlonged,
    CampaignReminded,
    CampaignSchoolMended,
)
from registry.quality.models import CampaignSchool, QualityCampaign
from registry.quality.states import TRANSITIONS

LONGEST_TITLE, LONGEST_TEXT = 120, 500
LONGEST = 366  # days a campaign may last

_SCHOOLS = """
    INSERT INTO registry_campaignschool
        (campaign_id, institution_id, pupils, at_start, to_mend, mended_at, reminder)
    SELECT %(campaign)s, p.institution_id, p.n, coalesce(f.n, 0), coalesce(f.n, 0),
           CASE WHEN f.n IS NULL THEN %(now)s::timestamptz END, 0
    FROM (SELECT institution_id, count(*) AS n FROM registry_pupil
          WHERE institution_id = ANY(%(ids)s) GROUP BY 1) p
    LEFT JOIN (SELECT institution_id, count(DISTINCT pupil_id) AS n FROM registry_qualityfinding
               WHERE rule = ANY(%(rules)s) AND institution_id = ANY(%(ids)s) GROUP BY 1) f
        ON f.institution_id = p.institution_id
"""
_FOLLOW = """
    UPDATE registry_campaignschool s SET to_mend = x.n,
        mended_at = CASE WHEN x.n = 0 THEN %(now)s::timestamptz END
    FROM (
        SELECT s.id, count(DISTINCT f.pupil_id) AS n FROM registry_campaignschool s
        JOIN registry_qualitycampaign c ON c.id = s.campaign_id AND c.state = 'OPEN'
        LEFT JOIN registry_qualityfinding f
            ON f.institution_id = s.institution_id AND f.rule = ANY(c.rules)
        WHERE s.institution_id = ANY(%(ids)s) GROUP BY s.id
    ) x
    WHERE x.id = s.id AND x.n <> s.to_mend
    RETURNING s.id, s.institution_id, s.campaign_id, x.n
"""


@command
def announce(
    *,
    actor: Actor,
    title: str,
    text: str,
    indicators: Sequence[str],
    due_on: datetime.date | None,
    today: datetime.date,
) -> QualityCampaign:
    """Ask every acting institution of the reach that has pupils to mend some indicators by a day.

    Raises:
        NotAllowed: schools mend, they do not announce.
        Invalid: every input that is wrong.
    """
    policies.announce.require(actor)
    title, text = storable(title), storable(text)
    last = _judged(title, text, indicators, due_on, today)
    ids = Institution.objects.visible_to(actor).filter(status="ACTIVE").values_list("pk", flat=True)
    pack = current()
    chosen = [one.code for one in pack.indicators if one.code in indicators]
    giver = Grant.objects.get(pk=grant_of(actor))
    campaign = QualityCampaign.objects.create(
        unit_id=giver.unit_id,
        title=title,
        text=text,
        pack=pack.version,
        indicators=chosen,
        rules=[rule.code for rule in pack.rules if rule.indicator in chosen],
        due_on=last,
        announced_by=giver,
        announced_at=audit.now(),
    )
    asked = {"campaign": campaign.pk, "ids": list(ids), "rules": campaign.rules}
    with connection.cursor() as cursor:
        cursor.execute(_SCHOOLS, asked | {"now": audit.now()})
        schools = cursor.rowcount
    if not schools:
        raise Invalid(
            [Problem("", "nobody", "У вашому підпорядкуванні немає закладів, де є учні.")]
        )
    audit.record(
        CampaignAnnounced(
            subject=campaign.pk,
            unit=campaign.unit_id,
            indicators=chosen,
            due_on=campaign.due_on,
            schools=schools,
        )
    )
    return campaign


@command
def prolong(
    *, actor: Actor, campaign_id: uuid.UUID, due_on: datetime.date | None, today: datetime.date
) -> QualityCampaign:
    """Give a campaign another last day.

    Raises:
        NotFound: no such campaign within reach.
        NotAllowed: another authority leads it.
        CampaignOver: it was closed.
        Invalid: a day that cannot be its last.
    """
    campaign = _led(actor, campaign_id, "prolong")
    wrong = _day_problem(due_on, today)
    if wrong is None and due_on is not None and due_on <= campaign.due_on:
        wrong = Problem(
            "due_on", "sooner", f"Зараз строк — {show(campaign.due_on)}: вкажіть пізніший."
        )
    if wrong is not None or due_on is None:
        raise Invalid([wrong] if wrong else [])
    campaign.due_on = due_on
    campaign.save(update_fields=["due_on"])
    audit.record(CampaignProlonged(subject=campaign.pk, unit=campaign.unit_id, due_on=due_on))
    return campaign


@command
def close(*, actor: Actor, campaign_id: uuid.UUID) -> QualityCampaign:
    """End a campaign: its numbers stand still from now on.

    Raises:
        NotFound: no such campaign within reach.
        NotAllowed: another authority leads it.
        CampaignOver: it was closed.
    """
    campaign = _led(actor, campaign_id, "close")
    campaign.state = TRANSITIONS[campaign.state]["close"]
    campaign.closed_by_id = grant_of(actor)
    campaign.closed_at = audit.now()
    campaign.save(update_fields=["state", "closed_by", "closed_at"])
    schools = CampaignSchool.objects.filter(campaign=campaign)
    audit.record(
        CampaignClosed(
            subject=campaign.pk,
            unit=campaign.unit_id,
            mended=schools.filter(to_mend=0).count(),
            schools=schools.count(),
        )
    )
    return campaign


@command
def remind(*, actor: Actor, campaign_id: uuid.UUID) -> int:
    """Remind the heads of institutions within reach that have not mended everything; each at most
    once a day. Returns how many institutions.

    Raises:
        NotFound: no such campaign within reach.
        NotAllowed: schools do not remind.
        CampaignOver: it was closed.
        NobodyToRemind: all have mended or were reminded today.
    """
    policies.announce.require(actor)
    campaign = _open(actor, campaign_id)
    behind = CampaignSchool.objects.visible_to(actor).filter(campaign=campaign, to_mend__gt=0)
    day = clock.day_of(audit.now())
    behind = behind.exclude(reminded_at__gte=clock.at(day, datetime.time()))
    number = campaign.reminders + 1
    # By ids: an UPDATE takes no joins, and the reach of a row is its institution's.
    ids = list(behind.values_list("pk", flat=True))
    schools = CampaignSchool.objects.filter(pk__in=ids).update(
        reminded_at=audit.now(), reminder=number
    )
    if not schools:
        raise NobodyToRemind
    QualityCampaign.objects.filter(pk=campaign.pk).update(reminders=F("reminders") + 1)
    audit.record(
        CampaignReminded(subject=campaign.pk, unit=actor.unit_id, number=number, schools=schools)
    )
    return schools


@part_of_command
def follow(institution_ids: Sequence[int]) -> None:
    """Count again what is left to mend at institutions whose findings were made anew."""
    if not institution_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, {"ids": list(institution_ids), "now": audit.now()})
        moved = cursor.fetchall()
    audit.record(
        *(
            CampaignSchoolMended(subject=pk, unit=institution_id, campaign=campaign_id)
            for pk, institution_id, campaign_id, left in sorted(moved)
            if not left
        )
    )


def reached(actor: Actor) -> Any:
    """Campaigns that any institution of the reach takes part in."""
    return QualityCampaign.objects.filter(
        pk__in=CampaignSchool.objects.visible_to(actor).values("campaign_id")
    )


def _open(actor: Actor, campaign_id: uuid.UUID) -> QualityCampaign:
    found: QualityCampaign | None = (
        reached(actor).select_for_update(of=("self",)).filter(pk=campaign_id).first()
    )
    if found is None:
        raise NotFound
    if found.state != "OPEN":
        raise CampaignOver
    return found


def _led(actor: Actor, campaign_id: uuid.UUID, step: str) -> QualityCampaign:
    found = reached(actor).select_related("unit").filter(pk=campaign_id).first()
    if found is None:
        raise NotFound
    policies.lead.require(actor, found.unit)
    campaign = _open(actor, campaign_id)
    if step not in TRANSITIONS[campaign.state]:
        raise CampaignOver
    return campaign


def _judged(
    title: str,
    text: str,
    indicators: Sequence[str],
    due_on: datetime.date | None,
    today: datetime.date,
) -> datetime.date:
    problems = []
    if not title:
        problems.append(Problem("title", "required", "Назвіть кампанію."))
    if len(title) > LONGEST_TITLE:
        problems.append(Problem("title", "long", f"Назва має бути до {LONGEST_TITLE} знаків."))
    if len(text) > LONGEST_TEXT:
        problems.append(Problem("text", "long", f"Пояснення має бути до {LONGEST_TEXT} знаків."))
    known = {one.code for one in current().indicators}
    if not indicators or not set(indicators) <= known:
        problems.append(Problem("indicators", "required", "Позначте, які показники виправити."))
    if (wrong := _day_problem(due_on, today)) is not None:
        problems.append(wrong)
    if problems or due_on is None:
        raise Invalid(problems)
    return due_on


def _day_problem(due_on: datetime.date | None, today: datetime.date) -> Problem | None:
    if due_on is None:
        return Problem("due_on", "required", "Вкажіть, до якого дня виправити дані.")
    if due_on <= today:
        return Problem("due_on", "past", "Строк має бути пізніше за сьогодні.")
    if due_on > today + datetime.timedelta(days=LONGEST):
        return Problem("due_on", "far", "Строк має бути не далі року.")
    return None

"""What levels above do: accept, return, settle what nobody can sign, summarise."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, NotFound, Problem
from kernel.tables.cells import storable
from kernel.text import clean
from registry.models import Institution
from reports.campaigns import policies, selectors, states
from reports.campaigns.errors import NotAllAccepted, PartMoved
from reports.campaigns.events import PartAccepted, PartConsolidated, PartReturned, PartSettled
from reports.campaigns.models import CampaignPart, CampaignSum
from reports.campaigns.services import held
from reports.campaigns.services.gathering import reopen
from reports.campaigns.services.school import moved

LONGEST = 1000

# Counts of a summary: of the schools right below it by their current reports, and of the summaries
# right below it. One statement, whatever there is below.
SUMS = """
    INSERT INTO reports_campaignsum (part_id, form, split, key, counts)
    SELECT %(part)s, form, split, key, array_agg(total ORDER BY place)
    FROM (
        SELECT u.form, u.split, u.key, c.place, sum(c.value)::int AS total
        FROM (
            SELECT v.key AS form, s.split, k.key, k.counts
            FROM reports_campaignpart p
            JOIN reports_campaignreport r ON r.part_id = p.id AND r.number = p.number
            CROSS JOIN LATERAL jsonb_each_text(r.runs) v
            JOIN reports_reportcount k
                ON k.run_id = v.value::uuid AND k.institution_id = p.unit_id
            CROSS JOIN LATERAL (VALUES
                (''), (CASE WHEN p.is_rural THEN 'RURAL' ELSE 'URBAN' END), (p.type)
            ) s(split)
            WHERE p.parent_id = %(part)s AND p.is_school
            UNION ALL
            SELECT b.form, b.split, b.key, b.counts
            FROM reports_campaignsum b JOIN reports_campaignpart p ON p.id = b.part_id
            WHERE p.parent_id = %(part)s
        ) u CROSS JOIN LATERAL unnest(u.counts) WITH ORDINALITY c(value, place)
        GROUP BY u.form, u.split, u.key, c.place
    ) t GROUP BY form, split, key
"""
# Institutions: all, hubs, branches, without pupils, suspended; whole and by split.
_PLACES = """
    SELECT coalesce(jsonb_object_agg(split, n), '{}') FROM (
        SELECT s.split, jsonb_build_array(count(*), count(*) FILTER (WHERE p.is_hub),
            count(*) FILTER (WHERE p.is_branch), count(*) FILTER (WHERE p.headline = 0),
            count(*) FILTER (WHERE p.is_suspended)) AS n
        FROM reports_campaignpart p
        CROSS JOIN LATERAL (VALUES
            (''), (CASE WHEN p.is_rural THEN 'RURAL' ELSE 'URBAN' END), (p.type)
        ) s(split)
        WHERE p.campaign_id = %(campaign)s AND p.is_school AND p.above @> ARRAY[%(unit)s::int]
        GROUP BY s.split
    ) x
"""


@command
def accept(*, actor: Actor, part_id: int, version: int, moment: Moment) -> CampaignPart:
    """Take a signed report, or a summary from below.

    Raises:
        NotFound, NotAllowed: not in reach, or not from below.
        StaleVersion, PartMoved, CampaignMoved: as `held.part`.
    """
    part = held.part(actor, part_id, "accept", policies.receive, version=version)
    _accepted([part], actor, moment)
    return part


@part_of_command
def _accepted(parts: Sequence[CampaignPart], actor: Actor, moment: Moment) -> None:
    for part in parts:
        moved(part, selectors.table_of(part)[part.state]["accept"], actor, moment.now)
    audit.record(
        *(PartAccepted(subject=one.pk, unit=one.unit_id, number=one.number) for one in parts)
    )


@command
def accept_all(*, actor: Actor, part_id: int, seen: int, moment: Moment) -> list[CampaignPart]:
    """Take everything signed or summarised right below a summary; `seen` of them were shown.

    Raises:
        NotFound, NotAllowed: not in reach, or not the actor's level.
        PartMoved: there are others by now.
    """
    top = selectors.part(actor, part_id)
    policies.summarise.require(actor, top)
    ready = list(
        CampaignPart.objects.select_for_update(of=("self",), no_key=True)
        .filter(parent=top, state__in=["SIGNED", "CONSOLIDATED"], campaign__state="OPEN")
        .order_by("pk")
    )
    if not ready or len(ready) != seen:
        raise PartMoved(f"Готових до прийняття тепер {len(ready)}. Перегляньте ще раз.")
    _accepted(ready, actor, moment)
    return ready


@command
def send_back(
    *, actor: Actor, part_id: int, version: int, comment: str, moment: Moment
) -> CampaignPart:
    """Return a report or a summary with a comment; every summary that holds it is made again.

    Raises:
        NotFound, NotAllowed: not in reach, or not from below.
        Invalid: no comment.
        StaleVersion, PartMoved, CampaignMoved: as `held.part`.
    """
    part = held.part(actor, part_id, "return", policies.receive, version=version)
    part.comment = _said(comment, "comment", "Напишіть, що виправити")
    part.save(update_fields=["comment"])
    moved(part, selectors.table_of(part)[part.state]["return"], actor, moment.now)
    audit.record(PartReturned(subject=part.pk, unit=part.unit_id, number=part.number))
    for one in held.above(part):
        reopen(one)
    return part


def _said(text: str, field: str, what: str) -> str:
    said = clean(storable(text))
    if not said or len(said) > LONGEST:
        raise Invalid([Problem(field, "required", f"{what}, до {LONGEST} знаків.")])
    return said


@command
def settle(
    *, actor: Actor, part_id: int, version: int, ground: str, moment: Moment
) -> CampaignPart:
    """Take the unsigned report of a school that was merged or closed after the campaign's day: nobody
    can sign it any more, and its children of that day are counted nowhere else.

    Raises:
        NotFound, NotAllowed: not in reach, or not from below.
        PartMoved: the school acts: its head signs.
        Invalid: no ground.
        StaleVersion, CampaignMoved: as `held.part`.
    """
    part = held.part(actor, part_id, "settle", policies.receive, version=version)
    status = Institution.objects.values_list("status", flat=True).get(pk=part.unit_id)
    if status != "LIQUIDATED":
        raise PartMoved("Заклад діє: його звіт підписує керівник.")
    part.comment = _said(ground, "ground", "Вкажіть підставу: рішення, дата, номер")
    part.save(update_fields=["comment"])
    moved(part, states.REPORT[part.state]["settle"], actor, moment.now)
    audit.record(PartSettled(subject=part.pk, unit=part.unit_id, number=part.number))
    return part


@command
def consolidate(*, actor: Actor, part_id: int, version: int, moment: Moment) -> CampaignPart:
    """Make the summary (76-РВК) of a node: cell by cell the sum of everything accepted below it, split
    into urban and rural and by type, with counts of institutions.

    Raises:
        NotFound, NotAllowed: not in reach, or not the actor's level.
        NotAllAccepted: something right below is not accepted.
        StaleVersion, PartMoved, CampaignMoved: as `held.part`.
    """
    if selectors.part(actor, part_id).is_school:
        raise NotFound
    part = held.part(actor, part_id, "consolidate", policies.summarise, version=version)
    waiting = part.children.exclude(state="ACCEPTED").count()
    if waiting:
        raise NotAllAccepted(f"Ще не прийнято: {waiting}. Зведений звіт роблять із прийнятих.")
    CampaignSum.objects.filter(part=part).delete()
    given = {"part": part.pk, "campaign": part.campaign_id, "unit": part.unit_id}
    with connection.cursor() as cursor:
        cursor.execute(SUMS, given)
        cursor.execute(_PLACES, given)
        places = cursor.fetchone()[0]
    part.places = json.loads(places) if isinstance(places, str) else places
    part.headline = part.places.get("", [0])[0]
    part.number += 1
    part.comment = ""
    part.save(update_fields=["places", "headline", "number", "comment"])
    moved(part, states.SUMMARY[part.state]["consolidate"], actor, moment.now)
    audit.record(PartConsolidated(subject=part.pk, unit=part.unit_id, number=part.number))
    return part

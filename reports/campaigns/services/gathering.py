"""Generating the reports of a campaign: sections for everybody at once, then a part for every school.

Each portion is a transaction, so a killed worker loses nothing and counts nothing twice; the page
shows how far it is, stops it and lets it go on (kernel.batch).
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from accounts.selectors import placements
from kernel import audit, batch, clock
from kernel.db import part_of_command
from kernel.errors import NotFound
from registry.models import Institution
from reports import definition
from reports.campaigns import policies, selectors, states
from reports.campaigns.errors import CampaignMoved
from reports.campaigns.events import GATHERING, CampaignOpened, PartReopened
from reports.campaigns.models import (
    CampaignGathering,
    CampaignPart,
    CampaignReport,
    FormCampaign,
)
from reports.models import ReportCount, ReportRun
from reports.selectors import figures
from reports.services import runs

PORTION = 300


@part_of_command
def _gather(gathering: CampaignGathering, now: datetime.datetime) -> batch.Portion:
    """One section for everybody, while any is not counted; then the next schools."""
    campaign = gathering.campaign
    if campaign.state not in {"PLANNED", "OPEN"}:
        raise CampaignMoved
    section = campaign.forms.select_related("edition").filter(run=None).order_by("position").first()
    if section is not None:
        form = definition.kept(section.edition.text)
        runs.require_day(form, campaign.as_of, clock.day_of(now))
        section.run = runs.counted(
            section.edition,
            campaign.territory,
            campaign.as_of,
            grant_id=campaign.created_by_id,
            now=now,
        )
        section.save(update_fields=["run"])
        return batch.Portion(0, gathering.cursor, last=False)
    ids = list(
        selectors.schools_on(campaign)
        .filter(pk__gt=gathering.cursor or 0)
        .order_by("pk")
        .values_list("pk", flat=True)[:PORTION]
    )
    there = set(
        CampaignPart.objects.filter(campaign=campaign, unit_id__in=ids).values_list(
            "unit_id", flat=True
        )
    )
    _add([pk for pk in ids if pk not in there], campaign, now)
    last = len(ids) < PORTION
    if last and campaign.state == "PLANNED":
        FormCampaign.objects.filter(pk=campaign.pk).update(
            state=states.CAMPAIGN[campaign.state]["open"]
        )
        schools = CampaignPart.objects.filter(campaign=campaign, is_school=True).count()
        audit.record(CampaignOpened(subject=campaign.pk, unit=campaign.unit_id, schools=schools))
    return batch.Portion(len(ids), str(ids[-1]) if ids else gathering.cursor, last)


@part_of_command
def _add(ids: Sequence[int], campaign: FormCampaign, now: datetime.datetime) -> None:
    """Parts and first reports of schools, with whatever authorities above them are not there yet."""
    if not ids:
        return
    schools = list(Institution.objects.filter(pk__in=ids).select_related("unit").order_by("pk"))
    paths = placements.paths_on(campaign.as_of, *(one.unit for one in schools))
    chains = _chains(paths, campaign)
    tops = _authorities(chains, campaign, now)
    forms = list(campaign.forms.select_related("run__edition").order_by("position"))
    # Of a school that entered the register after the sections were counted, its own runs.
    later = campaign.state == "OPEN"
    counted = {section.form: section.run for section in forms if section.run is not None}
    made: dict[int, dict[str, ReportRun]] = {
        one.pk: {
            section.form: runs.counted(
                section.edition,
                one.unit,
                campaign.as_of,
                grant_id=campaign.created_by_id,
                now=now,
            )
            if later
            else counted[section.form]
            for section in forms
        }
        for one in schools
    }
    counts = _counts(made)
    parts, reports = [], []
    for one in schools:
        judged = judge(made[one.pk], counts, one.pk)
        part = CampaignPart(
            campaign=campaign,
            unit=one.unit,
            parent=tops[chains[one.pk][-1]],
            above=[*chains[one.pk], one.pk],
            is_school=True,
            state="GENERATED" if judged.broken else states.REPORT["GENERATED"]["check"],
            number=1,
            type=one.type,
            is_rural=one.is_rural,
            is_hub=one.is_hub,
            is_branch=one.hub_id is not None,
            is_suspended=one.status == "SUSPENDED",
            headline=judged.headline,
            broken=len(judged.broken),
            moved_at=now,
        )
        parts.append(part)
        reports.append((judged, made[one.pk]))
    CampaignPart.objects.bulk_create(parts)
    CampaignReport.objects.bulk_create(
        CampaignReport(
            part=part,
            number=1,
            runs={form: str(run.pk) for form, run in of_runs.items()},
            broken=judged.broken,
            made_at=now if later else max(run.finished_at or now for run in of_runs.values()),
        )
        for part, (judged, of_runs) in zip(parts, reports, strict=True)
    )
    if later:
        _reopened({one for chain in chains.values() for one in chain}, campaign)


def _chains(paths: Mapping[int, str], campaign: FormCampaign) -> dict[int, list[int]]:
    """Authorities above each school then, from the campaign's own node down."""
    ids = {one for path in paths.values() for one in placements.ancestors(path)}
    authorities = set(
        OrgUnit.objects.filter(pk__in=ids)
        .exclude(kind=UnitKind.INSTITUTION)
        .values_list("pk", flat=True)
    )
    chains = {}
    for pk, path in paths.items():
        found = [one for one in placements.ancestors(path) if one in authorities]
        chains[pk] = found[found.index(campaign.unit_id) :]
    return chains


@part_of_command
def _authorities(
    chains: Mapping[int, Sequence[int]], campaign: FormCampaign, now: datetime.datetime
) -> dict[int, CampaignPart]:
    """The parts of all authorities of the chains by node; those that are not there are made."""
    found = {
        one.unit_id: one for one in CampaignPart.objects.filter(campaign=campaign, is_school=False)
    }
    for chain in chains.values():
        for depth, node in enumerate(chain):
            if node not in found:
                found[node] = CampaignPart.objects.create(
                    campaign=campaign,
                    unit_id=node,
                    parent=found[chain[depth - 1]] if depth else None,
                    above=list(chain[: depth + 1]),
                    is_school=False,
                    state="COLLECTING",
                    moved_at=now,
                )
    return found


@part_of_command
def _reopened(nodes: set[int], campaign: FormCampaign) -> None:
    """A school came late: summaries above it hold no more."""
    for one in (
        CampaignPart.objects.select_for_update(of=("self",), no_key=True)
        .filter(campaign=campaign, unit_id__in=nodes)
        .order_by("-pk")
    ):
        reopen(one)


@part_of_command
def reopen(part: CampaignPart) -> None:
    """A summary, held, goes back to collecting, if it was made."""
    if "reopen" not in states.SUMMARY[part.state]:
        return
    part.state = states.SUMMARY[part.state]["reopen"]
    part.version += 1
    part.save(update_fields=["state", "version"])
    audit.record(PartReopened(subject=part.pk, unit=part.unit_id))


class Judged:
    """What controls say of a school's sections, and its headline."""

    def __init__(self, broken: list[list[str]], headline: int) -> None:
        self.broken, self.headline = broken, headline


Counts = Mapping[tuple[uuid.UUID, int], dict[str, list[int]]]


def _counts(made: Mapping[int, Mapping[str, ReportRun]]) -> Counts:
    """Counts by run and institution, in one query."""
    found: dict[tuple[uuid.UUID, int], dict[str, list[int]]] = {}
    for run, institution, key, counts in ReportCount.objects.filter(
        run__in={run.pk for of_runs in made.values() for run in of_runs.values()},
        institution_id__in=list(made),
    ).values_list("run_id", "institution_id", "key", "counts"):
        found.setdefault((run, institution), {})[key] = counts
    return found


def judge(of_runs: Mapping[str, ReportRun], counts: Counts | None, institution_id: int) -> Judged:
    """Controls of every section, and the first headline of the first one."""
    counts = _counts({institution_id: of_runs}) if counts is None else counts
    broken: list[list[str]] = []
    headline = 0
    laid: dict[str, figures.Figures] = {}
    for number, run in enumerate(of_runs.values()):
        found = figures.cells(figures.form_of(run), counts.get((run.pk, institution_id), {}))
        laid[run.form] = found
        broken += [[found.form.short, one.title, one.where] for one in figures.violations(found)]
        if number == 0:
            spoken = found.form.headlines[0]
            headline = found.cell(spoken.row, spoken.column) or 0
    broken += [["між розділами", one.title, one.where] for one in figures.violations_between(laid)]
    return Judged(broken, headline)


WORK = batch.Work(
    runs=CampaignGathering,
    told=GATHERING,
    portion=_gather,
    unit_of=lambda run: run.campaign.unit_id,
    alone="one_gathering_under_way",
)


def stop(*, actor: Actor, campaign_id: uuid.UUID, now: datetime.datetime) -> None:
    """Stop generating; what is done stays done.

    Raises:
        NotFound, NotAllowed: nothing is being generated, or it is not the actor's campaign.
        RunMoved: it has ended already.
    """
    run = _steered(actor, campaign_id)
    batch.cancel(actor=actor, work=WORK, run_id=run.pk, now=now)


def go_on(*, actor: Actor, campaign_id: uuid.UUID, now: datetime.datetime) -> CampaignGathering:
    """Let it go on from where it stopped.

    Raises:
        NotFound, NotAllowed: nothing was generated, or it is not the actor's campaign.
        RunMoved: it is done or under way.
    """
    run = _steered(actor, campaign_id)
    batch.resume(actor=actor, work=WORK, run_id=run.pk, now=now)
    return run


def _steered(actor: Actor, campaign_id: uuid.UUID) -> CampaignGathering:
    found = selectors.campaign(actor, campaign_id)
    policies.lead.require(actor, found.unit)
    run = selectors.gathering(found)
    if run is None:
        raise NotFound
    return run

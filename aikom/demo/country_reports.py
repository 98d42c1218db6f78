"""Statistical forms of a country: generated whole by their own code, and the same of authorities."""

from __future__ import annotations

import datetime

from django.db import connection
from django.utils import timezone

from accounts import actors
from accounts.actors import Actor
from accounts.models import Grant, OrgUnit
from aikom.demo import desk
from aikom.demo.country_sql import RUN, uid_of
from kernel import batch, clock
from registry.models import Pupil
from reports import definition
from reports.campaigns.services import gathering, leading, levels
from reports.models import (
    BudgetPlace,
    CampaignForm,
    CampaignGathering,
    CampaignPart,
    CampaignReport,
    CampaignSum,
    DeskCell,
    DeskQuery,
    DeskSlice,
    DeskSum,
    FormCampaign,
    FormEdition,
    ReportCount,
    ReportInput,
    ReportRun,
    ReportSum,
    Subvention,
    SubventionLine,
    SubventionParameters,
    SubventionSchool,
)
from reports.selectors import subvention as sums
from reports.services import runs, subvention
from reports.subvention import parameters
from reports.subvention.places import BUDGETS

TABLES = (
    FormEdition,
    ReportRun,
    ReportInput,
    ReportCount,
    ReportSum,
    SubventionParameters,
    BudgetPlace,
    Subvention,
    SubventionLine,
    SubventionSchool,
    FormCampaign,
    CampaignForm,
    CampaignGathering,
    CampaignPart,
    CampaignReport,
    CampaignSum,
    DeskSlice,
    DeskCell,
    DeskSum,
    DeskQuery,
)
DAY = datetime.date(2026, 9, 5)  # as of which ЗНЗ-1 is made
YEAR = datetime.date(2025, 1, 1)  # from which the invented parameters hold
INVENTED = "СИНТЕТИЧНІ ДАНІ"
_OF = "ZNZ1-1"  # whose run oblasts and communities have, too
_AUTHORITIES = ("oblast_id", "hromada_id")
_UPWARDS = ", ".join(f"(u.{level})" for level in _AUTHORITIES)


def make(today: datetime.date) -> int:
    """Generate every form of the whole country; how many institutions were counted."""
    root = OrgUnit.objects.get(kind="OWNER")
    asks = actors.of_grant(Grant.objects.select_related("user", "unit").get(unit=root))
    counted = 0
    for code in definition.codes():
        now = timezone.now()
        run = runs.request_run(
            actor=asks,
            form_code=code,
            unit_uid=root.uid,
            as_of=min(today, DAY),
            today=today,
            now=now,
        )
        system = actors.system("формування звіту")
        batch.carry_on(runs.WORK, run.pk, actor=system, clock=timezone.now)
        counted += ReportRun.objects.get(pk=run.pk).done
    return counted


def make_subvention() -> int:
    """The subvention of the whole country with invented territories and salary; how many budgets."""
    root = OrgUnit.objects.get(kind="OWNER")
    asks = actors.of_grant(Grant.objects.select_related("user", "unit").get(unit=root))
    given = invented_parameters(asks)
    rows = [
        f"{code}; {200 + 13 * n % 900}; {7 * n % 100}"
        for n, code in enumerate(
            OrgUnit.objects.filter(kind__in=BUDGETS, is_active=True)
            .exclude(edrpou=None)
            .order_by("pk")
            .values_list("edrpou", flat=True)
            .distinct()
        )
    ]
    subvention.say_places(
        actor=asks, text="\n".join(rows), since=YEAR, source=INVENTED, now=timezone.now()
    )
    run = ReportRun.objects.get(form=sums.FORM, unit=root)
    made = subvention.compute(
        actor=asks,
        run_id=run.pk,
        parameters_id=given.pk,
        day=run.as_of,
        title="Країна",
        now=timezone.now(),
    )
    return SubventionLine.objects.filter(subvention=made).count()


def make_campaign(today: datetime.date) -> int:
    """A campaign of one oblast whose reports wait for heads, and the sums of one authority of it; how
    many reports."""
    root = OrgUnit.objects.get(kind="OWNER")
    asks = actors.of_grant(Grant.objects.select_related("user", "unit").get(unit=root))
    first = Pupil.objects.exclude(oblast_id=None).order_by("pk")[0]  # where somebody learns
    oblast = OrgUnit.objects.get(pk=first.oblast_id)
    day = min(today, DAY)
    days = leading.usual_days(day)
    made = leading.announce(
        actor=asks,
        title="ЗНЗ-1 на 5 вересня",
        forms=["ZNZ1-1", "ZNZ1-5"],
        territory_uid=oblast.uid,
        as_of=day,
        opens_on=day,
        dues=[days[name] for name in leading.DUES],
        moment=clock.moment(),
    )
    system = actors.system("збір звітності")
    for run in made.gatherings.all():
        batch.carry_on(gathering.WORK, run.pk, actor=system, clock=timezone.now)
    part = CampaignPart.objects.get(campaign=made, unit_id=first.institution_id)
    with connection.cursor() as cursor:
        cursor.execute(levels.SUMS, {"part": part.parent_id})
    return CampaignReport.objects.count()


def make_desk(today: datetime.date) -> int:
    """Two reference days counted for the desk, and questions the ministry shares; how many cells."""
    desk.make((min(today, DAY), today.replace(day=1)), today)
    return DeskCell.objects.count()


def invented_parameters(actor: Actor) -> SubventionParameters:
    """A set whose salary and shares are invented: no act's numbers are at hand (handbook G.1)."""
    return subvention.add_parameters(
        actor=actor,
        title="Навчальний набір (вигадана зарплата)",
        act=INVENTED,
        since=YEAR,
        values=parameters.beginning()
        | {"salary": "15 000,00", "shares": "01.01.2025; 0,89\n01.09.2025; 0,97"},
        now=timezone.now(),
    )


def _copied(table: str, columns: str, node: str) -> str:
    own = ", ".join(f"x.{column}" for column in columns.split(", "))
    return f"""
        INSERT INTO {table} (run_id, {columns})
        SELECT {uid_of(RUN, "up.id")}, {own}
        FROM {table} x JOIN reports_reportrun r ON r.id = x.run_id
        JOIN accounts_orgunit u ON u.id = x.{node}
        JOIN LATERAL (VALUES {_UPWARDS}) up (id) ON up.id IS NOT NULL
        WHERE r.form = '{_OF}' AND r.requested_by_id = 1
    """


OF_AUTHORITIES = [
    f"""
        INSERT INTO reports_reportrun (id, form, edition_id, unit_id, as_of, layout, state, total,
            done, cursor, tries, failure, created_at, touched_at, finished_at, requested_by_id,
            purpose, differs)
        SELECT {uid_of(RUN, "u.id")}, form, edition_id, u.id, as_of, layout, state, n, n, r.cursor,
            0, '', r.created_at, r.touched_at, finished_at, u.id, r.purpose, 0
        FROM reports_reportrun r, accounts_orgunit u, LATERAL (
            SELECT count(*) AS n FROM registry_institution i WHERE u.id IN (i.oblast_id, i.hromada_id)
        ) counted
        WHERE form = '{_OF}' AND requested_by_id = 1 AND u.kind IN ('OBLAST', 'HROMADA', 'CITY')
    """,
    _copied("reports_reportcount", "institution_id, key, counts", "institution_id"),
    _copied("reports_reportinput", "source, institution_id, keys, sizes, rows", "institution_id"),
    _copied("reports_reportsum", "unit_id, key, counts", "unit_id"),
]

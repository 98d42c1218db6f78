"""ЗНЗ-1 section I for every school of the country, against one hand-written statement."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator

from django.db import connection

from accounts import actors
from accounts.models import Grant, OrgUnit
from accounts.roles import Role
from kernel import batch, clock
from reports.campaigns.services import gathering, leading, school
from reports.models import ReportRun
from reports.selectors import figures
from reports.services import runs
from signatures.demo.authority import stored
from signatures.demo.signing import sign_cms
from signatures.models import SigningSession
from tests.bench import Result, bench, country, median_ms

DAY = datetime.date(2026, 9, 5)

# What a skilled analyst would type: every count of the section in one statement, nothing kept but
# the figures of each school and grade. It stores them, as the job must.
BY_HAND = """
CREATE TEMPORARY TABLE by_hand ON COMMIT DROP AS
WITH today AS (
    SELECT pupil_id, array_agg(code) AS codes FROM registry_pupilcategory
    WHERE starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s)
      AND code IN ('SEN', 'DISABILITY', 'ORPHAN', 'NO_PARENTAL_CARE', 'IDP', 'ABROAD')
    GROUP BY pupil_id
), pupils AS (
    SELECT e.institution_id, c.grade, count(*) AS total,
        count(*) FILTER (WHERE p.sex = 'F') AS girls,
        count(*) FILTER (WHERE 'SEN' = ANY(t.codes)) AS sen,
        count(*) FILTER (WHERE 'SEN' = ANY(t.codes) AND c.type = 'INCLUSIVE') AS sen_inclusive,
        count(*) FILTER (WHERE 'DISABILITY' = ANY(t.codes)) AS disability,
        count(*) FILTER (WHERE t.codes && ARRAY['ORPHAN', 'NO_PARENTAL_CARE']) AS orphans,
        count(*) FILTER (WHERE 'IDP' = ANY(t.codes)) AS idp,
        count(*) FILTER (WHERE 'ABROAD' = ANY(t.codes)) AS abroad,
        count(*) FILTER (WHERE e.form IN ('FULL_TIME', 'EVENING', 'EXTRAMURAL')) AS full_time,
        count(*) FILTER (WHERE e.form = 'DISTANCE') AS distance,
        count(*) FILTER (WHERE e.form = 'NETWORK') AS network,
        count(*) FILTER (WHERE e.form = 'EXTERNAL') AS external,
        count(*) FILTER (WHERE e.form = 'FAMILY') AS family,
        count(*) FILTER (WHERE e.form = 'PATRONAGE') AS patronage
    FROM registry_learning e
    JOIN registry_classgroup c ON c.id = e.class_group_id
    JOIN registry_pupil p ON p.id = e.pupil_id
    LEFT JOIN today t ON t.pupil_id = p.id
    WHERE e.kind = 'MAIN' AND e.starts_on <= %(day)s AND (e.ends_on IS NULL OR e.ends_on > %(day)s)
    GROUP BY 1, 2
), classes AS (
    SELECT c.institution_id, c.grade, count(*) AS classes_total,
        count(*) FILTER (WHERE c.type = 'COMBINED') AS classes_combined,
        count(*) FILTER (WHERE c.type = 'SPECIAL') AS classes_special,
        count(*) FILTER (WHERE c.type = 'INCLUSIVE') AS classes_inclusive,
        count(*) FILTER (WHERE c.form = 'DISTANCE') AS classes_distance,
        count(*) FILTER (WHERE c.form IN ('EVENING', 'EXTRAMURAL')) AS classes_evening,
        count(*) FILTER (WHERE c.language <> 'uk') AS classes_minority
    FROM registry_classgroup c JOIN registry_schoolyear y ON y.code = c.school_year_id
    WHERE y.starts_on <= %(day)s AND y.ends_on > %(day)s AND c.closed_on IS NULL
    GROUP BY 1, 2
)
SELECT * FROM pupils FULL JOIN classes USING (institution_id, grade)
"""


def _by_hand() -> float:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, {"day": DAY})
    return time.perf_counter() - began


def _by_job() -> tuple[float, ReportRun]:
    actor = actors.system("вимірювання")
    root = OrgUnit.objects.get(parent=None)
    now = datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC)
    began = time.perf_counter()
    run = runs.request_run(
        actor=actor,
        form_code="ZNZ1-1",
        unit_uid=root.uid,
        as_of=DAY,
        today=now.date(),
        now=now,
    )
    batch.carry_on(runs.WORK, run.pk, actor=actor, clock=lambda: now)
    run.refresh_from_db()
    return time.perf_counter() - began, run


def _input_bytes(run: ReportRun) -> float:
    """What one counted row costs on disk among the kept inputs, their index and all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_total_relation_size('reports_reportinput')::float /"
            " (SELECT sum(x) FROM reports_reportinput, unnest(sizes) x)"
        )
        return float(cursor.fetchone()[0])


@bench("reports.znz1_country", unit="s")
def znz1() -> Iterator[Result]:
    """The whole country by the job (counted, kept, summed up) ÷ one statement by hand."""
    country.use()
    _by_hand()
    by_hand = min(_by_hand() for _ in range(2))
    took = []
    for _ in range(2):
        seconds, run = _by_job()
        took.append(seconds)
    yield Result(min(took), reference=by_hand, n=run.total)
    root = run.unit
    page = median_ms(lambda: figures.figures(run, root))
    yield Result(page.value, "ms", n=page.n, name="reports.read_country")
    parts = median_ms(lambda: figures.children(run, root))
    yield Result(parts.value, "ms", n=parts.n, name="reports.read_oblasts")
    yield Result(_input_bytes(run), "bytes a counted row", n=run.total, name="reports.input_size")
    found = figures.figures(run, root)
    yield Result(
        found.cell("1.12", "1"),
        "pupils",
        n=len(found.form.rows) * len(found.form.columns),
        name="reports.pupils_counted",
    )


HEADS = 60


@bench("reports.campaign_opened", unit="s")
def campaign() -> Iterator[Result]:
    """A campaign of an oblast generated and judged; then heads sign, one after
    another in one process: what the server does, from the button to the signed state."""
    country.use()
    oblast = OrgUnit.objects.filter(kind="OBLAST").order_by("pk")[0]
    root = Grant.objects.select_related("user", "unit").get(unit__parent=None, role=Role.ANALYST)
    moment = clock.moment()
    days = leading.usual_days(DAY)
    made = leading.announce(
        actor=actors.of_grant(root),
        title="Вимірювання",
        forms=["ZNZ1-1", "ZNZ1-2", "ZNZ1-5"],
        territory_uid=oblast.uid,
        as_of=DAY,
        opens_on=DAY,
        dues=[days[name] for name in leading.DUES],
        moment=moment,
    )
    run = made.gatherings.get()
    began = time.perf_counter()
    batch.carry_on(
        gathering.WORK, run.pk, actor=actors.system("вимірювання"), clock=lambda: moment.now
    )
    run.refresh_from_db()
    yield Result(time.perf_counter() - began, n=run.total)
    spent, signed = 0.0, 0
    for part in made.parts.filter(is_school=True, state="CHECKED").order_by("pk"):
        head = Grant.objects.select_related("user", "unit").filter(
            unit_id=part.unit_id, role=Role.HEAD, state="ACTIVE"
        )
        if signed == HEADS or not (grant := head.first()):
            continue
        actor, now = actors.of_grant(grant), clock.moment()
        began = time.perf_counter()
        session = school.prepare(actor=actor, part_id=part.pk, moment=now)
        spent += time.perf_counter() - began
        content = bytes(SigningSession.objects.get(pk=session).content)
        key = stored().issue_person(
            full_name=grant.user.short_name,
            rnokpp=grant.user.person_code,
            edrpou=grant.unit.edrpou or "",
            kind="employee",
            at=now.now - datetime.timedelta(days=1),
        )
        cms = sign_cms(content, *key, signing_time=now.now)
        began = time.perf_counter()
        school.sign(actor=actor, session_id=session, cms=cms, moment=now)
        spent += time.perf_counter() - began
        signed += 1
    yield Result(signed / spent, "a second", n=signed, name="reports.campaign_signed")

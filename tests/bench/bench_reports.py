"""ЗНЗ-1 section I for every school of the country, against one hand-written statement."""

from __future__ import annotations

import datetime
import itertools
import multiprocessing
import re
import time
from collections.abc import Iterator
from typing import Any

from django.db import connection, connections, transaction
from django.db.models import Count

from accounts import actors
from accounts.actors import Actor
from accounts.models import Grant, OrgUnit
from accounts.roles import Role
from kernel import batch, clock
from reports import definition
from reports.campaigns.models import FormCampaign
from reports.campaigns.services import gathering, leading, signing
from reports.models import ReportCount, ReportRun
from reports.selectors import behind, figures
from reports.services import runs
from signatures.demo.authority import stored
from signatures.demo.signing import sign_cms
from signatures.models import SigningSession
from tests.bench import Result, bench, country, median_ms
from tests.bench.spent import Spent

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


# The same of the other sections and forms, by their codes.
_LEARN = """
    FROM registry_learning e JOIN registry_classgroup c ON c.id = e.class_group_id
    WHERE e.kind = 'MAIN' AND e.starts_on <= %(day)s AND (e.ends_on IS NULL OR e.ends_on > %(day)s)
"""
_TABLE = "CREATE TEMPORARY TABLE by_hand_{} ON COMMIT DROP AS "
_LANGUAGES = ("uk", "ro", "hu", "pl", "bg", "crh", "sk")
_FORMS_BY_HAND = {
    "ZNZ1-2": "SELECT e.institution_id, c.grade, count(*), "
    + ", ".join(f"count(*) FILTER (WHERE c.language = '{one}')" for one in _LANGUAGES)
    + f", count(*) FILTER (WHERE c.language NOT IN {_LANGUAGES}) {_LEARN} GROUP BY 1, 2",
    "ZNZ1-3": f"SELECT e.institution_id, c.grade, count(*) {_LEARN} GROUP BY 1, 2",
    "ZNZ1-5": f"""
        SELECT * FROM (
            SELECT e.institution_id, c.grade, count(*) AS pupils {_LEARN} AND c.shift = 2 GROUP BY 1, 2
        ) p FULL JOIN (
            SELECT c.institution_id, c.grade, count(*) AS classes
            FROM registry_classgroup c JOIN registry_schoolyear y ON y.code = c.school_year_id
            WHERE y.starts_on <= %(day)s AND y.ends_on > %(day)s AND c.closed_on IS NULL AND c.shift = 2
            GROUP BY 1, 2
        ) k USING (institution_id, grade)""",
    "ZNZ1-6": """
        SELECT c.institution_id, c.grade, count(*), count(*) FILTER (WHERE p.sex = 'F'),
            count(*) FILTER (WHERE n.grade = 12)
        FROM registry_schoolyear y JOIN registry_classgroup c ON c.school_year_id = y.code
        JOIN registry_learning e ON e.class_group_id = c.id AND e.kind = 'MAIN'
        JOIN registry_enrolment r ON r.id = e.enrolment_id
        JOIN registry_pupil p ON p.id = e.pupil_id
        LEFT JOIN (
            SELECT l.pupil_id, max(k.grade) AS grade FROM registry_learning l
            JOIN registry_classgroup k ON k.id = l.class_group_id
            WHERE l.kind = 'MAIN' AND l.starts_on <= %(day)s
              AND (l.ends_on IS NULL OR l.ends_on > %(day)s) GROUP BY 1
        ) n ON n.pupil_id = e.pupil_id
        WHERE y.ends_on = (SELECT max(ends_on) FROM registry_schoolyear WHERE ends_on <= %(day)s)
          AND e.starts_on < y.ends_on AND (n.grade IS NULL OR n.grade > c.grade)
          AND (e.ends_on IS NULL OR e.ends_on >= y.ends_on OR r.end_reason = 'COMPLETED')
        GROUP BY 1, 2""",
    "77-RVK": """
        SELECT e.institution_id, extract(year FROM age(%(day)s::date, p.born_on))::int AS age, count(*),
            count(*) FILTER (WHERE e.form IN ('FULL_TIME', 'EVENING', 'EXTRAMURAL', 'NETWORK')),
            count(*) FILTER (WHERE e.form = 'DISTANCE'),
            count(*) FILTER (WHERE e.form IN ('EXTERNAL', 'FAMILY', 'PATRONAGE')),
            count(*) FILTER (WHERE c.type = 'SPECIAL')
        FROM registry_learning e JOIN registry_classgroup c ON c.id = e.class_group_id
        JOIN registry_pupil p ON p.id = e.pupil_id
        WHERE e.kind = 'MAIN' AND e.starts_on <= %(day)s AND (e.ends_on IS NULL OR e.ends_on > %(day)s)
        GROUP BY 1, 2""",
    "83-RVK": """
        SELECT institution_id, position, count(*) FILTER (WHERE person),
            count(*) FILTER (WHERE person AND sex = 'F'), count(*) FILTER (WHERE person AND is_main),
            count(*) FILTER (WHERE person AND NOT is_main), sum(rate),
            count(*) FILTER (WHERE person AND category = 'HIGHEST'),
            count(*) FILTER (WHERE person AND category = 'FIRST'),
            count(*) FILTER (WHERE person AND category = 'SECOND'),
            count(*) FILTER (WHERE person AND category = 'SPECIALIST'),
            count(*) FILTER (WHERE person AND age <= 30),
            count(*) FILTER (WHERE person AND age BETWEEN 31 AND 40),
            count(*) FILTER (WHERE person AND age BETWEEN 41 AND 50),
            count(*) FILTER (WHERE person AND age BETWEEN 51 AND 54),
            count(*) FILTER (WHERE person AND age BETWEEN 55 AND 60),
            count(*) FILTER (WHERE person AND age > 60)
        FROM (
            SELECT s.institution_id, s.position, s.is_main, s.rate, s.category, w.sex,
                extract(year FROM age(%(day)s::date, w.born_on))::int AS age,
                row_number() OVER (PARTITION BY s.institution_id, s.employee_id
                    ORDER BY s.is_main DESC, s.rate DESC, s.id) = 1 AS person
            FROM registry_post s JOIN registry_employee w ON w.id = s.employee_id
            WHERE s.starts_on <= %(day)s AND (s.ends_on IS NULL OR s.ends_on > %(day)s)
        ) x GROUP BY 1, 2""",
}


_COUNT = re.compile(r"count\(\*\)(?: FILTER \(WHERE (?:[^()]|\([^()]*\))*\))?(?! AS|\))")


def _hand(statement: str, name: str = "") -> float:
    numbers = itertools.count()
    if name:
        statement = _COUNT.sub(lambda found: f"{found[0]} AS n{next(numbers)}", statement)
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute((_TABLE.format(name) if name else "") + statement, {"day": DAY})
    return time.perf_counter() - began


def _by_hand() -> float:
    return _hand(BY_HAND)


def _by_job(form: str = "ZNZ1-1") -> tuple[float, ReportRun]:
    actor = actors.system("вимірювання")
    root = OrgUnit.objects.get(kind="OWNER")
    now = datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC)
    began = time.perf_counter()
    run = runs.request_run(
        actor=actor,
        form_code=form,
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


@bench("reports.znz1_sections", unit="s")
def sections() -> Iterator[Result]:
    """All sections of ЗНЗ-1 for every school, and the other forms, each ÷ one statement by hand, by
    the clock and by the processor, parallel workers left out; one school; a cell opened."""
    country.use()
    with connection.cursor() as cursor:
        # A worker's processor time is nobody's to count: both do without.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    whole, hand = Spent(), Spent()
    for code in ("ZNZ1-1", *_FORMS_BY_HAND):
        name = code.lower().replace("-", "_")
        by_hand = min((_hand_spent(code, name) for _ in range(2)), key=_processor)
        took, run = min((_job_spent(code) for _ in range(2)), key=lambda one: _processor(one[0]))
        if code.startswith("ZNZ1"):
            for total, one in ((whole, took), (hand, by_hand)):
                total.clock += one.clock
                total.python += one.python
                total.database += one.database
        yield from _both(f"reports.{name}", took, by_hand, run.total)
    yield from _both("reports.znz1_all", whole, hand, run.total)
    yield from _school(run)


def _both(name: str, took: Spent, by_hand: Spent, n: int) -> Iterator[Result]:
    yield Result(took.clock, "s", reference=by_hand.clock, n=n, name=name)
    yield Result(took.processor, "s", reference=by_hand.processor, n=n, name=f"{name}_processor")


def _processor(one: Spent) -> float:
    return one.processor


def _hand_spent(code: str, name: str) -> Spent:
    spent = Spent()
    with spent.counting():
        if code in _FORMS_BY_HAND:
            _hand(_FORMS_BY_HAND[code], name)
        else:
            _by_hand()
    return spent


def _job_spent(code: str) -> tuple[Spent, ReportRun]:
    spent = Spent()
    with spent.counting():
        _, run = _by_job(code)
    return spent, run


def _school(of_country: ReportRun) -> Iterator[Result]:
    """The largest school: every section as its head asks for it, and one cell opened by who sees no
    names; seconds of the processor, which a busy machine changes least."""
    largest = (
        ReportCount.objects.filter(run=of_country)
        .values("institution_id")
        .annotate(n=Count("pk"))
        .order_by("-n", "institution_id")[0]["institution_id"]
    )
    school = OrgUnit.objects.get(pk=largest)
    actor, now = actors.system("вимірювання"), datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC)
    spent, first = Spent(), None
    for code in [one for one in definition.codes() if one.startswith("ZNZ1")]:
        with spent.counting():
            asked = runs.request_run(
                actor=actor,
                form_code=code,
                unit_uid=school.uid,
                as_of=DAY,
                today=now.date(),
                now=now,
            )
            batch.carry_on(runs.WORK, asked.pk, actor=actor, clock=lambda: now)
        first = first or ReportRun.objects.get(pk=asked.pk)
    yield Result(1000 * spent.processor, "ms", reference=200.0, name="reports.school_all_sections")
    assert first is not None
    analyst = actors.of_grant(
        Grant.objects.select_related("user", "unit").get(unit__parent=None, role=Role.ANALYST)
    )
    behind.behind(analyst, first, school, "1.12", "1")
    opened = Spent()
    for _ in range(10):
        with opened.counting():
            behind.behind(analyst, first, school, "1.12", "1")
    yield Result(100 * opened.processor, "ms", reference=200.0, n=10, name="reports.cell_opened")


HEADS = 120  # of each turn, where the oblast has so many
SESSIONS = 4
WANTED = 20.0  # a second: 14,000 heads within an hour are 4, and most sign in its first minutes


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
    yield from _signing(made)


def _signing(campaign: FormCampaign) -> Iterator[Result]:
    """Heads sign: what the server does from the button to the signed state, first one after another,
    then from several processes at once, as web processes do. Keys are theirs and are made beforehand."""
    waiting = campaign.parts.filter(is_school=True, state="CHECKED").order_by("pk")
    heads = {
        one.unit_id: one
        for one in Grant.objects.select_related("user", "unit").filter(
            role=Role.HEAD, state="ACTIVE", unit__in=waiting.values("unit")
        )
    }
    ready = [(part.pk, heads[part.unit_id]) for part in waiting if part.unit_id in heads]
    at = clock.moment().now - datetime.timedelta(days=1)
    work = [
        (
            pk,
            actors.of_grant(grant),
            stored().issue_person(
                full_name=grant.user.short_name,
                rnokpp=grant.user.person_code,
                edrpou=grant.unit.edrpou or "",
                kind="employee",
                at=at,
            ),
        )
        for pk, grant in ready[: 2 * HEADS]
    ]
    alone, rest = work[: len(work) // 3], work[len(work) // 3 :]
    spent = _sign(alone)
    yield Result(
        len(alone) / spent.clock, "a second", n=len(alone), name="reports.campaign_signed_alone"
    )
    # What a busy machine changes least: how many two cores have the processor time for.
    yield Result(
        2 * len(alone) / spent.processor,
        "a second on two cores, by processor",
        reference=WANTED,
        n=len(alone),
        name="reports.campaign_signed_processor",
    )
    # No connection and no key may be given to another process: they are there before it is.
    connections.close_all()
    global _shared
    _shared = [rest[n::SESSIONS] for n in range(SESSIONS)]
    with multiprocessing.get_context("fork").Pool(SESSIONS) as pool:
        pool.map(_warm, range(SESSIONS), chunksize=1)
        began = time.perf_counter()
        pool.map(_sign_shared, range(SESSIONS), chunksize=1)
        seconds = time.perf_counter() - began
    yield Result(
        len(rest) / seconds,
        "a second",
        reference=WANTED,
        n=len(rest),
        name="reports.campaign_signed",
    )


Work = list[tuple[int, Actor, Any]]
_shared: list[Work] = []


def _warm(_: int) -> None:
    connection.ensure_connection()
    time.sleep(0.2)  # so that each process of the pool takes one


def _sign_shared(number: int) -> None:
    _sign(_shared[number])


def _sign(work: Work) -> Spent:
    """Sign each report; what the server spent, the browser's part left out."""
    spent = Spent()
    for part_id, actor, key in work:
        now = clock.moment()
        with spent.counting():
            session = signing.prepare(actor=actor, part_id=part_id, moment=now)
        content = bytes(SigningSession.objects.get(pk=session).content)
        cms = sign_cms(content, *key, signing_time=now.now)
        with spent.counting():
            signing.sign(actor=actor, session_id=session, cms=cms, moment=now)
    return spent

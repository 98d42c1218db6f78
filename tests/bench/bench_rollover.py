"""The passage of the country to the next year: plans computed, orders in effect, school by school,
and the first night of that year, when the children's rows follow.

In a clone of the country. The reference is one INSERT … SELECT of as many class placements into the
very table, with its indexes and constraints and without triggers (issue 10 allows three times that),
in the same run. What is measured are every school's plan and the effect of its order as `take_effect`
makes it, with triggers, history, checks and events. Signatures are not counted: each head makes one.

BENCH_ROLLOVER_SCHOOLS says how many schools; unless it does, all.
"""

from __future__ import annotations

import datetime
import os
import uuid

import msgspec
from django.db import connection, transaction

from accounts import actors
from accounts.models import Grant
from kernel import audit
from kernel.db import command
from registry.classifiers.models import SchoolYear
from registry.classifiers.selectors import classifiers
from registry.enrolments import services as enrolments
from registry.models import Institution, Order, RolloverPlan
from registry.process import Verdict
from registry.rollover import selectors
from registry.rollover.events import RolloverBegun
from registry.rollover.plan import in_order
from registry.rollover.process import CODE, PROCESS, RolloverRow, told_of
from signatures.models import SessionFile, SigningSession
from signatures.packages import HEAD
from tests.bench import Result, bench, country
from tests.bench.spent import Spent

SCHOOLS = int(os.environ.get("BENCH_ROLLOVER_SCHOOLS", "20000"))
DATABASE = "aikom_rollover_bench"
YEAR, NEXT = "2026-2027", "2027-2028"
TODAY, DAY = datetime.date(2027, 5, 28), datetime.date(2027, 9, 1)
SYSTEM = actors.system("вимірювання")
MOST_MINUTES, PUPILS = 15, 4_000_000

_OPEN = """
    FROM registry_classplacement p JOIN registry_enrolment e ON e.id = p.enrolment_id
    WHERE p.ends_on IS NULL AND p.voided_by_id IS NULL AND e.ends_on IS NULL
      AND e.voided_by_id IS NULL AND e.kind = 'MAIN' AND e.institution_id = ANY(%(schools)s)
"""


def _reference(schools: list[int]) -> tuple[Spent, int]:
    """One INSERT … SELECT of a placement for each that is open, the open ones ended before; then as
    if nothing had been."""
    spent = Spent()
    given = {"schools": schools, "day": DAY}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "CREATE TEMP TABLE open ON COMMIT DROP AS"
            f" SELECT p.id, p.enrolment_id, p.class_group_id, p.form {_OPEN}",
            given,
        )
        cursor.execute("ANALYZE open")
        cursor.execute(
            "UPDATE registry_classplacement p SET ends_on = %(day)s FROM open o WHERE o.id = p.id",
            given,
        )
        with spent.counting():
            cursor.execute(
                """
                INSERT INTO registry_classplacement
                    (enrolment_id, class_group_id, form, starts_on, origin)
                SELECT enrolment_id, class_group_id, form, %(day)s, 'MIGRATED' FROM open
                """,
                given,
            )
            rows = cursor.rowcount
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM registry_classplacement")
    return spent, rows


@command(by_keys=True)
def _in_effect(*, actor: actors.Actor, order: Order, rows: list[RolloverRow]) -> None:
    if found := PROCESS.conflicts(order, rows):
        raise RuntimeError(found[0].what)
    PROCESS.effect(order, rows)
    audit.record(*PROCESS.events(order, rows))


@command
def _frozen(*, actor: actors.Actor, home: Institution, terms: dict[str, str], by: Grant) -> Order:
    """What preparing leaves behind, without paper and signature."""
    now = datetime.datetime.now(datetime.UTC)
    session = SigningSession.objects.create(
        user_id=by.user_id, purpose="bench", content=b"{}", content_sha256=uuid.uuid4().bytes * 2,
        created_at=now, expires_at=now + datetime.timedelta(days=1),
    )  # fmt: skip
    document = {"document": {"school_year": NEXT, "terms": terms}}
    SessionFile.objects.create(session=session, name=HEAD, content=msgspec.json.encode(document))
    order = Order.objects.create(
        institution=home, kind=CODE, number="перехід", issued_on=TODAY, year=TODAY.year,
        ground="вимірювання", effective_on=DAY, prepared_by=by, signing_id=session.pk,
    )  # fmt: skip
    audit.record(RolloverBegun(subject=home.uid, unit=home.pk, year=NEXT, pupils=0))
    return order


@bench("rollover.country", unit="s")
def forward() -> list[Result]:
    """Schools of the country forward: plans, orders in effect, and the first night of the year."""
    with country.clone(DATABASE):
        return _measured()


def _measured() -> list[Result]:
    classifiers.forget()
    years = {one.pk: one for one in SchoolYear.objects.all()}
    heads = {
        one.unit_id: one
        for one in Grant.objects.filter(role="HEAD", state="ACTIVE", unit__kind="INSTITUTION")
    }
    homes = list(Institution.objects.filter(pk__in=heads).order_by("uid")[:SCHOOLS])
    reference, places = _reference([home.pk for home in homes])
    planning, acting, turning = Spent(), Spent(), Spent()
    moved = 0
    for home in homes:
        with planning.counting():
            plan = RolloverPlan(institution=home, from_year=years[YEAR], to_year=years[NEXT])
            plan.pk = None  # nobody decided otherwise
            found = selectors.plan_of(plan, TODAY)
            rows = [
                PROCESS.signed(n, Verdict([], "READY", one.child.id, one))
                for n, one in enumerate(in_order(found.children), 1)
            ]
        if not rows:
            continue
        order = _frozen(
            actor=SYSTEM,
            home=home,
            terms={"classes": told_of(found.coming)},
            by=heads[home.pk],
        )
        with acting.counting():
            _in_effect(actor=SYSTEM, order=order, rows=rows)
        moved += len(rows)
    for home in homes:
        with turning.counting():
            enrolments.turn(
                actor=SYSTEM, institution_id=home.pk, since=DAY - datetime.timedelta(7), today=DAY
            )
    share, whole = moved / places, PUPILS / moved
    return [
        Result(acting.clock, reference=reference.clock * share, n=moved),
        Result(
            acting.processor,
            reference=reference.processor * share,
            n=moved,
            name="rollover.country.processor",
        ),
        Result(acting.python, n=moved, name="rollover.country.python"),
        Result(planning.clock, n=moved, name="rollover.plans"),
        Result(turning.clock, n=moved, name="rollover.first_night"),
        Result(
            (planning.clock + acting.clock + turning.clock) * whole / 60,
            "min",
            reference=MOST_MINUTES,
            n=moved,
            name="rollover.minutes_for_4_000_000",
        ),
    ]

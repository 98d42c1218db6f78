"""The passage of a whole country to the next year: plans computed, orders in effect, school by school.

In a clone of the country. The reference is one INSERT … SELECT of as many class placements into a
table with the same indexes and constraints and no trigger (issue 10 allows three times that), in the
same run; what is measured are every school's plan and the effect of its order as `take_effect` makes
it, all triggers, history and checks on. Signatures are not counted: each head makes one.
"""

from __future__ import annotations

import datetime
import time
import uuid

import msgspec
from django.db import connection

from accounts import actors
from kernel import audit
from kernel.db import command
from registry.classifiers.models import SchoolYear
from registry.classifiers.selectors import classifiers
from registry.institutions.models.institutions import Institution
from registry.orders.models import Order
from registry.process import Verdict
from registry.rollover import selectors
from registry.rollover.models import RolloverPlan
from registry.rollover.plan import in_order
from registry.rollover.process import CODE, PROCESS, RolloverRow, told_of
from signatures.models import SessionFile, SigningSession
from signatures.packages import HEAD
from tests.bench import Result, bench, country

YEAR, NEXT = "2026-2027", "2027-2028"
TODAY = datetime.date(2027, 5, 28)
DAY = datetime.date(2027, 9, 1)
SYSTEM = actors.system("вимірювання")
MOST_TIMES, MINUTES_FOR_ALL, PUPILS = 3.0, 15, 4_000_000


@command(by_keys=True)
def _in_effect(*, actor: actors.Actor, order: Order, rows: list[RolloverRow]) -> None:
    if found := PROCESS.conflicts(order, rows):
        raise RuntimeError(found[0].what)
    PROCESS.effect(order, rows)
    audit.record(*PROCESS.events(order, rows))


@command
def _frozen(
    *, actor: actors.Actor, home: Institution, terms: dict[str, str], grant: int, user: int
) -> Order:
    """What preparing leaves behind, without paper and signature."""
    session = SigningSession.objects.create(
        user_id=user, purpose="bench", content=b"{}", content_sha256=uuid.uuid4().bytes * 2,
        created_at=datetime.datetime.now(datetime.UTC),
        expires_at=datetime.datetime.now(datetime.UTC),
    )  # fmt: skip
    document = {"document": {"school_year": NEXT, "terms": terms}}
    SessionFile.objects.create(session=session, name=HEAD, content=msgspec.json.encode(document))
    order = Order.objects.create(
        institution=home, kind=CODE, number="перехід", issued_on=TODAY, year=TODAY.year,
        ground="вимірювання", effective_on=DAY, prepared_by_id=grant, signing_id=session.pk,
    )  # fmt: skip
    audit.record()
    return order


def _reference() -> tuple[float, int]:
    """One INSERT … SELECT of every open placement, with the indexes and constraints of the table."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_place")
        cursor.execute("CREATE TABLE bench_place (LIKE registry_classplacement INCLUDING ALL)")
        # LIKE takes no exclusion constraint along when it has a predicate: said anew.
        cursor.execute(
            "SELECT count(*) FROM pg_constraint WHERE conrelid = 'bench_place'::regclass"
            " AND contype = 'x'"
        )
        if not cursor.fetchone()[0]:
            cursor.execute(
                "ALTER TABLE bench_place ADD EXCLUDE USING gist (enrolment_id WITH =,"
                " daterange(starts_on, ends_on) WITH &&) WHERE (voided_by_id IS NULL)"
            )
        began = time.perf_counter()
        cursor.execute(
            """
            INSERT INTO bench_place (id, enrolment_id, class_group_id, form, starts_on, origin)
            SELECT p.id, p.enrolment_id, p.class_group_id, p.form, %s, 'MIGRATED'
            FROM registry_classplacement p JOIN registry_enrolment e ON e.id = p.enrolment_id
            WHERE p.ends_on IS NULL AND p.voided_by_id IS NULL AND e.ends_on IS NULL
              AND e.voided_by_id IS NULL AND e.kind = 'MAIN'
            """,
            [DAY],
        )
        took, rows = time.perf_counter() - began, cursor.rowcount
        cursor.execute("DROP TABLE bench_place")
    return took, rows


@bench("rollover.country_s", unit="s")
def forward() -> list[Result]:
    """Every school of the country forward: its plan, and its order in effect."""
    country.use()
    classifiers.forget()
    reference, places = _reference()
    years = {one.pk: one for one in SchoolYear.objects.all()}
    planned = in_effect = 0.0
    moved = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT g.unit_id, min(g.id), min(g.user_id) FROM accounts_grant g"
            " WHERE g.role = 'HEAD' AND g.state = 'ACTIVE' GROUP BY 1"
        )
        heads = {unit: (grant, user) for unit, grant, user in cursor.fetchall()}
    done = set(Order.objects.filter(kind=CODE).values_list("institution_id", flat=True))
    for home in Institution.objects.filter(pk__in=heads).exclude(pk__in=done).order_by("pk"):
        began = time.perf_counter()
        plan = RolloverPlan(institution=home, from_year=years[YEAR], to_year=years[NEXT])
        plan.pk = None
        found = selectors.plan_of(plan, TODAY)
        outcomes = in_order(found.children)
        rows = [
            PROCESS.signed(n, Verdict([], "READY", one.child.id, one))
            for n, one in enumerate(outcomes, 1)
        ]
        planned += time.perf_counter() - began
        if not rows:
            continue
        grant, user = heads[home.pk]
        terms = {"classes": told_of(found.coming)}
        order = _frozen(actor=SYSTEM, home=home, terms=terms, grant=grant, user=user)
        began = time.perf_counter()
        _in_effect(actor=SYSTEM, order=order, rows=rows)
        in_effect += time.perf_counter() - began
        moved += len(rows)
    share = PUPILS / max(moved, 1)
    return [
        Result(in_effect, reference=reference * moved / places, n=moved),
        Result(planned, n=moved, name="rollover.plans_s"),
        Result(
            in_effect * share / 60,
            reference=MINUTES_FOR_ALL,
            n=moved,
            name="rollover.minutes_for_4_000_000",
            unit="min",
        ),
    ]

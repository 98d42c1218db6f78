"""Generating a form: asked for by a person, counted by a job in portions, summed up the tree."""

from __future__ import annotations

import datetime
import uuid

from django.db import connection

from accounts.actors import Actor
from accounts.models import OrgUnit
from kernel import audit
from kernel.db import command, violation
from kernel.errors import NotFound
from registry.models import Institution, SchoolYear
from reports import definition, errors, policies
from reports.models import ReportRun

# Institutions in one portion. The country fits one: each portion joins every child once more, and
# two cost twice the hand-written statement where one costs 1.2 to 1.5 of it (measured at 4,000,000).
PORTION = 20_000
# Up to so many institutions the categories are looked up child by child, above that in one pass.
NARROW = 400


@command
def request_run(
    *,
    actor: Actor,
    form_code: str,
    unit_uid: uuid.UUID | str,
    as_of: datetime.date,
    now: datetime.datetime,
) -> ReportRun:
    """Ask for a form to be generated for every institution under a node, as of a day.

    Raises:
        FormUnknown: no such form.
        NotFound, NotAllowed: the node is not the actor's.
        DayOutOfRange: in the future, or in no school year of the register.
        RunUnderWay: the same is being generated already.
    """
    try:
        form = definition.load(form_code)
    except KeyError:
        raise errors.FormUnknown from None
    unit = OrgUnit.objects.filter(uid=unit_uid).first()
    if unit is None or not actor.stands_above(unit.path):
        raise NotFound
    policies.generate.require(actor, unit)
    if as_of > now.date():
        raise errors.DayOutOfRange(
            "Дата ще не настала: звіт рахують за даними, які вже є.", field="as_of"
        )
    if not SchoolYear.objects.filter(starts_on__lte=as_of, ends_on__gt=as_of).exists():
        raise errors.DayOutOfRange(
            "Ця дата не належить до жодного навчального року.", field="as_of"
        )
    with violation(
        "one_run_under_way", lambda: errors.RunUnderWay("Дочекайтеся завершення, його видно нижче.")
    ):
        run = ReportRun.objects.create(
            form=form.code,
            form_version=form.version,
            unit=unit,
            as_of=as_of,
            total=Institution.objects.filter(unit__path__startswith=unit.path).count(),
            requested_by_id=actor.grant_id,
            created_at=now,
            touched_at=now,
        )
    audit.record(
        audit.Event(
            "reports.run.requested",
            "reports.run",
            str(run.pk),
            {"form": form.code, "as_of": as_of.isoformat(), "unit": unit.name},
            unit_id=unit.pk,
        )
    )
    return run


@command
def begin_run(*, actor: Actor, run_id: uuid.UUID | str, now: datetime.datetime) -> None:
    """Say that a worker has begun, so that the page shows it while the first portion is counted.

    Raises:
        NotFound: no such run.
    """
    run = ReportRun.objects.select_for_update(of=("self",), no_key=True).filter(pk=run_id).first()
    if run is None:
        raise NotFound
    if run.state in {"QUEUED", "RUNNING"}:
        run.state = "RUNNING"
        run.touched_at = now
        run.save(update_fields=["state", "touched_at"])
    audit.record(audit.Event("reports.run.begun", "reports.run", str(run.pk), unit_id=run.unit_id))


@command
def count_portion(
    *, actor: Actor, run_id: uuid.UUID | str, now: datetime.datetime, portion: int = PORTION
) -> bool:
    """Count the next portion of institutions; the last call also sums up and closes the run.

    Locks the run, so that two workers never count the same portion. Returns whether more is left.

    Raises:
        NotFound: no such run.
    """
    run = (
        ReportRun.objects.select_for_update(of=("self",), no_key=True)
        .select_related("unit")
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        raise NotFound
    if run.state in {"DONE", "FAILED"}:
        audit.record(audit.Event("reports.run.nothing_left", "reports.run", str(run.pk)))
        return False
    ids = list(
        Institution.objects.filter(unit__path__startswith=run.unit.path, pk__gt=run.cursor)
        .order_by("pk")
        .values_list("pk", flat=True)[:portion]
    )
    form = definition.load(run.form)
    with connection.cursor() as cursor:
        # A portion of the country takes seconds; the page that shows it does not wait.
        cursor.execute("SET LOCAL statement_timeout = '300s'")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        if ids:
            sql, params = definition.counting_sql(form, narrow=len(ids) <= NARROW)
            whole = run.unit.parent_id is None
            # Into a table of the transaction first: an INSERT … SELECT never runs in parallel.
            cursor.execute(
                f"CREATE TEMPORARY TABLE reports_portion ON COMMIT DROP AS {sql}",
                params
                | {
                    "first": ids[0],
                    "last": ids[-1],
                    "ids": None if whole else ids,
                    "day": run.as_of,
                },
            )
            cursor.execute(
                "INSERT INTO reports_reportcount (run_id, institution_id, grade, counts)"
                " SELECT %s, institution_id, grade, counts FROM reports_portion",
                [run.pk],
            )
            cursor.execute("DROP TABLE reports_portion")
            run.cursor = ids[-1]
            run.done += len(ids)
            run.state = "RUNNING"
        if len(ids) < portion:
            _sum_up(run, len(form.rows))
            run.state = "DONE"
            run.done = run.total
            run.finished_at = now
    run.touched_at = now
    run.save(update_fields=["cursor", "done", "state", "touched_at", "finished_at"])
    audit.record(
        audit.Event(
            "reports.run.finished" if run.state == "DONE" else "reports.run.counted",
            "reports.run",
            str(run.pk),
            {"done": run.done, "total": run.total},
            unit_id=run.unit_id,
        )
    )
    return run.state != "DONE"


def _sum_up(run: ReportRun, rows: int) -> None:
    """Sum the counts for every node between the run's and its institutions, hubs included."""
    sums = ", ".join(f"sum(c.counts[{i}])::int" for i in range(1, rows + 1))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO reports_reportsum (run_id, unit_id, grade, counts)
            SELECT %(run)s, n.unit_id, n.grade, n.counts
            FROM (
                SELECT CASE
                    WHEN grouping(i.district_id) = 0 THEN i.district_id
                    WHEN grouping(i.hromada_id) = 0 THEN i.hromada_id
                    WHEN grouping(i.raion_id) = 0 THEN i.raion_id
                    WHEN grouping(i.oblast_id) = 0 THEN i.oblast_id
                    ELSE %(root)s END AS unit_id,
                    c.grade, ARRAY[{sums}] AS counts
                FROM reports_reportcount c JOIN registry_institution i ON i.institution_id = c.institution_id
                WHERE c.run_id = %(run)s
                GROUP BY GROUPING SETS (
                    (i.district_id, c.grade), (i.hromada_id, c.grade), (i.raion_id, c.grade), (i.oblast_id, c.grade), (c.grade)
                )
            ) n
            JOIN accounts_orgunit u ON u.id = n.unit_id
            WHERE n.unit_id IS NOT NULL AND (n.unit_id = %(root)s OR u.path LIKE %(below)s)
            ON CONFLICT DO NOTHING
            """,
            {"run": run.pk, "root": run.unit_id, "below": run.unit.path + "%"},
        )


@command
def fail_run(*, actor: Actor, run_id: uuid.UUID | str, why: str, now: datetime.datetime) -> None:
    """Close a run that cannot go on, with words for whoever asked.

    Raises:
        NotFound: no such run.
    """
    run = ReportRun.objects.select_for_update(of=("self",), no_key=True).filter(pk=run_id).first()
    if run is None:
        raise NotFound
    if run.state in {"QUEUED", "RUNNING"}:
        run.state = "FAILED"
        run.failure = why
        run.touched_at = run.finished_at = now
        run.save(update_fields=["state", "failure", "touched_at", "finished_at"])
    audit.record(
        audit.Event(
            "reports.run.failed", "reports.run", str(run.pk), {"why": why}, unit_id=run.unit_id
        )
    )

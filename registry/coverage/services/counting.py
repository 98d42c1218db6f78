"""Counts of communities and the search for children who may be missing: set-based, by night."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence

from django.db import connection

from accounts.actors import Actor
from kernel import audit, clock
from kernel.clock import Moment
from kernel.db import advisory_lock, command
from registry.coverage import policies, selectors
from registry.coverage.events import CaseOpened, CoverageCounted, MissingSought
from registry.coverage.states import MISSING
from registry.coverage.terms import terms

_ONE_AT_A_TIME = "registry.coverage"
SOUGHT = 1_000  # records made by one command
LEFT = 30  # days in which a child that left is enrolled elsewhere, as a rule
LOST = 10  # days without contact

# One pass over the children who live somewhere, one over those who learn, one over open records; each
# grouped by community. `%(units)s` narrows all three by their indexes; null counts the country.
_COUNT = """
    WITH units AS (
        SELECT u.id FROM accounts_orgunit u
        WHERE u.is_active AND u.kind IN ('HROMADA', 'CITY', 'CITY_DISTRICT', 'OBLAST')
          AND (%(units)s::int[] IS NULL OR u.id = ANY(%(units)s))
    ), lives AS (
        SELECT p.residence_id AS unit, p.form,
            count(*) AS n,
            count(*) FILTER (WHERE p.institution_id IS NOT NULL) AS learn,
            count(*) FILTER (WHERE p.institution_id IS NOT NULL
                AND p.residence_id IS DISTINCT FROM coalesce(p.district_id, p.hromada_id, p.oblast_id)
                AND p.residence_id IS DISTINCT FROM p.hromada_id) AS elsewhere
        FROM registry_pupil p
        WHERE p.residence_id IS NOT NULL AND p.closed_on IS NULL
          AND (%(units)s::int[] IS NULL OR p.residence_id = ANY(%(units)s))
          AND p.born_on > %(after)s AND p.born_on <= %(by)s
        GROUP BY p.residence_id, p.form
    ), living AS (
        SELECT unit, sum(n) AS n, sum(learn) AS learn, sum(elsewhere) AS elsewhere,
            coalesce(jsonb_object_agg(form, learn) FILTER (WHERE learn > 0 AND form <> ''), '{}')
                AS forms
        FROM lives GROUP BY unit
    ), here AS (
        SELECT coalesce(p.district_id, p.hromada_id, p.oblast_id) AS unit, count(*) AS n,
            count(*) FILTER (WHERE p.residence_id IS NULL) AS unplaced
        FROM registry_pupil p
        WHERE p.institution_id IS NOT NULL AND p.born_on > %(after)s AND p.born_on <= %(by)s
          AND (%(units)s::int[] IS NULL OR p.hromada_id = ANY(%(units)s)
               OR p.district_id = ANY(%(units)s)
               OR (p.oblast_id = ANY(%(units)s) AND p.hromada_id IS NULL))
        GROUP BY 1
    ), stand AS (
        SELECT c.unit_id AS unit, c.kind, c.reason, count(*) AS n,
            count(*) FILTER (WHERE c.due_on < %(today)s) AS late
        FROM registry_coveragecase c
        WHERE c.state <> 'CLOSED' AND c.kind IN ('NOT_COVERED', 'ABSENT')
          AND (%(units)s::int[] IS NULL OR c.unit_id = ANY(%(units)s))
        GROUP BY 1, 2, 3
    ), standing AS (
        SELECT unit,
            coalesce(sum(n) FILTER (WHERE kind = 'NOT_COVERED'), 0) AS recorded,
            coalesce(sum(n) FILTER (WHERE kind = 'ABSENT'), 0) AS absent,
            sum(late) AS late,
            coalesce(jsonb_object_agg(reason, n) FILTER (WHERE kind = 'NOT_COVERED'), '{}')
                AS reasons
        FROM stand GROUP BY unit
    )
    INSERT INTO registry_coveragemonth (unit_id, month, counted_at, children, learning, elsewhere,
        forms, here, unplaced, recorded, reasons, absent, overdue)
    SELECT u.id, %(month)s, %(now)s, coalesce(l.n, 0), coalesce(l.learn, 0),
        coalesce(l.elsewhere, 0), coalesce(l.forms, '{}'), coalesce(h.n, 0),
        coalesce(h.unplaced, 0), coalesce(s.recorded, 0), coalesce(s.reasons, '{}'),
        coalesce(s.absent, 0), coalesce(s.late, 0)
    FROM units u LEFT JOIN living l ON l.unit = u.id LEFT JOIN here h ON h.unit = u.id
    LEFT JOIN standing s ON s.unit = u.id
    WHERE l.unit IS NOT NULL OR h.unit IS NOT NULL OR s.unit IS NOT NULL
        OR %(units)s::int[] IS NOT NULL
    ORDER BY u.id
    ON CONFLICT (month, unit_id) DO UPDATE SET counted_at = excluded.counted_at,
        children = excluded.children, learning = excluded.learning,
        elsewhere = excluded.elsewhere, forms = excluded.forms, here = excluded.here,
        unplaced = excluded.unplaced, recorded = excluded.recorded, reasons = excluded.reasons,
        absent = excluded.absent, overdue = excluded.overdue
"""
# Who may be missing (handbook J.3, d and f): contact is lost for days; or the child left an
# institution, neither finished nor abroad nor dead, and no other enrolled it nor does any community
# record it. Whoever was named, found or cleared since is not named again for the same.
_SEEK = """
    WITH lost AS (
        SELECT s.pupil_id, 'LOST_CONTACT' AS reason, s.starts_on AS since
        FROM registry_contactstate s
        WHERE s.ends_on IS NULL AND s.voided_at IS NULL
          AND s.status IN ('LOST_PUPIL', 'LOST_BOTH') AND s.starts_on <= %(lost)s
    ), gone AS (
        SELECT p.id AS pupil_id, 'NO_TRACE' AS reason, e.ends_on AS since
        FROM registry_pupil p CROSS JOIN LATERAL (
            SELECT r.ends_on, r.end_reason FROM registry_enrolment r
            WHERE r.pupil_id = p.id AND r.kind = 'MAIN' AND r.voided_by_id IS NULL
            ORDER BY r.starts_on DESC LIMIT 1
        ) e
        WHERE p.institution_id IS NULL AND p.residence_id IS NOT NULL AND p.closed_on IS NULL
          AND e.ends_on <= %(left)s AND e.end_reason NOT IN ('COMPLETED', 'ABROAD', 'DEATH')
          AND NOT EXISTS (SELECT FROM registry_coveragecase c WHERE c.pupil_id = p.id
              AND c.kind = 'NOT_COVERED' AND c.state <> 'CLOSED')
    ), named AS (
        SELECT DISTINCT ON (x.pupil_id) x.*, p.residence_id,
            coalesce(p.institution_id, (SELECT r.institution_id FROM registry_enrolment r
                WHERE r.pupil_id = x.pupil_id ORDER BY r.starts_on DESC LIMIT 1)) AS school,
            coalesce(p.residence_id, p.district_id, p.hromada_id, p.oblast_id) AS unit
        FROM (SELECT * FROM lost UNION ALL SELECT * FROM gone) x
        JOIN registry_pupil p ON p.id = x.pupil_id
        WHERE p.closed_on IS NULL AND p.merged_into_id IS NULL
          AND p.born_on > %(after)s AND p.born_on <= %(by)s
          AND NOT EXISTS (SELECT FROM registry_coveragecase c WHERE c.pupil_id = x.pupil_id
              AND c.kind = 'MISSING' AND (c.state <> 'CLOSED' OR c.since >= x.since))
        ORDER BY x.pupil_id, x.since
    ), put AS (INSERT INTO registry_coveragecase (kind, state, pupil_id, unit_id, institution_id, reason,
        since, opened_on, due_on, outcome, version)
    SELECT 'MISSING', 'RECORDED', n.pupil_id, n.unit, n.school, n.reason, n.since, %(today)s,
        %(due)s, '', 1
    FROM named n WHERE n.unit IS NOT NULL ORDER BY n.pupil_id LIMIT %(most)s
    ON CONFLICT DO NOTHING
    RETURNING id, unit_id, reason, since), told AS (
        INSERT INTO registry_coveragestep (case_id, step, state, "on", reason, ground, at)
        SELECT id, 'record', 'RECORDED', since, reason, %(ground)s, %(now)s FROM put
    )
    SELECT id, unit_id, reason FROM put ORDER BY id
"""


@command
def count(*, actor: Actor, units: Sequence[int] | None, moment: Moment) -> int:
    """Count children of these communities anew, or of the whole country; made again, it is the same.

    Raises:
        NotAllowed: neither the system nor the authority of these communities.
    """
    policies.count.require(actor)
    if not actor.is_system:
        units = sorted(set(units or ()) & {one.pk for one in selectors.kept_by(actor)})
    advisory_lock(_ONE_AT_A_TIME)
    after, by = terms().births(moment.today)
    month = clock.month_of(moment.today)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "units": list(units) if units is not None else None,
                "after": after,
                "by": by,
                "today": moment.today,
                "month": month,
                "now": moment.now,
            },
        )
        many = cursor.rowcount
    audit.record(CoverageCounted(month=month, units=many))
    return many


@command
def seek_missing(*, actor: Actor, moment: Moment) -> list[uuid.UUID]:
    """Record a portion of children who may be missing by what the register says; asked again, the
    next portion.

    Raises:
        NotAllowed: only the system does this.
    """
    policies.follow.require(actor)
    advisory_lock(_ONE_AT_A_TIME)
    after, by = terms().births(moment.today)
    due = terms().due("MISSING", "RECORDED", moment.today)
    with connection.cursor() as cursor:
        cursor.execute(
            _SEEK,
            {
                "after": after,
                "by": by,
                "today": moment.today,
                "now": moment.now,
                "ground": "Відомості реєстру",
                "due": due,
                "most": SOUGHT,
                "left": moment.today - datetime.timedelta(days=LEFT),
                "lost": moment.today - datetime.timedelta(days=LOST),
            },
        )
        found = cursor.fetchall()
    audit.record(
        MissingSought(found=len(found)),
        *(
            CaseOpened(
                subject=pk, unit=unit, kind=MISSING, reason=reason, due_on=due or moment.today
            )
            for pk, unit, reason in found
        ),
    )
    return [one[0] for one in found]

"""Checking children against the pack: one statement asks every rule of a whole scope."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection

from accounts.actors import Actor
from kernel import audit, clock
from kernel.db import advisory_lock, command, part_of_command
from kernel.errors import NotFound
from registry.fields.rules.pack import Pack, current
from registry.fields.rules.sql import broken_sql
from registry.institutions.models.institutions import Institution
from registry.quality import facts, policies
from registry.quality.events import QualityChecked, QualityRechecked, QualitySummed
from registry.quality.services import campaigns

PORTION = 100  # institutions checked by one command
_ONE_AT_A_TIME = "registry.quality"  # a night and a change of a child write the same rows

# Findings of a scope become what the rules say now. What is found again keeps its first day, what
# is mended goes; a child that moved takes its findings along. OFFSET 0: what is found is sought child
# by child, however many rules the planner thinks that each breaks.
_REPLACE = """
    WITH broken AS MATERIALIZED ({broken}),
    found AS (SELECT b.id AS pupil_id, unnest(b.codes) AS rule FROM broken b),
    gone AS (
        DELETE FROM registry_qualityfinding f WHERE {standing}
          AND NOT EXISTS (SELECT FROM found x WHERE x.pupil_id = f.pupil_id AND x.rule = f.rule)
        RETURNING f.institution_id
    ),
    put AS (
        INSERT INTO registry_qualityfinding AS f (pupil_id, institution_id, rule, found_on)
        SELECT x.pupil_id, p.institution_id, x.rule, %(today)s
        FROM found x CROSS JOIN LATERAL (
            SELECT c.institution_id FROM registry_pupil c WHERE c.id = x.pupil_id OFFSET 0
        ) p
        WHERE NOT EXISTS (SELECT FROM registry_qualityfinding s WHERE s.pupil_id = x.pupil_id
            AND s.rule = x.rule AND s.institution_id = p.institution_id OFFSET 0)
        ON CONFLICT (pupil_id, rule) DO UPDATE SET institution_id = excluded.institution_id
        RETURNING f.institution_id
    )
    SELECT (SELECT count(*) FROM broken),
           ARRAY(SELECT institution_id FROM gone UNION SELECT institution_id FROM put)
"""
_CHECKED = """
    INSERT INTO registry_qualitycheck (institution_id, checked_at, checked_on, pack, pupils)
    SELECT i.id, %(now)s, %(today)s, %(pack)s, count(p.id)
    FROM unnest(%(ids)s) AS i(id) LEFT JOIN registry_pupil p ON p.institution_id = i.id GROUP BY i.id
    ON CONFLICT (institution_id) DO UPDATE SET checked_at = excluded.checked_at,
        checked_on = excluded.checked_on, pack = excluded.pack, pupils = excluded.pupils
    RETURNING institution_id, pupils
"""
_OF_MONTH = """
    WITH told AS (
        SELECT f.institution_id, f.pupil_id, f.rule, x.indicator FROM registry_qualityfinding f
        LEFT JOIN unnest(%(rules)s::text[], %(indicators)s::text[]) AS x(rule, indicator)
            ON x.rule = f.rule
        WHERE f.institution_id = ANY(%(ids)s)
    ),
    by_rule AS (SELECT institution_id, rule, count(*) AS n FROM told GROUP BY 1, 2),
    by_indicator AS (SELECT institution_id, indicator, count(DISTINCT pupil_id) AS n FROM told
        WHERE indicator IS NOT NULL GROUP BY 1, 2)
    INSERT INTO registry_qualitymonth (institution_id, month, found, pupils, indicators)
    SELECT c.institution_id, %(month)s,
        coalesce((SELECT jsonb_object_agg(rule, n) FROM by_rule r
                  WHERE r.institution_id = c.institution_id), '{{}}'), c.pupils,
        coalesce((SELECT jsonb_object_agg(indicator, n) FROM by_indicator r
                  WHERE r.institution_id = c.institution_id), '{{}}')
    FROM registry_qualitycheck c WHERE c.institution_id = ANY(%(ids)s)
    ON CONFLICT (institution_id, month) DO UPDATE SET
        found = excluded.found, pupils = excluded.pupils, indicators = excluded.indicators
""".replace("{{}}", "{}")
_TREND = """
    WITH told AS (
        SELECT i.oblast_id, i.type, m.pupils, m.indicators FROM registry_qualitymonth m
        JOIN registry_institution i ON i.institution_id = m.institution_id WHERE m.month = %(month)s
    ),
    added AS (
        SELECT oblast_id, type, e.key, sum(e.value::int) AS n
        FROM told, jsonb_each_text(indicators) e GROUP BY 1, 2, 3
    )
    INSERT INTO registry_qualitytrend (month, oblast_id, type, pupils, indicators)
    SELECT %(month)s, t.oblast_id, t.type, sum(t.pupils),
        coalesce((SELECT jsonb_object_agg(key, n) FROM added a WHERE a.type = t.type
                  AND a.oblast_id IS NOT DISTINCT FROM t.oblast_id), '{}')
    FROM told t GROUP BY t.oblast_id, t.type
"""


@command
def check_institutions(
    *, actor: Actor, ids: Sequence[int], now: datetime.datetime, today: datetime.date
) -> int:
    """Check every child of these institutions; returns how many have problems.

    Raises:
        NotFound: one of them is out of reach.
        NotAllowed: the actor's role does not look after the data of children.
        NoSchoolYear: the classifier ends before the day.
    """
    there = Institution.objects.visible_to(actor).filter(pk__in=ids).in_bulk()
    if not there or len(there) != len(set(ids)):
        raise NotFound
    policies.check.require(actor)
    advisory_lock(_ONE_AT_A_TIME)
    pack, asked = current(), facts.parameters(today, institutions=sorted(there))
    found, _ = _replace(pack, asked, "f.institution_id = ANY(%(institutions)s::int[])")
    given: dict[str, Any] = {
        "ids": sorted(there),
        "now": now,
        "today": today,
        "month": clock.month_of(today),
        "pack": pack.version,
        "rules": [rule.code for rule in pack.rules],
        "indicators": [rule.indicator for rule in pack.rules],
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHECKED, given)
        pupils = dict(cursor.fetchall())
        cursor.execute(_OF_MONTH, given)
        cursor.execute(
            """
            SELECT institution_id, count(DISTINCT pupil_id) FROM registry_qualityfinding
            WHERE institution_id = ANY(%s) GROUP BY 1
            """,
            [sorted(there)],
        )
        spoilt = dict(cursor.fetchall())
    campaigns.follow(sorted(there))
    audit.record(
        *(
            QualityChecked(
                subject=one.uid,
                unit=pk,
                pack=pack.version,
                pupils=pupils[pk],
                with_problems=spoilt.get(pk, 0),
            )
            for pk, one in sorted(there.items())
        )
    )
    return found


@command
def check_pupils(*, actor: Actor, pupil_ids: Sequence[uuid.UUID], today: datetime.date) -> int:
    """Check again the children whose data changed; returns how many of them have problems.

    Raises:
        NotAllowed: only the system does this, told by the log of changes.
        NoSchoolYear: the classifier ends before the day.
    """
    policies.recheck.require(actor)
    advisory_lock(_ONE_AT_A_TIME)
    asked = facts.parameters(today, pupils=pupil_ids)
    found, touched = _replace(current(), asked, "f.pupil_id = ANY(%(pupils)s::uuid[])")
    campaigns.follow(touched)
    audit.record(QualityRechecked(pupils=len(pupil_ids), with_problems=found))
    return found


@command
def keep_trend(*, actor: Actor, month: datetime.date) -> None:
    """Add up by oblast what the checks of a month found; done again, it is made anew.

    Raises:
        NotAllowed: only the system adds up.
    """
    policies.recheck.require(actor)
    advisory_lock(_ONE_AT_A_TIME)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM registry_qualitytrend WHERE month = %(month)s", {"month": month}
        )
        cursor.execute(_TREND, {"month": month})
    audit.record(QualitySummed(month=month))


@part_of_command
def _replace(pack: Pack, asked: dict[str, Any], standing: str) -> tuple[int, list[int]]:
    """Make the findings of a scope what the rules say now: how many children have any, and the
    institutions whose findings changed."""
    statement = _REPLACE.format(broken=broken_sql(pack, facts.RELATION), standing=standing)
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        found, touched = cursor.fetchone()
    return found, sorted(touched)

"""Checking children against the pack: one statement asks every rule of a whole scope."""

from __future__ import annotations

import datetime
import json
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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

# Findings of a scope become what the rules say now. What is found again keeps its first day and is
# not written; a child that moved takes its findings along.
_GONE = """
    DELETE FROM registry_qualityfinding f USING unnest(%s::uuid[], %s::text[]) AS x(pupil_id, rule)
    WHERE f.pupil_id = x.pupil_id AND f.rule = x.rule
"""
_PUT = """
    INSERT INTO registry_qualityfinding (pupil_id, rule, institution_id, found_on)
    SELECT x.pupil_id, x.rule, x.institution_id, %s
    FROM unnest(%s::uuid[], %s::text[], %s::int[]) AS x(pupil_id, rule, institution_id)
    ON CONFLICT (pupil_id, rule) DO UPDATE SET institution_id = excluded.institution_id
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
    INSERT INTO registry_qualitymonth (institution_id, month, found, pupils, indicators)
    SELECT x.id, %s, x.found::jsonb, x.pupils, x.indicators::jsonb
    FROM unnest(%s::int[], %s::text[], %s::int[], %s::text[]) AS x(id, found, pupils, indicators)
    ON CONFLICT (institution_id, month) DO UPDATE SET
        found = excluded.found, pupils = excluded.pupils, indicators = excluded.indicators
"""
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
    broken, _ = _replace(pack, asked, "institution_id = ANY(%(institutions)s::int[])")
    indicators = {rule.code: rule.indicator for rule in pack.rules}
    spoilt: dict[int, list[_Broken]] = {pk: [] for pk in there}
    for one in broken:
        spoilt[one.institution_id].append(one)
    with connection.cursor() as cursor:
        cursor.execute(
            _CHECKED, {"ids": sorted(there), "now": now, "today": today, "pack": pack.version}
        )
        pupils = dict(cursor.fetchall())
        months = [_told(pk, pupils[pk], spoilt[pk], indicators) for pk in sorted(there)]
        columns = list(map(list, zip(*months, strict=True)))
        cursor.execute(_OF_MONTH, [clock.month_of(today), *columns])
    campaigns.follow(sorted(there))
    audit.record(
        *(
            QualityChecked(
                subject=one.uid,
                unit=pk,
                pack=pack.version,
                pupils=pupils[pk],
                with_problems=len(spoilt[pk]),
            )
            for pk, one in sorted(there.items())
        )
    )
    return len(broken)


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
    broken, touched = _replace(current(), asked, "pupil_id = ANY(%(pupils)s::uuid[])")
    campaigns.follow(touched)
    audit.record(QualityRechecked(pupils=len(pupil_ids), with_problems=len(broken)))
    return len(broken)


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


class _Broken(NamedTuple):
    """A child that breaks rules, and where it learns."""

    pupil_id: uuid.UUID
    institution_id: int
    codes: list[str]


@part_of_command
def _replace(pack: Pack, asked: dict[str, Any], scope: str) -> tuple[list[_Broken], list[int]]:
    """Make the findings of a scope what the rules say now: the children who break any, and the
    institutions whose findings changed. What differs is told here and written by key: the planner,
    who cannot know how much a rule finds, compared each finding with all."""
    with connection.cursor() as cursor:
        cursor.execute(broken_sql(pack, facts.RELATION, "id, institution_id"), asked)
        broken = [_Broken(*row) for row in cursor.fetchall()]
        cursor.execute(
            f"SELECT pupil_id, rule, institution_id FROM registry_qualityfinding WHERE {scope}",  # noqa: S608 - our words
            asked,
        )
        standing = {(pupil, rule): there for pupil, rule, there in cursor.fetchall()}
        found = {(one.pupil_id, rule): one.institution_id for one in broken for rule in one.codes}
        gone = sorted(standing.keys() - found.keys())
        put = sorted(key for key, there in found.items() if standing.get(key) != there)
        if gone:
            cursor.execute(_GONE, list(map(list, zip(*gone, strict=True))))
        if put:
            pupils, rules = map(list, zip(*put, strict=True))
            cursor.execute(_PUT, [asked["today"], pupils, rules, [found[key] for key in put]])
    touched = {standing[key] for key in gone} | {found[key] for key in put}
    return broken, sorted(touched)


def _told(
    institution_id: int, pupils: int, broken: Sequence[_Broken], indicators: Mapping[str, str]
) -> tuple[int, str, int, str]:
    """The month's row of an institution: children by rule, and by indicator once each."""
    rules = Counter(rule for one in broken for rule in one.codes)
    told = Counter(name for one in broken for name in {indicators[rule] for rule in one.codes})
    return institution_id, json.dumps(rules), pupils, json.dumps(told)

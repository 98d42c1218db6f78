"""Lessons made of timetables: one statement for a class as for a whole school."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db import connection

from journals.models import YearPlan
from kernel.db import part_of_command

# Days of semesters without vacations, each with whether its week is odd, the first one being so.
_DAYS = """
    SELECT d.day::date AS day, extract(isodow FROM d.day)::int AS weekday,
        CASE WHEN (d.day::date - date_trunc('week', s.starts_on)::date) / 7 %% 2 = 0
            THEN 'ODD' ELSE 'EVEN' END AS week
    FROM journals_yearperiod s
    CROSS JOIN generate_series(greatest(s.starts_on, %(since)s::date), s.ends_on - 1, '1 day') d(day)
    WHERE s.plan_id = %(plan)s AND s.kind = 'SEMESTER'
      AND extract(isodow FROM d.day) <= %(days)s
      AND NOT EXISTS (
          SELECT FROM journals_yearperiod v WHERE v.plan_id = s.plan_id AND v.kind = 'VACATION'
            AND d.day >= v.starts_on AND d.day < v.ends_on)
"""
_PLACES = f"""
    SELECT s.id AS slot_id, s.journal_id, s.no, s.shift, s.post_id, s.room_id, d.day
    FROM journals_slot s JOIN ({_DAYS}) d ON d.weekday = s.weekday
        AND d.day >= s.starts_on AND d.day < s.ends_on AND s.weeks IN ('ALL', d.week)
    WHERE s.institution_id = %(institution)s AND s.ends_on > %(since)s
      AND (%(journals)s::bigint[] IS NULL OR s.journal_id = ANY(%(journals)s))
"""  # noqa: S608 - put together of our own words
# Of a lesson that has its first version and no entry nobody has written anything.
_DROP = f"""
    DELETE FROM journals_column c
    WHERE c.institution_id = %(institution)s AND c.day >= %(since)s AND c.day < %(until)s
      AND c.kind = 'LESSON' AND c.version = 1 AND c.slot_id IS NOT NULL
      AND (%(journals)s::bigint[] IS NULL OR c.journal_id = ANY(%(journals)s))
      AND NOT EXISTS (SELECT FROM journals_cell x WHERE x.institution_id = c.institution_id
            AND x.day = c.day AND x.column_id = c.id)
      AND NOT EXISTS (SELECT FROM ({_PLACES}) p WHERE p.slot_id = c.slot_id AND p.day = c.day)
"""  # noqa: S608 - put together of our own words
_MAKE = f"""
    INSERT INTO journals_column (institution_id, day, journal_id, kind, no, shift, slot_id, post_id,
        room_id, work, state, place, reason, topic, homework, version)
    SELECT %(institution)s, day, journal_id, 'LESSON', no, shift, slot_id, post_id, room_id,
        'LESSON', 'PLANNED', 'ROOM', '', '', '', 1
    FROM ({_PLACES}) p ORDER BY day, journal_id, no
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - put together of our own words


@part_of_command
def make(
    plan: YearPlan,
    since: datetime.date,
    until: datetime.date,
    journals: Sequence[int] | None = None,
) -> tuple[int, int]:
    """Make the lessons of a school, or of some journals, from a day on; those of which nobody has
    written anything and that have no place any more go. How many were made, and how many went."""
    values = {
        "plan": plan.pk,
        "days": plan.days,
        "institution": plan.institution_id,
        "since": since,
        "until": until,
        "journals": list(journals) if journals is not None else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DROP, values)
        gone = cursor.rowcount
        cursor.execute(_MAKE, values)
        return cursor.rowcount, gone

"""What journals tell the children's register: who missed every lesson, school day after school day."""

from __future__ import annotations

import dataclasses
import datetime
import uuid

from django.db import connection

from journals.values import absences
from registry.coverage import selectors as coverage
from registry.coverage.terms import terms

_BACK = datetime.timedelta(days=60)  # ten school days lie within, vacations and all

# A day is missed when the child was marked absent at every lesson that its class had; a row of such
# days is broken by a day with lessons, while the child was in the class, that was not. Days without
# lessons neither break nor count. Every row of days is told, whether or not the child came back since:
# teachers write late.
_STREAKS = """
    WITH lesson AS (
        SELECT c.day, c.id, j.class_group_id FROM journals_column c
        JOIN journals_journal j ON j.id = c.journal_id
        WHERE c.institution_id = %(institution)s AND c.day >= %(since)s AND c.day <= %(today)s
          AND c.kind = 'LESSON' AND c.state <> 'CANCELLED' AND j.class_group_id IS NOT NULL
    ), class_day AS (
        SELECT class_group_id, day, count(*) AS lessons FROM lesson GROUP BY 1, 2
    ), missed AS (
        SELECT x.enrolment_id, l.class_group_id, l.day, count(*) AS lessons,
            bool_and(x.absence = %(ill)s) AS ill
        FROM lesson l CROSS JOIN LATERAL (
            SELECT DISTINCT ON (c.enrolment_id) c.enrolment_id, c.absence FROM journals_cell c
            WHERE c.institution_id = %(institution)s AND c.day = l.day AND c.column_id = l.id
            ORDER BY c.enrolment_id, c.version DESC) x
        WHERE x.absence IS NOT NULL GROUP BY 1, 2, 3
    ), whole AS (
        SELECT m.* FROM missed m JOIN class_day d USING (class_group_id, day)
        WHERE m.lessons >= d.lessons
    ), often AS (
        SELECT enrolment_id FROM whole GROUP BY 1 HAVING count(*) >= %(days)s
    ), child_day AS (
        SELECT o.enrolment_id, d.day, w.day IS NOT NULL AS missed, w.ill
        FROM often o JOIN registry_learning l ON l.enrolment_id = o.enrolment_id
        JOIN class_day d ON d.class_group_id = l.class_group_id AND d.day >= l.starts_on
            AND (l.ends_on IS NULL OR d.day < l.ends_on)
        LEFT JOIN whole w ON w.enrolment_id = o.enrolment_id AND w.day = d.day
            AND w.class_group_id = d.class_group_id
    ), in_rows AS (
        SELECT *, count(*) FILTER (WHERE NOT missed) OVER (
            PARTITION BY enrolment_id ORDER BY day) AS came FROM child_day
    )
    SELECT e.pupil_id, array_agg(r.day ORDER BY r.day), array_agg(r.ill ORDER BY r.day)
    FROM in_rows r JOIN registry_enrolment e ON e.id = r.enrolment_id AND e.voided_by_id IS NULL
        AND (e.ends_on IS NULL OR e.ends_on > %(today)s)
    WHERE r.missed
    GROUP BY e.pupil_id, r.enrolment_id, r.came HAVING count(*) >= %(days)s
    ORDER BY 1, 2
"""


@dataclasses.dataclass(frozen=True)
class Streak:
    """School days in a row that a child missed whole."""

    pupil: uuid.UUID
    since: datetime.date
    until: datetime.date
    reason: str


def streaks(institution_id: int, today: datetime.date) -> list[Streak]:
    """School days in a row that children of a school missed, as many as the law counts or more, and
    that the children's register does not know yet; two queries.

    A record that stands knows the days to its last one; a closed one, to the day it was closed too.
    """
    ill = next(one.code for one in absences() if one.text == "хв")
    days = terms().absence.days
    with connection.cursor() as cursor:
        cursor.execute(
            _STREAKS,
            {
                "institution": institution_id,
                "since": today - _BACK,
                "today": today,
                "ill": ill,
                "days": days,
            },
        )
        rows = cursor.fetchall()
    known = coverage.absent_until({pupil for pupil, *_ in rows})
    found = []
    for pupil, missed, was_ill in rows:
        until, stands = known.get(pupil, (datetime.date.min, False))
        if missed[-1] <= until:
            continue
        # What a closed record knew is not told again; what is left must be as long by itself.
        left = [
            (day, sick) for day, sick in zip(missed, was_ill, strict=True) if stands or day > until
        ]
        if stands or len(left) >= days:
            reason = "ILLNESS" if all(sick for _, sick in left) else "UNKNOWN"
            found.append(Streak(pupil, left[0][0], missed[-1], reason))
    return found


def with_journals(today: datetime.date) -> list[int]:
    """Schools that have had lessons lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.institution_id FROM journals_yearplan p JOIN registry_schoolyear y
                ON y.code = p.school_year_id
            WHERE y.starts_on <= %s AND y.ends_on > %s ORDER BY 1
            """,
            [today, today],
        )
        return [institution for (institution,) in cursor.fetchall()]

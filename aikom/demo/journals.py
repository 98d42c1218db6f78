"""Journals of a synthetic world: years, bells, timetables, lessons and entries of a few weeks.

Statements over the classes, posts and placements that are there; what stands in a cell follows from a
hash of the pupil and the lesson, so the same world is the same each time. In no hour of the week has
a teacher two classes: classes of a school take its subjects in turn.
"""

from __future__ import annotations

import datetime

from journals import values

PRIMARY = ("UKRAINIAN_LANGUAGE", "MATHS", "READING", "EXPLORE", "ENGLISH", "ARTS", "PE")
UPPER = (
    *("UKRAINIAN_LANGUAGE", "MATHS", "ENGLISH", "UKRAINIAN_LITERATURE", "HISTORY"),
    *("GEOGRAPHY", "BIOLOGY", "INFORMATICS", "PE", "ARTS"),
)
HOURS = 6  # lessons of a day
BELLS = (
    *("08:30", "09:25", "10:25", "11:30", "12:25", "13:20", "14:15"),
    "15:10",
)


def _array(words: tuple[str, ...]) -> str:
    return "ARRAY['" + "','".join(words) + "']"


def statements(
    year: tuple[str, datetime.date, datetime.date],
    lessons: tuple[datetime.date, datetime.date],
    *,
    institutions: str,
    act: int,
    marked: int = 1,
) -> list[str]:
    """Everything of these schools in one school year: code, first day, half-open end.

    institutions: a condition of SQL about the column c.institution_id.

    lessons: for which days lessons are made, half-open.
    act: whose the entries are.
    marked: of so many lessons one has entries.
    """
    code, starts, _ = year
    first_end = datetime.date(starts.year, 12, 25)
    second = datetime.date(starts.year + 1, 1, 11), datetime.date(starts.year + 1, 6, 1)
    at = institutions
    schools = f"""(SELECT DISTINCT c.institution_id FROM registry_classgroup c
        WHERE c.school_year_id = '{code}' AND c.closed_on IS NULL AND {at}) h"""
    bells = ", ".join(
        f"({no}, time '{begins}', time '{begins}' + interval '45 minutes')"
        for no, begins in enumerate(BELLS, start=1)
    )
    numbers = "1,2,3,4,5,6,7,8,9,10,11,12"
    levels = "21,22,23,24"
    ill = next(one.code for one in values.absences() if one.text == "хв")
    away = next(one.code for one in values.absences() if one.text == "н")
    # A pupil's own level, a lesson's luck.
    cells = f"""
        SELECT k.institution_id, k.day, k.id, l.enrolment_id, 1,
            CASE WHEN k.kind = 'LESSON' AND x.away < 6 THEN NULL
                WHEN k.kind = 'LESSON' AND x.luck >= 30 THEN NULL
                WHEN c.grade <= 2 THEN NULL
                WHEN c.grade <= 4 THEN (ARRAY[{levels}])[1 + least(3, greatest(0, x.level / 3))]
                ELSE (ARRAY[{numbers}])[least(12, greatest(1, x.level + x.luck % 4 - 1))] END,
            CASE WHEN k.kind = 'LESSON' AND x.away < 3 THEN {away}
                WHEN k.kind = 'LESSON' AND x.away < 6 THEN {ill} END,
            NULL, k.day + time '15:00' AT TIME ZONE 'Europe/Kyiv', {act}
        FROM journals_column k
        JOIN journals_journal j ON j.id = k.journal_id
        JOIN registry_classgroup c ON c.id = j.class_group_id
        JOIN registry_learning l ON l.class_group_id = c.id AND l.starts_on <= k.day
            AND (l.ends_on IS NULL OR l.ends_on > k.day)
        CROSS JOIN LATERAL (SELECT
            abs(hashint8(l.enrolment_id * 7919 + k.id)) % 100 AS luck,
            abs(hashint8(l.enrolment_id * 31 + extract(doy FROM k.day)::int / 3)) % 100 AS away,
            4 + abs(hashint8(l.enrolment_id)) % 8 AS level) x
        WHERE {at} AND k.day >= '{lessons[0]}' AND k.day < '{lessons[1]}' AND k.state = 'HELD'
            AND k.id % {marked} = 0 AND c.school_year_id = '{code}'
    """
    return [
        # Of tables just filled the planner knows nothing, and would walk them for every row.
        "ANALYZE registry_classgroup, registry_post",
        f"""INSERT INTO journals_yearplan (institution_id, school_year_id, days, version)
            SELECT institution_id, '{code}', 5, 1 FROM {schools}""",
        f"""INSERT INTO journals_yearperiod (plan_id, kind, name, starts_on, ends_on)
            SELECT p.id, v.* FROM journals_yearplan p
            JOIN {schools} ON h.institution_id = p.institution_id
            CROSS JOIN (VALUES
                ('SEMESTER', 'I семестр', date '{starts}', date '{first_end}'),
                ('SEMESTER', 'II семестр', date '{second[0]}', date '{second[1]}'),
                ('VACATION', 'Осінні канікули', date '{starts.year}-10-26', date '{starts.year}-11-02'),
                ('VACATION', 'Зимові канікули', date '{first_end}', date '{second[0]}'),
                ('VACATION', 'Весняні канікули', date '{starts.year + 1}-03-22',
                    date '{starts.year + 1}-03-29')) v(kind, name, a, b)
            WHERE p.school_year_id = '{code}'""",
        f"""INSERT INTO journals_bell (plan_id, shift, no, starts_at, ends_at)
            SELECT p.id, s.shift, v.* FROM journals_yearplan p
            JOIN {schools} ON h.institution_id = p.institution_id
            CROSS JOIN generate_series(1, 2) s(shift)
            CROSS JOIN (VALUES {bells}) v(no, a, b) WHERE p.school_year_id = '{code}'""",
        f"""INSERT INTO journals_room (institution_id, name, kind, seats, is_closed)
            SELECT h.institution_id, r.name, r.kind, r.seats, false FROM {schools}
            CROSS JOIN (SELECT n::text AS name, '' AS kind, 30 AS seats FROM generate_series(1, 12) n
                UNION ALL SELECT 'Спортивна зала', 'GYM', NULL) r""",
        f"""INSERT INTO journals_subjectname (institution_id, subject, name)
            SELECT institution_id, 'MATHS', 'Математика (поглиблено)' FROM {schools}
            WHERE institution_id % 3 = 0""",
        # Classes of a school in turn, its teachers in turn; a class of grades 1–4 has one teacher.
        f"""WITH c AS MATERIALIZED (
                SELECT c.*, (row_number() OVER (
                    PARTITION BY c.institution_id, c.grade <= 4 ORDER BY c.grade, c.letter, c.id) - 1)::int
                    AS turn
                FROM registry_classgroup c
                WHERE c.school_year_id = '{code}' AND c.closed_on IS NULL AND {at}),
            t AS MATERIALIZED (
                SELECT c.institution_id, array_agg(c.id ORDER BY c.sort_key, c.id) AS posts,
                    count(*)::int AS n
                FROM registry_post c WHERE c.position = 'TEACHER' AND c.voided_by_id IS NULL AND {at}
                    AND (c.ends_on IS NULL OR c.ends_on > '{lessons[1]}') GROUP BY 1)
            INSERT INTO journals_journal
                (institution_id, school_year_id, subject, class_group_id, post_id, version)
            SELECT c.institution_id, '{code}', s.subject, c.id,
                CASE WHEN c.grade <= 4 THEN coalesce(c.teacher_id, t.posts[1 + c.turn % t.n])
                    ELSE t.posts[1 + (s.k + {len(UPPER)} * (c.turn / {len(UPPER)})) % t.n] END, 1
            FROM c LEFT JOIN t ON t.institution_id = c.institution_id
            CROSS JOIN LATERAL unnest(CASE WHEN c.grade <= 4 THEN {_array(PRIMARY)}
                ELSE {_array(UPPER)} END) WITH ORDINALITY s(subject, k)""",
        # Every fourth teacher has no lessons on one day of the week.
        f"""INSERT INTO journals_teacherhours (institution_id, post_id, closed, most, version)
            SELECT c.institution_id, c.id, ARRAY(
                SELECT 1000 * (1 + c.turn / 4 % 5) + 100 + no FROM generate_series(1, 8) no)::smallint[],
                6, 1
            FROM (SELECT c.institution_id, c.id, row_number() OVER (
                    PARTITION BY c.institution_id ORDER BY c.sort_key, c.id) AS turn
                FROM registry_post c WHERE c.position = 'TEACHER' AND c.voided_by_id IS NULL AND {at}
                    AND c.ends_on IS NULL) c
            WHERE c.turn % 4 = 1""",
        f"""INSERT INTO journals_slot (institution_id, journal_id, weekday, no, shift, weeks, post_id,
                room_id, starts_on, ends_on)
            SELECT institution_id, id, 1 + p / {HOURS}, 1 + p % {HOURS}, shift, 'ALL',
                CASE WHEN 1 = row_number() OVER (
                    PARTITION BY institution_id, post_id, p ORDER BY id) THEN post_id END,
                NULL, '{starts}', '{second[1]}'
            FROM (SELECT j.*, c.shift, p, dense_rank() OVER (
                    PARTITION BY c.institution_id, c.grade <= 4 ORDER BY c.grade, c.letter, c.id) AS turn,
                    row_number() OVER (PARTITION BY c.id, p ORDER BY j.id) - 1 AS k,
                    count(*) OVER (PARTITION BY c.id, p) AS subjects
                FROM journals_journal j JOIN registry_classgroup c ON c.id = j.class_group_id
                CROSS JOIN generate_series(0, {5 * HOURS - 1}) p
                WHERE j.school_year_id = '{code}' AND {at}) x
            WHERE k = (p + turn) % subjects""",
        f"""INSERT INTO journals_column (institution_id, day, journal_id, kind, no, shift, slot_id,
                post_id, room_id, work, state, place, reason, topic, homework, due_on, version)
            SELECT c.institution_id, d.day, c.journal_id, 'LESSON', c.no, c.shift, c.id, c.post_id,
                c.room_id, CASE (c.id + extract(week FROM d.day)::int) % 9 WHEN 0 THEN 'CONTROL'
                    WHEN 4 THEN 'INDEPENDENT' ELSE 'LESSON' END,
                CASE WHEN d.day < '{lessons[1]}' THEN 'HELD' ELSE 'PLANNED' END,
                CASE WHEN c.no = 3 AND extract(doy FROM d.day)::int % 11 = 0 THEN 'SHELTER'
                    ELSE 'ROOM' END, '',
                'Тема ' || (1 + extract(week FROM d.day)::int % 20) || '. Узагальнення вивченого',
                '§ ' || (10 + extract(doy FROM d.day)::int % 40) || ', вправи 1–3',
                d.day + 2, 2
            FROM journals_slot c CROSS JOIN LATERAL (
                SELECT g::date AS day FROM generate_series(
                    date '{lessons[0]}', date '{lessons[1]}' - 1, interval '1 day') g
                WHERE extract(isodow FROM g) = c.weekday
                  AND NOT (g >= '{starts.year}-10-26' AND g < '{starts.year}-11-02')) d
            WHERE {at} AND c.starts_on = '{starts}'""",
        """ANALYZE registry_enrolment, registry_classplacement, registry_classgroup, journals_journal,
            journals_column""",
        f"""INSERT INTO journals_cell (institution_id, day, column_id, enrolment_id, version, value,
                absence, words, at, act_id)
            SELECT * FROM ({cells}) v(institution_id, day, column_id, enrolment_id, version, value,
                absence, words, at, act_id)
            WHERE value IS NOT NULL OR absence IS NOT NULL""",
    ]


def of_country() -> list[str]:
    """Two days of every eighth school, one lesson of ten with entries: so that no page is fast because
    a table is empty, and a country of four millions is still made within its time."""
    monday = datetime.date(2026, 11, 16)
    return statements(
        ("2026-2027", datetime.date(2026, 9, 1), datetime.date(2027, 7, 1)),
        (monday, monday + datetime.timedelta(days=2)),
        institutions="c.institution_id % 8 = 0",
        act=1,
        marked=10,
    )

"""What the staff of a country teach and how they grow: load, attestations, courses, deferments.

Statements over the classes and schools that `aikom.demo.country` laid out and the posts it made.
"""

from __future__ import annotations

from aikom.demo.country_sql import (
    ATTESTATION,
    COURSE,
    DEFERMENT,
    EDUCATION,
    EMPLOYEE,
    LOAD,
    POST,
    VACANCY,
    insert,
    uid_of,
)
from registry.models import (
    Attestation,
    Course,
    Deferment,
    Education,
    EmployeeDue,
    EmployeeMerge,
    Load,
    LoadClass,
    PossibleColleague,
    Vacancy,
)

# Their indexes are dropped before and built after, as those of people are.
LOADED = (Attestation, Course, Education, Load, LoadClass)

_SUBJECTS = [
    "UKRAINIAN_LANGUAGE",
    "ENGLISH",
    "MATHS",
    "UKRAINE_HISTORY",
    "GEOGRAPHY",
    "BIOLOGY",
    "PHYSICS",
    "PE",
    "INFORMATICS",
]
_EACH = 10  # lines of a class: more than it has subjects; their numbers do not meet
_NAMED = "'{" + ",".join(_SUBJECTS) + "}'::text[]"

# The teacher of a class of grades 1–4 takes it whole; every subject of the others has a teacher, who
# has the same subject in the next classes: the number of the post in its school follows the deputies'.
_LINES = f"""(
    SELECT c.id AS class_id, c.institution_id, c.grade, s.k, x.subject,
        CASE WHEN c.grade <= 4 THEN 18 ELSE 2 + s.k % 3 END AS hours,
        c.id * {_EACH} + s.k AS n,
        h.first + CASE WHEN c.grade <= 4
            THEN least(h.staff - 1, h.classes / 12 + c.turn)
            ELSE least(h.staff - 1, h.classes / 12 + h.primary_classes + 1
                + (s.k + {len(_SUBJECTS)} * (c.turn / 8)) % greatest(1,
                    (h.staff * 0.82)::int - h.classes / 12 - h.primary_classes - 1))
            END AS post
    FROM (
        SELECT *, row_number() OVER (PARTITION BY institution_id, grade <= 4 ORDER BY id) AS turn
        FROM country_load.class
    ) c
    JOIN country_load.school h USING (institution_id)
    CROSS JOIN LATERAL generate_series(0, CASE WHEN c.grade <= 4 THEN 0 ELSE {len(_SUBJECTS) - 1} END)
        AS s(k)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN c.grade <= 4 THEN 'PRIMARY' ELSE ({_NAMED})[s.k + 1] END
    ) AS x(subject)
) l"""
_PEDAGOGUES = """(
    SELECT first + i AS n, i, s.*, hashint8extended(first + i, 17) AS h
    FROM country_load.school s, generate_series(0, s.staff - 1) i
    WHERE i < greatest(1, s.staff * 0.82)
) p"""

# Two of one school's staff who may be one, in two schools of five.
_NAMESAKES = """(
    SELECT *, institution_id % 2 = 0 AS open
    FROM country_load.school WHERE staff > 1 AND institution_id % 5 < 2
) s"""

_ABOVE = "coalesce(district_id, hromada_id, raion_id)"

STATEMENTS = [
    insert(
        Load,
        "id post_id institution_id school_year_id type subject is_primary hours line starts_on origin",
        f"""{uid_of(LOAD)}, {uid_of(POST, "post")}, institution_id, '2026-2027', 'SUBJECT', subject,
        k < 2, hours, 'SUBJECT|' || subject || '||' || class_id || '|', date '2026-09-01',
        'MIGRATED'""",
        _LINES,
    ),
    insert(LoadClass, "id load_id class_group_id", f"n, {uid_of(LOAD)}, class_id", _LINES),
    f"SELECT setval(pg_get_serial_sequence('{LoadClass._meta.db_table}', 'id'),"
    f" (SELECT coalesce(max(id), 1) FROM {LoadClass._meta.db_table}))",
    insert(
        Attestation,
        "id employee_id kind held_on category title grade protocol origin",
        f"""{uid_of(ATTESTATION)}, {uid_of(EMPLOYEE)}, 'REGULAR',
        date '2021-10-10' + (h & 2047)::int * 1800 / 2048,
        (ARRAY['SPECIALIST', 'SECOND', 'FIRST', 'HIGHEST'])[1 + (hashint8extended(n, 11) >> 55 & 3)],
        CASE WHEN (h >> 12) & 7 = 0 THEN 'SENIOR_TEACHER' ELSE '' END, 10 + (h >> 16 & 3),
        '№ 1', 'MIGRATED'""",
        _PEDAGOGUES,
    ),
    insert(
        Course,
        "id employee_id title provider hours ended_on document origin",
        f"""{uid_of(COURSE, "n * 4 + k")}, {uid_of(EMPLOYEE)}, 'Діяльнісний підхід у новій українській школі',
        'Інститут післядипломної педагогічної освіти', 30 * (1 + (h >> (4 * k) & 3)),
        date '2022-03-01' + 380 * k, 'сертифікат № ' || n || '-' || k, 'MIGRATED'""",
        f"{_PEDAGOGUES}, generate_series(0, 2) k",
    ),
    insert(
        Education,
        "id employee_id level speciality place diploma graduated",
        f"""{uid_of(EDUCATION)}, {uid_of(EMPLOYEE)}, 'MASTER', 'Середня освіта',
        'Національний педагогічний університет', 'М00 № ' || lpad(n::text, 8, '0'),
        1980 + (h & 31)""",
        _PEDAGOGUES,
    ),
    insert(
        Deferment,
        "id post_id starts_on until origin",
        f"""{uid_of(DEFERMENT)}, {uid_of(POST)}, date '2026-01-21', date '2027-01-20', 'MIGRATED'""",
        f"{_PEDAGOGUES} JOIN registry_employee e ON e.id = {uid_of(EMPLOYEE)} WHERE e.sex = 'M'",
    ),
    insert(
        Vacancy,
        "id institution_id position subject rate opened_on oblast_id raion_id hromada_id district_id",
        f"""{uid_of(VACANCY, "first")}, institution_id, 'TEACHER',
        ({_NAMED})[1 + first % {len(_SUBJECTS)}], 0.5, date '2026-09-01' + (first % 60)::int,
        oblast_id, raion_id, hromada_id, district_id""",
        "country_load.school WHERE institution_id % 3 = 0",
    ),
    # Two members of staff of one school who may be one: asked about, looked into, told apart, merged.
    insert(
        EmployeeMerge,
        "retained_id merged_id institution_id merged_institution_id state ground asked_by_id asked_at"
        " decided_by_id decided_at reason",
        f"""{uid_of(EMPLOYEE, "first")}, {uid_of(EMPLOYEE, "(first + 1)")}, institution_id,
        institution_id, CASE WHEN open THEN 'ASKED' ELSE 'REJECTED' END, 'паспорт', {_ABOVE},
        timestamptz '2026-09-03 06:00+00', CASE WHEN NOT open THEN oblast_id END,
        CASE WHEN NOT open THEN timestamptz '2026-09-04 06:00+00' END,
        CASE WHEN open THEN '' ELSE 'Тезки' END""",
        _NAMESAKES,
    ),
    insert(
        PossibleColleague,
        "one_id other_id institution_id other_institution_id points evidence found_at state"
        " decided_by_id decided_at reason",
        f"""{uid_of(EMPLOYEE, "first")}, {uid_of(EMPLOYEE, "(first + 1)")}, institution_id,
        institution_id, 18, '{{surname_same,given_same,born_slip}}'::text[],
        timestamptz '2026-09-03 02:00+00', CASE WHEN open THEN 'NEW' ELSE 'DIFFERENT' END,
        CASE WHEN NOT open THEN {_ABOVE} END,
        CASE WHEN NOT open THEN timestamptz '2026-09-03 07:00+00' END,
        CASE WHEN NOT open THEN 'Тезки' ELSE '' END""",
        _NAMESAKES,
    ),
    insert(
        EmployeeDue,
        "employee",
        uid_of(EMPLOYEE, "first"),
        "country_load.school WHERE institution_id % 16 = 1",
    ),
]

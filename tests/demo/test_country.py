"""`manage.py make_country`: a country in its own database, as right as if it came by commands."""

import io
import os

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from aikom.settings import env

PUPILS = 1500
# What triggers would have computed, and what foreign keys would have refused: none may differ.
NOTHING_WRONG = {
    "scope columns of pupils follow the tree": """
        SELECT count(*) FROM registry_pupil p JOIN accounts_orgunit u ON u.id = p.institution_id
        WHERE (p.oblast_id, p.raion_id, p.hromada_id, p.district_id)
            IS DISTINCT FROM (u.oblast_id, u.raion_id, u.hromada_id, u.district_id)""",
    "scope columns of staff follow the tree": """
        SELECT count(*) FROM registry_post s
        LEFT JOIN accounts_orgunit u ON u.id = s.institution_id
        WHERE (s.oblast_id, s.raion_id, s.hromada_id, s.district_id)
            IS DISTINCT FROM (u.oblast_id, u.raion_id, u.hromada_id, u.district_id)""",
    "scope columns of institutions follow the tree": """
        SELECT count(*) FROM registry_institution i
        LEFT JOIN accounts_orgunit u ON u.id = i.institution_id
        WHERE (i.oblast_id, i.raion_id, i.hromada_id, i.district_id)
            IS DISTINCT FROM (u.oblast_id, u.raion_id, u.hromada_id, u.district_id)""",
    "paths follow parents": """
        SELECT count(*) FROM accounts_orgunit u LEFT JOIN accounts_orgunit up ON up.id = u.parent_id
        WHERE u.path <> coalesce(up.path, '') || u.id || '.'
            OR u.depth <> coalesce(up.depth, 0) + 1""",
    "the mirror shows the enrolment": """
        SELECT count(*) FROM registry_pupil p
        LEFT JOIN registry_learning e ON e.pupil_id = p.id AND e.kind = 'MAIN'
        LEFT JOIN registry_classgroup c ON c.id = e.class_group_id
        WHERE (p.institution_id, p.class_group_id, p.grade, p.form, p.enrolled_on)
            IS DISTINCT FROM (e.institution_id, e.class_group_id, c.grade, e.form, e.starts_on)""",
    "a class is of the institution of its pupils": """
        SELECT count(*) FROM registry_learning e
        LEFT JOIN registry_classgroup c ON c.id = e.class_group_id
        WHERE c.institution_id IS DISTINCT FROM e.institution_id""",
    "a post carries its holder's order": """
        SELECT count(*) FROM registry_post p LEFT JOIN registry_employee e ON e.id = p.employee_id
        WHERE e.sort_key IS DISTINCT FROM p.sort_key""",
    "posts are counted": """
        SELECT count(*) FROM (
            SELECT oblast_id, raion_id, hromada_id, district_id, position, ends_on,
                count(*), sum(rate)
            FROM registry_post GROUP BY 1, 2, 3, 4, 5, 6
            EXCEPT
            SELECT oblast_id, raion_id, hromada_id, district_id, position, ends_on, posts, rates
            FROM registry_postcount) x""",
    "a class teacher works there": """
        SELECT count(*) FROM registry_classgroup c
        LEFT JOIN registry_post s ON s.id = c.teacher_id
        WHERE s.institution_id IS DISTINCT FROM c.institution_id""",
    "every paper has its child": """
        SELECT count(*) FROM registry_pupildocument d
        LEFT JOIN registry_pupil p ON p.id = d.pupil_id WHERE p.id IS NULL""",
    "a child's register by residence is kept where the address says": """
        SELECT count(*) FROM registry_pupil p
        LEFT JOIN registry_residencescope r ON r.pupil_id = p.id AND r.valid_to IS NULL
        LEFT JOIN registry_pupiladdress a ON a.pupil_id = p.id AND a.kind = 'ACTUAL'
        LEFT JOIN accounts_orgunit u ON u.id = r.unit_id
        WHERE p.residence_id IS DISTINCT FROM r.unit_id
            OR left(u.territory_code, 9) IS DISTINCT FROM left(a.territory_code, 9)""",
    "every child has a representative, and who has several bears a number": """
        SELECT count(*) FROM registry_pupil p
        LEFT JOIN registry_guardianship h ON h.pupil_id = p.id
        LEFT JOIN registry_guardian g ON g.id = h.guardian_id
        WHERE g.id IS NULL OR (g.rnokpp IS NULL AND 1 < (
            SELECT count(*) FROM registry_guardianship o WHERE o.guardian_id = g.id))""",
    "every category is known": """
        SELECT count(*) FROM registry_pupilcategory c LEFT JOIN registry_classifieritem i
            ON i.classifier = 'pupil_category' AND i.code = c.code WHERE i.id IS NULL""",
    "every post is known": """
        SELECT count(*) FROM registry_post s LEFT JOIN registry_classifieritem i
            ON i.classifier = 'position' AND i.code = s.position WHERE i.id IS NULL""",
    "every name is in the dictionary": """
        SELECT count(*) FROM registry_pupil p WHERE NOT EXISTS (
            SELECT 1 FROM registry_nameword
            WHERE kind = 'S' AND word = translate(lower(p.surname), '''`’ʼ‘′', ''))""",
    "surnames have the gender of their bearers": """
        SELECT count(*) FROM registry_pupil
        WHERE (surname ~ '(ський|цький)$' AND sex = 'F') OR (surname ~ '(ська|цька)$' AND sex = 'M')
            OR (patronymic ~ 'івна$' AND sex = 'M') OR (patronymic ~ 'ович$' AND sex = 'F')""",
    "ages fit grades": """
        SELECT count(*) FROM registry_pupil
        WHERE date '2026-09-01' - born_on NOT BETWEEN (5 + grade) * 365 AND (7 + grade) * 366""",
    "territory is real": """
        SELECT count(*) FROM registry_institution i LEFT JOIN registry_territory t
            ON t.code = i.territory_code AND t.valid_to IS NULL WHERE t.id IS NULL""",
    "grants are listed where and under whom their trigger would put them": """
        SELECT count(*) FROM accounts_grant g JOIN accounts_orgunit u ON u.id = g.unit_id
        JOIN accounts_user p ON p.id = g.user_id
        WHERE (g.oblast_id, g.raion_id, g.hromada_id, g.district_id)
            IS DISTINCT FROM (u.oblast_id, u.raion_id, u.hromada_id, u.district_id)
            OR g.sort_key <> uk_sort_key(p.surname || ' ' || p.given_name || ' ' || p.patronymic)""",
    "grants go downwards": """
        SELECT count(*) FROM accounts_grant g JOIN accounts_orgunit u ON u.id = g.unit_id
        JOIN accounts_grant b ON b.id = g.given_by_id JOIN accounts_orgunit v ON v.id = b.unit_id
        WHERE b.role <> 'TECH_ADMIN' AND u.path NOT LIKE v.path || '%'""",
}


@pytest.fixture(scope="module")
def address(django_db_setup) -> str:
    """A database beside the one of the tests."""
    own = settings.DATABASES["default"]
    return f"postgresql://{own['USER']}@/country_{os.getpid()}?host={own['HOST']}"


@pytest.fixture(scope="module")
def country(address, django_db_blocker):
    """A country of 1,500 pupils made by the public command; a connection to it and what was said."""
    said = io.StringIO()
    os.environ["COUNTRY_DATABASE_URL"] = address
    try:
        with django_db_blocker.unblock():
            call_command("make_country", pupils=PUPILS, stdout=said)
        with psycopg.connect(address, autocommit=True) as db:
            yield db, said.getvalue()
    finally:
        del os.environ["COUNTRY_DATABASE_URL"]
        with psycopg.connect(
            address.replace(f"/country_{os.getpid()}", "/postgres"), autocommit=True
        ) as db:
            db.execute(f"DROP DATABASE IF EXISTS country_{os.getpid()} WITH (FORCE)")


def one(db, query):
    return db.execute(query).fetchone()[0]


@pytest.mark.parametrize("rule", NOTHING_WRONG)
def test_the_country_is_as_right_as_if_triggers_had_been_on(country, rule):
    db, _ = country
    assert one(db, NOTHING_WRONG[rule]) == 0


def test_exactly_so_many_learn_in_real_communities(country):
    db, said = country
    assert one(db, "SELECT count(*) FROM registry_pupil") == PUPILS
    assert one(db, "SELECT count(*) FROM registry_pupildocument") == PUPILS
    assert one(db, "SELECT count(*) FROM registry_enrolment") == PUPILS
    assert one(db, "SELECT count(*) FROM registry_learning") == PUPILS
    assert one(db, "SELECT count(*) FROM accounts_orgunit WHERE kind IN ('HROMADA','CITY')") == 1469
    assert f"{PUPILS:,} pupils" in said


def test_all_indexes_and_constraints_are_back(country, django_db_setup, django_db_blocker):
    db, _ = country
    query = """
        SELECT array_agg(indexdef ORDER BY indexdef) FROM pg_indexes
        WHERE tablename LIKE ANY (ARRAY['registry%', 'accounts%'])"""
    constraints = """
        SELECT array_agg(conname::text || pg_get_constraintdef(oid) ORDER BY 1) FROM pg_constraint
        WHERE conrelid::regclass::text LIKE 'registry%' AND contype IN ('u', 'x', 'p', 'f', 'c')"""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for each in (query, constraints):
            cursor.execute(each)
            assert set(one(db, each)) == set(cursor.fetchone()[0])


def test_every_row_stands_the_exclusions_that_were_not_asked_while_it_was_loaded(country):
    db, _ = country
    excluding = db.execute(
        "SELECT indexrelid::regclass::text, indisready, indisvalid FROM pg_index"
        " WHERE indisexclusion AND indrelid::regclass::text LIKE 'registry%'"
    ).fetchall()
    assert {"residences_never_overlap", "guardianships_never_overlap"} <= {i for i, *_ in excluding}
    for index, ready, valid in excluding:
        assert (ready, valid) == (True, True), index
        db.execute(f"REINDEX INDEX {index}")  # looks every row up
    with pytest.raises(psycopg.errors.ExclusionViolation):
        db.execute(
            "INSERT INTO registry_residencescope (pupil_id, unit_id, valid_from)"
            " SELECT pupil_id, unit_id, valid_from + 1 FROM registry_residencescope LIMIT 1"
        )


def test_rows_entered_later_get_free_numbers(country):
    db, _ = country
    for table in (
        "accounts_orgunit",
        "registry_classgroup",
        "accounts_user",
        "accounts_grant",
        "registry_enrolment",
        "registry_classplacement",
    ):
        following = one(db, f"SELECT nextval(pg_get_serial_sequence('{table}', 'id'))")
        assert following > one(db, f"SELECT max(id) FROM {table}")


def test_the_product_keeps_its_own_database(country, django_db_blocker):
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0] == settings.DATABASES["default"]["NAME"]


def test_a_database_that_is_no_country_is_never_dropped(address, monkeypatch, db):
    foreign = address.replace("/country_", "/keep_")
    name = env.database(foreign)["NAME"]
    root = address.replace(f"/country_{os.getpid()}", "/postgres")
    monkeypatch.setenv("COUNTRY_DATABASE_URL", foreign)
    with psycopg.connect(root, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}")
        try:
            with pytest.raises(CommandError, match="was not made by make_country"):
                call_command("make_country", pupils=10)
            assert one(db, f"SELECT count(*) FROM pg_database WHERE datname = '{name}'") == 1
        finally:
            db.execute(f"DROP DATABASE {name}")


def test_the_products_own_database_is_never_a_country(monkeypatch, db):
    own = settings.DATABASES["default"]
    monkeypatch.setenv(
        "COUNTRY_DATABASE_URL", f"postgresql://{own['USER']}@/{own['NAME']}?host={own['HOST']}"
    )
    with pytest.raises(CommandError, match="database of the product"):
        call_command("make_country", pupils=10)

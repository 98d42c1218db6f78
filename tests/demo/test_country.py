"""`manage.py make_country`: a country in its own database, as right as if it came by commands."""

import io
import os

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from aikom.demo.management.commands.make_country import default_database
from aikom.settings import env
from kernel.audit import outbox
from kernel.audit import services as sealing
from registry import process
from signatures.packages import HEAD, load_package
from tests.bench import country as bench

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
    "an order that brought a child is in effect, and names it": """
        SELECT count(*) FROM registry_enrolment e
        JOIN registry_classplacement c ON c.enrolment_id = e.id
        LEFT JOIN registry_order o ON o.id = e.opened_by_id AND o.state = 'EFFECTIVE'
            AND o.kind = 'enrol' AND o.institution_id = e.institution_id
        LEFT JOIN registry_orderrow r ON r.order_id = o.id AND r.pupil_id = e.pupil_id
        WHERE e.opened_by_id IS DISTINCT FROM c.opened_by_id
            OR (e.opened_by_id IS NOT NULL AND r.id IS NULL)
            OR (e.origin = 'ORDER') <> (e.opened_by_id IS NOT NULL)""",
    "a signed order has its signing, one that waits has one that waits": """
        SELECT count(*) FROM registry_order o LEFT JOIN signatures_session s ON s.id = o.signing_id
        WHERE s.state IS DISTINCT FROM CASE o.state WHEN 'PREPARED' THEN 'PREPARED'
            WHEN 'GIVEN_UP' THEN 'REFUSED' ELSE 'SIGNED' END
            OR s.content_sha256 <> o.manifest_sha256""",
    "a place in a group is of a class of the group": """
        SELECT count(*) FROM registry_groupplacement m
        JOIN registry_classplacement p ON p.id = m.placement_id
        LEFT JOIN registry_groupclass c
            ON c.group_id = m.group_id AND c.class_group_id = p.class_group_id
        WHERE c.id IS NULL""",
    "a finding and a merge are of children who learn there": """
        SELECT (SELECT count(*) FROM registry_qualityfinding f JOIN registry_pupil p
                ON p.id = f.pupil_id WHERE p.institution_id <> f.institution_id)
            + (SELECT count(*) FROM registry_pupilmerge m JOIN registry_pupil p
                ON p.id IN (m.retained_id, m.merged_id) WHERE p.institution_id <> m.institution_id)
            + (SELECT count(*) FROM registry_pupilmerge m LEFT JOIN accounts_grant g
                ON g.id = m.asked_by_id WHERE g.id IS NULL OR m.asked_by_id = m.decided_by_id)""",
    "notices and keys are of grants that are there": """
        SELECT (SELECT count(*) FROM accounts_notice n LEFT JOIN accounts_grant g
                ON g.id = n.grant_id WHERE g.id IS NULL)
            + (SELECT count(*) FROM eis_schoolkey k LEFT JOIN accounts_grant g
                ON g.id = k.granted_by_id AND g.unit_id = k.institution_id WHERE g.id IS NULL)
            + (SELECT count(*) FROM accounts_invitation i JOIN accounts_grant g
                ON g.id = i.grant_id WHERE (i.used_at IS NULL) <> (g.state = 'INVITED'))""",
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

# Tables that a country leaves empty, and why.
EMPTY = (
    dict.fromkeys(
        ("signatures_trust_version", "signatures_trust_certificate", "signatures_trust_entry"),
        "whom we believe is installed, not invented: some hundreds of rows whatever the country",
    )
    | dict.fromkeys(
        ("eis_feed", "eis_feed_row", "eis_feed_item", "eis_feed_consumer"),
        "a school's feed begins when a system first asks for it",
    )
    | dict.fromkeys(
        (
            *("eis_hook", "eis_hook_secret", "eis_hook_queue", "eis_hook_pending"),
            "eis_hook_message",
        ),
        "an address is a receiver that somebody runs: nobody is sent to at an invented one",
    )
    | dict.fromkeys(
        ("sandbox_school", "sandbox_run", "sandbox_task", "sandbox_call"),
        "the sandbox has a database of its own; in the register's these stay empty",
    )
    | dict.fromkeys(
        ("reports_openfile", "reports_openissue"),
        "open data are published by a person or the calendar, of what is there",
    )
    | dict.fromkeys(
        (
            *("eis_contract_text", "eis_requirements", "eis_road_paper", "eis_trial"),
            *("eis_attestation", "eis_contract", "eis_transfer", "eis_road_step"),
        ),
        "a dozen systems in the whole country: the demo world has one in the middle of its road",
    )
    | dict.fromkeys(
        ("registry_employeemerge", "registry_possiblecolleague"),
        "two of one school: of so few children each community has a school of one member of staff",
    )
    | {"journals_teacherhours": "each school of so few children has its director alone"}
    | {
        "journals_timetablerun": "a week is made when somebody asks for it; those that stand are slots"
    }
    | {"reports_publishedform": "nobody has edited a form: the files that came with us hold"}
)


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


def test_every_table_is_filled_so_that_nothing_is_fast_because_it_is_empty(country):
    db, _ = country
    ours = [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if not model.__module__.startswith("django.")
    ]
    assert len(ours) > 60
    empty = {name for name in ours if not one(db, f"SELECT EXISTS (SELECT FROM {name})")}
    assert empty == set(EMPTY), "Fill it in aikom/demo/country_work.py, or say why in EMPTY"


def test_an_order_of_the_country_proves_its_rows(country):
    db, _ = country
    frozen = db.execute("""
        SELECT s.content, f.content, (SELECT array_agg(r.content ORDER BY r.position)
            FROM registry_orderrow r WHERE r.order_id = o.id), o.kind
        FROM registry_order o JOIN signatures_session s ON s.id = o.signing_id
        JOIN signatures_session_file f ON f.session_id = s.id
    """).fetchall()
    assert {kind for *_, kind in frozen} == {"enrol", "withdraw", "annul", "transfer"}
    assert {len(rows) for _, _, rows, _ in frozen} >= {1, 2, 3, 4}
    for content, head, rows, kind in frozen:
        package = load_package(content, rows, {HEAD: head})
        assert [process.kind(kind).decode(row).no for row in package.rows] == [
            *range(1, len(rows) + 1)
        ]


def test_the_log_of_the_country_holds(country, address, django_db_blocker):
    with django_db_blocker.unblock(), default_database(address):
        assert not sealing.verify().breaks
        assert outbox.settle() >= 0
        db, _ = country
        assert one(db, "SELECT min(seq) FROM audit_cursor") > 1000


def test_all_indexes_and_constraints_are_back(country, django_db_setup, django_db_blocker):
    db, _ = country
    query = """
        SELECT array_agg(indexdef ORDER BY indexdef) FROM pg_indexes
        WHERE tablename LIKE ANY (ARRAY['registry%', 'accounts%', 'signatures%', 'eis%', 'reports%'])"""
    constraints = """
        SELECT array_agg(conname::text || pg_get_constraintdef(oid) ORDER BY 1) FROM pg_constraint
        WHERE conrelid::regclass::text ~ '^(registry|signatures|eis|reports)' AND contype IN ('u', 'x', 'p', 'f', 'c')"""
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


def test_a_country_made_by_other_code_is_refused_before_anything_is_measured(db):
    bench.refuse_other(connection)
    MigrationRecorder(connection).record_applied("registry", "9999_of_another_day")
    with pytest.raises(RuntimeError, match=r"registry\.9999_of_another_day.*make country"):
        bench.refuse_other(connection)

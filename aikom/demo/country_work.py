"""What people did in a country: groups, orders, drafts, keys, visits, notices and the log of it.

Statements over the classes and schools that `aikom.demo.country` laid out, in proportion to them, so
that no page is fast because a table is empty. Orders are whole: their pages prove the rows against
what was frozen. Their signatures are two bytes that are no signature.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import itertools
import json
import re
import tomllib
from collections.abc import Iterator, Sequence

import msgspec
import psycopg

from accounts.models import (
    Announcement,
    Challenge,
    Invitation,
    NameMismatch,
    Notice,
    PersonMail,
    Receipt,
    SignInAttempt,
    UnitPlacement,
    UserSession,
    Wave,
    WaveUnit,
)
from aikom.demo.copying import copy_rows
from aikom.demo.country_sql import (
    ANNOUNCEMENT,
    APPLICATION,
    CERTIFICATE,
    CERTIFICATES,
    CERTIFICATES_SIGNED,
    COVERED,
    DRAFT,
    DRAW,
    KEY,
    LETTER,
    MANDATE,
    MERGE,
    ORDER,
    PARENT,
    PUPIL,
    REQUEST,
    SESSION,
    UPLOAD,
    VERIFIED,
    WAVE,
    insert,
    uid_of,
)
from integrations.eis.models import EisSystem, LedgerEntry, Mandate, Operator, SchoolKey
from integrations.eis.services.systems import KNOWN
from integrations.eis.states import WORKING
from kernel.audit import outbox
from kernel.audit.models import Act, Change, EventRow, Look
from kernel.once.models import Request
from kernel.tables.book import Sheet
from kernel.tables.layout import Layout
from registry.models import (
    Application,
    AskedRow,
    CampaignSchool,
    Candidate,
    CertificateIssue,
    ClassPast,
    CoverageCase,
    CoverageLetter,
    CoverageMonth,
    CoverageStep,
    Draft,
    DraftRow,
    DraftRun,
    DraftStep,
    DraftTable,
    Draw,
    DrawSecret,
    GroupClass,
    GroupPlacement,
    Intake,
    LetterCase,
    LetterDelivery,
    MissedLookup,
    MissingVisit,
    Order,
    OrderRow,
    OrderTask,
    ParentPaper,
    ParentRequest,
    PlannedChild,
    PlannedClass,
    PossibleDuplicate,
    PostPast,
    PupilMerge,
    QualityCampaign,
    QualityCheck,
    QualityFinding,
    QualityMonth,
    QualityTrend,
    RolloverCall,
    RolloverPlan,
    ServiceStreet,
    StagedUpload,
    StudyCertificate,
    StudyGroup,
    SupportMessage,
    SupportRequest,
    TraceDue,
)
from registry.orders.notices import WAITS
from registry.process import Terms, kind
from signatures import asic
from signatures.models import (
    CertificateSearch,
    KnownCertificate,
    KnownKey,
    Preservation,
    SessionEvidence,
    SessionFile,
    SigningSession,
    VerifiedSignature,
)
from signatures.packages import ALGORITHM, FORMAT, HEAD, ROWS

# Their indexes are dropped before and built after, as those of people are.
LOADED = (
    Draft,
    DraftRow,
    GroupPlacement,
    Order,
    OrderRow,
    QualityFinding,
    SessionEvidence,
    SessionFile,
    SigningSession,
    VerifiedSignature,
)
SCHOOLS = 20_000  # more than a country has: what divides the numbers of their papers
ROWS_OF_AN_ORDER = 4
# Classes whose order waits (0) or was given up (1) of each forty; the others' are in effect.
_STATE = "CASE id % 40 WHEN 0 THEN 'PREPARED' WHEN 1 THEN 'GIVEN_UP' ELSE 'EFFECTIVE' END"
OPENED_BY_ORDER = f"c.id % 40 > 1 AND n - c.first < {ROWS_OF_AN_ORDER}"
_DONE = "state IN ('EFFECTIVE', 'ANNULLED')"
_CREATED = "timestamptz '2026-09-01 06:00+00' + n * interval '5 milliseconds'"
_NOTHING = r"'\x00'::bytea"  # what stands for a signature, a certificate, a file
_GRADE = 5  # that learns a language in two groups
_SUBJECT = "Англійська мова"


# ── orders ───────────────────────────────────────────────────────────────────
# Number n of the order of a class is its `paper`; of a school's order that lets a child go by mistake,
# and of the one that annuls it, its first class's with ten or twenty millions added.
_PAPERS = [
    rf"""
    CREATE FUNCTION country_load.node(bytea, bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS
        $$ SELECT sha256('\x01'::bytea || $1 || $2) $$;
    CREATE FUNCTION country_load.root(l bytea[]) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE cardinality(l) WHEN 1 THEN l[1]
            WHEN 2 THEN country_load.node(l[1], l[2])
            WHEN 3 THEN country_load.node(country_load.node(l[1], l[2]), l[3])
            ELSE country_load.node(country_load.node(l[1], l[2]), country_load.node(l[3], l[4]))
        END $$;
    CREATE UNLOGGED TABLE country_load.paper AS
    WITH numbered AS (
        SELECT c.*, row_number() OVER (PARTITION BY institution_id ORDER BY id) AS ordinal,
            least(size, {ROWS_OF_AN_ORDER}) AS rows
        FROM country_load.class c WHERE size > 0
    )
    SELECT paper AS n, 'enrol' AS kind, institution_id, id AS class_id, grade, first, rows,
        ordinal || '-у' AS number, {_STATE} AS state, NULL::bigint AS corrects
    FROM numbered
    UNION ALL SELECT 10000000 + paper, 'withdraw', institution_id, id, grade, first, 1,
        '1-в', 'ANNULLED', NULL FROM numbered WHERE ordinal = 1
    UNION ALL SELECT 20000000 + paper, 'annul', institution_id, id, grade, first, 1,
        '2-в', 'EFFECTIVE', 10000000 + paper FROM numbered WHERE ordinal = 1
    UNION ALL SELECT 30000000 + paper, 'transfer', institution_id, id, grade, first, 1,
        '3-в', 'EFFECTIVE', NULL FROM numbered WHERE ordinal = 1;
    CREATE UNLOGGED TABLE country_load.paper_row (
        n bigint, position int, pupil_id uuid, stands boolean, content bytea);
    CREATE UNLOGGED TABLE country_load.frozen (
        LIKE country_load.paper, head bytea, signer text, code text, manifest bytea);
    ANALYZE country_load.paper;
    """
]


def _halves(statement: str) -> list[str]:
    # JIT would take longer than a small country does.
    return ["SET jit = off; " + statement.replace("{half}", f"n % 2 = {half}") for half in (0, 1)]


def _rows() -> list[str]:
    return _halves(
        f"""
        INSERT INTO country_load.paper_row
        SELECT o.n, i, p.id, o.state <> 'GIVEN_UP',
            convert_to((jsonb_build_object('no', i, 'pupil', p.id, 'surname', p.surname,
                'given_name', p.given_name, 'patronymic', p.patronymic, 'born_on', p.born_on
            ) || CASE o.kind
            WHEN 'enrol' THEN jsonb_build_object('schema', 'registry.enrol/1', 'is_known', false,
                'sex', p.sex, 'citizenship', 'UA', 'rnokpp', NULL, 'rnokpp_state', 'NOT_ASSIGNED',
                'unzr', NULL, 'form', p.form,
                'document', jsonb_build_object('type', 'BIRTH_UA', 'series', 'X-МИ',
                    'number', lpad((o.first % 1000000)::text, 6, '0'), 'issued_by', 'Відділ ДРАЦС',
                    'issued_on', p.born_on + 14),
                'class', jsonb_build_object('id', o.class_id, 'label', o.grade || '-А',
                    'grade', o.grade),
                'applicant', jsonb_build_object('relation', 'MOTHER', 'surname', p.surname,
                    'given_name', 'Олена', 'patronymic', '', 'phone', '', 'email', '',
                    'rnokpp', NULL),
                'address', jsonb_build_object('line', 'вул. Шкільна, 1', 'country', 'UA',
                    'territory', '', 'registered', ''))
            WHEN 'withdraw' THEN jsonb_build_object('schema', 'registry.withdraw/1',
                'class_label', o.grade || '-А', 'reason', 'TRANSFER', 'document', 'заява')
            WHEN 'transfer' THEN jsonb_build_object('schema', 'registry.transfer/1',
                'document', jsonb_build_object('type', 'BIRTH_UA', 'series', 'X-МИ',
                    'number', lpad((o.first % 1000000)::text, 6, '0')),
                'from', jsonb_build_object('institution', p.id, 'name', 'Сусідній ліцей',
                    'class_label', o.grade || '-Б'),
                'class', jsonb_build_object('id', o.class_id, 'label', o.grade || '-А',
                    'grade', o.grade),
                'form', p.form, 'applied_on', '2026-09-01',
                'applicant', jsonb_build_object('relation', 'MOTHER', 'surname', p.surname,
                    'given_name', 'Олена', 'patronymic', '', 'phone', '', 'email', '',
                    'rnokpp', NULL))
            ELSE jsonb_build_object('schema', 'registry.annul/1', 'order', {uid_of(ORDER, "o.corrects")},
                'order_number', '1-в', 'order_date', '2026-09-01', 'order_kind', 'withdraw',
                'order_row', 1, 'undone', 'відрахування') END)::text, 'UTF8')
        FROM (SELECT * FROM country_load.paper WHERE {{half}}) o, generate_series(1, o.rows) i,
            registry_pupil p
        WHERE p.id = {uid_of(PUPIL, "(o.first + i - 1)")}
        """
    )


def _frozen() -> list[str]:
    """What the head of each school signs: the list of files, and the document among them."""
    words = [
        (code, count, json.dumps(kind(code).wording(_terms(), count), ensure_ascii=False))
        for code, count in itertools.product(
            ("enrol", "withdraw", "annul", "transfer"), range(1, 5)
        )
    ]
    told = ", ".join(
        f"('{code}', {count}, $words${text}$words$::jsonb)" for code, count, text in words
    )
    empty = base64.b64encode(hashlib.sha256(b"").digest()).decode()
    first, second, third = (
        asic.build_manifest({HEAD: b"", ROWS: b""}, rootfile=HEAD).decode().split(empty)
    )
    return _halves(
        f"""
        INSERT INTO country_load.frozen
        WITH packed AS (
            SELECT n, country_load.root(array_agg(sha256('\\x00'::bytea || content) ORDER BY position))
                    AS root,
                string_agg(content || '\\x0a'::bytea, ''::bytea ORDER BY position) AS file
            FROM country_load.paper_row WHERE {{half}} GROUP BY n
        ), headed AS MATERIALIZED (
            SELECT o.*, file, h.name AS signer, h.code, convert_to(jsonb_build_object(
                'format', '{FORMAT}', 'rows', jsonb_build_object('count', o.rows,
                    'algorithm', '{ALGORITHM}', 'root', encode(root, 'hex')),
                'document', w.words || jsonb_build_object('type', 'order', 'kind', o.kind,
                    'id', {uid_of(ORDER, "o.n")}, 'number', o.number, 'date', '2026-09-01',
                    'effective_on', '2026-09-01', 'school_year', '2026-2027', 'ground', 'заяви',
                    'terms', '{{}}'::jsonb, 'prepared_by', h.name,
                    'signer', jsonb_build_object('name', h.name, 'position', 'Керівник закладу'),
                    'institution', jsonb_build_object('id', s.uid, 'name', s.full_name,
                        'edrpou', s.edrpou, 'superior', s.managing_body, 'place', '')))::text,
                'UTF8') AS head
            FROM country_load.paper o JOIN packed USING (n)
            JOIN (VALUES {told}) w (kind, count, words) ON w.kind = o.kind AND w.count = o.rows
            JOIN registry_institution s ON s.institution_id = o.institution_id
            JOIN (SELECT id, concat_ws(' ', surname, given_name, patronymic) AS name,
                person_code AS code FROM accounts_user) h ON h.id = o.institution_id
        )
        SELECT n, kind, institution_id, class_id, grade, first, rows, number, state, corrects, head,
            signer, code, convert_to($x${first}$x$ || encode(sha256(head), 'base64')
                || $x${second}$x$ || encode(sha256(file), 'base64') || $x${third}$x$, 'UTF8')
        FROM headed
        """
    )


def _terms() -> Terms:
    day = datetime.date(2026, 9, 1)
    return Terms("1", day, day, "заяви", "2026-2027", day, datetime.date(2027, 7, 1), {})


_FROZEN = "country_load.frozen"
_CERTIFICATE = json.dumps(
    {
        "signers": [
            {
                "certificate": {
                    "not_before": "2026-01-01T00:00:00+00:00",
                    "not_after": "2027-12-31T00:00:00+00:00",
                }
            }
        ]
    }
)


def _orders() -> list[str]:
    signed = f"CASE WHEN {_DONE} THEN "
    return [
        insert(
            SigningSession,
            "id code user_id purpose content content_sha256 state signature result evidence"
            " certificate signer_rnokpp signer_edrpou signer_name certificate_serial created_at"
            " expires_at signed_at",
            f"""
            {uid_of(SESSION)}, upper(left(md5('code ' || n), 20)), institution_id,
            'registry.order.' || kind, manifest, sha256(manifest),
            CASE WHEN {_DONE} THEN 'SIGNED' WHEN state = 'PREPARED' THEN 'PREPARED' ELSE 'REFUSED' END,
            {signed} {_NOTHING} END, {signed} '{_CERTIFICATE}'::jsonb END, {signed} '{{}}'::jsonb END,
            {signed} {_NOTHING} END, {signed} code ELSE '' END, '', {signed} signer ELSE '' END,
            {signed} lpad(to_hex(institution_id), 16, '0') ELSE '' END, {_CREATED},
            timestamptz '2027-06-30 06:00+00', {signed} {_CREATED} + interval '1 hour' END""",
            _FROZEN,
        ),
        insert(
            Draft,
            "id process institution_id author_id title state terms created_at updated_at",
            f"""{uid_of(DRAFT)}, kind, institution_id, institution_id, '№ ' || number,
            CASE state WHEN 'GIVEN_UP' THEN 'OPEN' ELSE 'ORDERED' END, '{{}}'::jsonb, {_CREATED},
            {_CREATED}""",
            _FROZEN,
        ),
        insert(
            Order,
            "id institution_id kind corrects_id number issued_on year ground effective_on state"
            " draft_id signing_id manifest_sha256 rows_count prepared_by_id signed_by_id created_at"
            " signed_at",
            f"""
            {uid_of(ORDER)}, institution_id, kind,
            CASE WHEN corrects IS NOT NULL THEN {uid_of(ORDER, "corrects")} END, number,
            date '2026-09-01', 2026, 'заяви', date '2026-09-01', state, {uid_of(DRAFT)},
            {uid_of(SESSION)}, sha256(manifest), rows, institution_id, {signed} institution_id END,
            {_CREATED}, {signed} {_CREATED} + interval '1 hour' END""",
            _FROZEN,
        ),
        insert(
            OrderRow,
            "order_id position content pupil_id",
            f"{uid_of(ORDER)}, position, content, CASE WHEN stands THEN pupil_id END",
            "country_load.paper_row",
        ),
        insert(
            SessionFile,
            "session_id name content",
            f"{uid_of(SESSION)}, '{HEAD}', head",
            _FROZEN,
        ),
        insert(
            VerifiedSignature,
            "id session_id content_sha256 signature result evidence certificate verified_at used_at",
            f"""{uid_of(VERIFIED)}, {uid_of(SESSION)}, sha256(manifest), {_NOTHING}, '{{}}'::jsonb,
            '{{}}'::jsonb, {_NOTHING}, {_CREATED} + interval '1 hour', {_CREATED} + interval '1 hour'""",
            f"{_FROZEN} WHERE {_DONE}",
        ),
        insert(
            SessionEvidence,
            "session_id kind data obtained_at",
            f"{uid_of(SESSION)}, 'TIMESTAMP', {_NOTHING}, {_CREATED} + interval '2 hours'",
            f"{_FROZEN} WHERE {_DONE}",
        ),
        insert(
            Preservation,
            "session_id signed_at protected_until next_at attempts failure",
            f"""{uid_of(SESSION)}, {_CREATED} + interval '1 hour', timestamptz '2028-12-31',
            timestamptz '2028-09-30', (n % 500 = 2)::int,
            CASE WHEN n % 500 = 2 THEN 'SILENT' ELSE '' END""",
            f"{_FROZEN} WHERE {_DONE}",
        ),
        insert(
            OrderTask,
            "order_id for_institution_id by_institution_id rows_count process due_on state",
            f"""{uid_of(ORDER)}, other, institution_id, 1, 'release', date '2026-09-15',
            CASE WHEN n % 4 > 0 THEN 'DONE' ELSE 'OPEN' END""",
            f"""(SELECT n, institution_id, lead(institution_id) OVER (ORDER BY n) AS other
                FROM {_FROZEN} WHERE kind = 'transfer') o WHERE other IS NOT NULL""",
        ),
        insert(
            AskedRow,
            "task_id row_id done_by_id objection objection_text",
            "t.id, r.id, CASE WHEN t.state = 'DONE' THEN t.order_id END, '', ''",
            "registry_ordertask t JOIN registry_orderrow r ON r.order_id = t.order_id",
        ),
        insert(
            MissedLookup,
            "institution_id asked_on digest",
            "institution_id, date '2026-09-01', sha256(institution_id::text::bytea)",
            "country_load.school",
        ),
        insert(
            PersonMail,
            "person_id address",
            "id, 'parent' || id || '@example.com'",
            "accounts_user WHERE id % 50 = 0",
        ),
        insert(
            Notice,
            "grant_id code subject facts due created_at read_at closed_at mailed_at",
            f"""institution_id, '{WAITS}', {uid_of(ORDER)}::text, jsonb_build_object(
                'number', number, 'rows', rows, 'prepared_by', signer), {_CREATED}, {_CREATED},
            CASE WHEN {_DONE} THEN {_CREATED} END, CASE WHEN {_DONE} THEN {_CREATED} END,
            {_CREATED}""",
            f"{_FROZEN} WHERE state <> 'GIVEN_UP' AND (n % 4 = 0 OR kind <> 'enrol')",
        ),
    ]


# ── drafts, groups, what is found ────────────────────────────────────────────
def _drafts() -> list[str]:
    """Two more that stand open at every school: one typed, one from a table, ten rows each."""
    drafts = "(SELECT institution_id, k, 3000000 + institution_id * 2 + k AS n FROM country_load.school, generate_series(0, 1) k) x"
    layout = json.dumps(
        msgspec.to_builtins(Layout(sheets=(Sheet("", [["Прізвище"]]),), columns=("surname",))),
        ensure_ascii=False,
    )
    typed = json.dumps(
        {"surname": "Петренко", "given_name": "Іван", "sex": "Ч"}, ensure_ascii=False
    )
    problem = json.dumps(
        [{"field": "born_on", "code": "required", "level": "error", "detail": "Вкажіть дату.", "fix": None}],
        ensure_ascii=False,
    )  # fmt: skip
    return [
        insert(
            Draft,
            "id process institution_id author_id title source_name created_at updated_at",
            f"""{uid_of(DRAFT)}, 'enrol', institution_id, institution_id, 'Зарахування до школи',
            CASE k WHEN 1 THEN 'учні.xlsx' ELSE '' END, {_CREATED}, {_CREATED}""",
            drafts,
        ),
        insert(
            DraftRow,
            "draft_id position line values problems state",
            f"{uid_of(DRAFT)}, i, i, $x${typed}$x$::jsonb, $x${problem}$x$::jsonb, 'FIX'",
            f"{drafts}, generate_series(1, 10) i",
        ),
        insert(
            DraftTable,
            "draft_id layout",
            f"{uid_of(DRAFT)}, $x${layout}$x$::jsonb",
            f"{drafts} WHERE k = 1",
        ),
        insert(
            DraftRun,
            "id what institution_id draft_id asked_by_id state total done created_at touched_at finished_at",
            f"""uuidv7(), 'JUDGE', institution_id, {uid_of(DRAFT)}, institution_id, 'DONE', 10, 10,
            {_CREATED}, {_CREATED}, {_CREATED}""",
            f"{drafts} WHERE k = 1",
        ),
        insert(
            DraftStep,
            "draft_id what cells made_by_id made_at",
            f"{uid_of(DRAFT)}, 'Введено', '[]'::jsonb, institution_id, {_CREATED}",
            f"{drafts}, generate_series(1, 2) i",
        ),
    ]


def _rollovers() -> list[str]:
    """Two schools of three have begun the passage to the next year; each community has asked for it."""
    return [
        insert(
            RolloverPlan,
            "id institution_id from_year_id to_year_id begun_by_id summary created_at updated_at",
            f"""uuidv7(), institution_id, '2026-2027', '2027-2028', institution_id,
            jsonb_build_object('pupils', pupils, 'promote', pupils, 'repeat', 0, 'leave', 0,
                'stay', 0, 'classes', classes, 'opens', classes, 'errors', institution_id % 4,
                'warnings', 1), {_CREATED}, {_CREATED}""",
            """(SELECT institution_id, institution_id AS n, sum(size) AS pupils,
                    count(*) AS classes FROM country_load.class
                WHERE institution_id % 3 > 0 GROUP BY 1) x""",
        ),
        insert(
            RolloverCall,
            "id unit_id to_year_id asked_by_id state total done created_at touched_at finished_at",
            f"uuidv7(), n, '2027-2028', n, 'DONE', 10, 10, {_CREATED}, {_CREATED}, {_CREATED}",
            """(SELECT id AS n FROM accounts_orgunit u WHERE kind IN ('HROMADA', 'CITY')
                AND EXISTS (SELECT FROM accounts_grant g WHERE g.id = u.id)) x""",
        ),
    ]


def _decisions() -> list[str]:
    plans = "registry_rolloverplan p JOIN country_load.class c USING (institution_id)"
    return [
        insert(
            PlannedClass,
            "plan_id source_id act grade letter",
            "p.id, g.id, 'CARRY', g.grade + 1, g.letter",
            f"{plans} JOIN registry_classgroup g ON g.id = c.id WHERE c.id % 7 = 0 AND g.grade < 11",
        ),
        insert(
            PlannedChild,
            "plan_id pupil_id act document",
            f"p.id, {uid_of(PUPIL, 'c.first')}, 'STAY', 'чекає рішення комісії'",
            f"{plans} WHERE c.id % 9 = 0 AND c.size > 0",
        ),
    ]


def _school_life() -> list[str]:
    groups = (
        f"country_load.class c, generate_series(1, 2) k WHERE c.grade = {_GRADE} AND c.size > 1"
    )
    return [
        insert(
            StudyGroup,
            "id institution_id school_year_id subject name opened_on",
            f"c.id * 2 + k, institution_id, '2026-2027', '{_SUBJECT}', k || ' група', date '2026-09-01'",
            groups,
        ),
        insert(GroupClass, "group_id class_group_id", "c.id * 2 + k, c.id", groups),
        insert(
            GroupPlacement,
            "group_id placement_id subject starts_on",
            f"c.id * 2 + 1 + n % 2, n + 1, '{_SUBJECT}', date '2026-09-01'",
            f"""country_load.class c, generate_series(c.first, c.first + c.size - 1) n
            WHERE c.grade = {_GRADE} AND c.size > 1""",
        ),
        insert(
            ClassPast,
            "of_id until grade form type language profile shift",
            "id, date '2026-09-03', grade, form, type, language, profile, 2",
            "registry_classgroup WHERE id % 40 = 0",
        ),
        insert(
            PostPast,
            "of_id until position is_main rate category",
            "id, date '2026-09-03', position, is_main, 0.5, category",
            "registry_post WHERE right(id::text, 1) = '0'",
        ),
        insert(
            QualityCheck,
            "institution_id checked_at checked_on pack pupils",
            "institution_id, timestamptz '2026-09-04 02:00+00', date '2026-09-04', '2026', pupils",
            """country_load.school JOIN (SELECT institution_id, sum(size) AS pupils
                FROM country_load.class GROUP BY 1) x USING (institution_id)""",
        ),
        insert(
            QualityMonth,
            "institution_id month found pupils indicators",
            """institution_id, month, '{"certificate.missing": 3}'::jsonb, pupils,
               '{"certificate": 3}'::jsonb""",
            """registry_qualitycheck,
               unnest(ARRAY[date '2025-09-01', '2025-12-01', '2026-09-01']) month""",
        ),
        insert(
            QualityTrend,
            "month oblast_id type pupils indicators",
            """month, oblast_id, type, sum(pupils),
               jsonb_build_object('certificate', sum((m.indicators ->> 'certificate')::int))""",
            """registry_qualitymonth m JOIN registry_institution i USING (institution_id)
               GROUP BY month, oblast_id, type""",
        ),
        insert(
            QualityFinding,
            "pupil_id institution_id rule found_on",
            "p.id, institution_id, r.code, date '2026-09-04'",
            """registry_pupil p JOIN LATERAL (
                SELECT 'contact_status.lost' AS code WHERE contact_status <> 'OK'
                UNION ALL SELECT 'representative.no_phone' WHERE hashtext(p.id::text) & 255 < 2
                UNION ALL SELECT 'certificate.missing' WHERE hashtext(p.id::text) & 255 = 2
            ) r ON true""",
        ),
        insert(
            QualityCampaign,
            "unit_id title text pack indicators rules due_on state announced_by_id announced_at reminders",
            """g.unit_id, 'Актуалізація даних учнів', '', '2026', ARRAY['certificate', 'contact'],
               ARRAY['certificate.missing', 'representative.no_phone', 'contact_status.lost'],
               date '2026-10-05', 'OPEN', g.id, timestamptz '2026-09-04 07:00+00', 0""",
            "accounts_grant g WHERE g.role = 'ANALYST' ORDER BY g.id LIMIT 1",
        ),
        insert(
            CampaignSchool,
            "campaign_id institution_id pupils at_start to_mend mended_at reminder",
            """c.id, k.institution_id, k.pupils, coalesce(f.n, 0) + 1, coalesce(f.n, 0),
               CASE WHEN f.n IS NULL THEN timestamptz '2026-09-05 07:00+00' END, 0""",
            """registry_qualitycampaign c CROSS JOIN registry_qualitycheck k
               LEFT JOIN (SELECT institution_id, count(DISTINCT pupil_id) AS n
                   FROM registry_qualityfinding GROUP BY 1) f USING (institution_id)""",
        ),
        insert(
            PupilMerge,
            "id retained_id merged_id institution_id merged_institution_id state ground asked_by_id"
            " asked_at decided_by_id decided_at reason",
            f"""{uid_of(MERGE)}, {uid_of(PUPIL)}, {uid_of(PUPIL, "(n + 1)")}, institution_id,
            institution_id, CASE WHEN open THEN 'ASKED' ELSE 'REJECTED' END, 'свідоцтво', above,
            timestamptz '2026-09-03 06:00+00', CASE WHEN NOT open THEN oblast_id END,
            CASE WHEN NOT open THEN timestamptz '2026-09-04 06:00+00' END,
            CASE WHEN open THEN '' ELSE 'Різні діти' END""",
            """(SELECT institution_id, oblast_id, first AS n, id % 3 = 0 AS open,
                    coalesce(district_id, hromada_id, raion_id) AS above
                FROM country_load.class WHERE id % 15 = 0 AND size > 1) x""",
        ),
        # Namesakes of a class whom the night asks about, and those already told apart.
        insert(
            PossibleDuplicate,
            "one_id other_id institution_id other_institution_id points evidence found_at state"
            " taken_by_id taken_at decided_by_id decided_at reason",
            f"""{uid_of(PUPIL)}, {uid_of(PUPIL, "(n + 1)")}, institution_id, institution_id, 18,
            '{{surname_same,given_slip,born_same}}'::text[], timestamptz '2026-09-03 02:00+00', state,
            CASE WHEN state <> 'NEW' THEN above END,
            CASE WHEN state <> 'NEW' THEN timestamptz '2026-09-03 06:00+00' END,
            CASE WHEN state = 'DIFFERENT' THEN above END,
            CASE WHEN state = 'DIFFERENT' THEN timestamptz '2026-09-03 07:00+00' END,
            CASE WHEN state = 'DIFFERENT' THEN 'Різні діти' ELSE '' END""",
            """(SELECT institution_id, first AS n, coalesce(district_id, hromada_id, raion_id) AS above,
                    (ARRAY['NEW', 'LOOKED', 'DIFFERENT'])[1 + id % 3] AS state
                FROM country_load.class WHERE id % 16 = 0 AND size > 1) x""",
        ),
        insert(
            TraceDue,
            "child",
            f"{uid_of(PUPIL)}",
            "(SELECT first AS n FROM country_load.class WHERE id % 16 = 1) x",
        ),
        insert(
            StagedUpload,
            "id kind name content grant_id created_at",
            f"{uid_of(UPLOAD)}, 'institutions', 'заклади.json', {_NOTHING}, 2, {_CREATED}",
            "generate_series(1, 100) n",
        ),
        insert(
            UnitPlacement,
            "unit_id path oblast_id raion_id hromada_id district_id valid_to",
            "id, path, oblast_id, raion_id, hromada_id, district_id, date '2025-09-01'",
            "accounts_orgunit WHERE kind = 'INSTITUTION' AND id % 20 = 0",
        ),
    ]


def _coverage() -> list[str]:
    """The children's register: of each 256 children one was recorded and enrolled since, one does not
    come, one may be missing; a notice of each school about those who do not come."""
    first = "(SELECT min(id) FROM accounts_grant)"
    return [
        insert(
            CoverageCase,
            "id kind state pupil_id unit_id institution_id reason since until opened_on due_on"
            " outcome closed_on",
            f"""{uid_of(COVERED, "row_number() OVER ()")}, k.kind, k.state, p.id,
            coalesce(p.hromada_id, p.oblast_id), CASE WHEN k.at > 0 THEN p.institution_id END,
            'UNKNOWN', date '2026-11-02', CASE k.at WHEN 1 THEN date '2026-11-23' END,
            date '2026-11-24', CASE WHEN k.at > 0 THEN date '2026-12-01' END,
            CASE k.at WHEN 0 THEN 'ENROLLED' ELSE '' END, CASE k.at WHEN 0 THEN date '2026-11-25' END""",
            """(VALUES (0, 'NOT_COVERED', 'CLOSED'), (1, 'ABSENT', 'RECORDED'),
                (2, 'MISSING', 'RECORDED')) k (at, kind, state)
            JOIN registry_pupil p ON right(p.id::text, 2) = '0' || k.at
            WHERE p.institution_id IS NOT NULL""",
        ),
        insert(
            CoverageStep,
            "case_id step state on reason ground at",
            """c.id, 'record', 'RECORDED', c.since, c.reason, 'акт', timestamptz '2026-11-24 08:00+00'""",
            "registry_coveragecase c",
        ),
        insert(
            CoverageLetter,
            "id kind unit_id institution_id number issued_on prepared_by_id",
            f"""{uid_of(LETTER, "c.institution_id")}, 'ABSENT', min(c.unit_id), c.institution_id,
            '1', date '2026-11-24', {first}""",
            "registry_coveragecase c WHERE c.kind = 'ABSENT' GROUP BY c.institution_id",
        ),
        insert(
            LetterCase,
            "letter_id case_id position content",
            f"""l.id, c.id, row_number() OVER (PARTITION BY l.id ORDER BY c.id), {_ROW}""",
            """registry_coverageletter l JOIN registry_coveragecase c
            ON c.institution_id = l.institution_id AND c.kind = 'ABSENT'""",
        ),
        insert(
            LetterDelivery,
            "letter_id recipient addressee",
            "l.id, r, 'Служба'",
            "registry_coverageletter l, unnest(ARRAY['SSD', 'POLICE']) r",
        ),
        insert(
            MissingVisit,
            "grant_id ground at",
            "id, 'доручення № 12 від 20.11.2026', timestamptz '2026-11-24 08:00+00'",
            "accounts_grant WHERE role = 'HROMADA_ADMIN'",
        ),
        insert(
            CoverageMonth,
            "unit_id month counted_at children learning elsewhere forms here unplaced recorded"
            " reasons absent overdue",
            """u.id, m, timestamptz '2026-11-24 01:20+00', 2700, 2650, 100,
            '{"FULL_TIME": 2650}'::jsonb, 2600, 50, 20, '{"UNKNOWN": 20}'::jsonb, 3, 1""",
            """accounts_orgunit u, unnest(ARRAY[date '2026-10-01', date '2026-11-01']) m
            WHERE u.kind IN ('HROMADA', 'CITY')""",
        ),
    ]


_ROW = """convert_to(json_build_object('no', 1, 'case', c.id, 'child', 'Дитина', 'born_on', '2016-03-01',
    'where', 'Ліцей', 'since', c.since, 'until', '', 'reason', '')::text, 'UTF8')"""


def _admission() -> list[str]:
    """The intake of the current year: who learns in the first classes applied, schools of each tenth
    number drew."""
    first = """country_load.class c, generate_series(c.first, c.first + c.size - 1) n
        WHERE c.grade = 1"""
    drew = "country_load.school s JOIN accounts_orgunit u ON u.id = s.institution_id WHERE s.institution_id % 10 = 0"
    return [
        insert(
            Draw,
            "id unit_id school_year_id state secret_sha256 takes announced_by_id announced_at",
            f"""{uid_of(DRAW, "s.institution_id")}, s.institution_id, '2026-2027', 'ANNOUNCED',
            md5(s.institution_id::text) || md5('x'), 'курс євро НБУ', s.institution_id,
            timestamptz '2026-05-04 06:00+00'""",
            drew,
        ),
        insert(
            DrawSecret,
            "draw_id secret",
            f"{uid_of(DRAW, 's.institution_id')}, md5(s.institution_id::text)",
            drew,
        ),
        insert(
            Intake,
            "id institution_id school_year_id classes in_class draw_id",
            f"""institution_id, institution_id, '2026-2027', 3, 30,
            CASE WHEN institution_id % 10 = 0 THEN {uid_of(DRAW, "institution_id")} END""",
            "country_load.school",
        ),
        insert(
            ServiceStreet,
            "institution_id territory_code street street_key houses",
            """i.institution_id, i.territory_code, 'вул. Шкільна, ' || k, 'ШКІЛЬНА' || k, '1–25 непарні'""",
            "registry_institution i, generate_series(1, 2) k",
        ),
        insert(
            Candidate,
            "id school_year_id document born_on",
            "n + 1, '2026-2027', 'BIRTH_UA|I-СГ|' || n, date '2020-03-01'",
            first,
        ),
        insert(
            Application,
            "id institution_id intake_id candidate_id wish values surname given_name born_on"
            " submitted_at state claims grounds documents placed_by",
            f"""{uid_of(APPLICATION)}, c.institution_id, c.institution_id, n + 1, 1, '{{}}'::jsonb,
            'Перша', 'Дитина', date '2020-03-01', timestamptz '2026-05-05 06:00+00', 'ENROLLED',
            ARRAY['TERRITORY'], ARRAY['TERRITORY'], ARRAY['BIRTH'], 'right'""",
            first,
        ),
    ]


def _certificates() -> list[str]:
    """Of each class the first child has a certificate of study, signed with others' of the school;
    their bytes are nothing, and prove nothing."""
    schools = (
        "(SELECT institution_id, count(*) AS n FROM country_load.class WHERE size > 0 GROUP BY 1) s"
    )
    signed = "timestamptz '2026-10-01 08:00+00'"
    return [
        insert(
            SigningSession,
            "id code user_id purpose content content_sha256 state signature result evidence"
            " certificate created_at expires_at signed_at",
            f"""{uid_of(CERTIFICATES_SIGNED, "institution_id")},
            upper(left(md5('certificates ' || institution_id), 20)), institution_id,
            'registry.certificates', {_NOTHING}, sha256({_NOTHING}), 'SIGNED', {_NOTHING},
            '{_CERTIFICATE}'::jsonb, '{{}}'::jsonb, {_NOTHING}, {signed}, {signed}, {signed}""",
            schools,
        ),
        insert(
            CertificateIssue,
            "id institution_id state issued_on count signing_id prepared_by_id prepared_at signed_at",
            f"""{uid_of(CERTIFICATES, "institution_id")}, institution_id, 'SIGNED',
            date '2026-10-01', n, {uid_of(CERTIFICATES_SIGNED, "institution_id")}, institution_id,
            {signed}, {signed}""",
            schools,
        ),
        insert(
            StudyCertificate,
            "id issue_id institution_id pupil_id position year number issued_on full_name class_label"
            " code content state",
            f"""{uid_of(CERTIFICATE, "c.id")}, {uid_of(CERTIFICATES, "c.institution_id")},
            c.institution_id, {uid_of(PUPIL, "c.first")},
            row_number() OVER (PARTITION BY c.institution_id ORDER BY c.id), 2026,
            row_number() OVER (PARTITION BY c.institution_id ORDER BY c.id), date '2026-10-01',
            concat_ws(' ', p.surname, p.given_name, p.patronymic), c.grade || '-А',
            upper(left(md5('certificate ' || c.id), 20)), {_NOTHING}, 'ISSUED'""",
            f"country_load.class c JOIN registry_pupil p ON p.id = {uid_of(PUPIL, 'c.first')}"
            " WHERE c.size > 0",
        ),
    ]


# ── systems, visits, the log ─────────────────────────────────────────────────
def systems(db: psycopg.Connection) -> int:
    """The known systems with their operators; the rows written."""
    listed = tomllib.loads(KNOWN.read_text(encoding="utf-8"))
    rows = listed["systems"]
    operators = sorted({row["operator"] for row in rows})
    copy_rows(db.cursor(), Operator, "id name", ((n, name) for n, name in enumerate(operators, 1)))
    copy_rows(
        db.cursor(),
        EisSystem,
        "id operator_id name state state_since state_ground",
        (
            (n, operators.index(row["operator"]) + 1, row["name"], row["state"], listed["as_of"], listed["source"])
            for n, row in enumerate(rows, 1)
        ),
    )  # fmt: skip
    return len(operators) + len(rows)


def _access() -> list[str]:
    works = f"(SELECT array_agg(id ORDER BY id) AS ids FROM eis_eissystem WHERE state = ANY('{{{','.join(WORKING)}}}')) w"
    keys = "(SELECT institution_id, k, institution_id * 2 + k AS n FROM country_load.school, generate_series(0, 1) k WHERE k = 0 OR institution_id % 2 = 0) x"
    revoked = "n % 7 = 0"
    return [
        insert(
            Mandate,
            "id institution_id system_id datasets fields valid_from valid_to state granted_by_id"
            " prepared_at signed_at ended_at ended_by_id end_reason",
            f"""{uid_of(MANDATE)}, institution_id, w.ids[1 + n % cardinality(w.ids)],
            ARRAY['institution', 'classes', 'pupils'], ARRAY['pupils.patronymic', 'pupils.birth'],
            date '2026-09-01', date '2027-07-01', 'SIGNED', institution_id, {_CREATED}, {_CREATED},
            CASE WHEN {revoked} THEN {_CREATED} END, CASE WHEN {revoked} THEN institution_id END,
            CASE WHEN {revoked} THEN 'Закінчено договір' ELSE '' END""",
            f"{keys}, {works}",
        ),
        insert(
            SchoolKey,
            "id institution_id system_id mandate_id secret_sha256 hint"
            " granted_by_id created_at revoked_at revoked_by_id revoke_reason",
            f"""{uid_of(KEY)}, institution_id, w.ids[1 + n % cardinality(w.ids)], {uid_of(MANDATE)},
            sha256(convert_to('key ' || n, 'UTF8')), 'abcd', institution_id, {_CREATED},
            CASE WHEN {revoked} THEN {_CREATED} END, CASE WHEN {revoked} THEN institution_id END,
            CASE WHEN {revoked} THEN 'Закінчено договір' ELSE '' END""",
            f"{keys}, {works}",
        ),
        insert(
            LedgerEntry,
            "at key_id system_id institution_id dataset method path status rows",
            f"""now(), {uid_of(KEY)}, w.ids[1 + n % cardinality(w.ids)], institution_id, 'pupils',
            'GET', '/api/v1/pupils', 200, 100""",
            f"{keys}, {works}, generate_series(1, 20) i",
        ),
    ]


def _visits() -> list[str]:
    """Of everybody who holds a grant: visits, answers at the door, keys that were seen, requests."""
    person = "accounts_grant g JOIN accounts_user u ON u.id = g.user_id"
    return [
        insert(
            UserSession,
            "user_id grant_id session_key_sha256 certificate_sha256 certificate_serial"
            " certificate_not_after address device started_at ended_at ended_reason",
            """g.user_id, g.id, sha256(convert_to('visit ' || g.id || ' ' || i, 'UTF8')),
            sha256('\\x00'), lpad(to_hex(g.user_id), 16, '0'), timestamptz '2027-12-31', '192.0.2.1',
            'Firefox, Windows', timestamptz '2026-09-01 06:00+00' + i * interval '4 hours',
            timestamptz '2026-09-01 08:00+00' + i * interval '4 hours', 'Вихід'""",
            "accounts_grant g, generate_series(1, 4) i WHERE g.state = 'ACTIVE'",
        ),
        """INSERT INTO django_session (session_key, session_data, expire_date)
        SELECT md5('session ' || id), '', timestamptz '2026-09-02 06:00+00' FROM accounts_grant""",
        insert(
            Challenge,
            "id answered_at expires_at",
            "gen_random_uuid(), now(), now() + interval '10 minutes'",
            "accounts_grant WHERE id % 4 = 0",
        ),
        insert(
            SignInAttempt,
            "at address browser_sha256 outcome certificate_serial",
            """timestamptz '2026-09-01 06:00+00' + i * interval '4 hours', '192.0.2.1',
            sha256(convert_to(id::text, 'UTF8')), 'OK', lpad(to_hex(user_id), 16, '0')""",
            "accounts_grant, generate_series(1, 4) i",
        ),
        insert(
            Invitation,
            "grant_id token_sha256 email created_at sent_at expires_at used_at",
            """g.id, sha256(convert_to('invitation-' || g.id, 'UTF8')), u.email, g.created_at,
            g.created_at, timestamptz '2027-06-30', g.activated_at""",
            f"{person} WHERE g.given_by_id IS NOT NULL",
        ),
        insert(
            NameMismatch,
            "grant_id certificate_name at",
            "id, 'Інша Назва', created_at",
            "accounts_grant WHERE state = 'INVITED' AND id % 5 = 0",
        ),
        insert(
            Notice,
            "grant_id code subject facts due created_at",
            """g.id, 'accounts.certificate.runs_out_' || d, lpad(to_hex(user_id), 16, '0'),
            jsonb_build_object('serial', lpad(to_hex(user_id), 16, '0'), 'valid_to', '31.12.2027'),
            timestamptz '2027-12-31 06:00+00' - d * interval '1 day', g.created_at""",
            "accounts_grant g, unnest(ARRAY[30, 7, 1]) d",
        ),
        # Each third head asked a question of their oblast; two of three are answered.
        insert(
            SupportRequest,
            "id number author_id unit_id handler_id kind title edrpou state answer_by solve_by since",
            f"""{uid_of(REQUEST, "h.id")}, 1000 + h.id, h.id, h.unit_id, h.oblast_id, 'QUESTION',
            'Як закрити клас', '', (ARRAY['NEW', 'SOLVED', 'CLOSED'])[h.id / 3 % 3 + 1],
            date '2026-12-02', date '2026-12-14', date '2026-11-30'""",
            f"accounts_grant h WHERE {_ASKS}",
        ),
        insert(
            SupportMessage,
            "request_id grant_id text state handler_id at",
            f"""{uid_of(REQUEST, "h.id")}, h.id, 'Не бачу кнопки.', 'NEW', h.oblast_id,
            timestamptz '2026-11-30 08:00+00'""",
            f"accounts_grant h WHERE {_ASKS}",
        ),
        # At each third school a parent asked to mend a field: one waits, one is mended, one refused.
        insert(
            ParentRequest,
            "id kind pupil_id person_id field was wanted text state due_on decided_by_id reason"
            " created_at",
            f"""{uid_of(PARENT, "h.id")}, 'CORRECTION', p.id, h.user_id, 'patronymic', p.patronymic,
            'Іванівна', 'так у свідоцтві',
            (ARRAY['NEW', 'ACCEPTED', 'DECLINED'])[h.id / 3 % 3 + 1], date '2026-12-04', NULL,
            (ARRAY['', '', 'у свідоцтві інакше'])[h.id / 3 % 3 + 1],
            timestamptz '2026-11-27 08:00+00'""",
            # In one walk: pupils have no index at this step, and a look-up for each school was
            # 4,000 walks over 4,000,000.
            f"""accounts_grant h JOIN (SELECT DISTINCT ON (institution_id) institution_id, id, patronymic
                FROM registry_pupil ORDER BY institution_id, id) p ON p.institution_id = h.unit_id
                WHERE {_ASKS}""",
        ),
        insert(
            ParentPaper,
            "request_id name kind content",
            "id, 'свідоцтво.pdf', 'application/pdf', '%PDF-'::bytea",
            "registry_parentrequest",
        ),
        # The regions came in by five waves.
        insert(
            Wave,
            "id name opens_on closes_on version",
            f"""{uid_of(WAVE, "n")}, 'Хвиля ' || n, date '2026-08-17' + n, date '2026-08-24' + n, 1""",
            "generate_series(1, 5) n",
        ),
        insert(
            WaveUnit,
            "wave_id unit_id",
            f"{uid_of(WAVE, 'o.id % 5 + 1')}, o.id",
            "accounts_orgunit o WHERE o.kind = 'OBLAST'",
        ),
        # Each authority told the heads below it something; half of them have read it.
        insert(Announcement, _TOLD, _TELLING, f"accounts_grant g WHERE {_TELLS}"),
        insert(
            Receipt,
            "announcement_id grant_id kind at",
            f"{uid_of(ANNOUNCEMENT, 'g.id')}, h.id, 'READ', timestamptz '2026-09-02 06:00+00'",
            f"""accounts_grant h JOIN accounts_grant g ON g.unit_id IN (h.oblast_id, h.hromada_id)
            WHERE h.role = 'HEAD' AND h.state = 'ACTIVE' AND h.id % 2 = 0 AND {_TELLS}""",
        ),
        insert(
            KnownCertificate,
            "fingerprint data seen_at",
            f"encode(sha256(convert_to('certificate ' || id, 'UTF8')), 'hex'), {_NOTHING}, created_at",
            "accounts_user",
        ),
        insert(
            KnownKey,
            "certificate_id identifier",
            """encode(sha256(convert_to('certificate ' || id, 'UTF8')), 'hex'),
            sha256(convert_to('key ' || id || ' ' || i, 'UTF8'))""",
            "accounts_user, generate_series(1, 2) i",
        ),
        insert(
            CertificateSearch,
            "at address outcome",
            "created_at, '192.0.2.1', 'KNOWN'",
            "accounts_user",
        ),
        insert(
            Request,
            "principal key fingerprint outcome at",
            "'grant:' || id, 'form-' || i, sha256(convert_to(id::text, 'UTF8')), '{}'::jsonb, now()",
            "accounts_grant, generate_series(1, 4) i",
        ),
    ]


_ASKS = "h.role = 'HEAD' AND h.state = 'ACTIVE' AND h.id % 3 = 0 AND h.oblast_id IS NOT NULL"
_TELLS = "g.role IN ('OBLAST_ADMIN', 'HROMADA_ADMIN') AND g.state = 'ACTIVE'"
_TOLD = "id unit_id sender_id sender_unit_id title text roles asks sent_at"
_TELLING = f"""{uid_of(ANNOUNCEMENT, "g.id")}, g.unit_id, g.id, g.unit_id, 'Нарада керівників',
    'Запрошуємо на нараду.', ARRAY['HEAD'], g.id % 2 = 0, timestamptz '2026-09-01 06:00+00'"""


# Of each order one act and one event; of each twentieth child an act with an event and a change, and
# three who looked.
_ACTS = f"""
CREATE UNLOGGED TABLE country_load.act AS
SELECT a.last + row_number() OVER () AS id, i.last_value + row_number() OVER () * 2 AS item,
    now() AS at, x.* FROM (
    SELECT 'registry.order.signed' AS code, 'registry.order' AS subject_type,
        {uid_of(ORDER)}::text AS subject_id, institution_id, 'registry.orders.sign' AS command,
        'registry.order:' || {uid_of(ORDER)} AS ground, NULL::uuid AS pupil_id,
        jsonb_build_object('number', number, 'rows', rows, 'certificate', '00') AS payload
    FROM country_load.paper WHERE {_DONE}
    UNION ALL
    SELECT 'registry.pupil.corrected', 'registry.pupil', id::text, institution_id,
        'registry.people.correct', 'заява', id, jsonb_build_object('ground', 'заява',
            'changed', jsonb_build_object('patronymic', jsonb_build_array('', patronymic)))
    FROM registry_pupil WHERE institution_id IS NOT NULL AND hashtext(id::text) % 20 = 0
) x, audit_item_id i, (SELECT coalesce(max(id), 0) AS last FROM audit_act) a
"""


def _log() -> list[str]:
    return [
        insert(
            Act,
            "id at now today command principal_kind user_id grant_id actor_label ground",
            "id, at, at, date '2026-09-01', command, 'PERSON', institution_id, institution_id,"
            " 'Керівник закладу', ground",
            "country_load.act",
        ),
        insert(
            EventRow,
            "id act_id at code subject_type subject_id unit_id payload",
            "item, id, at, code, subject_type, subject_id, institution_id, payload",
            "country_load.act",
        ),
        insert(
            Change,
            "id act_id at resource row_pk op unit_old unit_new old",
            """item + 1, id, at, 'registry.pupil', pupil_id, 'U', institution_id,
            institution_id, '{}'::jsonb""",
            "country_load.act WHERE pupil_id IS NOT NULL",
        ),
        insert(
            Look,
            "at user_id grant_id actor_label subject_type subject_id what",
            """at, institution_id, institution_id, 'Керівник закладу', subject_type, subject_id,
            'картка учня'""",
            "country_load.act, generate_series(1, 3) i WHERE pupil_id IS NOT NULL",
        ),
    ]


# Numbered as the sequencer would have: all is over, as of a dump that was taken over.
_SETTLED = """
WITH items AS (
    SELECT id AS act_id, at, 'A' AS kind, id AS item_id FROM audit_act
    UNION ALL SELECT act_id, at, 'E', id FROM audit_event
    UNION ALL SELECT act_id, at, 'C', id FROM audit_change
)
INSERT INTO audit_settled (seq, at, kind, act_id, item_id)
SELECT row_number() OVER (ORDER BY act_id, kind, item_id), at, kind, act_id, item_id FROM items;
INSERT INTO audit_outbox (seq, snapshot, cluster, floor, touched_at)
SELECT (SELECT coalesce(max(seq), 0) FROM audit_settled), pg_current_snapshot(),
    system_identifier::text, (SELECT coalesce(max(id), 0) FROM audit_act), clock_timestamp()
FROM pg_control_system();
SELECT setval(pg_get_serial_sequence('audit_act', 'id'), (SELECT max(id) FROM audit_act)),
    setval('audit_item_id', (SELECT max(item) + 1 FROM country_load.act));
"""


_WRITES = re.compile(r"INSERT INTO (\w+) ")


def waves(statements: Sequence[str]) -> Iterator[list[str]]:
    """Statements in groups whose members may run side by side: each after those whose tables it reads.

    Raises:
        ValueError: two read each other's tables.
    """
    left = [(one, set(_WRITES.findall(one))) for one in statements]
    while left:
        tables = set().union(*(written for _, written in left))
        waits = {
            one
            for one, written in left
            if (tables - written) & set(re.findall(r"\w+", one.partition("SELECT")[2]))
        }
        if len(waits) == len(left):
            raise ValueError("statements of a country that wait for one another")
        yield [one for one, _ in left if one not in waits]
        left = [(one, written) for one, written in left if one in waits]


def steps() -> Iterator[tuple[str, list[str], bool]]:
    """What is done in turn: its name, statements, and whether they may run side by side."""
    yield "orders", _PAPERS, False
    yield "rows of orders", _rows(), True
    yield "orders frozen", _frozen(), True
    for name, statements in (
        ("orders, signings, drafts", [*_orders(), *_drafts()]),
        ("rollovers", [*_rollovers(), *_decisions()]),
        (
            "groups, findings, merges, keys",
            [*_school_life(), *_admission(), *_certificates(), *_coverage(), *_access()],
        ),
        ("visits, notices", _visits()),
    ):
        for wave in waves(statements):
            yield name, wave, True
    yield "acts", [_ACTS], False
    yield "log", _log(), True
    told = ", ".join(f"('{name}')" for name in sorted(outbox.consumers))
    cursors = f"""INSERT INTO audit_cursor (name, seq, failures, error)
        SELECT name, seq, 0, '' FROM (VALUES {told}) x (name), audit_outbox"""
    yield "log settled", [_SETTLED, *([cursors] if told else [])], False

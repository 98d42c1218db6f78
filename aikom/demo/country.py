"""A whole country in a database of its own, for measuring: people drawn by the database itself.

Nodes, schools and classes are planned in Python and copied in. Pupils, staff, papers and
enrolments are `INSERT … SELECT` over the classes: names by hash joins with tables of 65,536 slots
that hold names as often as people bear them, everything else by the bits of a hash of the
person's number. So the same seed gives the same country, and two sessions fill two halves at once.

Triggers are off (`session_replication_role = replica`): what they would compute is written, and
`tests/demo/test_country.py` compares. Indexes are dropped first and built at the end from their
own definitions; history is not kept, a measured country has no past.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
from django.db.models import Model
from psycopg import sql

from accounts.models import Grant, OrgUnit, User
from accounts.roles import Duty, Role
from aikom.demo import country_reports, country_staff, country_work
from aikom.demo import journals as country_journals
from aikom.demo.copying import copy_rows, uid
from aikom.demo.country_plan import Country
from aikom.demo.country_sql import EMPLOYEE, ORDER, POST, PUPIL, insert, table_of, uid_of
from aikom.demo.synthetic import codes, names, people
from integrations.eis.models import EisSystem, Operator
from kernel.audit import services as sealing
from registry.models import (
    Candidate,
    ClassGroup,
    ClassPlacement,
    ContactState,
    Employee,
    Enrolment,
    Guardian,
    Guardianship,
    Institution,
    InstitutionStatus,
    Intake,
    NameWord,
    Post,
    PostCount,
    Pupil,
    PupilAddress,
    PupilCategory,
    PupilDocument,
    PupilTrace,
    ResidenceScope,
    StudyGroup,
    Tally,
    TallySum,
)
from registry.people.services.residence import UNIT_OF
from registry.staff.models.posts import COUNTED_BY
from registry.tallies import keeping

YEAR = "2026-2027"
FIRST_DAY = datetime.date(2026, 9, 1)
SLOTS = 65_536
_NOW = datetime.datetime(2026, 9, 1, 6, tzinfo=datetime.UTC)
# Big tables: their indexes are dropped before and built after.
LOADED = (
    Pupil,
    PupilDocument,
    PupilAddress,
    Guardian,
    Guardianship,
    ResidenceScope,
    PupilCategory,
    ContactState,
    Enrolment,
    ClassPlacement,
    Employee,
    Post,
    ClassGroup,
    NameWord,
    PupilTrace,
    *country_work.LOADED,
    *country_staff.LOADED,
)
# REINDEX wakes the index; for as long as it is no index of an exclusion, nothing is looked up.
_AWAKE = """
UPDATE pg_index SET indisexclusion = false WHERE indexrelid = '{index}'::regclass;
REINDEX INDEX {index};
UPDATE pg_index SET indisexclusion = true WHERE indexrelid = '{index}'::regclass;
"""
_LETTERS_OF_SERIES = "'{" + ",".join(codes.SERIES_LETTERS) + "}'::text[]"

Say = Callable[[str], None]


@dataclasses.dataclass
class Step:
    """One step of the making: how long it took and how many rows it wrote."""

    name: str
    seconds: float
    rows: int


class Making:
    """The making of one country in one empty, migrated database.

    `address` is a libpq address; the role must be a superuser there: triggers are put off, and the
    indexes of exclusion constraints. With one of `sessions` rows lie in the order of their making,
    whatever the machine is at.
    """

    def __init__(
        self, address: str, plan: Country, *, seed: int, say: Say, sessions: int = 2
    ) -> None:
        self.address = address
        self.plan = plan
        self.seed = seed
        self.say = say
        self.sessions = sessions
        self.steps: list[Step] = []

    def run(self) -> list[Step]:
        """Make everything; the steps taken."""
        with self.session() as db:
            kept = self.step("indexes dropped", lambda: (_drop_indexes(db), 0))
            self.step("names", lambda: (None, _name_slots(db, self.seed)))
            self.step("authorities, institutions, classes", lambda: (None, self._structure(db)))
        staff = sum(school.staff for school in self.plan.schools)
        self.step("employees", lambda: (None, self._in_two(_employees_sql(), staff)))
        self.step("posts", lambda: (None, self._in_two(_posts_sql(), staff)))
        self.step("posts counted", lambda: (None, self._at_once([_POST_COUNTS])))
        self.step("load and careers", lambda: (None, self._in_turn(country_staff.STATEMENTS)))
        self.step("pupils", lambda: (None, self._in_two(_pupils_sql(), self.plan.pupils)))
        self.step(
            "papers, parents, categories, enrolments", lambda: (None, self._at_once(_papers_sql()))
        )
        for name, statements, together in country_work.steps():
            run = self._at_once if together else self._in_turn
            self.step(name, lambda run=run, each=statements: (None, run(each)))  # type: ignore[misc]
        self.step("indexes built", lambda: (None, self._build(kept)))
        self.step("journals", lambda: (None, self._in_turn(country_journals.of_country())))
        self.step("statistics", lambda: (None, self._finish()))
        return self.steps

    def follow(self, today: datetime.date) -> None:
        """What commands and jobs make of it: statistical forms, tallies, seals of the log.

        Django's own connection is to this database.
        """
        for name, work in (
            ("reports", lambda: country_reports.make(today)),
            ("subvention", country_reports.make_subvention),
            ("reports of authorities", lambda: self._at_once(country_reports.OF_AUTHORITIES)),
            ("campaign", lambda: country_reports.make_campaign(today)),
            ("desk", lambda: country_reports.make_desk(today)),
            ("tallies", lambda: keeping.keep_all(today)),
            ("log sealed", lambda: len(sealing.seal())),
            ("statistics of these", self._analyze),
        ):
            self.step(name, lambda work=work: (None, work()))  # type: ignore[misc]

    def step(self, name: str, work: Callable[[], tuple[Any, int]]) -> Any:
        """Run one step, tell and remember it."""
        began = time.monotonic()
        result, rows = work()
        taken = Step(name, time.monotonic() - began, rows)
        self.steps.append(taken)
        told = f", {rows:,} rows" if rows else ""
        self.say(f"{name}: {taken.seconds:.1f} s{told}")
        return result

    def session(self) -> psycopg.Connection:
        """A connection set for loading: no triggers, no waiting for the disk."""
        db = psycopg.connect(self.address, autocommit=True)
        for setting in (
            "session_replication_role = replica",
            "synchronous_commit = off",
            "maintenance_work_mem = '512MB'",
            "work_mem = '256MB'",
            "statement_timeout = 0",
            "max_parallel_maintenance_workers = 0",
        ):
            db.execute(f"SET {setting}")
        return db

    # ── structure, from Python ───────────────────────────────────────────────
    def _structure(self, db: psycopg.Connection) -> int:
        rows = 0
        for model, columns, source in (
            (OrgUnit, _UNIT_COLUMNS, self._units()),
            (Institution, _INSTITUTION_COLUMNS, self._institutions()),
            (InstitutionStatus, _STATUS_COLUMNS, self._statuses()),
            (ClassGroup, _CLASS_COLUMNS, self._classes()),
            (User, _USER_COLUMNS, self._users()),
            (Grant, _GRANT_COLUMNS, self._grants()),
        ):
            rows += copy_rows(db.cursor(), model, columns, source)
        rows += country_work.systems(db)
        db.execute(_PLACE_GRANTS)
        db.execute(_LOAD_TABLES)
        copy_rows(db.cursor(), "country_load.class", _LOAD_CLASS, self._load_classes())
        copy_rows(db.cursor(), "country_load.school", _LOAD_SCHOOL, self._load_schools())
        db.execute(_HOMES)
        db.execute("ANALYZE country_load.class, country_load.school, country_load.home")
        _after_the_last(db, OrgUnit, ClassGroup, User, Grant, Operator, EisSystem)
        return rows

    def _units(self) -> Iterator[tuple[Any, ...]]:
        for node in self.plan.nodes:
            yield (
                node.id,
                node.parent.id if node.parent else None,
                node.kind,
                node.name,
                node.edrpou,
                node.territory_code,
                True,
                node.path,
                node.depth,
                node.oblast_id,
                node.raion_id,
                node.hromada_id,
                node.district_id,
            )

    def _institutions(self) -> Iterator[tuple[Any, ...]]:
        for number, school in enumerate(self.plan.schools):
            node = school.node
            yield (
                node.id,
                str(100_000 + number),
                node.edrpou,
                node.name,
                node.name,
                school.type,
                "COMMUNAL",
                "ACTIVE",
                node.parent.edrpou if node.parent else None,
                school.place in {"village", "settlement"},
                True,
                node.territory_code,
                f"{number % 99_999:05d}",
                school.settlement.name,
                codes.phone(number),
                f"school{number}@example.com",
                node.parent.name if node.parent else "",
                ["uk"],
                school.pupils,
                node.oblast_id,
                node.raion_id,
                node.hromada_id,
                node.district_id,
            )

    def _statuses(self) -> Iterator[tuple[Any, ...]]:
        for school in self.plan.schools:
            yield school.node.id, "ACTIVE", datetime.date(2021, 9, 1)

    def _numbered(self) -> Iterator[tuple[int, int, Any, tuple[int, str, int]]]:
        """Class id, its school's first member of staff, the school, the class."""
        number = worker = 0
        for school in self.plan.schools:
            for each in school.classes:
                number += 1
                yield number, worker, school, each
            worker += school.staff

    def _classes(self) -> Iterator[tuple[Any, ...]]:
        ordinal: dict[int, int] = {}
        for number, worker, school, (grade, letter, _) in self._numbered():
            node = school.node.id
            ordinal[node] = ordinal.get(node, 0) + 1
            # The head and deputies come first; a class teacher is somebody after them.
            teacher = worker + ordinal[node] % school.staff
            kind = "INCLUSIVE" if number % 11 == 0 else "GENERAL"
            yield number, node, YEAR, grade, letter, kind, 30, FIRST_DAY, uid(POST, teacher)

    def _load_classes(self) -> Iterator[tuple[Any, ...]]:
        first = 0
        # Orders are numbered as days pass: the first of every school, then the second of every one.
        turn = Counter[int]()
        school_number = {school.node.id: n for n, school in enumerate(self.plan.schools)}
        for number, _, school, (grade, _, size) in self._numbered():
            node = school.node
            turn[node.id] += 1
            paper = turn[node.id] * country_work.SCHOOLS + school_number[node.id]
            places = (node.oblast_id, node.raion_id, node.hromada_id, node.district_id)
            yield number, node.id, grade, size, first, paper, *places
            first += size

    def _load_schools(self) -> Iterator[tuple[Any, ...]]:
        first = 0
        for school in self.plan.schools:
            node = school.node
            primary = sum(1 for grade, _, _ in school.classes if grade <= 4)
            places = (node.oblast_id, node.raion_id, node.hromada_id, node.district_id)
            yield node.id, school.staff, first, primary, len(school.classes), *places
            first += school.staff

    # ── people who sign in: one administrator a node, a head and a deputy a school ──
    def _holders(self) -> Iterator[tuple[int, int, Role, int | None]]:
        """Number of the person and grant, node, role, number of the giver's grant."""
        roles = {
            "TECH_ADMIN": Role.TECH_ADMIN,
            "OWNER": Role.ANALYST,
            "OBLAST": Role.OBLAST_ADMIN,
            "RAION": Role.RAION_ADMIN,
            "HROMADA": Role.HROMADA_ADMIN,
            "CITY": Role.HROMADA_ADMIN,
            "CITY_DISTRICT": Role.DISTRICT_ADMIN,
            "INSTITUTION": Role.HEAD,
        }
        # The node's id is the person's and the grant's; node 2 is the technical administrator.
        for node in self.plan.nodes:
            giver = None
            if node.kind != "TECH_ADMIN":
                giver = node.parent.id if node.parent and node.parent.kind != "OWNER" else 2
            yield node.id, node.id, roles[node.kind], giver
        for number, school in enumerate(self.plan.schools, start=len(self.plan.nodes) + 1):
            yield number, school.node.id, Role.DEPUTY, school.node.id

    def _users(self) -> Iterator[tuple[Any, ...]]:
        surnames, given = names.surname_pool(), names.given_pool("women")
        born = datetime.date(2097, 1, 1)
        for number, _, _, _ in self._holders():
            share = number * 0.6180339887 % 1
            yield (
                number,
                surnames.at(share).feminine,
                given.at(number * 0.7548776662 % 1),
                "Іванівна",
                codes.rnokpp(born + datetime.timedelta(days=number // 4000), "F", number % 4000),
                f"person{number}@example.com",
                "",
                _NOW,
            )

    def _grants(self) -> Iterator[tuple[Any, ...]]:
        for number, node, role, giver in self._holders():
            is_deputy = role == Role.DEPUTY
            invited = is_deputy and number % 3 == 0
            duties = [Duty.PUPILS, Duty.CLASSES] if is_deputy else []
            state, since = ("INVITED", None) if invited else ("ACTIVE", _NOW)
            yield number, number, node, role, duties, state, giver, _NOW, since

    # ── people, by the database ──────────────────────────────────────────────
    def _in_two(self, statement: str, people: int) -> int:
        """Run a statement over the first and the second half of the people at once."""
        halves = (f"< {people // 2}", f">= {people // 2}")
        return self._at_once([statement.replace("{half}", half) for half in halves])

    def _at_once(self, statements: Sequence[str]) -> int:
        def run(statement: str) -> int:
            with self.session() as db:
                return _rows_of(db.execute(statement))  # type: ignore[arg-type]

        with concurrent.futures.ThreadPoolExecutor(self.sessions) as pool:
            return sum(pool.map(run, statements))

    def _in_turn(self, statements: Sequence[str]) -> int:
        with self.session() as db:
            return sum(_rows_of(db.execute(each)) for each in statements)  # type: ignore[arg-type]

    def _build(self, statements: list[str]) -> int:
        def run(statement: str) -> int:
            with self.session() as db:
                db.execute(statement)  # type: ignore[arg-type]
            return 0

        # Constraints first, each locks its own table; indexes of one table may build side by side.
        with concurrent.futures.ThreadPoolExecutor(self.sessions) as pool:
            list(pool.map(run, statements))
        return 0

    def _analyze(self) -> int:
        with self.session() as db:
            for each in (*country_reports.TABLES, Tally, TallySum):
                db.execute(f"VACUUM (ANALYZE) {table_of(each)}")  # type: ignore[arg-type]
        return 0

    def _finish(self) -> int:
        with self.session() as db:
            db.execute("DROP SCHEMA country_load CASCADE")
            _after_the_last(db, Enrolment, ClassPlacement, Guardian, StudyGroup, Intake, Candidate)
            db.execute("VACUUM (ANALYZE)")
            db.execute("CHECKPOINT")
        return 0


def _rows_of(cursor: psycopg.Cursor) -> int:
    """Rows that the last of a text's statements wrote."""
    while cursor.nextset():
        pass
    return max(0, cursor.rowcount)


def _after_the_last(db: psycopg.Connection, *models: type[Model]) -> None:
    """Let rows entered later take numbers after these."""
    for model in models:
        db.execute(
            sql.SQL(
                "SELECT setval(pg_get_serial_sequence({name}, 'id'), (SELECT max(id) FROM {table}))"
            ).format(name=sql.Literal(table_of(model)), table=sql.Identifier(table_of(model)))
        )


def _drop_indexes(db: psycopg.Connection) -> list[str]:
    """Take secondary indexes and unique and exclusion constraints away; how to make them again.

    Constraints first in the answer of the catalogue, so that their indexes go with them. Primary
    keys stay: foreign keys hang on them, and the rows come in their order.

    Exclusion constraints stay too and their indexes sleep. Adding one builds its index in a fifth
    of the time and then looks every row up in it (2.3 s of 11 s at 400,000 rows, PostgreSQL 18.6);
    periods made here overlap nowhere (tests/demo/test_country.py has them all checked), so the
    index is built as an ordinary one, and the constraint holds from then on.
    """
    tables = [table_of(model) for model in LOADED]
    asleep = db.execute(
        """
        UPDATE pg_index SET indisready = false
        WHERE indisexclusion AND indrelid::regclass::text = ANY(%s)
        RETURNING indexrelid::regclass::text
        """,
        [tables],
    ).fetchall()
    again = [_AWAKE.format(index=index) for (index,) in sorted(asleep)]
    constraints = db.execute(
        """
        SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
        FROM pg_constraint WHERE contype = 'u' AND conrelid::regclass::text = ANY(%s)
        ORDER BY 1, 2
        """,
        [tables],
    ).fetchall()
    for table, name, definition in constraints:
        db.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")  # type: ignore[arg-type]
        again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    indexes = db.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
        WHERE NOT indisprimary AND NOT indisexclusion AND indrelid::regclass::text = ANY(%s)
        ORDER BY pg_relation_size(indrelid) DESC, 1
        """,
        [tables],
    ).fetchall()
    for name, definition in indexes:
        db.execute(f"DROP INDEX {name}")  # type: ignore[arg-type]
        again.append(definition)
    return again


def _name_slots(db: psycopg.Connection, seed: int) -> int:
    """Tables of names by slot: a slot drawn evenly gives a name as often as people bear it."""
    surnames = names.surname_pool(12_000)
    boys, girls = names.given_pool("boys"), names.given_pool("girls")
    men, women = names.given_pool("men"), names.given_pool("women")
    rare = [names.rare_names("M"), names.rare_names("F")]

    def given(pool: names.Pool, share: float, slot: int, sex: int) -> str:
        # One in fifty bears a rare name, so that the dictionary is as rich as a country's.
        return rare[sex][slot * 7919 % len(rare[sex])] if slot % 50 == 0 else pool.at(share)

    def rows() -> Iterator[tuple[Any, ...]]:
        for slot in range(SLOTS):
            # Neighbouring slots hold distant names; the multiplier is odd, so all shares occur.
            share = (slot * 40_503 + seed) % SLOTS / SLOTS
            family = surnames.at(share)
            father = men.at(share)
            yield (
                slot,
                family.masculine,
                family.feminine,
                given(boys, share, slot, 0),
                given(girls, share, slot, 1),
                names.patronymic(father, "M"),
                names.patronymic(father, "F"),
                father,
                women.at(share),
            )

    db.execute(_SLOT_TABLE)
    written = copy_rows(db.cursor(), "country_load.name", _SLOT_COLUMNS, rows())
    db.execute("ANALYZE country_load.name")
    return written


_SLOT_COLUMNS = "slot sur_m sur_f given_m given_f patr_m patr_f man woman"
_SLOT_TABLE = """
CREATE SCHEMA country_load;
CREATE UNLOGGED TABLE country_load.name (
    slot int, sur_m text, sur_f text, given_m text, given_f text, patr_m text, patr_f text,
    man text, woman text
);
"""
_LOAD_TABLES = """
CREATE UNLOGGED TABLE country_load.class (
    id int, institution_id int, grade int, size int, first bigint, paper bigint,
    oblast_id int, raion_id int, hromada_id int, district_id int
);
CREATE UNLOGGED TABLE country_load.school (
    institution_id int, staff int, first bigint, primary_classes int, classes int,
    oblast_id int, raion_id int, hromada_id int, district_id int
);
"""
# Children live where they learn: the code of the school and the community it is of.
_HOMES = f"""
CREATE UNLOGGED TABLE country_load.home AS
SELECT i.institution_id AS school, i.territory_code, u.id AS unit_id
FROM registry_institution i
LEFT JOIN LATERAL ({UNIT_OF.replace("CODE", "i.territory_code")}) u ON true
"""
_LOAD_CLASS = "id institution_id grade size first paper oblast_id raion_id hromada_id district_id"
_LOAD_SCHOOL = (
    "institution_id staff first primary_classes classes oblast_id raion_id hromada_id district_id"
)
_UNIT_COLUMNS = (
    "id parent_id kind name edrpou territory_code is_active path depth oblast_id raion_id "
    "hromada_id district_id"
)
_INSTITUTION_COLUMNS = (
    "institution_id diso_id edrpou full_name short_name type ownership status founder_edrpou"
    " is_rural is_confirmed territory_code postal_code address phone email managing_body languages"
    " capacity oblast_id raion_id hromada_id district_id"
)
_STATUS_COLUMNS = "institution_id status since"
_CLASS_COLUMNS = "id institution_id school_year_id grade letter type capacity opened_on teacher_id"
_USER_COLUMNS = "id surname given_name patronymic person_code email phone created_at"
_GRANT_COLUMNS = "id user_id unit_id role duties state given_by_id created_at activated_at"
# What the trigger `place` of grants computes.
_PLACE_GRANTS = """
UPDATE accounts_grant g SET
    sort_key = uk_sort_key(concat_ws(' ', p.surname, p.given_name, nullif(p.patronymic, ''))),
    oblast_id = u.oblast_id, raion_id = u.raion_id,
    hromada_id = u.hromada_id, district_id = u.district_id
FROM accounts_user p, accounts_orgunit u WHERE p.id = g.user_id AND u.id = g.unit_id
"""


def _pupils_sql() -> str:
    return insert(
        Pupil,
        "id surname given_name patronymic sex born_on contact_status created_at institution_id"
        " class_group_id grade form enrolled_on oblast_id raion_id hromada_id district_id"
        " residence_id",
        f"""
        {uid_of(PUPIL)},
        CASE WHEN male THEN s.sur_m ELSE s.sur_f END,
        CASE WHEN male THEN g.given_m ELSE g.given_f END,
        CASE WHEN male THEN f.patr_m ELSE f.patr_f END,
        CASE WHEN male THEN 'M' ELSE 'F' END,
        make_date(2020 - grade, 9, 1) + ((h >> 40) & 8191)::int * 365 / 8192
            - CASE WHEN (h >> 53) & 127 < 16 THEN ((h >> 53) & 127)::int * 7 ELSE 0 END,
        CASE WHEN k < 3 THEN 'LOST_BOTH' ELSE 'OK' END,
        timestamptz '2026-09-01 06:00+00', institution_id, class_id, grade,
        CASE WHEN k < 140 THEN 'DISTANCE' WHEN k < 170 THEN 'FAMILY' WHEN k < 192 THEN 'EXTERNAL'
             WHEN k < 200 THEN 'PATRONAGE' ELSE 'FULL_TIME' END,
        date '2026-09-01', oblast_id, raion_id, hromada_id, district_id, home.unit_id""",
        """(
            SELECT n, h, (h & 1023) < 525 AS male, (hashint8extended(n, 2) & 1023) AS k,
                c.id AS class_id, c.grade, c.institution_id,
                c.oblast_id, c.raion_id, c.hromada_id, c.district_id
            FROM country_load.class c, generate_series(c.first, c.first + c.size - 1) n,
                LATERAL (SELECT hashint8extended(n, 1) AS h) x
            WHERE c.first {half}
        ) p
        JOIN country_load.home ON home.school = institution_id
        JOIN country_load.name s ON s.slot = (h >> 10 & 65535)
        JOIN country_load.name g ON g.slot = (h >> 26 & 65535)
        JOIN country_load.name f ON f.slot = (hashint8extended(n, 3) & 65535)""",
    )


# The head first, then deputies, then everybody else; the hash draws a person of a number.
_WORKERS = """(
    SELECT first + i AS n, i, hashint8extended(first + i, 11) AS h, s.*
    FROM country_load.school s, generate_series(0, s.staff - 1) i
    WHERE s.first {half}
) p"""


def _employees_sql() -> str:
    return insert(
        Employee,
        "id surname given_name patronymic sex born_on",
        f"""
        {uid_of(EMPLOYEE)},
        CASE WHEN male THEN s.sur_m ELSE s.sur_f END,
        CASE WHEN male THEN g.man ELSE g.woman END,
        CASE WHEN male THEN f.patr_m ELSE f.patr_f END,
        CASE WHEN male THEN 'M' ELSE 'F' END,
        date '1956-01-01' + ((h >> 40) & 16383)::int""",
        f"""(SELECT *, (h & 1023) < 143 AS male FROM {_WORKERS}) p
        JOIN country_load.name s ON s.slot = (h >> 10 & 65535)
        JOIN country_load.name g ON g.slot = (h >> 26 & 65535)
        JOIN country_load.name f ON f.slot = (hashint8extended(n, 13) & 65535)""",
    )


def _posts_sql() -> str:
    return insert(
        Post,
        "id employee_id institution_id position category starts_on sort_key"
        " oblast_id raion_id hromada_id district_id",
        f"""
        {uid_of(POST)}, e.id, institution_id,
        CASE WHEN i = 0 THEN 'HEAD'
             WHEN i <= classes / 12 THEN 'DEPUTY_TEACHING'
             WHEN i <= classes / 12 + primary_classes THEN 'TEACHER_PRIMARY'
             WHEN i < staff * 0.82 THEN 'TEACHER'
             WHEN i % 5 = 0 THEN 'TEACHER_ASSISTANT' WHEN i % 5 = 1 THEN 'PSYCHOLOGIST'
             WHEN i % 5 = 2 THEN 'LIBRARIAN' ELSE 'TECHNICAL' END,
        (ARRAY['SPECIALIST', 'SECOND', 'FIRST', 'HIGHEST'])[1 + (h >> 55 & 3)],
        date '2025-09-01', e.sort_key, oblast_id, raion_id, hromada_id, district_id""",
        f"{_WORKERS} JOIN registry_employee e ON e.id = {uid_of(EMPLOYEE)}",
    )


# What the triggers of posts keep.
_POST_COUNTS = f"""
INSERT INTO {table_of(PostCount)} ({COUNTED_BY}, posts, rates)
SELECT {COUNTED_BY}, count(*), sum(rate) FROM {table_of(Post)} GROUP BY {COUNTED_BY}
"""

# The number of a pupil is in the last twelve digits of the id; OFFSET has it read once a row, not
# once for each place where a statement names it (the representatives' took three times as long).
_NUMBERED = """(
    SELECT p.*, ('x' || right(p.id::text, 12))::bit(48)::bigint AS n FROM registry_pupil p OFFSET 0
) p"""

# The first of each class came by its order, the rest with the data the register was filled from.
_IN_CLASS = f"{_NUMBERED} JOIN country_load.class c ON c.id = class_group_id"
_BY = f"""CASE WHEN {country_work.OPENED_BY_ORDER} THEN 'ORDER' ELSE 'MIGRATED' END,
    CASE WHEN {country_work.OPENED_BY_ORDER} THEN {uid_of(ORDER, "c.paper")} END"""

# Every fifth child has the mother of another, who lives anywhere; she is known by her number.
_MOTHER = "CASE WHEN n % 5 = 4 THEN n / 2 - (n / 2 % 5 = 4)::int ELSE n END"
# РНОКПП of a woman who will be born after 2109 (aikom.demo.synthetic.codes.rnokpp).
_SERIAL = "((76702 + n / 4000) * 10000 + n % 4000 * 2)"
_WEIGHTED = " + ".join(
    f"{weight} * ({_SERIAL} / {10 ** (8 - place)} % 10)"
    for place, weight in enumerate((10, 5, 7, 9, 4, 6, 10, 5, 7))  # 10 is -1 by the modulus of 11
)
_NUMBER = f"{_SERIAL} || (({_WEIGHTED}) % 11 % 10)::text"


def _papers_sql() -> list[str]:
    shares = ", ".join(
        f"('{code}', {share}, {number})"
        for number, (code, share) in enumerate(people.CATEGORY_SHARES.items(), start=100)
    )
    return [
        # The longest first: two run at a time.
        insert(
            Guardian,
            "id surname given_name patronymic phone rnokpp",
            f"""
            n + 1, s.sur_f, g.woman, f.patr_f,
            '+38000' || lpad((n * 7368787 % 10000000)::text, 7, '0'),
            CASE WHEN n % 5 IN (2, 3) THEN {_NUMBER} END""",
            f"""{_NUMBERED}
            JOIN country_load.name s ON s.slot = (hashint8extended(n, 1) >> 10 & 65535)
            JOIN country_load.name g ON g.slot = (hashint8extended(n, 4) & 65535)
            JOIN country_load.name f ON f.slot = (hashint8extended(n, 5) & 65535)
            WHERE n % 5 <> 4""",
        ),
        insert(
            PupilCategory,
            "pupil_id code level country document issued_on origin_code studies_there starts_on",
            """
            p.id, c.code, CASE WHEN c.code = 'SEN' THEN 1 + n % 5 END,
            CASE WHEN c.code = 'ABROAD' THEN 'PL' ELSE '' END,
            CASE WHEN c.code = 'SEN' AND n % 5 > 0 THEN 'ІРЦ-' || n
                 WHEN c.code = 'IDP' THEN '2022-' || lpad((5000000000 + n)::text, 10, '0')
                 WHEN c.code NOT IN ('SEN', 'ABROAD') THEN '№ ' || n ELSE '' END,
            CASE WHEN c.code = 'IDP' OR c.code = 'SEN' AND n % 5 > 0 THEN date '2026-08-20' END,
            CASE WHEN c.code = 'IDP' THEN 'UA14140050010029262' ELSE '' END,
            CASE WHEN c.code = 'ABROAD' THEN n % 3 > 0 END, date '2026-09-01'""",
            f"""{_NUMBERED} JOIN (VALUES {shares}) c (code, share, salt)
                ON (hashint8extended(n, c.salt) & 1023) < c.share""",
        ),
        # What the trigger `traced` of profiles writes; each name is spelt once, not once a child.
        insert(
            PupilTrace,
            "pupil_id surname given_name patronymic born_on keys",
            "p.id, s.code, g.code, f.code, born_on, child_keys(s.code, g.code, f.code, born_on)",
            f"""registry_pupil p
            {
                " ".join(
                    f"JOIN (SELECT word, name_code(word) AS code FROM (SELECT DISTINCT {column} AS word"
                    f" FROM registry_pupil) w OFFSET 0) {short} ON {short}.word = p.{column}"
                    for short, column in (
                        ("s", "surname"),
                        ("g", "given_name"),
                        ("f", "patronymic"),
                    )
                )
            }""",
        ),
        insert(
            ContactState,
            "pupil_id status attempts starts_on",
            "id, contact_status, 'дзвінки 07.09 і 14.09', date '2026-09-15'",
            "registry_pupil WHERE contact_status <> 'OK'",
        ),
        # As aikom.demo.synthetic.codes.birth_certificate.
        insert(
            PupilDocument,
            "pupil_id type series number issued_by issued_on is_primary verification",
            f"""
            id, 'BIRTH_UA', 'X-' || ({_LETTERS_OF_SERIES})[1 + n / 1000000],
            lpad((n % 1000000 * 387427 % 1000000)::text, 6, '0'), 'Відділ ДРАЦС', born_on + 14,
            true, CASE WHEN n % 16 = 0 THEN 'NOT_CHECKED' ELSE 'CONFIRMED' END""",
            _NUMBERED,
        ),
        insert(
            Enrolment,
            "id pupil_id institution_id starts_on origin opened_by_id",
            f"n + 1, p.id, p.institution_id, enrolled_on, {_BY}",
            _IN_CLASS,
        ),
        insert(
            ClassPlacement,
            "id enrolment_id class_group_id form starts_on origin opened_by_id",
            f"n + 1, n + 1, class_group_id, form, enrolled_on, {_BY}",
            _IN_CLASS,
        ),
        insert(
            Guardianship,
            "pupil_id guardian_id relation starts_on ground identity_shown",
            f"id, {_MOTHER} + 1, 'MOTHER', born_on, 'свідоцтво про народження', true",
            _NUMBERED,
        ),
        insert(
            PupilAddress,
            "pupil_id kind territory_code line",
            "id, 'ACTUAL', territory_code, 'вул. Шкільна, ' || 1 + n % 140",
            f"{_NUMBERED} JOIN country_load.home ON home.school = institution_id",
        ),
        insert(
            ResidenceScope,
            "pupil_id unit_id valid_from",
            "id, residence_id, date '2026-09-01'",
            "registry_pupil WHERE residence_id IS NOT NULL",
        ),
        insert(
            NameWord,
            "kind word",
            "DISTINCT k, translate(lower(w), '''`’ʼ‘′', '')",
            """(
                SELECT 'S' AS k, surname AS w FROM registry_pupil
                UNION SELECT 'G', given_name FROM registry_pupil
            ) x""",
        ),
    ]

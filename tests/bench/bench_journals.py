"""Journals as teachers and parents use them, at two sizes: the class page, one mark, a class of twenty,
the diary of a week. Limits are those of issue 12.

In a clone of the country (`make country PUPILS=20000` is enough): two months of lessons of every eighth
school with entries in each, then of six times as many, and the same journal is measured after both. What
a page costs is told beside one bare SQL of the same rows in the same run; `…growth` is the second size
to the first.
"""

from __future__ import annotations

import datetime
import time
import types
from collections.abc import Callable, Iterator
from statistics import median

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import actors
from accounts.models import Grant
from accounts.roles import Role
from aikom.demo import journals
from journals.models import Journal
from journals.selectors import books, diary
from journals.services import entries
from journals.values import Entry
from kernel import clock
from registry.models import Pupil
from tests.bench import Result, bench, country
from tests.bench.served import visit

DATABASE = "aikom_journals_bench"
YEAR = ("2026-2027", datetime.date(2026, 9, 1), datetime.date(2027, 7, 1))
LESSONS = (datetime.date(2026, 10, 5), datetime.date(2026, 12, 1))
PERIOD = (datetime.date(2026, 9, 1), datetime.date(2026, 12, 1))
# Schools of remainder 0 have a little of everything in every country.
SIZES = ("c.institution_id % 8 = 1", "c.institution_id % 8 IN (2, 3, 4, 5, 6, 7)")
PAGE_MS, MARK_MS, DIARY_MS, STATEMENTS = 60.0, 15.0, 20.0, 12.0
SINGLE, MARKS = 300.0, 3_000.0
TIMES, SAVES, OF_CLASS = 20, 100, 20

# What the class page shows, read by one statement that knows nothing of rights, names or looks.
_BARE = """
    SELECT k.id, k.day, k.kind, k.topic, p.surname, p.given_name, x.value, x.absence, x.words
    FROM journals_column k
    JOIN registry_learning l ON l.class_group_id = %(of)s AND l.starts_on <= k.day
        AND (l.ends_on IS NULL OR l.ends_on > k.day)
    JOIN registry_pupil p ON p.id = l.pupil_id
    LEFT JOIN LATERAL (
        SELECT c.value, c.absence, c.words FROM journals_cell c
        WHERE c.institution_id = k.institution_id AND c.day = k.day AND c.column_id = k.id
          AND c.enrolment_id = l.enrolment_id
        ORDER BY c.version DESC LIMIT 1) x ON true
    WHERE k.institution_id = %(institution)s AND k.journal_id = %(journal)s
      AND k.day >= %(since)s AND k.day < %(until)s
"""


@bench("journals", unit="ms")
def measured() -> Iterator[Result]:
    """Everything at the first size and at the second, and how it grew."""
    with country.clone(DATABASE):
        call_command("collectstatic", interactive=False, verbosity=0)
        before: dict[str, float] = {}
        for size, schools in enumerate(SIZES, start=1):
            cells = _filled(schools)
            for result in _journal(_its_teachers(), size, cells):
                yield result
                name = result.name.removesuffix(f".{size}")
                if name in before and result.unit == "ms":
                    growth = result.value / before[name]
                    yield Result(growth, "times", reference=1.2, n=cells, name=f"{name}.growth")
                before[name] = result.value


def _filled(schools: str) -> int:
    """Lessons and entries of these schools; how many entries the country has then."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in journals.statements(YEAR, LESSONS, institutions=schools, act=1):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE journals_column, journals_cell")
        cursor.execute("SELECT count(*) FROM journals_cell")
        return int(cursor.fetchone()[0])


def _its_teachers() -> tuple[Grant, Journal]:
    """The journal of the fullest class of the first size, led by whoever is the school's head."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT j.id FROM journals_journal j
            JOIN journals_column k ON k.journal_id = j.id AND k.institution_id = j.institution_id
            JOIN registry_classgroup c ON c.id = j.class_group_id AND c.grade >= 5
            WHERE j.institution_id % 8 = 1 GROUP BY j.id, c.id
            ORDER BY (SELECT count(*) FROM registry_learning l WHERE l.class_group_id = c.id) DESC,
                count(*) DESC, j.id LIMIT 1
            """
        )
        journal = Journal.objects.select_related("post").get(pk=cursor.fetchone()[0])
    grant = Grant.objects.select_related("user", "unit").get(
        unit_id=journal.institution_id, role=Role.HEAD, state="ACTIVE"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        code = grant.user.person_code
        cursor.execute("UPDATE registry_employee SET rnokpp = NULL WHERE rnokpp = %s", [code])
        cursor.execute(
            """
            UPDATE registry_employee SET rnokpp = %s
            WHERE id = (SELECT employee_id FROM registry_post WHERE id = %s)
            """,
            [code, journal.post_id],
        )
    return grant, journal


def _journal(whose: tuple[Grant, Journal], size: int, cells: int) -> Iterator[Result]:
    grant, journal = whose
    actor, moment = actors.of_grant(grant), clock.moment()
    of = books.book(actor, journal.uid, moment.today)
    page = books.filled(books.shape(of, *PERIOD))
    shown = len(page.columns) * len(page.learners)

    served_by = get_wsgi_application()
    came = RequestFactory()._base_environ(
        PATH_INFO=reverse("journal", args=[journal.uid]), HTTP_COOKIE=visit(grant)
    )

    def opened() -> None:
        told: list[str] = []
        answer = served_by(dict(came), lambda status, headers: told.append(status))  # type: ignore[misc]
        b"".join(answer)
        answer.close()
        if not told[0].startswith("200"):
            raise RuntimeError(f"the class page: {told[0]}")

    yield Result(_least(opened), reference=PAGE_MS, n=shown, name=f"journals.page.{size}")
    with CaptureQueriesContext(connection) as asked:
        opened()
    said = len(asked)
    name = f"journals.page.statements.{size}"
    yield Result(said, "statements", reference=STATEMENTS, n=shown, name=name)
    bare = {"of": journal.class_group_id, "institution": journal.institution_id}
    bare |= {"journal": journal.pk, "since": PERIOD[0], "until": PERIOD[1]}

    def by_hand() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_BARE, bare)
            cursor.fetchall()

    name = f"journals.page.rows.{size}"
    reads = _least(lambda: books.filled(books.shape(of, *PERIOD)))
    yield Result(reads, reference=_least(by_hand), n=shown, name=name)

    column = [one for one in page.columns if of.refusal(one) is None][-1]
    there = [e for one in page.learners if (e := one.on(column.day)) is not None]

    def saves(number: int) -> Callable[[int], None]:
        def save(turn: int) -> None:
            marks = {(column.pk, e): Entry(value=1 + turn % 12) for e in there[:number]}
            entries.save_entries(marks, actor=actor, journal=journal.uid, seen=None, moment=moment)

        return save

    one = _each(saves(1))
    yield Result(median(one), reference=MARK_MS, n=cells, name=f"journals.mark.{size}")
    name = f"journals.mark.rate.{size}"
    yield Result(1000 * len(one) / sum(one), "per second", SINGLE, n=cells, name=name)
    many = _each(saves(OF_CLASS))
    marks = 1000 * len(many) * len(there[:OF_CLASS]) / sum(many)
    name = f"journals.class_of_20.rate.{size}"
    yield Result(marks, "per second", MARKS, n=cells, name=name)

    # Whose child it is was asked by the parents' window and is not measured here.
    pupil = Pupil.objects.get(pk=page.learners[0].pupil)
    asked_of = diary.children
    diary.children = types.SimpleNamespace(tie=lambda *_: types.SimpleNamespace(pupil=pupil))  # type: ignore[assignment]
    try:
        monday = datetime.date(2026, 11, 23)
        week = _least(lambda: diary.week(actor, pupil.pk, monday, moment.today))
    finally:
        diary.children = asked_of
    yield Result(week, reference=DIARY_MS, n=cells, name=f"journals.diary_week.{size}")


def _least(job: Callable[[], object]) -> float:
    """Milliseconds, the least of some turns: a busy machine changes it least."""
    return min(_each(lambda _: job(), TIMES))


def _each(job: Callable[[int], object], times: int = SAVES) -> list[float]:
    taken = []
    for turn in range(times + 3):
        began = time.perf_counter()
        job(turn)
        taken.append((time.perf_counter() - began) * 1000)
    return taken[3:]

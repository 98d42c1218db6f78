"""Pupils at national size: lists at every level, a table of 1,000, enrolment by the form.

Run on the country of `make country`. Reading changes nothing; the table and the form enrol about
1,100 invented children more each time.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import itertools
import multiprocessing
import random
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.db import connection, connections
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actors
from accounts.actors import Actor
from accounts.models import Grant
from accounts.roles import Role
from kernel import audit, clock
from kernel.clock import moment
from kernel.scoping import Scope
from registry.fields import labels
from registry.models import ClassGroup, Institution, Pupil, PupilDocument
from registry.movements.enrol import rows
from registry.people.selectors import facets as counts
from registry.people.selectors import lists as reads
from registry.people.selectors.filters import Filters
from tests.bench import Result, bench, country, median_ms

LEVELS = ("institution", "hromada", "oblast", "all")
ROWS = 1_000
SESSIONS = 4
EACH = 40  # children a session enrols by the form
WARM = 2  # first ones, not counted: imports, plans, templates
CONSONANTS, VOWELS = "бвгджзклмнпрстхш", "аеиоу"
NAMES = ("Іван", "Марко", "Тарас", "Остап", "Дмитро", "Лук'ян", "Юрій", "Северин", "Захар", "Павло")
MOTHERS = ("Любов", "Ганна", "Олена", "Віра", "Світлана", "Дарина", "Орися", "Зоряна", "Ніна")
DAUGHTERS = ("Романівна", "Іванівна", "Павлівна", "Юріївна", "Львівна", "Максимівна", "Гнатівна")
PATRONYMICS = ("Петрович", "Олегович", "Ігорович", "Назарович", "Якович", "Степанович", "Львович")


@contextlib.contextmanager
def _database_time() -> Iterator[list[float]]:
    """Milliseconds spent in the database by reads; the note of who looked is counted apart."""
    spent = [0.0]

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            if not sql.lstrip().startswith("INSERT"):
                spent[0] += (time.perf_counter() - began) * 1000

    with connection.execute_wrapper(timed):
        yield spent


def _actor(level: str) -> tuple[Actor, int]:
    """Somebody who lists pupils at a level, and the compact id of the node."""
    school = (
        Institution.objects.filter(hromada_id__isnull=False, district_id=None)
        .order_by("-unit_id")
        .values_list("unit_id", "hromada_id", "oblast_id")[500]
    )
    keys = {"institution": school[0], "hromada": school[1], "oblast": school[2], "all": 0}
    role = {
        "institution": Role.HEAD,
        "hromada": Role.HROMADA_ADMIN,
        "oblast": Role.OBLAST_ADMIN,
        "all": Role.ANALYST,
    }[level]
    scope = Scope(level, (keys[level],)) if level != "all" else Scope("all")
    actor = Actor(
        user_id=None,
        grant_id=None,
        role=role,
        unit_id=keys[level],
        unit_path="",
        unit_name="",
        label="вимірювання",
        scope=scope,
    )
    return actor, keys[level]


def _least(act: Callable[[], Any], times: int = 25) -> float:
    """The least of the database's milliseconds over some runs, after one warm run: the others
    hold whatever else the machine was doing."""
    act()
    taken = []
    for _ in range(times):
        with _database_time() as spent:
            act()
        taken.append(spent[0])
    return min(taken)


def _raw(actor: Actor, key: int) -> float:
    """The same page by one hand-written statement."""
    column = {
        "institution": "institution_id",
        "hromada": "hromada_id",
        "oblast": "oblast_id",
        "all": "",
    }[actor.scope.level]
    named = actor.scope.level in {"institution", "hromada"}
    where = f"{column} = {key}" if column else "institution_id IS NOT NULL"
    order = "sort_key, id" if named else "id"
    sql = (
        "SELECT id, surname, given_name, patronymic, sex, born_on, rnokpp, rnokpp_state, institution_id,"
        f" class_group_id, grade, form, enrolled_on, sort_key FROM registry_pupil WHERE {where}"
        f" ORDER BY {order} LIMIT 101"
    )

    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.fetchall()

    return _least(run)


@bench("pupils.list", unit="ms in the database")
def lists() -> Iterator[Result]:
    """A page of 100 at each level ÷ the bare statement; all queries of the page; last ÷ first."""
    country.use()
    today = clock.today()
    first: dict[str, float] = {}
    with _no_looks():
        for level in LEVELS:
            actor, key = _actor(level)
            filters = Filters()
            page = _least(lambda a=actor, f=filters: reads.listing(a, f, today=today))
            only = _least(lambda a=actor, f=filters: _page_query(a, f))
            first[level] = only
            yield Result(only, reference=_raw(actor, key), n=100, name=f"pupils.list.{level}")
            yield Result(page, n=100, name=f"pupils.list.{level}.every_query")
            mark = _far_mark(actor)
            last = _least(lambda a=actor, f=filters, m=mark: _page_query(a, f, m))
            yield Result(last, reference=only, n=100, name=f"pupils.list.{level}.last_page")
            whole = median_ms(lambda a=actor, f=filters: reads.listing(a, f, today=today), times=15)
            yield Result(whole.value, "ms with names made", n=100, name=f"pupils.list.{level}.made")
    yield Result(
        first["all"], reference=first["institution"], name="pupils.list.ministry_to_school"
    )


@contextlib.contextmanager
def _no_looks() -> Iterator[None]:
    """Reading for a measurement is nobody's look."""
    token = audit._looks.set([])
    try:
        yield
    finally:
        audit._looks.reset(token)


def _page_query(actor: Actor, filters: Filters, mark: str | None = None) -> None:
    from kernel.paging import keyset

    named = actor.scope.level in {"institution", "hromada"}
    queryset = reads._matching(actor, filters, {}, named=named, today=clock.today())
    keyset(
        queryset.values(*reads._LINE),
        order=("sort_key", "id") if named else ("id",),
        size=reads.PAGE,
        before=mark,
    )


def _far_mark(actor: Actor) -> str:
    """The mark before which the last page lies."""
    from kernel.paging import encode

    end = "ffffffff-ffff-ffff-ffff-ffffffffffff"
    return encode(("~", end) if actor.scope.level in {"institution", "hromada"} else (end,))


@bench("pupils.facets", unit="ms in the database")
def facets() -> Result:
    """Counts of every filter of one school."""
    country.use()
    actor, _ = _actor("institution")
    return Result(_least(lambda: counts.facets(actor, Filters(), today=clock.today())), n=1)


# ── a table of a thousand ────────────────────────────────────────────────────
def _child(number: int, label: str) -> dict[str, str]:
    # All is drawn by the number: children who are much alike would be doubted as one.
    drawn = random.Random(number)
    word = "".join(drawn.choice(CONSONANTS) + drawn.choice(VOWELS) for _ in range(5))
    born = datetime.date(2015, 9, 1) + datetime.timedelta(days=drawn.randrange(360))
    return {
        "surname": f"{word.capitalize()}ко",
        "given_name": drawn.choice(NAMES),
        "patronymic": drawn.choice(PATRONYMICS),
        "born_on": f"{born:%d.%m.%Y}",
        "sex": "М",
        "document": f"XII-ЩЩ {number % 1_000_000:06d}",
        "class": label,
        "relation": "мати",
        "applicant": f"{word.capitalize()}ко {drawn.choice(MOTHERS)} {drawn.choice(DAUGHTERS)}",
        "phone": f"(067) {drawn.randrange(100, 1000)}-{drawn.randrange(10, 100)}-{drawn.randrange(10, 100)}",
    }


@bench("pupils.rules", unit="s")
def rules() -> Result:
    """The rules of cells alone over 1,000 rows; the limit is half a second."""
    classes = labels.Classes([labels.ClassRef(1, 5, "А")], "2026-2027")
    frame = rows.Frame(datetime.date(2026, 11, 22), datetime.date(2026, 9, 1), classes)
    table = [_child(n, "5-А") for n in range(ROWS)]
    began = time.perf_counter()
    for row in table:
        rows.check(row, frame)
    return Result(time.perf_counter() - began, reference=0.5, n=ROWS)


def _schools(count: int) -> list[tuple[Grant, ClassGroup]]:
    """Heads of schools with a class of the fifth parallel, a code of their own, and pupils for a
    whole page."""
    full = Pupil.objects.exclude(institution=None).values("institution_id").annotate(n=Count("id"))
    groups = (
        ClassGroup.objects.filter(grade=5, institution__edrpou__isnull=False, closed_on=None)
        .filter(institution_id__in=full.filter(n__gte=120).values("institution_id"))
        .select_related("institution")
        .order_by("institution_id", "letter")[:4000]
    )
    found = []
    seen: set[int] = set()
    for group in groups:
        if group.institution_id in seen:
            continue
        seen.add(group.institution_id)
        grant = (
            Grant.objects.filter(unit_id=group.institution_id, role=Role.HEAD, state="ACTIVE")
            .select_related("user", "unit")
            .first()
        )
        if grant is not None:
            found.append((grant, group))
        if len(found) == count:
            break
    return found


def _key(grant: Grant, edrpou: str) -> tuple[Any, Any]:
    from signatures.demo.authority import stored

    return stored().issue_person(
        full_name=grant.user.full_name,
        surname=grant.user.surname,
        given_name=grant.user.given_name,
        rnokpp=grant.user.person_code,
        edrpou=edrpou,
        organisation=grant.unit.name,
        title="керівник",
        kind="employee",
        at=timezone.now() - datetime.timedelta(days=1),
    )


def _sign(order: Any, key: tuple[Any, Any]) -> bytes:
    from signatures.demo.signing import sign_cms
    from signatures.models import SigningSession

    manifest = bytes(SigningSession.objects.get(pk=order.signing_id).content)
    return sign_cms(manifest, *key, signing_time=timezone.now())


@bench("pupils.table", unit="s")
def table_of_a_thousand() -> Iterator[Result]:
    """1,000 rows: validated and saved (≤ 2 s), the order formed, made effective by one signature
    (≤ 2 s after it)."""
    from registry.drafts import services as drafts
    from registry.orders import services as orders

    country.use()
    ((grant, group),) = _schools(1)
    actor = actors.of_grant(grant)
    base = random.SystemRandom().randrange(1_000, 900_000)
    children = [_child(base + n, group.label) for n in range(ROWS)]
    today = clock.today()
    began = time.perf_counter()
    draft = drafts.start(
        actor=actor,
        process="enrol",
        institution_id=group.institution_id,
        rows=children,
        moment=moment(),
    )
    yield Result(time.perf_counter() - began, reference=2.0, n=ROWS, name="pupils.table.validated")
    began = time.perf_counter()
    drafts.check_again(actor=actor, draft_id=draft.pk, moment=moment())
    yield Result(time.perf_counter() - began, reference=2.0, n=ROWS, name="pupils.table.checked")
    row = draft.rows.first()
    one = median_ms(
        lambda: drafts.save_row(
            actor=actor,
            draft_id=draft.pk,
            row_id=row.id,
            version=draft.rows.get(pk=row.id).version,
            values={"phone": f"067{random.randrange(10**6, 10**7)}"},
            moment=moment(),
        ),
        times=9,
    )
    yield Result(one.value, "ms", n=ROWS, name="pupils.table.one_cell_saved")
    began = time.perf_counter()
    order = orders.prepare(
        actor=actor,
        draft_id=draft.pk,
        fields=_terms(base, today),
        moment=moment(),
    )
    yield Result(time.perf_counter() - began, n=order.rows_count, name="pupils.table.order_formed")
    cms = _sign(order, _key(grant, group.institution.edrpou))
    began = time.perf_counter()
    orders.sign(actor=actor, order_id=order.pk, cms=cms, moment=moment())
    yield Result(
        time.perf_counter() - began,
        reference=2.0,
        n=order.rows_count,
        name="pupils.table.effective",
    )
    Pupil.objects.filter(order_rows__order=order).count()


@bench("pupils.transferred", unit="s")
def transfers() -> Iterator[Result]:
    """1,000 children of other schools: a table of their documents judged (≤ 3 s), the order formed,
    in effect after the signature (≤ 3 s), the sending schools asked."""
    from registry.drafts import services as drafts
    from registry.orders import services as orders

    country.use()
    ((grant, group),) = _schools(1)
    actor, now = actors.of_grant(grant), moment()
    papers = (
        PupilDocument.objects.filter(type="BIRTH_UA", is_primary=True)
        .filter(pupil__grade=5, pupil__enrolled_on__lt=now.today)
        .exclude(pupil__institution=group.institution)
        .order_by("pk")
        .values_list("series", "number", "pupil__born_on")
    )
    day = f"{now.today:%d.%m.%Y}"
    children = [
        {
            "document": f"{series} {number}",
            "born_on": f"{born_on:%d.%m.%Y}",
            "class": group.label,
            "relation": "мати",
            "applicant": "Вимірна Любов Романівна",
            "phone": "(067) 853-16-16",
            "applied_on": day,
        }
        for series, number, born_on in papers[:ROWS]
    ]
    began = time.perf_counter()
    draft = drafts.start(
        actor=actor,
        process="transfer",
        institution_id=group.institution_id,
        rows=children,
        moment=now,
    )
    taken = time.perf_counter() - began
    yield Result(taken, reference=3.0, n=len(children), name="pupils.transferred.validated")
    began = time.perf_counter()
    terms = _terms(random.SystemRandom().randrange(10**8), now.today)
    order = orders.prepare(actor=actor, draft_id=draft.pk, fields=terms, moment=now)
    yield Result(
        time.perf_counter() - began, n=order.rows_count, name="pupils.transferred.order_formed"
    )
    cms = _sign(order, _key(grant, group.institution.edrpou))
    began = time.perf_counter()
    orders.sign(actor=actor, order_id=order.pk, cms=cms, moment=moment())
    taken = time.perf_counter() - began
    yield Result(taken, reference=3.0, n=order.rows_count, name="pupils.transferred.effective")


@bench("pupils.moved", unit="s")
def moved_within() -> Iterator[Result]:
    """Up to 1,000 children of the largest school to an individual form by one order: chosen and
    judged, filled in and judged (≤ 3 s), in effect after the signature (≤ 3 s)."""
    from registry.drafts import services as drafts
    from registry.orders import services as orders

    country.use()
    largest = (
        Pupil.objects.filter(institution__edrpou__isnull=False, form="FULL_TIME")
        .filter(enrolled_on__lt=clock.today())
        .values("institution_id")
        .annotate(n=Count("id"))
        .order_by("-n")[0]["institution_id"]
    )
    grant = Grant.objects.filter(unit_id=largest, role=Role.HEAD, state="ACTIVE")[0]
    institution = Institution.objects.get(pk=largest)
    actor, now = actors.of_grant(grant), moment()
    pupils = Pupil.objects.filter(institution=largest, form="FULL_TIME", enrolled_on__lt=now.today)
    keys = [str(pk) for pk in pupils.values_list("pk", flat=True)[:ROWS]]
    draft = drafts.start(
        actor=actor, process="individual", institution_id=largest, rows=[], moment=now
    )
    began = time.perf_counter()
    drafts.choose(actor=actor, draft_id=draft.pk, keys=keys, moment=now)
    yield Result(time.perf_counter() - began, n=len(keys), name="pupils.moved.chosen")
    began = time.perf_counter()
    for column, value in (("form", "Сімейна (домашня)"), ("document", "заява")):
        drafts.fill_column(actor=actor, draft_id=draft.pk, column=column, value=value, moment=now)
    taken = time.perf_counter() - began
    yield Result(taken, reference=3.0, n=len(keys), name="pupils.moved.validated")
    began = time.perf_counter()
    number = f"п-{random.SystemRandom().randrange(10**8)}"
    terms = _terms(0, now.today) | {"number": number}
    order = orders.prepare(actor=actor, draft_id=draft.pk, fields=terms, moment=now)
    yield Result(time.perf_counter() - began, n=order.rows_count, name="pupils.moved.order_formed")
    cms = _sign(order, _key(grant, institution.edrpou))
    began = time.perf_counter()
    orders.sign(actor=actor, order_id=order.pk, cms=cms, moment=moment())
    taken = time.perf_counter() - began
    yield Result(taken, reference=3.0, n=order.rows_count, name="pupils.moved.effective")


def _terms(number: int, today: datetime.date) -> dict[str, str]:
    return {
        "number": f"{number}-в",
        "issued_on": f"{today:%d.%m.%Y}",
        "effective_on": f"{today:%d.%m.%Y}",
        "ground": "заяви",
        "identity_shown": "on",
    }


# ── the form ─────────────────────────────────────────────────────────────────
def _session(place: int, grant_id: int, group_id: int, base: int, meet: Any, answers: Any) -> None:
    """One head at the form: two requests a child. Keys sign on the heads' own computers, so
    signatures are made between the two halves, while nobody measures."""
    import aikom.wsgi  # noqa: F401 - what was imported is left out of garbage collection, as served
    from registry.models import Order
    from tests.world import sign_in

    for one in connections.all():
        one.connection = None  # the parent's socket is not ours
    grant = Grant.objects.select_related("user", "unit").get(pk=grant_id)
    group = ClassGroup.objects.select_related("institution").get(pk=group_id)
    key = _key(grant, group.institution.edrpou)
    client = Client()
    sign_in(client, grant)

    def post(address: str, **values: str) -> Any:
        # As browsers send a form without files.
        answer = client.post(
            address, urlencode(values), content_type="application/x-www-form-urlencoded"
        )
        if answer.status_code != 303:
            said = re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())
            raise RuntimeError(f"{address} answered {answer.status_code}: {said[:4000]}")
        return answer

    def begin(child: int) -> str:
        answer = post(reverse("draft_one"), **_child(child, group.label), **_terms(child, today))
        return str(answer["Location"].rstrip("/").rpartition("/")[2])

    def sign(order: str, signature: str) -> None:
        post(reverse("order_sign", args=[order]), signature=signature)

    def signature(order: str) -> str:
        return base64.b64encode(_sign(Order.objects.get(pk=order), key)).decode()

    today = clock.today()
    first = base + place * (EACH + WARM)
    for child in range(first, first + WARM):
        order = begin(child)
        sign(order, signature(order))
    meet.wait()
    began, used = time.perf_counter(), time.process_time()
    orders = [begin(child) for child in range(first + WARM, first + WARM + EACH)]
    served, worked = time.perf_counter() - began, time.process_time() - used
    meet.wait()
    signed = [(order, signature(order)) for order in orders]
    meet.wait()
    began, used = time.perf_counter(), time.process_time()
    for pair in signed:
        sign(*pair)
    served += time.perf_counter() - began
    answers.put((served, worked + time.process_time() - used))


@bench("pupils.form", unit="children per second")
def form() -> Iterator[Result]:
    """Children enrolled by the form from four sessions at once, at least 60 a second; and the
    processor time of the web processes for one child, which a busy machine changes less."""
    country.use()
    schools = [(grant.pk, group.pk) for grant, group in _schools(SESSIONS)]
    base = random.SystemRandom().randrange(1_000, 900_000)
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    answers, meet = fork.Queue(), fork.Barrier(SESSIONS)
    sessions = [
        fork.Process(target=_session, args=(place, *school, base, meet, answers))
        for place, school in enumerate(itertools.islice(schools, SESSIONS))
    ]
    for one in sessions:
        one.start()
    try:
        told = [answers.get(timeout=120) for _ in sessions]
    finally:  # one that failed has said why; the others wait for it
        for one in sessions:
            one.terminate()
            one.join()
    made = SESSIONS * EACH
    yield Result(made / max(served for served, _ in told), reference=60.0, n=made)
    worked = sum(worked for _, worked in told)
    yield Result(worked * 1000 / made, "ms", n=made, name="pupils.form.processor")

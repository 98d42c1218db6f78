"""What a command promises: an act of its own transaction, a day of Kyiv, «зайнято» within seconds."""

import contextlib
import datetime
import re
import threading
from functools import partial

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Concat
from django.test import Client
from django.urls import reverse

from accounts import actors
from accounts.models import User
from aikom.settings import base
from kernel import audit, clock
from kernel.audit import rights
from kernel.audit.models import Act, Change
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import Busy
from registry.models import Enrolment, Pupil
from registry.tasks import turn_enrolments
from tests.kit import acts
from tests.kit.racing import together
from tests.kit.waiting import LONG
from tests.world import sign_in

SYSTEM = actors.system("перевірка")


@command
def change(*, actor, ground: str = "", moment: Moment | None = None) -> int:
    acts.noted()
    User.objects.filter(person_code="7146711424").update(email="b@example.com")
    return audit.current_act().id


# ── the act ──────────────────────────────────────────────────────────────────
def test_an_act_of_another_transaction_opens_nothing(transactional_db, world):
    old = change(actor=SYSTEM)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('aikom.act', %s, true)", [str(old)])
        with pytest.raises(DatabaseError, match="No act is open"), transaction.atomic():
            cursor.execute("UPDATE accounts_user SET email = 'c@example.com'")


def test_each_row_of_a_statement_is_kept_beside_its_own_image(world):
    @command
    def rewrite(*, actor, ids):
        acts.noted()
        User.objects.filter(id__in=ids).update(email=Concat("email", "person_code"))

    before = {str(pk): email for pk, email in User.objects.values_list("id", "email")}
    for ids in (list(before)[:1], list(before)[1:]):  # a plan made for one row serves many
        rewrite(actor=SYSTEM, ids=ids)
    kept = Change.objects.filter(resource="accounts.user", op="U")
    assert {pk: old["email"] for pk, old in kept.values_list("row_pk", "old")} == before


def test_a_derived_column_leaves_a_mark_only_where_the_row_changes_hands(world):
    """A regraded class shows on its pupils' rows and makes no version of them; an enrolment that is
    taken back leaves one mark for whoever loses the child from view."""
    ivan = world.pupils["ivan"]

    @command
    def mirror(*, actor, **fields):
        acts.noted()
        Pupil.objects.filter(pk=ivan.pk).update(**fields)
        return audit.current_act().id

    def of(act):
        return [*Change.objects.filter(act_id=act).values_list("op", "unit_old", "unit_new", "old")]

    assert of(mirror(actor=SYSTEM, grade=9)) == []
    assert of(mirror(actor=SYSTEM, institution=None)) == [("M", ivan.institution_id, None, None)]
    ((op, *_, old),) = of(mirror(actor=SYSTEM, surname="Іншенко", grade=8))
    assert (op, old["surname"], old["grade"]) == ("U", ivan.surname, 9)


def test_an_event_of_another_transaction_is_refused(transactional_db, world):
    old = change(actor=SYSTEM)
    with (
        pytest.raises(DatabaseError, match="not of this transaction"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO audit_event (act_id, at, code, version, subject_type, subject_id, payload)"
            " SELECT id, at, 'tests.late', 1, 'x', '1', '{}' FROM audit_act WHERE id = %s",
            [old],
        )


def test_an_act_tells_its_ground_its_moment_and_who(world):
    moment = Moment(
        datetime.datetime(2026, 9, 1, 21, 30, tzinfo=datetime.UTC), datetime.date(2026, 9, 2)
    )
    act = Act.objects.get(pk=change(actor=SYSTEM, ground="наказ № 7", moment=moment))
    assert (act.ground, act.now, act.today) == ("наказ № 7", moment.now, moment.today)
    assert act.principal_kind == "SYSTEM"

    @command(ground=lambda *, actor, number: f"наказ № {number}")
    def by_order(*, actor, number):
        acts.noted()
        return audit.current_act().id

    assert Act.objects.get(pk=by_order(actor=SYSTEM, number=8)).ground == "наказ № 8"


def test_a_change_that_nobody_told_of_is_refused_and_undone(world):
    @command
    def silently(*, actor):
        User.objects.update(email="d@example.com")

    with pytest.raises(RuntimeError, match="recorded no event"):
        silently(actor=SYSTEM)
    assert not User.objects.filter(email="d@example.com").exists()


# ── the day ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("utc", "kyiv"),
    [
        ("2026-11-29T22:10", "2026-11-30"),  # 00:10 in winter
        ("2026-11-29T21:59", "2026-11-29"),
        ("2026-03-28T22:10", "2026-03-29"),  # the night summer time begins
        ("2026-03-29T21:10", "2026-03-30"),  # and the next: an hour earlier
        ("2026-10-24T21:10", "2026-10-25"),  # the night it ends
        ("2026-10-25T21:30", "2026-10-25"),
        ("2028-02-28T22:10", "2028-02-29"),
        ("2028-02-29T22:10", "2028-03-01"),
    ],
)
def test_the_legal_day_is_kyivs(utc, kyiv):
    instant = datetime.datetime.fromisoformat(utc).replace(tzinfo=datetime.UTC)
    assert clock.day_of(instant).isoformat() == kyiv


@pytest.mark.parametrize("midnight", ["2026-11-29T22:10", "2026-10-20T21:10", "2028-02-28T22:10"])
def test_a_child_whose_period_ended_is_off_the_roll_ten_minutes_after_midnight(
    world, time_machine_at, midnight
):
    now = datetime.datetime.fromisoformat(midnight).replace(tzinfo=datetime.UTC)
    ends = clock.day_of(now)
    ivan = world.pupils["ivan"]

    @command
    def end(*, actor, now):
        acts.noted()
        Enrolment.objects.filter(pupil=ivan).update(ends_on=ends)

    end(actor=SYSTEM, now=now - datetime.timedelta(hours=12))
    assert Pupil.objects.get(pk=ivan.pk).institution_id is not None, "his last day"
    time_machine_at(now)
    turn_enrolments()
    assert Pupil.objects.get(pk=ivan.pk).institution_id is None


@pytest.fixture
def time_machine_at():
    import time_machine

    with contextlib.ExitStack() as stack:
        yield lambda now: stack.enter_context(time_machine.travel(now, tick=True))


def test_the_day_is_not_guessed_outside_acts(world):
    with pytest.raises(DatabaseError, match="the day is not known"), connection.cursor() as cursor:
        cursor.execute("SELECT aikom_today()")


# ── contention ───────────────────────────────────────────────────────────────
@contextlib.contextmanager
def somebody_holds(sql: str):
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            held.set()
            done.wait(LONG)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(LONG)
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.fixture
def impatient(transactional_db, world):
    """The test's own connection waits for locks as long as the product's do, and no longer."""
    (limit,) = re.findall(r"lock_timeout=(\d+)ms", base.DATABASE_LIMITS)
    assert int(limit) <= 3000
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {limit}")
    yield world
    connection.close()


def test_a_row_held_by_others_is_told_as_busy_within_three_seconds(impatient):
    with (
        somebody_holds("SELECT 1 FROM accounts_user FOR UPDATE"),
        pytest.raises(Busy),
    ):
        change(actor=SYSTEM)
    change(actor=SYSTEM)


def test_two_who_wait_for_each_other_are_parted_and_one_is_told_busy(transactional_db, world):
    meet = threading.Barrier(2, timeout=LONG)

    @command
    def both(*, actor, order):
        acts.noted()
        for place, code in enumerate(order):
            User.objects.filter(person_code=code).update(email=f"{place}@example.com")
            if not place:
                meet.wait()

    pair = ["7146711424", "7146712113"]
    told = together(*(partial(both, actor=SYSTEM, order=order) for order in (pair, pair[::-1])))
    assert sorted(told) == ["busy", "done"]


def test_a_page_of_a_busy_row_says_when_to_come_again(impatient):
    client = Client()
    sign_in(client, impatient.grants["olena"])
    with somebody_holds("LOCK TABLE accounts_usersession IN EXCLUSIVE MODE"):
        answer = client.post(reverse("sign_out"))
    assert answer.status_code == 503
    assert answer["Retry-After"] == "2"
    assert "Зайнято" in answer.content.decode()


# ── the application's role ───────────────────────────────────────────────────
@pytest.fixture
def as_application(transactional_db, world):
    """The suite's own connection, as the role that web and worker have."""
    assert rights.grant()
    connection.close()
    before = connection.settings_dict["USER"]
    connection.settings_dict["USER"] = rights.ROLE
    try:
        yield world
    finally:
        connection.close()
        connection.settings_dict["USER"] = before


def test_the_application_works_as_a_role_that_owns_nothing(as_application):
    change(actor=SYSTEM)
    client = Client()
    sign_in(client, as_application.grants["olena"])
    assert client.get("/").status_code == 200
    from kernel.audit import outbox, partitions, services

    assert outbox.settle()
    assert services.seal()
    partitions.make_ahead()
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


def test_the_application_cannot_touch_what_was_written(as_application):
    tables = [name for name in rights.log_tables() if name.startswith("audit_")]
    assert {"audit_act", "audit_event", "audit_change", "audit_settled", "audit_seal"} <= {*tables}
    for table in tables:
        column = "seq" if table == "audit_settled" else "id"
        for statement in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"DROP TABLE {table}",
        ):
            with pytest.raises(DatabaseError) as refused, connection.cursor() as cursor:
                cursor.execute(statement)
            assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_the_application_cannot_lift_the_rules_or_name_another_act(as_application):
    old = change(actor=SYSTEM)
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('aikom.act', %s, true)", [str(old)])
        # Nor does the switch of the library that installs triggers pass history by.
        cursor.execute(
            "SELECT set_config('pgtrigger.ignore', array_agg(tgname)::text, true) FROM pg_trigger"
        )
        with pytest.raises(DatabaseError, match="No act is open"), transaction.atomic():
            cursor.execute("UPDATE accounts_user SET email = 'c@example.com'")


def test_a_look_noted_inside_a_command_does_not_hurry_its_commit(world):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = 'on'")
        audit.write_looks([audit.Look(world.actor("olena"), "registry.pupil", ["1"], "тест")])
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)

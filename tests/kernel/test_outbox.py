"""The settled log: dense, whole, in order for each row, and told at least once, whoever is killed."""

import subprocess
import sys
import threading
from collections.abc import Sequence

import pytest
from django.conf import settings
from django.db import connection

from accounts import actors
from accounts.models import User
from kernel.audit import outbox
from kernel.audit.outbox import Settled
from kernel.db import command
from tests.kernel.rivals import RENAMES, Copy, be_born, rename, rows, until
from tests.kit import acts
from tests.kit.waiting import LONG

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def consumers(monkeypatch: pytest.MonkeyPatch) -> dict[str, outbox.Consumer]:
    """Only the test's own consumers."""
    alone: dict[str, outbox.Consumer] = {}
    monkeypatch.setattr(outbox, "consumers", alone)
    return alone


@pytest.mark.slow
def test_whoever_is_killed_nothing_is_lost_twice_or_out_of_order(consumers) -> None:
    be_born(actor=actors.system("перевірка"))
    copy = Copy()
    subprocess.run(
        [sys.executable, "-m", "tests.kernel.rivals", connection.settings_dict["NAME"]],
        cwd=settings.BASE_DIR, check=True, timeout=3 * LONG,
    )  # fmt: skip
    alive = (
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
        " AND pid <> pg_backend_pid()"
    )
    until(lambda: not rows(alive))  # transactions of the dead are over
    outbox.settle()

    ((count, first, last),) = rows("SELECT count(*), min(seq), max(seq) FROM audit_settled")
    assert (first, last) == (1, count), "dense"
    assert rows("SELECT count(*) FROM audit_act") == rows(
        "SELECT count(DISTINCT act_id) FROM audit_settled WHERE kind = 'A'"
    )
    for kind, table in (("E", "audit_event"), ("C", "audit_change")):
        assert rows(f"SELECT id FROM {table} ORDER BY id") == rows(
            f"SELECT item_id FROM audit_settled WHERE kind = '{kind}' ORDER BY item_id"
        ), f"each once: {table}"
    images = rows(
        "SELECT c.row_pk, c.op, c.old ->> 'surname' FROM audit_settled s JOIN audit_change c"
        " ON s.kind = 'C' AND c.id = s.item_id WHERE c.resource = 'accounts.user' ORDER BY s.seq"
    )
    seen: dict[str, int] = {}
    for pk, op, old in images:
        if op == "U":
            assert int(old if old.isdigit() else 0) == seen[pk], "each row in its own order"
        seen[pk] = seen.get(pk, -1) + 1
    assert sum(seen.values()) >= RENAMES
    outbox.register(copy)
    outbox.replay(copy.name)
    outbox.drain()
    assert copy.rows == {str(user.pk): user.surname for user in User.objects.all()}
    assert copy.told == sorted(set(copy.told))


def test_a_long_act_holds_nobody_back_and_comes_in_the_turn_of_its_end() -> None:
    be_born(actor=actors.system("перевірка"))
    outbox.settle()
    begun, hold = threading.Event(), threading.Event()

    @command
    def slowly(*, actor: actors.Actor) -> None:
        acts.noted(77)
        begun.set()
        hold.wait(LONG)

    def go() -> None:
        slowly(actor=actors.system("довга дія"))
        connection.close()

    thread = threading.Thread(target=go)
    thread.start()
    assert begun.wait(LONG)
    rename(actor=actors.system("швидка"), numbers=[1], pause=0)
    assert outbox.settle() == 3, "the act, its event and its change"
    hold.set()
    thread.join()
    assert outbox.settle() == 2
    assert outbox.settle() == 0


def test_a_poison_item_stops_its_consumer_alone_and_what_was_before_it_goes_through(
    consumers,
) -> None:
    class Picky(Copy):
        name = "tests.picky"
        angry = True

        def take(self, batch: Sequence[Settled]) -> None:
            if self.angry and any(
                item.event == acts.Changed(subject="1", number=3) for item in batch
            ):
                raise ValueError("not this one")
            super().take(batch)

    be_born(actor=actors.system("перевірка"))
    for number in range(1, 5):
        rename(actor=actors.system("перевірка"), numbers=[number], pause=0)
    picky, calm = Picky(), Copy()
    outbox.register(picky)
    outbox.register(calm)
    for _ in range(12):  # each failure halves the batch, until the item stands alone
        with connection.cursor() as cursor:
            cursor.execute("UPDATE audit_cursor SET retry_at = NULL")
        outbox.drain()
    lag = {one.name: one for one in outbox.lags()}
    assert (lag["tests.copy"].behind, lag["tests.copy"].failures) == (0, 0)
    assert lag["tests.picky"].behind
    assert lag["tests.picky"].failures
    assert "not this one" in lag["tests.picky"].error
    assert len(picky.told) > 3, "the good ones before it went through"
    waiting = len(picky.told)
    outbox.drain()
    assert len(picky.told) == waiting, "it rests until its next try"
    picky.angry = False
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_cursor SET retry_at = NULL")
    outbox.drain()
    assert picky.told == calm.told


def test_derived_columns_make_no_versions_and_a_move_to_another_view_leaves_a_mark(world) -> None:
    ivan, other = world.pupils["ivan"], world.institutions["school2"]

    @command
    def mirror(*, actor: actors.Actor) -> None:
        acts.noted()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE registry_pupil SET grade = 6 WHERE id = %s", [ivan.pk])
            cursor.execute(
                "UPDATE registry_pupil SET institution_id = %s WHERE id = %s", [other.pk, ivan.pk]
            )

    mirror(actor=actors.system("перевірка"))
    told = rows(
        "SELECT op, unit_old, unit_new, old IS NULL FROM audit_change"
        f" WHERE resource = 'registry.pupil' AND row_pk = '{ivan.pk}' ORDER BY id DESC LIMIT 1"
    )
    assert told == [("M", ivan.institution_id, other.pk, True)]
    ((count,),) = rows(f"SELECT count(*) FROM audit_change WHERE row_pk = '{ivan.pk}' AND op = 'U'")
    assert count == 0


def test_a_row_of_a_month_nobody_made_is_kept_and_moves_when_the_month_is_made() -> None:
    be_born(actor=actors.system("перевірка"))
    ((part,),) = rows("SELECT tableoid::regclass::text FROM audit_change LIMIT 1")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE audit_change DETACH PARTITION {part}")
        cursor.execute(f"DROP TABLE {part}")
    rename(actor=actors.system("перевірка"), numbers=[1, 2], pause=0)
    assert rows("SELECT count(*) FROM audit_change_rest") == [(2,)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_make_partitions(3)")
    assert rows("SELECT count(*) FROM audit_change_rest") == [(0,)]
    assert rows(f"SELECT count(*) FROM {part}") == [(2,)]

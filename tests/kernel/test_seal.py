"""The chain of acts: whatever was sealed shows any later edit (design.md §3.5)."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts import actors
from kernel.audit import outbox, services
from kernel.audit.models import Act, EventRow, Seal
from kernel.audit.tasks import seal as seal_task
from kernel.db import command
from tests.kit.acts import noted
from tests.kit.racing import together
from tests.kit.waiting import LONG

pytestmark = pytest.mark.django_db(transaction=True)


@command
def happen(*, actor: actors.Actor, number: int) -> None:
    noted(number)


@pytest.fixture(autouse=True)
def from_zero(transactional_db: None) -> None:
    """Without the acts that migrations carried out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE audit_event, audit_change, audit_settled, audit_act, audit_seal, audit_outbox"
        )


def acts(count: int) -> None:
    for number in range(count):
        happen(actor=actors.system("перевірка"), number=number)


def seal() -> list[services.Link]:
    """Settle, then seal."""
    outbox.settle()
    return services.seal()


def tamper(sql: str) -> None:
    """Edit as somebody with the whole database in their hands would."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_acts_are_sealed_once_each_into_one_chain() -> None:
    acts(3)
    seal()
    acts(2)
    seal()
    first, second = Seal.objects.order_by("id")
    assert bytes(second.previous) == bytes(first.digest)
    assert bytes(first.previous) == services.GENESIS
    found = services.verify()
    assert (found.links, found.acts, found.unsealed, found.breaks) == (2, 5, 0, ())
    assert seal() == []


def test_a_long_queue_is_sealed_in_links_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BATCH", 2)
    acts(5)
    assert [link.acts for link in seal()] == [2, 2, 1]
    assert services.verify().breaks == ()


def test_an_act_waits_until_it_is_settled() -> None:
    acts(1)
    assert services.seal() == []
    outbox.settle()
    assert services.verify().unsealed == 1


def test_the_job_seals_through_the_queue() -> None:
    acts(1)
    outbox.settle()
    seal_task.delay()
    assert Seal.objects.count() == 1


def test_an_act_still_under_way_is_never_left_out() -> None:
    """A later act that ended first is sealed first; the earlier one, in the turn of its end."""
    hold, opened = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            happen_slowly(actor=actors.system("довга дія"))
        finally:
            connection.close()

    @command
    def happen_slowly(*, actor: actors.Actor) -> None:
        noted()
        opened.set()
        hold.wait(LONG)

    thread = threading.Thread(target=slow)
    thread.start()
    assert opened.wait(LONG)
    acts(2)
    assert [link.acts for link in seal()] == [2], "who is over is not held back by who is not"
    hold.set()
    thread.join()
    assert [link.acts for link in seal()] == [1]
    assert services.verify().breaks == ()


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE audit_event SET payload = '{\"number\": 7}' WHERE id = (SELECT min(id) FROM audit_event)",
        "UPDATE audit_act SET actor_label = 'хтось інший' WHERE id = (SELECT min(id) FROM audit_act)",
        "UPDATE audit_act SET at = at + interval '1 second' WHERE id = (SELECT min(id) FROM audit_act)",
        "DELETE FROM audit_event WHERE id = (SELECT min(id) FROM audit_event)",
        "INSERT INTO audit_event (act_id, at, code, version, subject_type, subject_id, payload)"
        " SELECT id, at, 'tests.forged', 1, 'tests.thing', '1', '{}' FROM audit_act ORDER BY id LIMIT 1",
        "UPDATE audit_seal SET digest = sha256('x') WHERE id = (SELECT min(id) FROM audit_seal)",
        "DELETE FROM audit_seal WHERE id = (SELECT min(id) FROM audit_seal)",
    ],
)
def test_any_later_edit_shows(edit: str) -> None:
    for _ in range(3):
        acts(2)
        seal()
    tamper(edit)
    assert services.verify().breaks
    with pytest.raises(CommandError, match="does not hold"):
        call_command("verify_acts")


def test_the_application_itself_can_neither_edit_nor_delete() -> None:
    acts(1)
    for table in ("audit_act", "audit_event"):
        for change in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with (
                pytest.raises(Exception, match="Cannot update or delete"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(change)
    assert Act.objects.count() == EventRow.objects.count() == 1


def test_the_command_compares_with_a_head_kept_elsewhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    acts(1)
    (link,) = seal()
    call_command("verify_acts", head=link.digest.hex())
    assert "1 links, 1 acts sealed, 0 waiting" in capsys.readouterr().out
    with pytest.raises(CommandError, match="not with"):
        call_command("verify_acts", head="00" * 32)


def test_two_sealers_never_fork_the_chain() -> None:
    acts(4)
    outbox.settle()
    made: list[int] = []
    together(*[lambda: made.append(len(services.seal()))] * 4)
    assert len(made) == 4
    assert sum(made) == 1
    assert services.verify().breaks == ()

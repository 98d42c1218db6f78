"""Movements of the same children at one moment, and killed in the middle: as if one after another,
nothing lost, nothing twice, nothing stuck."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from registry.identity import services as merges
from registry.models import Enrolment
from registry.movements import withdraw
from registry.movements.transfer import effect as transfer
from registry.orders import services as orders
from registry.orders.models import Order
from registry.orders.services import preparing, signing
from signatures.models import SigningSession
from tests.kit.racing import Held, beside, together
from tests.registry.identity import kit as twins
from tests.registry.kit import MOMENT
from tests.registry.movements import contract, sequences, test_transfer
from tests.registry.movements.sequences import HEADS, Register
from tests.registry.movements.test_annul import counter
from tests.registry.movements.test_transfer import DAY, MARKO, siblings
from tests.registry.rollover import kit as rollover

__all__ = ["siblings"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """The paper of an order is drawn elsewhere; here it would take most of the time."""
    monkeypatch.setattr(preparing, "order_paper", lambda *args, **kwargs: b"%PDF-")


# ── at one moment ────────────────────────────────────────────────────────────
def prepared(register: Register, dice: random.Random, count: int) -> list[Order]:
    """Orders of all schools about the same few children, all waiting."""
    found: list[Order] = []
    while len(found) < count:
        of_children = [
            one for one in register.possible().items() if one[0][0] not in sequences.STAFF
        ]
        (process, school), names = dice.choice(sorted(of_children))
        names = dice.sample(names, min(2, len(names)))
        order = register.prepare(process, school, names, register.today, dice.choice)
        if order is not None:
            found.append(order)
    return found


def follows(register: Register, new: list[Order]) -> list[Any] | None:
    """An order of signing, one after another, that leaves the register as it is now."""
    held = sequences.learns()
    for turn in itertools.permutations(one.pk for one in new):
        try:
            stand = sequences.in_effect([*register.effective, *turn])
            if sequences.learnt(register.first, stand) == held:
                return list(turn)
        except AssertionError:  # in this turn an order would have met nobody
            continue
    return None


@pytest.mark.parametrize("seed", range(int(os.environ.get("SEQUENCES", "2"))))
def test_signed_at_once_they_are_as_if_signed_one_after_another(world, seed):
    register, dice = Register(world), random.Random(seed)
    schools = {world.units[school].id: school for school in HEADS}
    for _ in range(3):
        papers = prepared(register, dice, 5)
        told = together(
            *(
                lambda one=one: sequences.signed(register, one, schools[one.institution_id])
                for one in papers
            )
        )
        refused = set(told) - {"done"}
        assert refused <= {"enrolled_meanwhile", "not_annullable"}, told  # `busy` is a deadlock cut
        for order in papers:
            order.refresh_from_db()
        done = [one for one in papers if one.state != "PREPARED"]
        assert len(done) == told.count("done")
        turn = follows(register, done)
        assert turn is not None, "no turn of these orders leads to what the register holds"
        register.effective += turn
        register.assert_sound()
        for order in papers:
            if order.state == "PREPARED":
                register.give_up(order)
        register.waiting.clear()


def test_taken_back_beside_a_movement_of_the_same_child_neither_is_cut(
    world, siblings, monkeypatch
):
    """Both hold the profile first: with enrolments held first by one of them, the database would
    cut a deadlock and one of two heads would be told that the register is busy."""
    order = test_transfer.transferred(world, MARKO, day="22.11.2026")
    counter = waiting_counter(world, order)
    leaving = test_transfer.withdrawn(world, siblings[:1], DAY, "olena", at="school1")
    held = Held(transfer.stands_on)
    monkeypatch.setattr(transfer, "stands_on", held)
    told = beside(
        lambda: test_transfer.sign(world, counter), lambda: test_transfer.sign(world, leaving), held
    )
    assert told == ["done", "enrolled_meanwhile"]
    there = Enrolment.objects.get(pupil_id=siblings[0], voided_by=None)
    assert (there.institution_id, there.ends_on) == (world.units["school2"].id, None)


def waiting_counter(world, order):
    olena = world.actor("olena")
    return orders.prepare(
        actor=olena,
        draft_id=counter(world, olena, order).pk,
        fields=contract.TERMS | {"number": "99"},
        moment=MOMENT,
    )


def test_a_merge_beside_a_withdrawal_of_the_child_neither_is_cut(world, siblings, monkeypatch):
    """The withdrawal stands with the profile held; the merge waits for it and holds nothing of the
    child meanwhile."""
    second = twins.a_second(world, number="900009", surname="Сусіда", given_name="Марко")
    merge = twins.asked(world, world.pupils["marko"], second)
    leaving = test_transfer.withdrawn(world, siblings[:1], DAY)
    held = Held(withdraw.hold)
    monkeypatch.setattr(withdraw, "hold", held)
    told = beside(
        lambda: test_transfer.sign(world, leaving, "petro"),
        lambda: merges.confirm_merge(
            actor=world.actor("iryna"), merge_id=merge.pk, moment=twins.MOMENT
        ),
        held,
    )
    assert told[0] == "done"
    assert "busy" not in told


# ── killed in the middle ─────────────────────────────────────────────────────
KILLED = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from django.db import connection
from accounts import actors
from accounts.models import Grant
from registry.orders import services as orders
from registry.orders.services import signing
from tests.registry.kit import MOMENT

wrote = signing.close_draft
def killed(order):
    wrote(order)
    os.kill(os.getpid(), signal.SIGKILL)
signing.close_draft = killed
for line in Path(sys.argv[1]).read_text().splitlines():
    order, grant = line.split()
    if not os.fork():
        actor = actors.of_grant(Grant.objects.select_related("user", "unit").get(pk=int(grant)))
        cms = (Path(sys.argv[1]).parent / order).read_bytes()
        orders.sign(actor=actor, order_id=order, cms=cms, moment=MOMENT)
        os._exit(1)
    _, status = os.wait()
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (order, status)
"""


def waiting_of_every_kind(world: Any) -> tuple[Register, list[Order]]:
    """One order of each kind that moves many children or staff, none of them in another's way."""
    rollover.school(world, {"1-А": 2, "9-А": 1}, "branch")
    register = Register(world)
    first = {
        "meals": ("school1", ["oksana"]),
        "transfer": ("school1", ["Барвінок"]),
        "supplement": ("hub", ["ivan"]),
        "hire": ("school2", ["Вдовенко"]),
    }
    for process, (school, names) in first.items():
        order = register.prepare(process, school, names, register.today, lambda among: among[0])
        assert order is not None, register.refused
        assert register.sign(order), register.refused
    tomorrow = register.moment.today.replace(day=23)
    told = {
        "enrol": ("hub", ["Цимбал"]),
        "transfer": ("school1", ["marko"]),
        "withdraw": ("school2", ["Журавель"]),
        "move": ("school1", ["ivan"]),
        "supplement": ("hub", ["oksana"]),
        "supplement_end": ("hub", ["ivan"]),
        "needs": ("school1", ["ivan", "oksana"]),
        "contact": ("school1", ["oksana"]),
        "release": ("school2", ["marko"]),
        "hire": ("hub", ["Адаменко", "Бойчук"]),
        "dismiss": ("school2", ["Вдовенко"]),
        "annul": ("school1", ["oksana"]),
    }
    papers = []
    for process, (school, names) in told.items():
        # The counter-order takes back the latest but the transfer: the meals.
        pick = (lambda among: among[-1]) if process == "annul" else (lambda among: among[0])
        day = register.today if process in sequences.FACTS else tomorrow
        order = register.prepare(process, school, names, day, pick)
        assert order is not None, (process, register.refused)
        papers.append(order)
    return register, papers


def test_killed_with_everything_written_nothing_is_and_each_order_is_signed_again(
    world, tmp_path: Path, monkeypatch
):
    register, papers = waiting_of_every_kind(world)
    schools = {world.units[school].id: HEADS[school] for school in HEADS}
    lines = []
    for order in papers:
        who = schools[order.institution_id]
        (tmp_path / str(order.pk)).write_bytes(sequences.signature(register, order, who))
        lines.append(f"{order.pk} {world.grants[who].pk}")
    (tmp_path / "orders").write_text("\n".join(lines))
    before = sequences.everything()

    # The process that serves dies: SIGKILL, everything written, nothing committed.
    at = connection.settings_dict
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "orders")],
        env={
            **os.environ,
            "DATABASE_URL": f"postgresql://{at['USER']}@/{at['NAME']}?host={at['HOST']}",
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    assert sequences.everything() == before

    # The database's own process dies at the same point.
    wrote = signing.close_draft

    def cut(order: Order) -> None:
        wrote(order)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as patched:
        patched.setattr(signing, "close_draft", cut)
        for order in papers:
            with pytest.raises(OperationalError):
                sequences.signed(
                    register,
                    order,
                    next(k for k in HEADS if HEADS[k] == schools[order.institution_id]),
                )
            connection.close()
    assert sequences.everything() == before
    waiting = SigningSession.objects.filter(pk__in=[order.signing_id for order in papers])
    assert set(waiting.values_list("state", flat=True)) == {"PREPARED"}

    for order in papers:
        assert register.sign(order), (order.kind, register.refused)
        register.assert_sound(order)

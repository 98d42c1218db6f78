"""Two schools, two presses, a killed process: one child has one place, one draw is held once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

from registry.admission import services
from registry.admission.models import Application, Candidate, Draw
from registry.admission.services import draws, giving
from tests.kit.racing import Held, beside, together
from tests.registry.admission.kit import JUNE, MAY, announced, applied, cells, drafted, places
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def by_right(world: World, school: str, who: str) -> Any:
    actor, pk = world.actor(who), world.institutions[school].pk
    return lambda: services.by_right(actor=actor, institution_id=pk, moment=JUNE)


@pytest.mark.parametrize("first", ["near", "far"])
def test_two_schools_that_give_places_at_once_leave_one_place_a_child(world, monkeypatch, first):
    places(world)
    places(world, "petro", "school2")
    applied(world, [cells(1, wish="1"), cells(2, wish="2")])
    applied(world, [cells(1, wish="2"), cells(2, wish="1")], "petro", "school2")
    jobs = [by_right(world, "school1", "olena"), by_right(world, "school2", "petro")]
    held = Held(giving._write)
    monkeypatch.setattr(giving, "_write", held)
    told = beside(*(jobs if first == "near" else reversed(jobs)), held)
    assert told == ["done", "done"]
    placed = Application.objects.filter(state="PLACED").values_list("candidate_id", "wish")
    assert sorted(placed) == [(one.pk, 1) for one in Candidate.objects.order_by("pk")]


def test_two_schools_take_one_child_in_at_once(world):
    places(world)
    places(world, "petro", "school2")
    tables = [
        (world.actor(who), drafted(world, [cells(1), cells(n + 2)], who, school).pk)
        for n, (who, school) in enumerate((("olena", "school1"), ("petro", "school2")))
    ]
    told = together(
        *(
            lambda actor=actor, pk=pk: services.register(actor=actor, draft_id=pk, moment=MAY)
            for actor, pk in tables
        )
    )
    assert told == ["done", "done"]
    assert Candidate.objects.count() == 3
    assert sorted(Application.objects.values_list("wish", flat=True)) == [1, 1, 1, 2]


def test_a_draw_pressed_twice_is_held_once(world, monkeypatch):
    places(world, many=1)
    draw = announced(world)
    applied(world, [cells(n) for n in range(3)])
    olena = world.actor("olena")
    services.freeze(actor=olena, draw_id=draw.pk, moment=JUNE)
    held = Held(draws._given)
    monkeypatch.setattr(draws, "_given", held)
    told = beside(
        lambda: services.hold(actor=olena, draw_id=draw.pk, public_value="1", moment=JUNE),
        lambda: services.hold(actor=olena, draw_id=draw.pk, public_value="2", moment=JUNE),
        held,
    )
    assert told == ["done", "done"]
    assert Draw.objects.get(pk=draw.pk).public_value == "1"
    assert Application.objects.filter(state="PLACED").count() == 1


KILLED = """
import os, signal, sys
import django
django.setup()
from accounts import actors
from accounts.models import Grant
from registry.admission.services import draws
from tests.registry.admission.kit import JUNE
given = draws._given
def killed(*args):
    given(*args)
    os.kill(os.getpid(), signal.SIGKILL)
draws._given = killed
grant = Grant.objects.select_related("user", "unit").get(pk=int(sys.argv[2]))
draws.hold(actor=actors.of_grant(grant), draw_id=sys.argv[1], public_value="1", moment=JUNE)
"""


def test_a_draw_killed_in_the_middle_was_never_held_and_is_held_again(world):
    places(world, many=1)
    draw = announced(world)
    made = applied(world, [cells(n) for n in range(3)])
    services.freeze(actor=world.actor("olena"), draw_id=draw.pk, moment=JUNE)
    at = connection.settings_dict
    dead = subprocess.run(
        [sys.executable, "-c", KILLED, str(draw.pk), str(world.grants["olena"].pk)],
        env={**os.environ, "DATABASE_URL": f"postgresql://{at['USER']}@/{at['NAME']}?host={at['HOST']}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert dead.returncode == -signal.SIGKILL, dead.stderr[-2000:]
    draw.refresh_from_db()
    assert (draw.state, draw.secret) == ("FROZEN", "")
    assert set(Application.objects.values_list("state", "turn")) == {("CHECKED", None)}
    services.hold(actor=world.actor("olena"), draw_id=draw.pk, public_value="1", moment=JUNE)
    assert Application.objects.filter(state="PLACED").count() == 1
    assert len(made) == 3

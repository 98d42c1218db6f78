"""An institution moves in the tree: what its rows cost, against the same rows by bare statements."""

from __future__ import annotations

import time
import uuid

import uuid_utils
from django.db import connection

from accounts import actors
from accounts.models import OrgUnit
from kernel.db import command
from registry.classifiers.services import classifiers
from registry.enrolments import services as enrolments
from registry.institutions.services import subordination
from registry.institutions.services.institutions import hold
from registry.models import Pupil
from tests.bench import Result, bench
from tests.bench.bench_spine import _in_a_database_of_its_own
from tests.kit.acts import noted
from tests.registry.kit import TODAY
from tests.world import FIRST_DAY, World, build

PUPILS, OTHERS = 2_000, 20_000


@command
def _peopled(*, actor: actors.Actor, world: World) -> None:
    noted()
    for key, many in (("school1", PUPILS), ("school2", OTHERS)):
        group = world.classes[f"{key}/5-А"]
        pupils = Pupil.objects.bulk_create(
            Pupil(
                id=uuid.UUID(str(uuid_utils.uuid7())),
                surname=f"Учень{number}",
                given_name="Іван",
                sex="M",
                born_on=FIRST_DAY.replace(year=2016),
            )
            for number in range(many)
        )
        places = [enrolments.Place(one.pk, group.pk, FIRST_DAY) for one in pupils]
        enrolments.enrol(group.institution_id, places, order=None)


@command
def _bare(*, actor: actors.Actor, world: World, to: int) -> float:
    """The same columns of the same rows by one statement, with the same indexes and triggers off."""
    noted()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        began = time.perf_counter()
        cursor.execute(
            "UPDATE registry_pupil SET hromada_id = %s WHERE institution_id = %s",
            [to, world.institutions["school1"].pk],
        )
        taken = time.perf_counter() - began
        cursor.execute("SET LOCAL session_replication_role = origin")
    return taken


@command
def _placed(*, actor: actors.Actor, uid: uuid.UUID, under: int) -> None:
    """What the signed order does to the tree."""
    subordination.hang(hold(actor, uid), OrgUnit.objects.get(pk=under), hub=None)
    noted()


@bench("institutions.moved", unit="s")
@_in_a_database_of_its_own
def moved() -> list[Result]:
    """A school of 2,000 children passes to another hromada beside one of 20,000 that stays."""
    world = build()
    system = actors.system("вимірювання")
    classifiers.load(actor=system, today=TODAY)
    _peopled(actor=system, world=world)
    iryna, uid = world.actor("iryna"), world.institutions["school1"].uid
    taken, bare = [], []
    for turn in range(6):
        under = ("hromada", "chernivtsi")[turn % 2]
        began = time.perf_counter()
        _placed(actor=iryna, uid=uid, under=world.units[under].pk)
        taken.append(time.perf_counter() - began)
        other = ("chernivtsi", "hromada")[turn % 2]
        bare.append(_bare(actor=system, world=world, to=world.units[other].pk))
        _bare(actor=system, world=world, to=world.units[under].pk)  # and back, as it was
    return [Result(min(taken), reference=min(bare), n=PUPILS)]

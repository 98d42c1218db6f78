"""A country of few people in a database of the suite, and the small world's persons found in it."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from django.db import connection
from django.db.models import Count, QuerySet
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from accounts import actors
from accounts.actors import Actor
from accounts.models import Grant, OrgUnit, User
from accounts.roles import Duty, GrantState, Role
from aikom.demo import country, country_plan
from kernel import clock
from kernel.db import command
from registry.models import ClassGroup, Institution, Pupil, Territory
from tests import world
from tests.kit import database
from tests.kit.acts import noted
from tests.registry.kit import CODES
from tests.world import PEOPLE, World

# `make bench ONLY=plans` asks the same pages of a whole country.
PUPILS = int(os.environ.get("PLANS_PUPILS", "100000"))
SEED = 20260901


def template() -> str:
    """The database with a country in it, made when there is none of this code."""
    also = [Path(__file__), Path(world.__file__)]
    return database.kept("country", make, also=also, size=str(PUPILS))


def make() -> None:
    """Fill the database that Django is connected to, migrated and otherwise empty."""
    territories = [
        country_plan.Territory(row.code, row.parent_code, row.category, row.name)
        for row in Territory.objects.filter(valid_to=None)
    ]
    plan = country_plan.make(territories, pupils=PUPILS, seed=SEED)
    where = connection.settings_dict
    words = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER"}
    words |= {"password": "PASSWORD"}
    address = make_conninfo(**{k: where[name] for k, name in words.items() if where[name]})
    # One session: the same order of rows in each run, so the same statistics and plans.
    making = country.Making(address, plan, seed=SEED, say=lambda text: None, sessions=1)
    making.run()
    known(actor=actors.system("тест"))
    making.follow(clock.today())


def _largest() -> int:
    return _school(largest=True, among=Pupil.objects.filter(hromada_id__isnull=False))


def _school(*, largest: bool, among: QuerySet[Pupil]) -> int:
    """The institution with the most pupils of these, or with the fewest but more than four."""
    counted = among.values("institution_id").annotate(n=Count("pk")).filter(n__gt=4)
    return counted.order_by("-n" if largest else "n", "institution_id")[0]["institution_id"]


@command
def known(*, actor: Actor) -> None:
    """Olena heads the largest school: its code and hers are those of her demo key. Dana helps."""
    unit = _largest()
    OrgUnit.objects.filter(pk=unit).update(edrpou=CODES["olena"])
    Institution.objects.filter(pk=unit).update(edrpou=CODES["olena"])
    head = Grant.objects.get(unit_id=unit, role=Role.HEAD)
    surname, given_name, patronymic, code = PEOPLE["olena"]
    User.objects.filter(pk=head.user_id).update(
        surname=surname, given_name=given_name, patronymic=patronymic, person_code=code
    )
    # The authority right above signs orders too.
    city = Grant.objects.exclude(role=Role.DEPUTY).get(
        unit_id=OrgUnit.objects.get(pk=unit).hromada_id
    )
    surname, given_name, patronymic, code = PEOPLE["bohdan"]
    User.objects.filter(pk=city.user_id).update(
        surname=surname, given_name=given_name, patronymic=patronymic, person_code=code
    )
    surname, given_name, patronymic, code = PEOPLE["dana"]
    Grant.objects.create(
        user=User.objects.create(
            surname=surname, given_name=given_name, patronymic=patronymic, person_code=code
        ),
        unit_id=unit,
        role=Role.DEPUTY,
        duties=[Duty.PUPILS, Duty.CLASSES],
        state=GrantState.ACTIVE,
        given_by=head,
        activated_at=timezone.now(),
    )
    noted()


@functools.cache
def _places() -> dict[str, int]:
    """Where the small world's persons are: Olena's school is the largest, Petro's the smallest of
    her oblast that has five, Nina's that of the others; the authorities are those above."""
    learning = Pupil.objects.filter(hromada_id__isnull=False)
    own = OrgUnit.objects.get(pk=_largest())
    here = learning.filter(oblast_id=own.oblast_id)
    beside = _school(largest=False, among=here)
    away = learning.exclude(oblast_id=own.oblast_id)
    small = OrgUnit.objects.get(pk=_school(largest=False, among=away))
    return {
        "admin": OrgUnit.objects.get(kind="TECH_ADMIN").pk,
        "maria": OrgUnit.objects.get(kind="OWNER").pk,
        "iryna": own.oblast_id,
        "taras": small.oblast_id,
        "bohdan": own.hromada_id,
        "hanna": small.hromada_id,
        "olena": own.pk,
        "petro": beside,
        "nina": small.pk,
        "dana": own.pk,
    }


def found() -> World:
    """The small world's persons in the country."""
    at = _places()
    held = Grant.objects.select_related("user", "unit")
    grants = {
        who: held.exclude(role=Role.DEPUTY).get(unit_id=unit)
        if who != "dana"
        else held.get(unit_id=unit, user__person_code=PEOPLE["dana"][3])
        for who, unit in at.items()
    }
    units = {
        name: grants[who].unit
        for name, who in (
            ("school1", "olena"),
            ("school2", "petro"),
            ("hub", "nina"),
            ("chernivtsi", "bohdan"),
        )
    }
    return World(
        units=units,
        institutions={
            name: Institution.objects.get(pk=unit.pk)
            for name, unit in units.items()
            if unit.kind == "INSTITUTION"
        },
        grants=grants,
        classes={
            f"{name}/{one.grade}-{one.letter}": one
            for name in ("school1", "school2", "hub")
            for one in ClassGroup.objects.filter(institution_id=units[name].pk)
        },
        pupils={
            who: Pupil.objects.filter(institution_id=units[name].pk).order_by("id")[0]
            for who, name in (("ivan", "school1"), ("marko", "school2"), ("yeva", "hub"))
        },
    )

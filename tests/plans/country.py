"""A country of few people as a template database, and the small world's persons found in it."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path

import psycopg
from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils import timezone
from psycopg import sql

from accounts import actors
from accounts.actors import Actor
from accounts.models import Grant, OrgUnit, User
from accounts.roles import Duty, GrantState, Role
from aikom.demo import country, country_plan
from kernel.db import command
from registry.models import ClassGroup, Institution, Pupil, Territory
from tests.kit import database
from tests.kit.acts import noted
from tests.registry.kit import CODES
from tests.world import PEOPLE, World

SEED = 20260901


def template(pupils: int) -> str:
    """The name of a template database with a country of so many, made now if there is none."""
    base = database.template()
    name = f"{base}_{_fingerprint()}_{pupils}"
    with database.LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with database._server() as server:
            if database._exists(server, name):
                return name
        draft = f"{name}_draft"
        database.clone(base, draft)
        with database._connected_to(draft):
            plan = country_plan.make(
                [
                    country_plan.Territory(row.code, row.parent_code, row.category, row.name)
                    for row in Territory.objects.filter(valid_to=None)
                ],
                pupils=pupils,
                seed=SEED,
            )
            where = settings.DATABASES["default"]
            words = {"dbname": draft, "host": where["HOST"], "port": where["PORT"]}
            words |= {"user": where["USER"], "password": where["PASSWORD"]}
            address = psycopg.conninfo.make_conninfo(**{k: v for k, v in words.items() if v})
            country.Making(address, plan, seed=SEED, say=lambda text: None).run()
        with database._server() as server:
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(draft), sql.Identifier(name)
                )
            )
    return name


def _fingerprint() -> str:
    """Of the generator; the migrations are in the name of the template it begins with."""
    whole = hashlib.sha256()
    for path in sorted(Path(country.__file__).parent.rglob("*.py")):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:8]


def _school(*, largest: bool, among: QuerySet[Pupil]) -> int:
    """The institution with the most pupils of these, or with the fewest but more than four."""
    counted = among.values("institution_id").annotate(n=Count("pk")).filter(n__gt=4)
    return counted.order_by("-n" if largest else "n", "institution_id")[0]["institution_id"]


@command
def _known(*, actor: Actor, unit: int) -> None:
    """Olena heads the largest school: its code and hers are those of her demo key. Dana helps."""
    OrgUnit.objects.filter(pk=unit).update(edrpou=CODES["olena"])
    Institution.objects.filter(pk=unit).update(edrpou=CODES["olena"])
    head = Grant.objects.get(unit_id=unit, role=Role.HEAD)
    surname, given_name, patronymic, code = PEOPLE["olena"]
    User.objects.filter(pk=head.user_id).update(
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


def world() -> World:
    """The small world's persons in the country: Olena's school is the largest, Petro's the smallest
    of her oblast that has five, Nina's that of the others; the authorities are those above."""
    learning = Pupil.objects.filter(hromada_id__isnull=False)
    own = OrgUnit.objects.get(pk=_school(largest=True, among=learning))
    _known(actor=actors.system("тест"), unit=own.pk)
    here = learning.filter(oblast_id=own.oblast_id)
    beside = OrgUnit.objects.get(pk=_school(largest=False, among=here))
    away = learning.exclude(oblast_id=own.oblast_id)
    small = OrgUnit.objects.get(pk=_school(largest=False, among=away))
    at = {
        "admin": OrgUnit.objects.get(kind="TECH_ADMIN").pk,
        "maria": OrgUnit.objects.get(kind="OWNER").pk,
        "iryna": own.oblast_id,
        "taras": small.oblast_id,
        "bohdan": own.hromada_id,
        "hanna": small.hromada_id,
        "olena": own.pk,
        "petro": beside.pk,
        "nina": small.pk,
        "dana": own.pk,
    }
    grants = {
        who: Grant.objects.select_related("user", "unit").get(
            unit_id=unit, **({"role": Role.DEPUTY} if who == "dana" else {})
        )
        if who != "olena"
        else Grant.objects.select_related("user", "unit").get(unit_id=unit, role=Role.HEAD)
        for who, unit in at.items()
    }
    units = {"school1": own, "school2": beside, "hub": small, "chernivtsi": grants["bohdan"].unit}
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

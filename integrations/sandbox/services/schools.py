"""The invented school of a system: made once, with a key that may be changed."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import secrets
import tomllib
import uuid
from pathlib import Path
from typing import Any

from uuid_utils.compat import uuid7

from accounts.actors import Actor
from accounts.models import Grant, OrgUnit, User
from accounts.roles import Dataset, GrantState, Role, UnitKind
from integrations.eis import fields
from integrations.eis.models import EisSystem, Mandate, Operator, SchoolKey
from integrations.eis.services.keys import PREFIX, secret_hash
from integrations.eis.states import MandateState, SystemState
from integrations.sandbox.events import SchoolMade
from integrations.sandbox.models import School
from kernel import audit, clock
from kernel.clock import Moment
from kernel.db import advisory_lock, command, part_of_command
from registry.classifiers.selectors import classifiers
from registry.enrolments.services import Place, enrol
from registry.models import ClassGroup, Employee, Institution, Post, Pupil, SchoolYear

GRADES, LETTERS, IN_A_CLASS = range(1, 9), "АБВ", 25
READ = (Dataset.INSTITUTION, Dataset.CLASSES, Dataset.PUPILS, Dataset.STAFF)
_PEOPLE = Path(__file__).parents[1] / "data" / "people.toml"


@dataclasses.dataclass(frozen=True)
class Told:
    """What the register says of a system."""

    system: uuid.UUID
    name: str
    operator: str
    writes: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Made:
    """A school and the only moment its key is known."""

    school: School
    secret: str


@functools.cache
def people() -> dict[str, Any]:
    """Names to make people of."""
    return tomllib.loads(_PEOPLE.read_text(encoding="utf-8"))


@command
def make(*, actor: Actor, told: Told, moment: Moment) -> Made:
    """Give a system its school, or a new key of the one it has: the key before stops at once."""
    advisory_lock(f"sandbox:{told.system}")
    school = School.objects.select_related("institution").filter(system_uid=told.system).first()
    anew = school is None
    if school is None:
        school = _school(told, moment)
    secret = _key(_system(told, moment), school, moment)
    audit.record(SchoolMade(subject=told.system, system=told.name, anew=anew))
    return Made(school, secret)


def _system(told: Told, moment: Moment) -> EisSystem:
    operator, _ = Operator.objects.get_or_create(name=told.operator)
    system, _ = EisSystem.objects.update_or_create(
        uid=told.system,
        defaults={"writes": list(told.writes)},
        create_defaults={
            "uid": told.system,
            "operator": operator,
            "name": told.name,
            "writes": list(told.writes),
            "state": SystemState.CONNECTED,
            "state_since": moment.today,
        },
    )
    return system


@part_of_command
def _key(system: EisSystem, school: School, moment: Moment) -> str:
    """A mandate of everything the system may ask, and one key of it."""
    SchoolKey.objects.filter(system=system, revoked_at=None).update(revoked_at=moment.now)
    Mandate.objects.filter(system=system, ended_at=None).update(ended_at=moment.now)
    datasets = sorted({*READ, *system.writes})
    head = Grant.objects.get(unit_id=school.institution_id, role=Role.HEAD)
    mandate = Mandate.objects.create(
        id=uuid7(),
        institution=school.institution,
        system=system,
        datasets=datasets,
        fields=fields.of(datasets),
        valid_from=moment.today,
        valid_to=clock.years_after(moment.today, 1),
        state=MandateState.SIGNED,
        granted_by=head,
        prepared_at=moment.now,
        signed_at=moment.now,
    )
    return another_key(mandate, moment.now)


@part_of_command
def another_key(mandate: Mandate, now: datetime.datetime) -> str:
    """One more key of a mandate; its secret."""
    secret = PREFIX + secrets.token_urlsafe(32)
    SchoolKey.objects.create(
        id=uuid7(),
        institution_id=mandate.institution_id,
        system_id=mandate.system_id,
        mandate=mandate,
        secret_sha256=secret_hash(secret),
        hint=secret[-4:],
        granted_by_id=mandate.granted_by_id,
        created_at=now,
    )
    return secret


@part_of_command
def _school(told: Told, moment: Moment) -> School:
    year = school_year(moment.today)
    made = _institution(f"Пісочниця: ліцей системи «{told.name}»")
    classes = ClassGroup.objects.bulk_create(
        ClassGroup(
            institution=made,
            school_year=year,
            grade=grade,
            letter=letter,
            opened_on=year.starts_on,
        )
        for grade in GRADES
        for letter in LETTERS
    )
    fill(made, classes, IN_A_CLASS)
    for surname, given, sex in people()["teachers"]:
        employee = Employee.objects.create(
            surname=surname,
            given_name=given,
            patronymic=people()["patronymics"][sex],
            sex=sex,
            born_on=datetime.date(1980, 5, 5),
        )
        Post.objects.create(
            employee=employee, institution=made, position="TEACHER", starts_on=year.starts_on
        )
    other = _institution(f"Пісочниця: сусідній ліцей системи «{told.name}»")
    (theirs,) = ClassGroup.objects.bulk_create(
        [ClassGroup(institution=other, school_year=year, grade=5, opened_on=year.starts_on)]
    )
    fill(other, [theirs], 3)
    return School.objects.create(
        system_uid=told.system, institution=made, neighbour=other, made_at=moment.now
    )


def school_year(today: datetime.date) -> SchoolYear:
    """The year that a sandbox school lives in. Enrolments begin with it, and one must be able to end
    today: on the first of September it is still the year before."""
    return classifiers.current_year(today - datetime.timedelta(days=1))


@part_of_command
def _institution(name: str) -> Institution:
    owner, _ = OrgUnit.objects.get_or_create(kind=UnitKind.OWNER, defaults={"name": "Пісочниця"})
    unit = OrgUnit.objects.create(kind=UnitKind.INSTITUTION, name=name, parent=owner)
    made = Institution.objects.create(
        unit=unit, full_name=name, short_name=name, type="LYCEUM", ownership="COMMUNAL",
        status="ACTIVE",
    )  # fmt: skip
    head = _user("Пісочна", "Керівниця")
    Grant.objects.create(
        user=head,
        unit=unit,
        role=Role.HEAD,
        state=GrantState.ACTIVE,
        given_by=_administrator(owner),
        activated_at=audit.now(),
    )
    return made


def _user(surname: str, given_name: str) -> User:
    """A person nobody is: the code is of no form that a certificate has."""
    code = f"s{secrets.randbelow(10**9):09d}"
    return User.objects.create(surname=surname, given_name=given_name, person_code=code)


@part_of_command
def _administrator(owner: OrgUnit) -> Grant:
    """Whoever gives the heads of sandbox schools their grants: nobody comes in by it."""
    found = Grant.objects.filter(role=Role.TECH_ADMIN).first()
    if found is not None:
        return found
    unit = OrgUnit.objects.create(
        kind=UnitKind.TECH_ADMIN, name="Адміністратор пісочниці", parent=owner
    )
    user = _user("Пісочний", "Адміністратор")
    return Grant.objects.create(
        user=user,
        unit=unit,
        role=Role.TECH_ADMIN,
        state=GrantState.ACTIVE,
        activated_at=audit.now(),
    )


@part_of_command
def fill(school: Institution, classes: list[ClassGroup], each: int) -> list[Pupil]:
    """Invented pupils in these classes, as many in each."""
    known = people()
    surnames, given = known["surnames"], known["given"]
    pupils, places = [], []
    for place, one in enumerate(classes):
        for number in range(each):
            turn = place * each + number
            name, sex = given[(turn * 7 + place) % len(given)]
            pupils.append(
                Pupil(
                    id=uuid7(),
                    surname=surnames[(turn + place) % len(surnames)],
                    given_name=name,
                    patronymic=known["patronymics"][sex],
                    sex=sex,
                    born_on=datetime.date(
                        one.opened_on.year - 6 - one.grade, 1 + turn % 8, 1 + turn % 28
                    ),
                )
            )
            places.append(Place(pupils[-1].pk, one.pk, one.opened_on))
    made = Pupil.objects.bulk_create(pupils)
    enrol(school.pk, places, order=None)
    return made

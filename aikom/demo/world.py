"""Writing the demo world: one act, all or nothing, every trigger of every table on."""

from __future__ import annotations

import dataclasses
import datetime
import random
import time
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts import actors
from accounts.actors import Actor
from accounts.models import Grant, OrgUnit, User
from accounts.roles import GrantState, Role, UnitKind
from aikom.demo import journals
from aikom.demo import plan as plans
from aikom.demo.copying import copy_rows, reserve_ids, uid
from aikom.demo.events import SchoolMade, WorldMade
from aikom.demo.personas import PERSONAS, Persona
from aikom.demo.plan import Plan, PlannedPupil, School, Worker
from aikom.demo.synthetic import codes, people
from journals.models import YearPlan
from journals.services import lessons_sql
from kernel import audit, clock
from kernel.audit.events import type_of
from kernel.audit.models import EventRow
from kernel.db import advisory_lock, command
from kernel.errors import DomainError
from registry.classifiers.selectors import classifiers
from registry.enrolments import services as enrolments
from registry.enrolments.services import Place
from registry.models import (
    ClassGroup,
    ContactState,
    Employee,
    Guardian,
    Guardianship,
    Institution,
    InstitutionStatus,
    Post,
    Pupil,
    PupilAddress,
    PupilCategory,
    PupilDocument,
    Territory,
)
from registry.people.services import residence

MADE = type_of(WorldMade).code
_PUPIL, _POST, _EMPLOYEE = 1, 2, 3
_PARENTS_BORN = datetime.date(2110, 1, 1)  # so that nobody living bears their numbers
_STATUS_SINCE = datetime.date(2021, 9, 1)
_WEEK = datetime.timedelta(weeks=1)
# The lyceum, a hub and its branch, whose heads the world lets one be.
_WITH_JOURNALS = ("lyceum-101", "mamaivska-hub", "mamaivska-branch-1")
# The head's post belongs to the persona who heads the school; one of them leads its branch too.
_PERSONAS_AT = {
    ("lyceum-101", "HEAD"): "head-lyceum",
    ("mamaivska-hub", "HEAD"): "head-hub",
    ("mamaivska-branch-1", "BRANCH_HEAD"): "head-hub",
}


class NotEmpty(DomainError):
    """The database has a tree of authorities of its own."""

    code = "demo-not-empty"
    title = "База вже має дані"


@dataclasses.dataclass
class Made:
    """What was written, by kind."""

    counts: dict[str, int]
    seconds: float


def is_made() -> bool:
    """Whether this database holds the demo world."""
    return EventRow.objects.filter(code=MADE).exists()


def nodes() -> dict[str, int]:
    """The compact id of each node of the plan by its key.

    Raises:
        EventRow.DoesNotExist: the world is not made.
    """
    return EventRow.objects.get(code=MADE).payload["nodes"]


def territories() -> dict[str, plans.Territory]:
    """Current КАТОТТГ of the two oblasts of the plan."""
    rows = Territory.objects.filter(
        valid_to=None, oblast_code__in=[plans.OBLAST, plans.SPARE_OBLAST]
    )
    return {
        row.code: plans.Territory(row.code, row.category, row.name, row.parent_code) for row in rows
    }


def make(*, scale: float = 1.0, seed: int = plans.SEED) -> Made:
    """Plan the world of this school year and write it; in July and August of the one that ended.

    Raises:
        NotEmpty: the database already has a tree of authorities.
    """
    started = time.monotonic()
    planned = plans.make(territories(), seed=seed, scale=scale, today=clock.today())
    counts = write(planned, actor=actors.system("демонстраційний світ"))
    return Made(counts, time.monotonic() - started)


@command
def write(planned: Plan, *, actor: Actor) -> dict[str, int]:
    """Write a whole plan in one transaction and one act.

    Raises:
        NotEmpty: the database already has a tree of authorities.
    """
    advisory_lock("demo world")
    if OrgUnit.objects.exists():
        raise NotEmpty(
            "Демонстраційний світ створюють лише в порожній базі, а ця вже має дерево органів"
            " управління."
        )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        writer = _Writer(planned, cursor)
        writer.units()
        writer.institutions()
        writer.staff()
        writer.classes()
        writer.pupils()
        writer.enrolments()
        writer.residences()
        writer.people()
        writer.journals()
        writer.tell()
    return writer.counts


class _Writer:
    def __init__(self, planned: Plan, cursor: Any):
        self.plan = planned
        self.cursor = cursor
        self.counts: dict[str, int] = {}
        self.unit_ids: dict[str, int] = {}
        # (school, school year, grade, letter) -> class
        self.class_ids: dict[tuple[str, str, int, str], int] = {}

    def units(self) -> None:
        rows = [(unit.key, unit) for unit in self.plan.units]
        for key, unit in rows:
            self._unit(key, unit.kind, unit.name, unit.parent, unit.edrpou, unit.territory_code)
        for school in self.plan.schools:
            self._unit(
                school.key,
                UnitKind.INSTITUTION,
                school.name,
                school.parent,
                school.edrpou,
                school.territory_code,
            )
        self.counts["units"] = len(self.unit_ids)

    def _unit(
        self,
        key: str,
        kind: str,
        name: str,
        parent: str | None,
        edrpou: str | None,
        territory: str | None,
    ) -> None:
        unit = OrgUnit.objects.create(
            kind=kind,
            name=name,
            parent_id=self.unit_ids[parent] if parent else None,
            edrpou=edrpou,
            territory_code=territory,
        )
        self.unit_ids[key] = unit.id

    def institutions(self) -> None:
        authority = {unit.key: unit for unit in self.plan.units}
        names = {school.key: school for school in self.plan.schools}
        rows = []
        for school in self.plan.schools:
            owner = names[school.hub].parent if school.hub else school.parent
            rows.append(
                Institution(
                    unit_id=self.unit_ids[school.key],
                    diso_id=school.diso,
                    edrpou=school.edrpou,
                    full_name=school.full_name,
                    short_name=school.name,
                    type=school.type,
                    ownership=school.ownership,
                    status="ACTIVE",
                    founder_edrpou=authority[owner].edrpou,
                    hub_id=self.unit_ids[school.hub] if school.hub else None,
                    is_hub=any(each.hub == school.key for each in self.plan.schools),
                    is_rural=school.is_rural,
                    is_confirmed=True,
                    territory_code=school.territory_code,
                    postal_code=f"{58000 + self.unit_ids[school.key] % 999:05d}",
                    address=school.address,
                    phone=codes.phone(9_000_000 + self.unit_ids[school.key]),
                    email=f"{school.key}@example.com",
                    director=_head_of(school),
                    managing_body=authority[owner].name,
                    languages=[school.language],
                    capacity=max(60, round(sum(len(c.pupils) for c in school.classes) * 1.2)),
                )
            )
        Institution.objects.bulk_create(rows)
        InstitutionStatus.objects.bulk_create(
            InstitutionStatus(
                institution_id=row.unit_id,
                status="ACTIVE",
                since=_STATUS_SINCE,
                ground="Перенесено з реєстру субʼєктів освітньої діяльності",
            )
            for row in rows
        )
        self.counts["institutions"] = len(rows)

    def staff(self) -> None:
        self.counts["staff"] = copy_rows(
            self.cursor,
            Employee,
            "id surname given_name patronymic sex born_on rnokpp rnokpp_state",
            self._employees(),
        )
        copy_rows(
            self.cursor,
            Post,
            "id employee_id institution_id position is_main rate category starts_on",
            self._posts(),
        )

    def _workers(self) -> Iterator[tuple[School, Worker, Persona | None]]:
        """Posts; the persona whose own post it is, if any."""
        named = {persona.key: persona for persona in PERSONAS}
        for school in self.plan.schools:
            for worker in school.workers:
                key = _PERSONAS_AT.get((school.key, worker.post.position), "")
                yield school, worker, named.get(key)

    def _employees(self) -> Iterator[tuple[Any, ...]]:
        seen: set[str] = set()
        for _, worker, persona in self._workers():
            if persona is not None and persona.key in seen:
                continue  # the same person, in another school
            seen.add(persona.key if persona else "")
            person: Any = persona or worker.person
            code = persona.person_code if persona else None
            yield (
                uid(_EMPLOYEE, worker.index),
                person.surname,
                person.given_name,
                person.patronymic,
                person.sex,
                worker.person.born_on,
                code,
                "VALUE" if code else "NOT_ASSIGNED",
            )

    def _posts(self) -> Iterator[tuple[Any, ...]]:
        first: dict[str, int] = {}
        for school, worker, persona in self._workers():
            key = persona.key if persona else str(worker.index)
            holder = first.setdefault(key, worker.index)
            yield (
                uid(_POST, worker.index),
                uid(_EMPLOYEE, holder),
                self.unit_ids[school.key],
                worker.post.position,
                worker.post.is_main and holder == worker.index,
                worker.post.rate,
                worker.post.category,
                self.plan.last_first_day,
            )

    def classes(self) -> None:
        wanted = []
        for school in self.plan.schools:
            for group in school.classes:
                wanted.append((school, self.plan.year, group.planned.grade, group))
                # Those in grade 2 and up were together a year ago; grade 11 has left.
                if group.planned.grade >= 2:
                    wanted.append((school, self.plan.last_year, group.planned.grade - 1, group))
                if group.planned.grade == 11:
                    wanted.append((school, self.plan.last_year, 11, group))
        ids = reserve_ids("registry_classgroup", len(wanted))
        rows = []
        for number, (school, year, grade, group) in zip(ids, wanted, strict=True):
            self.class_ids[school.key, year, grade, group.planned.letter] = number
            this_year = year == self.plan.year
            rows.append(
                ClassGroup(
                    id=number,
                    institution_id=self.unit_ids[school.key],
                    school_year_id=year,
                    grade=grade,
                    letter=group.planned.letter,
                    type=group.type,
                    language=school.language,
                    capacity=30 if grade > 4 else 24,
                    opened_on=self.plan.first_day if this_year else self.plan.last_first_day,
                    teacher_id=uid(_POST, group.teacher) if group.teacher and this_year else None,
                )
            )
        ClassGroup.objects.bulk_create(rows)
        self.counts["classes"] = len(rows)

    def everyone(self) -> Iterator[tuple[School, PlannedPupil]]:
        for school in self.plan.schools:
            for group in school.classes:
                for pupil in group.pupils:
                    yield school, pupil
            for pupil in school.graduates:
                yield school, pupil

    def pupils(self) -> None:
        self.counts["pupils"] = copy_rows(
            self.cursor,
            Pupil,
            "id surname given_name patronymic sex born_on citizenship rnokpp rnokpp_state"
            " contact_status institution_id class_group_id grade form enrolled_on",
            self._pupils(),
        )
        self.counts["documents"] = copy_rows(
            self.cursor,
            PupilDocument,
            ("pupil_id type series number issued_by issued_on valid_to is_primary verification"),
            (
                (
                    uid(_PUPIL, pupil.index),
                    paper.type,
                    paper.series,
                    paper.number,
                    paper.issued_by,
                    paper.issued_on,
                    paper.valid_to,
                    paper.is_primary,
                    paper.verification,
                )
                for _, pupil in self.everyone()
                for paper in pupil.child.documents
            ),
        )
        self.counts["addresses"] = copy_rows(
            self.cursor,
            PupilAddress,
            "pupil_id kind country territory_code line",
            self._addresses(),
        )
        self._guardians()
        self.counts["categories"] = copy_rows(
            self.cursor,
            PupilCategory,
            "pupil_id code level country document issued_on origin_code studies_there starts_on",
            (
                (
                    uid(_PUPIL, pupil.index),
                    category.code,
                    category.level,
                    category.country,
                    category.document,
                    category.issued_on,
                    category.origin_code,
                    category.studies_there,
                    category.starts_on,
                )
                for _, pupil in self.everyone()
                for category in pupil.child.categories
            ),
        )
        self.counts["contacts"] = copy_rows(
            self.cursor,
            ContactState,
            "pupil_id status attempts starts_on",
            (
                (
                    uid(_PUPIL, pupil.index),
                    pupil.child.contact_status,
                    "Дзвінки батькам 15.09 і 22.09, лист на адресу проживання",
                    self.plan.first_day,
                )
                for _, pupil in self.everyone()
                if pupil.child.contact_status != "OK"
            ),
        )

    def _pupils(self) -> Iterator[tuple[Any, ...]]:
        """Children with the mirror of the enrolment that follows: its trigger then finds nothing
        to change, and a child's history begins with one version instead of two."""
        mirror = {
            pupil.index: (
                self.unit_ids[school.key],
                self.class_ids[
                    school.key, self.plan.year, group.planned.grade, group.planned.letter
                ],
                group.planned.grade,
                pupil.child.form,
                pupil.moved_on or self.plan.first_day,
            )
            for school, group, pupil in self.plan.pupils()
        }
        for _, pupil in self.everyone():
            child = pupil.child
            yield (
                uid(_PUPIL, pupil.index),
                child.surname,
                child.given_name,
                child.patronymic,
                child.sex,
                child.born_on,
                child.citizenship,
                child.rnokpp,
                "VALUE" if child.rnokpp else "NOT_ASSIGNED",
                child.contact_status,
                *mirror.get(pupil.index, (None, None, None, "", None)),
            )

    def _addresses(self) -> Iterator[tuple[Any, ...]]:
        for school, pupil in self.everyone():
            number = pupil.index
            street = plans.STREETS[number % len(plans.STREETS)]
            line = f"{street}, {number * 7 % 140 + 1}"
            yield uid(_PUPIL, number), "REGISTERED", "UA", school.territory_code, line
            if pupil.child.abroad:
                yield uid(_PUPIL, number), "ACTUAL", pupil.child.abroad, "", ""
            else:
                yield uid(_PUPIL, number), "ACTUAL", "UA", school.territory_code, line

    def _guardians(self) -> None:
        """Parents as persons with numbers; the mother of every tenth child has another one here."""
        parents = [
            (pupil, parent) for _, pupil in self.everyone() for parent in pupil.child.parents
        ]
        ids = reserve_ids("registry_guardian", len(parents))
        persons: list[tuple[Any, ...]] = []
        ties: list[tuple[Any, ...]] = []
        mother: int | None = None
        for number, (guardian, (pupil, parent)) in enumerate(zip(ids, parents, strict=True)):
            if parent.relation == "MOTHER":
                if mother is not None and pupil.index % 10 == 0:
                    guardian = mother
                mother = guardian
            if guardian == ids[number]:
                born = _PARENTS_BORN + datetime.timedelta(days=number // 4000)
                sex = "M" if parent.relation == "FATHER" else "F"
                persons.append(
                    (
                        guardian,
                        parent.surname,
                        parent.given_name,
                        parent.patronymic,
                        parent.phone,
                        parent.email,
                        codes.rnokpp(born, sex, number % 4000),
                    )
                )
            ties.append(
                (
                    uid(_PUPIL, pupil.index),
                    guardian,
                    parent.relation,
                    pupil.child.born_on,
                    "свідоцтво про народження",
                    True,
                )
            )
        self.counts["guardians"] = copy_rows(
            self.cursor, Guardian, "id surname given_name patronymic phone email rnokpp", persons
        )
        self.counts["guardianships"] = copy_rows(
            self.cursor,
            Guardianship,
            "pupil_id guardian_id relation starts_on ground identity_shown",
            ties,
        )

    def residences(self) -> None:
        """Scopes of residence by addresses; closed for those whose school is over."""
        everyone = list(self.everyone())
        self.counts["residences"] = residence.settle([uid(_PUPIL, p.index) for _, p in everyone])
        cursor = self.cursor
        cursor.execute(
            "SELECT DISTINCT pupil_id FROM registry_enrolment WHERE end_reason = 'COMPLETED'"
            " EXCEPT SELECT id FROM registry_pupil WHERE institution_id IS NOT NULL"
        )
        residence.close([row[0] for row in cursor.fetchall()])

    def enrolments(self) -> None:
        by_school: dict[int, list[Place]] = {}
        for here, place in self._enrolments():
            by_school.setdefault(here, []).append(place)
        made = 0
        for number, (here, places) in enumerate(by_school.items()):
            made += len(enrolments.enrol(here, places, order=None))
            if number in {0, 10}:
                # Triggers look up places beside these: of tables the planner takes for empty it
                # would read the whole for each row.
                self.cursor.execute("ANALYZE registry_enrolment, registry_classplacement")
        self.counts["enrolments"] = made

    def _enrolments(self) -> Iterator[tuple[int, Place]]:
        """Places by the node of the institution."""
        last = self.plan.last_first_day
        for school in self.plan.schools:
            here = self.unit_ids[school.key]
            for group in school.classes:
                grade, letter = group.planned.grade, group.planned.letter
                now = self.class_ids[school.key, self.plan.year, grade, letter]
                before = self.class_ids.get((school.key, self.plan.last_year, grade - 1, letter))
                for pupil in group.pupils:
                    who, form = uid(_PUPIL, pupil.index), pupil.child.form
                    begins = pupil.moved_on or self.plan.first_day
                    yield here, Place(who, now, begins, form)
                    if pupil.moved_from:
                        there = self.unit_ids[pupil.moved_from]
                        left = self._class_of(pupil.moved_from, grade)
                        yield (
                            there,
                            Place(who, left, self.plan.first_day, form, "MAIN", begins, "TRANSFER"),
                        )
                    elif before and grade >= 2:
                        yield (
                            here,
                            Place(who, before, last, form, "MAIN", self.plan.first_day, "PROMOTE"),
                        )
            for pupil in school.graduates:
                left = self._class_of(school.key, 11, self.plan.last_year)
                ended = datetime.date(self.plan.starts, 7, 1)
                who = uid(_PUPIL, pupil.index)
                form = pupil.child.form
                yield here, Place(who, left, last, form, "MAIN", ended, "COMPLETED")

    def _class_of(self, school: str, grade: int, year: str | None = None) -> int:
        year = year or self.plan.year
        return next(
            number
            for (key, when, level, _), number in self.class_ids.items()
            if (key, when, level) == (school, year, grade)
        )

    def people(self) -> None:
        """Users and grants down the cascade; every school but the two new ones has its head."""
        now = timezone.now()
        grants: dict[tuple[str, str], Grant] = {}

        def grant(user: User, role: str, unit: str, by: Grant | None, position: str, duties=()):
            grants[role, unit] = Grant.objects.create(
                user=user,
                unit_id=self.unit_ids[unit],
                role=role,
                duties=list(duties),
                position=position,
                state=GrantState.ACTIVE,
                given_by=by,
                activated_at=now,
            )

        users: dict[str, User] = {}
        for persona in PERSONAS:
            if persona.holdings:
                users[persona.key] = User.objects.create(
                    surname=persona.surname,
                    given_name=persona.given_name,
                    patronymic=persona.patronymic,
                    person_code=persona.person_code,
                    email=persona.email,
                    phone=codes.phone(8_000_000 + len(users)),
                )
        held = [(persona, holding) for persona in PERSONAS for holding in persona.holdings]
        taken = {(holding.role, holding.unit) for _, holding in held}
        parents = {unit.key: unit.parent for unit in self.plan.units}
        parents |= {school.key: school.parent for school in self.plan.schools}

        def above(unit: str, role: str) -> Grant:
            """The nearest administrator above: who created the holder."""
            if role == Role.DEPUTY:
                return grants[Role.HEAD, unit]
            node = parents[unit]
            while node:
                for each in (Role.HROMADA_ADMIN, Role.RAION_ADMIN, Role.OBLAST_ADMIN):
                    if (each, node) in grants:
                        return grants[each, node]
                node = parents[node]
            return grants[Role.TECH_ADMIN, "tech-admin"]

        def give(persona_key: str, role: str, unit: str, position: str, duties=()) -> None:
            by = None if role == Role.TECH_ADMIN else above(unit, role)
            grant(users[persona_key], role, unit, by, position, duties)

        order = [Role.TECH_ADMIN, Role.ANALYST, Role.OBLAST_ADMIN]
        for role in order:
            for persona, holding in held:
                if holding.role == role:
                    give(persona.key, role, holding.unit, holding.position, holding.duties)
        made = 0
        for unit in self.plan.units:
            official = {"RAION": Role.RAION_ADMIN, "HROMADA": Role.HROMADA_ADMIN}.get(unit.kind)
            if official and (official, unit.key) not in taken and unit.key != "boianska":
                made += 1
                person = _official(made, self.plan.starts)
                users[unit.key] = User.objects.create(**person)
                give(unit.key, official, unit.key, "Начальник відділу")
            for persona, holding in held:
                if holding.role == Role.HROMADA_ADMIN and holding.unit == unit.key:
                    give(persona.key, holding.role, unit.key, holding.position)
        for school in self.plan.schools:
            if not school.has_head:
                continue
            if (Role.HEAD, school.key) in taken:
                persona = next(p for p, h in held if (h.role, h.unit) == (Role.HEAD, school.key))
                user = users[persona.key]
            else:
                head = school.workers[0]
                user = User.objects.create(
                    surname=head.person.surname,
                    given_name=head.person.given_name,
                    patronymic=head.person.patronymic,
                    person_code=codes.rnokpp(
                        datetime.date(2097, 1, 1), head.person.sex, head.index
                    ),
                    email=f"head.{school.key}@example.com",
                )
            position = "Завідувач філії" if school.hub else "Директор"
            grant(user, Role.HEAD, school.key, above(school.key, Role.HEAD), position)
        for persona, holding in held:
            if holding.role == Role.DEPUTY:
                give(persona.key, holding.role, holding.unit, holding.position, holding.duties)
        self.counts["users"] = len(users) + sum(
            1 for s in self.plan.schools if s.has_head and (Role.HEAD, s.key) not in taken
        )
        self.counts["grants"] = len(grants)

    def journals(self) -> None:
        """A year, timetables and a month of lessons with entries in a few schools."""
        year = classifiers.year(self.plan.year)
        ends = datetime.date(year.starts_on.year + 1, 6, 1)
        today = min(max(clock.today(), year.starts_on + _WEEK), ends)
        schools = [self.unit_ids[key] for key in _WITH_JOURNALS if key in self.unit_ids]
        act = audit.current_act()
        assert act is not None  # noqa: S101 - the world is written by a command
        for statement in journals.statements(
            (year.code, year.starts_on, year.ends_on),
            (max(year.starts_on, today - 5 * _WEEK), today),
            institutions=f"c.institution_id = ANY(ARRAY{schools})",
            act=act.id,
        ):
            self.cursor.execute(statement)
        self.counts["entries"] = self.cursor.rowcount
        for plan in YearPlan.objects.filter(school_year=year):
            lessons_sql.make(plan, today, year.ends_on)

    def tell(self) -> None:
        events = [
            SchoolMade(
                subject=self.unit_ids[school.key],
                unit=self.unit_ids[school.key],
                pupils=sum(len(group.pupils) for group in school.classes),
            )
            for school in self.plan.schools
        ]
        root = self.unit_ids["owner"]
        audit.record(
            WorldMade(subject=root, unit=root, counts=self.counts, nodes=self.unit_ids),
            *events,
        )


def _head_of(school: School) -> str:
    for persona in PERSONAS:
        for holding in persona.holdings:
            if (holding.role, holding.unit) == (Role.HEAD, school.key):
                return persona.full_name
    if not school.has_head:
        return ""
    person = school.workers[0].person
    return f"{person.surname} {person.given_name} {person.patronymic}"


def _official(number: int, starts: int) -> dict[str, str]:
    person = people.adult(random.Random(f"official/{number}"), number, starts)
    return {
        "surname": person.surname,
        "given_name": person.given_name,
        "patronymic": person.patronymic,
        "person_code": codes.rnokpp(datetime.date(2098, 1, 1), person.sex, number),
        "email": f"official{number}@example.com",
    }

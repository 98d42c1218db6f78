"""The small world every test knows: a country of two oblasts, a few schools, fixed people.

Names of people follow style.md: Олена heads school 1; Богдан runs the city; Ірина the oblast;
Тарас another oblast; Марія analyses for the ministry. Nothing here is real (handbook M.2).

    world = build()                       # inside a test with the `db` fixture
    world.actor("olena")                  # -> accounts.actors.Actor
    sign_in(client, world.grants["olena"])  # a visit without the signature ceremony
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import pickle
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts import actors
from accounts.actors import Actor
from accounts.models import Grant, OrgUnit, User, UserSession
from accounts.roles import Duty, GrantState, Role, UnitKind
from kernel.db import command
from registry.enrolments import services as enrolments
from registry.models import (
    ClassGroup,
    Employee,
    Enrolment,
    Institution,
    Post,
    Pupil,
    PupilDocument,
    SchoolYear,
)
from tests.kit.acts import noted

YEAR = "2026-2027"
FIRST_DAY = datetime.date(2026, 9, 1)

# persona: surname, name, patronymic, person code (synthetic, births in 2095: handbook C.2)
PEOPLE = {
    "admin": ("Технічна", "Адміністраторка", "", "7146712341"),
    "maria": ("Міністерська", "Марія", "Петрівна", "7304999992"),
    "iryna": ("Обласна", "Ірина", "Іванівна", "7146700080"),
    "taras": ("Львівський", "Тарас", "Тарасович", "7146712358"),
    "bohdan": ("Міський", "Богдан", "Богданович", "7146710010"),
    "hanna": ("Громадська", "Ганна", "Ігорівна", "7146710729"),
    "olena": ("Шкільна", "Олена", "Василівна", "7146711424"),
    "petro": ("Сусідній", "Петро", "Юрійович", "7146712113"),
    "nina": ("Опорна", "Ніна", "Степанівна", "7146712821"),
    "dana": ("Заступниця", "Дана", "Олегівна", "7146713527"),
}


@dataclasses.dataclass
class World:
    """Ids and rows of the small world; `units`, `institutions` and `grants` are by short name."""

    units: dict[str, OrgUnit]
    institutions: dict[str, Institution]
    grants: dict[str, Grant]
    classes: dict[str, ClassGroup]
    pupils: dict[str, Pupil]

    def actor(self, who: str) -> Actor:
        """The actor of a persona's grant."""
        grant = Grant.objects.select_related("user", "unit").get(pk=self.grants[who].pk)
        return actors.of_grant(grant)


@command
def _build(*, actor: Actor) -> World:
    units: dict[str, OrgUnit] = {}

    def unit(
        key: str,
        kind: str,
        name: str,
        parent: str | None,
        edrpou: str | None,
        code: str | None = None,
    ) -> None:
        units[key] = OrgUnit.objects.create(
            kind=kind,
            name=name,
            parent=units[parent] if parent else None,
            edrpou=edrpou,
            territory_code=code,
        )
        units[key].refresh_from_db()

    unit("mon", UnitKind.OWNER, "Міністерство освіти і науки України", None, "38621185")
    unit("ioa", UnitKind.TECH_ADMIN, "Інститут освітньої аналітики", "mon", "99000011")
    unit(
        "chernivetska",
        UnitKind.OBLAST,
        "Департамент освіти Чернівецької ОВА",
        "mon",
        "39301337",
        "UA73000000000044923",
    )
    unit(
        "raion",
        UnitKind.RAION,
        "Відділ освіти Чернівецької РВА",
        "chernivetska",
        "99000028",
        "UA73060000000044923",
    )
    unit(
        "chernivtsi",
        UnitKind.CITY,
        "Управління освіти Чернівецької міської ради",
        "raion",
        "02147345",
        "UA73060610000033137",
    )
    unit(
        "hromada",
        UnitKind.HROMADA,
        "Відділ освіти Мамаївської сільської ради",
        "raion",
        "59900012",
        "UA73060330000089089",
    )
    unit(
        "lvivska",
        UnitKind.OBLAST,
        "Департамент освіти Львівської ОВА",
        "mon",
        "99000075",
        "UA46000000000026241",
    )
    unit("school1", UnitKind.INSTITUTION, "Чернівецький ліцей № 1", "chernivtsi", "59900062")
    unit("school2", UnitKind.INSTITUTION, "Чернівецька гімназія № 2", "chernivtsi", "99000130")
    unit("hub", UnitKind.INSTITUTION, "Мамаївський опорний ліцей", "hromada", "99000206")
    unit("branch", UnitKind.INSTITUTION, "Стрілецька філія", "hub", None)
    unit("lviv_school", UnitKind.INSTITUTION, "Львівський ліцей № 1", "lvivska", "99000198")

    institutions = {}
    for key, city in (
        ("school1", True),
        ("school2", True),
        ("hub", False),
        ("branch", False),
        ("lviv_school", True),
    ):
        node = units[key]
        institutions[key] = Institution.objects.create(
            unit=node,
            edrpou=node.edrpou,
            full_name=node.name,
            short_name=node.name,
            type="LYCEUM",
            ownership="COMMUNAL",
            status="ACTIVE",
            is_hub=key == "hub",
            hub=institutions.get("hub") if key == "branch" else None,
            is_rural=not city,
            territory_code="UA73060610010033137",
        )
        institutions[key].refresh_from_db()

    users = {
        key: User.objects.create(
            surname=surname,
            given_name=name,
            patronymic=patronymic,
            person_code=code,
            email=f"{key}@example.com",
        )
        for key, (surname, name, patronymic, code) in PEOPLE.items()
    }
    grants: dict[str, Grant] = {}

    def grant(who: str, role: str, at: str, by: str | None, duties: tuple[str, ...] = ()) -> None:
        grants[who] = Grant.objects.create(
            user=users[who],
            unit=units[at],
            role=role,
            duties=list(duties),
            state=GrantState.ACTIVE,
            given_by=grants[by] if by else None,
            activated_at=timezone.now(),
        )

    grant("admin", Role.TECH_ADMIN, "ioa", None)
    grant("maria", Role.ANALYST, "mon", "admin")
    grant("iryna", Role.OBLAST_ADMIN, "chernivetska", "admin")
    grant("taras", Role.OBLAST_ADMIN, "lvivska", "admin")
    grant("bohdan", Role.HROMADA_ADMIN, "chernivtsi", "iryna")
    grant("hanna", Role.HROMADA_ADMIN, "hromada", "iryna")
    grant("olena", Role.HEAD, "school1", "bohdan")
    grant("petro", Role.HEAD, "school2", "bohdan")
    grant("nina", Role.HEAD, "hub", "hanna")
    grant("dana", Role.DEPUTY, "school1", "olena", (Duty.PUPILS, Duty.CLASSES))

    year = SchoolYear.objects.filter(code=YEAR).first() or SchoolYear.objects.create(
        code=YEAR, starts_on=FIRST_DAY, ends_on=datetime.date(2027, 7, 1)
    )
    classes = {}
    for key in institutions:
        for letter in "АБ":
            classes[f"{key}/5-{letter}"] = ClassGroup.objects.create(
                institution=institutions[key],
                school_year=year,
                grade=5,
                letter=letter,
                opened_on=year.starts_on,
            )

    pupils = {}
    for number, (key, surname, name, where) in enumerate(
        [
            ("ivan", "Іваненко", "Іван", "school1/5-А"),
            ("oksana", "Ґудзь", "Оксана", "school1/5-Б"),
            ("marko", "Сусіда", "Марко", "school2/5-А"),
            ("yeva", "Філійна", "Єва", "branch/5-А"),
            ("lev", "Львівенко", "Лев", "lviv_school/5-А"),
        ]
    ):
        class_group = classes[where]
        pupil = Pupil.objects.create(
            surname=surname,
            given_name=name,
            sex="F" if name.endswith("а") else "M",
            born_on=datetime.date(2016, 3, 1 + number),
        )
        PupilDocument.objects.create(
            pupil=pupil, type="BIRTH_UA", series="X-ТЕ", number=f"{number + 1:06d}", is_primary=True
        )
        enrol(pupil, class_group)
        pupil.refresh_from_db()
        pupils[key] = pupil
    noted()
    return World(units, institutions, grants, classes, pupils)


def enrol(pupil: Pupil, class_group: ClassGroup, **facts: Any) -> Enrolment:
    """Put a pupil into a class without an order, from the first day unless told otherwise."""
    place = enrolments.Place(pupil.pk, class_group.pk, facts.pop("starts_on", FIRST_DAY), **facts)
    (number,) = enrolments.enrol(class_group.institution_id, [place], order=None)
    return Enrolment.objects.get(pk=number)


def hire(institution: Institution, surname: str, **facts: Any) -> Post:
    """A post of a teacher from the first day unless told otherwise; a known РНОКПП is that person."""
    code = facts.pop("rnokpp", None)
    named = {
        "surname": surname,
        "given_name": facts.pop("given_name", "Ганна"),
        "patronymic": facts.pop("patronymic", ""),
        "sex": facts.pop("sex", "F"),
        "born_on": facts.pop("born_on", datetime.date(1980, 5, 5)),
        "rnokpp_state": "VALUE" if code else "NOT_ASSIGNED",
    }
    employee = Employee.objects.filter(rnokpp=code).first() if code else None
    employee = employee or Employee.objects.create(rnokpp=code, **named)
    facts = {"position": "TEACHER", "starts_on": FIRST_DAY, **facts}
    return Post.objects.create(employee=employee, institution=institution, **facts)


def build() -> World:
    """Build the small world in the test's database."""
    return _build(actor=actors.system("тестовий світ"))


def sign_in(client: Client, grant: Grant) -> None:
    """Open a visit under a grant, past the signature ceremony (that one has tests of its own)."""
    session = client.session
    session.create()
    visit = UserSession.objects.create(
        user=grant.user,
        grant=grant,
        session_key_sha256=hashlib.sha256(session.session_key.encode()).digest(),
        certificate_sha256=b"\x00" * 32,
        certificate_serial="00",
        certificate_not_after=timezone.now() + datetime.timedelta(days=365),
        edrpou=grant.unit.edrpou or "",
        started_at=timezone.now(),
    )
    session["user_session_id"] = visit.pk
    session.save()
    client.cookies["aikom_session"] = session.session_key


_made = b""


def make() -> None:
    """Build the small world in the database that tests with `world` are given clones of."""
    global _made
    _made = pickle.dumps(build())


def made() -> World:
    """The rows of the world that `make` built, anew for each test."""
    found: World = pickle.loads(_made)  # noqa: S301
    return found

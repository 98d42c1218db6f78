"""Operators of systems as tests know them: a company with a cabinet, and its steps on the road."""

from __future__ import annotations

import datetime
from typing import Any

from accounts import actors
from accounts.actors import Actor
from accounts.models import Grant
from accounts.ports import Identified
from accounts.services.operators import open_cabinet
from integrations.eis.models import EisSystem, RoadPaper
from integrations.eis.road.services import (
    applications,
    attestations,
    contracts,
    signing,
    testing,
    texts,
)
from integrations.eis.road.services.applications import Attached, Description
from integrations.eis.states import Paper
from kernel import clock
from kernel.clock import Moment, moment
from signatures.demo.signing import sign_cms
from tests.accounts.conftest import code
from tests.registry.kit import stored
from tests.world import World

PDF = b"%PDF-1.7 "
# short name: full name, code of the person, of the organisation ("" of a sole trader), its name
PEOPLE = {
    "oles": ("Розробник Олесь Ілліч", code(901), "59900138", "ТОВ «Зошит»"),
    "solomiya": ("Нова Соломія Юріївна", code(902), "59900143", "ТОВ «Абетка»"),
    "trader": ("Підприємець Гнат Ігорович", code(903), "", ""),
}


def opened(who: str = "oles") -> Grant:
    """The cabinet of an operator, opened by its own key."""
    full_name, person, edrpou, organisation = PEOPLE[who]
    return open_cabinet(
        actor=actors.stranger("127.0.0.1"),
        who=Identified(
            person_code=person, edrpou=edrpou, full_name=full_name, organisation=organisation
        ),
        at=moment().now,
    )


def acting(who: str = "oles") -> Actor:
    """The actor of an operator's cabinet, opened when it is not yet."""
    grant = Grant.objects.select_related("user", "unit").get(pk=opened(who).pk)
    return actors.of_grant(grant)


def on(day: datetime.date) -> Moment:
    """Noon of a day."""
    return Moment(clock.at(day, datetime.time(12)), day)


def cms(content: bytes, who: str, when: datetime.datetime, edrpou: str | None = None) -> bytes:
    """A signature of an operator's person."""
    full_name, person, organisation, name = PEOPLE[who]
    surname, _, given = full_name.partition(" ")
    key, certificate = stored().issue_person(
        full_name=full_name,
        surname=surname,
        given_name=given,
        rnokpp=person,
        edrpou=organisation if edrpou is None else edrpou,
        organisation=name,
        title="директор",
        kind="employee",
        at=when - datetime.timedelta(days=1),
    )
    return sign_cms(content, key, certificate, signing_time=when)


def described(who: str = "oles", when: Moment | None = None, **changes: Any) -> EisSystem:
    """A system that its operator described."""
    said = {
        "name": "Зошит",
        "site": "https://zoshyt.example",
        "about": "",
        "functions": ["JOURNAL", "DIARY"],
        "writes": ["classes.write"],
        "email": "zoshyt@example.com",
        "phone": "",
    } | changes
    return applications.describe(
        actor=acting(who),
        system_uid=None,
        version=0,
        said=Description(**said),
        moment=when or moment(),
    )


def filed(
    system: EisSystem, kind: str, who: str = "oles", when: Moment | None = None, **told: Any
) -> RoadPaper:
    """A paper that the operator prepared and signed."""
    now = when or moment()
    paper = laid(system, kind, who, now, **told)
    return signed(paper, who, now)


def laid(
    system: EisSystem, kind: str, who: str = "oles", when: Moment | None = None, **told: Any
) -> RoadPaper:
    """A paper that waits for the operator's signature."""
    if kind in {Paper.APPLICATION, Paper.TRANSFER}:
        told.setdefault("attached", [Attached("ownership", PDF)])
    return applications.prepare(
        actor=acting(who),
        system_uid=system.uid,
        version=EisSystem.objects.get(pk=system.pk).version,
        kind=kind,
        moment=when or moment(),
        **told,
    )


def signed(paper: RoadPaper, who: str, when: Moment) -> RoadPaper:
    """The paper with its operator's signature."""
    content = bytes(paper.signing.content)
    return signing.sign(
        actor=acting(who), paper_id=paper.pk, cms=cms(content, who, when.now), moment=when
    )


def admin_signed(world: World, paper: RoadPaper, when: Moment) -> RoadPaper:
    """A conclusion with the administrator's signature."""
    from tests.registry.kit import key_of

    key, certificate = key_of("admin", world.units["ioa"].edrpou, when.now)
    made = sign_cms(bytes(paper.signing.content), key, certificate, signing_time=when.now)
    return signing.sign(actor=world.actor("admin"), paper_id=paper.pk, cms=made, moment=when)


def of(system: EisSystem, world: World, when: Moment | None = None) -> dict[str, Any]:
    """What every command of the administrator is told."""
    return {
        "actor": world.actor("admin"),
        "system_uid": system.uid,
        "version": EisSystem.objects.get(pk=system.pk).version,
        "moment": when or moment(),
    }


def trialled(
    world: World, system: EisSystem, when: Moment | None = None, **verdict: Any
) -> RoadPaper:
    """A test begun, ended and concluded by the administrator's signature on one day."""
    now = when or moment()
    testing.start(**of(system, world, now))
    testing.end(**of(system, world, now))
    how: dict[str, Any] = {"positive": True, "findings": []} | verdict
    return admin_signed(world, testing.conclude(**of(system, world, now), **how), now)


def attested(
    world: World, system: EisSystem, who: str = "oles", when: Moment | None = None, days: int = 400
) -> None:
    """An attestation told and taken."""
    now = when or moment()
    told = attestations.tell(
        actor=acting(who),
        system_uid=system.uid,
        version=EisSystem.objects.get(pk=system.pk).version,
        kind="KSZI",
        number="22815",
        issued_on=now.today,
        valid_to=now.today + datetime.timedelta(days=days),
        paper=PDF,
        moment=now,
    )
    attestations.judge(**of(system, world, now), attestation_id=told.pk, accepted=True)


def with_contract(world: World, when: Moment | None = None) -> None:
    """A text of the contract, approved by the owner."""
    now = when or moment()
    made = texts.draft_contract(
        actor=world.actor("admin"),
        title="Договір про взаємодію",
        body="Оператор дотримується Положення.",
        effective_on=now.today,
        moment=now,
    )
    texts.approve_contract(
        actor=world.actor("maria"), number=made.number, approval="№ 15 від 02.09.2026", moment=now
    )


def connected(
    world: World, who: str = "oles", when: Moment | None = None, **said: Any
) -> EisSystem:
    """A system that came the whole road."""
    now = when or moment()
    with_contract(world, now)
    system = described(who, now, **said)
    filed(system, Paper.APPLICATION, who, now)
    trialled(world, system, now)
    attested(world, system, who, now)
    filed(system, Paper.JOIN, who, now)
    contracts.conclude(**of(system, world, now))
    contracts.publish(**of(system, world, now))
    system.refresh_from_db()
    return system

"""The children's register of the small world: who lives where, records, a notice, moments of 2026."""

from __future__ import annotations

import base64
import datetime
from typing import Any

from kernel import clock
from kernel.clock import Moment
from kernel.db import command
from registry.coverage import services
from registry.coverage.models import CoverageCase, CoverageLetter
from registry.models import Enrolment, Pupil
from registry.people.services import save_address
from signatures.demo.signing import sign_cms
from signatures.models import SigningSession
from tests.kit.acts import noted
from tests.registry.kit import key_of
from tests.world import World

CITY, VILLAGE = "UA73060610010033137", "UA73060330010012519"
OFFICES = {"bohdan": "02147345", "hanna": "59900012"}


def on(day: str) -> Moment:
    """Noon of a day of Kyiv: «24.11.2026»."""
    date = datetime.datetime.strptime(day, "%d.%m.%Y").replace(tzinfo=datetime.UTC)
    return Moment(clock.at(clock.day_of(date), datetime.time(12)), clock.day_of(date))


NOW = on("24.11.2026")  # a Tuesday


def lives(world: World, child: str, code: str = CITY, who: str = "olena", version: int = 0) -> None:
    """Write where a child lives."""
    save_address(
        actor=world.actor(who),
        pupil_id=world.pupils[child].pk,
        kind="ACTUAL",
        version=version,
        values={"country": "UA", "territory_code": code, "line": "вул. Нова, 1"},
    )


@command
def leaves(
    *, actor: Any, world: World, child: str, day: datetime.date = datetime.date(2026, 10, 1)
) -> None:
    """A child leaves its school and learns nowhere."""
    noted()
    Enrolment.objects.filter(pupil=world.pupils[child]).update(ends_on=day, end_reason="TRANSFER")


def nowhere(world: World, child: str = "ivan", code: str = CITY) -> Pupil:
    """A child that lives in a community and learns nowhere."""
    lives(world, child, code)
    leaves(actor=world.actor("olena"), world=world, child=child)
    return Pupil.objects.get(pk=world.pupils[child].pk)


def row(**more: str) -> dict[str, str]:
    """A row of a child of the world that learns nowhere: Іван."""
    return {
        "document": "X-ТЕ 000001",
        "born_on": "01.03.2016",
        "since": "01.10.2026",
        "reason": "UNKNOWN",
        "ground": "акт обстеження № 1",
        **more,
    }


def recorded(
    world: World, who: str = "bohdan", moment: Moment = NOW, kind: str = "NOT_COVERED", **more: str
) -> CoverageCase:
    """One child recorded by its community."""
    unit = world.units["chernivtsi" if who == "bohdan" else "hromada"]
    (made,) = services.record(
        actor=world.actor(who), kind=kind, unit=unit, rows=[row(**more)], moment=moment
    )
    return made


def absent(world: World, who: str = "olena", moment: Moment = NOW, **more: str) -> CoverageCase:
    """Оксана did not come for ten working days."""
    given = {
        "surname": "Ґудзь",
        "given_name": "Оксана",
        "born_on": "02.03.2016",
        "since": "10.11.2026",
        "until": "23.11.2026",
        "reason": "UNKNOWN",
        **more,
    }
    (made,) = services.record(
        actor=world.actor(who), kind="ABSENT", unit=None, rows=[given], moment=moment
    )
    return made


def prepared(
    world: World, case: CoverageCase, who: str, moment: Moment = NOW, **more: Any
) -> CoverageLetter:
    """A notice about one child to the children's service and the police."""
    return services.prepare(
        actor=world.actor(who),
        kind=case.kind,
        case_ids=[case.pk],
        number="01-12/7",
        addressees={"SSD": "Служба у справах дітей Чернівців", "POLICE": ""},
        moment=moment,
        **more,
    )


def signature(letter: CoverageLetter, who: str, moment: Moment = NOW, edrpou: str = "") -> bytes:
    """What a person's browser sends for a notice."""
    key, certificate = key_of(who, edrpou or OFFICES.get(who, ""), at=moment.now)
    session = SigningSession.objects.get(pk=letter.signing_id)
    return sign_cms(bytes(session.content), key, certificate, signing_time=moment.now)


def signed(world: World, case: CoverageCase, who: str, moment: Moment = NOW) -> CoverageLetter:
    """A notice about one child, signed."""
    letter = prepared(world, case, who, moment)
    return services.sign(
        actor=world.actor(who),
        letter_id=letter.pk,
        cms=signature(letter, who, moment),
        moment=moment,
    )


def encoded(cms: bytes) -> str:
    """A signature as a form sends it."""
    return base64.b64encode(cms).decode()

"""Admission of the small world: a school with places, applications of children, moments of 2027."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from kernel import clock
from kernel.clock import Moment
from registry.admission import services
from registry.admission.models import Application, Draw, Intake
from registry.drafts import services as drafts
from tests.registry.fields.test_validation import GOOD
from tests.world import World

YEAR = "2027-2028"


def at(month: int, day: int, hour: int = 12, minute: int = 0, second: int = 0) -> Moment:
    """A moment of 2027 by the clock of Kyiv."""
    date = datetime.date(2027, month, day)
    return Moment(clock.at(date, datetime.time(hour, minute, second)), date)


MAY, JUNE, JULY = at(5, 20), at(6, 3), at(7, 1)


def cells(number: int, surname: str = "", **more: str) -> dict[str, str]:
    """A child of six, each with a document and a name of its own."""
    letters = "АБВГДЕЖЗИКЛМНОПРСТУФХЦ"
    name = surname or f"Дитя{letters[number // 22].lower()}{letters[number % 22].lower()}"
    row = {key: value for key, value in GOOD.items() if key not in {"class", "rnokpp", "unzr"}}
    return {
        **row,
        "surname": name,
        "born_on": "15.03.2021",
        "document": f"I-СГ {number + 100000:06d}",
        **more,
    }


def places(world: World, who: str = "olena", school: str = "school1", many: int = 2) -> Intake:
    """One first class of so many places."""
    return services.set_places(
        actor=world.actor(who),
        institution_id=world.institutions[school].pk,
        classes=1,
        in_class=many,
        moment=MAY,
    )


def drafted(
    world: World, rows: list[dict[str, str]], who: str = "olena", school: str = "school1"
) -> Any:
    """A table of applications, not registered yet."""
    return drafts.start(
        actor=world.actor(who),
        institution_id=world.institutions[school].pk,
        process="apply",
        rows=rows,
        moment=MAY,
    )


def applied(
    world: World,
    rows: list[dict[str, str]],
    who: str = "olena",
    school: str = "school1",
    moment: Moment = MAY,
) -> list[Application]:
    """Applications registered and checked with the grounds they name."""
    draft = drafted(world, rows, who, school)
    made = services.register(actor=world.actor(who), draft_id=draft.pk, moment=moment)
    services.check_many(
        actor=world.actor(who),
        institution_id=world.institutions[school].pk,
        ids=[one.pk for one in made],
    )
    return made


def announced(world: World, who: str = "olena", school: str = "school1") -> Draw:
    """A draw whose hash is published."""
    return services.announce(
        actor=world.actor(who),
        institution_id=world.institutions[school].pk,
        takes="курс євро НБУ на 02.06.2027, bank.gov.ua",
        moment=MAY,
    )


def together(world: World, schools: tuple[str, ...] = ("school1", "school2"), **said: Any) -> Draw:
    """A draw of several schools that their hromada announced."""
    how = {"takes": "курс євро НБУ на 02.06.2027, bank.gov.ua", "who": "bohdan", **said}
    return services.announce_together(
        actor=world.actor(how.pop("who")),
        institution_ids=[world.institutions[one].pk for one in schools],
        moment=MAY,
        **how,
    )


def held(world: World, draw: Draw, who: str = "olena", value: str = "48.1234") -> Draw:
    """The draw frozen and held in June."""
    services.freeze(actor=world.actor(who), draw_id=draw.pk, moment=JUNE)
    return services.hold(actor=world.actor(who), draw_id=draw.pk, public_value=value, moment=JUNE)


def states(made: list[Application]) -> list[str]:
    """States of applications now, in the order given."""
    now = dict(
        Application.objects.filter(pk__in=[one.pk for one in made]).values_list("pk", "state")
    )
    return [now[one.pk] for one in made]


def by_state(made: list[Application]) -> Iterator[tuple[str, int]]:
    """How many are in each state."""
    found = states(made)
    return iter(sorted((state, found.count(state)) for state in set(found)))

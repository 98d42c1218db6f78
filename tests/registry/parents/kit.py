"""Parents of the small world: who represents whom, and how they stand in their window."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts import actors
from accounts.actors import Actor
from accounts.models import UserSession
from accounts.ports import Identified
from accounts.services import entering
from kernel import clock
from registry.models import Guardianship
from registry.people import services as people
from tests.accounts.conftest import code
from tests.world import FIRST_DAY, World

MOTHER, FATHER, STRANGER = code(801), code(802), code(803)


def represents(
    world: World,
    child: str = "ivan",
    *,
    by: str = "olena",
    confirmed: bool = True,
    **said: str,
) -> Guardianship:
    """A representative of a child as a school writes one; confirmed unless told otherwise."""
    values = {
        "relation": "MOTHER",
        "surname": "Іваненко",
        "given_name": "Надія",
        "phone": "050 111-22-33",
        "rnokpp": MOTHER,
        "starts_on": f"{FIRST_DAY:%d.%m.%Y}",
        "confirmed": "on",
    }
    tie = people.add_guardian(
        actor=world.actor(by),
        pupil_id=world.pupils[child].pk,
        values=values | said,
        today=clock.today(),
    )
    return confirm(world, tie, by=by) if confirmed else tie


def confirm(world: World, tie: Guardianship, *, by: str = "olena") -> Guardianship:
    """The school saw the document."""
    tie = Guardianship.objects.select_related("guardian").get(pk=tie.pk)
    return people.confirm_guardian(
        actor=world.actor(by),
        pupil_id=tie.pupil_id,
        guardianship_id=tie.pk,
        version=tie.version,
        guardian_version=tie.guardian.version,
        ground="Свідоцтво про народження I-ТЕ 000001",
        today=clock.today(),
    )


def parent(person_code: str = MOTHER, surname: str = "Іваненко") -> Actor:
    """Somebody in the parents' window, known by the code alone."""
    who = Identified(person_code=person_code, full_name=f"{surname} Надія Іванівна")
    return actors.of_parent(entering.meet(actor=actors.stranger(None), who=who))


def enter(client: Client, actor: Actor) -> Client:
    """A visit of the parents' window, past the signature ceremony."""
    session: Any = client.session
    session.create()
    now = timezone.now()
    visit = UserSession.objects.create(
        user_id=actor.user_id,
        as_parent=True,
        session_key_sha256=hashlib.sha256(session.session_key.encode()).digest(),
        certificate_sha256=b"\x00" * 32,
        certificate_serial="00",
        certificate_not_after=now + datetime.timedelta(days=365),
        started_at=now,
    )
    session["user_session_id"] = visit.pk
    session.save()
    client.cookies["aikom_session"] = session.session_key
    return client

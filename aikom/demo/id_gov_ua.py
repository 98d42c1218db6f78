"""`python -m aikom.demo.id_gov_ua`: the demo's own provider of identity, about its own people.

The supervisor starts it beside the web server and names its port in DEMO_ISEI_PORT; `settings.dev`
then offers «Увійти через id.gov.ua». Production refuses its address.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from integrations.isei.demo.keys import KeyFiles
    from integrations.isei.demo.people import Vouched


def main() -> int:
    """Serve until killed."""
    django.setup()
    from django.conf import settings

    from integrations.isei.demo.provider import Client, Provider

    site = os.environ.get("PORT", "8000")
    provider = Provider(
        list(people()),
        Client(
            settings.ISEI_CLIENT_ID,
            settings.ISEI_CLIENT_SECRET,
            tuple(f"http://{name}:{site}/" for name in ("localhost", "127.0.0.1")),
        ),
        keys=key_files().provider_keys(),
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ["DEMO_ISEI_PORT"]),
    )
    provider.serve()
    return 0


def key_files() -> KeyFiles:
    """The key files that settings.dev names, made by the demo authority where they are missing."""
    from django.conf import settings
    from django.utils import timezone

    from integrations.isei.demo.keys import issue
    from signatures.demo.authority import stored

    folder = Path(settings.ISEI_CERTIFICATE).parent
    return issue(stored(), folder, at=timezone.now())


def people() -> Iterator[Vouched]:
    """The personas with keys, then those whom the door must refuse, each in its own words."""
    from accounts.models import OrgUnit
    from aikom.demo.personas import PARENT, PERSONAS
    from aikom.demo.world import nodes
    from integrations.isei.demo.people import Vouched

    places = nodes()
    units = OrgUnit.objects.in_bulk([places[each.unit] for each in PERSONAS if each.signs])
    for each in PERSONAS:
        if each.signs:
            unit = units[places[each.unit]]
            yield Vouched(
                key=each.key,
                surname=each.surname,
                given_name=each.given_name,
                patronymic=each.patronymic,
                drfocode=each.person_code,
                edrpoucode=unit.edrpou or "",
                organisation=unit.name,
                title=each.title,
                note="" if each.holdings else "облікового запису ще немає",
            )
    yield Vouched(
        key=PARENT.key,
        surname=PARENT.surname,
        given_name=PARENT.given_name,
        patronymic=PARENT.patronymic,
        drfocode=PARENT.person_code,
        edrpoucode="",
        organisation="",
        title=PARENT.title,
        note="вікно батьків",
    )
    head = next(each for each in PERSONAS if each.key == "head-lyceum")
    own = Vouched("", head.surname, head.given_name, head.patronymic, head.person_code)
    yield dataclasses.replace(own, key="person", note="підпис фізичної особи: без коду ЄДРПОУ")
    yield dataclasses.replace(
        own, key="seal", drfocode="", edrpoucode="99000011", note="печатка: без РНОКПП"
    )


if __name__ == "__main__":
    sys.exit(main())

"""Signatures of the small world's people, made with keys of the demo authority."""

from __future__ import annotations

import datetime
import functools

from kernel.clock import Moment
from signatures.demo.authority import stored
from signatures.demo.signing import sign_cms
from signatures.models import SigningSession
from tests.world import PEOPLE

NOW = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
TODAY = NOW.date()
MOMENT = Moment(NOW, TODAY)

CODES = {"olena": "59900062", "petro": "99000130", "nina": "99000206", "dana": "59900062"}


@functools.cache
def key_of(who: str, edrpou: str = "", at: datetime.datetime = NOW):
    """A demo key and certificate of a persona for an organisation."""
    surname, name, patronymic, code = PEOPLE[who]
    return stored().issue_person(
        full_name=f"{surname} {name} {patronymic}".strip(),
        surname=surname,
        given_name=f"{name} {patronymic}".strip(),
        rnokpp=code,
        edrpou=edrpou or CODES[who],
        organisation="Навчальний заклад",
        title="керівник",
        kind="employee",
        at=at - datetime.timedelta(days=1),
    )


def signature_of(order, who: str, *, edrpou: str = "", content: bytes | None = None) -> bytes:
    """The detached signature a person's browser would send for an order."""
    key, certificate = key_of(who, edrpou)
    manifest = bytes(SigningSession.objects.get(pk=order.signing_id).content)
    return sign_cms(manifest if content is None else content, key, certificate, signing_time=NOW)

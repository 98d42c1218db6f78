"""Rows of the public check of signatures."""

from __future__ import annotations

import datetime
from typing import Any

from accounts import actors
from kernel.db import command
from signatures.demo.signing import sign_cms
from signatures.packages import build_package
from signatures.services import sessions
from tests.architecture.matrix import Row
from tests.registry_pupils.kit import NOW, key_of
from tests.world import World

DOCUMENT = {
    "institution": {"name": "Ліцей", "edrpou": ""},
    "title": "Про зарахування",
    "number": "1",
    "date": "2026-11-22",
}


@command
def _signed(*, actor: Any) -> str:
    package = build_package(DOCUMENT, [{"no": 1}])
    session = sessions.prepare(
        user_id=1,
        purpose="registry.order.enrol",
        content=package.manifest,
        now=NOW - datetime.timedelta(hours=1),
        files=package.kept,
    )
    cms = sign_cms(package.manifest, *key_of("olena"), signing_time=NOW)
    assert sessions.complete(session.pk, cms, now=NOW).valid
    session.refresh_from_db()
    return session.code


def a_code(world: World) -> dict[str, Any]:
    """The code of a signed document."""
    return {"code": _signed(actor=actors.system("test"))}


ROWS = {
    "verify_signature": Row(public=True),
    # At the door too; whoever asks has the key's own hash, and searches are counted.
    "find_certificate": Row(public=True, method="POST"),
    # Whoever holds the paper holds the code, and needs nothing else.
    "verify_document": Row(a_code, public=True),
}

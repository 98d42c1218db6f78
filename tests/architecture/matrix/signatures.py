"""Rows of the public check of signatures."""

from __future__ import annotations

import datetime
from typing import Any

from accounts import actors
from kernel.db import command
from signatures.demo.signing import sign_cms
from signatures.models import SigningSession, VerifiedSignature
from signatures.packages import build_package
from signatures.services import sessions
from tests.architecture.matrix import PEOPLE, Row, all_but
from tests.kit import acts
from tests.registry.kit import NOW, key_of
from tests.world import World

DOCUMENT = {
    "institution": {"name": "Ліцей", "edrpou": ""},
    "title": "Про зарахування",
    "number": "1",
    "date": "2026-11-22",
}


PACKAGE = build_package(DOCUMENT, [{"no": 1}])


@command
def _prepared(*, actor: Any) -> SigningSession:
    acts.noted()
    return sessions.prepare(
        user_id=1,
        purpose="registry.order.enrol",
        content=PACKAGE.manifest,
        now=NOW - datetime.timedelta(hours=1),
        files=PACKAGE.kept,
    )


@command
def _completed(*, actor: Any, session: SigningSession, verified: VerifiedSignature) -> None:
    acts.noted()
    sessions.complete(session, verified.pk, now=NOW)


def a_code(world: World) -> dict[str, Any]:
    """The code of a signed document."""
    system = actors.system("test")
    session = _prepared(actor=system)
    cms = sign_cms(PACKAGE.manifest, *key_of("olena"), signing_time=NOW)
    verified = sessions.verify(session.pk, cms, actor=system, now=NOW)
    _completed(actor=system, session=session, verified=verified)
    return {"code": SigningSession.objects.get(pk=session.pk).code}


ROWS = {
    # The same few lines for everybody, at the door too.
    "signing_worker": Row(public=True),
    # Without a ticket of this visit, absent for all; with one, for the visit's person alone:
    # tests/signatures_browser/test_hostile_page.py.
    "confirm_signing": Row(method="POST", absent=" ".join(PEOPLE)),
    "verify_signature": Row(public=True),
    "signature_renewals": Row(opens="admin", refused=all_but("admin")),
    # At the door too; whoever asks has the key's own hash, and searches are counted.
    "find_certificate": Row(public=True, method="POST"),
    # Whoever holds the paper holds the code, and needs nothing else.
    "verify_document": Row(a_code, public=True),
}

"""Signing in as the server does it, and what knowing the visitor costs every request.

Bounds of issue 2: verified ≤ 20 ms without and ≤ 3 ms with the accelerator.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import actors, ports
from accounts.models import Grant, OrgUnit, User, UserSession
from accounts.roles import GrantState, Role, UnitKind
from accounts.selectors import visits
from accounts.services import signin
from kernel import audit
from kernel.db import writes_allowed
from signatures.algorithms import dstu4145, native
from signatures.demo.authority import stored
from signatures.demo.signing import sign_cms
from tests.bench import Result, bench, country, median_ms


def _answer(folder: Path) -> tuple[bytes, bytes]:
    """A challenge and its signature by a demo key."""
    settings.SIGNATURES_DEMO_DIR = folder
    now = timezone.now()
    asked = signin.ask(site="https://aikom.example", browser="bench", at=now)
    key, certificate = stored(folder).issue_person(
        full_name="Вимірювальна Особа", rnokpp="7146712341", edrpou="39301337", at=now
    )
    return asked.content, sign_cms(asked.content, key, certificate)


@bench("signin.verified", unit="ms")
def verified() -> Iterator[Result]:
    """The whole verdict through the port: CMS, chain, revocation, codes."""
    for name, switch in (("accelerated", ""), ("python", "off")):
        os.environ["AIKOM_NATIVE"] = switch
        native.library.cache_clear()
        dstu4145.arithmetic.cache_clear()
        with tempfile.TemporaryDirectory() as folder:
            content, cms = _answer(Path(folder))

            def judge(content: bytes = content, cms: bytes = cms) -> None:
                said = ports.verify_sign_in(content, cms, at=timezone.now())
                if not said.valid:
                    raise RuntimeError(said.explanation)

            measured = median_ms(judge, times=60 if not switch else 20)
        yield Result(
            measured.value,
            "ms",
            reference=20.0 if switch else 3.0,
            n=measured.n,
            name=f"signin.verified_{name}",
        )
    os.environ.pop("AIKOM_NATIVE", None)
    native.library.cache_clear()
    dstu4145.arithmetic.cache_clear()


def _head() -> UserSession:
    """A visit of the head of some institution of the country."""
    unit = OrgUnit.objects.filter(kind=UnitKind.INSTITUTION).order_by("-id")[0]
    top = OrgUnit.objects.filter(kind=UnitKind.TECH_ADMIN).first() or OrgUnit.objects.create(
        kind=UnitKind.TECH_ADMIN, name="Вимірювання", parent=OrgUnit.objects.get(parent=None)
    )
    user = User.objects.create(surname="В", given_name="О", person_code="0000100010")
    root = Grant.objects.create(user=user, unit=top, role=Role.TECH_ADMIN, state=GrantState.ACTIVE)
    grant = Grant.objects.create(
        user=user, unit=unit, role=Role.HEAD, state=GrantState.ACTIVE, given_by=root
    )
    now = timezone.now()
    return UserSession.objects.create(
        user=user,
        grant=grant,
        session_key_sha256=hashlib.sha256(b"bench").digest(),
        certificate_sha256=b"\x00" * 32,
        certificate_serial="00",
        certificate_not_after=now + datetime.timedelta(days=1),
        started_at=now,
    )


@bench("signin.who_asks", unit="ms")
def who_asks() -> Iterator[Result]:
    """The actor of a head's request among 16,000 nodes: one query beside the session's own."""
    country.use()
    with transaction.atomic():
        with writes_allowed(), audit.act(actors.system("bench"), "bench"):
            visit = _head()

        def ask() -> None:
            row = visits.of_session(visit.pk, "bench")
            if row is None or row.grant is None:
                raise RuntimeError("no visit")
            actors.of_grant(row.grant, row.below)  # type: ignore[attr-defined]

        with CaptureQueriesContext(connection) as queries:
            ask()
        measured = median_ms(ask, times=200)
        yield Result(measured.value, "ms", n=measured.n, name="signin.who_asks")
        yield Result(len(queries), "queries", reference=1, name="signin.who_asks_queries")
        transaction.set_rollback(True)

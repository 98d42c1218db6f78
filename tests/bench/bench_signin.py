"""Signing in as the server does it, and what knowing the visitor costs every request.

Bounds of issue 2: verified ≤ 20 ms without and ≤ 3 ms with the accelerator.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import actors, ports
from accounts.models import Grant, OrgUnit, User, UserSession
from accounts.roles import GrantState, Role, UnitKind
from accounts.selectors import visits
from accounts.services import signin
from aikom.settings import env
from kernel.db import command
from kernel.embedded import postgres
from signatures.algorithms import build, dstu4145, native
from signatures.demo.authority import stored
from signatures.demo.signing import sign_cms
from tests.bench import Result, bench, median_ms
from tests.kit import database
from tests.kit.acts import noted


@contextlib.contextmanager
def scratch() -> Iterator[None]:
    """A migrated database of its own, gone afterwards."""
    name = f"test_{os.getpid()}_bench"
    with database.cluster():
        if database.embedded():
            connection.settings_dict |= env.database(postgres.url(settings.VAR, "aikom", test=True))
        before = connection.settings_dict["NAME"]
        database.clone(database.template(), name)
        database.use(name)
        try:
            yield
        finally:
            database.drop(name)
            database.use(before)


def median_cpu_ms(act: Callable[[], object], *, times: int) -> Result:
    """The median processor milliseconds of `act`: the same figure on a busy machine."""
    act()
    taken = []
    for _ in range(times):
        began = time.process_time()
        act()
        taken.append((time.process_time() - began) * 1000)
    return Result(sorted(taken)[len(taken) // 2], n=times)


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
    build.build()
    for name, switch in (("accelerated", ""), ("python", "off")):
        os.environ["AIKOM_NATIVE"] = switch
        native.library.cache_clear()
        dstu4145.arithmetic.cache_clear()
        with scratch(), tempfile.TemporaryDirectory() as folder:
            content, cms = _answer(Path(folder))

            def judge(content: bytes = content, cms: bytes = cms) -> None:
                said = ports.verify_sign_in(content, cms, at=timezone.now())
                if not said.valid:
                    raise RuntimeError(said.explanation)

            measured = median_cpu_ms(judge, times=60 if not switch else 20)
        yield Result(
            measured.value,
            "ms of processor",
            reference=20.0 if switch else 3.0,
            n=measured.n,
            name=f"signin.verified_{name}",
        )
    os.environ.pop("AIKOM_NATIVE", None)
    native.library.cache_clear()
    dstu4145.arithmetic.cache_clear()


SCHOOLS = 16_000


@command
def _country(*, actor: actors.Actor) -> UserSession:
    """A tree of a national size, with the head of one of its institutions visiting."""
    owner = OrgUnit.objects.create(kind=UnitKind.OWNER, name="Власник")
    top = OrgUnit.objects.create(kind=UnitKind.TECH_ADMIN, name="Адміністратор", parent=owner)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO accounts_orgunit (uid, parent_id, kind, name, is_active, path, depth)
            SELECT uuidv7(), %s, 'INSTITUTION', 'Заклад ' || n, true, '', 0
            FROM generate_series(1, %s) n
            """,
            [owner.pk, SCHOOLS],
        )
    unit = OrgUnit.objects.get(name=f"Заклад {SCHOOLS // 2}")
    user = User.objects.create(surname="В", given_name="О", person_code="0000100010")
    root = Grant.objects.create(user=user, unit=top, role=Role.TECH_ADMIN, state=GrantState.ACTIVE)
    grant = Grant.objects.create(
        user=user, unit=unit, role=Role.HEAD, state=GrantState.ACTIVE, given_by=root
    )
    now = timezone.now()
    noted()
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
    with scratch():
        _country(actor=actors.system("bench"))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE accounts_orgunit")

        def ask() -> None:
            found = visits.with_session("bench", timezone.now())
            if found is None or found[1][0].grant is None:
                raise RuntimeError("no visit")
            actors.of_grant(found[1][0].grant, found[1][0].below)

        with CaptureQueriesContext(connection) as queries:
            ask()
        measured = median_ms(ask, times=200)
        yield Result(measured.value, "ms", n=measured.n, name="signin.who_asks")
        yield Result(len(queries), "queries", reference=1, name="signin.who_asks_queries")

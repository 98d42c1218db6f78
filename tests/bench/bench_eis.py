"""API pages of 100 pupils with a school key, served by granian on two cores."""

from __future__ import annotations

import datetime
import http.client
import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator

from django.db import connection
from django.utils import timezone

from accounts import actors
from accounts.actors import Actor
from accounts.models import Grant, OrgUnit, User
from integrations.eis import fields
from integrations.eis.models import EisSystem, Mandate, SchoolKey
from integrations.eis.services import keys, systems
from kernel import clock
from kernel.db import command
from registry.models import Institution
from tests.bench import Result, bench, country, per_second
from tests.bench import served as server_of
from tests.kit.acts import noted

PATH = "/api/v1/pupils?limit=100"


@command
def _key(*, actor: Actor, institution_id: int) -> str:
    """A key past the portal: the country has no head to grant it."""
    grant = Grant.objects.first()
    if grant is None:
        user = User.objects.create(
            surname="Вимірювальна", given_name="Особа", person_code="7146712341"
        )
        unit = OrgUnit.objects.filter(kind="TECH_ADMIN").first() or OrgUnit.objects.create(
            kind="TECH_ADMIN", name="Вимірювання", parent=OrgUnit.objects.get(kind="OWNER")
        )
        grant = Grant.objects.create(user=user, unit=unit, role="TECH_ADMIN", state="ACTIVE")
    secret = keys.PREFIX + uuid.uuid4().hex
    today = clock.today()
    system = EisSystem.objects.get(name="Моя школа")
    mandate = Mandate.objects.create(
        id=uuid.uuid4(),
        institution_id=institution_id,
        system=system,
        datasets=["pupils"],
        fields=fields.of(["pupils"]),
        valid_from=today,
        valid_to=today + datetime.timedelta(days=2),
        state="SIGNED",
        granted_by=grant,
        prepared_at=timezone.now(),
        signed_at=timezone.now(),
    )
    SchoolKey.objects.create(
        id=uuid.uuid4(),
        institution_id=institution_id,
        system=system,
        mandate=mandate,
        secret_sha256=keys.secret_hash(secret),
        hint=secret[-4:],
        granted_by=grant,
        created_at=timezone.now(),
    )
    noted()
    return secret


def _load(secret: str, seconds: float) -> float:
    """Requests a second from sixteen connections: wrk where it is installed, threads otherwise."""
    if wrk := shutil.which("wrk"):
        told = subprocess.run(
            [wrk, "-t1", "-c16", f"-d{int(seconds)}s", "-H", f"Authorization: Bearer {secret}", f"http://127.0.0.1:{server_of.PORT}{PATH}"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        if "Non-2xx" in told:
            raise RuntimeError(told)
        return float(told.split("Requests/sec:")[1].split()[0])
    counts = [0] * 8
    until = time.perf_counter() + seconds

    def call(slot: int) -> None:
        client = http.client.HTTPConnection("127.0.0.1", server_of.PORT, timeout=10)
        while time.perf_counter() < until:
            client.request("GET", PATH, headers={"Authorization": f"Bearer {secret}"})
            answer = client.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"answered {answer.status}")
            counts[slot] += 1

    threads = [threading.Thread(target=call, args=(slot,)) for slot in range(len(counts))]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


@bench("eis.page_of_100_pupils", unit="per second")
def pages() -> Iterator[Result]:
    """Served pages a second ÷ the same page by raw SQL in one connection, in the same run."""
    address = country.use()
    system = actors.system("вимірювання")
    systems.register_known(actor=system)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT institution_id FROM registry_pupil WHERE institution_id IS NOT NULL GROUP BY 1 HAVING count(*) > 300 LIMIT 1"
        )
        institution_id = cursor.fetchone()[0]
    secret = _key(actor=system, institution_id=institution_id)
    assert Institution.objects.filter(pk=institution_id).exists()

    raw = """SELECT json_agg(q) FROM (SELECT p.id, p.surname, p.given_name, p.patronymic, p.sex, p.born_on, c.uid, p.grade,
             c.letter, p.form, p.enrolled_on, p.version FROM registry_pupil p JOIN registry_classgroup c ON c.id = p.class_group_id
             WHERE p.institution_id = %s ORDER BY p.sort_key, p.id LIMIT 100) q"""

    def by_hand() -> None:
        with connection.cursor() as cursor:
            cursor.execute(raw, [institution_id])
            cursor.fetchone()

    reference = per_second(by_hand, seconds=3)
    with server_of.served(address, workers=2):
        server_of.wait()
        _load(secret, 2)
        served = _load(secret, 6)
    yield Result(served, reference=reference.value, n=reference.n)

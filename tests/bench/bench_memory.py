"""The web server of `make demo` at national size: how soon it answers, how much it holds."""

from __future__ import annotations

import http.client
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.test import Client
from django.urls import URLResolver, get_resolver

from accounts.models import Grant
from accounts.roles import Role
from aikom import supervisor
from tests.bench import Result, bench, country
from tests.world import sign_in

PORT = 8767
LIMIT_MB = 250.0
ROUNDS = 60
_NOT_READ = {"sign_out", "metrics", "healthz"}


def pages(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """Every address of the portal that needs no parameter."""
    for each in (resolver or get_resolver()).url_patterns:
        address = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from pages(each, address)
        elif not set("<^$") & set(address) and each.name not in _NOT_READ:
            yield address


@contextmanager
def served(address: str, *, workers: int = 1) -> Iterator[subprocess.Popen]:
    """The web server as the demo starts it, over the country."""
    environment = os.environ | {
        "DATABASE_URL": address,
        "LOG_LEVEL": "ERROR",
        "WEB_WORKERS": str(workers),
    }
    os.environ["WEB_WORKERS"] = str(workers)
    command = next(child for child in supervisor.children(PORT) if child.name == "web").words
    call_command("collectstatic", interactive=False, verbosity=0)
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
    try:
        yield server
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait(seconds: float = 60.0) -> float:
    """Seconds until the server answers anything at all."""
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        try:
            get("/healthz")
        except OSError:
            time.sleep(0.02)
        else:
            return time.perf_counter() - began
    raise RuntimeError("the web server did not start")


def get(path: str, cookie: str = "") -> tuple[int, bytes]:
    """One page; (status, body)."""
    client = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    client.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = client.getresponse()
    return answer.status, answer.read()


def visit(role: str) -> str:
    """The cookie of somebody of this role who is signed in."""
    client = Client()
    grant = Grant.objects.select_related("user", "unit").filter(role=role).order_by("id")[0]
    sign_in(client, grant)
    return f"aikom_session={client.cookies['aikom_session'].value}"


def resident_mb(server: subprocess.Popen) -> float:
    """The most that one serving process holds: VmRSS of the children, in megabytes."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(
                line.split(":", 1) for line in status.read_text().splitlines() if ":" in line
            )
        except OSError:
            continue
        if int(fields["PPid"]) == server.pid and "VmRSS" in fields:
            found.append(int(fields["VmRSS"].split()[0]) / 1024)
    return max(found, default=0.0)


@bench("memory.web", unit="MB")
def web() -> Iterator[Result]:
    """Start-up seconds, then megabytes of a web process fresh and after many national pages."""
    address = country.use()
    cookies = [visit(role) for role in (Role.HEAD, Role.HROMADA_ADMIN, Role.ANALYST)]
    began = time.perf_counter()
    with served(address) as server:
        wait()
        yield Result(time.perf_counter() - began, "s", reference=10.0, name="memory.web_start")
        yield Result(resident_mb(server), reference=LIMIT_MB, name="memory.web_fresh")
        everything, failures = list(pages()), []

        def read(cookie: str) -> None:
            answers = {path: get(path, cookie)[0] for path in everything}
            broken = [path for path, status in answers.items() if status >= 500]
            if broken:
                failures.append(f"{', '.join(broken)} failed")
            paths = [path for path, status in answers.items() if status == 200]
            for number in range(ROUNDS):
                get(paths[number % len(paths)], cookie)

        readers = [threading.Thread(target=read, args=(cookie,)) for cookie in cookies]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        if failures:
            raise RuntimeError("; ".join(failures))
        yield Result(resident_mb(server), reference=LIMIT_MB, n=ROUNDS * len(cookies))

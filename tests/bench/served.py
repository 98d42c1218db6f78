"""The web server of `make demo` over the country, and people already signed in."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import Grant
from aikom import supervisor
from tests.bench import spent
from tests.world import sign_in

PORT = 0  # a free one, each time a server starts


@contextmanager
def served(address: str, *, workers: int = 1) -> Iterator[subprocess.Popen]:
    """The web server as the demo starts it; `address` of its database."""
    global PORT
    with socket.create_server(("127.0.0.1", 0)) as free:
        PORT = free.getsockname()[1]
    call_command("collectstatic", interactive=False, verbosity=0)
    os.environ["WEB_WORKERS"] = str(workers)
    command = next(child for child in supervisor.children(PORT) if child.name == "web").words
    quiet = subprocess.DEVNULL
    environment = os.environ | {"DATABASE_URL": address, "LOG_LEVEL": "ERROR"}
    server = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
    try:
        yield server
    finally:
        end(server)


def end(server: subprocess.Popen) -> None:
    """Stop the server; processes that do not go in ten seconds are killed, so that none is left."""
    workers = processes(server)
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        for pid in (*workers, server.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        server.wait()


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
    """One page by a new connection: (status, body)."""
    client = http.client.HTTPConnection("127.0.0.1", PORT, timeout=300)
    client.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = client.getresponse()
    return answer.status, answer.read()


def visit(grant: Grant) -> str:
    """The cookie of somebody who is signed in under the grant."""
    client = Client()
    sign_in(client, grant)
    return f"aikom_session={client.cookies['aikom_session'].value}"


def processes(server: subprocess.Popen) -> list[int]:
    """The serving processes: children of the one that was started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == server.pid:
            found.append(int(path.parent.name))
    return found


def processor_ms(server: subprocess.Popen) -> float:
    """Milliseconds of processor time that the serving processes have used."""
    ticks = 0
    for pid in processes(server):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def database_ms() -> float:
    """Milliseconds of processor time of the database's processes that serve others than us; 0 when it
    runs on another machine."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        return sum(spent.used(pid) for (pid,) in cursor.fetchall()) * 1000


def resident_mb(server: subprocess.Popen) -> float:
    """The most that one serving process holds, in megabytes."""
    page = os.sysconf("SC_PAGE_SIZE") / 1024**2
    held = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in processes(server)]
    return max(held, default=0) * page

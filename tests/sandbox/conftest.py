"""A sandbox as it runs: its own process over its own database."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from integrations.eis.models import EisSystem, Operator
from integrations.sandbox import control
from kernel.embedded import postgres
from tests.kit import database
from tests.kit.waiting import LONG


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serves(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + LONG
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{address}/healthz", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"The sandbox did not start:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="module")
def sandbox(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a sandbox; the settings of this process lead there."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"test_{os.getpid()}_{worker}_box"
    database.clone(database.template(), f"{name}_sandbox")
    port, log = free_port(), tmp_path_factory.mktemp("sandbox") / "log"
    address = f"http://127.0.0.1:{port}"
    words = ["--interface", "wsgi", "--port", str(port), "--workers", "1", "--no-ws"]
    with log.open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", *words, "--blocking-threads", "2",
             "aikom.wsgi:application"],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "aikom.settings.test",
                "AIKOM_SANDBOX": "1",
                "DATABASE_URL": _url(name),
            },
            stdout=told,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _serves(address, process, log)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settings, "SANDBOX_ADDRESS", address)
            patch.setattr(settings, "SANDBOX_INTERNAL_ADDRESS", address)
            yield address
    finally:
        process.terminate()
        process.wait()
        database.drop(f"{name}_sandbox")


def _url(name: str) -> str:
    told = os.environ.get("DATABASE_URL")
    if told is None:
        return postgres.url(settings.VAR, name, test=True)
    before, _, query = told.partition("?")
    return f"{before.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


@pytest.fixture(scope="module")
def given(sandbox: str, request: pytest.FixtureRequest) -> dict[str, control.Access]:
    """Schools of the systems that the module names, with what each writes. Made before any test, by the
    machine's clock: the sandbox has no other, and takes no request of another day."""
    return {
        name: control.make(
            EisSystem(
                uid=uid_of(name),
                name=name,
                writes=list(writes),
                operator=Operator(name="ТОВ «Зошит»"),
            )
        )
        for name, writes in request.module.SYSTEMS.items()
    }


def uid_of(name: str) -> uuid.UUID:
    """The id of a system in the register."""
    return uuid.uuid5(uuid.NAMESPACE_URL, name)

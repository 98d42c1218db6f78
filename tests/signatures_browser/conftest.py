"""The bundle, Node, and key files of every kind."""

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kernel import frontend
from signatures.browser import build
from tests.kit.waiting import LONG
from tests.signatures_browser.material import NOW, KeyFile, Material

HERE = Path(__file__).resolve().parent
KEYS = HERE / "keys"


@pytest.fixture(scope="session", autouse=True)
def bundle() -> Path:
    """The built files, up to date with their sources."""
    build.build()
    return build.BUILT


@pytest.fixture(scope="session")
def material() -> Material:
    return Material()


@pytest.fixture(scope="session")
def today() -> Material:
    """As in force now, for pages whose browser has a clock of its own."""
    return Material(timezone.now())


@pytest.fixture(scope="session")
def todays_files(today: Material) -> dict[str, KeyFile]:
    return {file.name: file for file in today.all()}


@pytest.fixture(scope="session")
def key_files(material: Material) -> dict[str, KeyFile]:
    return {file.name: file for file in material.all()}


def run_node(script: str, argument: Path, job: Any) -> Any:
    """The script's JSON answer to a JSON question."""
    done = subprocess.run(
        [frontend.node(), HERE / script, argument],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def worker(bundle: Path) -> Callable[..., list[dict[str, Any]]]:
    """Ask the worker's modules, in Node: `worker({"do": "sign", …}, …)`."""

    def ask(*jobs: dict[str, Any]) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = run_node(
            "harness.mjs",
            build.PROJECT / "src" / "worker",
            [{"now": NOW.isoformat(), **job} for job in jobs],
        )
        crashes = [answer["crash"] for answer in answers if answer.get("crash")]
        assert not crashes, crashes[0]
        return answers

    return ask


@pytest.fixture(scope="session")
def leftovers(bundle: Path) -> Callable[..., list[dict[str, Any]]]:
    """Open, sign and close in Node; tell which secrets are left in the memory of the modules."""

    def ask(*jobs: dict[str, Any]) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = run_node(
            "leftovers.mjs",
            build.PROJECT / "src" / "worker",
            [{"now": NOW.isoformat(), **job} for job in jobs],
        )
        return [one["value"] for one in told]

    return ask


@pytest.fixture(scope="session")
def second_opinion(bundle: Path) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Ask barvinok, the independent implementation, in Node."""
    frontend.install(build.PROJECT)
    return lambda job: run_node("second_opinion.mjs", build.PROJECT / "node_modules", job)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sign_job(file: KeyFile, content: bytes, **more: Any) -> dict[str, Any]:
    return {
        "do": "sign",
        "file": b64(file.data),
        "password": file.password,
        "certificates": [b64(der) for der in file.beside],
        "content": b64(content),
        **more,
    }

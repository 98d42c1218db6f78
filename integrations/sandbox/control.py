"""How the register asks its sandbox: over HTTP, by what both alone can sign (SECRET_KEY)."""

from __future__ import annotations

import dataclasses
import json
import uuid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing

from integrations.eis.models import EisSystem
from integrations.sandbox.errors import SandboxSilent
from kernel.outside import Http, Silent

SALT = "aikom.sandbox"
AGE = 120  # seconds a request may be on its way
LIMIT = 2 * 1024 * 1024
SECONDS = 30.0


@dataclasses.dataclass(frozen=True)
class Access:
    """A sandbox school's key at the only moment it is known."""

    address: str
    school: str
    key: str = dataclasses.field(repr=False)


def address() -> str:
    """Where systems call the sandbox; empty when this installation has none."""
    return str(settings.SANDBOX_ADDRESS)


def make(system: EisSystem) -> Access:
    """A school for a system, or another key of the one it has.

    Raises:
        SandboxSilent: there is no sandbox here, or it does not answer.
    """
    told = _ask(
        "schools",
        system.uid,
        name=system.name,
        operator=system.operator.name,
        writes=list(system.writes),
    )
    return Access(address(), told["school"], told["key"])


def results(uid: uuid.UUID) -> dict[str, Any]:
    """The school of a system and the latest passages of its programme.

    Raises:
        SandboxSilent: as `make`.
    """
    return _ask("results", uid)


def _ask(what: str, system: uuid.UUID, **told: Any) -> dict[str, Any]:
    base = str(settings.SANDBOX_INTERNAL_ADDRESS)
    if not base:
        raise SandboxSilent("У цій інсталяції пісочниці немає.")
    token = signing.dumps({"what": what, "system": str(system), **told}, salt=SALT)
    client = Http(hosts=frozenset({urlsplit(base).netloc}), read_seconds=SECONDS)
    try:
        answer = client.fetch(
            f"{base}/api/control/{what}",
            limit=LIMIT,
            body=b"{}",
            content_type="application/json",
            authorization=f"Bearer {token}",
            seconds=SECONDS,
        )
    except Silent:
        raise SandboxSilent("Пісочниця зараз не відповідає. Спробуйте за кілька хвилин.") from None
    found: dict[str, Any] = json.loads(answer)
    return found

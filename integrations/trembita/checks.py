"""Half a configuration is told at start, not by the first notice that does not go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core import checks

from integrations.trembita.conf import CLIENT, PURPOSE, SERVICE, Configuration
from registry.coverage.terms import terms


@checks.register
def configuration_is_whole(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Settings of «Трембіта» fit each other."""
    return [
        checks.Error(text, id=f"trembita.E00{number}")
        for number, text in _wrong(Configuration.current())
    ]


def _wrong(configuration: Configuration) -> Iterator[tuple[int, str]]:
    if not configuration.address and not configuration.notices:
        return
    parts = urlsplit(configuration.address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield 1, f"TREMBITA_ADDRESS={configuration.address!r}: the address of a security server"
    if not CLIENT.fullmatch(configuration.client):
        yield 2, f"TREMBITA_CLIENT={configuration.client!r}: SEVDEIR/GOV/<ЄДРПОУ>/<subsystem>"
    if not PURPOSE.fullmatch(configuration.purpose):
        yield 3, "TREMBITA_PURPOSE is not set: without a declared purpose nothing is sent"
    known = terms().recipients
    for recipient, service in configuration.notices.items():
        if recipient not in known or not SERVICE.fullmatch(service):
            expected = f"{' or '.join(known)}=SEVDEIR/GOV/<ЄДРПОУ>/<subsystem>/<service>/<version>"
            yield 4, f"TREMBITA_NOTICES: {recipient}={service}: expected {expected}"
    authorities = configuration.tls_authorities
    if authorities and not Path(authorities).is_file():
        yield 5, f"TREMBITA_TLS_AUTHORITIES: {authorities}: no such file"

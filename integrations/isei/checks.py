"""Half a configuration is told at start, not by the first person who tries to sign in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

from integrations.isei.conf import OPENING_AUTH_TYPES, Configuration
from signatures.api import UnusableKeyFile

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@checks.register
def configuration_is_whole(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Settings of id.gov.ua fit each other and their files open."""
    configuration = Configuration.current()
    found: list[checks.CheckMessage] = [
        checks.Error(text, id=f"isei.E00{number}")
        for number, text in [*_wrong_words(configuration), *_wrong_files(configuration)]
    ]
    if configuration.on and not configuration.encrypted:
        found.append(
            checks.Warning(
                "ISEI_CERTIFICATE is not set: answers of id.gov.ua come neither encrypted nor "
                "signed",
                id="isei.W001",
            )
        )
    return found


def _wrong_words(configuration: Configuration) -> Iterator[tuple[int, str]]:
    if bool(configuration.client_id) != bool(configuration.client_secret):
        yield 1, "ISEI_CLIENT_ID and ISEI_CLIENT_SECRET come together or not at all"
    if not configuration.on:
        return
    for name, address in (
        ("ISEI_ADDRESS", configuration.address),
        ("ISEI_REDIRECT_BASE", configuration.redirect_base or "https://"),
    ):
        parts = urlsplit(address)
        # Invented people may be identified by a provider on the same machine.
        demo = settings.SYNTHETIC_DATA and parts.hostname in _LOOPBACK
        if parts.scheme != "https" and not demo:
            yield 2, f"{name}={address!r}: an https:// address is expected"
    if not configuration.auth_types or set(configuration.auth_types) - OPENING_AUTH_TYPES:
        expected = ", ".join(sorted(OPENING_AUTH_TYPES))
        yield 3, f"ISEI_AUTH_TYPES={' '.join(configuration.auth_types)!r}: some of {expected}"
    if configuration.method not in {"post", "get"}:
        yield 4, f"ISEI_METHOD={configuration.method!r}: post or get"


def _wrong_files(configuration: Configuration) -> Iterator[tuple[int, str]]:
    if not configuration.on:
        return
    if configuration.tls_authorities and not Path(configuration.tls_authorities).is_file():
        yield 7, f"ISEI_TLS_AUTHORITIES: {configuration.tls_authorities}: no such file"
    if bool(configuration.certificate) != bool(configuration.key):
        yield 5, "ISEI_CERTIFICATE and ISEI_KEY come together or not at all"
        return
    if not configuration.encrypted:
        return
    if not configuration.partner_certificates:
        yield 6, "ISEI_PARTNER_CERTIFICATES is not set: whose signature under answers to believe"
    try:
        configuration.own_key()
        configuration.partners()
    except UnusableKeyFile as refusal:
        yield 7, str(refusal)

"""Whose TLS certificate the provider shows is always verified."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from integrations.isei.client import Client
from integrations.isei.conf import Configuration
from integrations.isei.errors import IseiCodeRefused, IseiSilent
from tests.isei.provider import TroubledProvider


def authority_and_server(folder: Path, name: str = "127.0.0.1") -> tuple[Path, Path]:
    """A file with a TLS authority of our own, and one with a server's key and certificate."""
    now = timezone.now()
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
    ca = _certificate(ca_name, ca_name, ca_key, ca_key, now).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    own = _certificate(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), ca_name, key, ca_key, now
    ).add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]), critical=False
    )
    pem = serialization.Encoding.PEM
    believed, served = folder / "authority.pem", folder / "server.pem"
    believed.write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    served.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + own.sign(ca_key, hashes.SHA256()).public_bytes(pem)
    )
    return believed, served


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: Any, issuer_key: Any, now: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


@pytest.mark.parametrize(
    ("shown_for", "believed", "outcome"),
    [
        ("127.0.0.1", True, IseiCodeRefused),  # spoken with: it refuses a code it never gave
        ("127.0.0.1", False, IseiSilent),
        ("192.0.2.7", True, IseiSilent),
    ],
    ids=["its own certificate", "an authority nobody believes", "another's name"],
)
def test_only_the_right_certificate_is_spoken_to(
    provider: TroubledProvider, tmp_path: Path, shown_for: str, believed: bool, outcome: Any
) -> None:
    authority, served = authority_and_server(tmp_path, shown_for)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served)
    provider._server.socket = context.wrap_socket(provider._server.socket, server_side=True)
    configuration = Configuration(
        address=provider.address.replace("http://", "https://"),
        client_id=provider.client.client_id,
        client_secret=provider.client.client_secret,
        tls_authorities=str(authority) if believed else "",
    )

    with pytest.raises(outcome):
        Client(configuration).token("code")

    assert bool(provider.asked) is (outcome is IseiCodeRefused)

"""What an operator told us about id.gov.ua (docs/how-to/id-gov-ua.md)."""

from __future__ import annotations

import dataclasses
from urllib.parse import urlsplit

from django.conf import settings

from signatures import api as signatures
from signatures.certificates import Certificate

# What id.gov.ua calls its ways of identification, and what people call them.
AUTH_TYPES = {
    "dig_sign": "електронний підпис",
    "mobile_id": "MobileID",
    "mobileid": "MobileID",
    "diia": "Дія.Підпис",
    "diia_id": "Дія.Підпис",
    "bank_id": "BankID",
}
# A bank's word is no qualified signature, and without one nobody enters (постанова 1255 п.16).
OPENING_AUTH_TYPES = frozenset(AUTH_TYPES) - {"bank_id"}


@dataclasses.dataclass(frozen=True)
class Configuration:
    """The settings of this installation, read when they are needed so that tests may change them."""

    address: str
    client_id: str
    client_secret: str = dataclasses.field(repr=False)
    redirect_base: str = ""
    auth_types: tuple[str, ...] = ("dig_sign",)
    method: str = "post"  # or "get"
    # Ours: the certificate for agreement on keys and its key file.
    certificate: str = ""
    key: str = ""
    key_password: str = dataclasses.field(default="", repr=False)
    # Those of id.gov.ua: who signs and encrypts its answers.
    partner_certificates: str = ""
    signed_answers: bool = True
    tls_authorities: str = ""
    proxy: str = ""

    @classmethod
    def current(cls) -> Configuration:
        return cls(
            address=settings.ISEI_ADDRESS.rstrip("/"),
            client_id=settings.ISEI_CLIENT_ID,
            client_secret=settings.ISEI_CLIENT_SECRET,
            redirect_base=settings.ISEI_REDIRECT_BASE.rstrip("/"),
            auth_types=tuple(settings.ISEI_AUTH_TYPES),
            method=settings.ISEI_METHOD,
            certificate=settings.ISEI_CERTIFICATE,
            key=settings.ISEI_KEY,
            key_password=settings.ISEI_KEY_PASSWORD,
            partner_certificates=settings.ISEI_PARTNER_CERTIFICATES,
            signed_answers=settings.ISEI_SIGNED_ANSWERS,
            tls_authorities=settings.ISEI_TLS_AUTHORITIES,
            proxy=settings.ISEI_PROXY,
        )

    @property
    def on(self) -> bool:
        """Whether the second way in is offered."""
        return bool(self.client_id)

    @property
    def encrypted(self) -> bool:
        """Whether answers are asked for encrypted."""
        return bool(self.certificate)

    @property
    def host(self) -> str:
        """The one host that may be asked, with its port where the address names one."""
        return urlsplit(self.address).netloc

    def own_key(self) -> signatures.OwnKey:
        """The key that answers are encrypted to.

        Raises:
            UnusableKeyFile: the files are missing, wrong or of different keys.
        """
        return signatures.read_own_key(self.certificate, self.key, self.key_password)

    def partners(self) -> tuple[Certificate, ...]:
        """The certificates of id.gov.ua.

        Raises:
            UnusableKeyFile: the file is missing or holds none.
        """
        if not self.partner_certificates:
            return ()
        return signatures.read_certificates(self.partner_certificates)

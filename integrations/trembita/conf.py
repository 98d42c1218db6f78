"""What an operator told us about the security server and whom it leads to (docs/how-to/trembita.md)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

# «SEVDEIR/GOV/<ЄДРПОУ>/<підсистема>», of a service with its code and version (handbook J.1).
_NAME = r"[A-Za-z0-9_'()+,\-.=?]{1,100}"
CLIENT = re.compile(rf"{_NAME}(/{_NAME}){{3}}")
SERVICE = re.compile(rf"{_NAME}(/{_NAME}){{5}}")
PURPOSE = re.compile(r"[\x21-\x7e]{1,100}")


@dataclasses.dataclass(frozen=True)
class Configuration:
    """The settings of this installation, read when they are needed so that tests may change them."""

    address: str  # of our own security server (ШБО)
    client: str  # which subsystem we are
    # Which service takes notices of the children's register, by their addressee.
    notices: Mapping[str, str]
    # The declared purpose of processing: without one nothing about a person is sent (ПМДПД).
    purpose: str
    tls_authorities: str = ""

    @classmethod
    def current(cls) -> Configuration:
        told = (one.partition("=") for one in settings.TREMBITA_NOTICES)
        return cls(
            address=settings.TREMBITA_ADDRESS.rstrip("/"),
            client=settings.TREMBITA_CLIENT,
            notices={recipient: service for recipient, _, service in told},
            purpose=settings.TREMBITA_PURPOSE,
            tls_authorities=settings.TREMBITA_TLS_AUTHORITIES,
        )

    @property
    def on(self) -> bool:
        """Whether anything is sent at all."""
        return bool(self.address and self.notices)

    @property
    def host(self) -> str:
        """The one host that may be asked, with its port where the address names one."""
        return urlsplit(self.address).netloc

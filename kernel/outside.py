"""The one way out over HTTP: named hosts only, bounded in time and size, no redirects.

Everything that asks another's server does it through `Http`; a lint rule keeps other rooms from
the library itself. Addresses in logs and errors end before the query, where secrets travel.
"""

from __future__ import annotations

import dataclasses
import logging
import ssl
import time
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

import httpx

# It logs whole addresses, and an address may carry a code or a secret in its query.
logging.getLogger("httpx").setLevel(logging.WARNING)


class Silent(Exception):
    """No usable answer: not allowed, not reached, too slow, too large, or not understood."""


@dataclasses.dataclass
class Http:
    """A client that may speak to these hosts and nobody else.

    `hosts` holds "host" (then of the usual ports) or "host:port". `authorities` is a file of TLS
    authorities to believe instead of the usual ones; certificates are always verified.
    """

    hosts: frozenset[str]
    proxy: str | None = None
    authorities: str | None = None
    connect_seconds: float = 3.0
    read_seconds: float = 5.0
    total_seconds: float = 15.0
    _client: httpx.Client | None = dataclasses.field(default=None, init=False, repr=False)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def allowed(self, url: str) -> bool:
        """Whether this address is at one of the hosts."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or parts.username or not parts.hostname:
            return False
        if port in (None, 80, 443) and parts.hostname in self.hosts:
            return True
        return f"{parts.hostname}:{port}" in self.hosts

    def fetch(
        self,
        url: str,
        *,
        limit: int,
        body: bytes | None = None,
        content_type: str = "",
        statuses: frozenset[int] = frozenset({200}),
    ) -> bytes:
        """One exchange: GET, or POST of `body`.

        Raises:
            Silent: anything but a whole answer of acceptable size and status in time.
        """
        if not self.allowed(url):
            raise Silent("the address is not of a host we may ask")
        # Plain bytes only: a compressed answer could be a bomb.
        headers: Mapping[str, str] = {"User-Agent": "aikom", "Accept-Encoding": "identity"}
        if body is not None:
            headers = {**headers, "Content-Type": content_type}
        place, began, data = without_query(url), time.monotonic(), bytearray()
        try:
            with self._http().stream(
                "POST" if body is not None else "GET", url, content=body, headers=headers
            ) as response:
                if response.status_code not in statuses:
                    raise Silent(f"{place}: HTTP {response.status_code}")
                for piece in response.iter_raw():
                    data += piece
                    if len(data) > limit:
                        raise Silent(f"{place}: the answer is too large")
                    if time.monotonic() - began > self.total_seconds:
                        raise Silent(f"{place}: the answer is too slow")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise Silent(f"{place}: {type(error).__name__}") from error
        return bytes(data)

    def _http(self) -> httpx.Client:
        if self._client is None:
            timeout = httpx.Timeout(
                connect=self.connect_seconds, read=self.read_seconds, write=5.0, pool=1.0
            )
            self._client = httpx.Client(
                timeout=timeout,
                follow_redirects=False,
                proxy=self.proxy,
                trust_env=False,
                verify=ssl.create_default_context(cafile=self.authorities)
                if self.authorities
                else True,
            )
        return self._client


def without_query(url: str) -> str:
    """The address as logs may show it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))

"""The one way out over HTTP: named hosts only, bounded in time and size, no redirects.

Everything that asks another's server does it through `Http`; a lint rule keeps other rooms from
the library itself. Addresses in logs and errors end before the query, where secrets travel.

Names are resolved here and the connection goes to the very address that was judged, so that a
name cannot answer once with a public address and then with one of our own network (DNS rebinding).
"""

from __future__ import annotations

import base64
import dataclasses
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import httpcore

# IPv4 addresses written in IPv6, in their last four octets: by translation, and as of old.
_HOLD_IPV4 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))
# Local by definition, though the library does not say so: RFC 8215, RFC 3879.
_LOCAL = (ipaddress.ip_network("64:ff9b:1::/48"), ipaddress.ip_network("fec0::/10"))
_Headers = dict[bytes | str, bytes | str]


class Silent(Exception):
    """No usable answer: not allowed, not reached, too slow, too large, or not understood. `status` is
    that of an answer which was not hoped for, 0 when there was none."""

    def __init__(self, words: str, status: int = 0):
        super().__init__(words)
        self.status = status


@dataclasses.dataclass
class Http:
    """A client that may speak to these hosts and nobody else.

    `hosts` are those the operator named: they may lie in a private network. `public_hosts` are
    those that documents of others name: they must have public addresses. Both hold "host" (then
    of the usual ports) or "host:port". Through a proxy it is the proxy that resolves names, and
    its rules that bound them. `authorities` is a file of TLS authorities to believe instead of the
    usual ones; certificates are always verified.
    """

    hosts: frozenset[str] = frozenset()
    public_hosts: frozenset[str] = frozenset()
    proxy: str | None = None
    authorities: str | None = None
    connect_seconds: float = 3.0
    read_seconds: float = 5.0
    total_seconds: float = 15.0

    def allowed(self, url: str) -> bool:
        """Whether this address is at one of the hosts."""
        return _at(self.hosts, url) or _at(self.public_hosts, url)

    def fetch(
        self,
        url: str,
        *,
        limit: int,
        body: bytes | None = None,
        content_type: str = "",
        authorization: str = "",
        more: Mapping[str, str] | None = None,
        statuses: frozenset[int] = frozenset({200}),
        seconds: float | None = None,
    ) -> bytes:
        """One exchange: GET, or POST of `body`, with `more` headers; all of it in `seconds` (the
        client's own total when not given), however slowly the other side drips.

        Raises:
            Silent: anything but a whole answer of acceptable size and status in time.
        """
        if not self.allowed(url):
            raise Silent("the address is not of a host we may ask")
        place, data = without_query(url), bytearray()
        # Plain bytes only: a compressed answer could be a bomb.
        headers: _Headers = {
            "Host": urlsplit(url).netloc,
            "User-Agent": "aikom",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        headers.update((more or {}).items())
        if authorization:
            headers["Authorization"] = authorization
        if body is not None:
            headers |= {"Content-Type": content_type, "Content-Length": str(len(body))}
        limits = {"connect": self.connect_seconds, "read": self.read_seconds, "write": 5.0}
        try:
            with (
                self._pool(url, seconds or self.total_seconds) as pool,
                pool.stream(
                    "POST" if body is not None else "GET",
                    url,
                    headers=headers,
                    content=body,
                    extensions={"timeout": limits},
                ) as response,
            ):
                if response.status not in statuses:
                    raise Silent(f"{place}: HTTP {response.status}", response.status)
                for piece in response.iter_stream():
                    data += piece
                    if len(data) > limit:
                        raise Silent(f"{place}: the answer is too large")
        except (*_FAILURES, OSError, ValueError) as error:
            raise Silent(f"{place}: {type(error).__name__}") from error
        return bytes(data)

    def _pool(self, url: str, seconds: float) -> httpcore.ConnectionPool:
        """Connections of one exchange; nothing is shared, so threads may ask at once."""
        anywhere = self.proxy is not None or _at(self.hosts, url)
        network = _Network(time.monotonic() + seconds, anywhere=anywhere)
        tls = _tls(self.authorities)
        if self.proxy is None:
            return httpcore.ConnectionPool(ssl_context=tls, network_backend=network)
        parts = urlsplit(self.proxy)
        headers: _Headers = {}
        if parts.username:
            secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Proxy-Authorization"] = "Basic " + base64.b64encode(secret.encode()).decode()
        return httpcore.HTTPProxy(
            urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "/", "", "")),
            proxy_headers=headers,
            ssl_context=tls,
            network_backend=network,
        )


_FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


@lru_cache(maxsize=4)
def _tls(authorities: str | None) -> ssl.SSLContext:
    if authorities is None:
        return httpcore.default_ssl_context()
    return ssl.create_default_context(cafile=authorities)


def _at(hosts: frozenset[str], url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.username or not parts.hostname:
        return False
    if port in (None, 80, 443) and parts.hostname in hosts:
        return True
    return f"{parts.hostname}:{port}" in hosts


class _Network(httpcore.NetworkBackend):
    """Connections to judged addresses, under one deadline for everything."""

    def __init__(self, deadline: float, *, anywhere: bool) -> None:
        self._deadline, self._anywhere = deadline, anywhere
        self._sockets = httpcore.SyncBackend()

    def left(self, timeout: float | None) -> float:
        """Seconds that the next step may take.

        Raises:
            ReadTimeout: none are left.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("too slow")
        return left if timeout is None else min(left, timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address that may be asked")
        for address in self._addresses(host, port):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self)
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = dict.fromkeys(str(one[4][0]) for one in found)
        return [one for one in addresses if self._anywhere or is_public(one)][:4]


class _Stream(httpcore.NetworkStream):
    """A connection each step of which counts towards the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, network: _Network) -> None:
        self._stream, self._network = stream, network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._network.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._network.left(timeout))
        return _Stream(inner, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def is_public(address: str) -> bool:
    """Whether an address lies in the public network; an IPv4 address written in IPv6 is judged by
    the IPv4 one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if any(found in network for network in _LOCAL):
            return False
        inner = found.ipv4_mapped or found.sixtofour
        if any(found in network for network in _HOLD_IPV4):
            inner = ipaddress.IPv4Address(found.packed[-4:])
        found = inner or found
    return found.is_global and not found.is_multicast


def without_query(url: str) -> str:
    """The address as logs may show it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))

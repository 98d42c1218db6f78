"""The one way out: whom it may reach, for how long, and what it never follows."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from kernel import outside
from kernel.outside import Http, Silent, is_public
from tests.kit.waiting import LONG


@contextlib.contextmanager
def serving(speak: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on this machine that says byte by byte what the test wants."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.recv(65536)
                speak(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        thread.join()
        listener.close()


def saying(data: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(data)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",  # noqa: S104
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_addresses_of_our_own_networks_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["193.29.204.1", "2a01:d0::1", "64:ff9b::c11d:cc01"])
def test_addresses_of_the_world_are(address: str) -> None:
    assert is_public(address)


def test_a_host_others_named_is_not_reached_in_our_own_network() -> None:
    with serving(saying(OK)) as port:
        theirs = Http(public_hosts=frozenset({f"localhost:{port}", f"127.0.0.1:{port}"}))
        ours = Http(hosts=frozenset({f"localhost:{port}"}))

        for host in ("localhost", "127.0.0.1"):
            with pytest.raises(Silent):
                theirs.fetch(f"http://{host}:{port}/", limit=100)
        assert ours.fetch(f"http://localhost:{port}/", limit=100) == b"hello"


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: what was judged is what is connected to; the name is asked once."""
    asked: list[str] = []
    reached: list[str] = []

    def resolve(host: str, port: int, **more: object) -> list[object]:
        asked.append(host)
        address = "193.29.204.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(self: object, host: str, *args: object, **more: object) -> None:
        reached.append(host)
        raise outside.httpcore.ConnectError("nobody there")

    monkeypatch.setattr(outside.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(outside.httpcore.SyncBackend, "connect_tcp", connect)

    with pytest.raises(Silent):
        Http(public_hosts=frozenset({"ca.example"})).fetch("http://ca.example/", limit=100)
    assert (asked, reached) == (["ca.example"], ["193.29.204.1"])


def dripping(connection: socket.socket) -> None:
    """A header that never ends, a byte at a time; until the other side has gone (OSError)."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        time.sleep(0.05)
        connection.sendall(b"x")


def dripping_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        time.sleep(0.05)
        connection.sendall(b"x")


def mute(connection: socket.socket) -> None:
    """Takes the question and says nothing, until the other side has gone."""
    connection.recv(1)


@pytest.mark.parametrize("speak", [dripping, dripping_body, mute])
def test_an_answer_that_drips_is_given_up_in_time(speak: Callable[[socket.socket], None]) -> None:
    """Nothing but the whole of its time ends it: neither the other side nor the wait for a byte."""
    with serving(speak) as port, pytest.raises(Silent):
        Http(hosts=frozenset({f"127.0.0.1:{port}"}), read_seconds=LONG).fetch(
            f"http://127.0.0.1:{port}/", limit=10_000_000, seconds=0.5
        )


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000,
        b"rubbish\r\n\r\n",
        b"",
    ],
    ids=["redirect", "error", "cut", "bad chunk", "too large", "not http", "nothing"],
)
def test_anything_but_a_whole_answer_is_silence(answer: bytes) -> None:
    with serving(saying(answer)) as port, pytest.raises(Silent):
        Http(hosts=frozenset({f"127.0.0.1:{port}"})).fetch(
            f"http://127.0.0.1:{port}/?secret=1", limit=500
        )


def test_what_went_wrong_is_told_without_the_query() -> None:
    http = Http(hosts=frozenset({"127.0.0.1:1"}))

    with pytest.raises(Silent) as told:
        http.fetch("http://127.0.0.1:1/token?code=secret", limit=10)
    assert "secret" not in str(told.value)
    assert "/token" in str(told.value)

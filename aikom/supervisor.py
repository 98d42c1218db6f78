"""`make demo`: database, broker, demo world, web server, worker and beat under one roof.

Own code rather than honcho or circus: what is needed beyond starting processes is the order (data
first, then who reads it), readiness by /healthz, restart with back-off, and an end that leaves the
data whole; a runner of Procfiles has none of the four.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from aikom.settings.env import ROOT, VAR
from kernel.embedded import postgres, valkey
from kernel.embedded.place import CannotStart

LOGS = VAR / "log"
PATIENCE_TO_START = 60.0  # seconds until /healthz must be 200
PATIENCE_TO_STOP = 10.0  # seconds a child may use to finish what it began
LONGEST_PAUSE = 30.0  # seconds between two tries to restart
_IDENTITY = "DEMO_ISEI_PORT"  # settings.dev and aikom.demo.id_gov_ua read it
STEADY_AFTER = 60.0  # seconds of life after which the next fall counts as the first


class Refusal(Exception):
    """The demo cannot start; the message says why and what to do."""


@dataclass
class Child:
    """One process that must be alive while the demo is."""

    name: str
    words: list[str]
    variables: dict[str, str] = field(default_factory=dict)  # beside the environment's
    waits: bool = False  # the portal opens without it: started once it answers
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    restart_at: float = 0.0

    @property
    def log(self) -> Path:
        """Where this process writes; each start appends."""
        return LOGS / f"{self.name}.log"

    def start(self) -> None:
        """Start it, away from the terminal's Ctrl-C, and so that it ends if we are killed."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603
                self.words,
                cwd=ROOT,
                env={**os.environ, **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 (no threads here)
            )
        self.started = time.monotonic()
        self.restart_at = 0.0

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ask the process, and with SIGKILL its whole group, to end."""
        if self.process is None or self.process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            if how == signal.SIGKILL:
                os.killpg(self.process.pid, how)
            else:
                self.process.send_signal(how)

    def look_after(self, now: float) -> str | None:
        """Restart the process when it has fallen and its pause is over; says what happened."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            return None
        if not self.restart_at:
            if now - self.started > STEADY_AFTER:
                self.falls = 0
            pause = min(2.0**self.falls, LONGEST_PAUSE)
            self.falls += 1
            self.restart_at = now + pause
            return (
                f"{self.name} ended ({_how(self.process.returncode)}), again in {pause:.0f} s; "
                f"see {_short(self.log)}"
            )
        if now >= self.restart_at:
            self.start()
        return None


class Supervisor:
    """Starts the children, keeps them alive, and ends them all when told."""

    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self.told_to_stop = threading.Event()
        self._impatient = False

    def hear_signals(self) -> None:
        """Ctrl-C, a closed terminal and `kill` end the demo; a second Ctrl-C hurries."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._impatient = self.told_to_stop.is_set()
        self.told_to_stop.set()

    def start(self) -> None:
        """Start every child that the portal needs."""
        for child in self.children:
            if not child.waits:
                child.start()

    def start_others(self) -> None:
        """Start the rest: of eight processes that begin at once on two cores none comes soon."""
        for child in self.children:
            if child.waits:
                child.start()

    def watch(self) -> None:
        """Keep the children alive until somebody says stop."""
        while not self.told_to_stop.wait(0.2):
            for child in self.children:
                said = child.look_after(time.monotonic())
                if said:
                    say(said)

    def stop(self) -> None:
        """End the children, gently first."""
        for child in self.children:
            child.stop()
        deadline = time.monotonic() + PATIENCE_TO_STOP
        while time.monotonic() < deadline and not self._impatient:
            if all(
                child.process is None or child.process.poll() is not None for child in self.children
            ):
                break
            time.sleep(0.05)
        for child in self.children:
            child.stop(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()


def children(port: int) -> list[Child]:
    """Web server, worker, beat, spine, feed and webhooks of one machine, and the demo's provider of identity."""
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "aikom.celery"]
    host = os.environ.get("HOST", "127.0.0.1")
    web = ["--interface", "wsgi", "--host", host, "--port", str(port), "--no-ws"]
    # Whoever waits for changes of the API holds no thread of the web server (integrations.eis.stream).
    waiting = ["--interface", "asgi", "--host", host, "--port", str(feed_port(port)), "--no-ws"]
    waiting += ["--workers", "1", "--respawn-failed-workers", "--backpressure", "20000"]
    sandbox = ["--interface", "wsgi", "--host", host, "--port", str(sandbox_port(port)), "--no-ws"]
    sandbox += ["--workers", "1", "--blocking-threads", "2", "--respawn-failed-workers"]
    # Two processes of four threads carry a school's morning on two cores in under 250 MB each.
    size = ["--workers", os.environ.get("WEB_WORKERS", "2"), "--blocking-threads", "4"]
    safety = ["--backpressure", "64", "--respawn-failed-workers"]
    pool = ["--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle"]
    identity = (
        [Child("id-gov-ua", [*python, "aikom.demo.id_gov_ua"])] if _IDENTITY in os.environ else []
    )
    return [
        *identity,
        Child("web", [*python, "granian", *web, *size, *safety, "aikom.wsgi:application"]),
        Child("worker", [*celery, "worker", *pool, "--loglevel", "INFO"]),
        Child("beat", [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""]),
        Child("spine", [sys.executable, "manage.py", "spine"]),
        Child("hooks", [sys.executable, "manage.py", "hooks"], waits=True),
        Child("feed", [*python, "granian", *waiting, "aikom.feed:application"], waits=True),
        Child(
            "sandbox",
            [*python, "granian", *sandbox, "aikom.wsgi:application"],
            {"AIKOM_SANDBOX": "1"},
            waits=True,
        ),
    ]


def main() -> int:
    """Run the demo until told to stop. 0 after a clean end, 1 with the reason otherwise."""
    parser = argparse.ArgumentParser(prog="python -m aikom.supervisor", description=__doc__)
    parser.add_argument("--reset", action="store_true", help="forget the demo world, start nothing")
    asked = parser.parse_args()
    try:
        with alone():
            return reset() if asked.reset else run(port_number())
    except (Refusal, CannotStart) as refusal:
        sys.stderr.write(f"\n{refusal}\n")
        return 1


def run(port: int) -> int:
    """Everything from sleeping servers to a printed address, then wait."""
    free(port)
    offer_identity(port + 1)
    os.environ.setdefault("AIKOM_SANDBOX_ADDRESS", f"http://localhost:{sandbox_port(port)}")
    LOGS.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(children(port))
    supervisor.hear_signals()
    began = time.monotonic()
    try:
        with embedded_servers():
            prepare(supervisor)
            if supervisor.told_to_stop.is_set():
                return 0
            supervisor.start()
            try:
                if wait_until_healthy(port, supervisor):
                    seconds = time.monotonic() - began
                    supervisor.start_others()
                    welcome(port, seconds)
                    supervisor.watch()
            finally:
                say("\nStopping …")
                supervisor.stop()
    finally:
        say(
            "Stopped; the data is kept. `make demo` goes on with it, `make demo-reset` starts over."
        )
    return 0


def reset() -> int:
    """Delete the embedded database, the queue, the demo keys and the letters sent."""
    if "DATABASE_URL" in os.environ:
        raise Refusal("DATABASE_URL is set: that database is not ours to delete")
    postgres.wipe(VAR)
    valkey.wipe(VAR)
    for name in ("demo-keys", "mail", "media", "log"):
        shutil.rmtree(VAR / name, ignore_errors=True)
    say("The demo world is forgotten; `make demo` makes it anew.")
    return 0


def port_number() -> int:
    """PORT, 8000 when nothing is said.

    Raises:
        Refusal: not a port's number.
    """
    raw = os.environ.get("PORT", "8000")
    if not raw.isdigit() or not 1 <= int(raw) <= 65535:
        raise Refusal(f"PORT={raw!r}: expected a number from 1 to 65535")
    return int(raw)


def feed_port(port: int) -> int:
    """Where systems wait for changes: FEED_PORT, the second after the web server's unless said."""
    return int(os.environ.get("FEED_PORT") or min(port + 2, 65535))


def sandbox_port(port: int) -> int:
    """Where systems are tried out: the third after the web server's."""
    return min(port + 3, 65535)


def free(port: int) -> None:
    """Make sure that nobody listens on the port.

    Raises:
        Refusal: somebody does, or this user may not.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
            probe.listen(1)
        except PermissionError:
            raise Refusal(f"Port {port} needs root; choose another: make demo PORT=8000") from None
        except OSError:
            raise Refusal(
                f"Port {port} is taken by another program; choose another: make demo PORT={port + 1}"
            ) from None


def offer_identity(port: int) -> None:
    """Let the door offer «Увійти через id.gov.ua» when the next port is free for its provider."""
    try:
        free(port)
    except (Refusal, OverflowError):
        say(f"Port {port} is taken: sign-in through a demo id.gov.ua is not offered this time")
        return
    os.environ[_IDENTITY] = str(port)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the demo of this folder.

    Raises:
        Refusal: it already runs.
    """
    VAR.mkdir(parents=True, exist_ok=True)
    with (VAR / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Refusal(
                f"The demo of this folder already runs (process {lock.read().strip()}); "
                "stop it first with Ctrl-C in its terminal"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextlib.contextmanager
def embedded_servers() -> Iterator[None]:
    """PostgreSQL and Valkey of our own, unless the environment names servers."""
    ours: list[tuple[Callable[[], None], Callable[[], None]]] = []
    if "DATABASE_URL" not in os.environ:
        ours.append((lambda: postgres.start(VAR), lambda: postgres.stop(VAR)))
    if "CELERY_BROKER_URL" not in os.environ:
        ours.append((lambda: valkey.start(VAR), lambda: valkey.stop(VAR)))
    try:
        for start, _ in ours:
            start()
        yield
    finally:
        for _, stop in reversed(ours):
            stop()


def prepare(supervisor: Supervisor) -> None:
    """Migrate, fill and collect in a process of its own (it needs Django, we do not).

    Raises:
        Refusal: it failed; its words are on the terminal.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "aikom.prepare"],
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=_end_with_parent,  # noqa: PLW1509 (no threads here)
    )
    while process.poll() is None:
        if supervisor.told_to_stop.wait(0.05):
            process.terminate()
            process.wait()
            return
    if process.returncode:
        raise Refusal("The database could not be prepared; the reason is above")


def wait_until_healthy(port: int, supervisor: Supervisor) -> bool:
    """True once /healthz answers 200; False when told to stop meanwhile.

    Raises:
        Refusal: the patience ran out; the message names the failing part.
    """
    deadline = time.monotonic() + PATIENCE_TO_START
    trouble = "the web server does not answer"
    while time.monotonic() < deadline:
        if supervisor.told_to_stop.wait(0.1):
            return False
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return True
        except urllib.error.HTTPError as answer:
            with contextlib.suppress(ValueError):
                parts = json.load(answer)["parts"]
                trouble = ", ".join(f"{k}: {v}" for k, v in parts.items() if v != "ok")
        except OSError:
            pass
        for child in supervisor.children:
            said = child.look_after(time.monotonic())
            if said:
                say(said)
    raise Refusal(f"Not healthy after {PATIENCE_TO_START:.0f} s ({trouble}); see {_short(LOGS)}/")


def welcome(port: int, seconds: float) -> None:
    """Say where the portal is, who may enter, and with which keys."""
    keys = VAR / "demo-keys" / "README"
    if keys.exists():
        say("\n" + keys.read_text().rstrip())
    say(f"\nАІКОМ:  http://localhost:{port}/   (ready in {seconds:.1f} s)")
    say(f"API feed (long poll, SSE): http://localhost:{feed_port(port)}/api/v1/changes/")
    say(f"Sandbox of systems: {os.environ['AIKOM_SANDBOX_ADDRESS']}/api/")
    say(f"Logs: {_short(LOGS)}/   Letters sent: {_short(VAR / 'mail')}/   Stop: Ctrl-C\n")


def say(text: str) -> None:
    """One line on the terminal, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    # Linux only; elsewhere children of a killed supervisor must be ended by hand.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _short(path: Path) -> str:
    with contextlib.suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)


if __name__ == "__main__":
    sys.exit(main())

"""Strangers' files are verified in a process of their own, so that nobody's page waits for them.

Each web process keeps one checker (`main` below), started with the first file and
at a lower priority than the pages: whatever a file does to it, it is given `SECONDS` and then
ended. It holds no database and no secret; the trust list comes with the question. While a file is
checked the next is told to come later: a web process has four threads, and an honest file takes
some hundredths of a second. Those of other processes are their queue.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime
import hashlib
import mmap
import os
import pickle
import resource
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, cast

from signatures import inspection, revocation
from signatures.certificates import Certificate, load
from signatures.errors import CheckersBusy
from signatures.result import VerificationResult
from signatures.trust import TrustStore

SECONDS = 30.0
COME_LATER = 10  # seconds
PLACES = 1  # of the four threads of a web process: with two, the others stood still as well
IDLE_SECONDS = 300.0
MEMORY = 2 * 1024**3
_places = threading.BoundedSemaphore(PLACES)
_turn = threading.Lock()


# A file: its name, and its bytes or where a large one lies on disk.
Given = tuple[str, bytes | Path]


@contextlib.contextmanager
def place() -> Iterator[bool]:
    """A place among those being checked, while the block runs, or that there is none; taken before
    the body is read."""
    free = _places.acquire(blocking=False)
    try:
        yield free
    finally:
        if free:
            _places.release()


def verify(
    files: Sequence[Given], *, at: datetime.datetime, trust: TrustStore
) -> VerificationResult:
    """`inspection.verify_files` in the checker's process.

    Raises:
        CheckersBusy: it took too long and was stopped.
    """
    with _turn:
        return _checker.ask(files, at, trust)


class _Checker:
    """The process, from this side."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.knows = ""

    def ask(
        self, files: Sequence[Given], at: datetime.datetime, trust: TrustStore
    ) -> VerificationResult:
        deadline = time.monotonic() + SECONDS
        key, already = _key_of(trust), self.process is not None
        try:
            process = self._running()
            told = None if key == self.knows else _packed(trust)
            _write(cast(IO[bytes], process.stdin), (key, told, tuple(files), at))
            answer = _read(cast(IO[bytes], process.stdout).fileno(), deadline)
        except TimeoutError as error:
            self.end()
            raise CheckersBusy("Перевірка цього файла тривала надто довго.", seconds=60) from error
        except (OSError, EOFError) as error:
            self.end()
            if already:  # it had nothing to do and left just now
                return self.ask(files, at, trust)
            raise CheckersBusy("Перевірка цього файла не вдалася.", seconds=60) from error
        self.knows = key
        return cast(VerificationResult, answer)

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self.end()
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from signatures.pool import main; main()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        return self.process

    def end(self) -> None:
        """Stop the process, whatever it does."""
        process, self.process, self.knows = self.process, None, ""
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    cast(IO[bytes], pipe).close()


_checker = _Checker()
atexit.register(_checker.end)


def _key_of(trust: TrustStore) -> str:
    digest = hashlib.sha256(f"{trust.version} {trust.lookup is not None}".encode())
    for certificate in trust.pool:
        digest.update(certificate.fingerprint.encode())
    for one in trust.evidence:
        digest.update(hashlib.sha256(one.raw).digest())
    return digest.hexdigest()


def _packed(trust: TrustStore) -> dict[str, Any]:
    return {
        "anchors": [c.der for c in trust.anchors],
        "intermediates": [c.der for c in trust.intermediates],
        "evidence": [(isinstance(one, revocation.Crl), one.raw) for one in trust.evidence],
        "version": trust.version,
        "key_services": trust.key_services,
        "algorithm_ends": dict(trust.algorithm_ends),
        "asks": trust.lookup is not None,
    }


def _unpacked(told: dict[str, Any]) -> TrustStore:
    from signatures import outbound

    def certificates(raws: list[bytes]) -> tuple[Certificate, ...]:
        return tuple(load(raw) for raw in raws)

    store = TrustStore(
        certificates(told["anchors"]),
        certificates(told["intermediates"]),
        tuple(
            revocation.parse_crl(raw) if is_list else revocation.parse_ocsp(raw)
            for is_list, raw in told["evidence"]
        ),
        told["version"],
        key_services=told["key_services"],
        algorithm_ends=told["algorithm_ends"],
    )
    return replace(store, lookup=outbound.lookup_for(store)) if told["asks"] else store


# ── the pipe ─────────────────────────────────────────────────────────────────
def _write(pipe: IO[bytes], message: object) -> None:
    data = pickle.dumps(message)
    pipe.write(len(data).to_bytes(8, "big") + data)
    pipe.flush()


def _read(descriptor: int, deadline: float) -> Any:
    """One message of the other side.

    Raises:
        TimeoutError: not whole by the deadline.
        EOFError: it ended.
    """
    size = int.from_bytes(_exactly(descriptor, 8, deadline), "big")
    return pickle.loads(_exactly(descriptor, size, deadline))  # noqa: S301 - our own process


def _exactly(descriptor: int, size: int, deadline: float) -> bytes:
    data = bytearray()
    while len(data) < size:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        piece = os.read(descriptor, size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


# ── the process ──────────────────────────────────────────────────────────────
def main() -> None:
    """Answer one question after another; end with the other side, or when nobody asks."""
    from django.conf import settings
    from django.utils.log import configure_logging

    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    known, trust = "", TrustStore()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whoever prints does not answer
    while True:
        try:
            key, told, files, at = _read(sys.stdin.fileno(), time.monotonic() + IDLE_SECONDS)
        except (EOFError, TimeoutError):
            return
        if key != known:
            known, trust = key, _unpacked(told)
        result = inspection.verify_files(
            [(name, _view(held)) for name, held in files], at=at, trust=trust
        )
        _write(answers, result)


def _view(held: bytes | Path) -> bytes | mmap.mmap:
    return inspection.open_file(held) if isinstance(held, Path) else held

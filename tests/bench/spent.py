"""What a piece of work costs: seconds of the clock, and of the processor, which a busy machine
changes least."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection


@dataclasses.dataclass
class Spent:
    """Seconds of one piece of work or of many: by the clock, of this process, and of the database
    process that served it (0 when that runs on another machine)."""

    clock: float = 0.0
    python: float = 0.0
    database: float = 0.0

    @property
    def processor(self) -> float:
        """Both processes."""
        return self.python + self.database

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        """Add what happens inside."""
        connection.ensure_connection()
        process = connection.connection.info.backend_pid
        began, worked, served = time.perf_counter(), time.process_time(), used(process)
        try:
            yield
        finally:
            self.clock += time.perf_counter() - began
            self.python += time.process_time() - worked
            self.database += used(process) - served


def used(process: int) -> float:
    try:
        told = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return 0.0
    fields = told.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

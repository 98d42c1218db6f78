from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kernel.audit import outbox


class Command(BaseCommand):
    help = "Settle the log and tell its consumers until stopped; --lag: how far each is behind."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--lag", action="store_true", help="tell the lag of each and end")
        parser.add_argument("--replay", metavar="NAME", help="tell one consumer everything again")

    def handle(self, *args: Any, lag: bool, replay: str | None, **options: Any) -> None:
        if lag:
            for one in outbox.lags():
                trouble = f"  {one.failures} failures: {one.error}" if one.failures else ""
                self.stdout.write(f"{one.name}: {one.behind} behind, {one.seconds:.1f} s{trouble}")
            return
        if replay:
            outbox.replay(replay)
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        outbox.run(stop)

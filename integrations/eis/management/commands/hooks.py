from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from integrations.eis.hooks.sender import Sender


class Command(BaseCommand):
    help = "Send webhooks to systems of operators until stopped; --once: what is due now, and end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now and end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        sender = Sender()
        if once:
            self.stdout.write(f"{sender.drain()}")
            sender.close()
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        sender.run(stop)

"""A security server of «Трембіта» with a service behind it, on a real socket: it checks what the real one
checks, keeps what it took, and may be told to misbehave.

Headers and the shape of faults: handbook J.1 and its module on registers (REST of UXP). A service registers
one `issue` once, however often it comes.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import json
import threading
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CLIENT = "SEVDEIR-TEST/GOV/99000011/AIKOM_test"
SSD = "SEVDEIR-TEST/GOV/99000028/SSD_test/RegisterNotice/v1"
POLICE = "SEVDEIR-TEST/GOV/99000034/NPU_test/RegisterNotice/v1"
PURPOSE = "TESTPURPOSE0001"


@dataclasses.dataclass
class Answer:
    """What goes back: bytes as they are, or nothing at all where the socket is cut."""

    status: int
    body: bytes
    cut: bool = False


def told(status: int, **fields: Any) -> Answer:
    """A JSON answer."""
    return Answer(status, json.dumps(fields, ensure_ascii=False).encode())


def fault(status: int, kind: str, message: str) -> Answer:
    """A fault in the words of the bus."""
    return told(status, type=kind, message=message, detail=str(uuid.uuid4()))


class SecurityServer:
    """One server on one port; `taken` are the messages it believed, by issue."""

    def __init__(self) -> None:
        self.taken: dict[str, dict[str, Any]] = {}
        self.queries: list[str] = []
        self.trouble: Callable[[dict[str, Any]], Answer | None] | None = None
        self.lose_answers = 0  # registered there, and the answer never comes
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, headers: Any, body: bytes) -> Answer:
        """What the server checks before the service sees the message."""
        if path != "/restapi":
            return fault(404, "Client.UnknownPath", path)
        if headers.get("Uxp-Client") != CLIENT:
            return fault(403, "Server.ServerProxy.AccessDenied", "no such client")
        service = headers.get("Uxp-Service", "")
        if service not in {SSD, POLICE}:
            return fault(404, "Server.ServerProxy.UnknownService", service)
        if headers.get("Uxp-Purpose-Ids") != PURPOSE or not headers.get("Uxp-Subject-Id"):
            return fault(400, "Client.BadRequest", "purpose or subject is missing")
        try:
            query = str(uuid.UUID(headers.get("Uxp-QueryID", "")))
            message = json.loads(body)
        except ValueError:
            return fault(400, "Client.BadRequest", "QueryID or body")
        with self._lock:
            if query in self.queries:
                return fault(400, "Client.BadRequest", "QueryID came before")
            self.queries.append(query)
            if self.trouble is not None and (answer := self.trouble(message)) is not None:
                return answer
            return self._registered(service, headers, message)

    def _registered(self, service: str, headers: Any, message: dict[str, Any]) -> Answer:
        base64.b64decode(message["signature"]["cms"], validate=True)
        kept = self.taken.setdefault(
            message["issue"],
            {
                "number": f"{len(self.taken) + 101}/01-15",
                "service": service,
                "subject": headers["Uxp-Subject-Id"],
                "message": message,
            },
        )
        if self.lose_answers:
            self.lose_answers -= 1
            return Answer(200, b"", cut=True)
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        return told(
            200, issue=message["issue"], registrationNumber=kept["number"], registrationDate=today
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    owner: SecurityServer


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        answer = self.server.owner.answer(self.path, self.headers, body)  # type: ignore[attr-defined]
        if answer.cut:
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *args: Any) -> None:
        """Quiet."""

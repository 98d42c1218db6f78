"""The signing agent of IIT as its own web library speaks to it, on a real socket.

JSON-RPC 2.0 in a POST of `application/json-rpc` to the root; answers carry `session_id` and, in
`result`, an `error` of code and message beside the method's own `result`; bytes travel as an
`EndUserByteArray`. Seen in IIT's public `euscpt`/`eusw` libraries (iface 1.3.56); never tried against
the agent itself (docs/how-to/tokens-and-cloud-keys.md).
"""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CANCELLED = {"code": 51, "message": "Зчитування особистого ключа скасовано"}


@dataclass
class Agent:
    """What the agent of each test has and does."""

    sign: Callable[[bytes], bytes]  # detached CMS
    trusted: set[str]  # origins of pages that may ask
    port: int = 0
    refuses: dict[str, dict[str, Any]] = field(default_factory=dict)  # by method
    as_object: bool = False  # newer agents give bytes back as an object
    asked: list[str] = field(default_factory=list)
    opened: bool = False
    ready: bool = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(self, method: str, params: list[Any]) -> Any:
        self.asked.append(method)
        if method in self.refuses:
            raise Refusal(self.refuses[method])
        match method:
            case "GetVersion":
                return "1.3.1.56"
            case "IsInitialized":
                return self.ready
            case "Initialize":
                self.ready = True
            case "SetUIMode":
                assert params == [True]
            case "ReadPrivateKey":
                self.opened = True
            case "ResetPrivateKey":
                self.opened = False
            case "Sign":
                if not self.opened:
                    raise Refusal({"code": 2, "message": "Особистий ключ не зчитано"})
                (given,) = params
                assert (given["className"], given["classVersion"]) == ("EndUserByteArray", 1)
                made = self.sign(base64.b64decode(given["classFields"]["data"], validate=True))
                text = base64.b64encode(made).decode()
                return given | {"classFields": {"data": text}} if self.as_object else text
            case _:
                raise AssertionError(method)
        return None


class Refusal(Exception):
    """An error of the library."""


@contextlib.contextmanager
def running(agent: Agent) -> Iterator[Agent]:
    """The agent on this machine for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_OPTIONS(self) -> None:
            self._answer(204, b"")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.headers.get("Origin") not in agent.trusted:
                self._answer(403, b"")
                return
            assert self.headers["Content-Type"] == "application/json-rpc"
            assert (body["jsonrpc"], body["session_id"]) in [("2.0", None), ("2.0", "s-1")]
            error, result = {"code": 0, "message": ""}, None
            try:
                result = agent.call(body["method"], body["params"])
            except Refusal as refusal:
                error = refusal.args[0]
            said = {
                "jsonrpc": "2.0",
                "id": body["id"],
                "result": {"error": error, "result": result},
                "session_id": "s-1",
            }
            self._answer(200, json.dumps(said).encode())

        def _answer(self, status: int, data: bytes) -> None:
            origin = self.headers.get("Origin", "")
            self.send_response(status)
            if origin in agent.trusted:
                self.send_header("Access-Control-Allow-Origin", origin)
                self.send_header("Access-Control-Allow-Headers", "content-type")
                self.send_header("Access-Control-Allow-Private-Network", "true")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            """Tests speak for themselves."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    agent.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield agent
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

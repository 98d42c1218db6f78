"""A service of cloud keys about invented people: the Cloud Signature Consortium's API on a real
socket, with a «phone» where the person confirms.

`CloudKeys(keys)` serves from a thread of its own; `python -m aikom.demo.cloud_keys` runs it beside
the demo, about the demo's people. It believes what real ones do: a
secret, a digest that was confirmed and no other, an activation that works once.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from signatures.certificates import Certificate
from signatures.demo.signing import SigningKey, signed_data, signer_info

Key = tuple[SigningKey, Certificate]
SECRET = "demo"  # noqa: S105 - of invented people
GOST = "1.2.804.2.1.1.1.1.3.1.1"


@dataclass
class Question:
    """What a person is asked on the phone, and what they said."""

    credential: str
    digest: str  # base64
    words: str
    said: bool | None = None
    activation: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    used: bool = False


class CloudKeys:
    """A service with a key for each person (by РНОКПП); `close()` ends it."""

    def __init__(self, keys: Mapping[str, Key], *, port: int = 0) -> None:
        self.keys = dict(keys)
        self.token = secrets.token_urlsafe(24)
        self.questions: dict[str, Question] = {}
        self.asked: list[str] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, told = service.answer(self.path, self.headers.get("Authorization"), body)
                data = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                """Nothing: it is not the server's own log."""

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/csc/v2/"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        """End the service and its thread."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def say(self, confirmed: bool) -> Question:
        """What the person does with the latest question on the phone."""
        latest = list(self.questions.values())[-1]
        latest.said = confirmed
        return latest

    def answer(
        self, path: str, authorization: str | None, body: bytes
    ) -> tuple[int, dict[str, Any]]:
        """One answer of the protocol."""
        method = path.removeprefix("/csc/v2/")
        self.asked.append(method)
        if method == "oauth2/token":
            given = parse_qs(body.decode())
            if not hmac.compare_digest(given.get("client_secret", [""])[0], SECRET):
                return 401, {"error": "invalid_client"}
            return 200, {"access_token": self.token, "token_type": "Bearer", "expires_in": 3600}
        if authorization != f"Bearer {self.token}":
            return 401, {"error": "invalid_token"}
        question = json.loads(body)
        match method:
            case "credentials/list":
                return 200, self._list(question)
            case "credentials/authorize":
                handle = secrets.token_urlsafe(16)
                (digest,) = question["hashes"]
                self.questions[handle] = Question(
                    question["credentialID"], digest, question.get("description", "")
                )
                return 202, {"handle": handle}
            case "credentials/authorizeCheck":
                return self._check(question)
            case "signatures/signDoc":
                return self._sign(question)
        return 404, {"error": "invalid_request"}

    def _list(self, question: dict[str, Any]) -> dict[str, Any]:
        person = str(question["userID"]).removeprefix("TINUA-")
        if person not in self.keys:
            return {"credentialIDs": [], "credentialInfos": []}
        certificate = self.keys[person][1]
        info = {
            "credentialID": person,
            "key": {"status": "enabled", "algo": [GOST], "len": 257},
            "cert": {"certificates": [base64.b64encode(certificate.der).decode()]},
            "auth": {"mode": "explicit", "objects": []},
            "multisign": 1,
        }
        return {"credentialIDs": [person], "credentialInfos": [info]}

    def _check(self, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        found = self.questions.get(question["handle"])
        if found is None:
            return 400, {"error": "invalid_request"}
        if found.said is None:
            return 202, {"handle": question["handle"]}
        if not found.said:
            return 400, {"error": "invalid_authentication_data"}
        return 200, {"SAD": found.activation}

    def _sign(self, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        (wanted,) = question["documentDigests"]
        (digest,) = wanted["hashes"]
        for one in self.questions.values():
            if one.activation == question["SAD"] and one.said and not one.used:
                if (one.digest, one.credential) != (digest, question["credentialID"]):
                    return 403, {"error": "invalid_hash"}
                one.used = True
                key, certificate = self.keys[one.credential]
                info = signer_info(b"", key, certificate, digest=base64.b64decode(digest))
                made = signed_data(None, [info], [certificate], hash_oids=[key.hash_oid])
                return 200, {"SignatureObject": [base64.b64encode(made).decode()]}
        return 400, {"error": "invalid_request"}

"""A receiver of webhooks: a real TLS socket on this machine, and a check of signatures of its own."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import datetime
import hashlib
import hmac
import http.server
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.kit.waiting import LONG


@dataclasses.dataclass
class Receiver:
    """What came, and how it is answered: a status, or several in turn; `hold` keeps answers back."""

    url: str
    host: str
    authorities: str
    came: list[tuple[str, dict[str, str], bytes]]
    answers: list[int]
    released: threading.Event
    arrived: threading.Semaphore

    def said(self, number: int = -1) -> dict[str, Any]:
        return json.loads(self.came[number][2])

    def id(self, number: int = -1) -> str:
        return self.came[number][1]["webhook-id"]

    def knows(self, secret: str, number: int = -1) -> bool:
        """Whether a message was signed with a secret, as Standard Webhooks say."""
        _, headers, body = self.came[number]
        key = base64.b64decode(secret.removeprefix("whsec_"))
        said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mine = "v1," + base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
        return mine in headers["webhook-signature"].split(" ")


def _certificate(folder: Path) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"receiver {folder.name}")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                    x509.DNSName("receiver.example"),
                ]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "receiver.pem", folder / "receiver.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(certificate), str(private)


@contextlib.contextmanager
def receiving(folder: Path, *answers: int) -> Iterator[Receiver]:
    """A receiver that answers so in turn, the last of them for ever."""
    certificate, private = _certificate(folder)
    statuses = list(answers or (200,))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.came.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            got.arrived.release()
            got.released.wait(LONG)
            status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
            self.send_response(status)
            if status in {301, 302, 307, 308}:
                self.send_header("Location", f"https://{got.host}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    host = f"127.0.0.1:{server.server_port}"
    got = Receiver(
        f"https://{host}/hook", host, certificate, [], statuses, threading.Event(),
        threading.Semaphore(0),
    )  # fmt: skip
    got.released.set()
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield got
    finally:
        got.released.set()
        server.shutdown()
        server.server_close()
        serving.join()

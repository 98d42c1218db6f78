"""Services of providers on real sockets: what they say is what each test decides."""

import contextlib
import http.server
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from asn1crypto import cms as standard_cms

from signatures.certificates import Certificate

Answer = tuple[int, bytes]


@dataclass
class Responder:
    """An HTTP server whose answer each test decides."""

    port: int = 0
    answer: Callable[[str, bytes], Answer] = lambda path, body: (404, b"")
    asked: list[tuple[str, bytes]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextlib.contextmanager
def responding() -> Iterator[Responder]:
    """A server on this machine, for as long as the block runs."""
    state = Responder()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            state.asked.append((self.path, body))
            status, data = state.answer(self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            with contextlib.suppress(OSError):  # whoever asked may have left
                self.wfile.write(data)

        do_GET = do_POST  # noqa: N815 - the name http.server calls

        def log_message(self, *args: object) -> None:
            """Tests speak for themselves."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def cmp_service(known: Iterable[Certificate]) -> Callable[[str, bytes], Answer]:
    """IIT's CMP as providers speak it, written with another ASN.1 library than the product's.

    A question is 120 octets of fixed layout in CMS data; so is the head of the answer.
    """
    certificates = list(known)

    def answer(path: str, body: bytes) -> Answer:
        question = standard_cms.ContentInfo.load(body)["content"].native
        assert len(question) == 120
        assert struct.unpack_from("<I", question, 0x00) == (0x0D,)
        assert struct.unpack_from("<I", question, 0x08) == (2,)
        assert struct.unpack_from("<II", question, 0x6C) == (1, 1)
        keys = {question[0x0C:0x2C], question[0x2C:0x4C]}
        keys |= {one[:20] for one in keys if not any(one[20:])}
        found = [one for one in certificates if one.key_identifier in keys]
        if not found:
            return 200, _data(struct.pack("<II", 0x0D, 9))
        # As DSTU certificates are unknown to the library, their bytes are set in by hand.
        bag = b"".join(one.der for one in found)
        signed = _tlv(
            0x30,
            bytes.fromhex("020101 3100 300b06092a864886f70d010701") + _tlv(0xA0, bag) + b"\x31\x00",
        )
        inner = _tlv(0x30, bytes.fromhex("06092a864886f70d010702") + _tlv(0xA0, signed))
        return 200, _data(struct.pack("<II", 0x0D, 1) + inner)

    return answer


def _data(content: bytes) -> bytes:
    return standard_cms.ContentInfo({"content_type": "data", "content": content}).dump()


def _tlv(tag: int, body: bytes) -> bytes:
    size = len(body)
    head = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + head + body

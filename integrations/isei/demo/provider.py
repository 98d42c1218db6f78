"""The provider itself: an HTTP server that speaks as id.gov.ua does, about invented people.

`Provider(people, …)` serves from a thread of its own; the demo runs it as a process
(`aikom.demo.id_gov_ua`), the tests add its troubles (tests/isei/provider.py). It believes what the
real one does: registered addresses of return only, codes that work once and soon end, a secret.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import html
import json
import secrets
import string
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from integrations.isei.demo.keys import ProviderKeys
from integrations.isei.demo.people import Vouched
from signatures import der, enveloped
from signatures.certificates import Certificate, load
from signatures.demo.signing import sign_cms

HERE = Path(__file__).parent
CODE_SECONDS = 60.0
TOKEN_SECONDS = 600.0
MAX_QUESTION = 64 * 1024
JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclasses.dataclass(frozen=True)
class Client:
    """A system registered at the provider."""

    client_id: str
    client_secret: str = dataclasses.field(repr=False)
    # What an address of return may begin with.
    returns: tuple[str, ...]


@dataclasses.dataclass
class Pass:
    """A code or a token: about whom, for whom, and until when."""

    person: Vouched
    client_id: str
    until: float
    user_id: str = ""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What goes back to whoever asked."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    location: str = ""


def told(status: int, **fields: Any) -> Answer:
    """A JSON answer."""
    return Answer(status, json.dumps(fields, ensure_ascii=False).encode())


def refused(error: str, description: str) -> Answer:
    """A refusal in the words of OAuth."""
    return told(400, error=error, error_description=description)


class Provider:
    """One provider on one port; `close()` ends it."""

    def __init__(
        self,
        people: Sequence[Vouched],
        client: Client,
        *,
        keys: ProviderKeys | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.people = {person.key: person for person in people}
        self.client = client
        self.keys = keys
        self.codes: dict[str, Pass] = {}
        self.tokens: dict[str, Pass] = {}
        self._lock = threading.Lock()
        self._server = _Server((host, port), _Handler)
        self._server.provider = self
        self.address = f"http://{host}:{self._server.server_address[1]}"

    def serve(self) -> None:
        """Answer until closed."""
        self._server.serve_forever(poll_interval=0.1)

    def start(self) -> None:
        """Answer from a thread of its own."""
        threading.Thread(target=self.serve, daemon=True).start()

    def close(self) -> None:
        """End a provider that serves."""
        self._server.shutdown()
        self._server.server_close()

    # ── addresses ────────────────────────────────────────────────────────────
    def answer(self, method: str, path: str, question: dict[str, str]) -> Answer:
        """One exchange."""
        pages = {"/": self.page, "/choose": self.choose, "/page.css": self.style}
        questions = {
            "/get-access-token": self.access_token,
            "/get-user-info": self.user_info,
            "/get-user-logout": self.logout,
        }
        chosen = (pages | questions).get(path)
        if chosen is None or (path == "/choose") != (method == "POST" and path in pages):
            return Answer(404, b"not found", "text/plain")
        return chosen(question)

    # ── pages ────────────────────────────────────────────────────────────────
    def page(self, question: dict[str, str]) -> Answer:
        """Where a person says who they are."""
        if refusal := self._wrong_request(question):
            return Answer(400, _filled("refusal.html", reason=refusal), HTML)
        asked = set(question.get("auth_type", "").split(","))
        carried = {name: question[name] for name in ("state", "redirect_uri", "client_id")}
        buttons = [_button(person) for person in self.people.values() if person.auth_type in asked]
        return Answer(
            200,
            _filled("page.html", people="".join(buttons), carried=_hidden(carried)),
            HTML,
        )

    def style(self, question: dict[str, str]) -> Answer:
        return Answer(200, (HERE / "page.css").read_bytes(), "text/css")

    def choose(self, question: dict[str, str]) -> Answer:
        """Back with a code for the chosen person, or with what was not agreed to."""
        if refusal := self._wrong_request({"response_type": "code"} | question):
            return Answer(400, _filled("refusal.html", reason=refusal), HTML)
        person = self.people.get(question.get("person", ""))
        if person is None:
            result = {"error": "access_denied", "error_description": "Користувач скасував вхід"}
        else:
            result = {"code": self.issue_code(person)}
        query = urlencode(result | {"state": question.get("state", "")})
        return Answer(302, location=f"{question['redirect_uri']}?{query}")

    def _wrong_request(self, question: dict[str, str]) -> str:
        if question.get("client_id") != self.client.client_id:
            return "Систему з таким ідентифікатором не зареєстровано."
        if question.get("response_type") != "code" or not question.get("state"):
            return "Запит неповний."
        if not question.get("redirect_uri", "").startswith(self.client.returns):
            return "Адресу повернення не зареєстровано."
        return ""

    # ── questions ────────────────────────────────────────────────────────────
    def issue_code(self, person: Vouched) -> str:
        """A one-time code about a person."""
        code = secrets.token_urlsafe(24)
        until = time.monotonic() + CODE_SECONDS
        with self._lock:
            self.codes[code] = Pass(person, self.client.client_id, until)
        return code

    def access_token(self, question: dict[str, str]) -> Answer:
        if (question.get("client_id"), question.get("client_secret")) != (
            self.client.client_id,
            self.client.client_secret,
        ):
            return told(401, error="invalid_client", error_description="Невідома система")
        if question.get("grant_type") != "authorization_code":
            return refused("unsupported_grant_type", "Очікується authorization_code")
        with self._lock:
            code = self.codes.pop(question.get("code", ""), None)
        if code is None or code.until < time.monotonic():
            return refused("invalid_grant", "Код недійсний або вже використаний")
        token, user_id = secrets.token_urlsafe(24), str(secrets.randbelow(10**9))
        until = time.monotonic() + TOKEN_SECONDS
        with self._lock:
            self.tokens[token] = Pass(code.person, code.client_id, until, user_id)
        return told(
            200,
            access_token=token,
            token_type="bearer",  # noqa: S106 - a word of the protocol
            expires_in=int(TOKEN_SECONDS),
            refresh_token=secrets.token_urlsafe(24),
            user_id=user_id,
        )

    def user_info(self, question: dict[str, str]) -> Answer:
        known = self._pass(question)
        if known is None:
            return refused("invalid_token", "Токен недійсний")
        wanted = question.get("fields", "").split(",")
        whole = known.person.answer()
        fields = {name: whole[name] for name in ("auth_type", *wanted) if name in whole}
        if "cert" not in question:
            return told(200, **fields)
        try:
            recipient = certificate_of(question["cert"])
            return told(200, encryptedUserInfo=self.seal(fields, recipient))
        except (ValueError, der.DerError) as error:
            return refused("invalid_certificate", f"Сертифікат не прочитано: {error}")

    def seal(self, fields: dict[str, str], recipient: Certificate) -> str:
        """Signed by the provider, then encrypted to the recipient."""
        if self.keys is None:
            raise ValueError("провайдер не має ключів")
        signed = sign_cms(
            json.dumps(fields, ensure_ascii=False).encode(),
            self.keys.signing,
            self.keys.signing_certificate,
            detached=False,
        )
        sealed = enveloped.seal_envelope(
            signed,
            to=recipient,
            secret=self.keys.agreement,
            sender=self.keys.agreement_certificate,
        )
        return base64.b64encode(sealed).decode()

    def logout(self, question: dict[str, str]) -> Answer:
        if self._pass(question) is None:
            return refused("invalid_token", "Токен недійсний")
        with self._lock:
            self.tokens.pop(question["access_token"], None)
        return told(200, error=0, message="ok")

    def _pass(self, question: dict[str, str]) -> Pass | None:
        found = self.tokens.get(question.get("access_token", ""))
        if found is None or found.until < time.monotonic():
            return None
        return found if found.user_id == question.get("user_id") else None


def certificate_of(field: str) -> Certificate:
    """The recipient's certificate, encoded for an address twice: once by the protocol and once
    by whoever sends it, as the real one insists.

    Raises:
        ValueError, DerError: encoded once, or not a certificate.
    """
    if "%" not in field and set(field) & set("+/="):
        raise ValueError("закодовано один раз замість двох")
    try:
        return load(base64.b64decode(unquote_plus(field), validate=True))
    except binascii.Error as error:
        raise ValueError("не base64") from error


# ── how pages look ───────────────────────────────────────────────────────────
def _filled(name: str, **parts: str) -> bytes:
    return string.Template((HERE / name).read_text()).substitute(parts).encode()


def _hidden(fields: dict[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
        for name, value in fields.items()
    )


def _button(person: Vouched) -> str:
    codes = ", ".join(
        f"{name} {code}"
        for name, code in (("РНОКПП", person.drfocode), ("ЄДРПОУ", person.edrpoucode))
        if code
    )
    lines = [line for line in (person.organisation or person.title, codes, person.note) if line]
    return (
        f'<li><button type="submit" name="person" value="{html.escape(person.key)}">'
        f"<b>{html.escape(person.full_name)}</b>"
        + "".join(f"<span>{html.escape(line)}</span>" for line in lines)
        + "</button></li>"
    )


# ── the server ───────────────────────────────────────────────────────────────
class _Server(ThreadingHTTPServer):
    daemon_threads = True
    provider: Provider


class _Handler(BaseHTTPRequestHandler):
    timeout = 30

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        query = parts.query
        if self.command == "POST":
            size = int(self.headers.get("Content-Length") or 0)
            if size > MAX_QUESTION:
                self.send_error(413)
                return
            query = "&".join(filter(None, (query, self.rfile.read(size).decode("latin-1"))))
        question = dict(parse_qsl(query, keep_blank_values=True))
        provider = cast(_Server, self.server).provider
        self._send(provider.answer(self.command, parts.path, question))

    do_GET = do_POST = _answer  # noqa: N815 - names that http.server calls

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'self'")
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Addresses carry codes: nothing is written."""

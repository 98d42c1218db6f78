"""One message to one address: by HTTPS alone, to a public address that was judged and no other, once."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from django.conf import settings

from integrations.eis.hooks import signing
from integrations.eis.hooks.queue import Answer, Taken
from kernel.clock import moment
from kernel.outside import Http, Silent, is_public

SECONDS = 10.0  # of the whole exchange, however slowly the other side drips
MOST_BYTES = 16_384  # of an answer, which nobody reads
PORTS = (443, 8443)
LONGEST = 500
_TAKEN = frozenset(range(200, 300))


def problem_of(url: str) -> str:
    """Why messages may not be sent to an address; empty when they may. What its name resolves to is
    judged at each sending, for it changes."""
    if len(url) > LONGEST or not url.isascii() or any(one <= " " or one == "\x7f" for one in url):
        return f"Адреса — до {LONGEST} знаків ASCII, без пропусків."
    try:
        parts = urlsplit(url)
        port = parts.port or 443
        host = parts.hostname or ""
    except ValueError:
        return "Це не адреса."
    if parts.scheme != "https" or not host:
        return "Адреса має починатися з https://."
    if parts.username or parts.password or "#" in url:
        return "Адреса не може містити імені з паролем або позначки після #."
    if _named(host, port):
        return ""
    if port not in PORTS:
        return "Порт — 443 або 8443."
    try:
        public = is_public(host)
    except ValueError:
        public = "." in host.strip(".") and not host.endswith((".local", ".internal", ".localhost"))
    return "" if public else "Адреса має бути загальнодоступною."


def _named(host: str, port: int) -> bool:
    return f"{host}:{port}" in settings.EIS_HOOK_HOSTS


def send(taken: Taken) -> Answer:
    """Send one message. Waits for a stranger: never inside a transaction."""
    if trouble := problem_of(taken.url):
        return Answer(0, trouble)
    parts = urlsplit(taken.url)
    host, port = str(parts.hostname), parts.port or 443
    at = frozenset({f"{host}:{port}", host})
    named = _named(host, port)
    way = Http(
        hosts=at if named else frozenset(),
        public_hosts=frozenset() if named else at,
        authorities=settings.EIS_HOOK_AUTHORITIES or None,
        total_seconds=SECONDS,
    )
    began = time.monotonic()
    try:
        way.fetch(
            taken.url,
            limit=MOST_BYTES,
            body=taken.body,
            content_type="application/json",
            more=signing.headers(taken.message_id, moment().now, taken.body, taken.salts),
            statuses=_TAKEN,
        )
    except Silent as silent:
        return Answer(silent.status, _words(silent), time.monotonic() - began)
    return Answer(200, "", time.monotonic() - began)


def _words(silent: Silent) -> str:
    if silent.status:
        return f"Відповідь {silent.status}"
    return "Немає відповіді: адресу не знайдено, вона не загальнодоступна, мовчить понад 10 секунд або її сертифікат недійсний"

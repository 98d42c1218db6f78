"""Notices of the children's register to the children's service, the police and the Commissioner.

One message a notice and an addressee, by REST of «Трембіта» (handbook J.1): who we are, whose service,
a new id for each try, the declared purpose and the subject stand in its headers, so that the monitoring of
access to personal data sees them. Children are told as JSON, never as a blob. `issue` is the same in every
try: whoever has taken it answers with the number that it was registered under then.
"""

from __future__ import annotations

import base64
import datetime
import json
import uuid
from typing import Any

import structlog

from integrations.trembita.conf import Configuration
from kernel.outside import Http, Silent
from registry.coverage.ports import Notice, NotTaken, Registered

log = structlog.get_logger(__name__)

LIMIT = 64 * 1024
# Faults of the server and of the service come with these; the words are in the body.
_STATUSES = frozenset({200, 400, 401, 403, 404, 413, 415, 429, 500, 502, 503, 504})


class Notices:
    """`registry.coverage.ports.Channel` through a security server."""

    code = "TREMBITA"

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    @property
    def recipients(self) -> frozenset[str]:
        """Addressees that a service is named for."""
        return frozenset(self._configuration.notices)

    def send(self, notice: Notice) -> Registered:
        """Hand one notice to one addressee.

        Raises:
            NotTaken: it is not known to have been registered; sent again, it is registered once.
        """
        conf, query = self._configuration, str(uuid.uuid4())
        issue = f"{notice.letter}/{notice.recipient}"
        headers = {
            "Uxp-Client": conf.client,
            "Uxp-Service": conf.notices[notice.recipient],
            "Uxp-QueryID": query,
            "Uxp-Purpose-Ids": conf.purpose,
            # A notice is of one child or of many: the register tells whose it is.
            "Uxp-Subject-Id": notice.subject,
        }
        http = Http(
            hosts=frozenset({conf.host}),
            authorities=conf.tls_authorities or None,
            connect_seconds=5.0,
            read_seconds=30.0,
            total_seconds=40.0,
        )
        try:
            raw = http.fetch(
                f"{conf.address}/restapi",
                limit=LIMIT,
                body=_body(issue, notice),
                content_type="application/json",
                more=headers,
                statuses=_STATUSES,
            )
        except Silent as silent:
            raise NotTaken(str(silent)) from silent
        log.info("trembita_answered", query=query, issue=issue)
        return _registered(raw, issue, query)


def _body(issue: str, notice: Notice) -> bytes:
    told = {
        "issue": issue,
        "kind": notice.kind,
        "number": notice.number,
        "date": notice.issued_on.isoformat(),
        "title": notice.title,
        "from": {"name": notice.sender, "edrpou": notice.edrpou},
        "children": list(notice.rows),
        "signature": {
            "code": notice.code,
            "manifest": notice.manifest.decode(),
            "cms": base64.b64encode(notice.cms).decode(),
        },
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _registered(raw: bytes, issue: str, query: str) -> Registered:
    """What the answer says; a fault has a type and words."""
    try:
        answer: Any = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NotTaken("the answer is not JSON") from error
    if not isinstance(answer, dict):
        raise NotTaken("the answer is not an object")
    if "type" in answer or "registrationNumber" not in answer:
        words = f"{answer.get('type', '')} {answer.get('message', '')}".strip()
        raise NotTaken(words[:200] or "the answer names no number")
    if answer.get("issue") != issue:
        raise NotTaken("the answer is about another notice")
    number, day = answer["registrationNumber"], answer.get("registrationDate", "")
    try:
        on = datetime.date.fromisoformat(day)
    except (TypeError, ValueError) as error:
        raise NotTaken("the answer names no day") from error
    if not isinstance(number, str) or not number.strip() or "\x00" in number:
        raise NotTaken("the answer names no number")
    return Registered(number.strip()[:50], on, query)


def configured() -> Notices | None:
    """The channel, None where an operator named none."""
    configuration = Configuration.current()
    return Notices(configuration) if configuration.on else None

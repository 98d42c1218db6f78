"""A request that was sent twice has one effect: idempotency, written inside the command.

`command(…, once=Once(key, fingerprint))` inserts the row of (principal, key) first in the command's
transaction. A twin that comes meanwhile waits for it and receives the stored outcome; a command
that was refused leaves no row, so it may be tried again.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connection

from kernel.errors import DomainError

if TYPE_CHECKING:
    from kernel.scoping import Actor


class KeyReused(DomainError):
    """The same key came with another request: one of the two is a mistake of the sender."""

    code = "idempotency_key_reused"
    http_status = 422
    title = "Цим ключем повторення вже надіслано інший запит"


class Replayed(Exception):
    """The command was done before under this key; `outcome` is what it left then."""

    def __init__(self, outcome: Any):
        super().__init__("done before")
        self.outcome = outcome


@dataclasses.dataclass
class Once:
    """The sender's key, what was sent (`fingerprint`), and how an outcome is kept.

    `pack` turns the command's result into what JSON holds, inside the transaction; after the
    command `outcome` has it.
    """

    key: str
    fingerprint: bytes
    pack: Callable[[Any], Any] = lambda result: None
    outcome: Any = None

    @classmethod
    def of_form(
        cls,
        name: str,
        posted: Mapping[str, Any],
        *,
        pack: Callable[[Any], Any] = lambda result: None,
    ) -> Once | None:
        """The key of a page's form, from its hidden field `form_id`; None from a page without one.

        The form sent twice as it was is one request; sent again with anything changed, KeyReused.
        """
        if not posted.get("form_id"):
            return None
        told = getattr(posted, "lists", posted.items)()
        said = sorted((k, v) for k, v in told if k != "csrfmiddlewaretoken")
        return cls(f"{name}/{posted['form_id'][:100]}", repr(said).encode(), pack)

    def claim(self, actor: Actor, command: str) -> None:
        """Take the key for this transaction, waiting for a twin that holds it.

        Raises:
            Replayed: the command was done under this key already.
            KeyReused: the key is known with another request.
        """
        print_ = hashlib.sha256(command.encode() + b"\x00" + self.fingerprint).digest()
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO once_request (principal, key, fingerprint, at)
                VALUES (%s, %s, %s, clock_timestamp()) ON CONFLICT DO NOTHING
                """,
                [principal_of(actor), self.key, print_],
            )
            if cursor.rowcount:
                return
            cursor.execute(
                "SELECT fingerprint, outcome FROM once_request WHERE principal = %s AND key = %s",
                [principal_of(actor), self.key],
            )
            known, outcome = cursor.fetchone()
        if bytes(known) != print_:
            raise KeyReused(
                "Повторюйте запит з тим самим ключем лише незміненим; для нового запиту — новий ключ."
            )
        raise Replayed(orjson.loads(outcome) if isinstance(outcome, (str, bytes)) else outcome)

    def was_done(self, actor: Actor) -> bool:
        """Whether a command was done under this key: asked where a repeat is answered otherwise than
        by asking the command again."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM once_request WHERE principal = %s AND key = %s)",
                [principal_of(actor), self.key],
            )
            return bool(cursor.fetchone()[0])

    def keep(self, actor: Actor, result: Any) -> None:
        """Store the outcome beside the key, in the same transaction."""
        self.outcome = self.pack(result)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE once_request SET outcome = %s::jsonb WHERE principal = %s AND key = %s",
                [orjson.dumps(self.outcome).decode(), principal_of(actor), self.key],
            )


def principal_of(actor: Actor) -> str:
    """Whose keys are one's own: a partner's key, a grant, a person before the choice of one."""
    if actor.key_id is not None:
        return f"key:{actor.key_id}"
    if actor.grant_id is not None:
        return f"grant:{actor.grant_id}"
    return f"user:{actor.user_id}" if actor.user_id is not None else actor.label

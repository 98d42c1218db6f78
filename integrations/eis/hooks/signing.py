"""Signatures of wake-ups, as Standard Webhooks say: HMAC-SHA256 of «id.timestamp.body», `v1,` before it."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterable

from django.conf import settings

PREFIX = "whsec_"


def new_salt() -> bytes:
    """What is kept of a new secret."""
    return secrets.token_bytes(32)


def _key(salt: bytes) -> bytes:
    return hmac.new(
        settings.SECRET_KEY.encode(), b"eis.hook\x00" + bytes(salt), hashlib.sha256
    ).digest()


def secret_of(salt: bytes) -> str:
    """The secret as its holder is given it."""
    return PREFIX + base64.b64encode(_key(salt)).decode()


def headers(
    message_id: uuid.UUID, at: datetime.datetime, body: bytes, salts: Iterable[bytes]
) -> dict[str, str]:
    """The three headers of a message, with a signature by each secret that stands: while two do, the
    receiver finds the one it knows."""
    stamp = str(int(at.timestamp()))
    said = f"{message_id}.{stamp}.".encode() + body
    signatures = (hmac.new(_key(salt), said, hashlib.sha256).digest() for salt in salts)
    return {
        "webhook-id": str(message_id),
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signatures),
    }

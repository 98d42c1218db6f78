"""Client of the AIKOM API for school information systems."""

from aikom_eis.client import Aikom
from aikom_eis.copy import Copy
from aikom_eis.errors import (
    AikomError,
    Conflict,
    CursorExpired,
    Gone,
    Invalid,
    KeyRefused,
    NotFound,
    NotGranted,
    Unavailable,
)

__all__ = [
    "Aikom",
    "AikomError",
    "Conflict",
    "Copy",
    "CursorExpired",
    "Gone",
    "Invalid",
    "KeyRefused",
    "NotFound",
    "NotGranted",
    "Unavailable",
]

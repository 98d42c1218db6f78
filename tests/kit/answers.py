"""What an answer says, apart from what no two answers share."""

from __future__ import annotations

from typing import Any


def without_number(response: Any) -> bytes:
    """The page without its number for support: the random end of the request's id, which the header
    X-Request-ID carries too. Everything else of two pages can then be compared to the byte."""
    number = response.headers["X-Request-ID"][-8:].upper().encode()
    assert number in response.content, "a page tells its number"
    content: bytes = response.content.replace(number, b"")
    return content

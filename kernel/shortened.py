"""Pages as short as their readers take them."""

from __future__ import annotations

import re
import secrets
import zlib
from collections.abc import Callable

import brotli
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

SHORTEST = 1_000  # bytes; below it the headers weigh more


class Compressed:
    """Compress pages: a list of 100 is 64 KB as it is made.

    The levels are chosen by what they cost (docs/performance.md): the next one up takes twice as
    long for a twentieth less. A header of a random length hides how long a page became by what its
    address put into it (BREACH); the tokens of forms differ in each answer. Files and the API go as
    they are.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.streaming
            or len(response.content) < SHORTEST
            or not response.get("Content-Type", "").startswith("text/html")
        ):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        taken = accepted(request.headers.get("Accept-Encoding", ""))
        name = next((name for name in _HOW if name in taken), None)
        if name is not None:
            response.content = _HOW[name](response.content)
            response["Content-Encoding"] = name
            response["Content-Length"] = str(len(response.content))
            response["X-Padding"] = "-" * secrets.randbelow(100)
        return response


def accepted(header: str) -> set[str]:
    """Encodings that a reader takes; one with `q=0` it does not."""
    parts = (part.strip().lower().partition(";") for part in header.split(","))
    return {name.strip() for name, _, q in parts if not _NEVER.fullmatch(q.strip())}


_NEVER = re.compile(r"q\s*=\s*0(?:\.0{0,3})?")


def _brotli(page: bytes) -> bytes:
    made: bytes = brotli.compress(page, mode=brotli.MODE_TEXT, quality=3)
    return made


def _gzip(page: bytes) -> bytes:
    return zlib.compress(page, level=4, wbits=31)


_HOW: dict[str, Callable[[bytes], bytes]] = {"br": _brotli, "gzip": _gzip}  # the best first

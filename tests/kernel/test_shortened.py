"""Pages go compressed to whoever takes them so, and are the same pages."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import pytest
from django.http import FileResponse, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from kernel.shortened import SHORTEST, Compressed

_PAGE = "<p>Їжак і ґава</p>" * 200


def _answered(response: HttpResponseBase, accepted: str | None) -> HttpResponse:
    asked = {} if accepted is None else {"headers": {"Accept-Encoding": accepted}}
    return Compressed(lambda request: response)(RequestFactory().get("/", **asked))


@pytest.mark.parametrize(
    ("accepted", "encoding", "read"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip;q=1.0, *;q=0.5", "gzip", gzip.decompress),
        ("GZIP, br;q=0", "gzip", gzip.decompress),
        ("br;q=0.000, gzip; q=0", "", bytes),
        ("identity", "", bytes),
        ("brave", "", bytes),
        (None, "", bytes),
    ],
)
def test_a_page_is_sent_as_its_reader_takes_it(
    accepted: str | None, encoding: str, read: Callable[[bytes], bytes]
) -> None:
    answer = _answered(HttpResponse(_PAGE), accepted)
    assert answer.get("Content-Encoding", "") == encoding
    assert read(answer.content).decode() == _PAGE
    assert "Accept-Encoding" in answer["Vary"]
    if encoding:
        assert len(answer.content) < len(_PAGE.encode()) / 10
        assert answer["Content-Length"] == str(len(answer.content))


@pytest.mark.parametrize(
    "response",
    [
        lambda: HttpResponse("ї" * (SHORTEST // 2 - 1)),
        lambda: JsonResponse({"ї": _PAGE}),
        lambda: FileResponse([_PAGE.encode()], content_type="text/html"),
    ],
)
def test_what_is_short_or_no_page_goes_as_it_is(
    response: Callable[[], HttpResponseBase],
) -> None:
    answer = _answered(response(), "br, gzip")
    assert not answer.has_header("Content-Encoding")


def test_how_long_a_page_became_is_hidden() -> None:
    told = {len(_answered(HttpResponse(_PAGE), "br")["X-Padding"]) for _ in range(200)}
    assert len(told) > 20


@pytest.mark.django_db
def test_pages_of_the_portal_come_compressed(client: Client) -> None:
    answer = client.get("/login/", headers={"Accept-Encoding": "br"})
    assert "</html>" in brotli.decompress(answer.content).decode()

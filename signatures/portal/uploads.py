"""Files of the public page: bounded while they arrive, never read whole, gone with the request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from signatures.algorithms import native
from signatures.pool import Given

MEGABYTE = 1024 * 1024
PIECE = 64 * 1024
PASSED_BY = 8 * MEGABYTE
MAX_TOTAL = 100 * MEGABYTE
# GOST 34.311 takes over a second a megabyte without the accelerator.
MAX_TOTAL_SLOW = 5 * MEGABYTE


def limit() -> int:
    """How many bytes one request may bring, in all."""
    return MAX_TOTAL if native.library() is not None else MAX_TOTAL_SLOW


class Bounded(FileUploadHandler):
    """Counts what arrives and stops at the limit; keeps nothing itself."""

    def __init__(self, request: HttpRequest, most: int):
        super().__init__(request)
        self.most, self.seen = most, 0

    @property
    def exceeded(self) -> bool:
        return self.seen > self.most

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.seen += len(raw_data)
        if self.exceeded:
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def bound(request: HttpRequest) -> Bounded:
    """Put the limit before Django's own handlers; before anything reads the request's body."""
    handler = Bounded(request, limit())
    request.upload_handlers = [handler, *request.upload_handlers]
    return handler


def declared_size(request: HttpRequest) -> int:
    """How many bytes the request says that it brings."""
    length: Any = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if str(length).isdigit() else 0


def pass_by(request: HttpRequest) -> None:
    """Read what arrives and keep none of it: a browser hears no answer while it is sending. Not
    much, though: whoever sends slowly keeps a thread."""
    left = min(declared_size(request), PASSED_BY)
    while left > 0 and (piece := request.read(min(left, PIECE))):
        left -= len(piece)


def given(file: UploadedFile) -> Given:
    """An uploaded file for the checker: a large one lies on disk and stays there."""
    if isinstance(file, TemporaryUploadedFile):
        file.flush()
        return file.name or "", Path(file.temporary_file_path())
    file.seek(0)
    return file.name or "", file.read()

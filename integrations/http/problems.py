"""Refusals of the road itself, whichever API it leads to (RFC 9457 by `kernel.problems`)."""

from __future__ import annotations

from kernel.errors import DomainError


class Gone(DomainError):
    """The row was here and is closed; nothing replaced it."""

    code = "gone"
    http_status = 410
    title = "Запис закрито"


class BadBody(DomainError):
    """The body is not JSON of the shape that the address takes."""

    code = "bad_body"
    http_status = 400
    title = "Тіло запиту не є правильним JSON"


class TooMuch(DomainError):
    """More than one request may bring."""

    code = "too_much"
    http_status = 413
    title = "Запит завеликий"


class KeyNeeded(DomainError):
    """A write without an Idempotency-Key: repeated after a lost answer, it would be done twice."""

    code = "idempotency_key_missing"
    http_status = 400
    title = "Запис потребує заголовка Idempotency-Key"


class VersionNeeded(DomainError):
    """A write without If-Match: it could undo what somebody has just saved (RFC 6585)."""

    code = "precondition_required"
    http_status = 428
    title = "Запис потребує заголовка If-Match"

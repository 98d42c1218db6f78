"""Refusals of the road itself, whichever API it leads to (RFC 9457 by `kernel.problems`)."""

from __future__ import annotations

from kernel.errors import DomainError


class BadParameter(DomainError):
    """A query parameter is unknown, repeated or out of its range."""

    code = "bad_parameter"
    http_status = 400
    title = "Параметр запиту задано неправильно"


class Gone(DomainError):
    """The row was here and is closed; nothing replaced it."""

    code = "gone"
    http_status = 410
    title = "Запис закрито"

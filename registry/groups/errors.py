"""Refusals about groups."""

from __future__ import annotations

from kernel.errors import DomainError


class GroupTaken(DomainError):
    """Somebody wrote the same group or placed its pupils at the same moment."""

    code = "group_taken"
    http_status = 409
    title = "Групу щойно змінив хтось інший"


class GroupIsClosed(DomainError):
    """A closed group takes nobody."""

    code = "group_closed"
    http_status = 409
    title = "Групу закрито"

"""What may go wrong, one class for each thing a program does about it."""

from __future__ import annotations

from typing import Any


class AikomError(Exception):
    """An answer that is no success; `problem` is its body (RFC 9457)."""

    def __init__(self, status: int, problem: dict[str, Any]):
        self.status, self.problem = status, problem
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")

    @property
    def code(self) -> str:
        """The stable word for programs: the last part of `type`."""
        return str(self.problem.get("type", "")).rpartition("/")[2]

    @property
    def errors(self) -> list[dict[str, str]]:
        """Every wrong input with its pointer."""
        return list(self.problem.get("errors", ()))


class KeyRefused(AikomError):
    """The key is unknown, revoked or over: stop, and ask the head of the school for another."""


class NotGranted(AikomError):
    """The head did not open this, or the system or the school is suspended."""


class NotFound(AikomError):
    """No such row at this school."""


class Gone(AikomError):
    """The row is closed and nothing replaced it."""


class CursorExpired(Gone):
    """Changes after this cursor are kept no longer, or the key opens something else now."""


class Conflict(AikomError):
    """Somebody wrote it meanwhile: read again."""


class Invalid(AikomError):
    """Wrong values: `errors` says which and why."""


class Unavailable(AikomError):
    """Busy or out of reach, however often it was asked."""


_BY_STATUS: dict[int, type[AikomError]] = {
    401: KeyRefused,
    403: NotGranted,
    404: NotFound,
    409: Conflict,
    410: Gone,
    412: Conflict,
    422: Invalid,
    429: Unavailable,
    503: Unavailable,
}


def of(status: int, problem: dict[str, Any]) -> AikomError:
    """The error of an answer."""
    if problem.get("type") == "/problems/cursor_expired":
        return CursorExpired(status, problem)
    return _BY_STATUS.get(status, AikomError)(status, problem)

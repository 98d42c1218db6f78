"""What the domain may refuse, in words both people and programs can act on."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """A rule of the register said no. Never a bug: a bug raises anything else.

    Class attributes are the contract: `code` (stable, for programs), `http_status`, `title`
    (Ukrainian, for people). An instance adds `detail` (what exactly and what to do), `field`
    (which input) and any further context, which the API shows as extension members.
    """

    code = "domain_error"
    http_status = 409
    title = "Цю дію зараз виконати не можна"

    def __init__(self, detail: str | None = None, *, field: str | None = None, **context: Any):
        self.detail = detail or self.title
        self.field = field
        self.context = context
        super().__init__(self.detail)


class NotAllowed(DomainError):
    """The actor may see the thing and may not do this with it."""

    code = "not_allowed"
    http_status = 403
    title = "Ваша роль не дає права на цю дію"


class NotFound(DomainError):
    """Absent, or present where the actor may not look: the two must read the same."""

    code = "not_found"
    http_status = 404
    title = "Нічого не знайдено"


class StaleVersion(DomainError):
    """Somebody saved this row after the actor read it."""

    code = "stale_version"
    http_status = 412
    title = "Дані вже змінилися, поки ви їх редагували"


class Busy(DomainError):
    """Others hold what this change needs; nothing was written, and the same may be asked again.

    `retry_after` is in seconds, for the Retry-After header.
    """

    code = "busy"
    http_status = 503
    title = "Зайнято, спробуйте ще раз за кілька секунд"
    retry_after = 2


class Invalid(DomainError):
    """Several inputs are wrong at once; all problems are told together.

    `problems` is a list of `Problem`; each surface shows every one beside its input.
    """

    code = "invalid"
    http_status = 422
    title = "Перевірте введені дані"

    def __init__(self, problems: list[Problem], detail: str | None = None, **context: Any):
        super().__init__(detail or "; ".join(p.detail for p in problems), **context)
        self.problems = problems


class Problem:
    """One thing wrong with one input: where (`field`), which rule (`code`), in people's words."""

    __slots__ = ("code", "detail", "field")

    def __init__(self, field: str, code: str, detail: str):
        self.field = field
        self.code = code
        self.detail = detail

    def __repr__(self) -> str:
        return f"Problem({self.field!r}, {self.code!r}, {self.detail!r})"

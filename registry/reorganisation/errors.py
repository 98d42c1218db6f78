"""Refusals about reorganisation."""

from __future__ import annotations

from kernel.errors import DomainError


class NotReorganised(DomainError):
    """The institution cannot be reorganised as it is now; `detail` says what to do first."""

    code = "not_reorganised"
    title = "Реорганізувати заклад зараз не можна"

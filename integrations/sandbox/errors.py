"""Refusals of the sandbox."""

from __future__ import annotations

from kernel.errors import DomainError


class NoProgramme(DomainError):
    """The key is of no sandbox school, or its programme was not started."""

    code = "no_programme"
    title = "Тестову програму не розпочато"


class ExerciseNotOpen(DomainError):
    """The task was not begun, is over, or another is under way."""

    code = "exercise_not_open"
    title = "Це завдання зараз не виконують"


class SandboxSilent(DomainError):
    """The sandbox's own process does not answer."""

    code = "sandbox_silent"
    http_status = 503
    title = "Пісочниця не відповідає"

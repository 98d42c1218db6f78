"""Refusals of the statistics room."""

from __future__ import annotations

from kernel.errors import DomainError


class FormUnknown(DomainError):
    """No definition has this code."""

    code = "form_unknown"
    http_status = 404
    title = "Такої форми звітності немає"


class RunUnderWay(DomainError):
    """The same form is being generated for the same node and day already."""

    code = "run_under_way"
    title = "Такий звіт уже формується"


class DayOutOfRange(DomainError):
    """The day is in the future or before any school year of the register."""

    code = "day_out_of_range"
    http_status = 422
    title = "На цю дату звіт сформувати не можна"


class RunNotDone(DomainError):
    """Figures are not there yet."""

    code = "run_not_done"
    title = "Звіт ще формується"

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


class TooManyUnderWay(DomainError):
    """The person, or everybody of the node, has as many runs under way as may be."""

    code = "too_many_runs"
    http_status = 429
    title = "Забагато звітів формується одночасно"


class DayOutOfRange(DomainError):
    """The day is in the future or before any school year of the register."""

    code = "day_out_of_range"
    http_status = 422
    title = "На цю дату звіт сформувати не можна"


class RunNotDone(DomainError):
    """Figures are not there yet."""

    code = "run_not_done"
    title = "Звіт ще формується"


class RunPutAway(DomainError):
    """A night past its time: what it counted is kept no longer."""

    code = "run_put_away"
    http_status = 410
    title = "Показників цієї ночі вже не зберігають"


class RunNeeded(DomainError):
    """A set of a form is made from a generated form, and none was chosen."""

    code = "run_needed"
    http_status = 422
    title = "Не вибрано звіт, з якого зробити набір"


class IssueUnderWay(DomainError):
    """An issue of the set is being composed already."""

    code = "open_issue_under_way"
    title = "Новий випуск цього набору вже готують"


class SetGone(DomainError):
    """The installation announces the set no more."""

    code = "open_set_gone"
    title = "Такого набору відкритих даних більше немає"


class ReasonNeeded(DomainError):
    """An issue is taken back with a word why."""

    code = "withdrawal_reason_needed"
    http_status = 422
    title = "Причину не названо"


class IssueWithdrawn(DomainError):
    """The issue was taken back before."""

    code = "open_issue_withdrawn"
    title = "Цей випуск уже відкликано"

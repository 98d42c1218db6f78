"""Refusals of the desk."""

from __future__ import annotations

from kernel.errors import DomainError


class QuestionWrong(DomainError):
    """Parts of a question do not go together."""

    code = "desk_question_wrong"
    http_status = 400
    title = "Так поставити запит не можна"


class SliceUnderWay(DomainError):
    """The day is being counted already."""

    code = "desk_slice_under_way"
    title = "Показники на цей день уже рахують"


class SliceStands(DomainError):
    """The day is counted already, and nothing of it would change."""

    code = "desk_slice_stands"
    title = "Показники на цей день уже пораховано"


class DayNotCounted(DomainError):
    """No figures are kept for the day."""

    code = "desk_day_not_counted"
    http_status = 404
    title = "На цей день показники ще не пораховано"


class TitleTaken(DomainError):
    """The person has a question of this title."""

    code = "desk_title_taken"
    http_status = 422
    title = "У вас уже є запит із такою назвою"

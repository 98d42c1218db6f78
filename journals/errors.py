"""Refusals about the year of a school, timetables, lessons and entries."""

from __future__ import annotations

from kernel.errors import DomainError, NotAllowed, StaleVersion


class NoPlan(DomainError):
    """Lessons are made of a year: semesters and bells come first."""

    code = "no_year_plan"
    http_status = 409
    title = "Спершу впишіть семестри й дзвінки навчального року"


class NoSuchPeriod(DomainError):
    """Lessons are made for days of a semester."""

    code = "no_semester"
    http_status = 422
    title = "Цей день не в семестрі"


class HasEntries(DomainError):
    """A lesson with entries is neither moved nor cancelled: entries are of the day they were made."""

    code = "lesson_has_entries"
    http_status = 409
    title = "На уроці вже є записи"


class LessonTaken(DomainError):
    """The journal has a lesson of that number on that day."""

    code = "lesson_taken"
    http_status = 409
    title = "У цьому журналі вже є такий урок"


class NotYourJournal(NotAllowed):
    """Entries are made by whoever teaches, absences by the class teacher too."""

    code = "not_your_journal"
    title = "Цей журнал веде інший учитель"


class EntriesLocked(NotAllowed):
    """The days on which entries of a lesson are made are over."""

    code = "entries_locked"
    title = "Строк записів про цей урок минув"


class CellChanged(StaleVersion):
    """Somebody wrote the same cell after the page was read; both values are told."""

    code = "cell_changed"
    http_status = 409
    title = "Цю клітинку тим часом змінив хтось інший"


class NoSolver(DomainError):
    """The host that would look for a week has no solver."""

    code = "no_solver"
    http_status = 503
    title = "Автоматичне складання розкладу на цьому сервері не встановлено"


class NoWeek(DomainError):
    """No week stands the rules; the words say which of them."""

    code = "no_week"
    http_status = 422
    title = "Розклад скласти неможливо"


class NotFoundInTime(DomainError):
    """The search ended by the clock: neither a week nor a reason why there is none."""

    code = "no_week_in_time"
    title = "За відведений час розкладу не знайдено"


class NothingToPlan(DomainError):
    """No journal of the school has hours a week."""

    code = "nothing_to_plan"
    http_status = 409
    title = "Жоден журнал не має годин на тиждень"


class WeekSaved(DomainError):
    """What the run found stands already."""

    code = "week_saved"
    http_status = 409
    title = "Цей розклад уже збережено"

"""Refusals of admission."""

from __future__ import annotations

from kernel.errors import DomainError, NotAllowed


class AdmissionClosed(DomainError):
    """No applications are accepted on this day."""

    code = "admission_closed"
    title = "Зараз заяв не приймають"


class PlacesNotSet(DomainError):
    """The school has not said how many places it has."""

    code = "places_not_set"
    title = "Спершу вкажіть кількість класів і місць"


class ApplicationDecided(DomainError):
    """The application is past the step asked for."""

    code = "application_decided"
    title = "Із цією заявою так уже вчинити не можна"


class ChildHasPlace(DomainError):
    """Another application of the child got a place in the same moment."""

    code = "child_has_place"
    title = "Цій дитині щойно надано місце за іншою заявою"


class TooManyByRight(DomainError):
    """More children have the right of the first turn than there are places."""

    code = "too_many_by_right"
    title = "Дітей із правом на зарахування без жеребкування більше, ніж місць"


class NotYet(DomainError):
    """The step belongs to a later day of the calendar or stands after another step."""

    code = "not_yet"
    title = "Для цього кроку ще не час"


class DrawDecided(DomainError):
    """The draw is past the step asked for."""

    code = "draw_decided"
    title = "Цей крок жеребкування вже зроблено"


class NoAdmission(NotAllowed):
    """Admission at a school is its head's and the deputy's whom the head entrusted."""

    code = "no_admission"
    title = "Прийом заяв вам не відкритий"

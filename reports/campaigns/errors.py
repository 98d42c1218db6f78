"""Refusals of campaigns."""

from __future__ import annotations

from kernel.errors import DomainError, NotAllowed


class CampaignMoved(DomainError):
    """What is asked for makes no sense in the state that the campaign has come to."""

    code = "campaign_moved"
    title = "Кампанія вже в іншому стані"


class PartMoved(DomainError):
    """A report or a summary is in another state, or somebody moved it meanwhile."""

    code = "part_moved"
    title = "Звіт уже в іншому стані"


class NotAllAccepted(DomainError):
    """A summary is made of accepted reports only."""

    code = "not_all_accepted"
    title = "Прийнято ще не всі звіти"


class NobodyLate(DomainError):
    """Everybody has done what is asked, or was reminded today."""

    code = "nobody_late"
    title = "Нагадувати нікому"


class NotYourSchool(NotAllowed):
    """Only the school itself prepares its report."""

    code = "not_your_school"


class NotYourLevel(NotAllowed):
    """Only those above take a report, return it and summarise."""

    code = "not_your_level"

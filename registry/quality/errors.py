"""Refusals about the quality of data."""

from __future__ import annotations

from kernel.errors import DomainError, NotAllowed


class MendsItself(NotAllowed):
    """Data are mended by institutions; who oversees them announces and reminds (letter of 2023)."""

    code = "quality_mends_itself"
    title = "Кампанію оголошує орган управління освітою або міністерство; дані виправляє заклад"


class NotYourCampaign(NotAllowed):
    """A campaign is led by the authority that announced it."""

    code = "quality_campaign_of_another"
    title = "Кампанію веде той, хто її оголосив"


class CampaignOver(DomainError):
    """The campaign was closed; its numbers stand still."""

    code = "quality_campaign_over"
    title = "Кампанію вже завершено"


class NobodyToRemind(DomainError):
    """Everybody within reach has mended the data or was reminded today."""

    code = "quality_nobody_to_remind"
    title = "Нагадувати нікому: усі виправили дані або вже отримали нагадування сьогодні"

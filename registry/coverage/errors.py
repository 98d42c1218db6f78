"""Refusals of the children's register."""

from __future__ import annotations

from kernel.errors import DomainError, NotAllowed


class KeepsNoRegister(NotAllowed):
    """Records are kept by the authority of the community, absences by the school."""

    code = "coverage_keeps_no_register"
    title = "Облік дітей веде орган управління освітою громади, відсутність учнів — заклад"


class CaseStands(DomainError):
    """The child is recorded already: one record of a kind at a time."""

    code = "coverage_case_stands"
    title = "Ця дитина вже на такому обліку"


class CaseDecided(DomainError):
    """The record is past the step asked for."""

    code = "coverage_case_decided"
    title = "Із цим записом так уже вчинити не можна"


class LetterDecided(DomainError):
    """The notice is past the step asked for."""

    code = "coverage_letter_decided"
    title = "Із цим повідомленням так уже вчинити не можна"


class NobodyChosen(DomainError):
    """No record was chosen that a notice can be made of."""

    code = "coverage_nobody_chosen"
    title = "Виберіть дітей, про яких повідомляєте"


class GroundWanted(DomainError):
    """Children who may be missing are looked at on a ground, said on entry."""

    code = "missing_ground_wanted"
    title = "Вкажіть підставу перегляду"

"""Refusals about pupils: who sees and keeps them, what is another's."""

from __future__ import annotations

import uuid

from kernel.errors import DomainError, NotAllowed


class NamesHidden(NotAllowed):
    """The actor's role works with numbers, not with children's names (handbook B.2)."""

    code = "names_hidden"
    title = "Персональні дані дітей цій ролі не показуємо"


class KeepsNoPupils(NotAllowed):
    """Only the head, or a deputy with the duty, keeps the pupils of an institution."""

    code = "keeps_no_pupils"
    title = "Облік здобувачів веде керівник закладу або відповідальна особа з таким обовʼязком"


class OnlyTheHeadSigns(NotAllowed):
    """Powers to sign are not transferable (handbook B.1 rule 5)."""

    code = "only_the_head_signs"
    title = "Наказ підписує лише керівник закладу"


class InstitutionSuspended(NotAllowed):
    """A suspended or liquidated institution has no access to the central database (п.28)."""

    code = "institution_suspended"
    title = "Роботу закладу зупинено: зміни не приймаються"


class ProfileMerged(DomainError):
    """The profile was merged into another, which stands for both: `retained`."""

    code = "profile_merged"
    title = "Профіль обʼєднано з іншим"

    def __init__(self, retained: uuid.UUID):
        super().__init__(
            "Цей профіль обʼєднано з іншим профілем тієї самої дитини. Відкрийте її картку знову.",
            retained=str(retained),
        )
        self.retained = retained


class DocumentTaken(DomainError):
    """The document belongs to another child's profile."""

    code = "document_taken"
    http_status = 422
    title = "Такий документ уже записано на іншу дитину"


class NumberTaken(DomainError):
    """РНОКПП or УНЗР belongs to another child's profile."""

    code = "number_taken"
    http_status = 422
    title = "Такий номер уже записано на іншу дитину"


class RepresentsAlready(DomainError):
    """One person represents one child once at a time."""

    code = "represents_already"
    http_status = 422
    title = "Ця особа вже є представником дитини"


class NothingToConfirm(DomainError):
    """The representation has ended, or nothing says who the person is."""

    code = "nothing_to_confirm"
    http_status = 422
    title = "Підтвердити не можна"

"""Refusals about institutions."""

from __future__ import annotations

from kernel.errors import DomainError


class StatusStep(DomainError):
    """The state machine of an institution has no such step."""

    code = "institution_status_step"
    title = "Такої зміни стану закладу не буває"


class StillLearning(DomainError):
    """An institution cannot be closed while pupils are enrolled there or branches work."""

    code = "institution_still_works"
    title = "Заклад ще працює"


class CodeTaken(DomainError):
    """Another card has this code of ДІСО or ЄДЕБО."""

    code = "institution_code_taken"
    title = "Цей код уже має картка іншого закладу"


class WrongFile(DomainError):
    """The file is not what was asked for: another type, too big, or broken."""

    code = "wrong_file"
    http_status = 422
    title = "Файл не вдалося прочитати"


class InstitutionNotWorking(DomainError):
    """A suspended or closed institution opens no classes."""

    code = "institution_not_working"
    title = "Заклад не працює: його діяльність призупинено або припинено"


class NotPlaced(DomainError):
    """An institution cannot stand there."""

    code = "institution_not_placed"
    title = "Підпорядкувати так не можна"

"""Refusals about drafts."""

from __future__ import annotations

from kernel.errors import DomainError, StaleVersion


class UnreadableFile(DomainError):
    """The uploaded or pasted table cannot be taken."""

    code = "unreadable_file"
    http_status = 422
    title = "Цей файл прочитати не можна"


class DraftClosed(DomainError):
    """The draft was discarded, or its order waits for a signature."""

    code = "draft_closed"
    title = "Чернетку зараз змінити не можна"


class StaleRow(StaleVersion):
    """Somebody saved the row meanwhile; `theirs` and `mine` travel along, so nothing is lost."""

    code = "stale_row"
    http_status = 409
    title = "Рядок тим часом змінено в іншому вікні"


class StaleAnswer(StaleVersion):
    """What is doubted is not what was looked at: another value stands there, or other rows."""

    code = "stale_answer"
    http_status = 409
    title = "Ці значення тим часом змінено в іншому вікні. Перегляньте їх і дайте відповідь знову"


class StaleTerms(StaleVersion):
    """A term of the order was written meanwhile; `theirs` travels along, so nothing is lost."""

    code = "stale_terms"
    title = "Відомості про наказ тим часом змінено в іншому вікні"


class NothingToUndo(DomainError):
    """No step is left to take back, or later changes stand on it."""

    code = "nothing_to_undo"
    title = "Немає чого скасувати"

"""Refusals about pupils, drafts, enrolments and orders."""

from __future__ import annotations

from kernel.errors import DomainError, NotAllowed, StaleVersion


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


class NothingReady(DomainError):
    """No row can enter the order yet."""

    code = "nothing_ready"
    title = "Жодного рядка ще не можна включити до наказу"


class NothingToUndo(DomainError):
    """No step is left to take back, or later changes stand on it."""

    code = "nothing_to_undo"
    title = "Немає чого скасувати"


class OrderNotPrepared(DomainError):
    """The order is cancelled, so nobody may sign it."""

    code = "order_not_prepared"
    title = "Цей наказ уже не можна підписати"


class OrderAlreadySigned(DomainError):
    """What was signed never changes; corrections are new orders."""

    code = "order_already_signed"
    title = "Наказ уже підписано: виправити його можна лише новим наказом"


class NotAnnullable(DomainError):
    """The register has moved on since the order, so what it wrote cannot be taken back."""

    code = "not_annullable"
    title = "Цей наказ уже не можна скасувати: за ним стоять пізніші записи реєстру"


class TaskNotOpen(DomainError):
    """The order that was asked for is there already."""

    code = "task_not_open"
    title = "Цей запит уже виконано"


class EnrolledMeanwhile(DomainError):
    """The register changed between showing the order and signing it: `rows` says where."""

    code = "enrolled_meanwhile"
    title = "Поки наказ чекав на підпис, дані в реєстрі змінилися"


class NoHead(DomainError):
    """Nobody could sign: the institution has no acting head."""

    code = "no_head"
    title = "У закладу немає чинного керівника, тому наказ нікому підписати"


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

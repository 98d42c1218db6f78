"""Refusals of the road for school information systems."""

from __future__ import annotations

from kernel.errors import DomainError, NotAllowed


class KeyMissing(DomainError):
    """No key, or not in the form `Authorization: Bearer <key>`."""

    code = "key_missing"
    http_status = 401
    title = "Запит без ключа доступу"


class KeyUnknown(DomainError):
    """The key is not ours, was revoked, has not begun or has ended."""

    code = "key_unknown"
    http_status = 401
    title = "Ключ доступу не діє"


class SystemNotConnected(DomainError):
    """The system is not connected or is suspended: п.20–30."""

    code = "system_not_connected"
    http_status = 403
    title = "ОІС не підключена або її доступ зупинено"


class InstitutionSuspended(DomainError):
    """The institution's own access to the central database is suspended (п.28)."""

    code = "institution_access_suspended"
    http_status = 403
    title = "Доступ закладу освіти зупинено"


class DatasetNotGranted(NotAllowed):
    """The head did not open this dataset to the system."""

    code = "dataset_not_granted"
    title = "Керівник закладу не відкривав цього набору даних"


class FieldNotGranted(NotAllowed):
    """The head opened the dataset without these fields."""

    code = "field_not_granted"
    title = "Керівник закладу не відкривав цього поля"


class MandateDecided(DomainError):
    """The mandate is past the step asked for."""

    code = "eis_mandate_decided"
    title = "Із цим доступом так уже вчинити не можна"


class CursorNeeded(DomainError):
    """Nothing says after which place the changes are asked for."""

    code = "cursor_needed"
    http_status = 409
    title = "Потрібен параметр cursor: візьміть його з /api/v1/changes/start"


class CursorExpired(DomainError):
    """The copy cannot be brought up to date by changes: it is to be read anew."""

    code = "cursor_expired"
    http_status = 410
    title = "Курсор змін більше не діє: потрібне нове повне читання"


class TooManyRequests(DomainError):
    """More calls in a minute than one key may make."""

    code = "too_many_requests"
    http_status = 429
    title = "Забагато запитів з одним ключем"


class KeyAlreadyIssued(DomainError):
    """The same form was sent twice; the key is shown once only."""

    code = "key_already_issued"
    title = "Цей ключ уже видано"


class WrongTransition(DomainError):
    """The system's state does not allow the step."""

    code = "wrong_transition"
    title = "У цьому стані ОІС такий крок неможливий"

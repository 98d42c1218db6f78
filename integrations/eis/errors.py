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


class TooManyHooks(DomainError):
    """More addresses of webhooks than one registrar may have."""

    code = "too_many_hooks"
    title = "Забагато адрес сповіщень"


class HookIsOff(DomainError):
    """The address is switched off after long failure."""

    code = "hook_is_off"
    title = "Сповіщення на цю адресу вимкнено"


class KeyAlreadyIssued(DomainError):
    """The same form was sent twice; the key is shown once only."""

    code = "key_already_issued"
    title = "Цей ключ уже видано"


class WrongTransition(DomainError):
    """The system's state does not allow the step."""

    code = "wrong_transition"
    title = "У цьому стані ОІС такий крок неможливий"


class PaperDecided(DomainError):
    """A paper of the road is past the step asked for."""

    code = "eis_paper_decided"
    title = "Із цим документом так уже вчинити не можна"


class NotOnTheRoad(DomainError):
    """The system's state, or what stands before it, does not let this be asked for."""

    code = "eis_not_on_the_road"
    title = "Зараз цього подати не можна"


class NotAttested(DomainError):
    """No attestation of the system's protection holds today (лист МОН, п.20)."""

    code = "eis_not_attested"
    title = "Немає чинного атестата КСЗІ або авторизації з безпеки"


class NoContractText(DomainError):
    """No version of the contract is approved by the owner."""

    code = "eis_no_contract_text"
    title = "Немає чинного тексту договору, затвердженого володільцем"


class SystemNameTaken(DomainError):
    """Another system bears this name."""

    code = "eis_name_taken"
    title = "ОІС з такою назвою вже є в реєстрі"


class OperatorCodeTaken(DomainError):
    """Another operator of another name bears this code."""

    code = "eis_operator_code_taken"
    title = "За цим кодом уже записано іншого оператора"

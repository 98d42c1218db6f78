"""What this room may refuse."""

from __future__ import annotations

from kernel.errors import DomainError


class SigningExpired(DomainError):
    """Nobody signed in time; the thing must be shown again."""

    code = "signing_expired"
    http_status = 409
    title = "Час на підписання минув. Відкрийте документ і підпишіть його знову"


class AlreadySigned(DomainError):
    """A second answer for the same session: a double click or a replay."""

    code = "already_signed"
    http_status = 409
    title = "Цей документ уже підписано"


class SignatureRefused(DomainError):
    """The signature does not hold; `reason` carries the code of EN 319 102-1."""

    code = "signature_refused"
    http_status = 422
    title = "Підпис не прийнято"


class WrongSigner(DomainError):
    """A good signature by somebody else, or for another organisation."""

    code = "wrong_signer"
    http_status = 422
    title = "Документ підписано ключем іншої особи або організації"


class CloudSilent(DomainError):
    """A service of cloud keys does not answer, or not so that it can be used."""

    code = "cloud_silent"
    http_status = 503
    title = "Сервіс хмарного підпису зараз не відповідає"


class CloudDeclined(DomainError):
    """The person declined on the phone, or the service would not sign."""

    code = "cloud_declined"
    http_status = 422
    title = "Хмарний підпис не підтверджено"


class NoCloudKey(DomainError):
    """The service holds no key of this person that could sign now."""

    code = "no_cloud_key"
    http_status = 422
    title = "У хмарному сервісі немає вашого ключа"


class TooManyQuestions(DomainError):
    """A phone is asked to confirm more often than a person signs."""

    code = "too_many_questions"
    http_status = 429
    title = "Забагато запитів на підтвердження. Зачекайте десять хвилин або оберіть інший спосіб"


class TrustListRejected(DomainError):
    """A trust list that cannot be read or takes away what must not go."""

    code = "trust_list_rejected"
    http_status = 422
    title = "Довірчий список не прийнято"


class TooManySearches(DomainError):
    """Certificates are looked for from this address more often than people open keys."""

    code = "too_many_searches"
    http_status = 429
    title = "Забагато пошуків сертифіката. Додайте файл сертифіката або зачекайте десять хвилин"


class CheckersBusy(DomainError):
    """Files of strangers are checked one after another, and too many wait or one takes too long;
    `seconds` says how long to wait."""

    code = "checkers_busy"
    http_status = 503
    title = "Перевірка підписів зараз зайнята"


class TooManyChecks(DomainError):
    """The public page is asked more than one address may; `seconds` says how long to wait."""

    code = "too_many_checks"
    http_status = 429
    title = "Забагато перевірок"

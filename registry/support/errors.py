"""What requests for support may refuse."""

from __future__ import annotations

from kernel.errors import DomainError, NotAllowed


class NobodyToAsk(NotAllowed):
    """The technical administrator has nobody above."""

    code = "nobody_to_ask"
    title = "Вище за вас нікого немає"


class InstitutionAskedFor(DomainError):
    """Somebody asked for this institution already; the context has the number."""

    code = "institution_asked_for"
    http_status = 422
    title = "Про цей заклад уже звернулися"


class InstitutionIsThere(DomainError):
    """The register has an institution of this code."""

    code = "institution_is_there"
    http_status = 422
    title = "Заклад уже є в системі"


class RequestClosed(DomainError):
    """It has come to its end, or this step does not lead from where it stands."""

    code = "support_request_closed"
    title = "Цього зі зверненням уже не зробити"

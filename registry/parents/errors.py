"""What the parents' window may refuse."""

from __future__ import annotations

from kernel.errors import DomainError


class RequestStands(DomainError):
    """This field is asked about already, or there is nobody to ask."""

    code = "parent_request_stands"
    http_status = 422
    title = "Про це поле вже запитано, і рішення ще немає"


class RequestDecided(DomainError):
    """The request is decided, or was taken back."""

    code = "parent_request_decided"
    title = "Про цей запит уже вирішено"


class UnfitPaper(DomainError):
    """The attached file is too large, or is neither a PDF nor a picture."""

    code = "unfit_paper"
    http_status = 422
    title = "Такий файл не підходить"

    def __init__(self, detail: str):
        super().__init__(detail, field="paper")

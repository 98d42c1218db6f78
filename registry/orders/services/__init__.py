"""Commands of orders, the one door to them: form, sign, give up, annul, ask."""

from registry.orders.services.annulling import annul
from registry.orders.services.asking import ask, object_to
from registry.orders.services.elsewhere import sign_file, sign_files
from registry.orders.services.giving_up import give_up
from registry.orders.services.preparing import freeze, prepare
from registry.orders.services.running import prepare_later, sign_later
from registry.orders.services.signing import (
    close_draft,
    organisations_of,
    sign,
    signed_by,
    still_acting,
    take_effect,
)
from registry.orders.services.terms import terms_of

__all__ = [
    "annul",
    "ask",
    "close_draft",
    "freeze",
    "give_up",
    "object_to",
    "organisations_of",
    "prepare",
    "prepare_later",
    "sign",
    "sign_file",
    "sign_files",
    "sign_later",
    "signed_by",
    "still_acting",
    "take_effect",
    "terms_of",
]

"""Commands of orders, the one door to them: form, sign, give up, annul, ask."""

from registry.orders.services.annulling import annul
from registry.orders.services.asking import ask, done
from registry.orders.services.elsewhere import sign_file, sign_files
from registry.orders.services.giving_up import give_up
from registry.orders.services.preparing import freeze, prepare
from registry.orders.services.signing import organisations_of, sign, take_effect
from registry.orders.services.terms import terms_of

__all__ = [
    "annul",
    "ask",
    "done",
    "freeze",
    "give_up",
    "organisations_of",
    "prepare",
    "sign",
    "sign_file",
    "sign_files",
    "take_effect",
    "terms_of",
]

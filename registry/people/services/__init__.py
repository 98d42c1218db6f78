"""Correcting a child's profile, the one door to it («Оновлення освітнього профілю дитини», handbook
D.2, D.6). Where a child learns changes by signed orders only; here are identity, documents,
addresses, representatives and categories.
"""

from registry.people.services.addresses import save_address
from registry.people.services.categories import add_category, end_category
from registry.people.services.closing import close, reopen
from registry.people.services.documents import add_document
from registry.people.services.profile import correct
from registry.people.services.representatives import save_representative

__all__ = [
    "add_category",
    "add_document",
    "close",
    "correct",
    "end_category",
    "reopen",
    "save_address",
    "save_representative",
]

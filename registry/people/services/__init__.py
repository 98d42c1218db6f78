"""Correcting a child's profile, the one door to it («Оновлення освітнього профілю дитини», handbook
D.2, D.6). Where a child learns changes by signed orders only; here are identity, documents,
addresses, lawful representatives and categories. The version of the child's row is of what identifies
the child; every other part has its own, so people who correct different parts never refuse each
other. And `export`: the list taken out as a file.
"""

from registry.people.services.addresses import save_address, void_address
from registry.people.services.categories import add_category, end_category, void_category
from registry.people.services.closing import close, reopen
from registry.people.services.contact import note_contact, void_contact
from registry.people.services.documents import add_document
from registry.people.services.export import export
from registry.people.services.guardians import (
    add_guardian,
    change_guardian,
    confirm_guardian,
    confirm_guardians,
    end_guardianship,
    unconfirm_guardian,
    void_guardianship,
)
from registry.people.services.profile import correct

__all__ = [
    "add_category",
    "add_document",
    "add_guardian",
    "change_guardian",
    "close",
    "confirm_guardian",
    "confirm_guardians",
    "correct",
    "end_category",
    "end_guardianship",
    "export",
    "note_contact",
    "reopen",
    "save_address",
    "unconfirm_guardian",
    "void_address",
    "void_category",
    "void_contact",
    "void_guardianship",
]

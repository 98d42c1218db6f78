"""Whom to call: the institution's public contacts, and its head's own where staff are open."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.models import Grant
from kernel.text import phones
from kernel.ui.listing import Column, Name
from registry.institutions import policies as institutions
from registry.institutions.models.institutions import Institution
from registry.quality.standing import Behind


def contact(actor: Actor, institution: Institution, head: Grant | None) -> str:
    """Telephones and e-mails, a person's own only where the actor sees the staff by name."""
    said = [institution.phone, institution.email]
    if head is not None and institutions.see_who_did.allows(actor, institution):
        said += [head.user.phone, head.user.email]
    return phones(", ".join(dict.fromkeys(one for one in said if one)))


def columns(actor: Actor) -> list[Column[Behind]]:
    """The head and how to reach them."""
    return [
        Column(
            "head",
            "Керівник",
            lambda row: Name(row.head.user.full_name) if row.head else None,
            width=40,
            empty="немає керівника",
        ),
        Column(
            "contact",
            "Телефон, пошта",
            lambda row: contact(actor, row.institution, row.head),
            width=50,
            empty="не вказано",
        ),
    ]

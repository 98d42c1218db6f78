"""Reading where a person of the parents' window gets letters."""

from __future__ import annotations

from accounts.models import PersonMail


def of_person(person_id: int) -> PersonMail:
    """The person's address and what letters are about; an empty one, not kept, before any was left."""
    return PersonMail.objects.filter(pk=person_id).first() or PersonMail()

"""Representatives of a child."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.actors import Actor
from kernel.db import command
from kernel.errors import NotFound
from registry.fields import contacts, names, numbers
from registry.people.events import RepresentativeSaved
from registry.people.models.pupils import (
    Representative,
)
from registry.people.services.steps import Reader, kept, tell, touch


@command
def save_representative(
    *,
    actor: Actor,
    pupil_id: Any,
    values: Mapping[str, str],
    representative_id: int | None = None,
) -> Representative:
    """Add a representative, or change the one given.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps, or not its representative.
        Invalid: every wrong field.
    """
    pupil = kept(actor, pupil_id)
    row = Representative(pupil=pupil)
    if representative_id is not None:
        try:
            row = pupil.representatives.get(pk=representative_id)
        except (Representative.DoesNotExist, ValueError, TypeError):
            raise NotFound from None
    read = Reader(values)
    row.surname = read.keep(names.check("surname", read.text("surname"), required=True)) or ""
    row.given_name = (
        read.keep(names.check("given_name", read.text("given_name"), required=True)) or ""
    )
    row.patronymic = (
        read.keep(names.check("patronymic", read.text("patronymic"), required=False)) or ""
    )
    relation = contacts.relation_of(read.text("relation"))
    if relation is None or relation == "SELF":
        read.say("relation", "unknown", "Виберіть, ким є представник дитині.")
    row.relation = relation or ""
    row.phone = read.keep(contacts.check_phone("phone", read.text("phone"))) or ""
    row.email = read.keep(contacts.check_email("email", read.text("email"))) or ""
    number = read.keep(numbers.check_rnokpp("rnokpp", read.text("rnokpp"), born_on=None, sex=None))
    row.rnokpp = number[0] if number else None
    row.identity_shown = read.text("identity_shown") in {"on", "1", "true"}
    read.stop_if_wrong()
    row.save()
    touch(pupil)
    tell(
        RepresentativeSaved,
        pupil,
        representative=row.pk,
        name=f"{row.surname} {row.given_name} {row.patronymic}".strip(),
    )
    return row

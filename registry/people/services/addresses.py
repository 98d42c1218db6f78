"""Where a child is registered and where it lives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.actors import Actor
from kernel import audit
from kernel.db import command
from kernel.tables.cells import tidy
from registry.classifiers.selectors import classifiers
from registry.people.events import AddressSaved
from registry.people.models.pupils import (
    PupilAddress,
)
from registry.people.services.steps import Reader, kept, tell, touch


@command
def save_address(*, actor: Actor, pupil_id: Any, values: Mapping[str, str]) -> PupilAddress:
    """Write where the child is registered (REGISTERED) or really lives (ACTUAL).

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps.
        Invalid: every wrong field.
    """
    pupil = kept(actor, pupil_id)
    read = Reader(values)
    kind = read.text("kind")
    if kind not in {"ACTUAL", "REGISTERED"}:
        read.say("kind", "unknown", "Виберіть, яка це адреса.")
    country = read.text("country").upper() or "UA"
    if country not in classifiers.codes("country", audit.today()) and not (
        len(country) == 2 and country.isascii() and country.isalpha()
    ):
        read.say("country", "unknown", "Виберіть країну.")
    territory = read.text("territory_code").upper()
    if territory and not (
        len(territory) == 19 and territory.startswith("UA") and territory[2:].isdigit()
    ):
        read.say("territory_code", "shape", "Код КАТОТТГ: UA і 17 цифр.")
    line = tidy(read.text("line"))
    if not line and not territory:
        read.say("line", "required", "Впишіть адресу.")
    read.stop_if_wrong()
    before = pupil.addresses.filter(kind=kind).first()
    row = before or PupilAddress(pupil=pupil, kind=kind)
    old = row.line if before else ""
    row.country, row.territory_code, row.line = country, territory, line
    row.save()
    touch(pupil)
    tell(AddressSaved, pupil, kind=kind, before=old, line=line)
    return row

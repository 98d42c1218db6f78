"""What happens to checks of children's data."""

from __future__ import annotations

from typing import Annotated

from kernel.audit.events import Event, Subject, event
from registry.institutions.events import InstitutionUid

Rechecks = Annotated[str, Subject("registry.quality")]


@event("registry.quality.checked", version=1)
class QualityChecked(Event, frozen=True, kw_only=True):
    """Every child of an institution was asked every rule of the pack."""

    subject: InstitutionUid
    pack: str
    pupils: int
    with_problems: int


@event("registry.quality.rechecked", version=1)
class QualityRechecked(Event, frozen=True, kw_only=True):
    """Children whose data changed were asked the rules again."""

    subject: Rechecks = ""
    pupils: int
    with_problems: int

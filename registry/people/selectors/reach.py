"""Whose child it is: the institution through which an actor reaches a profile."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel.errors import NotFound
from kernel.kept import Kept
from registry.institutions.models.institutions import Institution
from registry.people import policies, ports
from registry.people.errors import ProfileMerged
from registry.people.models.pupils import Pupil

_COMMUNITIES = (UnitKind.HROMADA, UnitKind.CITY, UnitKind.CITY_DISTRICT, UnitKind.OBLAST)


def _profiles(*, held: bool) -> Any:
    rows: QuerySet[Pupil] = Pupil.objects.select_related("institution__unit", "institution__hub")
    return rows.select_for_update(of=("self",), no_key=True) if held else rows


_SEEN = Kept[Pupil](lambda actor, pk: _profiles(held=False).visible_to(actor).filter(pk=pk))
_HELD = Kept[Pupil](lambda actor, pk: _profiles(held=True).visible_to(actor).filter(pk=pk))


def reached(actor: Actor, pupil_id: Any, *, held: bool = False) -> tuple[Pupil, Institution | None]:
    """A child within reach and the institution it is reached through; `held` locks the profile.

    A child who learns somewhere is that institution's. Who learns nowhere stays with the last one
    (what it kept of the child it can show and correct) until another enrols the child; an enrolment
    that was annulled counts, so that whoever annulled it still sees whom it was about. Whoever does
    not reach that institution reaches the child by its residence, and then through none: the
    authority of the community that must bring the child to school (handbook D.7).

    Raises:
        NotFound: absent or out of reach: the two read the same.
        ProfileMerged: it was merged into another one that is within reach.
    """
    try:
        pk = pupil_id if isinstance(pupil_id, uuid.UUID) else uuid.UUID(str(pupil_id))
    except ValueError:
        raise NotFound from None
    pupil = (_HELD if held else _SEEN).first(actor, pk)
    if pupil is not None:
        return pupil, pupil.institution
    pupil = _profiles(held=held).filter(pk=pk, institution=None).first()
    if pupil is not None and pupil.merged_into_id is not None:
        retained, _ = reached(actor, pupil.merged_into_id)
        raise ProfileMerged(retained.pk)
    last = ports.last_institution(pk)
    if pupil is None:
        raise NotFound
    within = Institution.objects.visible_to(actor).select_related("unit", "hub")
    through = within.filter(pk=last).first() if last is not None else None
    if through is None and not _resides(actor, pupil):
        raise NotFound
    return pupil, through


def by_name(actor: Actor, pupil_id: Any) -> tuple[Pupil, Institution | None]:
    """A child whom the actor may see by name, and the institution it is reached through.

    Raises:
        NotFound: absent or out of reach.
        NotAllowed: within reach of a role that works without names.
    """
    pupil, institution = reached(actor, pupil_id)
    if institution is not None or actor.scope.level == "all":
        policies.see_names.require(actor, institution)
    # Else the child is reached by its residence alone, that is by RESIDENTS (`communities`).
    return pupil, institution


def communities(actor: Actor) -> QuerySet[OrgUnit]:
    """The nodes whose registers of children by residence the actor reads."""
    units: QuerySet[OrgUnit] = policies.RESIDENTS.narrow(OrgUnit.objects.all(), actor)
    return units.filter(kind__in=_COMMUNITIES)


def _resides(actor: Actor, pupil: Pupil) -> bool:
    home = pupil.residence_id
    return home is not None and communities(actor).filter(pk=home).exists()


def standing_for(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Which profile stands for each of these: itself, or the one it was merged into. Signed rows
    name profiles as they were."""
    asked = set(ids)
    merged = Pupil.objects.filter(pk__in=asked, merged_into__isnull=False)
    return {one: one for one in asked} | dict(merged.values_list("pk", "merged_into_id"))

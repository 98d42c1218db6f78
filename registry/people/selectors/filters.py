"""What a list of pupils is narrowed by, and whether it is small enough to be counted."""

from __future__ import annotations

import dataclasses

from accounts.actors import Actor
from kernel.kept import Kept, found, key_of
from registry.institutions.models.institutions import Institution

NOWHERE = "nowhere"


@dataclasses.dataclass(frozen=True)
class Filters:
    """What a list is narrowed by; '' narrows nothing. `class_id` is a class's public id."""

    q: str = ""
    grade: str = ""
    class_id: str = ""
    sex: str = ""
    form: str = ""
    flag: str = ""
    institution: str = ""
    learns: str = ""  # NOWHERE: who live within reach and learn nowhere

    def chosen(self) -> dict[str, str]:
        """The filters that are on."""
        return {k: v for k, v in dataclasses.asdict(self).items() if v}


_INSTITUTION = Kept[Institution](
    lambda actor, uid: Institution.objects.visible_to(actor).select_related("unit").filter(uid=uid)
)


def chosen_institution(actor: Actor, filters: Filters) -> Institution | None:
    if not filters.institution:
        return None
    return found(_INSTITUTION.first(actor, key_of(Institution, filters.institution, "uid")))


def is_small(actor: Actor, institution: Institution | None) -> bool:
    """Whether the list is of one institution (and its branches), so that all of it may be counted."""
    return institution is not None or actor.scope.level == "institution"


def keys_of(actor: Actor, institution: Institution | None) -> list[int]:
    return [institution.unit_id] if institution is not None else list(actor.scope.keys)

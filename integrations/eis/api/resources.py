"""What version 1 shows of each resource. A field is never taken out; new ones are asked by name."""

from __future__ import annotations

from integrations.http import parameters
from integrations.http.resource import Resource
from registry.classes.projections import CLASS
from registry.institutions.projections import INSTITUTION as INSTITUTION_CARD
from registry.people.projections import PUPIL
from registry.staff.projections import STAFF as STAFF_MEMBER

INSTITUTION = Resource(INSTITUTION_CARD, tuple(INSTITUTION_CARD.fields))
PUPILS = Resource(
    PUPIL,
    tuple(PUPIL.fields),
    looks="registry.pupil",
    filters=(parameters.identifier("class", "Лише учні цього класу: ідентифікатор класу (UUID)"),),
)
STAFF = Resource(STAFF_MEMBER, tuple(STAFF_MEMBER.fields), looks="registry.staff")
CLASSES = Resource(
    CLASS,
    ("id", "school_year", "grade", "letter", "label", "form", "type", "language", "shift",
     "teacher_id", "pupils"),
    filters=(
        parameters.matching(
            "school_year", "Навчальний рік, «2026-2027»", "[0-9]{4}-[0-9]{4}"
        ),
    ),
)  # fmt: skip

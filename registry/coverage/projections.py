"""Absences of ten working days in a row as a resource for machines: the record, its state and terms.

Of the children's register a school's system reads this kind alone. Children who learn nowhere are the
community's; of those who may be missing no interface tells (handbook B.2, J.3). Why a child is absent is
not said: a reason may tell of health (handbook H.4).
"""

from __future__ import annotations

import uuid

from kernel.projections import Key, Projection

ABSENCE = Projection(
    "absence",
    table="registry_coveragecase c",
    # Whose row it is: a look is at the child.
    id="c.pupil_id",
    unit="c.institution_id",
    current="c.kind = 'ABSENT'",
    order=(Key("c.id", uuid.UUID),),
    filters={
        "pupil": "c.pupil_id = %(pupil)s",
        "state": "c.state = %(state)s",
    },
    fields={
        "id": "c.id",
        "pupil_id": "c.pupil_id",
        "state": "c.state",
        "since": "c.since",
        "until": "c.until",
        "opened_on": "c.opened_on",
        "due_on": "c.due_on",
        "outcome": "c.outcome",
        "closed_on": "c.closed_on",
        "version": "c.version",
    },
)

"""Movement as a resource for machines: who came and who left, each by which order."""

from __future__ import annotations

import datetime

from kernel.projections import Key, Projection

# By which form, as the last order about it says.
_FORM = """(
    SELECT x.form FROM registry_classplacement x
    WHERE x.enrolment_id = e.id AND x.voided_by_id IS NULL
    ORDER BY x.starts_on DESC LIMIT 1)"""

# Why a child left is not said: a ground may tell of a death (handbook H.4 opens the movement alone).
ENROLMENT = Projection(
    "enrolment",
    table="registry_enrolment e",
    join="LEFT JOIN registry_order o ON o.id = e.opened_by_id "
    "LEFT JOIN registry_order c ON c.id = e.closed_by_id",
    # Whose row it is: a look is at the child.
    id="e.pupil_id",
    unit="e.institution_id",
    # What an order took back never was.
    current="e.voided_by_id IS NULL",
    order=(Key("e.starts_on", datetime.date), Key("e.id", int)),
    filters={
        "pupil": "e.pupil_id = %(pupil)s",
        "school_year": """EXISTS (
            SELECT 1 FROM registry_schoolyear y
            WHERE y.code = %(school_year)s AND e.starts_on < y.ends_on
              AND (e.ends_on IS NULL OR e.ends_on > y.starts_on))""",
    },
    fields={
        "pupil_id": "e.pupil_id",
        "kind": "e.kind",
        "form": _FORM,
        "starts_on": "e.starts_on",
        "ends_on": "e.ends_on",
        "enrolled_by": "o.number",
        "enrolled_by_of": "o.issued_on",
        "withdrawn_by": "c.number",
        "withdrawn_by_of": "c.issued_on",
    },
)

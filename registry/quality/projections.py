"""Findings as a resource for machines: which rule which child breaks, since which check."""

from __future__ import annotations

import uuid

from kernel.projections import Key, Projection

# Severity, words and where it is mended stand in the pack, by the rule's code.
FINDING = Projection(
    "finding",
    table="registry_qualityfinding f",
    # Whose row it is: a look is at the child.
    id="f.pupil_id",
    unit="f.institution_id",
    order=(Key("f.rule", str), Key("f.pupil_id", uuid.UUID)),
    filters={"rule": "f.rule = %(rule)s", "pupil": "f.pupil_id = %(pupil)s"},
    fields={"pupil_id": "f.pupil_id", "rule": "f.rule", "found_on": "f.found_on"},
)

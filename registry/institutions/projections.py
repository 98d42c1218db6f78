"""An institution's card as a resource for machines."""

from __future__ import annotations

from kernel.projections import Key, Projection

_COLUMNS = (
    "edrpou", "diso_id", "edebo_id", "full_name", "short_name", "kind", "type", "ownership",
    "status", "territory_code", "address", "phone", "email", "is_hub",
)  # fmt: skip
_MORE = ("is_rural", "is_mountain", "languages", "shifts", "version")

INSTITUTION = Projection(
    "institution",
    table="registry_institution i",
    join="LEFT JOIN registry_institution h ON h.institution_id = i.hub_id",
    id="i.institution_id",
    unit="i.institution_id",
    etag="i.version",
    order=(Key("i.institution_id", int),),
    fields={
        "id": "i.uid",
        **{name: f"i.{name}" for name in _COLUMNS},
        "hub_id": "h.uid",
        **{name: f"i.{name}" for name in _MORE},
    },
)

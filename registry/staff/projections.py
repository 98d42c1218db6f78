"""Staff as a resource for machines."""

from __future__ import annotations

import uuid

from kernel.projections import Key, Projection

STAFF = Projection(
    "staff",
    table="registry_staffmember s",
    id="s.id",
    unit="s.institution_id",
    current="s.is_active",
    order=(Key("s.sort_key", str), Key("s.id", uuid.UUID)),
    fields={
        "id": "s.id",
        "surname": "s.surname",
        "given_name": "s.given_name",
        "patronymic": "nullif(s.patronymic, '')",
        "position": "s.position",
        "is_main": "s.is_main",
        "rate": "s.rate",
    },
)

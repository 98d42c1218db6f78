"""Staff as a resource for machines: one row a post, with the person who holds it."""

from __future__ import annotations

import uuid

from kernel.projections import Key, Projection

STAFF = Projection(
    "staff",
    table="registry_post s",
    join="JOIN registry_employee e ON e.id = s.employee_id",
    id="s.id",
    unit="s.institution_id",
    etag="s.version",
    current="(s.ends_on IS NULL OR s.ends_on > %(today)s)",
    order=(Key("s.sort_key", str), Key("s.id", uuid.UUID)),
    fields={
        "id": "s.id",
        "surname": "e.surname",
        "given_name": "e.given_name",
        "patronymic": "nullif(e.patronymic, '')",
        "position": "s.position",
        "is_main": "s.is_main",
        "rate": "s.rate",
        # One person however many posts and schools.
        "employee_id": "e.id",
        "starts_on": "s.starts_on",
        "ends_on": "s.ends_on",
        "version": "s.version",
    },
)

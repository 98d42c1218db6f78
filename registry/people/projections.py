"""Pupils as a resource for machines."""

from __future__ import annotations

import uuid

from kernel.projections import Key, Projection
from registry.fields.labels import label_sql

PUPIL = Projection(
    "pupil",
    table="registry_pupil p",
    join="JOIN registry_classgroup c ON c.id = p.class_group_id",
    id="p.id",
    unit="p.institution_id",
    etag="p.version",
    order=(Key("p.sort_key", str), Key("p.id", uuid.UUID)),
    filters={"class": "c.uid = %(class)s"},
    fields={
        "id": "p.id",
        "surname": "p.surname",
        "given_name": "p.given_name",
        "patronymic": "nullif(p.patronymic, '')",
        "sex": "p.sex",
        "born_on": "p.born_on",
        "class_id": "c.uid",
        "grade": "p.grade",
        "class_label": label_sql("c"),
        "form": "p.form",
        "enrolled_on": "p.enrolled_on",
        "version": "p.version",
    },
)

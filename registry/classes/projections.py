"""Classes as a resource for machines."""

from __future__ import annotations

from kernel.projections import Key, Projection
from registry.fields.labels import label_sql, order_sql

_GRADE, _LETTER = order_sql("c")

CLASS = Projection(
    "class",
    table="registry_classgroup c",
    id="c.uid",
    unit="c.institution_id",
    etag="c.version",
    current="c.closed_on IS NULL",
    order=(Key(_GRADE, int), Key(_LETTER, str), Key("c.id", int)),
    filters={"school_year": "c.school_year_id = %(school_year)s"},
    fields={
        "id": "c.uid",
        "school_year": "c.school_year_id",
        "grade": "c.grade",
        "letter": "nullif(c.letter, '')",
        "label": label_sql("c"),
        "form": "c.form",
        "type": "c.type",
        "language": "c.language",
        "shift": "c.shift",
        "teacher_id": "c.teacher_id",
        "pupils": "(SELECT count(*) FROM registry_pupil p WHERE p.class_group_id = c.id)",
        "profile": "nullif(c.profile, '')",
        "capacity": "c.capacity",
        "version": "c.version",
    },
)

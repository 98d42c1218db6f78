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
    # Whose profile was merged or closed: where the one that stands for it learns, or learnt last.
    former="""
        SELECT coalesce(r.institution_id, (
                   SELECT e.institution_id FROM registry_enrolment e
                   WHERE e.pupil_id = coalesce(p.merged_into_id, p.id) AND e.kind = 'MAIN'
                     AND e.voided_by_id IS NULL
                   ORDER BY e.starts_on DESC, e.id DESC LIMIT 1
               )) AS unit, p.merged_into_id AS successor
        FROM registry_pupil p LEFT JOIN registry_pupil r ON r.id = p.merged_into_id
        WHERE p.id = %(id_)s AND p.closed_on IS NOT NULL
    """,
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

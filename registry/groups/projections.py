"""Groups as a resource for machines."""

from __future__ import annotations

from kernel.projections import Key, Projection
from registry.fields.labels import order_sql

GROUP = Projection(
    "group",
    table="registry_studygroup g",
    id="g.uid",
    unit="g.institution_id",
    etag="g.version",
    current="g.closed_on IS NULL",
    order=(Key("g.id", int),),
    filters={
        "class": """EXISTS (
            SELECT 1 FROM registry_groupclass x JOIN registry_classgroup c ON c.id = x.class_group_id
            WHERE x.group_id = g.id AND c.uid = %(class)s)""",
        "school_year": "g.school_year_id = %(school_year)s",
    },
    fields={
        "id": "g.uid",
        "school_year": "g.school_year_id",
        "subject": "g.subject",
        "name": "g.name",
        "class_ids": """(
            SELECT json_agg(c.uid ORDER BY LABELS, c.id)
            FROM registry_groupclass x JOIN registry_classgroup c ON c.id = x.class_group_id
            WHERE x.group_id = g.id)""".replace("LABELS", ", ".join(order_sql("c")), 1),
        # Who learns there or is to come: as the portal counts.
        "pupils": """(
            SELECT count(*) FROM registry_group_learning m
            WHERE m.group_id = g.id AND (m.ends_on IS NULL OR m.ends_on > %(today)s))""",
        "opened_on": "g.opened_on",
        "version": "g.version",
    },
)

# Pupils of one group, for the projection of pupils.
OF_GROUP = """EXISTS (
    SELECT 1 FROM registry_group_learning m JOIN registry_studygroup g ON g.id = m.group_id
    WHERE m.pupil_id = p.id AND g.uid = %(group)s
      AND (m.ends_on IS NULL OR m.ends_on > %(today)s))"""

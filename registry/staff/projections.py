"""Staff as a resource for machines: one row a post, with the person who holds it."""

from __future__ import annotations

import uuid

from kernel.projections import Key, Projection

LOAD = Projection(
    "load",
    table="registry_load l",
    # Whose row it is: a look is at the post.
    id="l.post_id",
    unit="l.institution_id",
    etag="l.version",
    # What goes on or is to come, of posts that last.
    current="""l.voided_by_id IS NULL AND (l.ends_on IS NULL OR l.ends_on > %(today)s)
        AND EXISTS (SELECT FROM registry_post s WHERE s.id = l.post_id AND s.voided_by_id IS NULL
            AND (s.ends_on IS NULL OR s.ends_on > %(today)s))""",
    order=(Key("l.school_year_id", str), Key("l.post_id", uuid.UUID), Key("l.id", uuid.UUID)),
    filters={
        "staff": "l.post_id = %(staff)s",
        "school_year": "l.school_year_id = %(school_year)s",
        "class": """EXISTS (
            SELECT FROM registry_loadclass x JOIN registry_classgroup c ON c.id = x.class_group_id
            WHERE x.load_id = l.id AND c.uid = %(class)s)""",
    },
    fields={
        "id": "l.id",
        "staff_id": "l.post_id",
        "school_year": "l.school_year_id",
        "type": "l.type",
        "subject": "nullif(l.subject, '')",
        "name": "nullif(l.name, '')",
        "is_primary": "l.is_primary",
        "hours": "l.hours",
        "class_ids": """(
            SELECT coalesce(json_agg(c.uid ORDER BY c.id), '[]') FROM registry_loadclass x
            JOIN registry_classgroup c ON c.id = x.class_group_id WHERE x.load_id = l.id)""",
        "group_id": "(SELECT g.uid FROM registry_studygroup g WHERE g.id = l.group_id)",
        "starts_on": "l.starts_on",
        "ends_on": "l.ends_on",
        "version": "l.version",
    },
)

STAFF = Projection(
    "staff",
    table="registry_post s",
    join="JOIN registry_employee e ON e.id = s.employee_id",
    id="s.id",
    unit="s.institution_id",
    etag="s.version",
    current="s.voided_by_id IS NULL AND (s.ends_on IS NULL OR s.ends_on > %(today)s)",
    order=(Key("s.sort_key", str), Key("s.id", uuid.UUID)),
    fields={
        "id": "s.id",
        "surname": "e.surname",
        "given_name": "e.given_name",
        "patronymic": "nullif(e.patronymic, '')",
        "position": "s.position",
        "is_main": "s.is_main",
        "rate": "s.rate",
        # One person however many posts and schools, and after a merge of two profiles.
        "employee_id": "coalesce(e.merged_into_id, e.id)",
        "starts_on": "s.starts_on",
        "ends_on": "s.ends_on",
        "version": "s.version",
    },
)

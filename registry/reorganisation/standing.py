"""What there is of an institution: shown before it is suspended, liquidated or reorganised."""

from __future__ import annotations

import datetime

from django.db import connection

from registry.institutions import ports
from registry.staff.models.posts import Post, lasting

# Words and a count each; asked at once.
_COUNTS = {
    "Учнів": """
        SELECT count(*) FROM registry_enrolment WHERE institution_id = %(id)s AND kind = 'MAIN'
        AND voided_by_id IS NULL AND (ends_on IS NULL OR ends_on > %(day)s)""",
    "Працівників": """
        SELECT count(*) FROM registry_post WHERE institution_id = %(id)s AND voided_by_id IS NULL
        AND (ends_on IS NULL OR ends_on > %(day)s)""",
    "Відкритих класів": """
        SELECT count(*) FROM registry_classgroup
        WHERE institution_id = %(id)s AND closed_on IS NULL""",
    "Філій": """
        SELECT count(*) FROM registry_institution
        WHERE hub_id = %(id)s AND status <> 'LIQUIDATED'""",
    "Чернеток": """
        SELECT count(*) FROM registry_draft WHERE institution_id = %(id)s AND state = 'OPEN'""",
    "Наказів, що чекають на підпис": """
        SELECT count(*) FROM registry_order WHERE institution_id = %(id)s AND state = 'PREPARED'""",
    "Завдань від інших закладів": """
        SELECT count(*) FROM registry_ordertask
        WHERE for_institution_id = %(id)s AND state = 'OPEN'""",
    "Облікових записів": """
        SELECT count(*) FROM accounts_grant WHERE unit_id = %(id)s AND state <> 'INACTIVE'""",
    "Заяв до першого класу": """
        SELECT count(*) FROM registry_application WHERE institution_id = %(id)s
        AND state IN ('SUBMITTED', 'CHECKED', 'RESERVE', 'PLACED')""",
    "Незакритих звернень": """
        SELECT count(*) FROM registry_supportrequest
        WHERE unit_id = %(id)s AND state IN ('NEW', 'IN_WORK', 'WAITING_USER')""",
}
_ASK = "SELECT " + ", ".join(f"({one})" for one in _COUNTS.values())


def counted(institution_id: int, day: datetime.date) -> list[tuple[str, int]]:
    """What there is, in words, with its count; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_ASK, {"id": institution_id, "day": day})
        found = list(zip(_COUNTS, cursor.fetchone(), strict=True))
    return [*found, ("Чинних доступів ОІС", ports.keys_of(institution_id, day))]


_WAIT = """
    SELECT count(*) FROM registry_application
    WHERE institution_id = %s AND state IN ('SUBMITTED', 'CHECKED', 'RESERVE', 'PLACED')
"""


def applying_to(institution_id: int) -> int:
    """How many children wait for a place here: an institution does not end before they are told."""
    with connection.cursor() as cursor:
        cursor.execute(_WAIT, [institution_id])
        return int(cursor.fetchone()[0])


def working_on(institution_id: int, day: datetime.date) -> int:
    """How many posts last after a day."""
    found: int = Post.objects.filter(lasting(day), institution=institution_id).count()
    return found

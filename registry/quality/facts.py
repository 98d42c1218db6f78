"""Facts of children as the packs name them, read from the register: the one place that knows tables."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection

from kernel.statements import prepared
from registry.classes.frames import year_for

# A row a child with `id`, `institution_id` and every fact of the vocabulary. A child's categories and
# representatives are each looked up once: the index of an exclusion constraint is the dearest here.
_FACTS = """
    SELECT p.id, p.institution_id, p.grade::int AS grade, p.born_on,
           nullif(p.surname, '') AS surname, nullif(p.given_name, '') AS given_name,
           nullif(p.patronymic, '') AS patronymic, nullif(p.sex, '') AS sex, p.rnokpp,
           p.rnokpp_state, p.unzr, nullif(p.citizenship, '') AS citizenship, p.contact_status,
           g.year_starts_on AS class_year_starts_on, g.closed_on AS class_closed_on,
           d.type AS document_type, nullif(d.series, '') AS document_series,
           nullif(d.number, '') AS document_number, d.issued_on AS document_issued_on,
           d.valid_to AS document_valid_to, b.type AS certificate_type,
           nullif(b.series, '') AS certificate_series, nullif(b.number, '') AS certificate_number,
           (c.idp).code AS displaced, nullif((c.idp).document, '') AS displaced_document,
           (c.idp).issued_on AS displaced_issued_on,
           nullif((c.idp).origin_code, '') AS displaced_from, v.number AS displaced_certificate,
           (c.abroad).code AS abroad,
           CASE WHEN (c.abroad).studies_there THEN 'YES'
                WHEN NOT (c.abroad).studies_there THEN 'NO' END AS abroad_studies,
           nullif(s.attempts, '') AS contact_attempts,
           nullif(array_to_string(s.actions, ' '), '') AS contact_actions,
           nullif((c.abroad).country, '') AS abroad_country, nullif(h.country, '') AS lives_in,
           nullif(r.surname, '') AS representative, r.phone AS representative_phone,
           %(today)s::date AS today, %(year_starts_on)s::date AS year_starts_on
    FROM registry_pupil p
    LEFT JOIN LATERAL (SELECT c.closed_on, y.starts_on AS year_starts_on FROM registry_classgroup c
        JOIN registry_schoolyear y ON y.code = c.school_year_id
        WHERE c.id = p.class_group_id LIMIT 1) g ON true
    LEFT JOIN registry_contactstate s ON s.pupil_id = p.id AND s.ends_on IS NULL
        AND s.voided_at IS NULL
    LEFT JOIN LATERAL (SELECT * FROM registry_pupildocument x WHERE x.pupil_id = p.id
        ORDER BY x.is_primary DESC, x.id DESC LIMIT 1) d ON true
    LEFT JOIN LATERAL (SELECT * FROM registry_pupildocument x WHERE x.pupil_id = p.id
        AND x.type IN ('BIRTH_UA', 'BIRTH_FOREIGN') ORDER BY x.id DESC LIMIT 1) b ON true
    LEFT JOIN LATERAL (SELECT x.number FROM registry_pupildocument x WHERE x.pupil_id = p.id
        AND x.type = 'IDP' ORDER BY x.id DESC LIMIT 1) v ON true
    LEFT JOIN LATERAL (
        SELECT (array_agg(x ORDER BY x.id DESC) FILTER (WHERE x.code = 'IDP'))[1] AS idp,
               (array_agg(x ORDER BY x.id DESC) FILTER (WHERE x.code = 'ABROAD'))[1] AS abroad
        FROM registry_pupilcategory x
        WHERE x.pupil_id = p.id AND x.code IN ('IDP', 'ABROAD') AND x.voided_at IS NULL
          AND x.starts_on <= %(today)s AND (x.ends_on IS NULL OR x.ends_on > %(today)s)) c ON true
    LEFT JOIN LATERAL (SELECT x.country FROM registry_pupiladdress x WHERE x.pupil_id = p.id
        AND x.kind = 'ACTUAL' AND x.voided_at IS NULL LIMIT 1) h ON true
    LEFT JOIN LATERAL (
        SELECT (array_agg(x.surname ORDER BY y.id))[1] AS surname,
               (array_agg(x.phone ORDER BY y.id) FILTER (WHERE x.phone <> ''))[1] AS phone
        FROM registry_guardianship y JOIN registry_guardian x ON x.id = y.guardian_id
        WHERE y.pupil_id = p.id AND y.voided_at IS NULL AND (y.ends_on IS NULL OR y.ends_on > %(today)s)) r ON true
    WHERE p.institution_id IS NOT NULL
"""
# %(pupils)s or %(institutions)s say whose, the other is null.
RELATION = f"""{_FACTS}
      AND (%(pupils)s::uuid[] IS NULL OR p.id = ANY(%(pupils)s::uuid[]))
      AND (%(institutions)s::int[] IS NULL OR p.institution_id = ANY(%(institutions)s::int[]))
"""
# One condition, and an array of a length not told: its plan is kept (kernel.lookups.Among).
_OF_PUPILS = f"{_FACTS} AND p.id = ANY(ARRAY(SELECT unnest(%(pupils)s::uuid[])))"


def parameters(
    today: datetime.date,
    *,
    pupils: Sequence[uuid.UUID] | None = None,
    institutions: Sequence[int] | None = None,
) -> dict[str, Any]:
    """What the relation is asked with.

    Raises:
        NoSchoolYear: the classifier ends before the day.
    """
    return {
        "today": today,
        "year_starts_on": year_for(today).starts_on,
        "pupils": None if pupils is None else list(pupils),
        "institutions": None if institutions is None else list(institutions),
    }


def of_pupils(ids: Sequence[uuid.UUID], today: datetime.date) -> dict[uuid.UUID, dict[str, Any]]:
    """Facts of some children, as the rules in Python take them.

    Raises:
        NoSchoolYear: the classifier ends before the day.
    """
    with prepared(), connection.cursor() as cursor:
        cursor.execute(_OF_PUPILS, parameters(today, pupils=ids))
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {
        row["id"]: {k: v for k, v in row.items() if k not in {"id", "institution_id"}}
        for row in rows
    }

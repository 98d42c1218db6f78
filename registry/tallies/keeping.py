"""Making kept figures what the register says: the only writer of tallies.

No command: nobody did anything, a derived row follows. One writer at a time, and only rows that
differ are written.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from kernel import clock
from kernel.db import advisory_lock, writes_allowed
from registry.classifiers.models import SchoolYear
from registry.institutions.models.institutions import Institution
from registry.tallies.concerns import AGO, past, relations

PORTION = 200  # institutions counted by one statement

_PLACED = """
    SELECT x.institution_id, x.code || %(ending)s, x.n::int, i.type,
           u.oblast_id, u.raion_id, u.hromada_id, u.district_id
    FROM ({counted}) x
    JOIN registry_institution i ON i.institution_id = x.institution_id
    JOIN {tree} u ON u.id = x.institution_id
    WHERE x.n > 0
"""
_STANDING = """
    SELECT institution_id, code, n, type, oblast_id, raion_id, hromada_id, district_id
    FROM registry_tally WHERE institution_id = ANY(%(ids)s)
"""
_GONE = """
    DELETE FROM registry_tally t USING unnest(%s::int[], %s::text[]) AS x(institution_id, code)
    WHERE t.institution_id = x.institution_id AND t.code = x.code
"""
_WRITE = """
    INSERT INTO registry_tally
        (institution_id, code, n, type, oblast_id, raion_id, hromada_id, district_id)
    SELECT * FROM unnest(%s::int[], %s::text[], %s::int[], %s::text[],
                         %s::int[], %s::int[], %s::int[], %s::int[])
    ON CONFLICT (institution_id, code) DO UPDATE SET
        n = excluded.n, type = excluded.type, oblast_id = excluded.oblast_id,
        raion_id = excluded.raion_id, hromada_id = excluded.hromada_id,
        district_id = excluded.district_id
"""


def keep(ids: Sequence[int], today: datetime.date) -> int:
    """Count these institutions anew; how many tallies changed. Asked again, it changes none."""
    return sum(_keep(ids[start : start + PORTION], today) for start in range(0, len(ids), PORTION))


def keep_all(today: datetime.date) -> int:
    """Count every institution: by night, for what a day alone changes, and after a load."""
    return keep(list(Institution.objects.order_by("pk").values_list("pk", flat=True)), today)


def year_before(day: datetime.date) -> datetime.date:
    """The same day a year ago; of 29 February the day before."""
    return clock.years_after(day, -1)


def _keep(ids: Sequence[int], today: datetime.date) -> int:
    with transaction.atomic(), writes_allowed(), connection.cursor() as cursor:  # noqa: TID251 - no command: a derived row follows
        advisory_lock("registry.tallies")
        told: dict[Any, tuple[Any, ...]] = {}
        for tree, of, ending in (
            ("accounts_orgunit", relations, ""),
            ("accounts_unit_on(%(ago)s)", past, AGO),
        ):
            counted = " UNION ALL ".join(of.values())
            cursor.execute(
                _PLACED.format(counted=counted, tree=tree), _asked(ids, today) | {"ending": ending}
            )
            told |= {row[:2]: row for row in cursor.fetchall()}
        cursor.execute(_STANDING, {"ids": list(ids)})
        standing = {row[:2]: row for row in cursor.fetchall()}
        gone = [key for key in standing if key not in told]
        if gone:
            cursor.execute(_GONE, list(map(list, zip(*gone, strict=True))))
        new = [row for key, row in sorted(told.items()) if standing.get(key) != row]
        if new:
            cursor.execute(_WRITE, list(map(list, zip(*new, strict=True))))
        return len(gone) + len(new)


def _asked(ids: Sequence[int], today: datetime.date) -> dict[str, Any]:
    ago = year_before(today)

    def year_of(day: datetime.date) -> str:
        # Between two years no class is of the present one, and an empty school is no trouble.
        year = SchoolYear.objects.filter(starts_on__lte=day, ends_on__gt=day).first()
        return year.code if year else ""

    return {
        "ids": list(ids),
        "today": today,
        "ago": ago,
        "year": year_of(today),
        "year_ago": year_of(ago),
    }

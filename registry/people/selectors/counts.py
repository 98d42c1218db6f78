"""How many pupils learn where now: by index alone, for lists of institutions and classes."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count

from registry.people.models.pupils import Pupil


def by_institution(ids: Sequence[int]) -> dict[int, int]:
    """Pupils of each of these institutions that has any."""
    return _by("institution_id", ids)


def by_class(ids: Sequence[int]) -> dict[int, int]:
    """Pupils of each of these classes that has any."""
    return _by("class_group_id", ids)


def _by(column: str, ids: Sequence[int]) -> dict[int, int]:
    if not ids:
        return {}
    rows = Pupil.objects.filter(**{f"{column}__in": ids}).order_by()
    return dict(rows.values_list(column).annotate(Count("pk")))

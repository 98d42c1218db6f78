"""How many pupils learn where now: by index alone, for lists of institutions and classes."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count

import kernel.lookups  # noqa: F401 - registers `among`
from kernel.kept import Kept
from registry.people.models.pupils import Pupil


def by_institution(ids: Sequence[int]) -> dict[int, int]:
    """Pupils of each of these institutions that has any."""
    return _by("institution_id", ids)


def by_class(ids: Sequence[int]) -> dict[int, int]:
    """Pupils of each of these classes that has any."""
    return _by("class_group_id", ids)


def _by(column: str, ids: Sequence[int]) -> dict[int, int]:
    return dict(_LEARNING[column].rows(list(ids))) if ids else {}


def _learning(column: str) -> Kept[tuple[int, int]]:
    return Kept(
        lambda ids: (
            Pupil.objects.filter(**{f"{column}__among": ids})
            .order_by()
            .values_list(column)
            .annotate(Count("pk"))
        )
    )


_LEARNING = {column: _learning(column) for column in ("institution_id", "class_group_id")}

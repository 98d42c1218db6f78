"""Fields of a dataset that a head opens by name: what a system can work without.

A mandate keeps the groups it opens, not those it withholds: a group added later is closed in every
mandate that was signed before.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable


@dataclasses.dataclass(frozen=True)
class Group:
    """Fields that are opened together."""

    code: str  # «pupils.birth»: the dataset comes first
    resource: str  # the projection that has them
    label: str
    fields: tuple[str, ...]

    @property
    def dataset(self) -> str:
        """The dataset whose fields these are."""
        return self.code.partition(".")[0]


GROUPS: tuple[Group, ...] = (
    Group("pupils.patronymic", "pupil", "Учні: по батькові", ("patronymic",)),
    Group("pupils.sex", "pupil", "Учні: стать", ("sex",)),
    Group("pupils.birth", "pupil", "Учні: дата народження", ("born_on",)),
    Group("pupils.form", "pupil", "Учні: форма здобуття освіти", ("form",)),
    Group("pupils.enrolled", "pupil", "Учні: дата зарахування", ("enrolled_on",)),
    Group("staff.patronymic", "staff", "Працівники: по батькові", ("patronymic",)),
    Group("staff.rate", "staff", "Працівники: ставка й основне місце роботи", ("rate", "is_main")),
    Group("staff.period", "staff", "Працівники: строк роботи на посаді", ("starts_on", "ends_on")),
    Group(
        "enrolments.orders",
        "enrolment",
        "Рух: номери й дати наказів",
        ("enrolled_by", "enrolled_by_of", "withdrawn_by", "withdrawn_by_of"),
    ),
)
BY_CODE = {group.code: group for group in GROUPS}


def of(datasets: Iterable[str]) -> list[str]:
    """Every group of these datasets."""
    opened = set(datasets)
    return [group.code for group in GROUPS if group.dataset in opened]


@functools.lru_cache(maxsize=1024)
def withheld(resource: str, opened: tuple[str, ...]) -> frozenset[str]:
    """Fields of a resource that a mandate with these groups does not show."""
    return frozenset(
        field
        for group in GROUPS
        if group.resource == resource and group.code not in opened
        for field in group.fields
    )

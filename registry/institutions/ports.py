"""What institutions ask of the packages above; `registry.wiring` fills it when Django starts."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Sequence

# How many pupils learn in each of these institutions now.
pupils_of: Callable[[Sequence[int]], dict[int, int]]
# How many children an institution has by their main enrolment on a day.
learning_on: Callable[[int, datetime.date], int]
# Whether anybody is enrolled at an institution without a last day.
anybody_stays: Callable[[int], bool]
# What ends with an institution on a day: its classes, drafts, orders that wait, tasks, grants and keys;
# `reason` is told to whoever comes with them. The order that closes it goes on.
closed: Callable[[int, datetime.date, str, uuid.UUID | None], None]
# How many works on at an institution after a day, and what else there is of it, in words.
standing: Callable[[int, datetime.date], list[tuple[str, int]]]
working_on: Callable[[int, datetime.date], int]
# How many children applied for a place in the first grade and have no answer yet.
applying_to: Callable[[int], int]


def _no_keys(institution_id: int, reason: str) -> int:
    return 0


def _none_kept(institution_id: int, day: datetime.date) -> int:
    return 0


# Keys of school systems, kept by another room (`aikom.wiring`): how many end with the institution, and
# how many open it on a day.
end_keys: Callable[[int, str], int] = _no_keys
keys_of: Callable[[int, datetime.date], int] = _none_kept

"""Days of which the desk speaks: the first of each month, and 5 September, of which forms speak.

Figures of two days on end would tell of the one child who came between them, whatever the rounding:
days far enough apart, each counted once and once more when late orders are in, do not
(docs/adr/0073).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

WHY = (
    "Показники рахують на перше число місяця й на 5 вересня: порівнявши два сусідні дні, можна було б "
    "дізнатися про одну дитину. Виберіть такий день."
)


def is_one(day: datetime.date) -> bool:
    """Whether figures of a day may be asked for."""
    return day.day == 1 or (day.month, day.day) == (9, 5)


def between(first: datetime.date, last: datetime.date) -> Iterator[datetime.date]:
    """Reference days within a period, both ends in."""
    day = first
    while day <= last:
        if is_one(day):
            yield day
        day += datetime.timedelta(days=1)

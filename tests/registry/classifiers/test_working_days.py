"""Working days as data: under martial law holidays work, in peace they move."""

from __future__ import annotations

import datetime

import msgspec
import pytest

from registry.classifiers.working_days import calendar, term_ends

D = datetime.date
PEACE = msgspec.structs.replace(calendar(), martial_law=())


@pytest.mark.parametrize(
    ("day", "now", "in_peace"),
    [
        (D(2026, 11, 27), True, True),
        (D(2026, 11, 28), False, False),  # Saturday
        (D(2026, 12, 25), True, False),  # Christmas, a Friday
        (D(2026, 4, 13), True, False),  # Easter is a Sunday: Monday instead
        (D(2026, 4, 14), True, True),
        (D(2027, 5, 3), True, False),  # Easter 2.05 after Labour Day on Saturday: Monday
        (D(2027, 5, 4), True, False),  # … and Tuesday
        (D(2027, 5, 5), True, True),
        (D(2026, 8, 24), True, False),
        (D(2022, 3, 8), False, False),  # before the law that took the holidays away
    ],
)
def test_whether_terms_run_on_a_day(day, now, in_peace):
    assert calendar().works(day) is now
    assert PEACE.works(day) is in_peace


@pytest.mark.parametrize(
    ("since", "last"),
    [
        (D(2026, 11, 22), D(2026, 11, 27)),  # from a Sunday
        (D(2026, 11, 23), D(2026, 11, 30)),  # the day itself does not count
        (D(2026, 11, 27), D(2026, 12, 4)),
    ],
)
def test_a_term_begins_the_day_after_and_counts_working_days(since, last):
    assert term_ends("transfer_answer", since) == last

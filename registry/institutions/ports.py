"""What institutions ask of the packages above; `registry.wiring` fills it when Django starts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

# How many pupils learn in each of these institutions now.
pupils_of: Callable[[Sequence[int]], dict[int, int]]
# How many children an institution has by their main enrolment on a day.
learning_on: Callable[[int, datetime.date], int]
# Whether anybody is enrolled at an institution without a last day.
anybody_stays: Callable[[int], bool]

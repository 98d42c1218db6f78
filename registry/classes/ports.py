"""What classes ask of the packages above; `registry.wiring` fills it when Django starts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

# How many pupils learn in each of these classes now.
pupils_in: Callable[[Sequence[int]], dict[int, int]]
# How many learn in each of these classes on a day or will, by orders that stand.
placed_in: Callable[[Sequence[int], datetime.date], dict[int, int]]

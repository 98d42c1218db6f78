"""What classes ask of the packages above; `registry.wiring` fills it when Django starts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

# How many pupils learn in each of these classes now.
pupils_in: Callable[[Sequence[int]], dict[int, int]]
# How many learn in each of these classes on a day or will, by orders that stand.
placed_in: Callable[[Sequence[int], datetime.date], dict[int, int]]

# Whether somebody may prepare an order about the classes of an institution (actor, institution).
may_order: Callable[[Any, Any], bool]
